/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/metrics.h"

#include <stdio.h>

#include "catalog/totals.h"
#include "library_private.h"
#include "scsi/lu.h"
#include "util/cleanup.h"

/* The façade has the classes and statuses of scsi/tally.h by their places. */
_Static_assert((int)LIBRARY_COMMAND_CLASSES == (int)SCSI_TALLY_CLASSES, "classes");
_Static_assert((int)LIBRARY_COMMAND_STATUSES == (int)SCSI_TALLY_STATUSES, "statuses");
_Static_assert((int)LIBRARY_DURATIONS == (int)SCSI_TALLY_DURATIONS, "durations");
_Static_assert((int)LIBRARY_SENSE_KEYS == (int)SCSI_TALLY_SENSE_KEYS, "sense keys");

static uint64_t take(const atomic_ullong *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void fill_class(const struct scsi_tally *tally, unsigned class, struct library_commands *ret)
{
	for (unsigned i = 0; i < LIBRARY_COMMAND_STATUSES; i++)
		ret->count[class][i] = take(&tally->commands[class][i]);
	for (unsigned i = 0; i <= LIBRARY_DURATIONS; i++)
		ret->durations[class][i] = take(&tally->durations[class][i]);
	ret->duration_us[class] = take(&tally->duration_us[class]);
}

static void fill(const struct scsi_tally *tally, struct library_commands *ret)
{
	for (unsigned i = 0; i < LIBRARY_COMMAND_CLASSES; i++)
		fill_class(tally, i, ret);
	for (unsigned i = 0; i < LIBRARY_SENSE_KEYS; i++)
		ret->sense_keys[i] = take(&tally->sense_keys[i]);
	for (unsigned i = 0; i < LIBRARY_DURATIONS; i++)
		ret->bounds_us[i] = scsi_tally_bounds_us[i];
}

bool library_drive_commands(struct library *library, const char *name, struct library_commands *ret,
	struct error *error)
{
	SCOPED_LOCK(&library->drives_lock);
	const struct drive *drive = drive_find(library, name);
	if (!drive)
		return catalog_drive_not_found(name, error);
	*ret = (struct library_commands){0};
	if (drive->lu)
		fill(&drive->lu->tally, ret);
	return true;
}

struct totals {
	bool (*each)(void *context, const struct library_total *total);
	void *context;
};

static bool pass_on(void *context, const struct catalog_total *row)
{
	const struct totals *totals = context;
	struct library_total total = {
		.count = row->count, .bytes = row->bytes, .ended = row->ended};
	snprintf(total.kind, sizeof total.kind, "%s", row->kind);
	snprintf(total.state, sizeof total.state, "%s", row->state);
	return totals->each(totals->context, &total);
}

bool library_media_totals(struct library *library,
	bool (*each)(void *context, const struct library_total *total), void *context,
	struct error *error)
{
	struct totals totals = {each, context};
	SCOPED_LOCK(&library->reader_lock);
	return catalog_media_totals(library->reader, pass_on, &totals, error);
}

bool library_job_totals(struct library *library,
	bool (*each)(void *context, const struct library_total *total), void *context,
	struct error *error)
{
	struct totals totals = {each, context};
	SCOPED_LOCK(&library->reader_lock);
	return catalog_job_totals(library->reader, pass_on, &totals, error);
}

bool library_job_durations(struct library *library,
	bool (*each)(void *context, const struct library_job_durations *durations), void *context)
{
	return background_tally_each(&library->background.tally, each, context);
}
