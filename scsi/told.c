/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/told.h"

#include <string.h>

#include "persistent_private.h"
#include "private.h"
#include "scsi/lu.h"
#include "util/reader.h"
#include "util/response.h"

enum {
	TOLD_MAGIC = 0x43524c54 /* "CRLT" */,
	FLAG_PREVENT = 1,
	FLAG_PERSISTENT = 2,
	FLAG_RESERVED = 4,
	FLAG_SUSPENDED = 8,
	FLAGS = FLAG_PREVENT | FLAG_PERSISTENT | FLAG_RESERVED | FLAG_SUSPENDED,
};

static void encode_modes(struct scsi_lu *lu, struct response *r)
{
	for (const struct scsi_mode_page *row = lu->type->mode_pages; row->length > 0; row++) {
		size_t i = (size_t)(row - lu->type->mode_pages);
		response_u8(r, row->length);
		response_bytes(r, lu->mode.current[i], row->length);
	}
	response_u8(r, 0);
}

static void encode_persistent(struct scsi_lu *lu, struct response *r)
{
	size_t length = response_length_open(r, 2);
	scsi_persistent_encode(&lu->persistent, r);
	response_length_close(r, length, 2, 0);
}

static void encode_nexus(struct scsi_nexus *nexus, struct response *r)
{
	struct scsi_lu *lu = nexus->lu;
	size_t name_length = strlen(nexus->name);
	response_u8(r, 1);
	response_be16(r, (unsigned)name_length);
	response_bytes(r, nexus->name, name_length);
	scsi_port_encode(&nexus->port, r);
	response_be32(r, nexus->attentions);
	response_u8(r, (nexus->prevent ? FLAG_PREVENT : 0) |
			       (nexus->prevent_persistent ? FLAG_PERSISTENT : 0) |
			       (lu->reserved_by == nexus ? FLAG_RESERVED : 0) |
			       (nexus->suspended ? FLAG_SUSPENDED : 0));
	size_t length = response_length_open(r, 2);
	if (lu->type->encode_nexus)
		lu->type->encode_nexus(nexus, r);
	response_length_close(r, length, 2, 0);
}

/*
 * Those that find room; who is left out is new after a restart. So is one that has a deferred error
 * coming: it must hear of something.
 */
static void encode_nexuses(const struct list *nexuses, struct response *r)
{
	list_for_each (node, nexuses) {
		struct response before = *r;
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (nexus->deferred.code != SENSE_NONE)
			continue;
		encode_nexus(nexus, r);
		if (r->overflowed || r->length == r->capacity) {
			*r = before;
			return;
		}
	}
}

size_t scsi_told_encode(struct scsi_lu *lu, void *buffer, size_t capacity)
{
	struct response r;
	response_init(&r, buffer, capacity);
	response_be32(&r, TOLD_MAGIC);
	response_be16(&r, SCSI_TOLD_VERSION);
	response_u8(&r, lu->type->peripheral_type);
	response_ascii(&r, lu->serial, SCSI_SERIAL_MAX);
	encode_persistent(lu, &r);
	encode_modes(lu, &r);
	size_t length = response_length_open(&r, 2);
	if (lu->type->encode_lu)
		lu->type->encode_lu(lu, &r);
	response_length_close(&r, length, 2, 0);
	encode_nexuses(&lu->nexuses, &r);
	encode_nexuses(&lu->dormant, &r);
	response_u8(&r, 0);
	return r.overflowed ? 0 : r.length;
}

/* The serial number as the builder wrote it. */
static bool same_serial(struct reader *reader, const char *serial)
{
	uint8_t expected[SCSI_SERIAL_MAX], found[SCSI_SERIAL_MAX];
	struct response r;
	response_init(&r, expected, sizeof expected);
	response_ascii(&r, serial, sizeof expected);
	reader_bytes(reader, found, sizeof found);
	return !reader->failed && memcmp(expected, found, sizeof found) == 0;
}

/* The record has current values; the saved ones are the catalog's. */
static bool decode_modes(struct scsi_lu *lu, struct reader *reader)
{
	uint8_t page[SCSI_MODE_PAGE_MAX];
	struct scsi_mode_values before = lu->mode;
	for (;;) {
		uint8_t length = reader_u8(reader);
		if (length == 0)
			break;
		if (length > sizeof page)
			return false;
		reader_bytes(reader, page, length);
		if (reader->failed || !scsi_mode_restore(lu, page, length))
			return false;
	}
	memcpy(lu->mode.saved, before.saved, sizeof lu->mode.saved);
	return !reader->failed;
}

