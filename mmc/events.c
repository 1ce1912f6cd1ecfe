/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET EVENT STATUS NOTIFICATION (MMC-6 6.6), polled only. Every nexus has its own queue: each event
 * is reported once, the lowest class first, and "no change" only when none of the classes asked for
 * has an event; hosts stop trusting a drive that does otherwise.
 */
#include "private.h"
#include "util/bytes.h"

enum event_class { CLASS_OPERATIONAL = 1, CLASS_POWER = 2, CLASS_MEDIA = 4 };

enum {
	CLASSES = 1 << CLASS_OPERATIONAL | 1 << CLASS_POWER | 1 << CLASS_MEDIA,
	NO_EVENT_AVAILABLE = 0x80,
	REPLY_LENGTH = 8, /* header and one descriptor */
};

/* The class of each event and its code there (MMC-6 tables of 6.6.2). */
static const struct {
	uint8_t class, code;
} rows[EVENT_COUNT] = {
	[EVENT_OPERATIONAL_CHANGE] = {CLASS_OPERATIONAL, 2},
	[EVENT_POWER_CHANGE] = {CLASS_POWER, 1},
	[EVENT_EJECT_REQUEST] = {CLASS_MEDIA, 1},
	[EVENT_MEDIA_REMOVAL] = {CLASS_MEDIA, 3},
	[EVENT_NEW_MEDIA] = {CLASS_MEDIA, 2},
};

void mmc_event_raise(struct scsi_nexus *nexus, enum mmc_event event)
{
	mmc_belief_of(nexus)->events |= 1u << event;
}

void mmc_event_raise_all(struct mmc_drive *drive, enum mmc_event event)
{
	list_for_each (node, &drive->lu.nexuses)
		mmc_event_raise(container_of(node, struct scsi_nexus, link), event);
}

static enum mmc_event first_event(const struct mmc_belief *self, unsigned classes)
{
	unsigned event = 0;
	while (event < EVENT_COUNT &&
		!(self->events & 1u << event && classes & 1u << rows[event].class))
		event++;
	return event;
}

static void operational(struct scsi_nexus *nexus, unsigned code, struct response *r)
{
	response_u8(r, code);
	response_u8(r, nexus->prevent_persistent ? 0x80 : 0);
	response_be16(r, code ? 1 : 0); /* feature change */
}

static void power(struct scsi_nexus *nexus, unsigned code, struct response *r)
{
	response_u8(r, code);
	response_u8(r, mmc_drive_of_lu(nexus->lu)->power);
	response_zero(r, 2);
}

static void media(struct scsi_nexus *nexus, unsigned code, struct response *r)
{
	unsigned present = mmc_visible_disc(nexus) ? 0x02 : 0;
	unsigned door = mmc_visibly_open(nexus) ? 0x01 : 0;
	response_u8(r, code);
	response_u8(r, present | door);
	response_zero(r, 2); /* no slots */
}

static void descriptor(struct scsi_nexus *nexus, unsigned class, unsigned code, struct response *r)
{
	switch (class) {
	case CLASS_OPERATIONAL:
		operational(nexus, code, r);
		break;
	case CLASS_POWER:
		power(nexus, code, r);
		break;
	case CLASS_MEDIA:
		media(nexus, code, r);
		break;
	}
}

/* The whole descriptor has gone out: the event is reported, and so is an absence in it. */
static void reported(struct scsi_nexus *nexus, unsigned class, enum mmc_event event)
{
	if (event < EVENT_COUNT) {
		mmc_belief_of(nexus)->events &= ~(1u << event);
		scsi_lu_remember(nexus->lu);
	}
	if (class == CLASS_MEDIA)
		mmc_told_absent(nexus);
}

enum scsi_sense_code mmc_get_event_status(struct scsi_cmd *cmd)
{
	uint8_t buffer[REPLY_LENGTH];
	struct response r;
	uint16_t allocation = get_be16(cmd->cdb + 7);
	unsigned asked = cmd->cdb[4] & CLASSES;
	if (!(cmd->cdb[1] & 0x01))
		return scsi_invalid_cdb(
			cmd, 1, 0); /* asynchronous: needs queueing, which no host uses */

	mmc_nexus_of(cmd->nexus)->asks_for_events |= (asked & 1u << CLASS_MEDIA) != 0;
	enum mmc_event event = first_event(mmc_belief_of(cmd->nexus), asked);
	unsigned class = 0, code = 0;
	if (event < EVENT_COUNT) {
		class = rows[event].class;
		code = rows[event].code;
	} else if (asked) {
		class = (unsigned)__builtin_ctz(asked);
	}

	response_init(&r, buffer, sizeof buffer);
	size_t length = response_length_open(&r, 2);
	response_u8(&r, class ? class : NO_EVENT_AVAILABLE);
	response_u8(&r, CLASSES);
	descriptor(cmd->nexus, class, code, &r);
	response_length_close(&r, length, 2, 0);
	if (class && allocation >= REPLY_LENGTH && cmd->transfer_length >= REPLY_LENGTH)
		reported(cmd->nexus, class, event);
	return mmc_reply(cmd, &r, allocation);
}
