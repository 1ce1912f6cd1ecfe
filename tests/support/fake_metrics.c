/* SPDX-License-Identifier: Apache-2.0 */
/* What the fake library says when it is asked for figures. */
#include <stdio.h>
#include <string.h>

#include "daemon/metrics.h"
#include "fake_library_parts.h"
#include "util/cleanup.h"

/* Every command was a read: most of them quick, one that failed slow. */
bool library_drive_commands(struct library *library, const char *name, struct library_commands *ret,
	struct error *error)
{
	SCOPED_LOCK(&library->lock);
	const struct library_drive *drive = fake_find_drive(library, name, error);
	if (!drive)
		return false;
	*ret = (struct library_commands){
		.bounds_us = {25, 100, 500, 2000, 10000, 50000, 250000, 1000000, 10000000}};
	ret->count[0][0] = ret->durations[0][1] = drive->commands;
	ret->count[0][1] = ret->durations[0][LIBRARY_DURATIONS] = ret->sense_keys[3] = 1;
	ret->duration_us[0] = 50 * drive->commands + 20000000;
	return true;
}

static bool tell_media(const struct library *library, const char *kind, const char *state,
	bool (*each)(void *context, const struct library_total *total), void *context)
{
	struct library_total total = {0};
	COPY(total.kind, kind);
	COPY(total.state, state);
	for (unsigned i = 0; i < library->medium_count; i++)
		if (!strcmp(library->media[i].kind, kind) &&
			!strcmp(library->media[i].state, state)) {
			total.count++;
			total.bytes += library->media[i].size;
		}
	return each(context, &total);
}

bool library_media_totals(struct library *library,
	bool (*each)(void *context, const struct library_total *total), void *context,
	struct error *error)
{
	SCOPED_LOCK(&library->lock);
	return tell_media(library, "disc", "missing", each, context) &&
	       tell_media(library, "disc", "ok", each, context) &&
	       tell_media(library, "tape", "ok", each, context);
}

/* One scan, long ago, beside the jobs there are. */
bool library_job_totals(struct library *library,
	bool (*each)(void *context, const struct library_total *total), void *context,
	struct error *error)
{
	SCOPED_LOCK(&library->lock);
	const struct library_total total = {
		.kind = "scan", .state = "succeeded", .count = 1, .ended = 1767225600};
	return each(context, &total);
}

/* Two scans, one that was quick and one that took three hours, and an import that failed. */
bool library_job_durations(struct library *library,
	bool (*each)(void *context, const struct library_job_durations *durations), void *context)
{
	static const struct library_job_durations rows[] = {
		{"scan", "succeeded", {[1] = 1, [LIBRARY_JOB_DURATIONS] = 1},
			UINT64_C(10800500000000)},
		{"scan", "failed", {0}, 0},
		{"import", "failed", {[0] = 1}, 50000000},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!each(context, &rows[i]))
			return false;
	return true;
}
