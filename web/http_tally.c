/* SPDX-License-Identifier: Apache-2.0 */
#include "http_tally.h"

#include <pthread.h>
#include <stdlib.h>

#include "util/cleanup.h"

enum { STATUSES_MAX = 24 }; /* more than a route can answer with */

/* Of one route; those that are used come first. */
struct counted {
	struct {
		int status; /* 0: not used */
		uint64_t count;
	} statuses[STATUSES_MAX];
};

struct http_tally {
	pthread_mutex_t lock;
	unsigned streams;
	struct counted routes[]; /* in the order of the table, and one for none */
};

struct http_tally *http_tally_create(void)
{
	struct http_tally *tally =
		calloc(1, sizeof *tally + (routes_count + 1) * sizeof tally->routes[0]);
	if (tally)
		pthread_mutex_init(&tally->lock, NULL);
	return tally;
}

void http_tally_destroy(struct http_tally *tally)
{
	if (tally)
		pthread_mutex_destroy(&tally->lock);
	free(tally);
}

void http_tally_add(struct http_tally *tally, const struct route *route, int status)
{
	struct counted *counted = &tally->routes[route ? route - routes : (long)routes_count];
	SCOPED_LOCK(&tally->lock);
	for (size_t i = 0; i < STATUSES_MAX; i++)
		if (!counted->statuses[i].status || counted->statuses[i].status == status) {
			counted->statuses[i].status = status;
			counted->statuses[i].count++;
			return;
		}
}

void http_tally_stream(struct http_tally *tally, bool begins)
{
	SCOPED_LOCK(&tally->lock);
	tally->streams += begins ? 1 : -1U;
}

unsigned http_tally_streams(struct http_tally *tally)
{
	SCOPED_LOCK(&tally->lock);
	return tally->streams;
}

void http_tally_each(struct http_tally *tally,
	void (*each)(void *context, const struct route *route, int status, uint64_t count),
	void *context)
{
	SCOPED_LOCK(&tally->lock);
	for (size_t r = 0; r <= routes_count; r++)
		for (size_t i = 0; i < STATUSES_MAX && tally->routes[r].statuses[i].status; i++)
			each(context, r < routes_count ? &routes[r] : NULL,
				tally->routes[r].statuses[i].status,
				tally->routes[r].statuses[i].count);
}
