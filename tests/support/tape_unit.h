/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real tape drive for tests of transports: a native cartridge of 256 MiB in a file that nobody
 * else sees, and threads that run the mechanism. No header of scsi/ is included here.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct scsi_lu;
struct tape_unit;

/* Ready at its beginning. All aborts on failure. */
struct tape_unit *tape_unit_create(const char *name);
/* No nexus and no command is left. */
void tape_unit_destroy(struct tape_unit *unit);
struct scsi_lu *tape_unit_lu(struct tape_unit *unit);

/* The library takes the cartridge out, behind what is queued, and puts it in again. */
void tape_unit_reload(struct tape_unit *unit);

/* The mechanism comes to rest, and does not begin with what is queued from now on. */
void tape_unit_hold(struct tape_unit *unit, bool hold);
/* It gets stuck in the next write to the cartridge's file. */
void tape_unit_stick(struct tape_unit *unit, bool stick);
/* It is stuck now. */
bool tape_unit_is_stuck(struct tape_unit *unit);
/* Commands that the mechanism has or that wait for it. */
unsigned tape_unit_tasks(struct tape_unit *unit);

/* Where it stands, and where the data ends, after the last command. */
uint64_t tape_unit_position(struct tape_unit *unit);
uint64_t tape_unit_eod(struct tape_unit *unit);

/* Block `length` bytes long, made of `seed`; no two places in it are alike for long. */
void tape_block_fill(uint8_t *block, uint32_t length, uint32_t seed);
