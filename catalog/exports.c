/* SPDX-License-Identifier: Apache-2.0 */
/* Exports as they are written: all of one in one transaction. */
#include "catalog/catalog.h"
#include "database.h"
#include "names.h"
#include "query.h"
#include "rows.h"
#include "transaction.h"
#include "util/cleanup.h"

static bool delete_export(struct catalog *catalog, const char *name, struct error *error)
{
	static const char sql[] = "DELETE FROM exports WHERE name = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, name);
	return query_run(&q, error);
}

static bool insert_export(
	struct catalog *catalog, const struct catalog_export *export, struct error *error)
{
	static const char sql[] =
		"INSERT INTO exports (name, target, chap_user, chap_secret, mutual_user, "
		"mutual_secret, open, transport) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, export->name);
	query_bind_text(&q, export->target);
	query_bind_text(&q, export->chap_user);
	query_bind_text(&q, export->chap_secret);
	query_bind_text(&q, export->mutual_user);
	query_bind_text(&q, export->mutual_secret);
	query_bind_int(&q, export->open);
	query_bind_text(&q, export->kernel ? "kernel" : "portal");
	query_row(&q);
	if (q.result == SQLITE_CONSTRAINT_UNIQUE)
		return error_set(error, ERROR_EXISTS, "Give it another target name.",
			"another export has the target name %s", export->target);
	return query_ok(&q, error);
}

/* A number that no other export ever had. */
static bool choose_port(struct catalog *catalog, const char *name, struct error *error)
{
	static const char sql[] = "INSERT INTO export_ports (export, port) "
				  "SELECT ?1, (SELECT ifnull(max(port), 1) + 1 FROM export_ports) "
				  "WHERE NOT EXISTS (SELECT 1 FROM export_ports WHERE export = ?1)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, name);
	query_row(&q);
	if (q.result == SQLITE_CONSTRAINT_CHECK)
		return error_set(error, ERROR_INVALID, "Give it the name of an export of before.",
			"65534 exports have been made, and there is no port number for %s", name);
	return query_ok(&q, error);
}

static bool insert_lun(struct catalog *catalog, const struct catalog_export *export,
	const struct catalog_export_lun *lun, struct error *error)
{
	static const char sql[] = "INSERT INTO export_luns (export, lun, drive) VALUES (?, ?, ?)";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, export->name);
	query_bind_int(&q, lun->lun);
	query_bind_text(&q, lun->drive);
	query_row(&q);
	switch (q.result) {
	case SQLITE_CONSTRAINT_PRIMARYKEY:
		return error_set(error, ERROR_EXISTS, "Give every drive a LUN of its own.",
			"LUN %u of export %s is given twice", lun->lun, export->name);
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return catalog_drive_not_found(lun->drive, error);
	default:
		return query_ok(&q, error);
	}
}

static bool insert_luns(
	struct catalog *catalog, const struct catalog_export *export, struct error *error)
{
	for (unsigned i = 0; i < export->lun_count; i++)
		if (!insert_lun(catalog, export, &export->luns[i], error))
			return false;
	return true;
}

static bool insert_rules(struct catalog *catalog, const char *name, const char *kind,
	const char (*rules)[CATALOG_RULE_MAX], unsigned count, struct error *error)
{
	static const char sql[] =
		"INSERT INTO export_rules (export, kind, position, rule) VALUES (?, ?, ?, ?)";
	for (unsigned i = 0; i < count; i++) {
		_cleanup_(query_finish) struct query q = {0};
		query_init(&q, catalog, sql);
		query_bind_text(&q, name);
		query_bind_text(&q, kind);
		query_bind_int(&q, i);
		query_bind_text(&q, rules[i]);
		if (!query_run(&q, error))
			return false;
	}
	return true;
}

static bool tell(struct catalog *catalog, const char *actor, const char *verb, const char *name,
	struct error *error)
{
	return event_of_subject(catalog, actor, verb, "export", name, error);
}

bool catalog_export_put(struct catalog *catalog, const struct catalog_export *export,
	const char *actor, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	if (!catalog_drive_name_valid(export->name))
		return error_set(error, ERROR_INVALID, "Name it as drives are named.",
			"\"%s\" is not allowed as the name of an export", export->name);
	return transaction_begin(&t, catalog, error) &&
	       delete_export(catalog, export->name, error) &&
	       insert_export(catalog, export, error) && choose_port(catalog, export->name, error) &&
	       insert_luns(catalog, export, error) &&
	       insert_rules(catalog, export->name, "initiator", export->initiators,
		       export->initiator_count, error) &&
	       insert_rules(catalog, export->name, "network", export->networks,
		       export->network_count, error) &&
	       tell(catalog, actor, "export-put", export->name, error) &&
	       transaction_commit(&t, error);
}

bool catalog_export_remove(
	struct catalog *catalog, const char *name, const char *actor, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	if (!transaction_begin(&t, catalog, error) || !delete_export(catalog, name, error))
		return false;
	if (sqlite3_changes(catalog->db) == 0)
		return error_set(error, ERROR_EXPORT_NOT_FOUND,
			"List the exports to see their names.", "there is no export %.64s", name);
	return tell(catalog, actor, "export-remove", name, error) && transaction_commit(&t, error);
}
