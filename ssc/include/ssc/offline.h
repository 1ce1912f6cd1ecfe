/* SPDX-License-Identifier: Apache-2.0 */
/* Looking after cartridges of the native format that no drive has: verify, dump, repair. */
#pragma once

#include "ssc/native.h"

struct cartridge_problem {
	uint64_t offset; /* in the file */
	uint64_t object; /* UINT64_MAX: of none */
	char what[160];
};

struct cartridge_report {
	struct cartridge_status status;
	uint64_t blocks, filemarks, bytes; /* that are as they should be */
	uint64_t problems;
	bool repaired; /* something was written */
};

struct cartridge_watcher {
	void (*problem)(void *context, const struct cartridge_problem *problem);
	/* False: stop here. May be NULL. */
	bool (*progress)(void *context, uint64_t object, uint64_t eod);
	void *context;
};

/*
 * Checks superblocks, roots, and that the index finds every object; with `data` also reads every
 * block. Writes nothing. False with an error: it could not be opened at all; what is wrong inside
 * is told to the watcher.
 */
bool native_verify(const struct file_store *store, const char *path, bool data,
	const struct cartridge_watcher *watcher, struct cartridge_report *ret, struct error *error);

/*
 * Mends what can be mended from what is there: a bad copy of the superblock from the good one, and
 * the index from the frames of the objects. Then verifies. Damaged objects stay damaged.
 */
bool native_repair(const struct file_store *store, const char *path,
	const struct cartridge_watcher *watcher, struct cartridge_report *ret, struct error *error);

/* Where an object is. */
struct native_place {
	uint64_t offset, address; /* in the file, in the log */
	uint32_t stored_length;
	enum cartridge_compression compression;
};

int native_locate(struct cartridge *cartridge, uint64_t object, struct native_place *ret);

/*
 * What is left of an object that cart_read calls damaged: whether it is a filemark, and of a block
 * the bytes that lie in its place, at most `capacity`, whatever has become of them. Length 0:
 * nothing, because the header of its frame is lost or it was stored compressed.
 */
void native_salvage(struct cartridge *cartridge, uint64_t object, void *buffer, uint32_t capacity,
	struct cartridge_object *ret);

/* Closes a cartridge that will be thrown away: writes nothing more and waits for nothing. NULL is
 * allowed. */
void native_abandon(struct cartridge *cartridge);
