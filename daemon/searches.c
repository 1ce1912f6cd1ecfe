/* SPDX-License-Identifier: Apache-2.0 */
#include "searches.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library_private.h"
#include "pool.h"
#include "util/cleanup.h"

enum { SEARCH_MS = 10000, TEXTS = 6 };

/* Why one is not gone on with. */
enum ending { GOES_ON, TOO_SLOW, NOT_WANTED, STOPPING };

struct search {
	struct scsi_work work;
	struct searches *searches;
	struct library_media_query query; /* of `texts` */
	char texts[TEXTS][LIBRARY_TEXT_MAX];
	struct library_media_taker taker;
	library_done done;
	void *context;
	uint64_t deadline_ns;
	bool begun;
	enum ending ending;
	struct library_result result;
};

/* ---- the end of one ----------------------------------------------------------------------------
 */

static enum ending look(const struct search *search)
{
	if (atomic_load(&search->searches->stopping))
		return STOPPING;
	if (search->taker.goes_on && !search->taker.goes_on(search->taker.context))
		return NOT_WANTED;
	return library_now(search->searches->library) > search->deadline_ns ? TOO_SLOW : GOES_ON;
}

static bool goes_on(void *context)
{
	struct search *search = context;
	search->ending = look(search);
	return search->ending == GOES_ON;
}

static bool too_slow(const struct search *search, struct error *error)
{
	if (!search->begun)
		return error_set(error, ERROR_SEARCH_SLOW, "Try again later.",
			"other searches took so long that this one was not begun");
	return error_set(error, ERROR_SEARCH_SLOW,
		"Search for longer words, or also by kind, tag or state.",
		"the search took too long, and was ended");
}

static bool tell_ending(const struct search *search, struct error *error)
{
	switch (search->ending) {
	case TOO_SLOW:
		return too_slow(search, error);
	case STOPPING:
		return error_set(error, ERROR_STOPPING, "Ask again when the daemon is back.",
			"the daemon is stopping");
	case NOT_WANTED:
		return error_set(error, ERROR_CANCELLED, "Ask again.",
			"nobody waited for the search any more");
	default:
		return false;
	}
}

/* ---- connections -------------------------------------------------------------------------------
 */

static struct catalog *take_idle(struct searches *searches)
{
	SCOPED_LOCK(&searches->lock);
	return searches->idle_count ? searches->idle[--searches->idle_count] : NULL;
}

/* There are as many places as threads. */
static void give_back(struct searches *searches, struct catalog *catalog)
{
	SCOPED_LOCK(&searches->lock);
	searches->idle[searches->idle_count++] = catalog;
}

static struct catalog *take_connection(struct searches *searches, struct error *error)
{
	struct catalog *catalog = take_idle(searches);
	return catalog ? catalog
		       : catalog_open_reader(searches->library->config.catalog_path, error);
}

/* ---- one search --------------------------------------------------------------------------------
 */

static bool read_page(struct search *search, struct error *error)
{
	struct searches *searches = search->searches;
	struct catalog *catalog = take_connection(searches, error);
	if (!catalog)
		return false;
	catalog_ask(catalog, goes_on, search);
	bool ok = library_media_read(searches->library, catalog, &search->query, search->taker.each,
		search->taker.context, &search->result.media_page, error);
	catalog_ask(catalog, NULL, NULL);
	give_back(searches, catalog);
	return ok;
}

/* Also on a connection that was never asked for, when it waited too long. */
static void run(struct scsi_work *work)
{
	struct search *search = container_of(work, struct search, work);
	struct library_result *result = &search->result;
	bool may = goes_on(search);
	search->begun = may;
	result->ok = may && read_page(search, &result->error);
	if (search->ending != GOES_ON)
		result->ok = tell_ending(search, &result->error);
	search->done(search->context, result);
	free(search);
}

static const char *keep(struct search *search, unsigned index, const char *text)
{
	snprintf(search->texts[index], LIBRARY_TEXT_MAX, "%s", text ? text : "");
	return search->texts[index];
}

static void keep_query(struct search *search, const struct library_media_query *query)
{
	search->query = (struct library_media_query){.after = keep(search, 0, query->after),
		.match = keep(search, 1, query->match),
		.kind = keep(search, 2, query->kind),
		.tag = keep(search, 3, query->tag),
		.state = keep(search, 4, query->state),
		.sha256 = keep(search, 5, query->sha256),
		.duplicates = query->duplicates,
		.annotated = query->annotated,
		.limit = query->limit};
}

static void refuse(library_done done, void *context)
{
	struct library_result result = {.ok = false};
	error_set(&result.error, ERROR_NO_MEMORY, "Give carouseld more memory.", "out of memory");
	done(context, &result);
}

void library_media_search(struct library *library, const struct library_media_query *query,
	const struct library_media_taker *taker, library_done done, void *context)
{
	struct search *search = calloc(1, sizeof *search);
	const struct library_config *config = &library->config;
	if (!search) {
		refuse(done, context);
		return;
	}
	keep_query(search, query);
	search->work.run = run;
	search->searches = &library->searches;
	search->taker = *taker;
	search->done = done;
	search->context = context;
	search->deadline_ns = library_now(library) +
			      (config->search_ms ? config->search_ms : SEARCH_MS) * 1000000ull;
	struct scsi_executor *executor = pool_executor(library->searches.pool);
	executor->submit(executor, &search->work, NULL);
}

/* ---- from start to stop ------------------------------------------------------------------------
 */

void searches_init(struct searches *searches, struct library *library)
{
	searches->library = library;
	pthread_mutex_init(&searches->lock, NULL);
}

bool searches_start(struct searches *searches, struct error *error)
{
	searches->pool = pool_create(SEARCHES_AT_ONCE, SEARCHES_AT_ONCE, error);
	return searches->pool;
}

void searches_stop(struct searches *searches)
{
	atomic_store(&searches->stopping, true);
}

void searches_finish(struct searches *searches)
{
	searches_stop(searches);
	pool_destroy(searches->pool);
	while (searches->idle_count)
		catalog_close(searches->idle[--searches->idle_count]);
	pthread_mutex_destroy(&searches->lock);
}
