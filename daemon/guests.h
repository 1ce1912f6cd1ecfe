/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guests: TCMU devices that other programs made for a drive of ours. Each is a nexus of that drive
 * for as long as it is there: attached when it comes or when its drive does, released when either
 * goes. A guest counts among drive->sessions, so that a drive that goes waits for it as it does
 * for sessions of the portal.
 *
 * Whatever happens (something was said on the netlink group, a ring failed, a drive came or goes)
 * only asks for a look; the look compares what is there with what we have. It runs on the control
 * thread, one at a time, where it may wait for the kernel.
 *
 * Locks: `lock` guards the list against readers, and the state of the look; only the control thread
 * (or whoever starts and stops the library) changes the list. Order: lock → nothing;
 * drives_lock is never taken with it held.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "scsi/executor.h"
#include "util/error.h"
#include "util/list.h"

struct drive;
struct library;

struct guests {
	struct library *library;
	pthread_mutex_t lock;
	pthread_cond_t idle;
	struct list list;
	struct scsi_work work;
	unsigned again_ms; /* since when something was found not enabled; 0: all are */
	bool queued;       /* the work is with the executor */
	bool again;        /* somebody asked while it was */
	bool open;         /* between guests_start and guests_stop */
};

void guests_init(struct guests *guests, struct library *library);
void guests_finish(struct guests *guests);

/* Before the drives are made: what is there. */
void guests_find(struct guests *guests);
/* A drive that is being made before the library runs: its guests' nexuses, which told.h needs. */
void guests_enter(struct guests *guests, struct drive *drive);
/* Attaches what was found, and looks whenever it is asked to from now on. */
void guests_start(struct guests *guests);
/* Any thread, any locks but `lock`: look, soon. */
void guests_look(struct guests *guests);
/*
 * No look runs any more. Takes nothing more from the rings and waits for what was taken; true when
 * all were drained.
 */
bool guests_stop(struct guests *guests, unsigned timeout_ms);
/* After that, and after what hosts know was written down: the devices stay for the next daemon. */
void guests_release(struct guests *guests);

/* The `index`th one that is not served, and why; false: there are no more. */
bool guests_warning(struct guests *guests, unsigned index, char *ret, size_t size);
