/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each nexus believes about the medium. A nexus that believed in a medium that is gone must
 * first be told (02/3A on a command, or the absence in a media event), then a dwell passes, and
 * only then does it see what is in the drive now: with exactly one 06/28/00 and one NewMedia event.
 * Hosts that poll and hosts that compare two polls both notice, whatever they poll with.
 *
 * There is no timer. What became due happens at the next command of the nexus.
 */
#include "private.h"
#include "scsi/library.h"

static bool medium_inside(const struct mmc_drive *drive)
{
	return drive->disc && !drive->tray_open;
}

struct disc *mmc_visible_disc(struct scsi_nexus *nexus)
{
	return mmc_belief_of(nexus)->present ? mmc_drive_of_lu(nexus->lu)->disc : NULL;
}

/*
 * In the middle of a swap the door counts as open: then a host that wonders why there is no medium
 * waits for it (or asks for a load, which is answered GOOD), and does not take the drive for empty.
 */
bool mmc_visibly_open(struct scsi_nexus *nexus)
{
	const struct mmc_drive *drive = mmc_drive_of_lu(nexus->lu);
	return drive->tray_open || (medium_inside(drive) && !mmc_belief_of(nexus)->present);
}

static uint64_t now_ns(const struct scsi_lu *lu)
{
	return lu->clock->now_ns(lu->clock);
}

void mmc_told_absent(struct scsi_nexus *nexus)
{
	struct mmc_belief *self = mmc_belief_of(nexus);
	struct scsi_lu *lu = nexus->lu;
	if (self->present || self->told)
		return;
	self->told = true;
	self->absent_until_ns = now_ns(lu) + mmc_drive_of_lu(lu)->dwell_ns;
	scsi_lu_remember(lu);
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_TOLD);
}

void mmc_told_by_itself(struct scsi_nexus *nexus)
{
	struct mmc_belief *self = mmc_belief_of(nexus);
	if (self->present)
		return;
	self->told = true;
	self->absent_until_ns = 0;
	scsi_lu_remember(nexus->lu);
}

/*
 * A host that asks for no media events, was told that the tray is out and pulls the same medium in
 * again has learnt nothing by a unit attention; its next READ would only fail. (QEMU and tgt do so
 * with every host.) Who asks for events is told by both ways, or Linux' sr trusts neither.
 */
void mmc_pulls_in(struct scsi_nexus *nexus)
{
	struct mmc_nexus *self = mmc_nexus_of(nexus);
	self->pulls_in = !self->asks_for_events && !self->now.present && self->now.told;
	mmc_told_by_itself(nexus);
}

void mmc_nexus_lose(struct scsi_nexus *nexus)
{
	struct mmc_belief *self = mmc_belief_of(nexus);
	if (!self->present)
		return;
	self->present = false;
	self->told = false;
	mmc_nexus_of(nexus)->pulls_in = false;
	self->events &= ~((1u << EVENT_NEW_MEDIA) | (1u << EVENT_EJECT_REQUEST));
	mmc_event_raise(nexus, EVENT_MEDIA_REMOVAL);
}

static void see(struct scsi_nexus *nexus, const struct disc *disc)
{
	struct mmc_belief *self = mmc_belief_of(nexus);
	self->present = true;
	mmc_event_raise(nexus, EVENT_NEW_MEDIA);
	self->profile = disc->profile;
	mmc_nexus_of(nexus)->seen_generation = mmc_drive_of_lu(nexus->lu)->generation;
}

/* Nobody has told it anything yet, so there is nothing to take back: it sees what there is. */
void mmc_nexus_added(struct scsi_nexus *nexus)
{
	const struct mmc_drive *drive = mmc_drive_of_lu(nexus->lu);
	*mmc_nexus_of(nexus) = (struct mmc_nexus){.now = {.told = true}};
	if (medium_inside(drive))
		see(nexus, drive->disc);
}

static bool due(struct scsi_nexus *nexus, const struct mmc_drive *drive)
{
	const struct mmc_belief *self = mmc_belief_of(nexus);
	return medium_inside(drive) && !drive->changing && !self->present && self->told &&
	       now_ns(nexus->lu) >= self->absent_until_ns;
}

void mmc_refresh(struct scsi_nexus *nexus)
{
	struct mmc_drive *drive = mmc_drive_of_lu(nexus->lu);
	if (!due(nexus, drive))
		return;
	struct mmc_nexus *self = mmc_nexus_of(nexus);
	bool knows = self->pulls_in && self->seen_generation == drive->generation;
	if (mmc_belief_of(nexus)->profile != drive->disc->profile)
		mmc_event_raise(nexus, EVENT_OPERATIONAL_CHANGE);
	see(nexus, drive->disc);
	if (!knows)
		scsi_attention_raise(&nexus->attentions, ATTENTION_MEDIUM_CHANGED);
	scsi_lu_remember(nexus->lu);
	nexus->lu->library->event(nexus->lu->library_context, nexus->lu, LIBRARY_EVENT_TOLD);
}

/* MMC-6 4.1.6: NOT READY and why. A host that sees no medium is not told of a change going on. */
enum scsi_sense_code mmc_ready(struct scsi_cmd *cmd)
{
	struct mmc_drive *drive = mmc_drive_of(cmd);
	if (mmc_belief_of(cmd->nexus)->present)
		return drive->changing ? SENSE_BECOMING_READY : SENSE_NONE;
	mmc_told_absent(cmd->nexus);
	return mmc_visibly_open(cmd->nexus) ? SENSE_NO_MEDIUM_TRAY_OPEN
					    : SENSE_NO_MEDIUM_TRAY_CLOSED;
}
