/* SPDX-License-Identifier: Apache-2.0 */
#include "pool_writers.h"

#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

void pool_writers_init(struct pool_writers *writers)
{
	*writers = (struct pool_writers){0};
	pthread_mutex_init(&writers->lock, NULL);
}

void pool_writers_finish(struct pool_writers *writers)
{
	for (unsigned i = 0; i < POOL_WRITERS_MAX; i++)
		free(writers->writers[i].path);
	pthread_mutex_destroy(&writers->lock);
}

/* lock held. */
static struct pool_writer *find(struct pool_writers *writers, const char *path)
{
	for (unsigned i = 0; i < POOL_WRITERS_MAX; i++) {
		struct pool_writer *writer = &writers->writers[i];
		if (writer->path && strcmp(writer->path, path) == 0)
			return writer;
	}
	return NULL;
}

void pool_writers_add(struct pool_writers *writers, const char *path, uint64_t now_ms)
{
	SCOPED_LOCK(&writers->lock);
	if (find(writers, path))
		return;
	struct pool_writer *place = &writers->writers[writers->next++ % POOL_WRITERS_MAX];
	free(place->path);
	*place = (struct pool_writer){.path = strdup(path), .since_ms = now_ms};
}

void pool_writers_remove(struct pool_writers *writers, const char *path)
{
	SCOPED_LOCK(&writers->lock);
	struct pool_writer *place = find(writers, path);
	if (!place)
		return;
	free(place->path);
	*place = (struct pool_writer){0};
}

bool pool_writers_has(struct pool_writers *writers, const char *path, const struct stat *st,
	uint64_t now_ms, uint64_t quiet_ms)
{
	SCOPED_LOCK(&writers->lock);
	struct pool_writer *writer = find(writers, path);
	if (!writer)
		return false;
	if (writer->written.tv_sec != st->st_mtim.tv_sec ||
		writer->written.tv_nsec != st->st_mtim.tv_nsec) {
		writer->written = st->st_mtim;
		writer->since_ms = now_ms;
	}
	return now_ms - writer->since_ms < quiet_ms;
}
