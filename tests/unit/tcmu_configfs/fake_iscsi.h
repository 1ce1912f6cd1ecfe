/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of fake_kernel.h below target/iscsi, as drivers/target/iscsi and
 * target_core_fabric_configfs.c of Linux 5.10 and 6.12 have it.
 */
#pragma once

#include <stdbool.h>

/* ---- for fake_kernel.c; paths are absolute ------------------------------------------------- */

bool fake_iscsi_has(const char *path);
/* A directory was made: its attributes and default groups come with it. */
void fake_iscsi_made(const char *path, void (*put)(const char *path, const char *value));
/* 0, or what the kernel says to a value before it is stored. */
int fake_iscsi_refuses(const char *path, const char *value);
/* A value was stored. */
void fake_iscsi_written(
	const char *path, const char *value, void (*put)(const char *path, const char *value));
/* 0, or what the kernel says to a link. */
int fake_iscsi_refuses_link(const char *to, const char *path);
/* Whether the directory holds what was made, so that it cannot be removed. */
bool fake_iscsi_holds(const char *path);

/* ---- for tests ----------------------------------------------------------------------------- */

/* Before 6.0 ACLs have no attrib/authentication. Back to false with fake_setup. */
extern bool fake_iscsi_old;
