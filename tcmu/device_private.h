/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of a ring device; nobody else includes this. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "device.h"
#include "ring.h"
#include "scsi/lu.h"
#include "workers.h"

enum {
	IDS = UINT16_MAX + 1,
	INLINE_IOVS = 16,   /* a command has room for these without asking for memory */
	SLAB_COMMANDS = 64, /* made at once */
	BATCH_COMMANDS =
		64, /* of one device, before its answers go out and others have their turn */
	BATCH_BYTES = 2 * 1024 * 1024,
};

/* A command of the ring. Recycled, never freed before the device. */
struct ring_command {
	struct scsi_cmd cmd;
	struct ring_device *device;
	struct list link;   /* device->free, running or done */
	struct list cancel; /* somebody's list of what to cancel; with a reference to cmd */
	struct iovec *iov;  /* inline_iov, or longer ones that are kept */
	uint32_t iov_capacity;
	struct iovec inline_iov[INLINE_IOVS];
	struct ring_answer answer;
};

struct slab {
	struct slab *next;
	struct ring_command commands[SLAB_COMMANDS];
};

struct ring_device {
	struct ring_port *port;
	struct scsi_nexus *nexus;
	void (*failed)(void *context, const char *reason);
	void *context;
	struct served served;

	pthread_mutex_t lock;
	pthread_cond_t settled; /* what ring_device_drain and _destroy wait for may be true now */

	/* All under the lock. */
	struct ring ring;
	struct slab *slabs;
	struct list free;
	struct list running; /* in the hands of scsi/ */
	struct list done;    /* to be answered, in this order */
	unsigned unanswered; /* running or done */
	unsigned referenced; /* not free */
	bool draining;       /* take nothing any more */
	bool publishing;     /* somebody is; he looks at `done` once more before he stops */
	bool resetting;      /* the ring was reset under us and what was taken is not yet back */
	bool cancel_due;     /* the worker is to cancel what runs */
	bool reported;       /* failed was called */
	struct tcmu_counters counters;
	struct ring_command *by_id[IDS]; /* unanswered ones */
};

/* ---- command.c: lock held ------------------------------------------------------------------ */

/* One more slab. False: out of memory. */
bool ring_command_grow(struct ring_device *device);
/* A free command with room for `iov_count` iovecs, or NULL: out of memory. */
struct ring_command *ring_command_new(struct ring_device *device, uint32_t iov_count);
void ring_command_free(struct ring_command *command);
void ring_commands_finish(struct ring_device *device);

/* ---- take.c: the worker -------------------------------------------------------------------- */

/* Takes and runs a batch. True: there may be more in the ring. No lock held. */
bool ring_device_take_batch(struct ring_device *device);
/* Cancels everything that runs. No lock held; one thread at a time. */
void ring_device_cancel_all(struct ring_device *device);

/* ---- publish.c ----------------------------------------------------------------------------- */

extern const struct scsi_transport_ops ring_transport_ops;

/* While this thread takes a batch from a device, answers of that device wait for its end. */
extern _Thread_local struct ring_device *ring_device_serving;

/*
 * Answers what is done and calls the kernel, unless somebody does it already. Lock held; released
 * over calls. At most one call for everything that is done by then.
 */
void ring_device_publish(struct ring_device *device);

/* ---- device.c: lock held ------------------------------------------------------------------- */

/* Whether answers still go into the ring. */
bool ring_device_alive(const struct ring_device *device);
/* The ring is broken or was reset: the worker is to clean up. */
void ring_device_trouble(struct ring_device *device);
