/* SPDX-License-Identifier: Apache-2.0 */
/* The side of the connection. */
#include "upload_receiving.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library_private.h"
#include "util/cleanup.h"

enum { HALF = 512 << 10 };

/* ---- small steps; lock held ------------------------------------------------------------------ */

void receiving_wake(struct library_receiving *receiving)
{
	if (!receiving->waiting)
		return;
	receiving->waiting = false;
	receiving->piece.resume(receiving->piece.waiter);
}

void receiving_fail(struct library_receiving *receiving, const struct error *error)
{
	if (!receiving->failed)
		receiving->error = *error;
	receiving->failed = true;
	receiving->filling.length = 0;
	receiving_wake(receiving);
}

void upload_receiving_stop(struct library_receiving *receiving)
{
	struct error error = {0};
	error_set(&error, ERROR_STOPPING, "Go on when the daemon is back.",
		"the daemon is stopping; what was written is kept");
	if (!receiving->ended)
		receiving_fail(receiving, &error);
}

static bool is_checked(const struct library_receiving *receiving)
{
	return receiving->piece.sha256 || receiving->piece.sha1;
}

/* ---- the connection: beginning
 * -----------------------------------------------------------------*/

static bool check_offset(
	const struct upload *upload, const struct library_piece *piece, struct error *error)
{
	if (upload->row.job)
		return error_set(error, ERROR_UPLOAD_OFFSET, "See what became of the job.",
			"the upload is complete; job %lld makes a medium of it",
			(long long)upload->row.job);
	if (upload->receiving)
		return error_set(error, ERROR_UNDER_WAY, "Wait until it has ended, and ask again.",
			"another request sends a piece of this upload");
	return piece->offset == upload->offset ||
	       error_set(error, ERROR_UPLOAD_OFFSET, "Go on at the offset that is there.",
		       "the upload has %llu bytes, and the piece is for offset %llu",
		       (unsigned long long)upload->offset, (unsigned long long)piece->offset);
}

/* `limit` is how long it may become. */
static bool check_length(const struct upload *upload, const struct library_piece *piece,
	uint64_t limit, struct error *error)
{
	int64_t length = upload->row.length >= 0 ? upload->row.length : piece->length;
	if (piece->length >= 0 && upload->row.length >= 0 && piece->length != upload->row.length)
		return error_set(error, ERROR_INVALID, "Say Upload-Length once.",
			"the upload has %lld bytes, as was said before",
			(long long)upload->row.length);
	if (length == 0)
		return error_set(error, ERROR_IMAGE_EMPTY, "Send an image.", "there are no bytes");
	if (length >= 0 && (uint64_t)length < upload->offset)
		return error_set(error, ERROR_INVALID, "Begin a new upload.",
			"there are more bytes than Upload-Length says");
	if (length >= 0 && (uint64_t)length > limit)
		return error_set(error, ERROR_TOO_LARGE,
			"Send less, or raise upload_limit in [media] of the configuration.",
			"uploads of more than %llu bytes are not taken", (unsigned long long)limit);
	uint64_t end = length >= 0 ? (uint64_t)length : limit;
	return piece->size < 0 || (uint64_t)piece->size <= end - upload->offset ||
	       error_set(error, ERROR_TOO_LARGE, "Send as much as was said.",
		       "the piece is longer than what is missing");
}

