/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue of a device that is one mechanism (tape drives, changers): what it has to do, in order
 * of arrival, one thing at a time, each on a thread of the executor and with no lock held. Commands
 * of rows without OPCODE_IMMEDIATE go through it on device types with `queued`; the library's loads
 * and ejects queue like a command.
 *
 * A command of a row with OPCODE_TRIES_AT_HAND that finds the mechanism at rest begins on the
 * thread that brought it (scsi_unlocked in command.h), and what comes meanwhile queues behind it.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "scsi/executor.h"
#include "util/list.h"

struct scsi_lu;

struct scsi_queue_item {
	struct list link; /* the queue's until `run` is called */
	void (*run)(struct scsi_queue_item *item);
};

struct scsi_queue {
	struct list items; /* under lu->lock, like the rest */
	bool running;      /* one of them is, or is about to */
	struct scsi_work work;
	pthread_cond_t at_rest;
};

void scsi_queue_init(struct scsi_queue *queue);

/* lu->lock held. The item is the queue's until it runs; every item that was added does. */
void scsi_queue_add(struct scsi_lu *lu, struct scsi_queue_item *item);
