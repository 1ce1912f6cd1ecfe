/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are slow, cut, changed or unreadable: 03/11/00 with the block, or a patient answer. */
#include <errno.h>
#include <stdlib.h>

#include "optical.h"

#include "fake_file_io.h"
#include "image_fixture.h"

enum { BLOCKS = 64 };

struct file_bench {
	uint8_t *image;
	struct fake_file file;
	struct fake_drive *fake;
	struct scsi_nexus *host;
};

static int begin(void **state)
{
	struct file_bench *bench = calloc(1, sizeof *bench);
	struct error error = {0};
	bench->image = image_iso(BLOCKS, "TEST");
	fake_file_init(&bench->file, bench->image, BLOCKS * 2048);
	bench->fake = fake_optical_create(NULL);
	*state = bench;
	struct disc *disc = image_open(&bench->file.io, "/x", PROFILE_DVD_ROM, NULL, &error);
	assert_non_null(disc);
	mmc_drive_restore(bench->fake->drive, disc, false);
	disc_put(disc);
	bench->host = fake_nexus(bench->fake, "host");
	settle(bench->host);
	return 0;
}

static int end(void **state)
{
	struct file_bench *bench = *state;
	fake_drive_destroy(bench->fake);
	assert_int_equal(bench->file.opened, bench->file.closed);
	free(bench->image);
	free(bench);
	return 0;
}

static void expect_bad_block(const struct fake_answer *answer, uint64_t lba)
{
	EXPECT_SENSE(answer, SENSE_UNRECOVERED_READ_ERROR);
	assert_true(answer->sense.information_valid);
	assert_int_equal(answer->sense.information, lba);
}

static void cached_data_is_one_read(void **state)
{
	struct file_bench *bench = *state;
	bench->file.reads = 0;
	EXPECT_LENGTH(READ_10(bench->host, 0, 20, 40960), 40960);
	assert_int_equal(bench->file.reads, 1);
	bool scattered = !fake_over_iscsi && !fake_over_ring; /* a ring joins neighbours */
	assert_int_equal(bench->file.last_iov_count > 1, scattered);
}

static void a_miss_goes_to_a_worker(void **state)
{
	struct file_bench *bench = *state;
	bench->file.nowait_error = -EAGAIN;
	bench->fake->manual_work = true;
	const struct fake_answer *answer = READ_10(bench->host, 16, 1, 2048);
	assert_false(answer->done);
	fake_run_works(bench->fake);
	EXPECT_LENGTH(answer, 2048);
	EXPECT_BE24(answer, 1, 'C' << 16 | 'D' << 8 | '0');
}

static void a_file_system_without_nowait_works(void **state)
{
	struct file_bench *bench = *state;
	bench->file.nowait_error = -EOPNOTSUPP;
	EXPECT_LENGTH(READ_10(bench->host, 16, 1, 2048), 2048);
}

static void an_unreadable_block_is_named(void **state)
{
	struct file_bench *bench = *state;
	bench->file.read_error = -EIO;
	bench->file.bad_offset = 30 * 2048;
	expect_bad_block(READ_10(bench->host, 30, 1, 2048), 30);
	assert_int_equal(bench->fake->faults, 1);
	assert_int_equal(bench->fake->fault_lba, 30);
	EXPECT_LENGTH(READ_10(bench->host, 20, 10, 20480), 20480);
}

static void a_file_that_was_cut_is_a_read_error(void **state)
{
	struct file_bench *bench = *state;
	bench->file.cut_at = 40 * 2048;
	expect_bad_block(READ_10(bench->host, 40, 1, 2048), 40);
}

/* Never a mix of the old and the new file. */
static void a_file_that_changed_cannot_be_read_at_all_any_more(void **state)
{
	struct file_bench *bench = *state;
	bench->file.cut_at = 40 * 2048;
	bench->file.mtime++;
	expect_bad_block(READ_10(bench->host, 40, 1, 2048), 40);
	expect_bad_block(READ_10(bench->host, 0, 1, 2048), 0);
	bench->file.cut_at = UINT64_MAX;
	expect_bad_block(READ_10(bench->host, 0, 1, 2048), 0);
}

static void a_change_waits_for_a_read_of_the_old_medium(void **state)
{
	struct file_bench *bench = *state;
	bench->file.nowait_error = -EAGAIN;
	bench->fake->manual_work = true;
	const struct fake_answer *answer = READ_10(bench->host, 16, 1, 2048);
	assert_false(mmc_drive_begin_change(bench->fake->drive));
	assert_int_equal(bench->fake->drained_events, 0);
	fake_run_works(bench->fake);
	EXPECT_LENGTH(answer, 2048);
	assert_int_equal(bench->fake->drained_events, 1);
	mmc_drive_cancel_change(bench->fake->drive);
}

#define VERIFY(nexus, lba, count) SEND(nexus, 0, 0x2f, 0, 0, 0, 0, (lba), 0, 0, (count))

static void a_verification_names_the_block_too(void **state)
{
	struct file_bench *bench = *state;
	EXPECT_GOOD(VERIFY(bench->host, 0, BLOCKS));
	bench->file.read_error = -EIO;
	bench->file.bad_offset = 30 * 2048;
	expect_bad_block(VERIFY(bench->host, 30, 4), 30);
	assert_int_equal(bench->fake->faults, 1);
	assert_int_equal(bench->fake->fault_lba, 30);
	EXPECT_GOOD(VERIFY(bench->host, 0, 30));
}

static void a_verification_can_be_ended_while_it_waits(void **state)
{
	ONLY_IN_PROCESS("a task that is aborted has no answer; see tests/unit/iscsi/test_tasks.c");
	struct file_bench *bench = *state;
	const uint8_t cdb[] = {0x2f, 0, 0, 0, 0, 0, 0, 0, BLOCKS};
	bench->fake->manual_work = true;
	struct fake_command *command = fake_send(bench->host, cdb, sizeof cdb, 0);
	assert_false(command->answer.done);
	scsi_cmd_cancel(&command->cmd);
	assert_true(command->answer.done);
	assert_int_equal(command->answer.status, SCSI_STATUS_TASK_ABORTED);
	assert_false(command->released);
	unsigned before = bench->file.reads;
	fake_run_works(bench->fake);
	assert_int_equal(bench->file.reads, before);
	assert_true(command->released);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, begin, end)

static const struct CMUnitTest tests[] = {
	WITH_FILE(cached_data_is_one_read),
	WITH_FILE(a_miss_goes_to_a_worker),
	WITH_FILE(a_file_system_without_nowait_works),
	WITH_FILE(an_unreadable_block_is_named),
	WITH_FILE(a_file_that_was_cut_is_a_read_error),
	WITH_FILE(a_file_that_changed_cannot_be_read_at_all_any_more),
	WITH_FILE(a_change_waits_for_a_read_of_the_old_medium),
	WITH_FILE(a_verification_names_the_block_too),
	WITH_FILE(a_verification_can_be_ended_while_it_waits),
};
CONFORMANCE_SUITE("read-errors", tests)
