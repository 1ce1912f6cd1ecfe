/* SPDX-License-Identifier: Apache-2.0 */
/* Persistent reservations that outlive power loss: the catalog first, then the drive. */
#include <stdlib.h>

#include "library_private.h"
#include "log.h"
#include "util/cleanup.h"

static bool commit(struct drive *drive, const struct scsi_persistent_change *change)
{
	struct error error = {0};
	if (catalog_reservations_save(drive->library->catalog, drive->row.name, change->record,
		    change->length, &error))
		return true;
	log_error("drive %s: %s", drive->row.name, error.sentence);
	return false;
}

enum scsi_sense_code drive_reserve_persistently(struct drive *drive, struct scsi_cmd *cmd)
{
	_cleanup_free_ struct scsi_persistent_change *change = calloc(1, sizeof *change);
	if (!change)
		return SENSE_INSUFFICIENT_REGISTRATIONS;
	enum scsi_sense_code code = scsi_persistent_begin(drive->lu, cmd, change);
	if (code != SENSE_NONE)
		return code;
	return scsi_persistent_end(drive->lu, cmd, change, commit(drive, change));
}

static void restore(void *context, const void *record, size_t length)
{
	struct drive *drive = context;
	if (!scsi_persistent_restore(drive->lu, record, length))
		log_error("drive %s: its persistent reservations in the catalog are damaged; "
			  "nobody is registered",
			drive->row.name);
}

void drive_restore_reservations(struct drive *drive)
{
	struct error error = {0};
	if (!catalog_reservations_find(
		    drive->library->catalog, drive->row.name, restore, drive, &error))
		log_error("drive %s: %s", drive->row.name, error.sentence);
}
