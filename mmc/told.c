/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The drive's part of the told record: which medium, where the tray is, and what each nexus
 * believes. Times are CLOCK_MONOTONIC, which goes on across a restart of the daemon and ends with
 * the machine, as the record does.
 */
#include "private.h"
#include "util/cleanup.h"
#include "util/reader.h"

enum { VERSION = 1, HAS_DISC = 1, TRAY_OPEN = 2, PRESENT = 1, TOLD = 2 };
enum { VERSION_WITHOUT_SPEED = 1, LU_VERSION = 2 };

static void encode_identity(const struct file_identity *identity, struct response *r)
{
	response_be64(r, identity->device);
	response_be64(r, identity->inode);
	response_be64(r, identity->size);
	response_be64(r, (uint64_t)identity->mtime_sec);
	response_be64(r, (uint64_t)identity->mtime_nsec);
}

static struct file_identity decode_identity(struct reader *reader)
{
	struct file_identity identity;
	identity.device = reader_be64(reader);
	identity.inode = reader_be64(reader);
	identity.size = reader_be64(reader);
	identity.mtime_sec = (int64_t)reader_be64(reader);
	identity.mtime_nsec = (int64_t)reader_be64(reader);
	return identity;
}

void mmc_told_encode_lu(struct scsi_lu *lu, struct response *r)
{
	const struct mmc_drive *drive = mmc_drive_of_lu(lu);
	const struct file_identity nothing = {0};
	response_u8(r, LU_VERSION);
	response_u8(r, (drive->disc ? HAS_DISC : 0) | (drive->tray_open ? TRAY_OPEN : 0));
	response_be64(r, drive->generation);
	encode_identity(drive->disc ? &drive->disc->identity : &nothing, r);
	response_be32(r, drive->speed_kb);
}

bool mmc_told_decode_lu(struct scsi_lu *lu, struct reader *reader)
{
	struct mmc_told told = {.valid = true};
	unsigned version = reader_u8(reader), flags = reader_u8(reader);
	told.generation = reader_be64(reader);
	told.identity = decode_identity(reader);
	if (version != VERSION_WITHOUT_SPEED)
		told.speed_kb = reader_be32(reader);
	told.has_disc = flags & HAS_DISC;
	told.tray_open = flags & TRAY_OPEN;
	if (reader->failed || version < VERSION_WITHOUT_SPEED || version > LU_VERSION ||
		flags & ~(unsigned)(HAS_DISC | TRAY_OPEN))
		return false;
	mmc_drive_of_lu(lu)->told = told;
	return true;
}

void mmc_told_encode_nexus(struct scsi_nexus *nexus, struct response *r)
{
	const struct mmc_belief *self = mmc_belief_of(nexus);
	response_u8(r, VERSION);
	response_u8(r, (self->present ? PRESENT : 0) | (self->told ? TOLD : 0));
	response_be16(r, self->events);
	response_be16(r, self->profile);
	response_be64(r, self->absent_until_ns);
}

bool mmc_told_decode_nexus(struct scsi_nexus *nexus, struct reader *reader)
{
	const struct mmc_drive *drive = mmc_drive_of_lu(nexus->lu);
	unsigned version = reader_u8(reader), flags = reader_u8(reader);
	struct mmc_belief self = {0};
	self.events = reader_be16(reader);
	self.profile = reader_be16(reader);
	self.absent_until_ns = reader_be64(reader);
	self.present = flags & PRESENT;
	self.told = flags & TOLD;
	if (reader->failed || version != VERSION || flags & ~(unsigned)(PRESENT | TOLD) ||
		self.events >= 1u << EVENT_COUNT)
		return false;
	uint64_t latest = nexus->lu->clock->now_ns(nexus->lu->clock) + drive->dwell_ns;
	if (self.absent_until_ns > latest)
		self.absent_until_ns = latest;
	mmc_nexus_of(nexus)->recalled = self;
	mmc_nexus_of(nexus)->has_recalled = true;
	return true;
}

static bool same_medium(const struct mmc_drive *drive)
{
	const struct mmc_told *told = &drive->told;
	if (!told->valid || told->tray_open != drive->tray_open ||
		told->has_disc != (drive->disc != NULL))
		return false;
	return !drive->disc || file_identity_equal(&told->identity, &drive->disc->identity);
}

/* It believes what it believed; if that is a medium that is not there any more, it loses it. */
static void recall(struct scsi_nexus *nexus, bool keep_medium)
{
	struct mmc_nexus *self = mmc_nexus_of(nexus);
	if (!self->has_recalled)
		return;
	self->has_recalled = false;
	self->now = self->recalled;
	if (!keep_medium)
		mmc_nexus_lose(nexus);
}

static void recall_all(const struct list *nexuses, bool keep_medium)
{
	list_for_each (node, nexuses)
		recall(container_of(node, struct scsi_nexus, link), keep_medium);
}

bool mmc_drive_told_matches(struct mmc_drive *drive)
{
	SCOPED_LOCK(&drive->lu.lock);
	bool matches = same_medium(drive);
	if (matches) {
		drive->generation = drive->told.generation;
		drive->speed_kb = drive->told.speed_kb;
	} else if (drive->told.valid) {
		drive->generation += drive->told.generation;
	}
	bool keep_medium = matches && drive->disc && !drive->tray_open;
	recall_all(&drive->lu.nexuses, keep_medium);
	recall_all(&drive->lu.dormant, keep_medium);
	drive->told = (struct mmc_told){0};
	return matches;
}
