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
		free(writers->paths[i]);
	pthread_mutex_destroy(&writers->lock);
}

/* lock held. */
static char **find(struct pool_writers *writers, const char *path)
{
	for (unsigned i = 0; i < POOL_WRITERS_MAX; i++)
		if (writers->paths[i] && strcmp(writers->paths[i], path) == 0)
			return &writers->paths[i];
	return NULL;
}

void pool_writers_add(struct pool_writers *writers, const char *path)
{
	SCOPED_LOCK(&writers->lock);
	if (find(writers, path))
		return;
	char **place = &writers->paths[writers->next++ % POOL_WRITERS_MAX];
	free(*place);
	*place = strdup(path);
}

void pool_writers_remove(struct pool_writers *writers, const char *path)
{
	SCOPED_LOCK(&writers->lock);
	char **place = find(writers, path);
	if (!place)
		return;
	free(*place);
	*place = NULL;
}

bool pool_writers_has(struct pool_writers *writers, const char *path)
{
	SCOPED_LOCK(&writers->lock);
	return find(writers, path) != NULL;
}
