/* SPDX-License-Identifier: Apache-2.0 */
/* The fake exporter's targets: what a kernel keeps of them, also while no daemon runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_exporter.h"
#include "util/cleanup.h"

/* lock held. False: this step fails, as does all that follows. */
static bool step(struct exporter *exporter, const char *what, const char *name)
{
	size_t length = strlen(exporter->trace);
	exporter->steps++;
	if (exporter->fail_from && exporter->steps >= exporter->fail_from)
		return false;
	snprintf(exporter->trace + length, sizeof exporter->trace - length, "%s%s ", what, name);
	return true;
}

static bool refuse(struct error *error)
{
	return error_set(error, ERROR_KERNEL_TARGET, "Stop refusing.", "target refused");
}

/* ---- devices --------------------------------------------------------------------------------- */

static struct fake_device *find_device(struct exporter *exporter, const char *name)
{
	for (unsigned i = 0; i < FAKE_DEVICES_MAX; i++)
		if (strcmp(exporter->devices[i].name, name) == 0)
			return &exporter->devices[i];
	return NULL;
}

/* Whoever serves a device that somebody serves already has lost track. */
struct fake_device *fake_device_show(
	struct exporter *exporter, const struct export_request *request)
{
	const char *name = request->name;
	SCOPED_LOCK(&exporter->lock);
	struct fake_device *device = find_device(exporter, name);
	if (device && device->served)
		abort();
	if (!device && step(exporter, "+", name) && (device = find_device(exporter, "")))
		snprintf(device->name, sizeof device->name, "%s", name);
	if (device) {
		device->served = true;
		device->failed = request->failed;
		device->context = request->context;
		snprintf(device->serial, sizeof device->serial, "%s", request->serial);
	}
	return device;
}

void fake_ring_fail(struct exporter *exporter, const char *name)
{
	pthread_mutex_lock(&exporter->lock);
	struct fake_device *device = find_device(exporter, name);
	pthread_mutex_unlock(&exporter->lock);
	device->failed(device->context, "the test says so");
}

static bool is_linked(struct exporter *exporter, const char *device)
{
	for (unsigned i = 0; i < FAKE_TARGETS_MAX; i++)
		for (unsigned j = 0;
			exporter->targets[i].name[0] && j < exporter->targets[i].host_count; j++)
			for (unsigned k = 0; k < exporter->targets[i].hosts[j].lun_count; k++)
				if (strcmp(exporter->targets[i].hosts[j].devices[k], device) == 0)
					return true;
	return false;
}

bool fake_device_remove(struct exporter *exporter, struct fake_device *device)
{
	SCOPED_LOCK(&exporter->lock);
	if (is_linked(exporter, device->name) || !step(exporter, "-", device->name))
		return false;
	*device = (struct fake_device){0};
	return true;
}

unsigned fake_device_count(struct exporter *exporter)
{
	unsigned count = 0;
	SCOPED_LOCK(&exporter->lock);
	for (unsigned i = 0; i < FAKE_DEVICES_MAX; i++)
		count += exporter->devices[i].name[0] != '\0';
	return (int)count;
}

/* ---- targets --------------------------------------------------------------------------------- */

static struct fake_target *find_target(struct exporter *exporter, const char *name)
{
	for (unsigned i = 0; i < FAKE_TARGETS_MAX; i++)
		if (strcmp(exporter->targets[i].name, name) == 0)
			return &exporter->targets[i];
	return NULL;
}

bool fake_target_find(struct exporter *exporter, const char *name, struct fake_target *ret)
{
	SCOPED_LOCK(&exporter->lock);
	const struct fake_target *target = find_target(exporter, name);
	if (target)
		*ret = *target;
	return target;
}

static bool is_kept(const char *const *keep, const char *name)
{
	while (*keep && strcmp(*keep, name) != 0)
		keep++;
	return *keep != NULL;
}

void fake_kernel_sweep(
	struct exporter *exporter, const char *const *keep_targets, const char *const *keep_devices)
{
	SCOPED_LOCK(&exporter->lock);
	for (unsigned i = 0; i < FAKE_TARGETS_MAX; i++)
		if (!is_kept(keep_targets, exporter->targets[i].name))
			exporter->targets[i] = (struct fake_target){0};
	for (unsigned i = 0; i < FAKE_DEVICES_MAX; i++) {
		struct fake_device *device = &exporter->devices[i];
		if (!device->served && !is_kept(keep_devices, device->name) &&
			!is_linked(exporter, device->name))
			*device = (struct fake_device){0};
	}
}

