/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include <stdlib.h>
#include <time.h>

#include "device_private.h"
#include "util/cleanup.h"

/* ---- trouble ------------------------------------------------------------------------------- */

bool ring_device_alive(const struct ring_device *device)
{
	return !device->ring.broken && !device->resetting;
}

void ring_device_trouble(struct ring_device *device)
{
	device->cancel_due = true;
	workers_poke(&device->served);
	if (device->draining)
		pthread_cond_broadcast(&device->settled);
}

/* The reason, if it is to be reported now; once. */
static const char *take_report(struct ring_device *device, bool *ret_cancel)
{
	SCOPED_LOCK(&device->lock);
	*ret_cancel = device->cancel_due;
	device->cancel_due = false;
	if (!device->ring.broken || device->reported)
		return NULL;
	device->reported = true;
	return device->ring.broken;
}

static void clean_up(struct ring_device *device)
{
	bool cancel;
	const char *reason = take_report(device, &cancel);
	if (cancel)
		ring_device_cancel_all(device);
	if (reason && device->failed)
		device->failed(device->context, reason);
}

/* ---- the worker ---------------------------------------------------------------------------- */

static void acknowledge(struct ring_device *device)
{
	int events = device->port->ops->acknowledge(device->port);
	SCOPED_LOCK(&device->lock);
	if (events > 0)
		device->counters.wakeups++;
	if (events < 0) {
		ring_break(&device->ring, "the kernel has removed the device");
		ring_device_trouble(device);
	}
}

static bool finish_batch(struct ring_device *device)
{
	SCOPED_LOCK(&device->lock);
	ring_device_publish(device);
	return !device->ring.broken;
}

static enum served_result serve(struct served *served, bool readable)
{
	struct ring_device *device = container_of(served, struct ring_device, served);
	if (readable)
		acknowledge(device);
	ring_device_serving = device;
	bool more = ring_device_take_batch(device);
	ring_device_serving = NULL;
	bool usable = finish_batch(device);
	clean_up(device);
	if (!usable)
		return SERVED_CLOSE;
	return more ? SERVED_MORE : SERVED_IDLE;
}

/* ---- the life of a device ------------------------------------------------------------------ */

static void init_locks(struct ring_device *device)
{
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&device->settled, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&device->lock, NULL);
}

static void device_free(struct ring_device *device)
{
	ring_commands_finish(device);
	ring_finish(&device->ring);
	pthread_cond_destroy(&device->settled);
	pthread_mutex_destroy(&device->lock);
	device->port->ops->close(device->port);
	free(device);
}

static bool check_ability(const struct ring_device *device, const struct ring_device_config *config,
	struct error *error)
{
	if (device->ring.read_length || !config->data_with_sense)
		return true;
	return error_set(error, ERROR_KERNEL_TARGET,
		"Boot Linux 5.10 or later, or show the drive through the iSCSI portal.",
		"this kernel cannot return a block together with sense, which a tape drive does");
}

struct ring_device *ring_device_create(const struct ring_device_config *config, struct error *error)
{
	struct ring_port *port = config->port;
	struct ring_device *device = calloc(1, sizeof *device);
	if (!device) {
		port->ops->close(port);
		error_set(error, ERROR_NO_MEMORY, "Free memory.", "no memory for a device");
		return NULL;
	}
	device->port = port;
	device->nexus = config->nexus;
	device->failed = config->failed;
	device->context = config->context;
	device->served = (struct served){.fd = port->fd, .serve = serve};
	list_init(&device->free);
	list_init(&device->running);
	list_init(&device->done);
	init_locks(device);
	if (!ring_init(&device->ring, port->map, port->map_size, error) ||
		!check_ability(device, config, error))
		goto fail;
	if (ring_command_grow(device))
		return device;
	error_set(error, ERROR_NO_MEMORY, "Free memory.", "no memory for commands");

fail:
	device_free(device);
	return NULL;
}

bool ring_device_start(struct ring_device *device, struct workers *workers, struct error *error)
{
	return workers_add(workers, &device->served, error);
}

/* All that was taken is answered, and the kernel was told. Lock held. */
static bool is_settled(const struct ring_device *device)
{
	return !device->unanswered && !device->publishing && !ring_lags(&device->ring);
}

static struct timespec deadline(unsigned timeout_ms)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += timeout_ms / 1000;
	at.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_nsec -= 1000000000;
		at.tv_sec++;
	}
	return at;
}

bool ring_device_drain(struct ring_device *device, unsigned timeout_ms)
{
	struct timespec until = deadline(timeout_ms);
	int status = 0;
	SCOPED_LOCK(&device->lock);
	device->draining = true;
	while (!is_settled(device) && !status)
		status = pthread_cond_timedwait(&device->settled, &device->lock, &until);
	return is_settled(device) && !device->ring.broken;
}

static void stop_taking(struct ring_device *device)
{
	SCOPED_LOCK(&device->lock);
	device->draining = true;
}

static void wait_for_all(struct ring_device *device)
{
	SCOPED_LOCK(&device->lock);
	while (device->unanswered || device->publishing || device->referenced)
		pthread_cond_wait(&device->settled, &device->lock);
}

void ring_device_destroy(struct ring_device *device)
{
	if (!device)
		return;
	stop_taking(device);
	workers_remove(&device->served);
	ring_device_cancel_all(device);
	wait_for_all(device);
	device_free(device);
}

void ring_device_counters(struct ring_device *device, struct tcmu_counters *ret)
{
	SCOPED_LOCK(&device->lock);
	*ret = device->counters;
}
