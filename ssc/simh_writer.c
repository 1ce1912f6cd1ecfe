/* SPDX-License-Identifier: Apache-2.0 */
/* Tapes in files of SIMH's standard format, written from their beginning to their end. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "simh_format.h"

struct simh_writer {
	const struct file_store *store;
	int fd;
	char *path;
	uint64_t offset; /* in the file, of buffer[0] */
	uint8_t *buffer; /* a window */
	size_t length;
};

/* ---- making ---------------------------------------------------------------------------------- */

static bool cannot_make(const char *path, int result, struct error *error)
{
	if (result == -ENOMEM)
		return error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
	if (result == -EEXIST)
		return error_set(error, ERROR_EXISTS, "Choose another name.",
			"there is a file %.200s already", path);
	return error_set(error, ERROR_PERMISSION,
		"See that its directory exists, has room, and may be written to.",
		"cannot make %.200s: %s", path, strerror(-result));
}

struct simh_writer *simh_writer_create(
	const struct file_store *store, const char *path, struct error *error)
{
	struct simh_writer *writer = calloc(1, sizeof *writer);
	int result = -ENOMEM;
	if (writer) {
		*writer = (struct simh_writer){.store = store, .fd = -1};
		writer->path = strdup(path);
		writer->buffer = malloc(SIMH_WINDOW);
	}
	if (writer && writer->path && writer->buffer)
		result = writer->fd = store->create(store, path);
	if (result >= 0)
		return writer;
	cannot_make(path, result, error);
	simh_writer_close(writer);
	return NULL;
}

void simh_writer_close(struct simh_writer *writer)
{
	if (!writer)
		return;
	if (writer->fd >= 0)
		writer->store->close(writer->store, writer->fd);
	free(writer->path);
	free(writer->buffer);
	free(writer);
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool cannot_write(const struct simh_writer *writer, int result, struct error *error)
{
	return error_set(error, ERROR_FILE_UNREADABLE,
		"See that its disk has room and is well, and try again.", "cannot write %.200s: %s",
		writer->path, strerror(-result));
}

static bool flush(struct simh_writer *writer, struct error *error)
{
	struct iovec iov = {writer->buffer, writer->length};
	if (writer->length == 0)
		return true;
	int result = writer->store->pwritev(writer->store, writer->fd, &iov, 1, writer->offset);
	if (result < 0)
		return cannot_write(writer, result, error);
	writer->offset += writer->length;
	writer->length = 0;
	return true;
}

static bool put(struct simh_writer *writer, const void *data, size_t length, struct error *error)
{
	for (const uint8_t *from = data; length > 0;) {
		size_t room = SIMH_WINDOW - writer->length, part = length < room ? length : room;
		memcpy(writer->buffer + writer->length, from, part);
		writer->length += part;
		from += part;
		length -= part;
		if (writer->length == SIMH_WINDOW && !flush(writer, error))
			return false;
	}
	return true;
}

static bool put_word(struct simh_writer *writer, uint32_t word, struct error *error)
{
	uint8_t bytes[SIMH_WORD];
	put_le32(bytes, word);
	return put(writer, bytes, sizeof bytes, error);
}

bool simh_write_block(struct simh_writer *writer, const void *data, uint32_t length, bool damaged,
	struct error *error)
{
	uint32_t word = length | (damaged ? (uint32_t)SIMH_CLASS_BAD << 28 : 0);
	assert(length <= SIMH_RECORD_MAX && (length > 0 || damaged));
	return put_word(writer, word, error) && put(writer, data, length, error) &&
	       put(writer, "", length & 1, error) && put_word(writer, word, error);
}

bool simh_write_filemark(struct simh_writer *writer, struct error *error)
{
	return put_word(writer, SIMH_TAPE_MARK, error);
}

bool simh_writer_finish(struct simh_writer *writer, struct error *error)
{
	if (!flush(writer, error))
		return false;
	int result = writer->store->sync(writer->store, writer->fd);
	return result == 0 || cannot_write(writer, result, error);
}
