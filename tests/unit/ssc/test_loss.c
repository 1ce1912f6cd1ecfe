/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks that were answered GOOD and are lost: who is told, once, and what is on the tape then
 * (SPC-4 4.5.6, SSC-4 4.2.13).
 */
#include "support.h"

#include <errno.h>

#include "drive_bench.h"
#include "frame.h"
#include "util/bytes.h"

#define ON_DRIVE(test)                                                                             \
	cmocka_unit_test_setup_teardown(test, drive_bench_setup, drive_bench_teardown)

static void assert_deferred_(const struct sent *sent, bool deferred, int line)
{
	assert_is_(sent, SENSE_WRITE_ERROR, line);
	if (sent->cmd.sense.deferred != deferred)
		fail_msg("line %d: %s", line, deferred ? "not deferred" : "deferred");
}
#define assert_deferred(sent) assert_deferred_((sent), true, __LINE__)
#define assert_current(sent)  assert_deferred_((sent), false, __LINE__)

/* Two blocks that last, and three that do not. */
static void write_five(struct drive_bench *b)
{
	assert_good(write_block(b->a, 100, 0));
	assert_good(write_block(b->a, 100, 1));
	assert_good(write_marks(b->a, 0, false));
	for (uint32_t i = 2; i < 5; i++)
		assert_good(write_block(b->a, 100, i));
}

static void fail_syncs(struct drive_bench *b)
{
	b->store.sync_error = -EIO;
}

/* As a host does that wants to go on; the disk is well again. */
static void thread_again(struct drive_bench *b)
{
	b->store.sync_error = 0;
	assert_good(send_none(b->a, CDB(0x1b)));
	assert_good(send_none(b->a, CDB(0x1b, 0, 0, 0, 1)));
	assert_is(send_none(b->b, CDB(0x00)), SENSE_MEDIUM_CHANGED);
}

static const uint8_t barriers[][16] = {
	{0x01},                         /* REWIND */
	{0x11, 0, 0xff, 0xff, 0xff},    /* SPACE one block back */
	{0x11, 1, 0xff, 0xff, 0xff},    /* … one filemark back */
	{0x11, 3},                      /* … to the end of data */
	{0x91, 3},                      /* */
	{0x2b},                         /* LOCATE */
	{0x92, 0, 0, 0, 0, 0, 0, 0, 0}, /* */
	{0x1b, 0, 0, 0, 1},             /* LOAD, of what is loaded */
	{0x1b},                         /* UNLOAD */
};

static void whoever_moves_the_tape_finds_out_and_stays_there(void **state)
{
	for (unsigned i = 0; i < sizeof barriers / sizeof barriers[0]; i++) {
		drive_bench_setup(state);
		struct drive_bench *b = *state;
		write_five(b);
		fail_syncs(b);
		struct sent *sent = send_none(b->a, barriers[i]);
		assert_deferred(sent);
		assert_int_equal(position_of(b->a), 2); /* what is on the tape */
		assert_good(send_none(b->a, CDB(0x00)));
		assert_good(rewind_tape(b->a));
		assert_int_equal(position_of(b->a), 0);
		thread_again(b);
		drive_bench_teardown(state);
	}
}

static void deferred_sense_has_its_own_response_code(void **state)
{
	struct drive_bench *b = *state;
	uint8_t sense[SCSI_SENSE_MAX];
	write_five(b);
	fail_syncs(b);
	struct sent *sent = rewind_tape(b->a);
	scsi_sense_encode(&sent->cmd.sense, false, sense);
	assert_int_equal(sense[0], 0x71);
	assert_int_equal(sense[2], 0x03);
	assert_int_equal(sense[12] << 8 | sense[13], 0x0c00);
	thread_again(b);
}

