/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's side of a ring, as target_core_user of Linux 5.10 and later behaves, in front of a
 * ring_port: it queues commands and task management, fills Data-Out, takes the answers when it is
 * called (or at any other moment), and hands the initiator what the kernel would hand it.
 *
 * The device under test has a mapping of its own, in which a data block can be touched only while
 * a command owns it; whoever touches another one dies of it. Blocks are poisoned when recycled.
 *
 * Whatever a device must never do to a ring is a violation: a process that commits one is aborted,
 * unless `violated` is set, which then says what the first one was.
 *
 * All functions may be called from any thread.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "port.h"
#include "util/list.h"

enum {
	RING_DOUBLE_FLAGS =
		ABI_CAN_OUT_OF_ORDER | ABI_CAN_READ_LENGTH | ABI_CAN_TASK_MANAGEMENT | 1 << 3,
	RING_DOUBLE_PAGE = 4096,
	RING_DOUBLE_POISON = 0xd7,
	RING_DOUBLE_ANSWER_MS = 60000, /* who waits longer for an answer is aborted */
};

enum ring_io_direction { RING_IO_NONE, RING_IO_IN, RING_IO_OUT };

/* One command as the initiator sees it. Its memory is the caller's until it is done. */
struct ring_io {
	/* In. */
	uint8_t cdb[260];
	enum ring_io_direction direction;
	uint8_t *data;
	size_t length;    /* expected data transfer length; bytes in data */
	size_t in_length; /* > 0: bidirectional, with so much Data-In besides */

	/* Out, when done. */
	atomic_bool done;
	uint8_t status;
	uint8_t sense[ABI_SENSE_SIZE];
	size_t received; /* bytes the kernel has copied to data */
	size_t residual; /* underflow */
	bool queued;     /* it had to wait for room */
	bool aborted;    /* by task management: status and data mean nothing */

	uint16_t id; /* while in flight; 0: still waits for room */
};

/* Zero means the default in brackets. */
struct ring_double_config {
	uint32_t ring_size;   /* bytes [64 KiB - 128] */
	unsigned blocks;      /* of data [256] */
	unsigned block_pages; /* data_pages_per_blk [1] */
	uint16_t version;     /* [2] */
	uint16_t flags;       /* [RING_DOUBLE_FLAGS] */
	bool full_at_once;    /* qfull_time_out 0: TASK SET FULL instead of waiting for room */
	bool error_only;      /* a removal shows as EPOLLERR alone; no event ever comes */
};

struct ring_double;

struct ring_double *ring_double_create(const struct ring_double_config *config);
/* The port is closed. */
void ring_double_destroy(struct ring_double *kernel);

/* What open(2) and mmap(2) would give; NULL: it is open already (EBUSY). */
struct ring_port *ring_double_open(struct ring_double *kernel);
/*
 * The process that has it open is as good as dead: nothing it does is seen any more. It can be
 * opened by another one, even before it closes the port.
 */
void ring_double_kill(struct ring_double *kernel);
/* rmdir of the backstore: what is in flight fails, the descriptor says EIO. */
void ring_double_remove(struct ring_double *kernel);

/* ---- what initiators do --------------------------------------------------------------------- */

void ring_double_submit(struct ring_double *kernel, struct ring_io *io);
/* Until `io` is done. */
void ring_double_wait(struct ring_double *kernel, struct ring_io *io);
/*
 * Task management for `count` commands, of which those that are in flight are named in the entry
 * and those that wait for room vanish. `stale_id` 0, or the id of some completed command that is
 * named as well.
 */
void ring_double_abort(struct ring_double *kernel, enum abi_function function,
	struct ring_io *const *ios, unsigned count, uint16_t stale_id);
/* All commands in flight, and those that wait. */
void ring_double_abort_all(struct ring_double *kernel, enum abi_function function);

/* ---- what the kernel does by itself ---------------------------------------------------------- */

/* No events while plugged; one for everything when unplugged. */
void ring_double_plug(struct ring_double *kernel, bool plugged);
/* An event without a cause. */
void ring_double_wake(struct ring_double *kernel);
/* Looks at the tail, as the unmap worker does. */
void ring_double_consume(struct ring_double *kernel);
/* cmd_time_out: the initiator gets 02/08/00; the slot, id and data stay with the device. */
void ring_double_expire(struct ring_double *kernel, struct ring_io *io);
/* action/block_dev: 1 queues what comes from now on. */
void ring_double_block(struct ring_double *kernel, bool block);
/* action/reset_ring: level 1 answers BUSY, 2 CHECK CONDITION. */
void ring_double_reset(struct ring_double *kernel, int level);

/* ---- for tests ------------------------------------------------------------------------------- */

/* Takes every second of the lowest free data blocks away for good: `runs` holes of one block. */
void ring_double_fragment(struct ring_double *kernel, unsigned runs);
/* The shared memory in the kernel's mapping, for tests that are hostile. */
struct abi_mailbox *ring_double_mailbox(struct ring_double *kernel);
uint8_t *ring_double_ring(struct ring_double *kernel);
/* Where the next entry comes; tail as the device has published it. */
uint32_t ring_double_head(struct ring_double *kernel);
/* Moves head as if the kernel had filled the bytes between. */
void ring_double_forge_head(struct ring_double *kernel, uint32_t head);
/* Bytes of the map in front of the data area. */
size_t ring_double_data_offset(const struct ring_double *kernel);

struct ring_double_counters {
	unsigned kicks, events, acknowledged, answers, late, pads, smallest_pad, wraps, queued,
		most_iovs, most_in_flight, task_management;
};
struct ring_double_counters ring_double_counters(struct ring_double *kernel);
unsigned ring_double_in_flight(struct ring_double *kernel);
/* From now on violations are noted, not deadly; the first one, or NULL. */
void ring_double_note_violations(struct ring_double *kernel);
const char *ring_double_violated(struct ring_double *kernel);
