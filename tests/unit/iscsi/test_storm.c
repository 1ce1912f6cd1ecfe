/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything at once, for the thread sanitizer: two busy sessions, discs that are swapped, and a
 * third session that aborts its reads and resets the logical unit. What is read is always whole, of
 * one disc.
 */
#include "support.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include "library.h"
#include "thread_check.h"

enum { ROUNDS = 800, READS = 8, READ_BLOCKS = 64, PATIENCE = 20000, SWAP_NS = 3000000 };

static atomic_bool over;

static struct iscsi_context *log_in(struct fake_portal *fake)
{
	struct iscsi_context *iscsi = iscsi_create_context(INITIATOR);
	iscsi_set_session_type(iscsi, ISCSI_SESSION_NORMAL);
	iscsi_set_targetname(iscsi, TARGET_ONE);
	iscsi_set_noautoreconnect(iscsi, 1);
	CHECK(iscsi_connect_sync(iscsi, fake->address) == 0 && iscsi_login_sync(iscsi) == 0);
	return iscsi;
}

static void log_out(struct iscsi_context *iscsi)
{
	CHECK(iscsi_logout_sync(iscsi) == 0);
	iscsi_destroy_context(iscsi);
}

static void check_blocks(const struct scsi_task *task, uint32_t lba)
{
	CHECK(task->datain.size == READ_BLOCKS * LIBRARY_BLOCK);
	uint8_t fill = task->datain.data[4];
	for (uint32_t i = 0; i < READ_BLOCKS; i++) {
		const unsigned char *block = task->datain.data + i * LIBRARY_BLOCK;
		uint32_t address = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 |
				   (uint32_t)block[2] << 8 | block[3];
		CHECK(address == lba + i && block[4] == fill && block[LIBRARY_BLOCK - 1] == fill);
	}
}

/* A swap or a reset is told; nothing else goes wrong. */
static void check_refusal(const struct scsi_task *task)
{
	CHECK(task->status == SCSI_STATUS_CHECK_CONDITION ||
		task->status == SCSI_STATUS_TASK_ABORTED);
	if (task->status == SCSI_STATUS_CHECK_CONDITION)
		CHECK(task->sense.key == SCSI_SENSE_NOT_READY ||
			task->sense.key == SCSI_SENSE_UNIT_ATTENTION);
}

static void *be_busy(void *argument)
{
	struct iscsi_context *iscsi = argument;
	uintptr_t whole = 0;
	for (uint32_t lba = 0; !atomic_load(&over); lba = (lba + READ_BLOCKS) % DVD_BLOCKS) {
		struct scsi_task *task = iscsi_read10_sync(
			iscsi, 0, lba, READ_BLOCKS * LIBRARY_BLOCK, LIBRARY_BLOCK, 0, 0, 0, 0, 0);
		CHECK(task);
		if (task->status == SCSI_STATUS_GOOD)
			check_blocks(task, lba);
		else
			check_refusal(task);
		whole += task->status == SCSI_STATUS_GOOD;
		scsi_free_scsi_task(task);
	}
	return (void *)whole;
}

static void *swap_discs(void *argument)
{
	const struct timespec pause = {.tv_nsec = SWAP_NS};
	uintptr_t swaps = 0;
	for (; !atomic_load(&over); swaps++) {
		fake_portal_slow(argument, swaps % 2);
		fake_portal_swap(argument);
		nanosleep(&pause, NULL);
	}
	fake_portal_slow(argument, false);
	return (void *)swaps;
}

/* ---- the storm ------------------------------------------------------------------------------- */

static void came_back(struct iscsi_context *iscsi, int status, void *data, void *flag)
{
	*(int *)flag = 1;
}

