/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "catalog/catalog.h"
#include "database.h"
#include "query.h"
#include "transaction.h"
#include "util/bytes.h"
#include "util/cleanup.h"

/* Header and parameters; with SPF the page has a subpage and a longer header (SPC-4 7.5.6). */
static size_t page_length(const uint8_t *page)
{
	return page[0] & 0x40 ? 4u + get_be16(page + 2) : 2u + page[1];
}

static bool forget(struct catalog *catalog, const char *drive, struct error *error)
{
	static const char sql[] = "DELETE FROM mode_pages WHERE drive = ?";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, drive);
	return query_run(&q, error);
}

static bool save(struct catalog *catalog, const char *drive, unsigned position, const uint8_t *page,
	struct error *error)
{
	static const char sql[] = "INSERT INTO mode_pages (drive, position, page) VALUES (?, ?, ?)";
	_cleanup_(query_finish) struct query q = {0};
	if (page_length(page) > CATALOG_MODE_PAGE_MAX)
		return error_set(error, ERROR_INVALID, "Please report this as a bug.",
			"mode page %02xh of drive %s is longer than %d bytes", page[0] & 0x3fu,
			drive, CATALOG_MODE_PAGE_MAX);
	query_init(&q, catalog, sql);
	query_bind_text(&q, drive);
	query_bind_int(&q, position);
	query_bind_blob(&q, page, page_length(page));
	query_row(&q);
	if (q.result == SQLITE_CONSTRAINT_FOREIGNKEY)
		return catalog_drive_not_found(drive, error);
	return query_ok(&q, error);
}

bool catalog_mode_pages_save(struct catalog *catalog, const char *drive,
	const uint8_t (*pages)[CATALOG_MODE_PAGE_MAX], unsigned count, struct error *error)
{
	_cleanup_(transaction_finish) struct transaction t = {0};
	if (!transaction_begin(&t, catalog, error) || !forget(catalog, drive, error))
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!save(catalog, drive, i, pages[i], error))
			return false;
	return transaction_commit(&t, error);
}

bool catalog_mode_pages_each(struct catalog *catalog, const char *drive,
	bool (*each)(void *context, const uint8_t *page, size_t length), void *context,
	struct error *error)
{
	static const char sql[] = "SELECT page FROM mode_pages WHERE drive = ? ORDER BY position";
	_cleanup_(query_finish) struct query q = {0};
	query_init(&q, catalog, sql);
	query_bind_text(&q, drive);
	while (query_row(&q)) {
		size_t length;
		const uint8_t *page = query_take_blob(&q, &length);
		if (!each(context, page, length))
			return true;
	}
	return query_ok(&q, error);
}
