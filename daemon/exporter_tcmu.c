/* SPDX-License-Identifier: Apache-2.0 */
/* Drives shown through the kernel target: one TCMU device each, over the loopback fabric. */
#include "exporter.h"

#include <stdlib.h>
#include <string.h>

#include "scsi/lu.h"
#include "tcmu/transport.h"

enum {
	DATA_AREA_MB = 16,
	RESET_BUSY = 1, /* hosts send it again */
	RESET_FAIL = 2, /* hosts see a failure */
};

struct exporter {
	struct tcmu_transport *transport;
};

struct export
{
	struct tcmu_device *device;
};

struct exporter *exporter_create(const struct exporter_config *config, struct error *error)
{
	struct tcmu_config tcmu = {.failed = config->failed};
	struct exporter *exporter = calloc(1, sizeof *exporter);
	if (exporter && tcmu_available(&tcmu, error))
		exporter->transport = tcmu_transport_create(&tcmu, error);
	if (!exporter || !exporter->transport) {
		free(exporter);
		return NULL;
	}
	return exporter;
}

void exporter_destroy(struct exporter *exporter)
{
	if (!exporter)
		return;
	tcmu_transport_destroy(exporter->transport);
	free(exporter);
}

void exporter_remove_orphans(struct exporter *exporter, const char *const *keep)
{
	tcmu_remove_orphans(exporter->transport, keep);
}

void exporter_port(const char *serial, struct scsi_port *ret)
{
	tcmu_loopback_port(serial, ret);
}

/* What an earlier daemon left, and what will not go, stays for a later one; nobody serves it. */
static void give_up(struct tcmu_device *device, bool adopted)
{
	if (adopted || !tcmu_device_remove(device, NULL))
		tcmu_device_release(device);
}

struct export *exporter_show(
	struct exporter *exporter, const struct export_request *request, struct error *error)
{
	struct tcmu_device_config config = {
		.name = request->name,
		.serial = request->serial,
		.nexus = request->nexus,
		.data_area_mb = DATA_AREA_MB,
		.clean = request->clean,
		.data_with_sense = request->sequential,
		.reset_action = request->sequential ? RESET_FAIL : RESET_BUSY,
		.context = request->context,
	};
	struct export *export = calloc(1, sizeof *export);
	bool adopted;
	if (!export) {
		error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
		return NULL;
	}
	request->nexus->transfer_max = TCMU_TRANSFER_MAX;
	export->device = tcmu_device_attach(exporter->transport, &config, &adopted, error);
	if (export->device && tcmu_loopback_export(export->device, error))
		return export;
	if (export->device)
		give_up(export->device, adopted);
	free(export);
	return NULL;
}

bool export_drain(struct export *export, unsigned timeout_ms)
{
	return tcmu_device_drain(export->device, timeout_ms);
}

void export_release(struct export *export)
{
	tcmu_device_release(export->device);
	free(export);
}

bool export_remove(struct export *export, struct error *error)
{
	if (!tcmu_device_remove(export->device, error))
		return false;
	free(export);
	return true;
}

bool export_address(struct export *export, char *ret, size_t size)
{
	if (!tcmu_loopback_address(export->device, ret, size))
		return false;
	ret[strcspn(ret, " ")] = '\0'; /* what its block device is called is the client's to find */
	return true;
}

void export_counters(struct export *export, struct export_counters *ret)
{
	struct tcmu_counters counters;
	tcmu_device_counters(export->device, &counters);
	*ret = (struct export_counters){counters.wakeups, counters.kicks, counters.allocations};
}
