/* SPDX-License-Identifier: Apache-2.0 */
/* Between drive_tape.c and load_tape.c. */
#pragma once

#include "library_private.h"

void tape_load(struct job *job);
void tape_eject(struct job *job);
/* The cartridge has been taken out, and the new one not put in. */
void tape_give_up(struct job *job);

/* The cartridge that the catalog knows as `medium`. Blocks: the file. */
struct cartridge *tape_open(
	struct library *library, const struct catalog_medium *medium, struct error *error);
