/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the native format; nobody else includes this. */
#pragma once

#include "index.h"
#include "ssc/native.h"

enum { SYNC_BYTES = 256 << 20, SCAN_BYTES = 512 << 20 };

enum counter {
	COUNTER_MOUNTS,
	COUNTER_BYTES_WRITTEN,
	COUNTER_BYTES_READ,
	COUNTER_BLOCKS_WRITTEN,
	COUNTER_BLOCKS_READ,
	COUNTER_FILEMARKS_WRITTEN,
	COUNTER_BYTES_STORED,
};

struct native {
	struct cartridge cartridge; /* first */
	const struct file_store *store;
	int fd;
	bool writable;
	char reason[CARTRIDGE_REASON_MAX];

	struct superblock superblock;
	struct root root; /* the latest one written, or found */
	struct log log;
	struct index index;
	uint64_t counters[COUNTERS];
	uint8_t *attributes;
	size_t attributes_length;

	uint64_t mount;      /* of the latest commit; ours once `begun` */
	bool begun;          /* our epoch is in the log */
	bool uncommitted;    /* something was appended that a commit must follow */
	bool counted;        /* counters have changed since */
	bool failed;         /* what is on the medium is only known after opening it again */
	uint64_t durable;    /* address */
	uint64_t lasting;    /* objects, from the first, that are durable as they are */
	uint64_t checkpoint; /* address of the latest one */
	uint64_t sync_bytes; /* of log between checkpoints */

	bool damaged;
	uint64_t damaged_object, dropped;

	const struct native_world *world;
	uint8_t *scratch; /* a frame with the longest block, and room for a checkpoint */
	size_t scratch_length;
	uint8_t *packed;  /* a compressed block */
	bool reads_plain; /* what was read last was stored as it is */
};

void native_say(struct native *native, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

extern const struct native_world native_world_machine; /* open.c */
/*
 * A cartridge of nothing yet, of sizes that go together; the file is its own when it is returned.
 * NULL: out of memory.
 */
struct native *native_make(const struct file_store *store, int fd,
	const struct superblock *superblock, const struct native_world *world);
/* Without a word to the file. NULL is allowed. */
void native_free(struct native *native);

/* The first frame of this opening. */
int native_begin(struct native *native);
/*
 * Objects from `object` on are replaced by the frame at `address`, or erased: they leave the index,
 * and zones in between that held only them are dead. On failure all is as it was.
 */
int native_cut(struct native *native, uint64_t object, uint64_t address);
/* From the frames of the objects; needs no index. */
int native_rebuild_index(struct native *native);

/* ---- checkpoint.c ---------------------------------------------------------------------------- */

/* A COMMIT frame; not waited for. */
int native_write_commit(struct native *native, uint16_t flags);
/* A CHECKPOINT frame, fdatasync, and a root; with `close` the root is clean and waited for. */
int native_write_checkpoint(struct native *native, uint16_t flags, bool close);
/* So that the next frame can be a checkpoint. */
int native_make_checkpoint_room(struct native *native);
/*
 * Writes once more what was read at opening and is not known to be durable: after an fdatasync that
 * failed, the host's kernel may show it and never write it.
 */
int native_settle(struct native *native);
int native_sync(struct native *native);
/* Puts 1 to the zones that a checkpoint lists. False: it is none. */
bool native_mark_zones(
	const struct native *native, const uint8_t *bytes, size_t length, uint8_t *marks);
/* Takes over what a checkpoint says. -EIO: it says nothing that can be. */
int native_decode_checkpoint(struct native *native, const uint8_t *bytes, size_t length);

/* ---- recover.c ------------------------------------------------------------------------------- */

/* From the roots to the end of the log. -EIO: there is no beginning; reason says why. */
int native_recover(struct native *native);

/* ---- pack.c ---------------------------------------------------------------------------------- */

/* Compressed length, or 0: it does not get smaller. */
size_t native_pack(
	enum cartridge_compression how, const void *block, size_t length, void *ret, size_t room);
/* False: it is not what it should be. */
bool native_unpack(enum cartridge_compression how, const void *stored, size_t stored_length,
	void *ret, size_t length);
