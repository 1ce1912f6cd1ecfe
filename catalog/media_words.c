/* SPDX-License-Identifier: Apache-2.0 */
/* What people say of media: tags, notes, another id. */
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "database.h"
#include "medium_check.h"
#include "names.h"
#include "query.h"
#include "rows.h"
#include "transaction.h"
#include "util/cleanup.h"

static const char blanks[] = " \t\r\n";

static bool tag_is_valid(const char *tag, size_t length)
{
	static const char alphanumeric[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._:-";
	return length > 0 && length < CATALOG_TAG_MAX && strchr(alphanumeric, tag[0]) &&
	       strspn(tag, allowed) >= length;
}

static bool check_tags(const char *tags, struct error *error)
{
	unsigned count = 0;
	for (tags += strspn(tags, blanks); *tags; tags += strspn(tags, blanks)) {
		size_t length = strcspn(tags, blanks);
		if (!tag_is_valid(tags, length) || !text_is_utf8(tags))
			return error_set(error, ERROR_INVALID,
				"Use a-z, 0-9, '.', '_', ':' and '-', beginning with a letter or "
				"digit, at most 32.",
				"\"%.*s\" is not allowed as a tag",
				(int)(length < 64 ? length : 64), tags);
		if (++count > CATALOG_TAGS_MAX)
			return error_set(error, ERROR_INVALID, "Use fewer.",
				"a medium has at most %d tags", CATALOG_TAGS_MAX);
		tags += length;
	}
	return true;
}

static bool check_notes(const char *notes, struct error *error)
{
	if (strlen(notes) >= CATALOG_NOTES_MAX)
		return error_set(error, ERROR_INVALID, "Use fewer words.",
			"notes have at most %d bytes", CATALOG_NOTES_MAX - 1);
	return text_is_utf8(notes) ||
	       error_set(error, ERROR_INVALID, "Send UTF-8.", "the notes are not UTF-8");
}

static bool check_new_id(const struct catalog_medium *medium, const char *id, struct error *error)
{
	if (strcmp(id, medium->id) == 0)
		return true;
	if (medium->barcode[0])
		return error_set(error, ERROR_INVALID, "Make a tape with another barcode.",
			"the id of tape %s is its barcode and stays", medium->id);
	return name_is_valid(id, CATALOG_ID_MAX - 1) ||
	       error_set(error, ERROR_INVALID,
		       "Use a-z, 0-9, '.', '_' and '-', beginning with a letter or digit.",
		       "\"%.64s\" is not allowed as the id of a medium", id);
}

static bool check_id_is_free(struct catalog *catalog, const char *id, struct error *error)
{
	static const char sql[] = "SELECT path FROM media WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	char path[CATALOG_PATH_MAX];
	query_init(&q, catalog, sql);
	query_bind_text(&q, id);
	if (!query_row(&q))
		return query_ok(&q, error);
	query_take_text(&q, path, sizeof path);
	return error_set(error, ERROR_EXISTS, "Choose another id.",
		"the id %.64s is that of %.250s", id, path);
}

static bool forget_tags(struct catalog *catalog, const char *id, struct error *error)
{
	static const char sql[] = "DELETE FROM media_tags WHERE medium = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, id);
	return query_run(&q, error);
}

static bool add_tag(struct catalog *catalog, const char *id, const char *tag, struct error *error)
{
	static const char sql[] = "INSERT OR IGNORE INTO media_tags (medium, tag) VALUES (?, ?)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, id);
	query_bind_text(&q, tag);
	return query_run(&q, error);
}

static bool add_tags(struct catalog *catalog, const char *id, const char *tags, struct error *error)
{
	char tag[CATALOG_TAG_MAX];
	for (tags += strspn(tags, blanks); *tags; tags += strspn(tags, blanks)) {
		size_t length = strcspn(tags, blanks);
		snprintf(tag, sizeof tag, "%.*s", (int)length, tags);
		if (!add_tag(catalog, id, tag, error))
			return false;
		tags += length;
	}
	return true;
}

static bool set_notes(
	struct catalog *catalog, const char *id, const char *notes, struct error *error)
{
	static const char sql[] = "UPDATE media SET notes = ?1 WHERE id = ?2 AND notes <> ?1";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, notes);
	query_bind_text(&q, id);
	return query_run(&q, error);
}

