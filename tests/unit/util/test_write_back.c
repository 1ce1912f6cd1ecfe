/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that tells the kernel to write; sync_file_range(2) is this file's own. */
#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "util/write_back.h"

enum { CALLS_MAX = 4096, SLOW_FD = 7 };

struct call {
	int fd;
	off_t offset, length;
	unsigned flags;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct call calls[CALLS_MAX];
static unsigned begun, ended;
static bool held_up; /* calls about SLOW_FD do not end */

int sync_file_range(int fd, off_t offset, off_t length, unsigned flags)
{
	pthread_mutex_lock(&lock);
	calls[begun++ % CALLS_MAX] = (struct call){fd, offset, length, flags};
	pthread_cond_broadcast(&changed);
	while (fd == SLOW_FD && held_up)
		pthread_cond_wait(&changed, &lock);
	ended++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return 0;
}

static void wait_until(const unsigned *count, unsigned least)
{
	pthread_mutex_lock(&lock);
	while (*count < least)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static unsigned value(const unsigned *count)
{
	pthread_mutex_lock(&lock);
	unsigned now = *count;
	pthread_mutex_unlock(&lock);
	return now;
}

static void hold_up(bool hold)
{
	pthread_mutex_lock(&lock);
	held_up = hold;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static int setup(void **state)
{
	write_back_forget(SLOW_FD);
	pthread_mutex_lock(&lock);
	begun = ended = 0;
	pthread_mutex_unlock(&lock);
	return 0;
}

static void ranges_are_told_in_order(void **state)
{
	write_back_begin(5, 4096, 100);
	write_back_begin(6, 0, 8192);
	wait_until(&ended, 2);
	assert_int_equal(calls[0].fd, 5);
	assert_int_equal(calls[0].offset, 4096);
	assert_int_equal(calls[0].length, 100);
	assert_int_equal(calls[0].flags, SYNC_FILE_RANGE_WRITE);
	assert_int_equal(calls[1].fd, 6);
}

static void *let_go_soon(void *unused)
{
	usleep(20000);
	hold_up(false);
	return NULL;
}

static void what_is_forgotten_is_not_looked_at_any_more(void **state)
{
	pthread_t other;
	hold_up(true);
	write_back_begin(SLOW_FD, 0, 1);
	wait_until(&begun, 1);
	write_back_begin(SLOW_FD, 1, 1);
	write_back_begin(8, 2, 1);
	assert_int_equal(pthread_create(&other, NULL, let_go_soon, NULL), 0);
	write_back_forget(SLOW_FD);
	assert_true(value(&ended) >= 1); /* it was waited for */
	pthread_join(other, NULL);
	wait_until(&ended, 2);
	assert_int_equal(calls[1].fd, 8); /* and the second range is gone */
}

static void nobody_waits_for_a_slow_disk(void **state)
{
	hold_up(true);
	write_back_begin(SLOW_FD, 0, 1);
	wait_until(&begun, 1);
	for (unsigned i = 0; i < 1000; i++)
		write_back_begin(9, i, 1);
	hold_up(false);
	write_back_forget(9);
	write_back_begin(10, 0, 1);
	wait_until(&ended, 2);
	assert_true(value(&ended) < 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ranges_are_told_in_order, setup),
		cmocka_unit_test_setup(what_is_forgotten_is_not_looked_at_any_more, setup),
		cmocka_unit_test_setup(nobody_waits_for_a_slow_disk, setup),
	};
	return cmocka_run_group_tests_name("util/write_back", tests, NULL, NULL);
}
