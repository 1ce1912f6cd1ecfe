/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_exporter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/cleanup.h"

#include "scsi/port.h"

struct export
{
	struct exporter *exporter;
	char address[32];
	struct fake_device *device; /* of a host; NULL: of this machine */
};

void fake_wait_while_held(struct exporter *exporter)
{
	struct timespec span = {.tv_nsec = 1000000};
	atomic_fetch_add(&exporter->held, 1);
	while (atomic_load(&exporter->hold))
		nanosleep(&span, NULL);
	atomic_fetch_sub(&exporter->held, 1);
}

struct exporter *exporter_create(const struct exporter_config *config, struct error *error)
{
	struct exporter *exporter = calloc(1, sizeof(struct exporter));
	if (exporter)
		pthread_mutex_init(&exporter->lock, NULL);
	return exporter;
}

void exporter_destroy(struct exporter *exporter)
{
	free(exporter);
}

void exporter_remove_orphans(
	struct exporter *exporter, const char *const *keep_targets, const char *const *keep_devices)
{
	fake_kernel_sweep(exporter, keep_targets, keep_devices);
	unsigned kept = 0;
	while (keep_devices[kept])
		kept++;
	atomic_store(&exporter->orphans_kept, kept);
}

void exporter_port(const char *serial, struct scsi_port *ret)
{
	scsi_port_invent(ret, serial);
}

struct export *exporter_show(
	struct exporter *exporter, const struct export_request *request, struct error *error)
{
	fake_wait_while_held(exporter);
	if (atomic_load(&exporter->refuse_show)) {
		error_set(error, ERROR_KERNEL_TARGET, "Stop refusing.", "show refused");
		return NULL;
	}
	struct fake_device *device = request->remote ? fake_device_show(exporter, request) : NULL;
	if (request->remote && !device) {
		error_set(error, ERROR_KERNEL_TARGET, "Stop refusing.", "device refused");
		return NULL;
	}
	struct export *export = calloc(1, sizeof *export);
	export->exporter = exporter;
	export->device = device;
	snprintf(export->address, sizeof export->address, "0:0:%u:0", exporter->shown);
	atomic_store(&exporter->clean, request->clean);
	atomic_fetch_add(&exporter->shown, 1);
	return export;
}

const char *fake_export_device(const struct export *export)
{
	return export->device->name;
}

bool export_drain(struct export *export, unsigned timeout_ms)
{
	atomic_fetch_add(&export->exporter->drained, 1);
	return !atomic_load(&export->exporter->refuse_drain);
}

void export_release(struct export *export)
{
	struct exporter *exporter = export->exporter;
	atomic_fetch_add(&exporter->released, 1);
	pthread_mutex_lock(&exporter->lock);
	if (export->device)
		export->device->served = false;
	pthread_mutex_unlock(&exporter->lock);
	free(export);
}

bool export_remove(struct export *export, struct error *error)
{
	struct exporter *exporter = export->exporter;
	fake_wait_while_held(exporter);
	if (atomic_load(&exporter->refuse_remove))
		return error_set(error, ERROR_KERNEL_TARGET, "Stop refusing.", "remove refused");
	if (export->device && !fake_device_remove(exporter, export->device))
		return error_set(error, ERROR_KERNEL_TARGET, "Hide it.", "a target shows it");
	atomic_fetch_add(&exporter->removed, 1);
	free(export);
	return true;
}

bool export_address(struct export *export, char *ret, size_t size)
{
	snprintf(ret, size, "%s", export->address);
	return true;
}

void export_counters(struct export *export, struct export_counters *ret)
{
	*ret = (struct export_counters){1, 2, 3};
}

/* ---- devices of other programs ------------------------------------------------------------- */

void fake_exporter_put(
	struct exporter *exporter, const char *device, const char *drive, const char *nexus)
{
	SCOPED_LOCK(&exporter->lock);
	for (unsigned i = 0; i < FAKE_FOREIGN_MAX; i++) {
		struct exporter_foreign *foreign = &exporter->foreign[i];
		if (foreign->device[0])
			continue;
		*foreign = (struct exporter_foreign){
			.hba = i, .enabled = !atomic_load(&exporter->keep_disabled)};
		snprintf(foreign->device, sizeof foreign->device, "%s", device);
		snprintf(foreign->drive, sizeof foreign->drive, "%s", drive);
		snprintf(foreign->nexus, sizeof foreign->nexus, "%s", nexus);
		break;
	}
	if (exporter->changed)
		exporter->changed(exporter->context);
}

void fake_exporter_take(struct exporter *exporter, const char *device)
{
	SCOPED_LOCK(&exporter->lock);
	for (unsigned i = 0; i < FAKE_FOREIGN_MAX; i++)
		if (strcmp(exporter->foreign[i].device, device) == 0)
			exporter->foreign[i].device[0] = '\0';
	if (exporter->changed)
		exporter->changed(exporter->context);
}

void exporter_foreign_each(struct exporter *exporter,
	void (*each)(void *context, const struct exporter_foreign *foreign), void *context)
{
	struct exporter_foreign all[FAKE_FOREIGN_MAX];
	pthread_mutex_lock(&exporter->lock);
	memcpy(all, exporter->foreign, sizeof all);
	pthread_mutex_unlock(&exporter->lock);
	for (unsigned i = 0; i < FAKE_FOREIGN_MAX; i++)
		if (all[i].device[0])
			each(context, &all[i]);
}

struct export *exporter_attach(struct exporter *exporter, const struct exporter_foreign *foreign,
	const struct export_request *request, struct error *error)
{
	if (atomic_load(&exporter->refuse_attach)) {
		error_set(error, ERROR_KERNEL_TARGET, "Stop refusing.", "attach refused");
		return NULL;
	}
	struct export *export = calloc(1, sizeof *export);
	export->exporter = exporter;
	atomic_store(&exporter->clean, request->clean);
	atomic_fetch_add(&exporter->attached, 1);
	return export;
}

void export_abandon(struct export *export)
{
	atomic_fetch_add(&export->exporter->abandoned, 1);
	free(export);
}

void exporter_watch(struct exporter *exporter, void (*changed)(void *context), void *context)
{
	SCOPED_LOCK(&exporter->lock);
	exporter->changed = changed;
	exporter->context = context;
}

void exporter_watch_again(struct exporter *exporter, unsigned milliseconds)
{
	atomic_store(&exporter->again_ms, milliseconds);
}

void fake_exporter_enable(struct exporter *exporter, const char *device)
{
	SCOPED_LOCK(&exporter->lock);
	for (unsigned i = 0; i < FAKE_FOREIGN_MAX; i++)
		if (strcmp(exporter->foreign[i].device, device) == 0)
			exporter->foreign[i].enabled = true;
}

void fake_exporter_tell(struct exporter *exporter)
{
	SCOPED_LOCK(&exporter->lock);
	exporter->changed(exporter->context);
}
