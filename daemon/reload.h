/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration that is read again while hosts are served: what it names and is missing is made.
 */
#pragma once

#include <stdbool.h>

struct config;
struct library;

/*
 * Makes the drives and exports of the seed that are not there, one after the other, and logs what
 * came of it; drives, exports and sessions that are there are not touched. Waits for the library.
 * False: something could not be made.
 */
bool reload_seeds(struct library *library, const struct config *config);
/* History tells which pools were added and removed. */
void reload_tell_pools(
	struct library *library, const struct config *before, const struct config *now);
/* Logs which of the settings that count only at start are others than they were. */
void reload_warn(const struct config *running, const struct config *fresh);
