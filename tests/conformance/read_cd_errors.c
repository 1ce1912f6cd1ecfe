/* SPDX-License-Identifier: Apache-2.0 */
/* Raw sectors of files that are slow, unreadable, or on a file system that may hang. */
#include <errno.h>
#include <stdlib.h>

#include "cd_check.h"
#include "optical.h"

#include "fake_file_io.h"
#include "image_fixture.h"

enum { BLOCKS = 200, RAW = 2352 };

#define READ_RAW(nexus, lba, count)                                                                \
	SEND(nexus, (count)*RAW, 0xbe, 0, 0, 0, 0, (lba), 0, 0, (count), 0xf8, 0, 0)

struct file_bench {
	uint8_t *image;
	struct fake_file file;
	struct fake_drive *fake;
	struct scsi_nexus *host;
};

static int begin_with(void **state, bool may_hang)
{
	struct file_bench *bench = calloc(1, sizeof *bench);
	struct error error = {0};
	bench->image = image_iso(BLOCKS, "TEST");
	fake_file_init(&bench->file, bench->image, BLOCKS * 2048);
	bench->file.may_hang = may_hang;
	bench->fake = fake_optical_create(NULL);
	*state = bench;
	struct disc *disc = image_open(&bench->file.io, "/x", PROFILE_CD_ROM, NULL, &error);
	assert_non_null(disc);
	mmc_drive_restore(bench->fake->drive, disc, false);
	disc_put(disc);
	bench->host = fake_nexus(bench->fake, "host");
	settle(bench->host);
	return 0;
}

static int begin(void **state)
{
	return begin_with(state, false);
}

static int begin_on_nfs(void **state)
{
	return begin_with(state, true);
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

static void expect_sectors(const struct file_bench *bench, const struct fake_answer *answer,
	unsigned lba, unsigned count)
{
	EXPECT_LENGTH(answer, count * RAW);
	for (unsigned i = 0; i < count; i++) {
		const uint8_t *sector = answer->data + i * RAW;
		cd_check_sector(sector);
		assert_memory_equal(sector + 16, bench->image + (lba + i) * 2048, 2048);
	}
}

static void expect_bad_block(const struct fake_answer *answer, uint64_t lba)
{
	EXPECT_SENSE(answer, SENSE_UNRECOVERED_READ_ERROR);
	assert_true(answer->sense.information_valid);
	assert_int_equal(answer->sense.information, lba);
}

static void a_miss_goes_to_a_worker(void **state)
{
	struct file_bench *bench = *state;
	bench->file.nowait_error = -EAGAIN;
	bench->fake->manual_work = true;
	const struct fake_answer *answer = READ_RAW(bench->host, 16, 20);
	assert_false(answer->done);
	fake_run_works(bench->fake);
	expect_sectors(bench, answer, 16, 20);
}

static void many_come_from_a_worker(void **state)
{
	struct file_bench *bench = *state;
	expect_sectors(bench, READ_RAW(bench->host, 3, 197), 3, 197);
}

static void what_may_hang_is_read_elsewhere_first(void **state)
{
	struct file_bench *bench = *state;
	bench->fake->manual_work = true;
	const struct fake_answer *answer = READ_RAW(bench->host, 16, 20);
	assert_false(answer->done);
	fake_run_works(bench->fake);
	expect_sectors(bench, answer, 16, 20);
}

/* The sectors before it are there, whichever piece it is read in. */
static void an_unreadable_block_is_named(void **state)
{
	struct file_bench *bench = *state;
	bench->file.read_error = -EIO;
	bench->file.bad_offset = 30 * 2048;
	expect_bad_block(READ_RAW(bench->host, 30, 1), 30);
	assert_int_equal(bench->fake->fault_lba, 30);
	expect_sectors(bench, READ_RAW(bench->host, 20, 10), 20, 10);
}

static void headers_are_made_of_nothing(void **state)
{
	struct file_bench *bench = *state;
	bench->file.read_error = -EIO;
	bench->file.bad_offset = 0;
	const struct fake_answer *answer =
		SEND(bench->host, 64, 0xbe, 0, 0, 0, 0, 10, 0, 0, 2, 0xa0, 0, 0);
	EXPECT_LENGTH(answer, 2 * 16);
	EXPECT_BE32(answer, 28, 0x00021101);
}

static void a_change_waits_for_a_raw_read(void **state)
{
	struct file_bench *bench = *state;
	bench->file.nowait_error = -EAGAIN;
	bench->fake->manual_work = true;
	const struct fake_answer *answer = READ_RAW(bench->host, 16, 1);
	assert_false(mmc_drive_begin_change(bench->fake->drive));
	fake_run_works(bench->fake);
	expect_sectors(bench, answer, 16, 1);
	assert_int_equal(bench->fake->drained_events, 1);
	mmc_drive_cancel_change(bench->fake->drive);
}

static void a_raw_read_can_be_ended_while_it_waits(void **state)
{
	ONLY_IN_PROCESS("a task that is aborted has no answer; see tests/unit/iscsi/test_tasks.c");
	struct file_bench *bench = *state;
	const uint8_t cdb[] = {0xbe, 0, 0, 0, 0, 0, 0, 0, BLOCKS, 0xf8, 0, 0};
	bench->file.nowait_error = -EAGAIN;
	bench->fake->manual_work = true;
	struct fake_command *command = fake_send(bench->host, cdb, sizeof cdb, BLOCKS * RAW);
	assert_false(command->answer.done);
	scsi_cmd_cancel(&command->cmd);
	assert_int_equal(command->answer.status, SCSI_STATUS_TASK_ABORTED);
	fake_run_works(bench->fake);
	assert_true(command->released);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, begin, end)
#define ON_NFS(test)    cmocka_unit_test_setup_teardown(test, begin_on_nfs, end)

static const struct CMUnitTest tests[] = {
	WITH_FILE(a_miss_goes_to_a_worker),
	WITH_FILE(many_come_from_a_worker),
	ON_NFS(what_may_hang_is_read_elsewhere_first),
	WITH_FILE(an_unreadable_block_is_named),
	ON_NFS(an_unreadable_block_is_named),
	WITH_FILE(headers_are_made_of_nothing),
	WITH_FILE(a_change_waits_for_a_raw_read),
	ON_NFS(a_change_waits_for_a_raw_read),
	WITH_FILE(a_raw_read_can_be_ended_while_it_waits),
	ON_NFS(a_raw_read_can_be_ended_while_it_waits),
};
CONFORMANCE_SUITE("read-cd-errors", tests)
