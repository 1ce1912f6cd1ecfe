/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a file once, whole, and what comes of it: its digest, and a copy where one is wanted. */
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "background_private.h"
#include "library_paths.h"
#include "library_private.h"
#include "read_ahead.h"
#include "util/cleanup.h"

enum { ATTEMPTS = 3 };

struct reading {
	struct background_job *job;
	const struct file_io *io;
	const char *path;
	int fd, copy_fd;
	struct read_ahead ahead;
	struct sha256_ctx sha;
};

static bool unreadable(const struct reading *reading, int result, struct error *error)
{
	return error_set(error, ERROR_FILE_UNREADABLE, "Look at the file and at the kernel's log.",
		"cannot read %.250s: %s", reading->path, strerror(-result));
}

static bool write_all(
	struct reading *reading, const uint8_t *piece, size_t length, struct error *error)
{
	for (size_t at = 0; at < length;) {
		ssize_t n = write(reading->copy_fd, piece + at, length - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(error,
				errno == ENOSPC || errno == EDQUOT ? ERROR_HOST_FULL
								   : ERROR_FILE_UNREADABLE,
				"Make room in the pool, or choose another one.",
				"cannot copy %.250s: %s", reading->path, strerror(errno));
		at += (size_t)n;
	}
	return true;
}

/* 1: go on. 0: that was the end. -1: *error. */
static int read_piece(struct reading *reading, size_t *ret, struct error *error)
{
	const uint8_t *piece;
	ssize_t n = read_ahead_next(&reading->ahead, &piece);
	if (n < 0) {
		unreadable(reading, (int)n, error);
		return -1;
	}
	sha256_update(&reading->sha, (size_t)n, piece);
	if (reading->copy_fd >= 0 && !write_all(reading, piece, (size_t)n, error))
		return -1;
	*ret = (size_t)n;
	return n > 0;
}

static bool read_all(
	struct reading *reading, uint64_t size, uint64_t *ret_length, struct error *error)
{
	uint64_t base = atomic_load(&reading->job->done);
	uint64_t total = atomic_load(&reading->job->total);
	uint64_t offset = 0;
	if (total < base + size)
		total = base + size;
	for (;;) {
		size_t length = 0;
		int more = read_piece(reading, &length, error);
		if (more <= 0) {
			*ret_length = offset;
			return more == 0;
		}
		offset += length;
		background_progress(reading->job, base + offset, total);
		if (!background_go_on(reading->job, error))
			return false;
	}
}

static bool read_beside(
	struct reading *reading, uint64_t size, uint64_t *ret_length, struct error *error)
{
	if (!read_ahead_start(&reading->ahead, reading->io, reading->fd))
		return error_set(error, ERROR_NO_MEMORY, "Try again later.",
			"no memory to read %.250s", reading->path);
	bool ok = read_all(reading, size, ret_length, error);
	read_ahead_stop(&reading->ahead);
	return ok;
}

static void print_digest(struct sha256_ctx *sha, char ret[CATALOG_DIGEST_MAX])
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	sha256_digest(sha, sizeof digest, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

static bool digest_open_file(struct reading *reading, struct file_identity *ret_identity,
	char ret[CATALOG_DIGEST_MAX], struct error *error)
{
	struct file_identity before, after;
	uint64_t length = 0;
	int result = reading->io->identify(reading->io, reading->fd, &before);
	if (result < 0)
		return unreadable(reading, result, error);
	if (!read_beside(reading, before.size, &length, error))
		return false;
	result = reading->io->identify(reading->io, reading->fd, &after);
	if (result < 0)
		return unreadable(reading, result, error);
	if (!file_identity_equal(&before, &after) || length != after.size)
		return error_set(error, ERROR_IMAGE_CHANGED,
			"Wait until nobody writes to it, then try again.",
			"%.250s was written to while it was read", reading->path);
	*ret_identity = after;
	print_digest(&reading->sha, ret);
	return true;
}

/* Of a copy nothing is kept of what was read before. */
static bool begin_anew(struct reading *reading, struct error *error)
{
	if (reading->copy_fd >= 0 &&
		(ftruncate(reading->copy_fd, 0) != 0 || lseek(reading->copy_fd, 0, SEEK_SET) != 0))
		return error_set(error, ERROR_FILE_UNREADABLE, "Look at the pool.",
			"cannot copy %.250s: %s", reading->path, strerror(errno));
	sha256_init(&reading->sha);
	return true;
}

static const struct library_config *config_of(const struct reading *reading)
{
	return &reading->job->background->library->config;
}

static bool digest_once(struct reading *reading, struct file_identity *ret_identity,
	char ret[CATALOG_DIGEST_MAX], struct error *error)
{
	char path[PATH_MAX];
	if (!begin_anew(reading, error) ||
		!library_locate(config_of(reading), reading->path, path, error))
		return false;
	reading->fd = reading->io->open(reading->io, path);
	if (reading->fd < 0)
		return library_explain_open(reading->path, reading->fd, error);
	bool ok = digest_open_file(reading, ret_identity, ret, error);
	reading->io->close(reading->io, reading->fd);
	return ok;
}

/* Somebody wrote to it, and may have been about to end: it is read again a few times. */
static bool try_again(struct reading *reading, unsigned attempt, struct error *error)
{
	return error->code == ERROR_IMAGE_CHANGED && attempt < ATTEMPTS &&
	       background_pause(reading->job) && background_go_on(reading->job, error);
}

bool background_digest(struct background_job *job, const char *path, int copy_fd,
	struct file_identity *ret_identity, char ret[CATALOG_DIGEST_MAX], struct error *error)
{
	struct reading reading = {.job = job,
		.io = job->background->library->config.io,
		.path = path,
		.copy_fd = copy_fd};
	uint64_t done = atomic_load(&job->done), total = atomic_load(&job->total);
	for (unsigned attempt = 1; !digest_once(&reading, ret_identity, ret, error); attempt++) {
		if (!try_again(&reading, attempt, error))
			return false;
		background_progress(job, done, total);
	}
	return true;
}
