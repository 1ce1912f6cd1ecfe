/* SPDX-License-Identifier: Apache-2.0 */
/* Tapes while something else happens: a stop, a full disk, another operator, a host's loss. */
#include "support.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "library_lab.h"
#include "util/file_store.h"

enum { BLOCK = 512 };
#define CAPACITY (UINT64_C(4) << 30)

/* -errno; 0: they succeed. */
static atomic_int write_result, sync_result;
static atomic_bool hold_syncs;
static struct file_store store;
/* Who looks at a file, until it was once in the way of somebody; -1: nobody. */
static atomic_int looker = -1;

static int store_open(const struct file_store *its, const char *path, bool writable)
{
	int fd = file_store_posix.open(its, path, writable);
	int looking = fd == -EBUSY ? atomic_exchange(&looker, -1) : -1;
	if (looking >= 0)
		file_store_posix.close(its, looking);
	return fd;
}

static int store_pwritev(const struct file_store *its, int fd, const struct iovec *iov,
	int iov_count, uint64_t offset)
{
	int result = atomic_load(&write_result);
	return result < 0 ? result : file_store_posix.pwritev(its, fd, iov, iov_count, offset);
}

static int store_sync(const struct file_store *its, int fd)
{
	while (atomic_load(&hold_syncs))
		sleep_ms(1);
	int result = atomic_load(&sync_result);
	return result < 0 ? result : file_store_posix.sync(its, fd);
}

static int tapes_setup(void **state)
{
	lab_setup(state);
	struct lab *lab = *state;
	store = file_store_posix;
	store.open = store_open;
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
	atomic_store(&hold_syncs, false);
	return lab_teardown(state);
}

#define WITH_TAPES(test) cmocka_unit_test_setup_teardown(test, tapes_setup, tapes_teardown)

static void become_ready(struct lab *lab, const char *drive)
{
	for (unsigned i = 0; i < 4; i++)
		if (test_unit_ready(lab, drive) == SENSE_NONE)
			return;
	assert_int_equal(test_unit_ready(lab, drive), SENSE_NONE);
}

static struct request *host_writes(struct lab *lab, const char *drive)
{
	uint8_t block[BLOCK] = {0};
	return await(begin_send(
		lab, drive, CDB(0x0a, 0, 0, BLOCK >> 8, BLOCK & 0xff), block, sizeof block));
}

/* ---- making ------------------------------------------------------------------------------------
 */

static void *stop(void *library)
{
	library_stop(library);
	return NULL;
}

static void a_stop_does_not_wait_for_a_thousand_tapes(void **state)
{
	struct lab *lab = *state;
	unsigned before = lab_count_tape_files(lab);
	pthread_t stopper;
	atomic_store(&hold_syncs, true);
	struct operation *making = begin_tape_create(lab, "B", LIBRARY_TAPES_MAX, CAPACITY);
	while (lab_count_tape_files(lab) == before)
		sleep_ms(1);
	assert_int_equal(pthread_create(&stopper, NULL, stop, lab->library), 0);
	while (!library_is_stopping(lab->library))
		sleep_ms(1);
	atomic_store(&hold_syncs, false);
	pthread_join(stopper, NULL);
	assert_error(answer_of(making), ERROR_STOPPING);
	assert_int_equal(lab_count_tape_files(lab), before);
}

static void a_full_disk_leaves_no_file_in_the_way(void **state)
{
	struct lab *lab = *state;
	unsigned before = lab_count_tape_files(lab);
	atomic_store(&write_result, -ENOSPC);
	assert_error(tape_create(lab, "ARC", 1, CAPACITY), ERROR_HOST_FULL);
	assert_int_equal(lab_count_tape_files(lab), before);
	atomic_store(&write_result, 0);
	assert_ok(tape_create(lab, "ARC", 1, CAPACITY));
}

static void a_tape_larger_than_files_are_is_not_to_be_larger(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result = tape_create(lab, "ARC", 1, INT64_MAX);
	assert_error(result, ERROR_INVALID);
	assert_null(strstr(result->error.remedy, "larger"));
}

/* ---- another operator --------------------------------------------------------------------------
 */

/* What is asked of the library while a load looks at the file. */
static struct operation *begin_load_and_wait(struct lab *lab, struct operation **ret_held)
{
	*ret_held = begin_hold_worker(lab);
	return begin_load(lab, "lto0", "arc001l8", REPLACE);
}

