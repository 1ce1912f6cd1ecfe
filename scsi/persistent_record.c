/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Persistent reservations as bytes, in the told record and in the catalog:
 *
 *	1	version
 *	1	APTPL
 *	1	type of the reservation, 0: there is none
 *	4	PRGENERATION
 *	2	registrations; each:
 *		1	holder
 *		8	key
 *		…	initiator and target port (port_record.c)
 */
#include <string.h>

#include "persistent_private.h"
#include "private.h"
#include "scsi/lu.h"
#include "util/cleanup.h"
#include "util/reader.h"
#include "util/response.h"

enum { VERSION = 1 };

static void encode_row(const struct scsi_registration *row, struct response *r)
{
	response_u8(r, row->holder);
	response_be64(r, row->key);
	scsi_port_encode(&row->port, r);
}

void scsi_persistent_encode(const struct scsi_persistent *persistent, struct response *r)
{
	response_u8(r, VERSION);
	response_u8(r, persistent->aptpl);
	response_u8(r, persistent->type);
	response_be32(r, persistent->generation);
	response_be16(r, persistent->count);
	for (unsigned i = 0; i < persistent->count; i++)
		encode_row(&persistent->rows[i], r);
}

static bool decode_row(struct scsi_persistent *persistent, struct reader *reader)
{
	struct scsi_port port;
	uint8_t holder = reader_u8(reader);
	uint64_t key = reader_be64(reader);
	if (holder > 1 || key == 0 || !scsi_port_decode(reader, &port) ||
		scsi_persistent_find(persistent, &port) || !persistent_add(persistent, &port, key))
		return false;
	persistent->rows[persistent->count - 1].holder = holder;
	return true;
}

/* Exactly one holder, or none: as the type wants it. */
static bool is_sound(const struct scsi_persistent *persistent)
{
	unsigned holders = 0;
	for (unsigned i = 0; i < persistent->count; i++)
		holders += persistent->rows[i].holder;
	if (persistent->type == PERSISTENT_NONE)
		return holders == 0;
	if (!persistent_is_type(persistent->type) || persistent->count == 0)
		return false;
	return holders == (persistent_for_all(persistent->type) ? 0 : 1);
}

static bool decode(struct scsi_persistent *persistent, struct reader *reader)
{
	uint8_t version = reader_u8(reader), aptpl = reader_u8(reader);
	persistent->aptpl = aptpl;
	persistent->type = reader_u8(reader);
	persistent->generation = reader_be32(reader);
	unsigned count = reader_be16(reader);
	if (reader->failed || version != VERSION || aptpl > 1)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!decode_row(persistent, reader))
			return false;
	return !reader->failed && reader->left == 0 && is_sound(persistent);
}

bool scsi_persistent_decode(struct scsi_persistent *persistent, struct reader *reader)
{
	struct scsi_persistent nobody = {0}, next;
	if (!persistent_copy(&nobody, &next))
		return false;
	if (!decode(&next, reader)) {
		persistent_finish(&next);
		return false;
	}
	persistent_finish(persistent);
	*persistent = next;
	return true;
}

size_t scsi_persistent_lasting(
	const struct scsi_persistent *persistent, uint8_t ret[SCSI_PERSISTENT_RECORD_MAX])
{
	struct response r;
	response_init(&r, ret, SCSI_PERSISTENT_RECORD_MAX);
	if (persistent->aptpl && persistent->count > 0)
		scsi_persistent_encode(persistent, &r);
	return r.length;
}

bool scsi_persistent_restore(struct scsi_lu *lu, const void *record, size_t length)
{
	SCOPED_LOCK(&lu->lock);
	struct reader reader;
	reader_init(&reader, record, length);
	persistent_finish(&lu->persistent);
	if (!scsi_persistent_decode(&lu->persistent, &reader))
		return false;
	lu->persistent.generation = 0; /* as after every power on (SPC-4 6.15.2) */
	return true;
}
