/* SPDX-License-Identifier: Apache-2.0 */
/* Changing and removing media. */
#include <string.h>

#include "catalog/catalog.h"
#include "database.h"
#include "medium_check.h"
#include "names.h"
#include "query.h"
#include "rows.h"
#include "transaction.h"
#include "util/cleanup.h"

static bool changed_one(struct query *q, const char *id, struct error *error)
{
	if (!query_run(q, error))
		return false;
	return sqlite3_changes(q->catalog->db) > 0 || medium_not_found(id, error);
}

static bool check_kind(
	struct catalog *catalog, const char *id, const char *kind, struct error *error)
{
	static const char sql[] = "SELECT kind FROM media WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	char found[sizeof((struct catalog_medium *)0)->kind];
	query_init(&q, catalog, sql);
	query_bind_text(&q, id);
	if (!query_row(&q))
		return query_ok(&q, error) && medium_not_found(id, error);
	query_take_text(&q, found, sizeof found);
	if (!query_ok(&q, error))
		return false;
	if (strcmp(found, kind) != 0)
		return error_set(error, ERROR_INVALID, "Name another medium, or add it anew.",
			"%s is a %s, not a %s", id, found, kind);
	return true;
}

bool catalog_medium_update(
	struct catalog *catalog, const struct catalog_medium *medium, struct error *error)
{
	static const char sql[] =
		"UPDATE media SET kind = ?, format = ?, file_system = ?, volume_id = ?, size = ?, "
		"profile = ?, profile_override = ?, device = ?, inode = ?, file_size = ?, "
		"mtime_sec = ?, mtime_nsec = ?, fault = '', medium_type = ?, capacity = ?, "
		"state = 'ok', sha256 = '', verified = 0, verify_result = '', details = '', os = "
		"'' "
		"WHERE id = ?";
	_cleanup_(transaction_finish) struct transaction t = {0};
	_cleanup_(query_finish) struct query q = {0};
	if (!medium_check(medium, error) || !transaction_begin(&t, catalog, error) ||
		!check_kind(catalog, medium->id, medium->kind, error))
		return false;
	query_init(&q, catalog, sql);
	medium_bind_description(&q, medium);
	query_bind_text(&q, medium->medium_type);
	query_bind_int(&q, (int64_t)medium->capacity);
	query_bind_text(&q, medium->id);
	return changed_one(&q, medium->id, error) && transaction_commit(&t, error);
}

bool catalog_medium_set_fault(
	struct catalog *catalog, const char *id, const char *fault, struct error *error)
{
	static const char sql[] = "UPDATE media SET fault = ? WHERE id = ?";
	_cleanup_(query_finish) struct query q = {0};
	if (strlen(fault) >= CATALOG_TEXT_MAX || !text_is_utf8(fault))
		return error_set(error, ERROR_INVALID, "Use fewer words.",
			"the fault of a medium is described in at most %d bytes of UTF-8",
			CATALOG_TEXT_MAX - 1);
	query_init(&q, catalog, sql);
	query_bind_text(&q, fault);
	query_bind_text(&q, id);
	return changed_one(&q, id, error);
}

bool medium_check_not_in_drive(struct catalog *catalog, const char *id, struct error *error)
{
	static const char sql[] = "SELECT drives.name, media.kind FROM drives "
				  "JOIN media ON media.id = drives.medium "
				  "WHERE drives.medium = ?";
	_cleanup_(query_finish) struct query q = {0};
	char drive[CATALOG_ID_MAX], kind[sizeof((struct catalog_medium *)0)->kind];
	query_init(&q, catalog, sql);
	query_bind_text(&q, id);
	if (!query_row(&q))
		return query_ok(&q, error);
	query_take_text(&q, drive, sizeof drive);
	query_take_text(&q, kind, sizeof kind);
	return error_set(error, ERROR_MEDIUM_IN_USE, "Eject it there first.",
		"%s %s is in drive %s", kind, id, drive);
}

static bool move_tab(
	struct catalog *catalog, const char *id, bool write_protected, struct error *error)
{
	static const char sql[] = "UPDATE media SET write_protected = ?1 "
				  "WHERE id = ?2 AND write_protected <> ?1";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, write_protected);
	query_bind_text(&q, id);
	return query_run(&q, error);
}

/* Nothing changed is nothing to tell of. */
static bool tell_tab(struct catalog *catalog, const char *id, bool write_protected,
	const char *actor, struct error *error)
{
	return sqlite3_changes(catalog->db) == 0 ||
	       catalog_history_add(catalog, actor,
		       write_protected ? "write-protect" : "write-permit", "", id, error);
}

bool catalog_medium_set_write_protected(struct catalog *catalog, const char *id,
	bool write_protected, const char *actor, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	return transaction_begin(&t, catalog, error) && check_kind(catalog, id, "tape", error) &&
	       medium_check_not_in_drive(catalog, id, error) &&
	       move_tab(catalog, id, write_protected, error) &&
	       tell_tab(catalog, id, write_protected, actor, error) &&
	       transaction_commit(&t, error);
}

static bool press_to(
	struct catalog *catalog, const char *id, uint32_t override, struct error *error)
{
	static const char sql[] = "UPDATE media SET profile_override = ?1 "
				  "WHERE id = ?2 AND profile_override <> ?1";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_int(&q, override);
	query_bind_text(&q, id);
	return query_run(&q, error);
}

/* Profiles of MMC-6 5.3.1 that an operator may ask for. */
static const char *profile_word(uint32_t profile)
{
	switch (profile) {
	case 0:
		return "auto";
	case 0x08:
		return "cd-rom";
	case 0x10:
		return "dvd-rom";
	case 0x40:
		return "bd-rom";
	default:
		return "other";
	}
}

bool catalog_medium_set_profile(struct catalog *catalog, const char *id, uint32_t override,
	const char *actor, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	struct catalog_medium before;
	if (!transaction_begin(&t, catalog, error) || !check_kind(catalog, id, "disc", error) ||
		!medium_check_not_in_drive(catalog, id, error) ||
		!medium_by_id(catalog, id, &before, error))
		return false;
	const struct catalog_change change = {
		"profile", profile_word(before.profile_override), profile_word(override)};
	return (before.profile_override == override ||
		       (press_to(catalog, id, override, error) &&
			       catalog_history_add_changes(
				       catalog, actor, "profile", id, &change, 1, error))) &&
	       transaction_commit(&t, error);
}

bool catalog_medium_remove(struct catalog *catalog, const char *id, struct error *error)
{
	static const char sql[] = "DELETE FROM media WHERE id = ?";
	_cleanup_(transaction_finish) struct transaction t = {0};
	_cleanup_(query_finish) struct query q = {0};
	if (!transaction_begin(&t, catalog, error) ||
		!medium_check_not_in_drive(catalog, id, error))
		return false;
	query_init(&q, catalog, sql);
	query_bind_text(&q, id);
	return changed_one(&q, id, error) && transaction_commit(&t, error);
}
