/* SPDX-License-Identifier: Apache-2.0 */
/* Tapes in files of SIMH's format, read from their beginning to their end. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simh_format.h"
#include "util/cleanup.h"

enum {
	TRAILER = 1 + SIMH_WORD, /* a padding byte, and the length again */
};

static const char not_whole[] =
	"Copy the file again; if it is whole, it is no tape of SIMH's format (.tap).";

struct simh_reader {
	const struct file_store *store;
	int fd;
	char *path;
	uint64_t size;
	uint32_t record_max;

	uint64_t offset; /* in the file, of what comes next: buffer[begin] */
	uint8_t *buffer; /* room for a window and the longest record */
	size_t begin, end;

	bool padded; /* a record of odd length was */
	bool over;
	struct simh_seen seen;
};

/* ---- opening --------------------------------------------------------------------------------- */

static bool cannot_open(const char *path, int result, struct error *error)
{
	if (result == -ENOMEM)
		return error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
	if (result == -EINVAL)
		return error_set(error, ERROR_FILE_UNREADABLE, "Name the file of a tape.",
			"%.200s is not a regular file", path);
	if (result == -EBUSY)
		return error_set(error, ERROR_STATE_IN_USE, "Wait for it, or stop it.",
			"another program writes %.200s", path);
	return error_set(error, result == -ENOENT ? ERROR_FILE_MISSING : ERROR_FILE_UNREADABLE,
		"Look at the name, and at who may read it.", "cannot open %.200s: %s", path,
		strerror(-result));
}

static int open_file(struct simh_reader *reader)
{
	reader->fd = reader->store->open(reader->store, reader->path, false);
	if (reader->fd < 0)
		return reader->fd;
	int64_t size = reader->store->size(reader->store, reader->fd);
	if (size < 0)
		return (int)size;
	reader->size = (uint64_t)size;
	return 0;
}

static struct simh_reader *make_reader(
	const struct file_store *store, const char *path, uint32_t record_max)
{
	struct simh_reader *reader = calloc(1, sizeof *reader);
	if (!reader)
		return NULL;
	*reader = (struct simh_reader){.store = store, .fd = -1, .record_max = record_max};
	reader->path = strdup(path);
	reader->buffer = malloc((size_t)record_max + SIMH_WINDOW + SIMH_WORD + TRAILER);
	if (reader->path && reader->buffer)
		return reader;
	simh_reader_close(reader);
	return NULL;
}

struct simh_reader *simh_reader_open(
	const struct file_store *store, const char *path, uint32_t record_max, struct error *error)
{
	struct simh_reader *reader = make_reader(store, path, record_max);
	int result = reader ? open_file(reader) : -ENOMEM;
	if (result == 0)
		return reader;
	cannot_open(path, result, error);
	simh_reader_close(reader);
	return NULL;
}

void simh_reader_close(struct simh_reader *reader)
{
	if (!reader)
		return;
	if (reader->fd >= 0)
		reader->store->close(reader->store, reader->fd);
	free(reader->path);
	free(reader->buffer);
	free(reader);
}

const struct simh_seen *simh_reader_seen(const struct simh_reader *reader)
{
	return &reader->seen;
}

uint64_t simh_reader_offset(const struct simh_reader *reader)
{
	return reader->offset;
}

uint64_t simh_reader_size(const struct simh_reader *reader)
{
	return reader->size;
}

/* ---- the window ------------------------------------------------------------------------------ */

static bool cannot_read(const struct simh_reader *reader, int result, struct error *error)
{
	return error_set(error, ERROR_FILE_UNREADABLE, "See that its disk is well.",
		"cannot read %.200s behind byte %" PRIu64 ": %s", reader->path, reader->offset,
		strerror(-result));
}

/* At least `wanted` bytes are in the buffer, or all that the file has. */
static bool fill(struct simh_reader *reader, size_t wanted, struct error *error)
{
	size_t left = reader->end - reader->begin;
	if (left >= wanted)
		return true;
	memmove(reader->buffer, reader->buffer + reader->begin, left);
	size_t more = wanted - left > SIMH_WINDOW ? wanted - left : SIMH_WINDOW;
	struct iovec iov = {reader->buffer + left, more};
	reader->begin = 0;
	reader->end = left;
	ssize_t n =
		reader->store->preadv(reader->store, reader->fd, &iov, 1, reader->offset + left, 0);
	if (n < 0)
		return cannot_read(reader, (int)n, error);
	reader->end += (size_t)n;
	return true;
}

