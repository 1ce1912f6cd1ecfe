/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine of uploads (daemon/uploads.h), inside the library.
 *
 *	HTTP thread: take ─► buffer ─► writer's thread: file, digest ─► worker: row, job
 *
 * Each upload is in memory as long as it is unfinished; its row says the same, but for the offset,
 * which is the size of its file. One piece of it comes at a time. Its bytes go into one half of a
 * buffer while a thread of a pool of its own writes the other half; when both are full the
 * connection waits. The digest is computed beside writing as long as this daemon has seen every
 * byte; else the job computes it.
 *
 * Lock: uploads->lock, a leaf but for what resumes a connection.
 */
#pragma once

#include <limits.h>
#include <nettle/sha2.h>
#include <pthread.h>
#include <stdatomic.h>

#include "catalog/access.h"
#include "daemon/uploads.h"
#include "util/list.h"

struct background_job;
struct job;
struct pool;

enum {
	UPLOADS_MAX = 1000,         /* that are unfinished */
	UPLOADS_RECEIVING_MAX = 16, /* at a time; each has buffers of its own */
	UPLOADS_LIFE_S = 24 * 3600, /* of one that nobody goes on with */
	UPLOADS_GRACE_S = 3600,     /* after a start, of one that is past its time */
};

struct uploads {
	struct library *library;
	pthread_mutex_t lock;
	struct list all; /* oldest first */
	unsigned count, receiving;
	struct pool *writers;
	_Atomic uint64_t limit, reserve; /* struct upload_bounds; a reload changes them */
	bool stopping;
	atomic_bool sweeping; /* a job waits to remove what has expired */
};

struct upload {
	struct list link;
	unsigned references; /* all below: lock, but for the digest */
	bool gone;           /* removed; not in the list any more */
	struct catalog_upload row;
	uint64_t offset;
	struct library_receiving *receiving;
	bool finished;    /* its job has made a medium of it; known for those who ask again */
	bool full;        /* the disk was, when it was written to last */
	uint64_t used_ns; /* when a piece ended last */
	/* Of the first `digested` bytes; the writer's while there is one. */
	struct sha256_ctx digest;
	uint64_t digested;
};

/* A library_done for what nobody waits for. */
void upload_ignore(void *context, const struct library_result *result);

/* ---- uploads.c ------------------------------------------------------------------------------- */

void uploads_init(struct uploads *uploads, struct library *library);
/* Before the worker runs: what was not complete is gone on with. */
bool uploads_load(struct uploads *uploads, struct error *error);
/* When it runs. */
bool uploads_start(struct uploads *uploads, struct error *error);
/* While the worker still runs: no piece comes any more, and what was taken is written. */
void uploads_stop(struct uploads *uploads);
void uploads_finish(struct uploads *uploads);

/* lock held. NULL: UPLOAD_NOT_FOUND. */
struct upload *uploads_find(struct uploads *uploads, const char *id, struct error *error);
/* lock held. NULL: NO_MEMORY. It is the last one of the list. */
struct upload *uploads_insert(struct uploads *uploads, const struct catalog_upload *row);
/* lock held. */
void uploads_remove(struct uploads *uploads, struct upload *upload);
void upload_put(struct upload *upload);
int64_t uploads_expiry(void);

/* ---- upload_metadata.c ----------------------------------------------------------------------- */

/* What the metadata say that means something here. */
struct upload_words {
	char name[LIBRARY_UPLOAD_NAME_MAX]; /* a visible component of a path; "": it was not said */
	char id[LIBRARY_ID_MAX], profile[16], sha256[LIBRARY_DIGEST_MAX], pool[LIBRARY_PATH_MAX];
};
/* INVALID. */
bool upload_metadata_read(const char *metadata, struct upload_words *ret, struct error *error);

/* ---- upload_receiving.c ---------------------------------------------------------------------- */

/* lock held: what comes is not wanted any more. */
void upload_receiving_stop(struct library_receiving *receiving);

/* ---- upload_files.c: the files; none follows a symbolic link --------------------------------- */

/* ".upload-ID.part" */
void upload_part_name(const char *id, char ret[NAME_MAX + 1]);
bool upload_part_path(
	const struct catalog_upload *row, char ret[LIBRARY_PATH_MAX], struct error *error);
/* A new, empty one. HOST_FULL, FILE_UNREADABLE. */
bool upload_part_create(const struct catalog_upload *row, struct error *error);
/* To write to; -1: *error. */
int upload_part_open(const struct catalog_upload *row, struct error *error);
/* Its size; -errno. */
int64_t upload_part_size(const struct catalog_upload *row);
void upload_part_remove(const struct catalog_upload *row);
/* HOST_FULL: `size` more bytes leave less than what is kept free. */
bool upload_space_check(
	struct library *library, const char *pool, uint64_t size, struct error *error);
/* Files of this pool whose uploads are not there any more, as `is_known` says. */
void upload_parts_sweep(
	const char *pool, bool (*is_known)(void *context, const char *id), void *context);

/* ---- upload_operations.c; worker --------------------------------------------------------------*/

/* What a piece left behind is written down; when all is there, a job is begun. Any thread. */
void upload_settle(struct uploads *uploads, const char *id, const char *actor, library_done done,
	void *context);
/* See to it that what expires is removed. */
void uploads_sweep_later(struct uploads *uploads);

/* ---- for the job (background_upload.c) --------------------------------------------------------
 */

/* The digest of all of it, if it is known; else "". */
void upload_digest(struct uploads *uploads, const char *id, char ret[LIBRARY_DIGEST_MAX]);
/* Its job has made a medium of it; has come to nothing; can be begun again with `size` bytes. */
void upload_finished(struct uploads *uploads, const char *id);
void upload_forget(struct uploads *uploads, const char *id);
void upload_resume(struct uploads *uploads, const char *id, int64_t size);
