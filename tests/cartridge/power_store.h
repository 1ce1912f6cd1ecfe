/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file in memory behind struct file_store that remembers every write and every fdatasync, so
 * that any state which a power cut can leave behind can be made of it. An *epoch* is what was
 * written between two fdatasyncs: at a power cut all of the epochs before are on the disk, and of
 * the present one any subset, in whole or in part.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/file_store.h"

enum { POWER_NEVER = 0x7fffffff }; /* the epoch of what no fdatasync will wait for any more */

struct power_write {
	uint64_t offset;
	size_t length;
	uint8_t *data;  /* NULL: a hole was punched */
	unsigned epoch; /* that it was written in */
};

struct power_store {
	struct file_store store; /* first: what code under test is given */

	uint8_t *bytes; /* as a reader of today sees the file */
	uint64_t size, room;
	bool exists, open;

	bool recording;
	struct power_write *writes;
	size_t write_count, write_room;
	unsigned epoch; /* successful fdatasyncs so far */

	/* Faults. */
	uint64_t write_countdown; /* so many more writes succeed, */
	int write_error;          /* and then one fails with this; 0: none */
	size_t partial;           /* of which so many bytes are written all the same */
	bool error_lasts;         /* and all later ones fail too */
	/*
	 * Of the next fdatasync. As Linux does it: what was written is still read and will never be
	 * on the disk, whatever later fdatasyncs return, unless it is written again.
	 */
	int sync_error;
	int read_error; /* of reads that touch bad_offset */
	uint64_t bad_offset;
	bool read_only;  /* open for writing fails with -EROFS */
	uint64_t lie_at; /* this fdatasync, from 1, waits for nothing */
	/* Writes to [early_from, early_to) are on the disk before the last fdatasync. */
	uint64_t early_from, early_to;
	uint64_t punched, syncs;
};

void power_store_init(struct power_store *store);
void power_store_finish(struct power_store *store);
/* Forgets the recording; what was written is durable. */
void power_store_forget(struct power_store *store);
/* Same bytes, nothing recorded, no faults. */
void power_store_copy(struct power_store *ret, const struct power_store *from);
void power_store_resize(struct power_store *store, uint64_t size);

/* Does what a recorded write did, or [from, to) of it. */
void power_store_apply(
	struct power_store *store, const struct power_write *write, size_t from, size_t to);

/* A reproducible source of numbers (splitmix64). */
uint64_t power_random(uint64_t *state);
