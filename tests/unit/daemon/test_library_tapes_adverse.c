/* SPDX-License-Identifier: Apache-2.0 */
/* Tapes while something else happens: a stop, a full disk, another operator, a host's loss. */
#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "library_lab.h"
#include "util/file_store.h"

#define CAPACITY (UINT64_C(4) << 30)

/* -errno; 0: they succeed. */
static atomic_int write_result, sync_result;
static struct file_store store;

static int store_pwritev(const struct file_store *its, int fd, const struct iovec *iov,
	int iov_count, uint64_t offset)
{
	int result = atomic_load(&write_result);
	return result < 0 ? result : file_store_posix.pwritev(its, fd, iov, iov_count, offset);
}

static int store_sync(const struct file_store *its, int fd)
{
	int result = atomic_load(&sync_result);
	return result < 0 ? result : file_store_posix.sync(its, fd);
}

static int tapes_setup(void **state)
{
	lab_setup(state);
	struct lab *lab = *state;
	store = file_store_posix;
	store.pwritev = store_pwritev;
	store.sync = store_sync;
	lab->config.store = &store;
	lab_restart(lab);
	assert_ok(tape_create(lab, "ARC", 2, CAPACITY));
	assert_ok(drive_add(lab, "lto0", "lto-8", false));
	assert_ok(drive_add(lab, "lto1", "lto-8", false));
	return 0;
}

static int tapes_teardown(void **state)
{
	atomic_store(&write_result, 0);
	atomic_store(&sync_result, 0);
	return lab_teardown(state);
}

#define WITH_TAPES(test) cmocka_unit_test_setup_teardown(test, tapes_setup, tapes_teardown)

static unsigned count_files(struct lab *lab)
{
	unsigned count = 0;
	DIR *directory = opendir(lab->tape_dir);
	assert_non_null(directory);
	for (struct dirent *entry; (entry = readdir(directory));)
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

/* ---- making ------------------------------------------------------------------------------------
 */

static void a_stop_does_not_wait_for_a_thousand_tapes(void **state)
{
	struct lab *lab = *state;
	unsigned before = count_files(lab);
	struct operation *making = begin_tape_create(lab, "B", LIBRARY_TAPES_MAX, CAPACITY);
	while (count_files(lab) == before)
		sleep_ms(1);
	lab_stop(lab);
	assert_error(answer_of(making), ERROR_STOPPING);
	assert_int_equal(count_files(lab), before);
}

static void a_full_disk_leaves_no_file_in_the_way(void **state)
{
	struct lab *lab = *state;
	unsigned before = count_files(lab);
	atomic_store(&write_result, -ENOSPC);
	assert_error(tape_create(lab, "ARC", 1, CAPACITY), ERROR_HOST_FULL);
	assert_int_equal(count_files(lab), before);
	atomic_store(&write_result, 0);
	assert_ok(tape_create(lab, "ARC", 1, CAPACITY));
}

static void a_file_of_no_tape_can_be_added(void **state)
{
	struct lab *lab = *state;
	struct library_medium medium = see_medium(lab, "arc002l8");
	assert_ok(forget(lab, "arc002l8"));
	const struct library_result *result = tape_create(lab, "ARC", 1, CAPACITY);
	assert_error(result, ERROR_EXISTS);
	assert_non_null(strstr(result->error.sentence, medium.path));
	assert_non_null(strstr(result->error.remedy, "media add"));
	assert_ok(add(lab, medium.path, ""));
	assert_ok(tape_create(lab, "ARC", 1, CAPACITY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TAPES(a_stop_does_not_wait_for_a_thousand_tapes),
		WITH_TAPES(a_full_disk_leaves_no_file_in_the_way),
		WITH_TAPES(a_file_of_no_tape_can_be_added),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
