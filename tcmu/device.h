/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring device: the TCMU device as its ring sees it. Takes commands from one ring on behalf of one
 * nexus, hands them to scsi/, and answers them in whatever order they are done.
 *
 * It knows nothing of configfs, of fabrics or of names in the kernel, and blocks nowhere but in
 * ring_device_drain and ring_device_destroy.
 *
 * Threads: one worker takes from the ring. Answers come from any thread; whoever finds nobody
 * publishing publishes for all. The lock of a device is held for one entry of the ring, never over
 * I/O, over a kick or over a call into scsi/. Order: any lock of scsi/ is released before; device →
 * worker.
 */
#pragma once

#include <stdbool.h>

#include "port.h"
#include "tcmu/transport.h"
#include "util/error.h"

struct ring_device;
struct scsi_nexus;
struct workers;

struct ring_device_config {
	struct ring_port *port; /* taken over, also on failure */
	struct scsi_nexus *nexus;
	bool data_with_sense; /* the kernel must take a length of Data-In: tcmu/transport.h */
	/*
	 * Once, from a worker: the ring was corrupt or is gone. Nothing of it is touched any more
	 * and its commands were cancelled; what is left to do is ring_device_destroy, from another
	 * thread. `reason` is a static sentence.
	 */
	void (*failed)(void *context, const char *reason);
	void *context;
};

/*
 * Checks the mailbox and says what is wrong with it (ERROR_KERNEL_TARGET). Takes nothing from the
 * ring yet. It will go on at the tail: that is where a predecessor that drained has stopped, and
 * where reset_ring has put it.
 */
struct ring_device *ring_device_create(
	const struct ring_device_config *config, struct error *error);

/* Serves it on one of `workers`, beginning with what waits in the ring already. */
bool ring_device_start(struct ring_device *device, struct workers *workers, struct error *error);

/*
 * Takes nothing from the ring any more and waits until all that was taken is answered: the next
 * process can go on at the tail. False: not so within `timeout_ms`, some command still runs; or the
 * ring is broken. Never from a worker.
 */
bool ring_device_drain(struct ring_device *device, unsigned timeout_ms);

/*
 * Takes nothing any more, cancels what still runs, waits for it, closes the port. Never from a
 * worker. NULL is allowed.
 */
void ring_device_destroy(struct ring_device *device);

void ring_device_counters(struct ring_device *device, struct tcmu_counters *ret);