static void advance(struct simh_reader *reader, uint64_t length)
{
	size_t left = reader->end - reader->begin;
	reader->offset += length;
	reader->begin += length < left ? length : left;
}

/* The bytes at `offset` in the file that are there, from the buffer if it has them. */
static bool look(const struct simh_reader *reader, uint64_t offset, uint8_t *ret, size_t length,
	size_t *ret_length, struct error *error)
{
	uint64_t ahead = offset - reader->offset, left = reader->end - reader->begin;
	struct iovec iov = {ret, length};
	*ret_length = length;
	if (ahead + length <= left) {
		memcpy(ret, reader->buffer + reader->begin + ahead, length);
		return true;
	}
	ssize_t n = reader->store->preadv(reader->store, reader->fd, &iov, 1, offset, 0);
	if (n < 0)
		return cannot_read(reader, (int)n, error);
	*ret_length = (size_t)n;
	return true;
}

/* ---- records --------------------------------------------------------------------------------- */

static bool cut_off(const struct simh_reader *reader, uint32_t length, struct error *error)
{
	return error_set(error, ERROR_IMAGE_TRUNCATED, not_whole,
		"%.200s ends within its record of %u bytes at byte %" PRIu64, reader->path, length,
		reader->offset);
}

static bool disagree(
	const struct simh_reader *reader, uint32_t word, uint32_t trailer, struct error *error)
{
	return error_set(error, ERROR_IMAGE_UNRECOGNISED, not_whole,
		"%.200s: the record at byte %" PRIu64
		" has the length %08Xh before it and %08Xh behind it",
		reader->path, reader->offset, word, trailer);
}

static bool mixed(const struct simh_reader *reader, struct error *error)
{
	return error_set(error, ERROR_IMAGE_UNRECOGNISED,
		"Find out what wrote it: some records of odd length have a padding byte and some "
		"have none.",
		"%.200s: the record at byte %" PRIu64 " is%s padded, unlike those before it",
		reader->path, reader->offset, reader->padded ? " not" : "");
}

/*
 * How long a record is with both lengths. Standard records are padded to an even length and those
 * of E11 are not (sim_tape.c, MTUF_F_E11; KLH10, vmtape.h: "The E11 (.TPE) format is identical
 * except there are no padding bytes"), so the first record of odd length tells which it is. Only a
 * length whose bytes are all the same could be both, and that of a block would be over 16 MiB.
 */
static bool measure(
	struct simh_reader *reader, uint32_t word, uint64_t *ret_total, struct error *error)
{
	uint8_t trailer[TRAILER];
	uint32_t length = simh_length(word), odd = length & 1;
	size_t there;
	if (!look(reader, reader->offset + SIMH_WORD + length, trailer, sizeof trailer, &there,
		    error))
		return false;
	bool padded = there >= odd + SIMH_WORD && get_le32(trailer + odd) == word;
	bool unpadded = odd && there >= SIMH_WORD && get_le32(trailer) == word;
	if (odd && (padded || unpadded) &&
		((reader->padded && !padded) || (reader->seen.unpadded && !unpadded)))
		return mixed(reader, error);
	unpadded = unpadded && (reader->seen.unpadded || !padded);
	if (!padded && !unpadded && there < odd + SIMH_WORD)
		return cut_off(reader, length, error);
	if (!padded && !unpadded)
		return disagree(reader, word, get_le32(trailer + odd), error);
	reader->padded |= odd && !unpadded;
	reader->seen.unpadded |= unpadded;
	*ret_total = 2 * SIMH_WORD + (uint64_t)length + (unpadded ? 0 : odd);
	return true;
}

static bool too_long(const struct simh_reader *reader, uint32_t length, struct error *error)
{
	return error_set(error, ERROR_TOO_LARGE,
		"It needs a type of cartridge that takes such blocks.",
		"%.200s: the record at byte %" PRIu64
		" has %u bytes, and a block of the cartridge has at most %u",
		reader->path, reader->offset, length, reader->record_max);
}

static bool read_block(
	struct simh_reader *reader, uint32_t word, struct simh_object *ret, struct error *error)
{
	uint64_t total;
	uint32_t length = simh_length(word);
	bool fits = length <= reader->record_max;
	if (fits && !fill(reader, SIMH_WORD + (size_t)length + TRAILER, error))
		return false;
	if (!measure(reader, word, &total, error))
		return false;
	if (!fits)
		return too_long(reader, length, error);
	ret->kind = SIMH_BLOCK;
	ret->damaged = simh_class(word) == SIMH_CLASS_BAD;
	ret->length = length;
	ret->data = reader->buffer + reader->begin + SIMH_WORD;
	advance(reader, total);
	return true;
}

