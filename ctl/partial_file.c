/* SPDX-License-Identifier: Apache-2.0 */
#include "partial_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/file_name.h"
#include "util/file_store.h"

enum { PIECE = 1 << 18 };

static bool refuse(struct error *error, const char *what, const char *path)
{
	return error_set(error, ERROR_PERMISSION,
		"See that there is room, and that its directory may be written to.",
		"cannot %s %.250s: %s", what, path ? path : "to stdout", strerror(errno));
}

/* ---- what is there already ------------------------------------------------------------------- */

/* It becomes a header of a request: nothing but what a tag may have (RFC 9110 8.8.3). */
static bool is_tag(const char *text)
{
	size_t length = strlen(text);
	if (length < 2 || text[0] != '"' || text[length - 1] != '"')
		return false;
	for (size_t i = 1; i < length - 1; i++)
		if (text[i] < 0x21 || text[i] > 0x7e || text[i] == '"')
			return false;
	return true;
}

static void read_tag(struct partial_file *file)
{
	_cleanup_close_ int fd = open(file->tag, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, file->etag, sizeof file->etag - 1);
	file->etag[length > 0 ? length : 0] = '\0';
	if (!is_tag(file->etag))
		file->etag[0] = '\0';
}

/* What nobody knows the version of is not gone on with. */
static bool read_part(struct partial_file *file, struct error *error)
{
	_cleanup_free_ uint8_t *piece = malloc(PIECE);
	ssize_t length = piece && *file->etag ? 1 : 0;
	while (length > 0) {
		length = read(file->fd, piece, PIECE);
		if (length < 0)
			return refuse(error, "read", file->part);
		sha256_update(&file->hash, (size_t)length, piece);
		file->length += length;
	}
	return *file->etag || partial_file_restart(file, "", error);
}

/* A device, or a link to one, is nothing that a file may take the place of. */
static bool may_become(const char *path, bool replace, struct error *error)
{
	struct stat st;
	if (lstat(path, &st) != 0)
		return true;
	if (!S_ISREG(st.st_mode))
		return error_set(error, ERROR_FILE_TYPE, "Choose another name; - is stdout.",
			"%.250s is not a regular file", path);
	return replace ||
	       error_set(error, ERROR_EXISTS, "Choose another name, or replace it with --force.",
		       "there is a file %.250s already", path);
}

static bool open_part(struct partial_file *file, struct error *error)
{
	struct stat st;
	file->fd = open(file->part, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0666);
	if (file->fd < 0)
		return refuse(error, "make", file->part);
	if (fstat(file->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return error_set(error, ERROR_FILE_TYPE, "Choose another name, or remove it.",
			"%.250s is not a regular file", file->part);
	if (flock(file->fd, LOCK_EX | LOCK_NB) != 0)
		return error_set(error, ERROR_UNDER_WAY, "Wait for it, or choose another name.",
			"another program fetches %.250s", file->path);
	read_tag(file);
	return read_part(file, error);
}

bool partial_file_open(
	struct partial_file *ret, const char *path, bool replace, struct error *error)
{
	*ret = (struct partial_file){.path = path, .fd = STDOUT_FILENO};
	sha256_init(&ret->hash);
	if (!path || !strcmp(path, "-")) {
		ret->path = NULL;
		return true;
	}
	ret->fd = -1;
	if (!may_become(path, replace, error))
		return false;
	if (asprintf(&ret->part, "%s.part", path) < 0 ||
		asprintf(&ret->tag, "%s.part.etag", path) < 0)
		return error_set(error, ERROR_NO_MEMORY, "", "out of memory");
	return open_part(ret, error);
}

/* ---- more of it ------------------------------------------------------------------------------ */

static bool write_all(int fd, const char *data, size_t length)
{
	for (size_t at = 0; at < length;) {
		ssize_t written = write(fd, data + at, length - at);
		if (written < 0 && errno != EINTR)
			return false;
		at += written > 0 ? (size_t)written : 0;
	}
	return true;
}

static bool write_tag(const struct partial_file *file, struct error *error)
{
	unlink(file->tag);
	if (!*file->etag)
		return true;
	_cleanup_close_ int fd =
		open(file->tag, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	return (fd >= 0 && write_all(fd, file->etag, strlen(file->etag))) ||
	       refuse(error, "write", file->tag);
}

/* The bytes of the old version go first, lest they are taken for ones of the new. */
bool partial_file_restart(struct partial_file *file, const char *etag, struct error *error)
{
	if (!file->path && file->length)
		return error_set(error, ERROR_CHANGED_MEANWHILE, "Fetch it again.",
			"it has changed while it was sent to stdout");
	snprintf(file->etag, sizeof file->etag, "%s", is_tag(etag) ? etag : "");
	file->length = 0;
	sha256_init(&file->hash);
	if (!file->path)
		return true;
	if (ftruncate(file->fd, 0) != 0 || lseek(file->fd, 0, SEEK_SET) != 0)
		return refuse(error, "write", file->part);
	return write_tag(file, error);
}

bool partial_file_append(
	struct partial_file *file, const char *data, size_t length, struct error *error)
{
	if (!write_all(file->fd, data, length))
		return refuse(error, "write", file->part);
	sha256_update(&file->hash, length, (const uint8_t *)data);
	file->length += (long long)length;
	return true;
}

void partial_file_digest(struct partial_file *file, char ret[2 * SHA256_DIGEST_SIZE + 1])
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	sha256_digest(&file->hash, sizeof digest, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

/* ---- the end --------------------------------------------------------------------------------- */

bool partial_file_keep(struct partial_file *file, bool replace, struct error *error)
{
	if (!file->path)
		return true;
	if (fsync(file->fd) != 0)
		return refuse(error, "write", file->part);
	int result = replace ? (rename(file->part, file->path) ? -errno : 0)
			     : file_name_give(file->part, file->path);
	if (result == 0)
		result = file_store_posix.sync_directory(&file_store_posix, file->path);
	errno = -result;
	if (result < 0)
		return refuse(error, "name", file->path);
	unlink(file->tag);
	return true;
}

void partial_file_discard(struct partial_file *file)
{
	if (!file->path)
		return;
	unlink(file->part);
	unlink(file->tag);
}

void partial_file_close(struct partial_file *file)
{
	if (file->path && file->fd >= 0)
		close(file->fd);
	free(file->part);
	free(file->tag);
	*file = (struct partial_file){0};
}
