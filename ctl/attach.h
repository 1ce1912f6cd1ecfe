/* SPDX-License-Identifier: Apache-2.0 */
/* How hosts attach an export. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/*
 * Commands for open-iscsi, QEMU and libiscsi, on stdout. `portal` is the list of its addresses;
 * `tape`: the drive at the first LUN is a tape drive.
 */
void attach_print(const json_t *export, const json_t *portal, bool tape);
