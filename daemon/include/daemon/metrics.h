/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures for monitoring, cheap enough to be asked for every few seconds: what a drive counts while
 * it works, and totals that the catalog keeps. Part of the façade: see daemon/library.h. Readers.
 */
#pragma once

#include "daemon/library.h"

enum {
	LIBRARY_COMMAND_CLASSES = 4,
	LIBRARY_COMMAND_STATUSES = 4,
	LIBRARY_DURATIONS = 9, /* bounds; one counter more, for what took longer */
	LIBRARY_SENSE_KEYS = 16,
};

static const char *const library_command_classes[LIBRARY_COMMAND_CLASSES] = {
	"read", "write", "position", "other"};
static const char *const library_command_statuses[LIBRARY_COMMAND_STATUSES] = {
	"good", "check_condition", "reservation_conflict", "other"};

/* Since the daemon began; a counter may be one command ahead of another. */
struct library_commands {
	uint64_t count[LIBRARY_COMMAND_CLASSES][LIBRARY_COMMAND_STATUSES];
	uint64_t durations[LIBRARY_COMMAND_CLASSES][LIBRARY_DURATIONS + 1];
	uint64_t duration_us[LIBRARY_COMMAND_CLASSES]; /* their sum */
	uint64_t sense_keys[LIBRARY_SENSE_KEYS];       /* of CHECK CONDITION */
	uint32_t bounds_us[LIBRARY_DURATIONS]; /* ascending; a bound belongs to what it ends */
};

/* DRIVE_NOT_FOUND. */
bool library_drive_commands(struct library *library, const char *drive,
	struct library_commands *ret, struct error *error);

/* How many media or jobs there are of a kind in a state; those that were there once count 0. */
struct library_total {
	char kind[16], state[16];
	uint64_t count;
	uint64_t bytes; /* of media */
	int64_t ended;  /* of jobs: when the last one ended, also one that is forgotten; 0: never */
};

bool library_media_totals(struct library *library,
	bool (*each)(void *context, const struct library_total *total), void *context,
	struct error *error);
bool library_job_totals(struct library *library,
	bool (*each)(void *context, const struct library_total *total), void *context,
	struct error *error);

enum {
	LIBRARY_JOB_RESULTS = 3,   /* "succeeded", "failed", "cancelled" */
	LIBRARY_JOB_DURATIONS = 8, /* bounds; one counter more, for what took longer */
};

/* Ascending; a bound belongs to what it ends. */
static const uint32_t library_job_bounds_ms[LIBRARY_JOB_DURATIONS] = {
	100, 1000, 5000, 15000, 60000, 300000, 1800000, 7200000};

/* Of jobs that ran, from where this daemon began or resumed them to their end. */
struct library_job_durations {
	const char *kind, *result;
	uint64_t count[LIBRARY_JOB_DURATIONS + 1];
	uint64_t sum_ns;
};

/* Every kind with every result, those of which there was none too; `each` with a lock held. */
bool library_job_durations(struct library *library,
	bool (*each)(void *context, const struct library_job_durations *durations), void *context);