bool exporter_target_available(struct exporter *exporter, struct error *error)
{
	return !exporter->no_iscsi || error_set(error, ERROR_KERNEL_TARGET,
					      "modprobe iscsi_target_mod", "no iscsi_target_mod");
}

static bool same_host(const struct fake_host *a, const struct fake_host *b)
{
	return a->lun_count == b->lun_count && memcmp(a->luns, b->luns, sizeof a->luns) == 0 &&
	       memcmp(a->devices, b->devices, sizeof a->devices) == 0;
}

static struct fake_host *find_host(struct fake_target *target, const char *initiator)
{
	for (unsigned i = 0; target && i < target->host_count; i++)
		if (strcmp(target->hosts[i].initiator, initiator) == 0)
			return &target->hosts[i];
	return NULL;
}

/* One whose LUNs are others is another one: its session ends. */
static void make_host(
	struct fake_host *ret, const struct exporter_host *host, struct fake_target *before)
{
	snprintf(ret->initiator, sizeof ret->initiator, "%s",
		host->initiator ? host->initiator : "");
	ret->lun_count = host->lun_count;
	for (unsigned i = 0; i < host->lun_count; i++) {
		ret->luns[i] = host->luns[i].lun;
		memcpy(ret->devices[i], fake_export_device(host->luns[i].export),
			sizeof ret->devices[i]);
	}
	const struct fake_host *old = find_host(before, ret->initiator);
	if (old && same_host(old, ret))
		ret->session = old->session;
	ret->made = old ? old->made + !same_host(old, ret) : 0;
}

bool exporter_target_show(
	struct exporter *exporter, const struct exporter_target *target, struct error *error)
{
	SCOPED_LOCK(&exporter->lock);
	struct fake_target fresh = {.host_count = target->host_count};
	struct fake_target *at = find_target(exporter, target->name), *before = at;
	snprintf(fresh.name, sizeof fresh.name, "%s", target->name);
	snprintf(fresh.chap_user, sizeof fresh.chap_user, "%s", target->chap_user);
	snprintf(fresh.portal, sizeof fresh.portal, "%s", target->portals[0]);
	for (unsigned i = 0; i < target->host_count; i++)
		make_host(&fresh.hosts[i], &target->hosts[i], before);
	fresh.stranger_count = at ? at->stranger_count : 0;
	if (at && memcmp(at, &fresh, sizeof fresh) == 0)
		return true;
	if (exporter->refuse_targets || !step(exporter, "show:", target->name))
		return refuse(error);
	*(at ? at : find_target(exporter, "")) = fresh;
	return true;
}

/* As a kernel that waits for commands does. */
bool exporter_target_hide(struct exporter *exporter, const char *name, struct error *error)
{
	fake_wait_while_held(exporter);
	SCOPED_LOCK(&exporter->lock);
	struct fake_target *target = find_target(exporter, name);
	if (!target)
		return true;
	if (exporter->refuse_targets || !step(exporter, "hide:", name))
		return refuse(error);
	*target = (struct fake_target){0};
	return true;
}

/* ---- sessions -------------------------------------------------------------------------------- */

void fake_session_set(struct exporter *exporter, const char *target, const char *initiator,
	const struct exporter_session *session)
{
	SCOPED_LOCK(&exporter->lock);
	struct fake_host *host = find_host(find_target(exporter, target), initiator);
	if (!host)
		abort();
	host->session = *session;
}

void fake_strangers_set(struct exporter *exporter, const char *target, unsigned count)
{
	SCOPED_LOCK(&exporter->lock);
	find_target(exporter, target)->stranger_count = count;
}

void fake_sight_set(struct exporter *exporter, int status)
{
	SCOPED_LOCK(&exporter->lock);
	exporter->blind = status;
}

int exporter_target_session(struct exporter *exporter, const char *name, const char *initiator,
	struct exporter_session *ret)
{
	SCOPED_LOCK(&exporter->lock);
	struct fake_host *host = find_host(find_target(exporter, name), initiator);
	if (exporter->blind)
		return exporter->blind;
	if (!host || !host->session.id)
		return 0;
	*ret = host->session;
	return 1;
}

int exporter_target_strangers(struct exporter *exporter, const char *name,
	char (*ret)[EXPORTER_INITIATOR_MAX], unsigned capacity)
{
	SCOPED_LOCK(&exporter->lock);
	const struct fake_target *target = find_target(exporter, name);
	unsigned count = target ? target->stranger_count : 0;
	if (exporter->blind)
		return exporter->blind;
	for (unsigned i = 0; i < count && i < capacity; i++)
		snprintf(ret[i], EXPORTER_INITIATOR_MAX, "iqn.2001-04.com.example:%u", i);
	return count;
}
