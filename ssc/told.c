/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tape drive's part of the told record: where it was when the daemon stopped cleanly, on which
 * cartridge. It is not written at every motion (scsi_lu_remember is called at the stop), because
 * after a crash it does not count: nobody knows then which of the commands in flight were done.
 */
#include <string.h>

#include "drive_private.h"
#include "util/cleanup.h"
#include "util/reader.h"
#include "util/response.h"

enum {
	VERSION = 2,
	BUFFERED = 1,
	WARNED = 2,
	STAMPED = 4,
	HELD = 8,
	FLAGS = BUFFERED | WARNED | STAMPED | HELD,
	LOST_BEARINGS = 1, /* of a nexus */
};

void ssc_told_encode_lu(struct scsi_lu *lu, struct response *r)
{
	const struct ssc_drive *drive = ssc_drive_of_lu(lu);
	const struct cartridge_status *cartridge = &drive->snapshot.cartridge;
	response_u8(r, VERSION);
	response_u8(r, drive->presence);
	response_u8(r, (drive->mode.buffered ? BUFFERED : 0) |
			       (drive->snapshot_warned ? WARNED : 0) |
			       (lu->timestamp_set ? STAMPED : 0) | (drive->held ? HELD : 0));
	response_be32(r, drive->mode.block_length);
	response_bytes(r, cartridge->identity, sizeof cartridge->identity);
	response_be64(r, cartridge->eod);
	response_be64(r, drive->snapshot.position);
	response_be64(r, drive->bytes_read);
	response_be64(r, drive->bytes_written);
	response_be64(r, drive->bytes_stored);
	response_be64(r, drive->alerts);
	response_be64(r, lu->powered_on_ns);
	response_be64(r, lu->timestamp_offset_ms);
}

bool ssc_told_decode_lu(struct scsi_lu *lu, struct reader *reader)
{
	struct ssc_told told = {.valid = true};
	unsigned version = reader_u8(reader), presence = reader_u8(reader);
	unsigned flags = reader_u8(reader);
	told.mode.block_length = reader_be32(reader);
	reader_bytes(reader, told.identity, sizeof told.identity);
	told.eod = reader_be64(reader);
	told.position = reader_be64(reader);
	told.bytes_read = reader_be64(reader);
	told.bytes_written = reader_be64(reader);
	told.bytes_stored = reader_be64(reader);
	told.alerts = reader_be64(reader);
	told.powered_on_ns = reader_be64(reader);
	told.timestamp_offset_ms = reader_be64(reader);
	told.presence = (enum ssc_presence)presence;
	told.mode.buffered = flags & BUFFERED;
	told.warned_early = flags & WARNED;
	told.timestamp_set = flags & STAMPED;
	told.held = flags & HELD;
	if (reader->failed || version != VERSION || presence > SSC_READY ||
		flags & ~(unsigned)FLAGS || told.position > told.eod ||
		told.mode.block_length > ssc_drive_of_lu(lu)->personality->block_max ||
		told.powered_on_ns > lu->clock->now_ns(lu->clock))
		return false;
	ssc_drive_of_lu(lu)->told = told;
	return true;
}

void ssc_told_encode_nexus(struct scsi_nexus *nexus, struct response *r)
{
	const struct ssc_nexus *self = nexus->device;
	response_u8(r, self->lost_bearings ? LOST_BEARINGS : 0);
}

/* Records of before this was kept have nothing here. */
bool ssc_told_decode_nexus(struct scsi_nexus *nexus, struct reader *reader)
{
	struct ssc_nexus *self = nexus->device;
	unsigned flags = reader->left > 0 ? reader_u8(reader) : 0;
	if (flags & ~(unsigned)LOST_BEARINGS)
		return false;
	self->lost_bearings = flags & LOST_BEARINGS;
	return true;
}

/* What is in the drive is what was in it. lu.lock held. */
static bool same_cartridge(const struct ssc_drive *drive)
{
	const struct cartridge_status *cartridge = &drive->snapshot.cartridge;
	const struct ssc_told *told = &drive->told;
	if (drive->presence == SSC_ABSENT || told->presence == SSC_ABSENT)
		return drive->presence == told->presence;
	return told->eod == cartridge->eod &&
	       memcmp(told->identity, cartridge->identity, sizeof told->identity) == 0;
}

/* Of the drive itself: these go on whatever lies in it. lu.lock held. */
static void recall_drive(struct ssc_drive *drive)
{
	const struct ssc_told *told = &drive->told;
	drive->mode = told->mode;
	drive->bytes_read = told->bytes_read;
	drive->bytes_written = told->bytes_written;
	drive->bytes_stored = told->bytes_stored;
	drive->lu.powered_on_ns = told->powered_on_ns;
	drive->lu.timestamp_offset_ms = told->timestamp_offset_ms;
	drive->lu.timestamp_set = told->timestamp_set;
}

/* lu.lock held, and no command has run yet: what is the mechanism's may be touched. */
static void recall_cartridge(struct ssc_drive *drive)
{
	const struct ssc_told *told = &drive->told;
	drive->presence = told->presence;
	drive->held = told->held;
	drive->position = drive->snapshot.position = told->position;
	drive->warned_early = drive->snapshot_warned = told->warned_early;
	drive->alerts = told->alerts;
}

static void raise_on(const struct list *nexuses)
{
	list_for_each (node, nexuses)
		scsi_attention_raise(&container_of(node, struct scsi_nexus, link)->attentions,
			ATTENTION_MEDIUM_CHANGED);
}

bool ssc_drive_told_matches(struct ssc_drive *drive)
{
	SCOPED_LOCK(&drive->lu.lock);
	bool known = drive->told.valid, same = known && same_cartridge(drive);
	if (known)
		recall_drive(drive);
	if (same) {
		recall_cartridge(drive);
	} else if (known && drive->presence == SSC_READY) {
		raise_on(&drive->lu.nexuses);
		raise_on(&drive->lu.dormant);
	}
	drive->told = (struct ssc_told){0};
	return same;
}
