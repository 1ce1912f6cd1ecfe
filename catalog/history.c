/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "catalog/catalog.h"
#include "database.h"
#include "names.h"
#include "query.h"
#include "rows.h"
#include "transaction.h"
#include "util/cleanup.h"

static bool fits(const char *text, size_t size)
{
	return strlen(text) < size && text_is_utf8(text);
}

static bool check_event(const struct catalog_event *event, const char *detail, struct error *error)
{
	if (text_is_utf8(event->actor) && text_is_utf8(event->verb) && text_is_utf8(event->drive) &&
		text_is_utf8(event->medium) && text_is_utf8(event->subject_kind) &&
		text_is_utf8(event->subject) && text_is_utf8(event->outcome) &&
		(!detail || text_is_utf8(detail)))
		return true;
	return error_set(error, ERROR_INVALID, "Use names in UTF-8.",
		"history cannot keep a name that is not UTF-8");
}

bool catalog_event_add(struct catalog *catalog, const struct catalog_event *event,
	const char *detail, struct error *error)
{
	static const char sql[] =
		"INSERT INTO history (at, actor, verb, drive, medium, subject_kind, subject, "
		"outcome, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
	_cleanup_(query_finish) struct query q = {0};
	if (!check_event(event, detail, error))
		return false;
	query_init(&q, catalog, sql);
	query_bind_int(&q, time(NULL));
	query_bind_text(&q, event->actor);
	query_bind_text(&q, event->verb);
	query_bind_text(&q, event->drive);
	query_bind_text(&q, event->medium);
	query_bind_text(&q, event->subject_kind);
	query_bind_text(&q, event->subject);
	query_bind_text(&q, event->outcome[0] ? event->outcome : "ok");
	query_bind_text(&q, detail ? detail : "");
	catalog->events_added++;
	return query_run(&q, error);
}

uint64_t catalog_events_added(const struct catalog *catalog)
{
	return catalog->events_added;
}

bool catalog_history_add(struct catalog *catalog, const char *actor, const char *verb,
	const char *drive, const char *medium, struct error *error)
{
	struct catalog_event event = {0};
	if (!fits(actor, sizeof event.actor) || !fits(verb, sizeof event.verb) ||
		!fits(drive, sizeof event.drive) || !fits(medium, sizeof event.medium))
		return error_set(error, ERROR_INVALID, "Use shorter names, in UTF-8.",
			"history cannot keep what \"%.64s\" did: a name is too long or not UTF-8",
			actor);
	snprintf(event.actor, sizeof event.actor, "%s", actor);
	snprintf(event.verb, sizeof event.verb, "%s", verb);
	snprintf(event.drive, sizeof event.drive, "%s", drive);
	snprintf(event.medium, sizeof event.medium, "%s", medium);
	return catalog_event_add(catalog, &event, NULL, error);
}

/* Of the event that was added last. */
static bool add_change(
	struct catalog *catalog, const struct catalog_change *change, struct error *error)
{
	static const char sql[] =
		"UPDATE history SET detail = json_set(iif(detail = '', '{}', detail), '$.' || ?1, "
		"json_object('from', substr(?2, 1, 300), 'to', substr(?3, 1, 300))) "
		"WHERE id = last_insert_rowid()";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, change->what);
	query_bind_text(&q, change->from);
	query_bind_text(&q, change->to);
	return query_run(&q, error);
}

bool catalog_history_add_changes(struct catalog *catalog, const char *actor, const char *verb,
	const char *medium, const struct catalog_change *changes, size_t count, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	if (!transaction_begin(&t, catalog, error) ||
		!catalog_history_add(catalog, actor, verb, "", medium, error))
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(changes[i].from, changes[i].to) != 0 &&
			!add_change(catalog, &changes[i], error))
			return false;
	return transaction_commit(&t, error);
}

bool event_of_subject(struct catalog *catalog, const char *actor, const char *verb,
	const char *subject_kind, const char *subject, struct error *error)
{
	struct catalog_event event = {0};
	snprintf(event.actor, sizeof event.actor, "%s", actor);
	snprintf(event.verb, sizeof event.verb, "%s", verb);
	snprintf(event.subject_kind, sizeof event.subject_kind, "%s", subject_kind);
	snprintf(event.subject, sizeof event.subject, "%s", subject);
	return catalog_event_add(catalog, &event, NULL, error);
}

/* ---- reading -----------------------------------------------------------------------------------
 */

/* In the order in which they are bound. */
enum {
	BY_MEDIUM = 1 << 0,
	BY_DRIVE = 1 << 1,
	BY_SUBJECT = 1 << 2,
	BY_SUBJECT_KIND = 1 << 3, /* of any name */
	BY_SUBJECT_NAME = 1 << 4, /* of any kind */
	BY_ACTOR = 1 << 5,
	DONE_ONLY = 1 << 6,
	FILTERS = 7,
	STATEMENT_MAX = 512,
};

/*
 * A medium has a short history, a drive a long one, and who loads tapes at night the longest: "+"
 * keeps SQLite from going by the longer one of those that are asked for.
 */
