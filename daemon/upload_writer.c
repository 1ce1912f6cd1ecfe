/* SPDX-License-Identifier: Apache-2.0 */
/* The side of the file: a thread of the pool of writers. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "library_private.h"
#include "pool.h"
#include "upload_receiving.h"
#include "util/cleanup.h"

enum {
	SPACE_EVERY = 64 << 20, /* bytes between two looks at the free space */
	FLUSH_EVERY = 32 << 20, /* bytes between two hints to begin writing to the disk */
};

static void free_receiving(struct library_receiving *receiving)
{
	if (receiving->fd >= 0)
		close(receiving->fd);
	free(receiving->filling.bytes);
	free(receiving->emptying.bytes);
	free(receiving);
}

/* lock held. Something to write, in `emptying`. */
static bool swap_halves(struct library_receiving *receiving)
{
	struct half full = receiving->filling;
	bool worth = full.length >= RECEIVING_EAGER || receiving->waiting || receiving->ended;
	if (receiving->failed || !full.length || !worth)
		return false;
	receiving->filling = receiving->emptying;
	receiving->emptying = full;
	receiving_wake(receiving);
	return true;
}

static bool unwritable(struct library_receiving *receiving, struct error *error)
{
	bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
	return error_set(error, full ? ERROR_HOST_FULL : ERROR_FILE_UNREADABLE,
		full ? "Make room in the pool, and go on: what is there is kept."
		     : "Look at the pool and at the kernel's log, and go on.",
		"cannot write the upload of %.200s: %s", receiving->upload->row.name,
		strerror(errno));
}

/* The file is as long as it is believed to be; what a crash left behind that is cut off. */
static bool open_file(struct library_receiving *receiving, uint64_t offset, struct error *error)
{
	receiving->fd = upload_part_open(&receiving->upload->row, error);
	if (receiving->fd < 0)
		return false;
	off_t size = lseek(receiving->fd, 0, SEEK_END);
	if (size >= 0 && (uint64_t)size < offset) {
		SCOPED_LOCK(&receiving->uploads->lock);
		receiving->upload->offset = (uint64_t)size;
		receiving->upload->digested = UINT64_MAX; /* unknown for good */
		return error_set(error, ERROR_UPLOAD_OFFSET, "Ask where to go on, with HEAD.",
			"the file of the upload has become shorter meanwhile");
	}
	return (uint64_t)size == offset || ftruncate(receiving->fd, (off_t)offset) == 0 ||
	       unwritable(receiving, error);
}

static bool check_space(struct library_receiving *receiving, struct error *error)
{
	if (receiving->looked)
		return true;
	receiving->looked = SPACE_EVERY;
	return upload_space_check(receiving->uploads->library, receiving->upload->row.pool,
		receiving->emptying.length, error);
}

static void pass(struct library_receiving *receiving, uint64_t offset, size_t length)
{
	receiving->looked -= receiving->looked < length ? receiving->looked : length;
	receiving->flushed += length;
	if (receiving->flushed < FLUSH_EVERY)
		return;
	sync_file_range(receiving->fd, (off_t)(offset + length - receiving->flushed),
		(off_t)receiving->flushed, SYNC_FILE_RANGE_WRITE);
	receiving->flushed = 0;
}

/* What of it is in the file then. */
static size_t write_half(struct library_receiving *receiving, uint64_t offset, struct error *error)
{
	const struct half *half = &receiving->emptying;
	size_t at = 0;
	while (at < half->length) {
		ssize_t n = pwrite(
			receiving->fd, half->bytes + at, half->length - at, (off_t)(offset + at));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			unwritable(receiving, error);
			break;
		}
		at += (size_t)n;
	}
	return at;
}

static void digest(struct library_receiving *receiving, uint64_t offset, size_t length)
{
	struct upload *upload = receiving->upload;
	if (upload->digested != offset)
		return;
	sha256_update(&upload->digest, length, receiving->emptying.bytes);
	upload->digested += length;
}

/* False: the piece has failed. */
static bool empty_half(struct library_receiving *receiving)
{
	struct uploads *uploads = receiving->uploads;
	struct error error = {0};
	size_t written = 0;
	uint64_t offset = receiving->upload->offset; /* only the writer changes it */
	if ((receiving->fd >= 0 || open_file(receiving, offset, &error)) &&
		check_space(receiving, &error)) {
		written = write_half(receiving, offset, &error);
		pass(receiving, offset, written);
		digest(receiving, offset, written);
	}
	bool ok = written == receiving->emptying.length;
	SCOPED_LOCK(&uploads->lock);
	receiving->upload->offset += written;
	receiving->emptying.length = 0;
	receiving->upload->full = !ok && error.code == ERROR_HOST_FULL;
	if (!ok)
		receiving_fail(receiving, &error);
	return ok;
}

static void answer_failure(
	const struct error *error, const char *id, library_done done, void *context)
{
	struct library_result result = {.error = *error};
	snprintf(result.upload, sizeof result.upload, "%s", id);
	done(context, &result);
}

/* Not on the way of the connection any more. */
void receiving_finish(struct library_receiving *receiving)
{
	struct uploads *uploads = receiving->uploads;
	struct error error = receiving->error;
	char id[LIBRARY_ID_MAX], actor[CATALOG_TEXT_MAX];
	library_done done = receiving->done;
	void *context = receiving->context;
	bool failed = receiving->failed;

	pthread_mutex_lock(&uploads->lock);
	struct upload *upload = receiving->upload;
	snprintf(id, sizeof id, "%s", upload->row.id);
	snprintf(actor, sizeof actor, "%s", receiving->actor);
	upload->receiving = NULL;
	upload->used_ns = library_now(uploads->library);
	upload->row.expires = uploads_expiry();
	uploads->receiving--;
	bool gone = upload->gone;
	if (gone)
		upload_part_remove(&upload->row); /* it may have been made again */
	upload_put(upload);
	pthread_mutex_unlock(&uploads->lock);
	free_receiving(receiving);
	if (!gone)
		upload_settle(uploads, id, actor, failed ? upload_ignore : done, context);
	else if (!failed)
		failed = !error_set(&error, ERROR_UPLOAD_NOT_FOUND, "Begin a new upload.",
			"the upload %.63s was removed meanwhile", id);
	if (failed)
		answer_failure(&error, id, done, context);
}

/* What is answered is on the disk. */
static void synchronise(struct library_receiving *receiving)
{
	struct error error = {0};
	if (receiving->fd < 0 || receiving->failed || fdatasync(receiving->fd) == 0)
		return;
	unwritable(receiving, &error);
	SCOPED_LOCK(&receiving->uploads->lock);
	receiving_fail(receiving, &error);
}

static void run(struct scsi_work *work)
{
	struct library_receiving *receiving = container_of(work, struct library_receiving, work);
	struct uploads *uploads = receiving->uploads;
	pthread_mutex_lock(&uploads->lock);
	while (swap_halves(receiving)) {
		pthread_mutex_unlock(&uploads->lock);
		empty_half(receiving);
		pthread_mutex_lock(&uploads->lock);
	}
	bool ended = receiving->ended;
	receiving->writing = ended;
	pthread_mutex_unlock(&uploads->lock);
	if (!ended)
		return;
	synchronise(receiving);
	receiving_finish(receiving);
}

void receiving_begin_writing(struct library_receiving *receiving)
{
	struct scsi_executor *executor = pool_executor(receiving->uploads->writers);
	receiving->work.run = run;
	receiving->writing = true;
	executor->submit(executor, &receiving->work, NULL);
}
