/* SPDX-License-Identifier: Apache-2.0 */
/* Between drive_optical.c and load_optical.c. */
#pragma once

#include "library_private.h"

/* The disc of a medium, from its file; NULL: *error. Blocks. */
struct disc *optical_open(
	struct library *library, const struct catalog_medium *medium, struct error *error);

void optical_load(struct job *job);
void optical_eject(struct job *job);
/* The change was begun, and will not be. */
void optical_give_up(struct job *job);

/* The same disc as it lies in a drive already, or else `disc`; takes over the reference. */
struct disc *optical_share_disc(struct library *library, struct disc *disc);
