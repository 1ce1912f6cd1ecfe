/* SPDX-License-Identifier: Apache-2.0 */
/* The drive as the library moves it: what is on the tray, and whether the tray is out. */
#include "private.h"
#include "scsi/library.h"
#include "util/cleanup.h"

static struct disc *ref(struct disc *disc)
{
	return disc ? disc_get(disc) : NULL;
}

static void announce(struct mmc_drive *drive, enum library_event event)
{
	drive->lu.library->event(drive->lu.library_context, &drive->lu, event);
}

void mmc_drive_restore(struct mmc_drive *drive, struct disc *disc, bool tray_open)
{
	SCOPED_LOCK(&drive->lu.lock);
	disc_put(drive->disc);
	drive->disc = ref(disc);
	drive->tray_open = tray_open;
	drive->generation = disc ? 1 : 0;
	list_for_each (node, &drive->lu.nexuses) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		mmc_nexus_added(nexus);
	}
}

bool mmc_drive_begin_change(struct mmc_drive *drive)
{
	SCOPED_LOCK(&drive->lu.lock);
	drive->changing = true;
	return scsi_lu_drained(&drive->lu);
}

void mmc_drive_cancel_change(struct mmc_drive *drive)
{
	SCOPED_LOCK(&drive->lu.lock);
	drive->changing = false;
}

static void lose(const struct list *nexuses)
{
	list_for_each (node, nexuses)
		mmc_nexus_lose(container_of(node, struct scsi_nexus, link));
}

/* lu->lock held. Takes over the reference to `disc`; returns the one that was there. */
static struct disc *replace(struct mmc_drive *drive, struct disc *disc, bool tray_open)
{
	struct disc *old = drive->disc;
	bool tray_moved = drive->tray_open != tray_open;
	drive->changing = false;
	if (disc == old && !tray_moved)
		return old;
	lose(&drive->lu.nexuses);
	lose(&drive->lu.dormant);
	if (disc && disc != old) {
		drive->generation++;
		drive->speed_kb = 0;
		drive->last_lba = 0;
	}
	drive->disc = disc;
	drive->tray_open = tray_open;
	scsi_lu_remember(&drive->lu);
	if (tray_moved)
		announce(drive, LIBRARY_EVENT_TRAY);
	return old;
}

void mmc_drive_publish(struct mmc_drive *drive, struct disc *disc, bool tray_open)
{
	scsi_lu_lock(&drive->lu);
	struct disc *old = replace(drive, ref(disc), tray_open);
	scsi_lu_unlock(&drive->lu);
	disc_put(old); /* may close a file: not under the lock */
}

void mmc_drive_move_tray(struct mmc_drive *drive, bool open)
{
	SCOPED_LOCK(&drive->lu.lock);
	replace(drive, drive->disc, open);
}

void mmc_drive_request_eject(struct mmc_drive *drive)
{
	SCOPED_LOCK(&drive->lu.lock);
	mmc_event_raise_all(drive, EVENT_EJECT_REQUEST);
	scsi_lu_remember(&drive->lu);
}
