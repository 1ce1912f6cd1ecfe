/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library_private.h"
#include "scsi/port.h"
#include "util/cleanup.h"

enum { FAILURES_MAX = 3 };

/* ---- names ----------------------------------------------------------------------------------- */

static const char *nexus_name(
	const struct kernel_export *export, const char *initiator, char ret[SCSI_NEXUS_NAME_MAX])
{
	snprintf(ret, SCSI_NEXUS_NAME_MAX, "%s@%s", initiator[0] ? initiator : "anybody",
		export->name);
	return ret;
}

/* FNV-1a: the same after every restart, and two hosts of one drive have not the same. */
static uint64_t hash(const char *text)
{
	uint64_t value = 0xcbf29ce484222325u;
	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 0x100000001b3u;
	return value;
}

/*
 * "dvd0.0123456789abcdef". It is the unit serial number in configfs too: tcm_loop's names are made
 * of that, and the drive's own is the loopback device's.
 */
static void name_device(struct kernel_unit *unit, const char *nexus)
{
	snprintf(unit->device, sizeof unit->device, "%.32s.%016" PRIx64, unit->drive->row.name,
		hash(nexus));
}

/*
 * The kernel says nothing of the ISID before the first command, and a host is one nexus with any:
 * what it registers is registered for its name.
 */
static void set_port(struct kernel_unit *unit, const char *initiator, uint16_t target)
{
	static const uint8_t any_isid[SCSI_ISID_LENGTH];
	struct scsi_port port;
	if (initiator[0])
		scsi_port_iscsi(&port, initiator, any_isid, target);
	else
		scsi_port_invent(&port, unit->nexus->name);
	port.target = target;
	scsi_nexus_set_port(unit->nexus, &port);
}

/* ---- hosts and units that come --------------------------------------------------------------- */

static struct kernel_host *find_host(struct kernel_export *export, const char *initiator)
{
	list_for_each_safe (node, &export->hosts) {
		if (strcmp(kernel_host_at(node)->initiator, initiator) == 0)
			return kernel_host_at(node);
	}
	return NULL;
}

static struct kernel_host *get_host(
	struct kernel_exports *kernel, struct kernel_export *export, const char *initiator)
{
	struct kernel_host *host = find_host(export, initiator);
	if (host || !(host = calloc(1, sizeof *host)))
		return host;
	snprintf(host->initiator, sizeof host->initiator, "%s", initiator);
	list_init(&host->units);
	SCOPED_LOCK(&kernel->lock);
	host->serial = ++kernel->serials;
	list_append(&export->hosts, &host->link);
	return host;
}

static struct kernel_unit *find_unit(struct kernel_host *host, const char *drive)
{
	list_for_each (node, &host->units)
		if (strcmp(kernel_unit_at(node)->drive->row.name, drive) == 0)
			return kernel_unit_at(node);
	return NULL;
}

typedef struct scsi_nexus *(*make_nexus)(struct scsi_lu *lu, const char *name);

static struct kernel_unit *unit_new(
	struct kernel_exports *kernel, const char *name, struct drive *drive, make_nexus make)
{
	struct kernel_unit *unit = calloc(1, sizeof *unit);
	if (!unit || !(unit->nexus = make(drive->lu, name))) {
		free(unit);
		return NULL;
	}
	scsi_nexus_watch(unit->nexus);
	unit->kernel = kernel;
	unit->drive = drive;
	unit->shown_lun = -1;
	unit->clean = !kernel->library->running && kernel->library->config.clean;
	name_device(unit, name);
	drive->sessions++;
	return unit;
}

/* drives_lock held, or nobody else there yet. NULL: out of memory, or the nexus is in use. */
static struct kernel_unit *make_unit(struct kernel_exports *kernel, struct kernel_export *export,
	const struct catalog_export *row, struct kernel_host *host, struct drive *drive,
	make_nexus make)
{
	char name[SCSI_NEXUS_NAME_MAX];
	struct kernel_unit *unit =
		unit_new(kernel, nexus_name(export, host->initiator, name), drive, make);
	if (unit)
		set_port(unit, host->initiator, row->port);
	return unit;
}

static void add_unit(
	struct kernel_exports *kernel, struct kernel_host *host, struct kernel_unit *unit)
{
	SCOPED_LOCK(&kernel->lock);
	list_append(&host->units, &unit->link);
}

