/* SPDX-License-Identifier: Apache-2.0 */
#include "util/write_back.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#include "util/cleanup.h"

enum { WAITING_MAX = 64, NOBODY = -1 };

struct range {
	int fd;
	uint64_t offset, length;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER, done = PTHREAD_COND_INITIALIZER;
static struct range waiting[WAITING_MAX]; /* in order of arrival */
static unsigned waiting_count;
static int busy_with = NOBODY;

/* lock held. */
static struct range take_first(void)
{
	struct range first = waiting[0];
	waiting_count--;
	for (unsigned i = 0; i < waiting_count; i++)
		waiting[i] = waiting[i + 1];
	return first;
}

static void *write_back(void *unused)
{
	pthread_mutex_lock(&lock);
	for (;;) {
		while (waiting_count == 0)
			pthread_cond_wait(&more, &lock);
		struct range range = take_first();
		busy_with = range.fd;
		pthread_mutex_unlock(&lock);
		sync_file_range(
			range.fd, (off_t)range.offset, (off_t)range.length, SYNC_FILE_RANGE_WRITE);
		pthread_mutex_lock(&lock);
		busy_with = NOBODY;
		pthread_cond_broadcast(&done);
	}
	return NULL;
}

/* Without it nothing is written back early, and nothing else changes. */
static void start(void)
{
	sigset_t all, before;
	pthread_t thread;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, write_back, NULL) == 0) {
		pthread_setname_np(thread, "write-back");
		pthread_detach(thread);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void write_back_begin(int fd, uint64_t offset, uint64_t length)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, start);
	SCOPED_LOCK(&lock);
	if (waiting_count == WAITING_MAX)
		return;
	waiting[waiting_count++] = (struct range){fd, offset, length};
	pthread_cond_signal(&more);
}

void write_back_forget(int fd)
{
	SCOPED_LOCK(&lock);
	unsigned kept = 0;
	for (unsigned i = 0; i < waiting_count; i++)
		if (waiting[i].fd != fd)
			waiting[kept++] = waiting[i];
	waiting_count = kept;
	while (busy_with == fd)
		pthread_cond_wait(&done, &lock);
}
