/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_exporter.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "scsi/port.h"

struct export
{
	struct exporter *exporter;
	char address[32];
};

static void wait_while_held(struct exporter *exporter)
{
	struct timespec span = {.tv_nsec = 1000000};
	atomic_fetch_add(&exporter->held, 1);
	while (atomic_load(&exporter->hold))
		nanosleep(&span, NULL);
	atomic_fetch_sub(&exporter->held, 1);
}

struct exporter *exporter_create(const struct exporter_config *config, struct error *error)
{
	return calloc(1, sizeof(struct exporter));
}

void exporter_destroy(struct exporter *exporter)
{
	free(exporter);
}

void exporter_remove_orphans(struct exporter *exporter, const char *const *keep)
{
	for (unsigned i = 0; keep[i]; i++)
		atomic_fetch_add(&exporter->orphans_kept, 1);
}

void exporter_port(const char *serial, struct scsi_port *ret)
{
	scsi_port_invent(ret, serial);
}

struct export *exporter_show(
	struct exporter *exporter, const struct export_request *request, struct error *error)
{
	wait_while_held(exporter);
	if (atomic_load(&exporter->refuse_show)) {
		error_set(error, ERROR_KERNEL_TARGET, "Stop refusing.", "show refused");
		return NULL;
	}
	struct export *export = calloc(1, sizeof *export);
	export->exporter = exporter;
	snprintf(export->address, sizeof export->address, "0:0:%u:0", exporter->shown);
	atomic_store(&exporter->clean, request->clean);
	atomic_fetch_add(&exporter->shown, 1);
	return export;
}

bool export_drain(struct export *export, unsigned timeout_ms)
{
	atomic_fetch_add(&export->exporter->drained, 1);
	return !atomic_load(&export->exporter->refuse_drain);
}

void export_release(struct export *export)
{
	atomic_fetch_add(&export->exporter->released, 1);
	free(export);
}

bool export_remove(struct export *export, struct error *error)
{
	struct exporter *exporter = export->exporter;
	wait_while_held(exporter);
	if (atomic_load(&exporter->refuse_remove))
		return error_set(error, ERROR_KERNEL_TARGET, "Stop refusing.", "remove refused");
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
