/* SPDX-License-Identifier: Apache-2.0 */
/* From a tape of SIMH's format to a cartridge, and back. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simh_format.h"
#include "ssc/offline.h"
#include "util/cleanup.h"

/* Between two calls of the caller's progress: enough not to cost anything, and soon enough for it
 * to stop. */
enum { PROGRESS_BYTES = SIMH_WINDOW, PROGRESS_OBJECTS = 1024 };

/* "5 blocks and 1 filemark" */
enum { SO_FAR_MAX = 80 };

static const char *so_far(const struct simh_transfer *transfer, char ret[SO_FAR_MAX])
{
	snprintf(ret, SO_FAR_MAX, "%" PRIu64 " block%s and %" PRIu64 " filemark%s",
		transfer->blocks, transfer->blocks == 1 ? "" : "s", transfer->filemarks,
		transfer->filemarks == 1 ? "" : "s");
	return ret;
}

struct pace {
	struct simh_transfer *transfer;
	uint64_t total, told;
	unsigned objects;
};

static bool go_on(struct pace *pace, uint64_t done, struct error *error)
{
	struct simh_transfer *transfer = pace->transfer;
	if (!transfer->progress ||
		(done - pace->told < PROGRESS_BYTES && ++pace->objects < PROGRESS_OBJECTS))
		return true;
	pace->told = done;
	pace->objects = 0;
	if (transfer->progress(transfer->context, done, pace->total))
		return true;
	char text[SO_FAR_MAX];
	return error_set(error, ERROR_STOPPING, "Start it again from the beginning.",
		"it was stopped after %s", so_far(transfer, text));
}

