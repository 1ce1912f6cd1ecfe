/* SPDX-License-Identifier: Apache-2.0 */
#include "tcmu/transport.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "backstore.h"
#include "configfs.h"
#include "device.h"
#include "foreign.h"
#include "loopback.h"
#include "netlink.h"
#include "open_ring.h"
#include "transport_private.h"
#include "util/cleanup.h"
#include "util/list.h"
#include "workers.h"

enum { DYING_MS = 5000 };

struct tcmu_transport {
	struct configfs fs;
	void (*failed)(void *context, const char *reason);
	struct workers *workers;
	struct netlink *netlink; /* NULL: nobody listens, see netlink.h */
	pthread_mutex_t lock;
	struct list served; /* lock: devices that have their ring open */
};

struct tcmu_device {
	struct list link; /* transport->served */
	struct tcmu_transport *transport;
	struct backstore backstore;
	struct ring_device *ring;
	void (*failed)(void *context, const char *reason);
	void *context;
	atomic_bool removing; /* the ring goes because we want it to */
};

/* ---- the transport ------------------------------------------------------------------------- */

struct tcmu_transport *tcmu_transport_create(const struct tcmu_config *config, struct error *error)
{
	struct tcmu_transport *transport = calloc(1, sizeof *transport);
	if (!transport) {
		error_set(error, ERROR_NO_MEMORY, "Free some memory.", "out of memory");
		return NULL;
	}
	transport->failed = config->failed;
	pthread_mutex_init(&transport->lock, NULL);
	list_init(&transport->served);
	if (!configfs_init(&transport->fs, config->configfs, config->hba_prefix, error))
		goto fail;
	transport->workers = workers_create(config->workers, error);
	if (!transport->workers)
		goto fail;
	transport->netlink = netlink_create();
	return transport;

fail:
	pthread_mutex_destroy(&transport->lock);
	free(transport);
	return NULL;
}

void tcmu_transport_destroy(struct tcmu_transport *transport)
{
	if (!transport)
		return;
	netlink_destroy(transport->netlink);
	workers_destroy(transport->workers);
	pthread_mutex_destroy(&transport->lock);
	free(transport);
}

const struct configfs *tcmu_transport_configfs(const struct tcmu_transport *transport)
{
	return &transport->fs;
}

const struct backstore *tcmu_device_backstore(const struct tcmu_device *device)
{
	return &device->backstore;
}

/* ---- what it serves ------------------------------------------------------------------------ */

bool tcmu_transport_serves(struct tcmu_transport *transport, const struct backstore *backstore)
{
	SCOPED_LOCK(&transport->lock);
	list_for_each (node, &transport->served) {
		const struct tcmu_device *device = container_of(node, struct tcmu_device, link);
		if (strcmp(device->backstore.path, backstore->path) == 0)
			return true;
	}
	return false;
}

static void set_served(struct tcmu_device *device, bool served)
{
	SCOPED_LOCK(&device->transport->lock);
	list_remove(&device->link);
	if (served)
		list_append(&device->transport->served, &device->link);
}

/* ---- a device comes ------------------------------------------------------------------------ */

static void ring_failed(void *context, const char *reason)
{
	struct tcmu_device *device = context;
	if (!atomic_load(&device->removing) && device->failed)
		device->failed(device->context, reason);
}

/*
 * What was in the ring of a daemon that was killed cannot be taken up: its answers overwrote other
 * commands' entries. So the kernel ends all of it, and lets nothing new in until we serve.
 */
static bool forget_commands(struct tcmu_device *device, unsigned action, struct error *error)
{
	const struct configfs *fs = &device->transport->fs;
	return backstore_block(fs, &device->backstore, true, error) &&
	       backstore_reset(fs, &device->backstore, action, error);
}

static bool serve(struct tcmu_device *device, const struct tcmu_device_config *config, bool adopted,
	struct error *error)
{
	struct tcmu_transport *transport = device->transport;
	/*
	 * Opened before anything is changed: if another daemon serves it, it must not notice. One
	 * that was killed has it until the kernel has taken it down.
	 */
	struct ring_port *port = open_ring(
		&transport->fs, &device->backstore, device->backstore.ours ? DYING_MS : 0, error);
	if (!port)
		return false;
	if (adopted && !config->clean && !forget_commands(device, config->reset_action, error)) {
		port->ops->close(port);
		return false;
	}
	const struct ring_device_config ring = {
		.port = port,
		.nexus = config->nexus,
		.data_with_sense = config->data_with_sense,
		.failed = ring_failed,
		.context = device,
	};
	device->ring = ring_device_create(&ring, error);
	/* An operator may have blocked it to free hosts of a dead daemon; now it is not dead. */
	return device->ring && ring_device_start(device->ring, transport->workers, error) &&
	       (!adopted || backstore_block(&transport->fs, &device->backstore, false, error));
}

static bool find_or_create(struct tcmu_device *device, const struct tcmu_device_config *config,
	bool *ret_adopted, struct error *error)
{
	const struct configfs *fs = &device->transport->fs;
	const struct backstore_config wanted = {
		.name = config->name,
		.serial = config->serial,
		.data_area_mb = config->data_area_mb,
	};
	return backstore_find(fs, config->name, &device->backstore, ret_adopted, error) &&
	       (*ret_adopted || backstore_create(fs, &wanted, &device->backstore, error));
}