static const char *initiator_at(const struct catalog_export *row, unsigned index)
{
	if (row->initiator_count == 0 && index == 0)
		return "";
	return index < row->initiator_count ? row->initiators[index] : NULL;
}

bool kernel_row_shows(const struct catalog_export *row, const struct drive *drive)
{
	for (unsigned i = 0; i < row->lun_count; i++)
		if (strcmp(row->luns[i].drive, drive->row.name) == 0)
			return true;
	return false;
}

/* What was written down is not read yet, so nothing may be written: create, not enter. */
void kernel_units_enter(struct kernel_exports *kernel, struct kernel_export *export,
	const struct catalog_export *row, struct drive *drive)
{
	const char *initiator;
	for (unsigned i = 0; (initiator = initiator_at(row, i)); i++) {
		struct kernel_host *host = get_host(kernel, export, initiator);
		struct kernel_unit *unit =
			host ? make_unit(kernel, export, row, host, drive, scsi_nexus_create)
			     : NULL;
		if (unit)
			add_unit(kernel, host, unit);
	}
}

static bool no_memory(struct error *error)
{
	return error_set(
		error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
}

/* A drive that goes, or is gone, is left out: NULL without an error. */
static struct kernel_unit *come(struct kernel_exports *kernel, struct kernel_export *export,
	const struct catalog_export *row, struct kernel_host *host, const char *name,
	struct error *error)
{
	struct library *library = kernel->library;
	SCOPED_LOCK(&library->drives_lock);
	struct drive *drive = drive_find(library, name);
	if (!drive || drive->going)
		return NULL;
	struct kernel_unit *unit = make_unit(kernel, export, row, host, drive, scsi_nexus_enter);
	if (!unit)
		error_set(error, ERROR_NO_MEMORY, "Free some memory and put the export again.",
			"drive %s is not shown to %.100s: out of memory, or it has such a nexus "
			"already",
			name, host->initiator[0] ? host->initiator : "anybody");
	return unit;
}

static bool is_going(struct kernel_unit *unit)
{
	SCOPED_LOCK(&unit->drive->library->drives_lock);
	return unit->drive->going;
}

static bool want_unit(struct kernel_exports *kernel, struct kernel_export *export,
	const struct catalog_export *row, struct kernel_host *host, unsigned index,
	struct error *error)
{
	const struct catalog_export_lun *lun = &row->luns[index];
	struct error why = {0};
	struct kernel_unit *unit = find_unit(host, lun->drive);
	if (!unit && (unit = come(kernel, export, row, host, lun->drive, &why)))
		add_unit(kernel, host, unit);
	if (unit && !is_going(unit)) {
		scsi_nexus_set_target_name(unit->nexus, row->target, TARGET_PORTAL_GROUP);
		unit->lun = lun->lun;
		unit->wanted = host->wanted = true;
	}
	if (why.code != ERROR_NONE)
		*error = why;
	return why.code == ERROR_NONE;
}

void kernel_units_want_none(struct kernel_export *export)
{
	list_for_each_safe (node, &export->hosts) {
		kernel_host_at(node)->wanted = false;
		list_for_each (unit, &kernel_host_at(node)->units)
			kernel_unit_at(unit)->wanted = false;
	}
}

bool kernel_units_want(struct kernel_exports *kernel, struct kernel_export *export,
	const struct catalog_export *row, struct error *error)
{
	const char *initiator;
	bool complete = true;
	kernel_units_want_none(export);
	for (unsigned i = 0; (initiator = initiator_at(row, i)); i++) {
		struct kernel_host *host = get_host(kernel, export, initiator);
		if (!host)
			return no_memory(error);
		for (unsigned j = 0; j < row->lun_count; j++)
			complete &= want_unit(kernel, export, row, host, j, error);
	}
	return complete;
}

/* ---- devices --------------------------------------------------------------------------------- */

static void ring_failed(void *context, const char *reason)
{
	struct kernel_unit *unit = context;
	atomic_store(&unit->failed, true);
	kernel_exports_look(unit->kernel);
}

static bool is_broken(struct kernel_unit *unit, struct error *error)
{
	return error_set(error, ERROR_KERNEL_TARGET,
		"Look at the kernel's log (dmesg), and restart carouseld.",
		"the ring of the device %s failed again and again, and it is not served any more",
		unit->device);
}

/* It begins with a reset: hosts are answered BUSY, or told that their command failed. */
static bool attach(struct kernel_exports *kernel, struct kernel_unit *unit, struct error *error)
{
	if (atomic_load(&unit->failed) && unit->failures >= FAILURES_MAX)
		return is_broken(unit, error);
	if (atomic_exchange(&unit->failed, false)) {
		unit->failures++;
		if (unit->export)
			export_release(steal(unit->export));
	}
	if (unit->export)
		return true;
	const struct export_request request = {.name = unit->device,
		.serial = unit->device,
		.nexus = unit->nexus,
		.clean = unit->clean,
		.remote = true,
		.sequential = !unit->drive->kind->repeatable,
		.failed = ring_failed,
		.context = unit};
	unit->export = exporter_show(kernel->library->config.exporter, &request, error);
	unit->clean = false;
	return unit->export != NULL;
}

bool kernel_units_attach(
	struct kernel_exports *kernel, struct kernel_export *export, struct error *error)
{
	bool complete = true;
	list_for_each_safe (node, &export->hosts) {
		list_for_each (at, &kernel_host_at(node)->units)
			if (kernel_unit_at(at)->wanted)
				complete &= attach(kernel, kernel_unit_at(at), error);
	}
	return complete;
}

/* The drive may go after that. */
static void leave(struct kernel_exports *kernel, struct kernel_unit *unit)
{
	struct drive *drive = unit->drive;
	pthread_mutex_lock(&kernel->lock);
	list_remove(&unit->link);
	pthread_mutex_unlock(&kernel->lock);
	scsi_nexus_leave(unit->nexus);
	free(unit);
	SCOPED_LOCK(&drive->library->drives_lock);
	drive_session_left(drive);
}

static bool remove_units(
	struct kernel_exports *kernel, struct kernel_host *host, struct error *error)
{
	bool complete = true;
	list_for_each_safe (node, &host->units) {
		struct kernel_unit *unit = kernel_unit_at(node);
		if (unit->wanted)
			continue;
		if (!unit->export || export_remove(unit->export, error))
			leave(kernel, unit);
		else
			complete = false;
	}
	return complete;
}

bool kernel_units_remove(
	struct kernel_exports *kernel, struct kernel_export *export, struct error *error)
{
	bool complete = true;
	list_for_each_safe (node, &export->hosts) {
		struct kernel_host *host = kernel_host_at(node);
		complete &= remove_units(kernel, host, error);
		if (!list_empty(&host->units))
			continue;
		pthread_mutex_lock(&kernel->lock);
		list_remove(&host->link);
		pthread_mutex_unlock(&kernel->lock);
		free(host);
	}
	return complete;
}

/* ---- start and stop -------------------------------------------------------------------------- */

unsigned kernel_units_devices(struct kernel_export *export, char (*ret)[KERNEL_DEVICE_MAX],
	unsigned capacity, unsigned count)
{
	list_for_each_safe (node, &export->hosts) {
		list_for_each (at, &kernel_host_at(node)->units) {
			if (count < capacity)
				memcpy(ret[count], kernel_unit_at(at)->device, KERNEL_DEVICE_MAX);
			count++;
		}
	}
	return count;
}

bool kernel_units_drain(struct kernel_export *export, unsigned timeout_ms)
{
	bool drained = true;
	list_for_each_safe (node, &export->hosts) {
		list_for_each (at, &kernel_host_at(node)->units)
			if (kernel_unit_at(at)->export && !atomic_load(&kernel_unit_at(at)->failed))
				drained &= export_drain(kernel_unit_at(at)->export, timeout_ms);
	}
	return drained;
}

void kernel_units_release(struct kernel_export *export)
{
	list_for_each_safe (node, &export->hosts) {
		list_for_each (at, &kernel_host_at(node)->units)
			if (kernel_unit_at(at)->export)
				export_release(steal(kernel_unit_at(at)->export));
	}
}

void kernel_units_destroy(struct kernel_export *export)
{
	list_for_each_safe (node, &export->hosts) {
		struct kernel_host *host = kernel_host_at(node);
		list_for_each_safe (at, &host->units) {
			scsi_nexus_destroy(kernel_unit_at(at)->nexus);
			free(kernel_unit_at(at));
		}
		free(host);
	}
}
