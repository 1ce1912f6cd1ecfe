/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tapes in files of the format of SIMH (".tap"), and cartridges made of them and into them. The
 * format is that of "SIMH Magtape Representation and Handling" (B. Supnik, 17 January 2022), below
 * called [SIMH]. A file is words of 32 bits, little-endian, whose upper four bits are a class:
 *
 *	00000000                tape mark
 *	0nnnnnnn … 0nnnnnnn     record of n bytes; padded to an even length, unlike in the E11
 *variant 8nnnnnnn … 8nnnnnnn     the same, but what was read of it may be wrong; n may be 0:
 *nothing was 1 to 6, E, 9 to D       other records: private, a description, reserved 7nnnnnnn
 *private marker; 73533250 is the end of data to SCSI2Pi FFFFFFFE                erase gap;
 *FFFEFFFF, half a one: go on two bytes behind its beginning FFFFFFFF, end of file   end of medium
 *	F0000000 to FFFDFFFF    reserved markers
 *
 * Nothing is expected of a file: everything in it is checked. Files go through struct file_store.
 * One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ssc/cartridge.h"
#include "util/file_store.h"

/* Longest record that every reader of the format takes: the standard format has 24 bits for it. */
enum { SIMH_RECORD_MAX = 0xffffff };

/* ---- reading ----------------------------------------------------------------------------------
 */

enum simh_kind {
	SIMH_END, /* of the medium; what is behind it is not read */
	SIMH_FILEMARK,
	SIMH_BLOCK,
	SIMH_OTHER, /* what is no part of the tape, or a piece of an erase gap: go on */
};

struct simh_object {
	enum simh_kind kind;
	uint64_t offset; /* of its first word in the file */
	/* Of a block. */
	bool damaged;
	uint32_t length;     /* 0 only when damaged: no data was recovered */
	const uint8_t *data; /* until the next call */
};

/* What was met that a cartridge has no place for. */
struct simh_seen {
	bool unpadded; /* a record of odd length was not padded: the E11 variant */
	uint64_t private_records, private_markers, descriptions;
	uint64_t reserved; /* records and markers */
	uint64_t gap;      /* bytes */
	uint64_t behind;   /* bytes behind the end of medium */
};

struct simh_reader;

/*
 * NULL with FILE_MISSING or FILE_UNREADABLE. A record longer than `record_max` is refused when it
 * is met; so much memory and some 2 MiB it takes.
 */
struct simh_reader *simh_reader_open(
	const struct file_store *store, const char *path, uint32_t record_max, struct error *error);
void simh_reader_close(struct simh_reader *reader); /* NULL is allowed */

/*
 * The next object. False with IMAGE_TRUNCATED (the file ends in the middle), IMAGE_UNRECOGNISED (it
 * is no tape, or a damaged one), TOO_LARGE (a record), FILE_UNREADABLE: it is over then.
 */
bool simh_reader_next(struct simh_reader *reader, struct simh_object *ret, struct error *error);

const struct simh_seen *simh_reader_seen(const struct simh_reader *reader);
uint64_t simh_reader_offset(const struct simh_reader *reader); /* of what comes next */
uint64_t simh_reader_size(const struct simh_reader *reader);   /* of the file when it was opened */

/* ---- writing ----------------------------------------------------------------------------------
 */

struct simh_writer;

/* A new file of the standard format. EXISTS, PERMISSION, NO_MEMORY. */
struct simh_writer *simh_writer_create(
	const struct file_store *store, const char *path, struct error *error);
/* Whatever was not finished is not there. NULL is allowed. */
void simh_writer_close(struct simh_writer *writer);

/*
 * False with FILE_UNREADABLE: the disk is full or broken. A block has 1 to SIMH_RECORD_MAX bytes; a
 * damaged one may have none. It is buffered.
 */
bool simh_write_block(struct simh_writer *writer, const void *data, uint32_t length, bool damaged,
	struct error *error);
bool simh_write_filemark(struct simh_writer *writer, struct error *error);
/* All of it is durable when it returns true. No end of medium is marked: the file ends. */
bool simh_writer_finish(struct simh_writer *writer, struct error *error);

/* ---- from and to cartridges -------------------------------------------------------------------
 */

struct simh_transfer {
	/* Damaged blocks go along and are counted; otherwise the first one ends it. */
	bool keep_damaged;
	/*
	 * Called every so often: bytes of the file when importing, of blocks when exporting. False:
	 * stop, with ERROR_STOPPING. May be NULL.
	 */
	bool (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;

	/* What went over, filled in as it goes. */
	uint64_t blocks, filemarks, bytes;
	uint64_t damaged;      /* of the blocks */
	uint64_t without_data; /* of the damaged ones */
	/* Exporting: from here on the cartridge cannot be read, and its end is not known. */
	bool tail_lost;
};

/*
 * Appends the tape to a blank cartridge; the caller closes both. Besides the reader's errors:
 * IMAGE_UNRECOGNISED (what a cartridge cannot hold), MEDIUM_DOES_NOT_FIT (its capacity),
 * FILE_UNREADABLE (the cartridge could not be written). What was appended is worth nothing then.
 */
bool simh_import(struct simh_reader *reader, struct cartridge *cartridge,
	struct simh_transfer *transfer, struct error *error);

/*
 * Writes all objects of a cartridge of the native format in their order, and finishes the file.
 * FILE_UNREADABLE (the cartridge is damaged), TOO_LARGE (a block that the format has no room for),
 * and the writer's errors.
 */
bool simh_export(struct cartridge *cartridge, struct simh_writer *writer,
	struct simh_transfer *transfer, struct error *error);
