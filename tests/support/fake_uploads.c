/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads of the fake library: they are numbered, and only their lengths are kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_library_parts.h"
#include "util/cleanup.h"

struct library_receiving {
	struct library *library;
	struct library_upload *upload;
	struct library_piece piece;
	uint64_t taken;
	bool failed;
	struct error error;
};

/* With the library locked. */
static struct library_upload *find(struct library *library, const char *id, struct error *error)
{
	for (unsigned i = 0; i < library->upload_count; i++)
		if (!strcmp(library->uploads[i].id, id))
			return &library->uploads[i];
	error_set(error, ERROR_UPLOAD_NOT_FOUND, "Begin a new one.", "there is no upload %s", id);
	return NULL;
}

bool library_upload_get(
	struct library *library, const char *id, struct library_upload *ret, struct error *error)
{
	SCOPED_LOCK(&library->lock);
	const struct library_upload *upload = find(library, id, error);
	if (upload)
		*ret = *upload;
	return upload;
}

/* That of "over" is the fourth, which failed. */
int64_t library_upload_job(struct library *library, const char *id, struct error *ret)
{
	SCOPED_LOCK(&library->lock);
	if (strcmp(id, "over") != 0)
		return 0;
	error_set(ret, ERROR_UPLOAD_ENDED, "Look.", "job 4 has failed");
	return 4;
}

bool library_upload_at(struct library *library, unsigned index, struct library_upload *ret)
{
	SCOPED_LOCK(&library->lock);
	if (index >= library->upload_count)
		return false;
	*ret = library->uploads[index];
	return true;
}

uint64_t library_upload_limit(struct library *library)
{
	return 1 << 30;
}

bool library_upload_check(
	struct library *library, const struct library_upload_begin *begin, struct error *error)
{
	if (!begin->length)
		return error_set(error, ERROR_IMAGE_EMPTY, "Send one.", "there are no bytes");
	return begin->length <= 1 << 30 ||
	       error_set(error, ERROR_TOO_LARGE, "Send less.", "it is too long");
}

/* ---- operations --------------------------------------------------------------------------------
 */

static void run_begin(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_upload *upload = &library->uploads[library->upload_count];
	if (library->upload_count == UPLOADS_MAX) {
		ret->ok = error_set(&ret->error, ERROR_HOST_FULL, "Make room.", "it is full");
		return;
	}
	*upload = (struct library_upload){
		.length = job->upload.length, .created = 1767225600, .expires = 1767312000};
	snprintf(upload->id, sizeof upload->id, "u%u", ++library->upload_count);
	COPY(upload->name, "disc.iso");
	COPY(upload->metadata, job->upload.metadata);
	COPY(upload->actor, library->actor);
	COPY(upload->pool, "/srv");
	COPY(ret->upload, upload->id);
	ret->created = ret->ok = true;
}

void library_upload_begin(struct library *library, const struct library_upload_begin *begin,
	const char *actor, library_done done, void *context)
{
	struct job job = {.run = run_begin, .done = done, .context = context, .upload = *begin};
	fake_submit(library, &job, actor);
}

static void run_remove(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_upload *upload = find(library, job->name, &ret->error);
	ret->ok = upload;
	if (!upload)
		return;
	COPY(ret->upload, upload->id);
	upload->id[0] = '\0';
}

void library_upload_remove(struct library *library, const char *id, const char *actor,
	library_done done, void *context)
{
	struct job job = {.run = run_remove, .done = done, .context = context};
	COPY(job.name, id);
	fake_submit(library, &job, actor);
}

/* ---- pieces ------------------------------------------------------------------------------------
 */

/* With the library locked. */
static bool check(
	const struct library_upload *upload, const struct library_piece *piece, struct error *error)
{
	if (upload->receiving)
		return error_set(error, ERROR_UNDER_WAY, "Wait.", "another piece comes");
	if (piece->offset != upload->offset)
		return error_set(error, ERROR_UPLOAD_OFFSET, "Look.", "it belongs elsewhere");
	return upload->length < 0 || piece->size <= upload->length - (int64_t)upload->offset ||
	       error_set(error, ERROR_TOO_LARGE, "Send less.", "it is too long");
}

struct library_receiving *library_upload_receive(struct library *library, const char *id,
	const struct library_piece *piece, const char *actor, struct error *error)
{
	SCOPED_LOCK(&library->lock);
	struct library_upload *upload = find(library, id, error);
	if (!upload || !check(upload, piece, error))
		return NULL;
	struct library_receiving *receiving = calloc(1, sizeof *receiving);
	if (!receiving)
		abort();
	*receiving = (struct library_receiving){library, upload, *piece};
	upload->receiving = true;
	return receiving;
}

size_t library_upload_take(struct library_receiving *receiving, const void *data, size_t length)
{
	struct library_upload *upload = receiving->upload;
	SCOPED_LOCK(&receiving->library->lock);
	receiving->taken += length;
	receiving->failed |=
		upload->length >= 0 && upload->offset + receiving->taken > (uint64_t)upload->length;
	if (receiving->failed)
		error_set(&receiving->error, ERROR_TOO_LARGE, "Send less.", "it is too long");
	return length;
}

bool library_upload_failed(struct library_receiving *receiving, struct error *error)
{
	if (receiving->failed)
		*error = receiving->error;
	return receiving->failed;
}

/* With a checksum, no piece is right. */
static void run_end(struct library *library, const struct job *job, struct library_result *ret)
{
	struct library_receiving *receiving = job->receiving;
	struct library_upload *upload = receiving->upload;
	bool checked = receiving->piece.sha256 || receiving->piece.sha1;
	upload->receiving = false;
	ret->ok = !checked && !receiving->failed;
	if (ret->ok)
		upload->offset += receiving->taken;
	else if (checked)
		error_set(&ret->error, ERROR_UPLOAD_CHECKSUM, "Send it again.", "it is wrong");
	else
		ret->error = receiving->error;
	COPY(ret->upload, upload->id);
	free(receiving);
}

static void end(struct library_receiving *receiving, library_done done, void *context)
{
	struct job job = {.run = run_end, .done = done, .context = context, .receiving = receiving};
	fake_submit(receiving->library, &job, "uid:0");
}

void library_upload_end(struct library_receiving *receiving, library_done done, void *context)
{
	end(receiving, done, context);
}

static void ignore(void *context, const struct library_result *result)
{
}

void library_upload_abandon(struct library_receiving *receiving)
{
	end(receiving, ignore, NULL);
}