static void what_lasts_is_read_and_what_is_lost_is_not_the_end_of_data(void **state)
{
	struct drive_bench *b = *state;
	write_five(b);
	fail_syncs(b);
	assert_deferred(rewind_tape(b->a));
	assert_good(rewind_tape(b->a));
	assert_block(read_block(b->a, 100, false), 100, 0);
	assert_block(read_block(b->a, 100, false), 100, 1);
	assert_left(read_block(b->a, 100, false), SENSE_UNRECOVERED_READ_ERROR, 100);
	assert_int_equal(position_of(b->a), 2);
	assert_is(space(b->a, 3, 0), SENSE_UNRECOVERED_READ_ERROR);
	assert_left(space(b->a, 0, 5), SENSE_UNRECOVERED_READ_ERROR, 5);
	assert_left(space(b->a, 1, 1), SENSE_UNRECOVERED_READ_ERROR, 1);
	assert_is(send_none(b->a, CDB(0x2b, 0, 0, 0, 0, 0, 3)), SENSE_UNRECOVERED_READ_ERROR);
	assert_is(send_none(b->a, CDB(0x92, 0x18)), SENSE_UNRECOVERED_READ_ERROR);
	assert_is(send_none(b->a, CDB(0x92, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
		SENSE_UNRECOVERED_READ_ERROR);
	assert_int_equal(position_of(b->a), 2);
	assert_good(space(b->a, 0, -2));
	thread_again(b);
}

static void nothing_is_written_until_it_is_threaded_again(void **state)
{
	struct drive_bench *b = *state;
	write_five(b);
	fail_syncs(b);
	assert_deferred(rewind_tape(b->a));
	b->store.sync_error = 0;
	assert_current(write_block(b->a, 100, 9));
	assert_current(write_marks(b->b, 0, false));
	assert_current(send_none(b->a, CDB(0x19)));
	struct sent *sent = send_in(b->a, CDB(0x1a, 0, 0, 0, 12), 12);
	assert_int_equal(sent->data[2] & 0x80, 0); /* and that is no write protection */
	thread_again(b);
	assert_good(send_none(b->a, CDB(0x92, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2)));
	assert_good(write_block(b->a, 100, 9));
	assert_good(write_marks(b->a, 1, false));
	rewind_tape(b->a);
	assert_block(read_block(b->a, 100, false), 100, 0);
	assert_block(read_block(b->a, 100, false), 100, 1);
	assert_block(read_block(b->a, 100, false), 100, 9);
	assert_is(read_block(b->a, 100, false), SENSE_FILEMARK);
	assert_is(read_block(b->a, 100, false), SENSE_END_OF_DATA);
}

static void what_is_threaded_again_survives_the_next_promise(void **state)
{
	struct drive_bench *b = *state;
	write_five(b);
	fail_syncs(b);
	assert_deferred(rewind_tape(b->a));
	thread_again(b);
	assert_good(space(b->a, 3, 0));
	uint64_t end = position_of(b->a);
	assert_true(end >= 2);
	assert_good(write_marks(b->a, 1, false));
	bench_unload(b);
	crash_store_cut_power(&b->store);
	bench_load(b, false);
	b->a->attentions = b->b->attentions = 0;
	for (uint32_t i = 0; i < end; i++)
		assert_block(read_block(b->a, 100, false), 100, i);
	assert_is(read_block(b->a, 100, false), SENSE_FILEMARK);
}

static void the_host_that_wrote_is_told_whoever_finds_out(void **state)
{
	struct drive_bench *b = *state;
	write_five(b);
	fail_syncs(b);
	assert_current(rewind_tape(b->b)); /* it is not performed, and nobody owes b anything */
	assert_int_equal(position_of(b->b), 2);
	assert_good(rewind_tape(b->b));
	assert_good(send_in(b->a, CDB(0x12, 0, 0, 0, 36), 36));
	assert_deferred(send_none(b->a, CDB(0x00)));
	assert_good(send_none(b->a, CDB(0x00)));
	thread_again(b);
}

static void both_that_wrote_are_told(void **state)
{
	struct drive_bench *b = *state;
	write_five(b);
	assert_good(write_block(b->b, 100, 5));
	fail_syncs(b);
	assert_deferred(rewind_tape(b->b));
	assert_good(rewind_tape(b->b));
	assert_deferred(rewind_tape(b->a));
	assert_good(rewind_tape(b->a));
	thread_again(b);
}

static void what_another_host_made_last_is_owed_to_nobody(void **state)
{
	struct drive_bench *b = *state;
	write_five(b);
	assert_good(write_marks(b->b, 1, false));
	assert_good(write_block(b->b, 100, 6));
	fail_syncs(b);
	assert_deferred(rewind_tape(b->b));
	assert_int_equal(position_of(b->b), 6);
	assert_good(rewind_tape(b->a));
	thread_again(b);
}

static void a_host_that_left_is_told_when_it_returns(void **state)
{
	struct drive_bench *b = *state;
	struct scsi_nexus *c = scsi_nexus_enter(b->lu, "c");
	c->attentions = 0;
	assert_good(write_block(c, 100, 0));
	scsi_nexus_suspend(c);
	fail_syncs(b);
	assert_current(rewind_tape(b->a));
	c = scsi_nexus_enter(b->lu, "c");
	assert_deferred(send_none(c, CDB(0x00)));
	assert_good(send_none(c, CDB(0x00)));
	scsi_nexus_destroy(c);
	thread_again(b);
}

static void filemarks_report_what_was_buffered_before_them(void **state)
{
	struct drive_bench *b = *state;
	write_five(b);
	fail_syncs(b);
	struct sent *sent = write_marks(b->a, 2, false);
	assert_left(sent, SENSE_WRITE_ERROR, 5); /* two filemarks, three blocks */
	assert_false(sent->cmd.sense.deferred);
	assert_int_equal(position_of(b->a), 2);
	assert_good(rewind_tape(b->a)); /* told once */
	thread_again(b);
}

static void a_flush_reports_it_too(void **state)
{
	struct drive_bench *b = *state;
	write_five(b);
	fail_syncs(b);
	assert_current(write_marks(b->a, 0, false));
	assert_good(rewind_tape(b->a));
	thread_again(b);
}

static void a_synchronous_write_reports_it_too(void **state)
{
	struct drive_bench *b = *state;
	const uint8_t unbuffered[] = {0, 0, 0x00, 8, 0, 0, 0, 0, 0, 0, 0, 100};
	uint8_t data[200] = {0};
	write_five(b);
	assert_good(send_out(
		b->a, CDB(0x15, 0x10, 0, 0, sizeof unbuffered), unbuffered, sizeof unbuffered));
	assert_is(send_none(b->b, CDB(0x00)), SENSE_MODE_PARAMETERS_CHANGED);
	fail_syncs(b);
	struct sent *sent = send_out(b->a, CDB(0x0a, 1, 0, 0, 2), data, sizeof data);
	assert_left(sent, SENSE_WRITE_ERROR, 5);
	assert_false(sent->cmd.sense.deferred);
	assert_int_equal(position_of(b->a), 2);
	thread_again(b);
}

/* What is replaced is not on the tape any more, as far as anybody knows. */
static void what_was_being_replaced_is_not_known(void **state)
{
	struct drive_bench *b = *state;
	for (uint32_t i = 0; i < 5; i++)
		write_block(b->a, 100, i);
	assert_good(rewind_tape(b->a));
	assert_good(space(b->a, 0, 1));
	assert_good(write_block(b->a, 100, 9));
	fail_syncs(b);
	assert_deferred(rewind_tape(b->a));
	assert_int_equal(position_of(b->a), 1);
	assert_is(read_block(b->a, 100, false), SENSE_UNRECOVERED_READ_ERROR);
	thread_again(b);
	assert_block(read_block(b->a, 100, false), 100, 0);
	/* Without the commit that did not count: the blocks that were to be replaced; or with it.
	 */
	struct sent *sent = read_block(b->a, 100, false);
	assert_good(sent);
	assert_true(sent->data[0] == 1 || sent->data[0] == 9);
}

/* A full disk was told of, which says nothing of what was taken before it. */
static void what_is_lost_after_a_full_disk_is_told_too(void **state)
{
	struct drive_bench *b = *state;
	write_five(b);
	b->store.write_room_left = 0;
	assert_left(write_block(b->a, 100, 5), SENSE_WRITE_ERROR, 100);
	assert_int_equal(position_of(b->a), 5);
	b->store.write_room_left = SIZE_MAX;
	fail_syncs(b);
	assert_deferred(rewind_tape(b->a));
	assert_int_equal(position_of(b->a), 2);
	assert_good(rewind_tape(b->a));
	thread_again(b);
}

static void whoever_else_wrote_hears_of_a_loss_after_a_full_disk(void **state)
{
	struct drive_bench *b = *state;
	write_five(b);
	b->store.write_room_left = 0;
	assert_left(write_block(b->b, 100, 5), SENSE_WRITE_ERROR, 100);
	assert_deferred(send_none(b->a, CDB(0x00)));
	assert_left(write_block(b->b, 100, 5), SENSE_WRITE_ERROR, 100);
	assert_good(send_none(b->a, CDB(0x00))); /* of the full disk once */
	b->store.write_room_left = SIZE_MAX;
	fail_syncs(b);
	assert_current(rewind_tape(b->b));
	assert_deferred(send_none(b->a, CDB(0x00)));
	assert_good(send_none(b->a, CDB(0x00)));
	assert_good(rewind_tape(b->a));
	thread_again(b);
}

static void taken_out(void *context, struct cartridge *cartridge, int result)
{
	assert_int_equal(result, -ENOSPC);
	*(struct cartridge **)context = cartridge;
}

/* What another cartridge comes to is not for those who wrote to the one before. */
static void what_is_owed_goes_with_its_cartridge(void **state)
{
	struct drive_bench *b = *state;
	struct cartridge *out = NULL;
	write_five(b);
	b->store.write_room_left = 0;
	assert_deferred(rewind_tape(b->a));
	ssc_drive_unload(b->drive, taken_out, &out);
	bench_go_on(b);
	b->store.write_room_left = SIZE_MAX;
	assert_int_equal(cart_close(out), 0);
	bench_load(b, false);
	b->a->attentions = b->b->attentions = 0;
	assert_good(write_block(b->b, 100, 0));
	fail_syncs(b);
	assert_deferred(rewind_tape(b->b));
	assert_good(send_none(b->a, CDB(0x00)));
	thread_again(b);
}

/* The disk is full: nothing is lost, and everybody who wrote knows that it does not last yet. */
static void a_full_disk_holds_no_tape_fast(void **state)
{
	struct drive_bench *b = *state;
	write_five(b);
	b->store.write_room_left = 0;
	assert_deferred(rewind_tape(b->a));
	assert_int_equal(position_of(b->a), 5);
	assert_good(rewind_tape(b->a));
	for (uint32_t i = 0; i < 5; i++)
		assert_block(read_block(b->a, 100, false), 100, i);
	assert_left(write_marks(b->a, 1, false), SENSE_WRITE_ERROR, 1);
	assert_int_equal(position_of(b->a), 5);
	b->store.write_room_left = SIZE_MAX;
	assert_good(write_marks(b->a, 1, false));
	assert_int_equal(position_of(b->a), 6);
	crash_store_cut_power(&b->store);
	assert_good(rewind_tape(b->a));
	assert_good(space(b->a, 3, 0));
	assert_int_equal(position_of(b->a), 6);
}

static void many_filemarks_stop_where_the_disk_is_full(void **state)
{
	struct drive_bench *b = *state;
	assert_good(write_block(b->a, 100, 0));
	assert_good(rewind_tape(b->a));
	b->store.write_room_left = 10 * 64;
	struct sent *sent = write_marks(b->a, 1000, false);
	uint64_t position = position_of(b->a);
	assert_left(sent, SENSE_WRITE_ERROR, 1000 - (int64_t)position);
	assert_true(position > 1 && position < 20);
	b->store.write_room_left = SIZE_MAX;
	assert_good(write_marks(b->a, 1, false));
	assert_good(space(b->a, 1, -(int32_t)position - 1));
	assert_int_equal(position_of(b->a), 0);
}

/* ---- TapeAlert ---------------------------------------------------------------------------------
 */

static uint64_t alerts(struct drive_bench *b)
{
	struct ssc_drive_status status;
	ssc_drive_status(b->drive, &status);
	return status.alerts;
}

#define FLAG(n) (UINT64_C(1) << ((n)-1))

static void a_lost_write_is_alerted_and_looking_clears_nothing(void **state)
{
	struct drive_bench *b = *state;
	write_five(b);
	assert_int_equal(alerts(b), 0);
	fail_syncs(b);
	assert_deferred(rewind_tape(b->a));
	uint64_t expected = FLAG(3) | FLAG(4) | FLAG(6);
	assert_int_equal(alerts(b), expected);
	assert_int_equal(alerts(b), expected);
	struct sent *sent = send_in(b->a, CDB(0x4d, 0, 0x6e, 0, 0, 0, 0, 2, 0), 512);
	assert_good(sent);
	for (unsigned flag = 1; flag <= 64; flag++) {
		const uint8_t *parameter = sent->data + 4 + (size_t)(flag - 1) * 5;
		assert_int_equal(get_be16(parameter), flag);
		assert_int_equal(parameter[4], (expected & FLAG(flag)) != 0);
	}
	assert_int_equal(alerts(b), 0); /* the host has read them */
	thread_again(b);
}

static void a_full_disk_is_no_bad_medium(void **state)
{
	struct drive_bench *b = *state;
	assert_good(write_block(b->a, 100, 1));
	b->store.write_room_left = 0;
	assert_is(write_block(b->a, 100, 1), SENSE_WRITE_ERROR);
	assert_int_equal(alerts(b), FLAG(3) | FLAG(6));
	b->store.write_room_left = SIZE_MAX;
}

static void what_cannot_be_read_is_alerted(void **state)
{
	struct drive_bench *b = *state;
	uint8_t first[16];
	write_block(b->a, 1000, 1);
	rewind_tape(b->a);
	block_fill(first, sizeof first, 1);
	uint8_t *at = memmem(b->store.now, b->store.size, first, sizeof first);
	assert_non_null(at);
	at[3] ^= 0x40;
	assert_is(read_block(b->a, 1000, false), SENSE_UNRECOVERED_READ_ERROR);
	assert_int_equal(alerts(b), FLAG(3) | FLAG(4) | FLAG(5));
	at[3] ^= 0x40;
	assert_good(read_block(b->a, 1000, false));
	assert_int_equal(alerts(b), FLAG(3) | FLAG(4) | FLAG(5));
}

static void a_write_to_a_protected_tape_is_alerted_until_it_goes(void **state)
{
	struct drive_bench *b = *state;
	bench_unload(b);
	bench_load(b, true);
	b->a->attentions = b->b->attentions = 0;
	assert_int_equal(alerts(b), 0);
	assert_is(write_block(b->a, 100, 2), SENSE_WRITE_PROTECTED);
	assert_int_equal(alerts(b), FLAG(9));
	assert_good(send_none(b->a, CDB(0x1b)));
	assert_int_equal(alerts(b), FLAG(9)); /* it is still in the drive */
	bench_unload(b);
	assert_int_equal(alerts(b), 0);
	bench_load(b, false);
}

/* So that the cartridge begins with the checkpoint before, and is damaged behind that. */
static void damage_last_checkpoint(struct crash_store *store)
{
	uint8_t *last = NULL;
	for (size_t at = ZONES_AT; at + FRAME_HEADER <= store->size; at += FRAME_ALIGN)
		if (memcmp(store->now + at, "CFRM", 4) == 0 &&
			store->now[at + 4] == FRAME_CHECKPOINT)
			last = store->now + at;
	assert_non_null(last);
	last[FRAME_HEADER] ^= 0x01;
}

static void a_damaged_tape_is_readable_as_far_as_it_goes(void **state)
{
	struct drive_bench *b = *state;
	struct ssc_drive_status status;
	write_five(b);
	bench_unload(b);
	damage_last_checkpoint(&b->store);
	bench_load(b, false);
	b->a->attentions = b->b->attentions = 0;
	ssc_drive_status(b->drive, &status);
	assert_true(status.cartridge.damaged);
	assert_false(status.cartridge.failed);
	uint64_t known = status.cartridge.damaged_object;
	assert_in_range(known, 2, 5);
	for (uint32_t i = 0; i < known; i++)
		assert_block(read_block(b->a, 100, false), 100, i);
	assert_is(read_block(b->a, 100, false), SENSE_UNRECOVERED_READ_ERROR);
	assert_is(space(b->a, 3, 0), SENSE_UNRECOVERED_READ_ERROR);
	assert_is(send_none(b->a, CDB(0x92, 0x18)), SENSE_UNRECOVERED_READ_ERROR);
	assert_int_equal(position_of(b->a), known);
	assert_good(rewind_tape(b->a));
	assert_good(space(b->a, 0, (int32_t)known));
	send_in(b->a, CDB(0x4d, 0, 0x6e, 0, 0, 0, 0, 2, 0), 512);
	assert_is(write_block(b->a, 100, 1), SENSE_WRITE_PROTECTED);
	assert_int_equal(alerts(b), FLAG(3) | FLAG(4) | FLAG(6)); /* no tab is to be looked at */
}

static void an_unload_that_is_prevented_is_alerted(void **state)
{
	struct drive_bench *b = *state;
	assert_good(send_none(b->b, CDB(0x1e, 0, 0, 0, 1)));
	assert_is(send_none(b->a, CDB(0x1b)), SENSE_REMOVAL_PREVENTED);
	assert_int_equal(alerts(b), FLAG(10));
	assert_good(send_none(b->b, CDB(0x1e)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_moves_the_tape_finds_out_and_stays_there),
		ON_DRIVE(deferred_sense_has_its_own_response_code),
		ON_DRIVE(what_lasts_is_read_and_what_is_lost_is_not_the_end_of_data),
		ON_DRIVE(nothing_is_written_until_it_is_threaded_again),
		ON_DRIVE(what_is_threaded_again_survives_the_next_promise),
		ON_DRIVE(the_host_that_wrote_is_told_whoever_finds_out),
		ON_DRIVE(both_that_wrote_are_told),
		ON_DRIVE(what_another_host_made_last_is_owed_to_nobody),
		ON_DRIVE(a_host_that_left_is_told_when_it_returns),
		ON_DRIVE(filemarks_report_what_was_buffered_before_them),
		ON_DRIVE(a_flush_reports_it_too),
		ON_DRIVE(a_synchronous_write_reports_it_too),
		ON_DRIVE(what_was_being_replaced_is_not_known),
		ON_DRIVE(what_is_lost_after_a_full_disk_is_told_too),
		ON_DRIVE(whoever_else_wrote_hears_of_a_loss_after_a_full_disk),
		ON_DRIVE(what_is_owed_goes_with_its_cartridge),
		ON_DRIVE(a_full_disk_holds_no_tape_fast),
		ON_DRIVE(many_filemarks_stop_where_the_disk_is_full),
		ON_DRIVE(a_lost_write_is_alerted_and_looking_clears_nothing),
		ON_DRIVE(a_full_disk_is_no_bad_medium),
		ON_DRIVE(what_cannot_be_read_is_alerted),
		ON_DRIVE(a_write_to_a_protected_tape_is_alerted_until_it_goes),
		ON_DRIVE(a_damaged_tape_is_readable_as_far_as_it_goes),
		ON_DRIVE(an_unload_that_is_prevented_is_alerted),
	};
	return cmocka_run_group_tests_name("ssc/loss", tests, NULL, NULL);
}
