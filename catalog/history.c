/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <time.h>

#include "catalog/catalog.h"
#include "names.h"
#include "query.h"
#include "util/cleanup.h"

static bool fits(const char *text, size_t size)
{
	return strlen(text) < size && text_is_utf8(text);
}

static bool check_words(const char *actor, const char *verb, const char *drive, const char *medium,
	struct error *error)
{
	struct catalog_event *event;
	if (fits(actor, sizeof event->actor) && fits(verb, sizeof event->verb) &&
		fits(drive, sizeof event->drive) && fits(medium, sizeof event->medium))
		return true;
	return error_set(error, ERROR_INVALID, "Use shorter names, in UTF-8.",
		"history cannot keep what \"%.64s\" did: a name is too long or not UTF-8", actor);
}

bool catalog_history_add(struct catalog *catalog, const char *actor, const char *verb,
	const char *drive, const char *medium, struct error *error)
{
	static const char sql[] = "INSERT INTO history (at, actor, verb, drive, medium) "
				  "VALUES (?, ?, ?, ?, ?)";
	_cleanup_(query_finish) struct query q = {0};
	if (!check_words(actor, verb, drive, medium, error))
		return false;
	query_init(&q, catalog, sql);
	query_bind_int(&q, time(NULL));
	query_bind_text(&q, actor);
	query_bind_text(&q, verb);
	query_bind_text(&q, drive);
	query_bind_text(&q, medium);
	return query_run(&q, error);
}

static void event_take(struct query *q, struct catalog_event *ret)
{
	ret->id = query_take_int(q);
	ret->when = query_take_int(q);
	query_take_text(q, ret->actor, sizeof ret->actor);
	query_take_text(q, ret->verb, sizeof ret->verb);
	query_take_text(q, ret->drive, sizeof ret->drive);
	query_take_text(q, ret->medium, sizeof ret->medium);
}

#define EVENTS       "SELECT id, at, actor, verb, drive, medium FROM history WHERE id < ? "
#define NEWEST_FIRST "ORDER BY id DESC LIMIT ?"

/*
 * One text for each set of filters, so that each goes by its index. A medium has a short history, a
 * drive a long one: where both are asked for, "+" keeps SQLite from going by the drive.
 */
static const char *list_sql(bool medium, bool drive)
{
	static const char all[] = EVENTS NEWEST_FIRST;
	static const char of_medium[] = EVENTS "AND medium = ? " NEWEST_FIRST;
	static const char of_drive[] = EVENTS "AND drive = ? " NEWEST_FIRST;
	static const char of_both[] = EVENTS "AND medium = ? AND +drive = ? " NEWEST_FIRST;
	if (medium)
		return drive ? of_both : of_medium;
	return drive ? of_drive : all;
}

bool catalog_history_list(struct catalog *catalog, const char *medium, const char *drive,
	int64_t before, unsigned limit,
	bool (*each)(void *context, const struct catalog_event *event), void *context,
	struct error *error)
{
	_cleanup_(query_finish) struct query q = {0};
	struct catalog_event event;
	bool by_medium = medium && medium[0], by_drive = drive && drive[0];
	query_init(&q, catalog, list_sql(by_medium, by_drive));
	query_bind_int(&q, before > 0 ? before : INT64_MAX);
	if (by_medium)
		query_bind_text(&q, medium);
	if (by_drive)
		query_bind_text(&q, drive);
	query_bind_int(&q, limit);
	while (query_row(&q)) {
		event_take(&q, &event);
		if (!query_ok(&q, error))
			return false;
		if (!each(context, &event))
			return true;
	}
	return query_ok(&q, error);
}
