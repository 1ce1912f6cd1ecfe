/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the ring double; nobody else includes this. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "ring_double.h"
#include "thread_check.h"

enum { RING_DOUBLE_IDS = UINT16_MAX + 1, TMR_IDS_MAX = 1024 };

/* What the kernel keeps for one command, from submission to answer. */
struct flight {
	struct list link;   /* kernel->waiting, or kernel->flights while it has an id */
	struct ring_io *io; /* NULL: expired or aborted, nobody wants the answer */
	uint16_t id;
	unsigned *blocks; /* data blocks, in order of the data */
	unsigned block_count;
	size_t length, in_length; /* of data; of the bidirectional part behind it */
	enum ring_io_direction direction;
};

/* What was put into the ring and is not consumed yet, to see that it is still the same. */
struct slot {
	struct list link; /* kernel->slots */
	uint32_t position, length;
	enum abi_op op;
	uint32_t kept_length; /* bytes that must not change */
	uint8_t kept[32];
};

struct tmr {
	struct list link; /* kernel->tmrs */
	enum abi_function function;
	unsigned count;
	uint16_t ids[];
};

struct double_port {
	struct ring_port port;
	struct ring_double *kernel;
	bool dead; /* killed; under kernel->lock */
};

struct ring_double {
	struct ring_double_config config;
	int memory_fd;
	uint8_t *map;
	size_t map_size, data_offset, block_size;

	pthread_mutex_t lock; /* the kernel's cmdr_lock: all of the below */
	pthread_cond_t answered;
	struct double_port *open; /* NULL: nobody */
	int event_fd;             /* our end of what the open port polls; -1 */
	int dead_event_fd;        /* that of who was killed */
	bool plugged, event_due, blocked, removed;

	uint32_t head, cleaned;
	struct list slots;
	struct list flights; /* in the ring */
	struct list waiting; /* qfull queue */
	struct list tmrs;    /* in front of the waiting ones */
	struct flight *by_id[RING_DOUBLE_IDS];
	unsigned in_flight;

	bool *block_used, *block_sticky; /* sticky: stays mapped for whoever was reset under */
	struct ring_double_counters counters;
	bool note_violations;
	const char *violated;
};

void ring_double_violation(struct ring_double *kernel, const char *what);

/* All with the lock held. */

/* ring_double_data.c */
/* Lowest free blocks for `length` bytes and, in blocks of their own, `in_length`. */
bool ring_double_take_blocks(struct ring_double *kernel, struct flight *flight);
void ring_double_free_blocks(struct ring_double *kernel, struct flight *flight, bool sticky);
/* Writes iovecs of `flight`, or only counts them when NULL; returns how many for data. */
unsigned ring_double_iovs(struct ring_double *kernel, const struct flight *flight,
	struct abi_iovec *ret, unsigned *ret_in_count);
void ring_double_fill(struct ring_double *kernel, const struct flight *flight);
void ring_double_collect(struct ring_double *kernel, const struct flight *flight, size_t length);
/* What the device under test may touch of the data area, as it opens. */
void ring_double_protect_all(struct ring_double *kernel);

/* ring_double_queue.c */
/* Puts what waits into the ring, as far as it fits. */
void ring_double_run_queues(struct ring_double *kernel);
void ring_double_notify(struct ring_double *kernel);

/* ring_double_consume.c */
void ring_double_handle_completions(struct ring_double *kernel);
void ring_double_flight_free(struct ring_double *kernel, struct flight *flight, bool sticky);
void ring_double_done(struct ring_double *kernel, struct flight *flight, uint8_t status);
/* Everything in flight ends with `status`; what the ring holds is of no interest any more. */
void ring_double_fail_flights(struct ring_double *kernel, uint8_t status);
void ring_double_forget_entries(struct ring_double *kernel);
