/* SPDX-License-Identifier: Apache-2.0 */
/* The drive as an object: made, loaded and unloaded by the library, looked at. */
#include "ssc/drive.h"

#include <assert.h>
#include <stdlib.h>

#include "drive_private.h"
#include "scsi/library.h"
#include "util/cleanup.h"

struct ssc_drive *ssc_drive_create(const struct ssc_drive_config *config)
{
	struct ssc_drive *drive = calloc(1, sizeof *drive);
	if (!drive)
		return NULL;
	drive->personality = config->personality;
	drive->buffer = malloc(config->personality->block_max);
	if (!drive->buffer) {
		free(drive);
		return NULL;
	}
	drive->mode = (struct ssc_mode){.buffered = true};
	struct scsi_lu_config lu = config->lu;
	lu.type = &ssc_device_type;
	lu.personality = &config->personality->scsi;
	scsi_lu_init(&drive->lu, &lu);
	return drive;
}

void ssc_drive_destroy(struct ssc_drive *drive)
{
	if (!drive)
		return;
	scsi_lu_finish(&drive->lu);
	assert(!drive->cartridge);
	free(drive->buffer);
	free(drive);
}

struct scsi_lu *ssc_drive_lu(struct ssc_drive *drive)
{
	return &drive->lu;
}

struct ssc_drive *ssc_drive_of_lu(struct scsi_lu *lu)
{
	return container_of(lu, struct ssc_drive, lu);
}

enum scsi_sense_code ssc_readiness(const struct ssc_drive *drive)
{
	if (drive->presence == SSC_READY)
		return SENSE_NONE;
	return drive->presence == SSC_SEATED && drive->held ? SENSE_AUXILIARY_MEMORY_ACCESSIBLE
							    : SENSE_MEDIUM_NOT_PRESENT;
}

bool ssc_is_protected(const struct ssc_drive *drive)
{
	const struct cartridge_status *cartridge = &drive->snapshot.cartridge;
	return drive->write_protected || (!cartridge->writable && !cartridge->failed);
}

/* ---- blocks ------------------------------------------------------------------------------------
 */

uint32_t ssc_block_max(const struct scsi_cmd *cmd)
{
	uint32_t own = ssc_drive_of(cmd)->personality->block_max, its = cmd->nexus->transfer_max;
	return its > 0 && its < own ? its : own;
}

/* ---- what others see ---------------------------------------------------------------------------
 */

/* Bytes that the medium took. A cartridge that is looked at again may count less than before. */
static void count_stored(struct ssc_drive *drive, uint64_t stored)
{
	if (stored > drive->stored_before)
		drive->bytes_stored += stored - drive->stored_before;
	drive->stored_before = stored;
}

/* A cartridge comes: what it counted elsewhere is not this drive's. */
static void take_in(struct ssc_drive *drive, struct cartridge *cartridge)
{
	struct cartridge_status status = {0};
	if (cartridge)
		cart_status(cartridge, &status);
	drive->cartridge = cartridge;
	drive->stored_before = status.counters.bytes_stored;
}

void ssc_snapshot(struct ssc_drive *drive)
{
	struct cartridge_status status = {0};
	if (drive->cartridge)
		cart_status(drive->cartridge, &status);
	SCOPED_LOCK(&drive->lu.lock);
	drive->snapshot.position = drive->position;
	drive->snapshot_warned = drive->warned_early;
	drive->snapshot.cartridge = status;
	count_stored(drive, status.counters.bytes_stored);
}

void ssc_drive_status(struct ssc_drive *drive, struct ssc_drive_status *ret)
{
	SCOPED_LOCK(&drive->lu.lock);
	*ret = drive->snapshot;
	ret->presence = drive->presence;
	ret->write_protected = drive->write_protected;
	ret->removal_prevented = scsi_removal_prevented(&drive->lu, true);
	ret->bytes_read = drive->bytes_read;
	ret->bytes_written = drive->bytes_written;
	ret->alerts = drive->alerts;
}

/* ---- loading -----------------------------------------------------------------------------------
 */

struct loading {
	struct scsi_queue_item item;
	struct ssc_drive *drive;
	struct cartridge *cartridge;
	bool write_protected;
	void (*loaded)(void *context);
	void (*unloaded)(void *context, struct cartridge *cartridge, int result);
	void *context;
};

static void become_ready(struct ssc_drive *drive, bool write_protected)
{
	SCOPED_LOCK(&drive->lu.lock);
	drive->presence = SSC_READY;
	drive->write_protected = write_protected;
	scsi_attention_raise_all(&drive->lu, ATTENTION_MEDIUM_CHANGED, NULL);
	scsi_lu_remember(&drive->lu);
}

static void run_load(struct scsi_queue_item *item)
{
	struct loading *loading = container_of(item, struct loading, item);
	struct ssc_drive *drive = loading->drive;
	assert(!drive->cartridge);
	take_in(drive, loading->cartridge);
	drive->position = 0;
	drive->warned_early = false;
	ssc_snapshot(drive);
	become_ready(drive, loading->write_protected);
	loading->loaded(loading->context);
	free(loading);
}