/* A reader of its own for the counted block that comes next. */
static bool block(struct reader *reader, struct reader *ret)
{
	uint16_t length = reader_be16(reader);
	if (reader->failed || length > reader->left)
		return false;
	reader_init(ret, reader->at, length);
	reader->at += length;
	reader->left -= length;
	return true;
}

static bool decode_name(struct reader *reader, char ret[SCSI_NEXUS_NAME_MAX])
{
	uint16_t length = reader_be16(reader);
	if (length >= SCSI_NEXUS_NAME_MAX)
		return false;
	reader_bytes(reader, ret, length);
	ret[length] = '\0';
	return !reader->failed && strlen(ret) == length;
}

/* A nexus of that name; one whose initiator is not here yet may return. */
static struct scsi_nexus *find_or_recall(struct scsi_lu *lu, const char *name, bool suspended)
{
	struct scsi_nexus *nexus = scsi_nexus_find(&lu->nexuses, name);
	if (!nexus && (suspended || lu->type->forgives_nexus_loss))
		nexus = scsi_nexus_recall(lu, name, suspended);
	return nexus;
}

static void hold(struct scsi_nexus *nexus, unsigned flags)
{
	nexus->prevent = flags & FLAG_PREVENT;
	nexus->prevent_persistent = flags & FLAG_PERSISTENT;
	if (flags & FLAG_RESERVED)
		nexus->lu->reserved_by = nexus;
}

static bool decode_nexus(struct scsi_lu *lu, struct reader *reader)
{
	char name[SCSI_NEXUS_NAME_MAX];
	struct scsi_port port;
	struct reader own;
	if (!decode_name(reader, name) || !scsi_port_decode(reader, &port))
		return false;
	uint32_t attentions = reader_be32(reader);
	uint8_t flags = reader_u8(reader);
	if (!block(reader, &own) || attentions >= 1u << ATTENTION_COUNT || flags & ~(unsigned)FLAGS)
		return false;
	bool here = scsi_nexus_find(&lu->nexuses, name);
	if (here && flags & FLAG_RESERVED && lu->reserved_by)
		return false;
	if (scsi_nexus_find(&lu->dormant, name))
		return false; /* nobody is there twice */
	struct scsi_nexus *nexus = find_or_recall(lu, name, flags & FLAG_SUSPENDED);
	if (!nexus)
		return true;
	if (lu->type->decode_nexus &&
		(!lu->type->decode_nexus(nexus, &own) || own.failed || own.left))
		return false;
	nexus->attentions = attentions;
	if (here) {
		hold(nexus, flags);
		return true;
	}
	nexus->port = port; /* what it registered, others may take from it until it returns */
	nexus->suspended = flags & FLAG_SUSPENDED; /* also for the start after this one */
	return true;
}

/* As far as persistent reservations. */
static bool decode_begin(struct scsi_lu *lu, const void *record, size_t length, struct reader *ret)
{
	struct reader own;
	reader_init(ret, record, length);
	return reader_be32(ret) == TOLD_MAGIC && reader_be16(ret) == SCSI_TOLD_VERSION &&
	       reader_u8(ret) == lu->type->peripheral_type && same_serial(ret, lu->serial) &&
	       block(ret, &own) && scsi_persistent_decode(&lu->persistent, &own);
}

static bool decode(struct scsi_lu *lu, const void *record, size_t length)
{
	struct reader reader, own;
	if (!decode_begin(lu, record, length, &reader))
		return false;
	if (!decode_modes(lu, &reader) || !block(&reader, &own))
		return false;
	if (lu->type->decode_lu && (!lu->type->decode_lu(lu, &own) || own.failed || own.left))
		return false;
	uint8_t more;
	while ((more = reader_u8(&reader)) == 1)
		if (!decode_nexus(lu, &reader))
			return false;
	return more == 0 && !reader.failed && reader.left == 0;
}

bool scsi_told_decode(struct scsi_lu *lu, const void *record, size_t length)
{
	const struct scsi_mode_values before = lu->mode;
	if (decode(lu, record, length))
		return true;
	lu->mode = before;
	persistent_finish(&lu->persistent);
	scsi_nexus_forget_dormant(lu);
	list_for_each (node, &lu->nexuses)
		scsi_nexus_renew(container_of(node, struct scsi_nexus, link));
	return false;
}

bool scsi_told_decode_persistent(struct scsi_lu *lu, const void *record, size_t length)
{
	struct reader reader;
	return decode_begin(lu, record, length, &reader);
}
