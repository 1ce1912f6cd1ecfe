/* SPDX-License-Identifier: Apache-2.0 */
/* Exports as they are read: the row, then its LUNs and rules. */
#include <string.h>

#include "catalog/catalog.h"
#include "database.h"
#include "query.h"
#include "util/cleanup.h"

static void row_take(struct query *q, struct catalog_export *ret)
{
	query_take_text(q, ret->name, sizeof ret->name);
	query_take_text(q, ret->target, sizeof ret->target);
	query_take_text(q, ret->chap_user, sizeof ret->chap_user);
	query_take_text(q, ret->chap_secret, sizeof ret->chap_secret);
	query_take_text(q, ret->mutual_user, sizeof ret->mutual_user);
	query_take_text(q, ret->mutual_secret, sizeof ret->mutual_secret);
	ret->open = query_take_int(q) != 0;
	ret->kernel = query_take_int(q) != 0;
	ret->port = (uint16_t)query_take_int(q);
}

static bool too_many(struct catalog *catalog, const char *name, struct error *error)
{
	return error_set(error, ERROR_CATALOG_DAMAGED, "Restore a backup.",
		"catalog %s: export %s has more LUNs or rules than there can be", catalog->path,
		name);
}

static bool read_luns(struct catalog *catalog, struct catalog_export *ret, struct error *error)
{
	static const char sql[] =
		"SELECT lun, drive FROM export_luns WHERE export = ? ORDER BY lun";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, ret->name);
	while (query_row(&q)) {
		if (ret->lun_count == CATALOG_EXPORT_LUNS_MAX)
			return too_many(catalog, ret->name, error);
		struct catalog_export_lun *lun = &ret->luns[ret->lun_count++];
		lun->lun = (uint16_t)query_take_int(&q);
		query_take_text(&q, lun->drive, sizeof lun->drive);
	}
	return query_ok(&q, error);
}

static bool read_rules(struct catalog *catalog, const char *name, const char *kind,
	char (*ret)[CATALOG_RULE_MAX], unsigned *ret_count, struct error *error)
{
	static const char sql[] =
		"SELECT rule FROM export_rules WHERE export = ? AND kind = ? ORDER BY position";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, name);
	query_bind_text(&q, kind);
	while (query_row(&q)) {
		if (*ret_count == CATALOG_EXPORT_RULES_MAX)
			return too_many(catalog, name, error);
		query_take_text(&q, ret[(*ret_count)++], CATALOG_RULE_MAX);
	}
	return query_ok(&q, error);
}

static bool list(struct catalog *catalog, struct catalog_export *export,
	bool (*each)(void *context, const struct catalog_export *export), void *context,
	struct error *error)
{
	static const char sql[] = "SELECT name, target, chap_user, chap_secret, mutual_user, "
				  "mutual_secret, open, transport = 'kernel', port "
				  "FROM exports "
				  "JOIN export_ports ON export = name ORDER BY name";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	while (query_row(&q)) {
		*export = (struct catalog_export){0};
		row_take(&q, export);
		if (!query_ok(&q, error) || !read_luns(catalog, export, error) ||
			!read_rules(catalog, export->name, "initiator", export->initiators,
				&export->initiator_count, error) ||
			!read_rules(catalog, export->name, "network", export->networks,
				&export->network_count, error))
			return false;
		if (!each(context, export))
			return true;
	}
	return query_ok(&q, error);
}

bool catalog_exports_list(struct catalog *catalog,
	bool (*each)(void *context, const struct catalog_export *export), void *context,
	struct error *error)
{
	struct catalog_export *export = malloc(sizeof *export);
	if (!export)
		return error_set(
			error, ERROR_NO_MEMORY, "Give carouseld more memory.", "out of memory");
	bool ok = list(catalog, export, each, context, error);
	explicit_bzero(export, sizeof *export);
	free(export);
	return ok;
}
