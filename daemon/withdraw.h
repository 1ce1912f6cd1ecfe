/* SPDX-License-Identifier: Apache-2.0 */
/* carouseld --withdraw. */
#pragma once

#include <stdbool.h>

struct config;
struct error;

/*
 * Takes the drives that an earlier daemon left in the kernel away from this machine and from hosts
 * of the kernel's own iSCSI; the catalog stays as it is, and the next daemon shows them anew.
 * Without the kernel target there is nothing to do. STATE_IN_USE: a daemon runs.
 */
bool withdraw(const struct config *config, struct error *error);
