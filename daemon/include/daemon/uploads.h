/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uploads: images that come piece by piece and become media. Part of the façade, see
 * daemon/library.h.
 *
 *	library_upload_begin ─► library_upload_receive, _take …, _end ─► … ─► job "upload"
 *
 * An upload is a row in the catalog and a file that nobody else sees, `.upload-ID.part` in its
 * pool. The size of that file is how much there is: what was answered is on the disk, and what a
 * crash leaves behind is gone on with. When all of it is there, a job makes a medium of it.
 */
#pragma once

#include "daemon/library.h"

enum {
	LIBRARY_UPLOAD_METADATA_MAX = 4096,   /* with NUL */
	LIBRARY_UPLOAD_NAME_MAX = 256,        /* with NUL */
	LIBRARY_UPLOAD_CHECKED_MAX = 8 << 20, /* bytes of a piece that comes with its checksum */
};

struct library_upload {
	char id[LIBRARY_ID_MAX];
	char actor[LIBRARY_TEXT_MAX];
	char name[LIBRARY_UPLOAD_NAME_MAX]; /* of the file that is to become of it */
	char metadata[LIBRARY_UPLOAD_METADATA_MAX];
	char sha256[LIBRARY_DIGEST_MAX]; /* that it must have; "": any */
	char pool[LIBRARY_PATH_MAX];
	int64_t length;           /* bytes; -1: not said yet */
	uint64_t offset;          /* bytes that are there */
	bool receiving;           /* a piece comes just now */
	int64_t created, expires; /* seconds since the epoch */
	int64_t job;              /* that makes a medium of it; 0: it is not complete */
};

/* ---- readers ------------------------------------------------------------------------------- */

/* UPLOAD_NOT_FOUND. */
bool library_upload_get(
	struct library *library, const char *id, struct library_upload *ret, struct error *error);
/*
 * The job that an upload has become which is not there any more: its job has failed, or it was
 * removed since. *ret says so (UPLOAD_ENDED). 0: there is none.
 */
int64_t library_upload_job(struct library *library, const char *id, struct error *ret);
/* Oldest first; false when index is past the end. */
bool library_upload_at(struct library *library, unsigned index, struct library_upload *ret);
/* Bytes of the largest one that is taken. */
uint64_t library_upload_limit(struct library *library);

/* ---- operations; result.upload is the upload ------------------------------------------------- */

struct library_upload_begin {
	int64_t length; /* -1: it is said later */
	/*
	 * "key BASE64,key BASE64": filename (or name), id and profile of the medium, sha256, pool;
	 * others are kept as they are.
	 */
	char metadata[LIBRARY_UPLOAD_METADATA_MAX];
};
/* Whether it can be begun, as far as that can be told at once. INVALID, TOO_LARGE, IMAGE_EMPTY. */
bool library_upload_check(
	struct library *library, const struct library_upload_begin *begin, struct error *error);
/* The same, and HOST_FULL, FILE_OUTSIDE_POOLS, EXISTS (the id of the medium), TOO_MANY. */
void library_upload_begin(struct library *library, const struct library_upload_begin *begin,
	const char *actor, library_done done, void *context);

/* What is there is forgotten. UPLOAD_NOT_FOUND; UNDER_WAY: a medium is being made of it. */
void library_upload_remove(struct library *library, const char *id, const char *actor,
	library_done done, void *context);

/* ---- a piece ------------------------------------------------------------------------------- */

struct library_receiving;

struct library_piece {
	uint64_t offset;
	int64_t size;       /* bytes of it; -1: not known */
	int64_t length;     /* of the whole upload, said with this piece; -1: not said */
	const char *sha256; /* of the piece, in hexadecimal; NULL: none, here and below */
	const char *sha1;
	/*
	 * Called with a lock held, at any time until library_upload_end or _abandon returns:
	 * suspend by library_upload_take, and resume once after each, from any thread.
	 */
	void (*suspend)(void *waiter);
	void (*resume)(void *waiter);
	void *waiter;
};

/*
 * A piece begins. Answers at once, and never waits for the disk but where that has just been full.
 * NULL: UPLOAD_NOT_FOUND, UPLOAD_OFFSET (also when it is complete), UNDER_WAY (another piece
 * comes), TOO_LARGE, HOST_FULL, TOO_MANY, STOPPING, INVALID.
 */
struct library_receiving *library_upload_receive(struct library *library, const char *id,
	const struct library_piece *piece, const char *actor, struct error *error);

/*
 * Takes bytes, and says how many. Fewer: the disk is slower, and the waiter is suspended. After a
 * failure, which library_upload_end tells, all are taken and forgotten.
 */
size_t library_upload_take(struct library_receiving *receiving, const void *data, size_t length);
bool library_upload_failed(struct library_receiving *receiving, struct error *error);

/*
 * All of the piece was taken: answers when it is on the disk. result.job is the job when the upload
 * is complete. Ends `receiving`. UPLOAD_CHECKSUM: nothing of the piece was kept. HOST_FULL and
 * others: what is there stays.
 */
void library_upload_end(struct library_receiving *receiving, library_done done, void *context);
/* The client is gone; what was taken is kept, unless it has a checksum. Ends `receiving`. */
void library_upload_abandon(struct library_receiving *receiving);