static void the_tab_of_a_tape_that_goes_in_stays(void **state)
{
	struct lab *lab = *state;
	struct operation *held, *loading = begin_load_and_wait(lab, &held);
	struct operation *protecting = begin_tape_protect(lab, "arc001l8", true);
	release_worker(held);
	assert_error(answer_of(protecting), ERROR_MEDIUM_IN_USE);
	assert_ok(answer_of(loading));
	become_ready(lab, "lto0");
	assert_good(host_writes(lab, "lto0"));
	assert_false(see_medium(lab, "arc001l8").write_protected);
}

static void a_tape_that_goes_in_is_not_forgotten(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "lto0", "arc002l8", 0));
	struct operation *held, *loading = begin_load_and_wait(lab, &held);
	struct operation *forgetting = begin_forget(lab, "arc001l8");
	release_worker(held);
	assert_error(answer_of(forgetting), ERROR_MEDIUM_IN_USE);
	assert_ok(answer_of(loading));
	assert_string_equal(see_drive(lab, "lto0").medium.id, "arc001l8");
}

static void of_two_loads_of_a_tape_one_is_refused(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "lto1", "arc002l8", 0));
	struct operation *held, *loading = begin_load_and_wait(lab, &held);
	struct operation *second = begin_load(lab, "lto1", "arc001l8", REPLACE);
	release_worker(held);
	assert_error(answer_of(second), ERROR_MEDIUM_IN_USE);
	assert_ok(answer_of(loading));
	assert_string_equal(see_drive(lab, "lto1").medium.id, "arc002l8");
	become_ready(lab, "lto1");
}

static void seed(struct lab *lab, const char *drive, const char *medium)
{
	struct error error = {0};
	const struct library_seed wanted = {
		.name = drive, .personality = "lto-8", .medium = medium};
	bool clean = lab_stop(lab);
	lab->config.clean = clean;
	struct library *library = library_create(&lab->config, &error);
	assert_non_null(library);
	bool seeded = library_seed_drive(library, &wanted, &error);
	library_destroy(library);
	assert_true(seeded);
	lab_start(lab);
}

static void a_seed_leaves_a_tape_where_it_is(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "lto0", "arc001l8", 0));
	seed(lab, "new0", "arc001l8");
	seed(lab, "new1", "arc002l8");
	assert_string_equal(see_drive(lab, "lto0").medium.id, "arc001l8");
	assert_string_equal(see_drive(lab, "new0").state, "empty");
	assert_string_equal(see_drive(lab, "new1").medium.id, "arc002l8");
}

static void a_tape_in_a_drive_is_known(void **state)
{
	struct lab *lab = *state;
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s", see_medium(lab, "arc001l8").path);
	assert_ok(load(lab, "lto0", "arc001l8", 0));
	const struct library_result *result = add(lab, path, "");
	assert_ok(result);
	assert_int_equal(result->known, 1);
	result = add(lab, lab->tape_dir, "");
	assert_ok(result);
	assert_int_equal(result->refused, 0);
	assert_int_equal(result->known, 2);
}

static void a_tape_that_another_program_has_is_refused(void **state)
{
	struct lab *lab = *state;
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s", see_medium(lab, "arc001l8").path);
	int fd = store.open(&store, path, true);
	assert_in_range(fd, 0, INT_MAX);
	const struct library_result *result = add(lab, path, "");
	store.close(&store, fd);
	assert_error(result, ERROR_STATE_IN_USE);
}

static void a_load_waits_for_who_looks_at_the_file(void **state)
{
	struct lab *lab = *state;
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s", see_medium(lab, "arc001l8").path);
	int fd = store.open(&store, path, false);
	assert_in_range(fd, 0, INT_MAX);
	atomic_store(&looker, fd);
	assert_ok(load(lab, "lto0", "arc001l8", 0));
	assert_int_equal(atomic_load(&looker), -1);
}

static void a_load_does_not_wait_for_long(void **state)
{
	struct lab *lab = *state;
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s", see_medium(lab, "arc001l8").path);
	int fd = store.open(&store, path, false);
	assert_in_range(fd, 0, INT_MAX);
	const struct library_result *result = load(lab, "lto0", "arc001l8", 0);
	store.close(&store, fd);
	assert_error(result, ERROR_STATE_IN_USE);
	assert_ok(load(lab, "lto0", "arc001l8", 0));
}