static void run_unload(struct scsi_queue_item *item)
{
	struct loading *loading = container_of(item, struct loading, item);
	struct ssc_drive *drive = loading->drive;
	scsi_lu_lock(&drive->lu);
	ssc_alerts_of_cartridge_gone(drive);
	scsi_lu_unlock(&drive->lu);
	int result = ssc_commit(drive); /* what fails now is told until the next one goes */
	if (result < 0)
		ssc_lost(drive, NULL);
	ssc_owe_nobody(drive);
	struct cartridge *cartridge = steal(drive->cartridge);
	scsi_lu_lock(&drive->lu);
	drive->presence = SSC_ABSENT;
	scsi_lu_remember(&drive->lu);
	scsi_lu_unlock(&drive->lu);
	drive->position = 0;
	ssc_snapshot(drive);
	loading->unloaded(loading->context, cartridge, result);
	free(loading);
}

void ssc_drive_restore(struct ssc_drive *drive, struct cartridge *cartridge, bool write_protected)
{
	assert(!drive->cartridge);
	take_in(drive, cartridge);
	ssc_snapshot(drive);
	SCOPED_LOCK(&drive->lu.lock);
	drive->presence = cartridge ? SSC_READY : SSC_ABSENT;
	drive->write_protected = write_protected;
}

static struct loading *loading_create(struct ssc_drive *drive, void *context)
{
	struct loading *loading = calloc(1, sizeof *loading);
	if (!loading)
		abort(); /* some 80 bytes */
	loading->drive = drive;
	loading->context = context;
	return loading;
}

static void enqueue(struct loading *loading, void (*run)(struct scsi_queue_item *item))
{
	loading->item.run = run;
	SCOPED_LOCK(&loading->drive->lu.lock);
	scsi_queue_add(&loading->drive->lu, &loading->item);
}

void ssc_drive_load(struct ssc_drive *drive, struct cartridge *cartridge, bool write_protected,
	void (*done)(void *context), void *context)
{
	struct loading *loading = loading_create(drive, context);
	loading->cartridge = cartridge;
	loading->write_protected = write_protected;
	loading->loaded = done;
	enqueue(loading, run_load);
}

void ssc_drive_unload(struct ssc_drive *drive,
	void (*done)(void *context, struct cartridge *cartridge, int result), void *context)
{
	struct loading *loading = loading_create(drive, context);
	loading->unloaded = done;
	enqueue(loading, run_unload);
}

/* ---- LOAD UNLOAD (SSC-4 7.3) --------------------------------------------------------------------
 */

static bool is_seated(struct ssc_drive *drive)
{
	SCOPED_LOCK(&drive->lu.lock);
	return drive->presence == SSC_SEATED;
}

/* What is on a tape that failed is looked for when it is threaded again. */
static enum scsi_sense_code thread(struct ssc_drive *drive, const struct scsi_nexus *who)
{
	bool seated = is_seated(drive);
	if (seated && cart_reopen(drive->cartridge) < 0)
		return SENSE_UNRECOVERED_READ_ERROR;
	drive->position = 0;
	drive->warned_early = false;
	ssc_snapshot(drive);
	if (!seated)
		return SENSE_NONE;
	SCOPED_LOCK(&drive->lu.lock);
	drive->presence = SSC_READY;
	scsi_attention_raise_all(&drive->lu, ATTENTION_MEDIUM_CHANGED, who);
	scsi_lu_remember(&drive->lu);
	return SENSE_NONE;
}

static enum scsi_sense_code load_unload(struct scsi_cmd *cmd)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	bool load = cmd->cdb[4] & 0x01, hold = cmd->cdb[4] & 0x08;
	enum scsi_sense_code code = ssc_barrier(cmd);
	if (code != SENSE_NONE)
		return code;
	if (load && !hold)
		return thread(drive, cmd->nexus);
	drive->position = 0;
	ssc_snapshot(drive);
	SCOPED_LOCK(&drive->lu.lock);
	drive->presence = SSC_SEATED;
	drive->held = hold;
	scsi_lu_remember(&drive->lu);
	drive->lu.library->event(drive->lu.library_context, &drive->lu, LIBRARY_EVENT_TRAY);
	return SENSE_NONE;
}

enum scsi_sense_code ssc_load_unload(struct scsi_cmd *cmd)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	bool load = cmd->cdb[4] & 0x01;
	if (cmd->cdb[4] & 0x04) /* EOT */
		return scsi_invalid_cdb(cmd, 4, 2);
	if (drive->presence == SSC_ABSENT)
		return SENSE_MEDIUM_NOT_PRESENT;
	if (!load && scsi_removal_prevented(&drive->lu, false)) {
		ssc_alert_no_removal(drive);
		return SENSE_REMOVAL_PREVENTED;
	}
	ssc_take_bearings(cmd);
	return scsi_unlocked(cmd, load_unload);
}
