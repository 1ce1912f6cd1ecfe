/* SPDX-License-Identifier: Apache-2.0 */
/* The drive as an object: made, found, looked at. */
#include "mmc/drive.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "private.h"
#include "util/cleanup.h"

enum { NS_PER_MS = 1000000 };

struct mmc_drive *mmc_drive_create(const struct mmc_drive_config *config)
{
	struct mmc_drive *drive = calloc(1, sizeof *drive);
	if (!drive)
		return NULL;
	struct scsi_lu_config lu = config->lu;
	lu.type = &mmc_device_type;
	lu.personality = &config->personality->scsi;
	drive->personality = config->personality;
	drive->dwell_ns = (uint64_t)config->dwell_ms * NS_PER_MS;
	drive->power = POWER_ACTIVE;
	scsi_lu_init(&drive->lu, &lu);
	return drive;
}

void mmc_drive_destroy(struct mmc_drive *drive)
{
	if (!drive)
		return;
	scsi_lu_finish(&drive->lu);
	disc_put(drive->disc);
	free(drive);
}

struct scsi_lu *mmc_drive_lu(struct mmc_drive *drive)
{
	return &drive->lu;
}

struct mmc_drive *mmc_drive_of_lu(struct scsi_lu *lu)
{
	return container_of(lu, struct mmc_drive, lu);
}

bool mmc_drive_fits(struct mmc_drive *drive, enum mmc_profile profile)
{
	for (const enum mmc_profile *p = drive->personality->profiles; *p != PROFILE_NONE; p++)
		if (*p == profile)
			return true;
	return false;
}

/*
 * Told of the present state: it sees the medium that is inside, or knows that there is none. A host
 * that has not looked since power on believes in nothing yet, and nobody waits for it.
 */
static bool is_told(const struct mmc_drive *drive, struct scsi_nexus *nexus)
{
	const struct mmc_belief *self = mmc_belief_of(nexus);
	bool inside = drive->disc && !drive->tray_open;
	if (nexus->attentions & 1u << ATTENTION_POWER_ON)
		return true;
	return inside ? self->present : self->told;
}

static void look_at(struct scsi_nexus *nexus, struct mmc_nexus_status *ret)
{
	const struct mmc_belief *self = mmc_belief_of(nexus);
	*ret = (struct mmc_nexus_status){
		.prevent = nexus->prevent,
		.prevent_persistent = nexus->prevent_persistent,
		.told = is_told(mmc_drive_of_lu(nexus->lu), nexus),
		.sees_medium = self->present,
		.commands = scsi_recorder_count(&nexus->recorder),
	};
	snprintf(ret->name, sizeof ret->name, "%s", nexus->name);
}

bool mmc_nexus_sees_medium(struct scsi_nexus *nexus)
{
	SCOPED_LOCK(&nexus->lu->lock);
	return mmc_belief_of(nexus)->present;
}

void mmc_drive_status(struct mmc_drive *drive, struct mmc_drive_status *ret)
{
	SCOPED_LOCK(&drive->lu.lock);
	*ret = (struct mmc_drive_status){
		.tray_open = drive->tray_open,
		.has_disc = drive->disc != NULL,
		.changing = drive->changing,
		.removal_prevented = scsi_removal_prevented(&drive->lu, true),
		.eject_prevented = scsi_removal_prevented(&drive->lu, false),
		.all_told = true,
		.generation = drive->generation,
		.disc = drive->disc ? disc_get(drive->disc) : NULL,
	};
	list_for_each (node, &drive->lu.nexuses) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		struct mmc_nexus_status one;
		if (nexus->away)
			continue;
		look_at(nexus, &one);
		ret->all_told = ret->all_told && one.told;
		if (ret->nexus_count < MMC_NEXUSES_SHOWN)
			ret->nexuses[ret->nexus_count++] = one;
	}
}
