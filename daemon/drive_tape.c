/* SPDX-License-Identifier: Apache-2.0 */
/* The tape drive as a kind: its cartridge, and what readers see of it. */
#include "drive_tape.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "library_paths.h"
#include "log.h"
#include "ssc/native.h"
#include "util/cleanup.h"

static bool has_personality(const char *personality)
{
	return ssc_personality_find(personality);
}

static bool fits(const char *personality, const struct catalog_medium *medium)
{
	return strcmp(ssc_personality_find(personality)->medium, medium->medium_type) == 0;
}

static bool create(struct drive *drive, struct error *error)
{
	struct library *library = drive->library;
	struct ssc_drive_config config = {
		.lu = drive_lu_config(drive, library->config.mechanisms),
		.personality = ssc_personality_find(drive->row.personality),
	};
	drive->ssc = ssc_drive_create(&config);
	if (!drive->ssc)
		return error_set(error, ERROR_NO_MEMORY, "Free some memory and try again.",
			"drive %s: out of memory", drive->row.name);
	drive->lu = ssc_drive_lu(drive->ssc);
	return true;
}

/* ---- going ------------------------------------------------------------------------------------
 */

struct unloading {
	pthread_mutex_t lock;
	pthread_cond_t done;
	bool is_done;
	struct cartridge *cartridge;
	int result;
};

static void unloaded(void *context, struct cartridge *cartridge, int result)
{
	struct unloading *unloading = context;
	SCOPED_LOCK(&unloading->lock);
	unloading->cartridge = cartridge;
	unloading->result = result;
	unloading->is_done = true;
	pthread_cond_signal(&unloading->done);
}

static struct cartridge *take_out(struct drive *drive, int *ret_result)
{
	struct unloading unloading = {
		PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, NULL, 0};
	ssc_drive_unload(drive->ssc, unloaded, &unloading);
	pthread_mutex_lock(&unloading.lock);
	while (!unloading.is_done)
		pthread_cond_wait(&unloading.done, &unloading.lock);
	pthread_mutex_unlock(&unloading.lock);
	*ret_result = unloading.result;
	return unloading.cartridge;
}

static void destroy(struct drive *drive)
{
	int result;
	struct cartridge *cartridge = take_out(drive, &result);
	int closed = cart_close(cartridge);
	if (result < 0 || closed < 0)
		log_error("drive %s: what was written last to %s was lost: %s", drive->row.name,
			drive->row.medium, strerror(result < 0 ? -result : -closed));
	ssc_drive_destroy(drive->ssc);
}

/* ---- the cartridge in it ----------------------------------------------------------------------
 */

struct cartridge *tape_open(
	struct library *library, const struct catalog_medium *medium, struct error *error)
{
	struct cartridge_status status;
	char path[PATH_MAX];
	if (!library_locate(&library->config, medium->path, path, error))
		return NULL;
	struct cartridge *cartridge = native_open(library->config.store, path, true, NULL, error);
	if (!cartridge)
		return NULL;
	cart_status(cartridge, &status);
	if (strcmp(status.barcode, medium->barcode) == 0)
		return cartridge;
	error_set(error, ERROR_IMAGE_CHANGED,
		"Put the file of that tape there, or remove the medium and add the file again.",
		"%.250s is the tape %s, not %s", medium->path, status.barcode, medium->barcode);
	cart_close(cartridge);
	return NULL;
}

static struct cartridge *open_placed(struct drive *drive)
{
	struct library *library = drive->library;
	struct error error = {0};
	struct cartridge *cartridge = NULL;
	if (catalog_medium_find(library->catalog, drive->row.medium, &drive->medium, &error))
		cartridge = tape_open(library, &drive->medium, &error);
	if (!cartridge)
		drive_set_failure(drive, drive->medium_failure, &error);
	return cartridge;
}

static void place(struct drive *drive)
{
	struct cartridge *cartridge = drive->row.medium[0] ? open_placed(drive) : NULL;
	ssc_drive_restore(drive->ssc, cartridge, drive->medium.write_protected);
}

static void recalled(struct drive *drive, bool known)
{
	if (known)
		ssc_drive_told_matches(drive->ssc);
}

static enum scsi_sense_code request(struct drive *drive, struct scsi_cmd *cmd)
{
	return SENSE_INTERNAL_TARGET_FAILURE; /* there is no tray to move */
}

static void note_fault(struct drive *drive, uint64_t object)
{
	char fault[CATALOG_TEXT_MAX];
	snprintf(fault, sizeof fault, "object %llu cannot be read", (unsigned long long)object);
	drive_note_fault(drive, fault);
}

/* ---- what readers see -------------------------------------------------------------------------
 */

static void fill_tape(const struct ssc_drive_status *status, struct library_tape *ret)
{
	const struct cartridge_status *cartridge = &status->cartridge;
	*ret = (struct library_tape){.threaded = status->presence == SSC_READY,
		.writable = cartridge->writable && !status->write_protected,
		.damaged = cartridge->damaged,
		.damaged_object = cartridge->damaged_object,
		.position = status->position,
		.end = cartridge->eod,
		.filemarks = cartridge->filemarks,
		.bytes = cartridge->bytes,
		.used = cartridge->used,
		.capacity = cartridge->capacity,
		.mounts = cartridge->counters.mounts};
	snprintf(ret->reason, sizeof ret->reason, "%s",
		!cartridge->writable      ? cartridge->reason
		: status->write_protected ? "its write protect tab is set"
					  : "");
}

static void fill_hosts(struct drive *drive, bool ready, struct library_drive *ret)
{
	SCOPED_LOCK(&drive->lu->lock);
	list_for_each (node, &drive->lu->nexuses) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (nexus->away)
			continue;
		struct library_host host = {.locks = nexus->prevent || nexus->prevent_persistent,
			.sees_medium = ready,
			.told = nexus->attentions == 0,
			.commands = scsi_recorder_count(&nexus->recorder)};
		drive_add_host(drive, ret, nexus->name, &host);
	}
}

static const char *state_name(const struct drive *drive, enum ssc_presence presence)
{
	if (drive->changing)
		return "changing";
	return presence == SSC_READY ? "loaded" : presence == SSC_SEATED ? "unloaded" : "empty";
}

static void fill(struct drive *drive, struct library_drive *ret)
{
	struct ssc_drive_status status;
	ssc_drive_status(drive->ssc, &status);
	ret->locked = status.removal_prevented;
	snprintf(ret->state, sizeof ret->state, "%s", state_name(drive, status.presence));
	ret->has_tape = status.presence != SSC_ABSENT;
	if (ret->has_tape)
		fill_tape(&status, &ret->tape);
	ret->alerts = status.alerts;
	ret->bytes_read = status.bytes_read;
	ret->bytes_written = status.bytes_written;
	fill_hosts(drive, status.presence == SSC_READY, ret);
}

const struct drive_kind drive_kind_tape = {
	.name = "tape",
	.medium_kind = "tape",
	.has_personality = has_personality,
	.create = create,
	.destroy = destroy,
	.place = place,
	.recalled = recalled,
	.load = tape_load,
	.eject = tape_eject,
	.give_up = tape_give_up,
	.fits = fits,
	.request = request,
	.fault = note_fault,
	.fill = fill,
};