static void serve_until(struct iscsi_context *iscsi, const int *flag)
{
	for (unsigned i = 0; !*flag && i < PATIENCE; i++) {
		struct pollfd fd = {
			.fd = iscsi_get_fd(iscsi), .events = (short)iscsi_which_events(iscsi)};
		poll(&fd, 1, 10);
		if (iscsi_service(iscsi, fd.revents)) {
			fprintf(stderr, "%s\n", iscsi_get_error(iscsi));
			abort();
		}
	}
	CHECK(*flag);
}

/* Reads, of which one is aborted, or all by a reset; what was aborted by itself has no answer. */
static void storm(struct iscsi_context *iscsi, bool reset)
{
	struct scsi_task *tasks[READS];
	int done[READS] = {0}, managed = 0;
	for (unsigned i = 0; i < READS; i++)
		tasks[i] = iscsi_read10_task(iscsi, 0, i * READ_BLOCKS, READ_BLOCKS * LIBRARY_BLOCK,
			LIBRARY_BLOCK, 0, 0, 0, 0, 0, came_back, &done[i]);
	/* Not iscsi_task_mgmt_lun_reset_async: that forgets tasks whose data is on the way. */
	if (reset)
		iscsi_task_mgmt_async(
			iscsi, 0, ISCSI_TM_LUN_RESET, 0xffffffff, 0, came_back, &managed);
	else
		iscsi_task_mgmt_abort_task_async(iscsi, tasks[0], came_back, &managed);
	serve_until(iscsi, &managed);
	for (unsigned i = 0; i < READS; i++) {
		if (!reset && i > 0)
			serve_until(iscsi, &done[i]);
		if (!done[i])
			iscsi_scsi_cancel_task(iscsi, tasks[i]);
		scsi_free_scsi_task(tasks[i]);
	}
}

static void take_what_is_pending(struct iscsi_context *iscsi)
{
	int status = SCSI_STATUS_ERROR;
	for (unsigned i = 0; status != SCSI_STATUS_GOOD && i < 1000; i++) {
		const struct timespec pause = {.tv_nsec = 1000000};
		struct scsi_task *task = iscsi_testunitready_sync(iscsi, 0);
		status = task->status;
		scsi_free_scsi_task(task);
		nanosleep(&pause, NULL);
	}
	assert_int_equal(status, SCSI_STATUS_GOOD);
}

static void swaps_aborts_and_resets_disturb_no_data(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *busy[2] = {log_in(fake), log_in(fake)}, *stormy = log_in(fake);
	pthread_t readers[2], swapper;
	void *whole[2], *swaps;
	atomic_store(&over, false);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, be_busy, busy[i]), 0);
	assert_int_equal(pthread_create(&swapper, NULL, swap_discs, fake), 0);
	for (unsigned i = 0; i < ROUNDS; i++)
		storm(stormy, i % 4 == 3);
	atomic_store(&over, true);
	pthread_join(swapper, &swaps);
	for (unsigned i = 0; i < 2; i++) {
		pthread_join(readers[i], &whole[i]);
		assert_non_null(whole[i]);
		take_what_is_pending(busy[i]);
		log_out(busy[i]);
	}
	assert_true((uintptr_t)swaps > 3);
	take_what_is_pending(stormy);
	log_out(stormy);
	assert_int_equal(portal_memory(fake->portal), 0);
}

static int begin(void **state)
{
	*state = fake_portal_create(NULL);
	return 0;
}

static int begin_with_files(void **state)
{
	*state = fake_portal_create(&(struct fake_portal_setup){.files = true});
	return 0;
}

static int end_with_files(void **state)
{
	assert_true(fake_portal_sent_from_file(*state) > 0);
	fake_portal_destroy(*state);
	return 0;
}

static int end(void **state)
{
	fake_portal_destroy(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			swaps_aborts_and_resets_disturb_no_data, begin, end),
		cmocka_unit_test_setup_teardown(
			swaps_aborts_and_resets_disturb_no_data, begin_with_files, end_with_files),
	};
	return cmocka_run_group_tests_name("iscsi/storm", tests, NULL, NULL);
}
