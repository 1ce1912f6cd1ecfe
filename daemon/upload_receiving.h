/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One piece of an upload on its way from a connection (upload_receiving.c) to the file
 * (upload_writer.c). Two halves of a buffer: the connection fills one while the writer empties the
 * other, and they change places when the writer is done. A piece with a checksum is kept in memory
 * until it is whole and right, so that bytes that nobody vouches for never count as there.
 */
#pragma once

#include <nettle/sha1.h>

#include "scsi/executor.h"
#include "uploads.h"

enum { RECEIVING_EAGER = 128 << 10 }; /* bytes that are worth waking the writer for */

struct half {
	uint8_t *bytes;
	size_t length;
};

struct library_receiving {
	struct uploads *uploads;
	struct upload *upload;
	char actor[CATALOG_TEXT_MAX];
	struct library_piece piece;
	char expected_sha256[2 * SHA256_DIGEST_SIZE + 2]; /* one longer, so that what is is seen */
	char expected_sha1[2 * SHA1_DIGEST_SIZE + 2];
	struct sha256_ctx sha256; /* of a piece with a checksum */
	struct sha1_ctx sha1;
	uint64_t allowed; /* bytes that may come; lock, from here on */
	uint64_t taken;
	size_t capacity; /* of each half */
	struct half filling, emptying;
	bool waiting; /* the waiter is suspended */
	bool writing; /* the work is with the pool */
	bool ended;   /* nothing comes any more */
	bool failed;  /* nothing is taken any more */
	struct error error;
	library_done done; /* when it has ended */
	void *context;
	/* The writer's. */
	struct scsi_work work;
	int fd;
	uint64_t looked, flushed;
};

/* lock held, here and below. Nothing is taken any more. */
void receiving_fail(struct library_receiving *receiving, const struct error *error);
/* The waiter goes on, if it waits. */
void receiving_wake(struct library_receiving *receiving);
void receiving_begin_writing(struct library_receiving *receiving);
/* Without the lock, once nobody else knows it: lets go of the upload, and answers. */
void receiving_finish(struct library_receiving *receiving);