static bool check_piece(struct uploads *uploads, const struct upload *upload,
	const struct library_piece *piece, struct error *error)
{
	bool checked = piece->sha256 || piece->sha1;
	if (uploads->stopping)
		return error_set(error, ERROR_STOPPING, "Go on when the daemon is back.",
			"the daemon is stopping");
	if (!check_offset(upload, piece, error) ||
		!check_length(upload, piece, library_upload_limit(uploads->library), error))
		return false;
	if (checked && piece->size > LIBRARY_UPLOAD_CHECKED_MAX)
		return error_set(error, ERROR_TOO_LARGE,
			"Send smaller pieces, or the digest of the whole with the metadata.",
			"a piece with a checksum may have %d bytes", LIBRARY_UPLOAD_CHECKED_MAX);
	if (uploads->receiving >= UPLOADS_RECEIVING_MAX)
		return error_set(error, ERROR_TOO_MANY, "Try again later.",
			"%d uploads are sent at this time", UPLOADS_RECEIVING_MAX);
	return !upload->full || upload_space_check(uploads->library, upload->row.pool,
					piece->size > 0 ? (uint64_t)piece->size : 1, error);
}

/* NULL without memory. */
static struct library_receiving *make(const struct library_piece *piece, const char *actor)
{
	struct library_receiving *receiving = calloc(1, sizeof *receiving);
	if (!receiving)
		return NULL;
	receiving->fd = -1;
	list_init(&receiving->work.link);
	receiving->piece = *piece;
	receiving->piece.sha256 = piece->sha256 ? receiving->expected_sha256 : NULL;
	receiving->piece.sha1 = piece->sha1 ? receiving->expected_sha1 : NULL;
	snprintf(receiving->expected_sha256, sizeof receiving->expected_sha256, "%s",
		piece->sha256 ? piece->sha256 : "");
	snprintf(receiving->expected_sha1, sizeof receiving->expected_sha1, "%s",
		piece->sha1 ? piece->sha1 : "");
	receiving->capacity = is_checked(receiving) ? LIBRARY_UPLOAD_CHECKED_MAX : HALF;
	receiving->filling.bytes = malloc(receiving->capacity);
	receiving->emptying.bytes = is_checked(receiving) ? NULL : malloc(receiving->capacity);
	sha256_init(&receiving->sha256);
	sha1_init(&receiving->sha1);
	snprintf(receiving->actor, sizeof receiving->actor, "%s", actor);
	if (receiving->filling.bytes && (receiving->emptying.bytes || is_checked(receiving)))
		return receiving;
	free(receiving->filling.bytes);
	free(receiving->emptying.bytes);
	free(receiving);
	return NULL;
}

/* lock held. */
static void attach(
	struct uploads *uploads, struct upload *upload, struct library_receiving *receiving)
{
	const struct library_piece *piece = &receiving->piece;
	if (upload->row.length < 0 && piece->length >= 0)
		upload->row.length = piece->length;
	uint64_t end = upload->row.length >= 0 ? (uint64_t)upload->row.length
					       : library_upload_limit(uploads->library);
	receiving->uploads = uploads;
	receiving->upload = upload;
	receiving->allowed = end - upload->offset;
	upload->references++;
	upload->receiving = receiving;
	uploads->receiving++;
}

struct library_receiving *library_upload_receive(struct library *library, const char *id,
	const struct library_piece *piece, const char *actor, struct error *error)
{
	struct uploads *uploads = &library->uploads;
	SCOPED_LOCK(&uploads->lock);
	struct upload *upload = uploads_find(uploads, id, error);
	if (!upload || !check_piece(uploads, upload, piece, error))
		return NULL;
	struct library_receiving *receiving = make(piece, actor);
	if (receiving)
		attach(uploads, upload, receiving);
	else
		error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	return receiving;
}

/* ---- the connection: bytes --------------------------------------------------------------------
 */

/* lock held. */
static bool check_bytes(struct library_receiving *receiving, size_t length)
{
	struct error error = {0};
	if (receiving->upload->gone)
		error_set(&error, ERROR_UPLOAD_NOT_FOUND, "Begin a new upload.",
			"the upload was removed meanwhile");
	else if (length > receiving->allowed - receiving->taken)
		error_set(&error, ERROR_TOO_LARGE, "Send as much as was said.",
			"the piece is longer than what is missing");
	else if (is_checked(receiving) && receiving->taken + length > receiving->capacity)
		error_set(&error, ERROR_TOO_LARGE, "Send smaller pieces.",
			"a piece with a checksum may have %d bytes", LIBRARY_UPLOAD_CHECKED_MAX);
	else
		return true;
	receiving_fail(receiving, &error);
	return false;
}

