/* SPDX-License-Identifier: Apache-2.0 */
/* A build without the kernel target: there is no exporter, and this says so. */
#include "exporter.h"

#include <stdlib.h>

#include "scsi/port.h"

struct exporter *exporter_create(const struct exporter_config *config, struct error *error)
{
	error_set(error, ERROR_KERNEL_TARGET, "Build it with -Dtcmu=enabled.",
		"this carouseld was built without the kernel target");
	return NULL;
}

void exporter_port(const char *serial, struct scsi_port *ret)
{
	scsi_port_invent(ret, serial);
}

/* Nobody has an exporter or an export to pass to these. */

void exporter_destroy(struct exporter *exporter)
{
}

void exporter_remove_orphans(
	struct exporter *exporter, const char *const *keep_targets, const char *const *keep_devices)
{
	abort();
}

struct export *exporter_show(
	struct exporter *exporter, const struct export_request *request, struct error *error)
{
	abort();
}

void exporter_foreign_each(struct exporter *exporter,
	void (*each)(void *context, const struct exporter_foreign *foreign), void *context)
{
	abort();
}

struct export *exporter_attach(struct exporter *exporter, const struct exporter_foreign *foreign,
	const struct export_request *request, struct error *error)
{
	abort();
}

void export_abandon(struct export *export)
{
	abort();
}

void exporter_watch(struct exporter *exporter, void (*changed)(void *context), void *context)
{
	abort();
}

void exporter_watch_again(struct exporter *exporter, unsigned milliseconds)
{
	abort();
}

bool export_drain(struct export *export, unsigned timeout_ms)
{
	abort();
}

void export_release(struct export *export)
{
	abort();
}

bool export_remove(struct export *export, struct error *error)
{
	abort();
}

bool export_address(struct export *export, char *ret, size_t size)
{
	abort();
}

void export_counters(struct export *export, struct export_counters *ret)
{
	abort();
}

bool exporter_target_available(struct exporter *exporter, struct error *error)
{
	abort();
}

bool exporter_target_show(
	struct exporter *exporter, const struct exporter_target *target, struct error *error)
{
	abort();
}

bool exporter_target_hide(struct exporter *exporter, const char *name, struct error *error)
{
	abort();
}

int exporter_target_session(struct exporter *exporter, const char *name, const char *initiator,
	struct exporter_session *ret)
{
	abort();
}

int exporter_target_strangers(struct exporter *exporter, const char *name,
	char (*ret)[EXPORTER_INITIATOR_MAX], unsigned capacity)
{
	abort();
}