/* ---- drives that go ----------------------------------------------------------------------------
 */

static void the_library_goes_on_while_a_removed_drive_writes_out(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "lto0", "arc001l8", 0));
	become_ready(lab, "lto0");
	assert_good(host_writes(lab, "lto0"));
	atomic_store(&hold_syncs, true);
	struct library_drive drive;
	struct operation *removing = begin_drive_remove(lab, "lto0", FORCE);
	while (library_drive_get(lab->library, "lto0", &drive, NULL))
		sleep_ms(1);
	struct operation *protecting = begin_tape_protect(lab, "arc002l8", true);
	for (unsigned i = 0; i < LAB_PATIENCE_S * 500 && !is_answered(protecting); i++)
		sleep_ms(2);
	bool answered = is_answered(protecting), removed = is_answered(removing);
	atomic_store(&hold_syncs, false);
	assert_true(answered);
	assert_false(removed);
	assert_ok(answer_of(protecting));
	assert_ok(answer_of(removing));
	assert_ok(load(lab, "lto1", "arc001l8", 0));
}

static void history_tells_of_a_tape_whose_drive_went(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "lto0", "arc001l8", 0));
	assert_ok(drive_remove(lab, "lto0", FORCE));
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM history WHERE verb = 'eject' AND "
					 "medium = 'arc001l8' AND drive = 'lto0'"),
		1);
}

/* ---- what was lost ------------------------------------------------------------------------------
 */

static void a_fault_with_a_loss_outlives_the_load(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "lto0", "arc001l8", 0));
	bool clean = lab_stop(lab);
	lab_sql(lab, "UPDATE media SET fault = 'object 7 cannot be read' WHERE id = 'arc001l8'");
	lab->config.clean = clean;
	lab_start(lab);
	become_ready(lab, "lto0");
	assert_good(host_writes(lab, "lto0"));
	atomic_store(&sync_result, -EIO);
	struct operation *loading = begin_load(lab, "lto0", "arc001l8", 0);
	answer_of(loading);
	atomic_store(&sync_result, 0);
	assert_string_not_equal(see_medium(lab, "arc001l8").fault, "");
	assert_ok(load(lab, "lto0", "arc001l8", 0)); /* which looks at it again */
	assert_string_equal(see_medium(lab, "arc001l8").fault, "");
	become_ready(lab, "lto0");
	assert_true(see_drive(lab, "lto0").tape.writable);
	assert_good(host_writes(lab, "lto0"));
}

/* ---- restarts ----------------------------------------------------------------------------------
 */

static void a_host_may_miss_more_than_one_restart(void **state)
{
	struct lab *lab = *state;
	struct scsi_nexus *host = scsi_nexus_enter(nexus_of(lab, "lto0")->lu, "host");
	assert_non_null(host);
	host->attentions = 0;
	scsi_nexus_suspend(host);
	lab_restart(lab);
	lab_restart(lab);
	host = scsi_nexus_enter(nexus_of(lab, "lto0")->lu, "host");
	uint32_t attentions = host->attentions;
	scsi_nexus_destroy(host);
	assert_int_equal(attentions, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TAPES(a_stop_does_not_wait_for_a_thousand_tapes),
		WITH_TAPES(a_full_disk_leaves_no_file_in_the_way),
		WITH_TAPES(a_tape_larger_than_files_are_is_not_to_be_larger),
		WITH_TAPES(the_tab_of_a_tape_that_goes_in_stays),
		WITH_TAPES(a_tape_that_goes_in_is_not_forgotten),
		WITH_TAPES(of_two_loads_of_a_tape_one_is_refused),
		WITH_TAPES(a_seed_leaves_a_tape_where_it_is),
		WITH_TAPES(a_tape_in_a_drive_is_known),
		WITH_TAPES(a_tape_that_another_program_has_is_refused),
		WITH_TAPES(a_load_waits_for_who_looks_at_the_file),
		WITH_TAPES(a_load_does_not_wait_for_long),
		WITH_TAPES(the_library_goes_on_while_a_removed_drive_writes_out),
		WITH_TAPES(history_tells_of_a_tape_whose_drive_went),
		WITH_TAPES(a_fault_with_a_loss_outlives_the_load),
		WITH_TAPES(a_host_may_miss_more_than_one_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