static bool no_memory(struct error *error)
{
	return error_set(
		error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
}

/* ---- import ---------------------------------------------------------------------------------- */

static bool cannot_append(int result, const struct simh_object *object, struct error *error)
{
	return error_set(error, ERROR_FILE_UNREADABLE,
		"See that its disk has room and is well, and try again.",
		"cannot write the cartridge, at byte %" PRIu64 " of the tape: %s", object->offset,
		strerror(-result));
}

static bool refuse_damaged(const struct simh_object *object, struct error *error)
{
	return error_set(error, ERROR_IMAGE_UNRECOGNISED,
		"Use --keep-damaged to keep such records as blocks all the same.",
		"the record at byte %" PRIu64 " of the tape is marked as damaged", object->offset);
}

static bool refuse_empty(const struct simh_object *object, struct error *error)
{
	return error_set(error, ERROR_IMAGE_UNRECOGNISED,
		"Read the original tape again: a cartridge has no block without data.",
		"of the record at byte %" PRIu64 " of the tape no data was recovered",
		object->offset);
}

static bool import_block(const struct simh_object *object, struct cartridge *cartridge, uint64_t at,
	struct simh_transfer *transfer, struct error *error)
{
	if (object->damaged && object->length == 0)
		return refuse_empty(object, error);
	if (object->damaged && !transfer->keep_damaged)
		return refuse_damaged(object, error);
	int result = cart_append(cartridge, at, object->data, object->length, COMPRESSION_NONE);
	if (result < 0)
		return cannot_append(result, object, error);
	transfer->blocks++;
	transfer->bytes += object->length;
	transfer->damaged += object->damaged;
	return true;
}

static bool import_filemark(const struct simh_object *object, struct cartridge *cartridge,
	uint64_t at, struct simh_transfer *transfer, struct error *error)
{
	int result = cart_append_filemarks(cartridge, at, 1);
	if (result < 0)
		return cannot_append(result, object, error);
	transfer->filemarks++;
	return true;
}

/* A drive would not have written more either. */
static bool has_room(
	const struct cartridge *cartridge, const struct simh_object *object, struct error *error)
{
	struct cartridge_status status;
	cart_status(cartridge, &status);
	if (status.used <= status.capacity)
		return true;
	return error_set(error, ERROR_MEDIUM_DOES_NOT_FIT, "Give a larger --capacity.",
		"the cartridge of %" PRIu64 " bytes is full at byte %" PRIu64 " of the tape",
		status.capacity, object->offset);
}

static bool import_object(const struct simh_object *object, struct cartridge *cartridge,
	struct simh_transfer *transfer, struct error *error)
{
	uint64_t at = transfer->blocks + transfer->filemarks;
	switch (object->kind) {
	case SIMH_BLOCK:
		return import_block(object, cartridge, at, transfer, error) &&
		       has_room(cartridge, object, error);
	case SIMH_FILEMARK:
		return import_filemark(object, cartridge, at, transfer, error) &&
		       has_room(cartridge, object, error);
	default:
		return true;
	}
}

bool simh_import(struct simh_reader *reader, struct cartridge *cartridge,
	struct simh_transfer *transfer, struct error *error)
{
	struct pace pace = {.transfer = transfer, .total = simh_reader_size(reader)};
	struct simh_object object;
	do {
		if (!simh_reader_next(reader, &object, error) ||
			!import_object(&object, cartridge, transfer, error) ||
			!go_on(&pace, simh_reader_offset(reader), error))
			return false;
	} while (object.kind != SIMH_END);
	return true;
}

/* ---- export ---------------------------------------------------------------------------------- */

static bool refuse_lost(const struct simh_transfer *transfer, bool tail, struct error *error)
{
	char text[SO_FAR_MAX];
	return error_set(error, ERROR_FILE_UNREADABLE,
		"carousel tape verify says more; --keep-damaged exports what there is.",
		"object %" PRIu64 " of the cartridge %s damaged, behind %s",
		transfer->blocks + transfer->filemarks, tail ? "and all after it are" : "is",
		so_far(transfer, text));
}

static bool refuse_long(const struct simh_transfer *transfer, uint32_t length, struct error *error)
{
	return error_set(error, ERROR_TOO_LARGE,
		"Copy the cartridge with shorter blocks on the host that reads it.",
		"object %" PRIu64 " is a block of %u bytes, and a record of SIMH's format has at "
		"most %d",
		transfer->blocks + transfer->filemarks, length, SIMH_RECORD_MAX);
}

static bool export_object(struct simh_writer *writer, const struct cartridge_object *about,
	const uint8_t *block, bool damaged, struct simh_transfer *transfer, struct error *error)
{
	if (about->filemark) {
		transfer->filemarks++;
		return simh_write_filemark(writer, error);
	}
	if (about->length > SIMH_RECORD_MAX)
		return refuse_long(transfer, about->length, error);
	transfer->blocks++;
	transfer->bytes += about->length;
	transfer->damaged += damaged;
	transfer->without_data += about->length == 0;
	return simh_write_block(writer, block, about->length, damaged, error);
}

static bool export_next(struct cartridge *cartridge, struct simh_writer *writer, uint8_t *block,
	struct simh_transfer *transfer, struct error *error)
{
	uint64_t object = transfer->blocks + transfer->filemarks;
	struct cartridge_object about;
	bool damaged = cart_read(cartridge, object, block, cartridge->block_max, &about) < 0;
	if (damaged && !transfer->keep_damaged)
		return refuse_lost(transfer, false, error);
	if (damaged)
		native_salvage(cartridge, object, block, cartridge->block_max, &about);
	return export_object(writer, &about, block, damaged, transfer, error);
}

/* What is behind the damaged object may be other data than the tape holds. */
static uint64_t readable_objects(const struct cartridge_status *status)
{
	return status->damaged && status->damaged_object < status->eod ? status->damaged_object
								       : status->eod;
}

bool simh_export(struct cartridge *cartridge, struct simh_writer *writer,
	struct simh_transfer *transfer, struct error *error)
{
	struct cartridge_status status;
	cart_status(cartridge, &status);
	struct pace pace = {.transfer = transfer, .total = status.bytes};
	_cleanup_free_ uint8_t *block = malloc(cartridge->block_max);
	if (!block)
		return no_memory(error);
	uint64_t end = readable_objects(&status);
	for (uint64_t object = 0; object < end; object++)
		if (!export_next(cartridge, writer, block, transfer, error) ||
			!go_on(&pace, transfer->bytes, error))
			return false;
	transfer->tail_lost = status.damaged;
	if (status.damaged && !transfer->keep_damaged)
		return refuse_lost(transfer, true, error);
	return simh_writer_finish(writer, error);
}
