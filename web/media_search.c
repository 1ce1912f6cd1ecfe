/* SPDX-License-Identifier: Apache-2.0 */
#include "media_search.h"

#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "json_shapes.h"
#include "request.h"
#include "util/cleanup.h"

enum { LOOK_MS = 20 }; /* between two looks at the client */

struct media_search {
	atomic_uint references; /* the request's, and the library's */
	atomic_bool dropped;
	struct operation *operation;
	json_t *items;
	/* The library's thread alone. */
	int socket; /* of the client, our own descriptor; -1: none */
	int64_t looked_ms;
};

static void unref(struct media_search *search)
{
	if (atomic_fetch_sub(&search->references, 1) > 1)
		return;
	json_decref(search->items);
	if (search->socket >= 0)
		close(search->socket);
	free(search);
}

/* ---- on the library's thread -------------------------------------------------------------------
 */

static bool take_medium(void *context, const struct library_medium *medium)
{
	struct media_search *search = context;
	return !json_array_append_new(search->items, shape_medium(medium));
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The HTTP library does not look at a connection that is suspended. */
static bool has_left(const struct media_search *search)
{
	struct pollfd client = {.fd = search->socket, .events = POLLRDHUP};
	return poll(&client, 1, 0) > 0;
}

static bool goes_on(void *context)
{
	struct media_search *search = context;
	int64_t now = now_ms();
	if (now - search->looked_ms >= LOOK_MS) {
		search->looked_ms = now;
		if (has_left(search))
			return false;
	}
	return !atomic_load(&search->dropped);
}

static void done(void *context, const struct library_result *result)
{
	struct media_search *search = context;
	operation_done(search->operation, result);
	unref(search);
}

/* ---- on the listener's -------------------------------------------------------------------------
 */

static struct media_search *create(struct request *request, struct answer *answer)
{
	struct media_search *search = calloc(1, sizeof *search);
	struct error error;
	if (search) {
		search->items = json_array();
		search->socket = fcntl(request->socket, F_DUPFD_CLOEXEC, 0);
		search->looked_ms = now_ms();
		atomic_init(&search->references, 2);
		return search;
	}
	error_set(&error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	request_problem(request, answer, &error);
	return NULL;
}

void media_search_begin(
	struct request *request, const struct library_media_query *query, struct answer *answer)
{
	struct media_search *search = create(request, answer);
	if (!search)
		return;
	request->search = search;
	search->operation = request_wait(request, answer);
	if (search->operation)
		library_media_search(request->library, query,
			&(struct library_media_taker){take_medium, goes_on, search}, done, search);
	else
		unref(search); /* the library's */
}

json_t *media_search_items(struct media_search *search)
{
	return steal(search->items);
}

void media_search_drop(struct media_search *search)
{
	if (!search)
		return;
	atomic_store(&search->dropped, true);
	unref(search);
}