static struct tcmu_device *device_new(struct tcmu_transport *transport,
	const struct tcmu_device_config *config, struct error *error)
{
	struct tcmu_device *device = calloc(1, sizeof *device);
	if (!device) {
		error_set(error, ERROR_NO_MEMORY, "Free some memory.", "out of memory");
		return NULL;
	}
	list_init(&device->link);
	device->transport = transport;
	device->failed = config->failed ? config->failed : transport->failed;
	device->context = config->context;
	return device;
}

struct tcmu_device *tcmu_device_attach(struct tcmu_transport *transport,
	const struct tcmu_device_config *config, bool *ret_adopted, struct error *error)
{
	bool adopted = false;
	struct tcmu_device *device = device_new(transport, config, error);
	if (!device)
		return NULL;
	if (!find_or_create(device, config, &adopted, error))
		goto fail;
	if (!serve(device, config, adopted, error))
		goto fail_ring;
	set_served(device, true);
	if (ret_adopted)
		*ret_adopted = adopted;
	return device;

fail_ring:
	ring_device_destroy(device->ring);
	if (!adopted)
		backstore_remove(&transport->fs, &device->backstore, NULL);
fail:
	free(device);
	return NULL;
}

/* ---- … is shown … -------------------------------------------------------------------------- */

bool tcmu_loopback_export(struct tcmu_device *device, struct error *error)
{
	return loopback_export(&device->transport->fs, &device->backstore, error);
}

bool tcmu_loopback_address(struct tcmu_device *device, char *ret, size_t size)
{
	return loopback_address(&device->transport->fs, &device->backstore, ret, size);
}

void tcmu_device_counters(struct tcmu_device *device, struct tcmu_counters *ret)
{
	ring_device_counters(device->ring, ret);
}

/* ---- … and goes ---------------------------------------------------------------------------- */

bool tcmu_device_drain(struct tcmu_device *device, unsigned timeout_ms)
{
	return ring_device_drain(device->ring, timeout_ms);
}

void tcmu_device_release(struct tcmu_device *device)
{
	if (!device)
		return;
	ring_device_destroy(device->ring);
	set_served(device, false);
	free(device);
}

bool tcmu_device_remove(struct tcmu_device *device, struct error *error)
{
	const struct configfs *fs = &device->transport->fs;
	/*
	 * Served until it is gone: whoever unlinks a LUN waits for its commands, and if some other
	 * fabric still shows the device, its hosts must not notice that we tried.
	 */
	if (!loopback_unexport(fs, &device->backstore, error))
		return false;
	atomic_store(&device->removing, true);
	if (!backstore_remove(fs, &device->backstore, error)) {
		atomic_store(&device->removing, false);
		return false;
	}
	tcmu_device_release(device);
	return true;
}

/* ---- orphans ------------------------------------------------------------------------------- */

struct orphans {
	const struct configfs *fs;
	const char *const *keep;
	unsigned removed;
};

static bool claimed(const char *name, const char *const *keep)
{
	for (; keep && *keep; keep++) {
		if (strcmp(name, *keep) == 0)
			return true;
	}
	return false;
}

static bool remove_enabled(const struct configfs *fs, const struct backstore *backstore)
{
	/* If somebody has its ring open it is not an orphan but another daemon's. */
	struct ring_port *port = open_ring(fs, backstore, 0, NULL);
	if (!port)
		return false;
	/* Nobody answers any more: the kernel must, or unlinking the LUN waits for ever. */
	bool removed = backstore_block(fs, backstore, true, NULL) &&
		       backstore_reset(fs, backstore, 2, NULL) &&
		       loopback_unexport(fs, backstore, NULL) &&
		       backstore_remove(fs, backstore, NULL);
	port->ops->close(port);
	return removed;
}

static void remove_orphan(void *context, const struct backstore *backstore)
{
	struct orphans *orphans = context;
	if (!backstore->ours || claimed(backstore->name, orphans->keep))
		return;
	if (backstore->enabled ? remove_enabled(orphans->fs, backstore)
			       : backstore_remove(orphans->fs, backstore, NULL))
		orphans->removed++;
}

unsigned tcmu_remove_orphans(struct tcmu_transport *transport, const char *const *keep)
{
	struct orphans orphans = {.fs = &transport->fs, .keep = keep};
	backstore_each(&transport->fs, remove_orphan, &orphans);
	return orphans.removed;
}

/* ---- others' devices ----------------------------------------------------------------------- */

void tcmu_foreign_each(struct tcmu_transport *transport,
	void (*each)(void *context, const struct tcmu_foreign *foreign), void *context)
{
	foreign_each(&transport->fs, each, context);
}

struct tcmu_device *tcmu_foreign_attach(struct tcmu_transport *transport,
	const struct tcmu_foreign *foreign, const struct tcmu_device_config *config,
	struct error *error)
{
	struct tcmu_device *device = device_new(transport, config, error);
	if (!device)
		return NULL;
	if (foreign_prepare(&transport->fs, foreign, &device->backstore, error) &&
		serve(device, config, true, error)) {
		set_served(device, true);
		return device;
	}
	tcmu_device_release(device);
	return NULL;
}

void tcmu_foreign_abandon(struct tcmu_device *device)
{
	(void)backstore_block(&device->transport->fs, &device->backstore, true, NULL);
	tcmu_device_release(device);
}

void tcmu_watch(struct tcmu_transport *transport, void (*changed)(void *context), void *context)
{
	netlink_watch(transport->netlink, changed, context);
}

void tcmu_watch_again(struct tcmu_transport *transport, unsigned milliseconds)
{
	netlink_watch_again(transport->netlink, milliseconds);
}
