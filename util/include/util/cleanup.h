/* SPDX-License-Identifier: Apache-2.0 */
/* Scoped cleanup of locals: `_cleanup_free_ char *s = …` is freed when its scope ends. */
#pragma once

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_unlock(pthread_mutex_t **lock)
{
	if (*lock)
		pthread_mutex_unlock(*lock);
}

#define _cleanup_(function) __attribute__((cleanup(function)))
#define _cleanup_free_      _cleanup_(cleanup_free)
#define _cleanup_close_     _cleanup_(cleanup_close)

/* Takes `mutex` until the enclosing scope ends. */
#define SCOPED_LOCK(mutex)          SCOPED_LOCK_NAMED(mutex, __COUNTER__)
#define SCOPED_LOCK_NAMED(mutex, n) SCOPED_LOCK_PASTED(mutex, n)
#define SCOPED_LOCK_PASTED(mutex, n)                                                               \
	_cleanup_(cleanup_unlock) __attribute__((unused)) pthread_mutex_t *scoped_lock_##n =       \
		scoped_lock_take(mutex)

static inline pthread_mutex_t *scoped_lock_take(pthread_mutex_t *mutex)
{
	pthread_mutex_lock(mutex);
	return mutex;
}

/* Passes ownership out of a _cleanup_ variable. */
#define steal(pointer)                                                                             \
	({                                                                                         \
		__typeof__(pointer) stolen_ = (pointer);                                           \
		(pointer) = NULL;                                                                  \
		stolen_;                                                                           \
	})

#define steal_fd(fd)                                                                               \
	({                                                                                         \
		int stolen_ = (fd);                                                                \
		(fd) = -1;                                                                         \
		stolen_;                                                                           \
	})
