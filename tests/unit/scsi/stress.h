/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the stress test: what its threads share. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "drive.h"
#include "thread_check.h"

enum { NEXUSES = 3, RECENT = 16 };

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct list items;
	bool stopped;
};

extern struct stress {
	struct drive drive;
	struct scsi_nexus *nexuses[NEXUSES];
	struct queue works, inbox;
	atomic_bool stop;
	atomic_uint started, completed, released, aborted, good_reads, sources, requests, reserved;
	uint64_t seed;

	pthread_mutex_t drain_lock;
	pthread_cond_t drained;
	unsigned drain_events; /* under drain_lock */

	pthread_mutex_t recent_lock;
	struct scsi_cmd *recent[RECENT]; /* a reference each */
} stress;

/* A stream of random numbers of each thread's own, made of STRESS_SEED. */
uint64_t random_stream(uintptr_t thread);
unsigned random_below(uint64_t *state, unsigned limit);

/* A drive with three nexuses and its surroundings; seed from the environment. */
void stress_init(void);

/* A medium in which every byte is `generation`. */
struct medium *insert(uint8_t generation);

/* Threads: until the queue is stopped and worked off. */
void *worker(void *argument);
void *library(void *argument);
void queue_stop(struct queue *queue);