static bool rename_medium(
	struct catalog *catalog, const char *id, const char *to, struct error *error)
{
	static const char sql[] = "UPDATE media SET id = ? WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	if (!medium_check_not_in_drive(catalog, id, error) || !check_id_is_free(catalog, to, error))
		return false;
	query_init(&q, catalog, sql);
	query_bind_text(&q, to);
	query_bind_text(&q, id);
	return query_run(&q, error);
}

static bool check_words(const struct catalog_medium *medium,
	const struct catalog_medium_words *words, struct error *error)
{
	return (!words->tags || check_tags(words->tags, error)) &&
	       (!words->notes || check_notes(words->notes, error)) &&
	       (!words->id || check_new_id(medium, words->id, error));
}

static bool apply_words(struct catalog *catalog, const struct catalog_medium *medium,
	const struct catalog_medium_words *words, struct error *error)
{
	if (words->tags && (!forget_tags(catalog, medium->id, error) ||
				   !add_tags(catalog, medium->id, words->tags, error)))
		return false;
	if (words->notes && !set_notes(catalog, medium->id, words->notes, error))
		return false;
	return !words->id || strcmp(words->id, medium->id) == 0 ||
	       rename_medium(catalog, medium->id, words->id, error);
}

static bool is_as_it_was(const struct catalog_medium *old, const struct catalog_medium *now)
{
	return strcmp(old->id, now->id) == 0 && strcmp(old->notes, now->notes) == 0 &&
	       strcmp(old->tags, now->tags) == 0;
}

static bool put_version(
	struct catalog *catalog, const char *id, int64_t version, struct error *error)
{
	static const char sql[] = "UPDATE media SET version = ? WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, version);
	query_bind_text(&q, id);
	return query_run(&q, error);
}

/* Tags were taken off and put on again one by one: it is one change, or none. */
static bool settle(struct catalog *catalog, const struct catalog_medium *old, const char *id,
	const char *actor, struct error *error)
{
	struct catalog_medium now;
	if (!medium_by_id(catalog, id, &now, error))
		return false;
	if (is_as_it_was(old, &now))
		return now.version == old->version || put_version(catalog, id, old->version, error);
	const struct catalog_change changes[] = {{"id", old->id, now.id},
		{"tags", old->tags, now.tags}, {"notes", old->notes, now.notes}};
	return put_version(catalog, id, old->version + 1, error) &&
	       catalog_history_add_changes(catalog, actor, "media-change", id, changes,
		       sizeof changes / sizeof *changes, error);
}

bool catalog_medium_describe(struct catalog *catalog, const char *id,
	const struct catalog_medium_words *words, int64_t version, const char *actor,
	struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	struct catalog_medium medium;
	if (!transaction_begin(&t, catalog, error) || !medium_by_id(catalog, id, &medium, error))
		return false;
	if (version && version != medium.version)
		return error_set(error, ERROR_CHANGED_MEANWHILE,
			"Look at it again, then change what is there now.",
			"%s was changed meanwhile", medium.id);
	return check_words(&medium, words, error) && apply_words(catalog, &medium, words, error) &&
	       settle(catalog, &medium, words->id ? words->id : medium.id, actor, error) &&
	       transaction_commit(&t, error);
}

bool catalog_tags_list(struct catalog *catalog, const char *after,
	bool (*each)(void *context, const char *tag, uint64_t media), void *context,
	struct error *error)
{
	static const char sql[] = "SELECT tag, count(*) FROM media_tags WHERE tag > ? "
				  "GROUP BY tag ORDER BY tag";
	_cleanup_(query_finish) struct query q = {0};
	char tag[CATALOG_TAG_MAX];
	query_init(&q, catalog, sql);
	query_bind_text(&q, after);
	while (query_row(&q)) {
		query_take_text(&q, tag, sizeof tag);
		uint64_t media = (uint64_t)query_take_int(&q);
		if (!query_ok(&q, error) || !each(context, tag, media))
			break;
	}
	return query_ok(&q, error);
}