/*
 * Classes that a reader does not know are passed over ([SIMH], "All other objects will be ignored";
 * so do sim_tape.c, SCSI2Pi and MAME's simh_tape_file.cpp).
 */
static bool pass_record(struct simh_reader *reader, uint32_t word, struct error *error)
{
	uint64_t total;
	if (!measure(reader, word, &total, error))
		return false;
	if (simh_class(word) <= SIMH_CLASS_PRIVATE_LAST)
		reader->seen.private_records++;
	else if (simh_class(word) == SIMH_CLASS_DESCRIPTION)
		reader->seen.descriptions++;
	else
		reader->seen.reserved++;
	advance(reader, total);
	return true;
}

/* ---- markers --------------------------------------------------------------------------------- */

static void end_here(struct simh_reader *reader, uint64_t marker, struct simh_object *ret)
{
	uint64_t behind = reader->offset + marker;
	reader->over = true;
	reader->seen.behind = reader->size > behind ? reader->size - behind : 0;
	ret->kind = SIMH_END;
}

/*
 * As much of it as is in the buffer. Gaps of any length are passed over (sim_tape.c without a
 * density, SCSI2Pi; to MAME they are the end of data). A record that was written over one leaves
 * half a marker when it is two bytes short of it: that is read with half of the next, and the
 * reading goes on in step two bytes later ([SIMH]; sim_tape.c, MTR_FHGAP).
 */
static void pass_gap(struct simh_reader *reader)
{
	uint64_t start = reader->offset;
	while (reader->end - reader->begin >= SIMH_WORD) {
		uint32_t word = get_le32(reader->buffer + reader->begin);
		if (word != SIMH_GAP && word != SIMH_HALF_GAP)
			break;
		advance(reader, word == SIMH_GAP ? SIMH_WORD : SIMH_WORD / 2);
	}
	reader->seen.gap += reader->offset - start;
}

/* Those that would look like a gap when read backwards are never written ([SIMH], "Illegal"). */
static bool pass_marker(struct simh_reader *reader, uint32_t word, struct error *error)
{
	if (word >= SIMH_GAPS_FROM)
		return error_set(error, ERROR_IMAGE_UNRECOGNISED, not_whole,
			"%.200s: no tape has %08Xh, which is at byte %" PRIu64, reader->path, word,
			reader->offset);
	if (simh_class(word) == SIMH_CLASS_PRIVATE_MARKER)
		reader->seen.private_markers++;
	else
		reader->seen.reserved++;
	advance(reader, SIMH_WORD);
	return true;
}

/* ---- the next -------------------------------------------------------------------------------- */

static bool take(
	struct simh_reader *reader, uint32_t word, struct simh_object *ret, struct error *error)
{
	ret->kind = SIMH_OTHER;
	switch (word) {
	case SIMH_TAPE_MARK:
		ret->kind = SIMH_FILEMARK;
		advance(reader, SIMH_WORD);
		return true;
	case SIMH_END_OF_MEDIUM:
	case SIMH_END_OF_DATA:
		end_here(reader, SIMH_WORD, ret);
		return true;
	case SIMH_GAP:
	case SIMH_HALF_GAP:
		pass_gap(reader);
		return true;
	default:
		break;
	}
	switch (simh_class(word)) {
	case SIMH_CLASS_GOOD:
	case SIMH_CLASS_BAD:
		return read_block(reader, word, ret, error);
	case SIMH_CLASS_PRIVATE_MARKER:
	case SIMH_CLASS_MARKER:
		return pass_marker(reader, word, error);
	default:
		return pass_record(reader, word, error);
	}
}

bool simh_reader_next(struct simh_reader *reader, struct simh_object *ret, struct error *error)
{
	*ret = (struct simh_object){.offset = reader->offset};
	if (reader->over)
		return true;
	if (!fill(reader, SIMH_WORD, error))
		return false;
	size_t there = reader->end - reader->begin;
	if (there == 0) {
		end_here(reader, 0, ret);
		return true;
	}
	if (there < SIMH_WORD)
		return error_set(error, ERROR_IMAGE_TRUNCATED, not_whole,
			"%.200s ends within the length at byte %" PRIu64, reader->path,
			reader->offset);
	return take(reader, get_le32(reader->buffer + reader->begin), ret, error);
}