static const struct {
	const char *text;
	unsigned shorter;
} conditions[FILTERS] = {
	{"medium = ?", 0},
	{"drive = ?", BY_MEDIUM},
	{"subject_kind = ? AND subject = ? AND subject <> ''", 0},
	{"subject_kind = ? AND subject_kind <> ''", BY_MEDIUM | BY_DRIVE | BY_ACTOR},
	{"subject = ? AND subject <> ''", BY_MEDIUM | BY_DRIVE},
	{"actor = ?", BY_MEDIUM | BY_DRIVE | BY_SUBJECT | BY_SUBJECT_NAME},
	{"outcome = 'ok'", 0},
};

#define EVENT_COLUMNS "id, at, actor, verb, drive, medium, subject_kind, subject, outcome, detail"

/* One text for each set of filters, so that each goes by its index; made once, for ever. */
static char texts[1 << FILTERS][STATEMENT_MAX];
static pthread_once_t texts_made = PTHREAD_ONCE_INIT;

static void append(char *text, const char *more)
{
	size_t length = strlen(text);
	snprintf(text + length, STATEMENT_MAX - length, "%s", more);
}

static void make_texts(void)
{
	for (unsigned set = 0; set < 1 << FILTERS; set++) {
		append(texts[set], "SELECT " EVENT_COLUMNS " FROM history WHERE id < ?");
		for (unsigned i = 0; i < FILTERS; i++) {
			if (!(set & 1u << i))
				continue;
			append(texts[set], set & conditions[i].shorter ? " AND +" : " AND ");
			append(texts[set], conditions[i].text);
		}
		append(texts[set], " ORDER BY id DESC LIMIT ?");
	}
}

static bool given(const char *text)
{
	return text && text[0];
}

static unsigned filter_set(const struct catalog_history_filter *filter)
{
	unsigned set = filter->refused ? 0 : DONE_ONLY;
	set |= given(filter->medium) ? BY_MEDIUM : 0;
	set |= given(filter->drive) ? BY_DRIVE : 0;
	if (given(filter->subject_kind))
		set |= given(filter->subject) ? BY_SUBJECT : BY_SUBJECT_KIND;
	else
		set |= given(filter->subject) ? BY_SUBJECT_NAME : 0;
	set |= given(filter->actor) ? BY_ACTOR : 0;
	return set;
}

static void filter_bind(const struct catalog_history_filter *filter, struct query *q)
{
	if (given(filter->medium))
		query_bind_text(q, filter->medium);
	if (given(filter->drive))
		query_bind_text(q, filter->drive);
	if (given(filter->subject_kind))
		query_bind_text(q, filter->subject_kind);
	if (given(filter->subject))
		query_bind_text(q, filter->subject);
	if (given(filter->actor))
		query_bind_text(q, filter->actor);
}

static void event_take(struct query *q, struct catalog_event *ret)
{
	ret->id = query_take_int(q);
	ret->when = query_take_int(q);
	query_take_text(q, ret->actor, sizeof ret->actor);
	query_take_text(q, ret->verb, sizeof ret->verb);
	query_take_text(q, ret->drive, sizeof ret->drive);
	query_take_text(q, ret->medium, sizeof ret->medium);
	query_take_text(q, ret->subject_kind, sizeof ret->subject_kind);
	query_take_text(q, ret->subject, sizeof ret->subject);
	query_take_text(q, ret->outcome, sizeof ret->outcome);
}

static bool each_event(struct query *q,
	bool (*each)(void *context, const struct catalog_event *event, const char *detail),
	void *context, struct error *error)
{
	struct catalog_event event;
	while (query_row(q)) {
		event_take(q, &event);
		if (!query_ok(q, error))
			return false;
		const char *detail = (const char *)sqlite3_column_text(q->statement, q->column);
		if (!each(context, &event, detail ? detail : ""))
			return true;
	}
	return query_ok(q, error);
}

bool catalog_history_list(struct catalog *catalog, const struct catalog_history_filter *filter,
	int64_t before, unsigned limit,
	bool (*each)(void *context, const struct catalog_event *event, const char *detail),
	void *context, struct error *error)
{
	_cleanup_(query_finish) struct query q = {0};
	static const struct catalog_history_filter all;
	filter = filter ? filter : &all;
	pthread_once(&texts_made, make_texts);
	query_init(&q, catalog, texts[filter_set(filter)]);
	query_bind_int(&q, before > 0 ? before : INT64_MAX);
	filter_bind(filter, &q);
	query_bind_int(&q, limit);
	return each_event(&q, each, context, error);
}

bool catalog_events_after(struct catalog *catalog, int64_t after, unsigned limit,
	bool (*each)(void *context, const struct catalog_event *event, const char *detail),
	void *context, struct error *error)
{
	static const char sql[] =
		"SELECT " EVENT_COLUMNS " FROM history WHERE id > ? ORDER BY id LIMIT ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, after);
	query_bind_int(&q, limit);
	return each_event(&q, each, context, error);
}

bool catalog_events_last(struct catalog *catalog, int64_t *ret, struct error *error)
{
	static const char sql[] = "SELECT coalesce(max(id), 0) FROM history";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	if (query_row(&q))
		*ret = query_take_int(&q);
	return query_ok(&q, error);
}
