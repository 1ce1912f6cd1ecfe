/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file in memory behind struct file_store that knows what is durable and what is only written:
 * the power can be cut at any moment, and every file that a disk could hold then can be looked at.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/file_store.h"

struct crash_write {
	uint64_t offset;
	size_t length;
	uint8_t *bytes;
};

struct crash_store {
	struct file_store store; /* first */
	uint8_t *now;            /* as programs see it */
	uint8_t *durable;        /* as of the last sync */
	size_t size, room;
	size_t durable_size;
	bool exists, open;

	struct crash_write *writes; /* since the last sync, in order */
	unsigned write_count, write_room;
	unsigned syncs;
	uint64_t begun_bytes; /* that begin_writing_back was called for */

	/* Called at the beginning of every sync, when the writes are all there. */
	void (*on_sync)(struct crash_store *store, void *context);
	void *context;

	bool nothing_at_hand; /* whoever does not wait reads nothing */

	/* Faults. */
	int write_error;        /* -errno of every write from now on; 0: none */
	size_t write_room_left; /* bytes until -ENOSPC; SIZE_MAX: no end */
	int sync_error;
	bool forgets_writes_at_sync; /* a disk that lies: for the test of the test */
};

void crash_store_init(struct crash_store *store);
void crash_store_finish(struct crash_store *store);
/* What was durable, and nothing else. */
void crash_store_cut_power(struct crash_store *store);
/* A file of these bytes, all durable. */
void crash_store_set(struct crash_store *store, const void *bytes, size_t size);
