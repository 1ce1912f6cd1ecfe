/* SPDX-License-Identifier: Apache-2.0 */
/* Listing media. */
#include "catalog/catalog.h"
#include "media_search.h"
#include "query.h"
#include "rows.h"
#include "util/cleanup.h"

bool catalog_media_list(struct catalog *catalog, const char *after, unsigned limit,
	const struct catalog_media_filter *filter,
	bool (*each)(void *context, const struct catalog_medium *medium), void *context,
	struct error *error)
{
	_cleanup_(media_search_finish) struct media_search search = {0};
	_cleanup_(query_finish) struct query q = {0};
	if (!media_search_init(&search, catalog, filter, error))
		return false;
	media_search_page(&search, &q, catalog, after, limit);
	return medium_each(&q, each, context, error);
}
