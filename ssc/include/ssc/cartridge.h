/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cartridge: a sequence of objects, each a logical block or a filemark, numbered from 0 (the
 * logical object identifier, SSC-4 4.2.7). EOD is their number. The position is the drive's
 * business, not the cartridge's.
 *
 * cart_* are checked wrappers around struct cartridge_ops; one implementation per format (the
 *native one is ssc/FORMAT.md), and an in-memory one for tests. One thread at a time; calls may wait
 *for files. They return 0 or -errno:
 *
 *	-EIO        the medium: what is asked for is damaged, or cannot be written any more
 *	-ENOSPC     the host's file system is full (also -EDQUOT, -EFBIG); nothing was appended
 *	-EROFS      it cannot be written, see cartridge_status
 *	-ERANGE     there is no such object: at or behind EOD
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

enum {
	CARTRIDGE_BARCODE_MAX = 33, /* with NUL */
	CARTRIDGE_MEDIUM_MAX = 33,
	CARTRIDGE_REASON_MAX = 160,
	CARTRIDGE_IDENTITY = 16, /* bytes */
};

enum cartridge_compression { COMPRESSION_NONE, COMPRESSION_LZ4, COMPRESSION_ZSTD };

/* What is counted over the cartridge's whole life. */
struct cartridge_counters {
	uint64_t mounts, bytes_written, bytes_read, blocks_written, blocks_read;
	uint64_t filemarks_written, bytes_stored;
};

struct cartridge_status {
	uint8_t identity[CARTRIDGE_IDENTITY]; /* this one, and no other that was ever made */
	uint64_t eod;                         /* objects */
	uint64_t filemarks;                   /* among them */
	uint64_t bytes;                       /* of all blocks, as hosts wrote them */
	uint64_t used; /* of the capacity; compression makes it less than `bytes` */
	uint64_t capacity;
	uint32_t block_max;
	uint8_t density, medium_type;
	char barcode[CARTRIDGE_BARCODE_MAX], medium[CARTRIDGE_MEDIUM_MAX];
	bool writable;
	char reason[CARTRIDGE_REASON_MAX]; /* why it is not, or "" */
	bool damaged;                      /* what was durable cannot be read; where: */
	bool failed; /* what was appended may be lost; nothing can be, until cart_reopen */
	/*
	 * Of one that is damaged or has failed: from here on objects are unreadable, and EOD is not
	 * known. Those below survive a power cut.
	 */
	uint64_t damaged_object;
	uint64_t dropped; /* bytes behind the end that never counted, found at opening */
	struct cartridge_counters counters;
};

struct cartridge_object {
	bool filemark;
	uint32_t length; /* of a block */
};

struct cartridge;

struct cartridge_ops {
	void (*status)(const struct cartridge *cartridge, struct cartridge_status *ret);
	int (*read)(struct cartridge *cartridge, uint64_t object, void *buffer, uint32_t capacity,
		struct cartridge_object *ret);
	/* NULL: nothing ever is. */
	int (*read_at_hand)(struct cartridge *cartridge, uint64_t object, void *buffer,
		uint32_t capacity, struct cartridge_object *ret);
	int (*append)(struct cartridge *cartridge, uint64_t object, const void *block,
		uint32_t length, enum cartridge_compression compression);
	int (*append_filemarks)(struct cartridge *cartridge, uint64_t object, uint32_t count);
	int (*erase)(struct cartridge *cartridge, uint64_t object);
	int (*commit)(struct cartridge *cartridge, bool synchronous);
	int (*filemarks_before)(struct cartridge *cartridge, uint64_t object, uint64_t *ret);
	int (*find_filemark)(struct cartridge *cartridge, uint64_t ordinal, uint64_t *ret_object);
	int (*get_attributes)(struct cartridge *cartridge, const uint8_t **ret, size_t *ret_length);
	int (*set_attributes)(struct cartridge *cartridge, const void *data, size_t length);
	int (*reopen)(struct cartridge *cartridge);
	int (*close)(struct cartridge *cartridge);
};

struct cartridge {
	const struct cartridge_ops *ops;
	uint32_t block_max;
};

void cart_status(const struct cartridge *cartridge, struct cartridge_status *ret);

/*
 * The object, and for a block its first bytes, as many as there is room for (the length is said in
 * full). -ERANGE: at EOD or behind it.
 */
int cart_read(struct cartridge *cartridge, uint64_t object, void *buffer, uint32_t capacity,
	struct cartridge_object *ret);
/*
 * The same, but quickly and without waiting for files: -EAGAIN when that cannot be, for any reason,
 * also for those that cart_read then tells; the buffer has anything in it.
 */
int cart_read_at_hand(struct cartridge *cartridge, uint64_t object, void *buffer, uint32_t capacity,
	struct cartridge_object *ret);

/*
 * Puts a block (1 to block_max bytes) at `object`, at most EOD. Below EOD it replaces everything
 * from there on; what was there stays on the medium until the next commit. 0: it is in the hands of
 * the host's kernel, not yet durable.
 */
int cart_append(struct cartridge *cartridge, uint64_t object, const void *block, uint32_t length,
	enum cartridge_compression compression);
/* The same with `count` filemarks; 0 does nothing. */
int cart_append_filemarks(struct cartridge *cartridge, uint64_t object, uint32_t count);
/* `object` becomes EOD; counts with the next commit. */
int cart_erase(struct cartridge *cartridge, uint64_t object);

/*
 * What was appended counts together. Synchronous: and survives a power cut when this returns 0.
 * After -EIO it cannot be written any more, and what lasts of it is all that is read; see `failed`
 * in cartridge_status.
 */
int cart_commit(struct cartridge *cartridge, bool synchronous);

/* Of the objects below `object` (at most EOD). */
int cart_filemarks_before(struct cartridge *cartridge, uint64_t object, uint64_t *ret);
/* The filemark with that number, from 0, in the order of the tape. -ERANGE: there are fewer. */
int cart_find_filemark(struct cartridge *cartridge, uint64_t ordinal, uint64_t *ret_object);

/* Medium auxiliary memory as one blob; valid until the next call. Counts with the next commit. */
int cart_get_attributes(struct cartridge *cartridge, const uint8_t **ret, size_t *ret_length);
int cart_set_attributes(struct cartridge *cartridge, const void *data, size_t length);

/*
 * Of one that has failed: looks at the medium again, as if it were opened now, to tell what is on
 * it and go on from there. Of others: does nothing. On failure it is what it was.
 */
int cart_reopen(struct cartridge *cartridge);

/* Commits synchronously and forgets it, whatever it returns. NULL is allowed. */
int cart_close(struct cartridge *cartridge);
