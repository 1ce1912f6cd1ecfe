/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives shown through the kernel target: a TCMU device each for this machine, over the loopback
 * fabric, and for each host of a target of the kernel's own iSCSI.
 */
#include "exporter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scsi/lu.h"
#include "tcmu/foreign.h"
#include "tcmu/iscsi_target.h"
#include "tcmu/transport.h"
#include "util/cleanup.h"

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

/* Targets first: they hold devices. */
void exporter_remove_orphans(
	struct exporter *exporter, const char *const *keep_targets, const char *const *keep_devices)
{
	tcmu_iscsi_remove_orphans(exporter->transport, keep_targets);
	tcmu_remove_orphans(exporter->transport, keep_devices);
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

static struct tcmu_device_config device_config(const struct export_request *request)
{
	return (struct tcmu_device_config){
		.name = request->name,
		.serial = request->serial,
		.nexus = request->nexus,
		.data_area_mb = DATA_AREA_MB,
		.clean = request->clean,
		.data_with_sense = request->sequential,
		.reset_action = request->sequential ? RESET_FAIL : RESET_BUSY,
		.failed = request->failed,
		.context = request->context,
	};
}

static struct export *export_new(const struct export_request *request, struct error *error)
{
	struct export *export = calloc(1, sizeof *export);
	if (!export)
		error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
	request->nexus->transfer_max = TCMU_TRANSFER_MAX;
	return export;
}

struct export *exporter_show(
	struct exporter *exporter, const struct export_request *request, struct error *error)
{
	const struct tcmu_device_config config = device_config(request);
	struct export *export = export_new(request, error);
	bool adopted;
	if (!export)
		return NULL;
	export->device = tcmu_device_attach(exporter->transport, &config, &adopted, error);
	if (export->device && (request->remote || tcmu_loopback_export(export->device, error)))
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

/* ---- targets --------------------------------------------------------------------------------- */

_Static_assert((int)EXPORTER_INITIATOR_MAX == (int)TCMU_ISCSI_NAME_MAX, "names are as long");

/* The LUNs of all hosts, one host's after the other's. */
static struct tcmu_iscsi_lun *copy_luns(const struct exporter_target *target)
{
	unsigned count = 0, at = 0;
	for (unsigned i = 0; i < target->host_count; i++)
		count += target->hosts[i].lun_count;
	struct tcmu_iscsi_lun *luns = calloc(count + 1u, sizeof *luns);
	for (unsigned i = 0; luns && i < target->host_count; i++)
		for (unsigned j = 0; j < target->hosts[i].lun_count; j++) {
			const struct exporter_lun *from = &target->hosts[i].luns[j];
			luns[at++] = (struct tcmu_iscsi_lun){from->lun, from->export->device};
		}
	return luns;
}

static struct tcmu_iscsi_host *copy_hosts(
	const struct exporter_target *target, const struct tcmu_iscsi_lun *luns)
{
	struct tcmu_iscsi_host *hosts = calloc(target->host_count + 1u, sizeof *hosts);
	for (unsigned i = 0; hosts && i < target->host_count; i++) {
		const struct exporter_host *from = &target->hosts[i];
		hosts[i] = (struct tcmu_iscsi_host){from->initiator, luns, from->lun_count};
		luns += from->lun_count;
	}
	return hosts;
}

bool exporter_target_available(struct exporter *exporter, struct error *error)
{
	return tcmu_iscsi_available(exporter->transport, error);
}

bool exporter_target_show(
	struct exporter *exporter, const struct exporter_target *target, struct error *error)
{
	_cleanup_free_ struct tcmu_iscsi_lun *luns = copy_luns(target);
	_cleanup_free_ struct tcmu_iscsi_host *hosts = luns ? copy_hosts(target, luns) : NULL;
	if (!hosts)
		return error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
	const struct tcmu_iscsi_config config = {.target = target->name,
		.portals = target->portals,
		.hosts = hosts,
		.host_count = target->host_count,
		.chap_user = target->chap_user,
		.chap_secret = target->chap_secret,
		.mutual_user = target->mutual_user,
		.mutual_secret = target->mutual_secret};
	return tcmu_iscsi_show(exporter->transport, &config, error);
}

bool exporter_target_hide(struct exporter *exporter, const char *name, struct error *error)
{
	return tcmu_iscsi_hide(exporter->transport, name, error);
}

int exporter_target_session(struct exporter *exporter, const char *name, const char *initiator,
	struct exporter_session *ret)
{
	struct tcmu_iscsi_session session;
	int status = tcmu_iscsi_session(exporter->transport, name, initiator, &session);
	if (status <= 0)
		return status;
	*ret = (struct exporter_session){.id = session.id, .ending = session.ending};
	snprintf(ret->isid, sizeof ret->isid, "%s", session.isid);
	snprintf(ret->address, sizeof ret->address, "%s", session.address);
	return 1;
}

int exporter_target_strangers(struct exporter *exporter, const char *name,
	char (*ret)[EXPORTER_INITIATOR_MAX], unsigned capacity)
{
	return tcmu_iscsi_dynamic_sessions(exporter->transport, name, ret, capacity);
}

/* ---- others' devices --------------------------------------------------------------------------
 */

_Static_assert(sizeof((struct exporter_foreign *)0)->device >= TCMU_FOREIGN_DEVICE_MAX &&
		       sizeof((struct exporter_foreign *)0)->drive >= TCMU_FOREIGN_DRIVE_MAX &&
		       sizeof((struct exporter_foreign *)0)->nexus >= TCMU_FOREIGN_NEXUS_MAX,
	"a foreign device of the transport fits");

struct visit {
	void (*each)(void *context, const struct exporter_foreign *foreign);
	void *context;
};

static void visit_one(void *context, const struct tcmu_foreign *from)
{
	struct visit *visit = context;
	struct exporter_foreign foreign = {
		.hba = from->hba, .enabled = from->enabled, .problem = from->problem};
	snprintf(foreign.device, sizeof foreign.device, "%s", from->device);
	snprintf(foreign.drive, sizeof foreign.drive, "%s", from->drive);
	snprintf(foreign.nexus, sizeof foreign.nexus, "%s", from->nexus);
	visit->each(visit->context, &foreign);
}

void exporter_foreign_each(struct exporter *exporter,
	void (*each)(void *context, const struct exporter_foreign *foreign), void *context)
{
	struct visit visit = {each, context};
	tcmu_foreign_each(exporter->transport, visit_one, &visit);
}

struct export *exporter_attach(struct exporter *exporter, const struct exporter_foreign *foreign,
	const struct export_request *request, struct error *error)
{
	const struct tcmu_device_config config = device_config(request);
	struct tcmu_foreign device = {.hba = foreign->hba};
	struct export *export = export_new(request, error);
	if (!export)
		return NULL;
	snprintf(device.device, sizeof device.device, "%s", foreign->device);
	export->device = tcmu_foreign_attach(exporter->transport, &device, &config, error);
	if (export->device)
		return export;
	free(export);
	return NULL;
}

void export_abandon(struct export *export)
{
	tcmu_foreign_abandon(export->device);
	free(export);
}

void exporter_watch(struct exporter *exporter, void (*changed)(void *context), void *context)
{
	tcmu_watch(exporter->transport, changed, context);
}

void exporter_watch_again(struct exporter *exporter, unsigned milliseconds)
{
	tcmu_watch_again(exporter->transport, milliseconds);
}