static void suspend(struct library_receiving *receiving)
{
	receiving->waiting = true;
	receiving->piece.suspend(receiving->piece.waiter);
}

size_t library_upload_take(struct library_receiving *receiving, const void *data, size_t length)
{
	SCOPED_LOCK(&receiving->uploads->lock);
	if (receiving->failed || !check_bytes(receiving, length))
		return length;
	struct half *half = &receiving->filling;
	size_t room = receiving->capacity - half->length, n = length < room ? length : room;
	memcpy(half->bytes + half->length, data, n);
	half->length += n;
	receiving->taken += n;
	if (is_checked(receiving)) {
		sha256_update(&receiving->sha256, n, data);
		sha1_update(&receiving->sha1, n, data);
		return n;
	}
	if (!receiving->writing && half->length >= RECEIVING_EAGER)
		receiving_begin_writing(receiving);
	if (n < length)
		suspend(receiving);
	return n;
}

bool library_upload_failed(struct library_receiving *receiving, struct error *error)
{
	SCOPED_LOCK(&receiving->uploads->lock);
	if (receiving->failed)
		*error = receiving->error;
	return receiving->failed;
}

/* ---- the connection: the end ------------------------------------------------------------------
 */

static bool is_digest(const uint8_t *digest, size_t size, const char *expected)
{
	char text[2 * SHA256_DIGEST_SIZE + 1] = "";
	for (size_t i = 0; i < size; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return strcasecmp(text, expected) == 0;
}

static bool is_right(struct library_receiving *receiving)
{
	uint8_t sha256[SHA256_DIGEST_SIZE], sha1[SHA1_DIGEST_SIZE];
	const struct library_piece *piece = &receiving->piece;
	sha256_digest(&receiving->sha256, sizeof sha256, sha256);
	sha1_digest(&receiving->sha1, sizeof sha1, sha1);
	return (!piece->sha256 || is_digest(sha256, sizeof sha256, piece->sha256)) &&
	       (!piece->sha1 || is_digest(sha1, sizeof sha1, piece->sha1));
}

/* lock held. */
static void judge_piece(struct library_receiving *receiving)
{
	struct error error = {0};
	if (receiving->failed || !is_checked(receiving) || is_right(receiving))
		return;
	error_set(&error, ERROR_UPLOAD_CHECKSUM, "Send the piece again.",
		"the piece is not what its checksum says; nothing of it was kept");
	receiving_fail(receiving, &error);
}

/* After the stop there is nobody left to write. */
static void end(struct library_receiving *receiving, library_done done, void *context)
{
	struct uploads *uploads = receiving->uploads;
	pthread_mutex_lock(&uploads->lock);
	receiving->done = done;
	receiving->context = context;
	receiving->ended = true;
	bool stopped = uploads->stopping;
	if (!stopped && !receiving->writing)
		receiving_begin_writing(receiving);
	bool writing = receiving->writing;
	pthread_mutex_unlock(&uploads->lock);
	if (!writing)
		receiving_finish(receiving);
}

void library_upload_end(struct library_receiving *receiving, library_done done, void *context)
{
	pthread_mutex_lock(&receiving->uploads->lock);
	judge_piece(receiving);
	pthread_mutex_unlock(&receiving->uploads->lock);
	end(receiving, done, context);
}

void library_upload_abandon(struct library_receiving *receiving)
{
	pthread_mutex_lock(&receiving->uploads->lock);
	receiving->waiting = false;
	if (is_checked(receiving))
		receiving->filling.length = 0;
	pthread_mutex_unlock(&receiving->uploads->lock);
	end(receiving, upload_ignore, NULL);
}
