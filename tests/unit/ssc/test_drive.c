/* SPDX-License-Identifier: Apache-2.0 */
/* The tape drive: what hosts depend on (blocks, filemarks, positions, ends), command by command. */
#include "support.h"

#include "drive_bench.h"
#include "util/bytes.h"

#define ON_DRIVE(test)                                                                             \
	cmocka_unit_test_setup_teardown(test, drive_bench_setup, drive_bench_teardown)

/* ---- variable blocks ---------------------------------------------------------------------------
 */

static void blocks_come_back_as_they_were(void **state)
{
	struct drive_bench *b = *state;
	assert_good(write_block(b->a, 1000, 1));
	assert_good(write_block(b->a, 1, 2));
	assert_good(write_block(b->a, SMALL_BLOCK, 3));
	assert_good(rewind_tape(b->a));
	struct sent *sent = read_block(b->a, 1000, false);
	assert_good(sent);
	assert_block(sent, 1000, 1);
	assert_block(read_block(b->a, 1, false), 1, 2);
	assert_block(read_block(b->a, SMALL_BLOCK, false), SMALL_BLOCK, 3);
}

static void a_shorter_block_is_told_unless_sili(void **state)
{
	struct drive_bench *b = *state;
	assert_good(write_block(b->a, 100, 1));
	assert_good(write_block(b->a, 100, 2));
	rewind_tape(b->a);
	struct sent *sent = read_block(b->a, 150, false);
	assert_left(sent, SENSE_INCORRECT_LENGTH, 50);
	assert_true(sent->cmd.sense.incorrect_length);
	assert_block(sent, 100, 1);
	sent = read_block(b->a, 150, true);
	assert_good(sent);
	assert_block(sent, 100, 2);
}

static void a_longer_block_is_cut_and_told(void **state)
{
	struct drive_bench *b = *state;
	assert_good(write_block(b->a, 300, 1));
	assert_good(write_block(b->a, 300, 2));
	rewind_tape(b->a);
	struct sent *sent = read_block(b->a, 100, false);
	assert_left(sent, SENSE_INCORRECT_LENGTH, -200);
	assert_int_equal(sent->cmd.data_in_done, 100);
	sent = read_block(b->a, 100, true); /* variable blocks: SILI means it */
	assert_good(sent);
	assert_int_equal(sent->cmd.data_in_done, 100);
	assert_int_equal(position_of(b->a), 2);
}

static void a_length_of_nothing_moves_nothing(void **state)
{
	struct drive_bench *b = *state;
	assert_good(read_block(b->a, 0, false));
	assert_good(send_out(b->a, CDB(0x0a), "", 0));
	assert_int_equal(position_of(b->a), 0);
}

static void a_block_above_the_limit_is_refused_untouched(void **state)
{
	struct drive_bench *b = *state;
	struct sent *sent = write_block(b->a, SMALL_BLOCK + 1, 1);
	assert_is(sent, SENSE_INVALID_FIELD_IN_CDB);
	assert_int_equal(sent->cmd.sense.field, 2);
	assert_int_equal(position_of(b->a), 0);
	sent = send_out(b->a, CDB(0x0a, 0, 0, 0, 100), "short", 5); /* less data than it says */
	assert_is(sent, SENSE_INVALID_FIELD_IN_CDB);
	assert_int_equal(position_of(b->a), 0);
}

/* ---- fixed blocks ------------------------------------------------------------------------------
 */

static void fixed_blocks_are_many_in_one_command(void **state)
{
	struct drive_bench *b = *state;
	uint8_t data[5 * 512];
	for (uint32_t i = 0; i < 5; i++)
		block_fill(data + i * 512, 512, i);
	set_block_length(b->a, 512);
	assert_good(send_out(b->a, CDB(0x0a, 1, 0, 0, 5), data, sizeof data));
	assert_int_equal(position_of(b->a), 5);
	rewind_tape(b->a);
	struct sent *sent = send_in(b->a, CDB(0x08, 1, 0, 0, 5), sizeof data);
	assert_good(sent);
	assert_memory_equal(sent->data, data, sizeof data);
}

static void a_fixed_read_stops_at_what_is_no_such_block(void **state)
{
	struct drive_bench *b = *state;
	set_block_length(b->a, 512);
	write_block(b->a, 512, 1);
	write_block(b->a, 512, 2);
	write_marks(b->a, 1, false);
	write_block(b->a, 100, 3);
	rewind_tape(b->a);
	struct sent *sent = send_in(b->a, CDB(0x08, 1, 0, 0, 5), 5 * 512);
	assert_left(sent, SENSE_FILEMARK, 3);
	assert_true(sent->cmd.sense.filemark);
	assert_int_equal(sent->cmd.data_in_done, 1024);
	assert_int_equal(position_of(b->a), 3);
	sent = send_in(b->a, CDB(0x08, 1, 0, 0, 5), 5 * 512);
	assert_left(sent, SENSE_INCORRECT_LENGTH, 5);
	assert_int_equal(sent->cmd.data_in_done, 0);
	assert_int_equal(position_of(b->a), 4);
	sent = send_in(b->a, CDB(0x08, 1, 0, 0, 5), 5 * 512);
	assert_left(sent, SENSE_END_OF_DATA, 5);
}

static void fixed_needs_a_block_length_and_no_sili(void **state)
{
	struct drive_bench *b = *state;
	struct sent *sent = send_in(b->a, CDB(0x08, 1, 0, 0, 1), 512);
	assert_is(sent, SENSE_INVALID_FIELD_IN_CDB);
	assert_int_equal(sent->cmd.sense.field, 1);
	set_block_length(b->a, 512);
	assert_is(send_in(b->a, CDB(0x08, 3, 0, 0, 1), 512), SENSE_INVALID_FIELD_IN_CDB);
}

/* ---- filemarks and ends ------------------------------------------------------------------------
 */

static void a_filemark_is_passed_and_told(void **state)
{
	struct drive_bench *b = *state;
	write_block(b->a, 100, 1);
	assert_good(write_marks(b->a, 1, false));
	write_block(b->a, 100, 2);
	rewind_tape(b->a);
	assert_good(read_block(b->a, 100, false));
	struct sent *sent = read_block(b->a, 100, false);
	assert_left(sent, SENSE_FILEMARK, 100);
	assert_true(sent->cmd.sense.filemark);
	assert_int_equal(sent->cmd.data_in_done, 0);
	assert_block(read_block(b->a, 100, false), 100, 2);
}

static void the_end_of_data_is_a_blank_check(void **state)
{
	struct drive_bench *b = *state;
	assert_left(read_block(b->a, 100, false), SENSE_END_OF_DATA, 100);
	write_block(b->a, 100, 1);
	assert_left(read_block(b->a, 100, true), SENSE_END_OF_DATA, 100);
	assert_int_equal(position_of(b->a), 1);
}

static void writing_ends_the_tape_there(void **state)
{
	struct drive_bench *b = *state;
	for (uint32_t i = 0; i < 10; i++)
		write_block(b->a, 100, i);
	rewind_tape(b->a);
	space(b->a, 0, 4);
	write_block(b->a, 200, 99);
	assert_left(read_block(b->a, 100, false), SENSE_END_OF_DATA, 100);
	assert_int_equal(position_of(b->a), 5);
}

static void erase_ends_the_tape_there(void **state)
{
	struct drive_bench *b = *state;
	for (uint32_t i = 0; i < 10; i++)
		write_block(b->a, 100, i);
	rewind_tape(b->a);
	space(b->a, 0, 4);
	assert_good(send_none(b->a, CDB(0x19, 1)));
	assert_left(read_block(b->a, 100, false), SENSE_END_OF_DATA, 100);
	rewind_tape(b->a);
	assert_good(send_none(b->a, CDB(0x19)));
	assert_left(space(b->a, 0, 1), SENSE_END_OF_DATA, 1);
}

/* Warned at first and at every block from there on, each written; then refused. */
static void the_end_of_the_medium_is_warned_of(void **state)
{
	struct drive_bench *b = *state;
	unsigned good = 0, warned = 0;
	struct sent *sent;
	for (uint32_t i = 0;; i++) {
		sent = write_block(b->a, SMALL_BLOCK, i);
		if (sense_of(sent) == SENSE_VOLUME_OVERFLOW)
			break;
		if (sense_of(sent) == SENSE_NONE) {
			assert_int_equal(warned, 0);
			good++;
			continue;
		}
		assert_left(sent, SENSE_EARLY_WARNING, 0);
		assert_true(sent->cmd.sense.end_of_medium);
		warned++;
	}
	assert_left(sent, SENSE_VOLUME_OVERFLOW, SMALL_BLOCK);
	assert_true(sent->cmd.sense.end_of_medium);
	assert_true(good > 100 && warned > 20);
	assert_int_equal(position_of(b->a), good + warned);
	assert_is(write_marks(b->a, 1, false), SENSE_EARLY_WARNING); /* that still fits */
	rewind_tape(b->a);
	for (unsigned i = 0; i < good + warned; i++)
		assert_good(read_block(b->a, SMALL_BLOCK, false));
	assert_is(read_block(b->a, SMALL_BLOCK, false), SENSE_FILEMARK);
}

/* A tape that is full can be ended, but not with filemarks for ever. */
static void filemarks_end_too(void **state)
{
	struct drive_bench *b = *state;
	uint32_t seed = 0;
	while (sense_of(write_block(b->a, SMALL_BLOCK, seed++)) != SENSE_VOLUME_OVERFLOW)
		;
	uint64_t before = position_of(b->a);
	struct sent *sent = write_marks(b->a, 5000, false);
	uint64_t written = position_of(b->a) - before;
	assert_left(sent, SENSE_VOLUME_OVERFLOW, 5000 - (int64_t)written);
	assert_true(sent->cmd.sense.end_of_medium);
	assert_in_range(written, 1000, 1100);
	assert_left(write_marks(b->a, 1, false), SENSE_VOLUME_OVERFLOW, 1);
	assert_good(space(b->a, 1, -(int32_t)written));
	assert_int_equal(position_of(b->a), before);
	assert_is(write_marks(b->a, 1, false), SENSE_EARLY_WARNING);
}

static void the_position_tells_of_the_end(void **state)
{
	struct drive_bench *b = *state;
	uint8_t list[4 + 32] = {0, 0, 0x10, 0, 0x50, 0x01, 0x00, 0x1c};
	uint32_t seed = 0;
	write_block(b->a, 1000, 1);
	assert_int_equal(send_in(b->a, CDB(0x34), 20)->data[0], 0);
	list[4 + 7] = 1; /* from the beginning of this small tape */
	assert_good(send_out(b->a, CDB(0x15, 0x10, 0, 0, sizeof list), list, sizeof list));
	assert_int_equal(send_in(b->a, CDB(0x34), 20)->data[0], 0x01); /* BPEW */
	while (sense_of(write_block(b->a, SMALL_BLOCK, seed++)) != SENSE_EARLY_WARNING)
		;
	assert_int_equal(send_in(b->a, CDB(0x34), 20)->data[0], 0x41); /* and EOP */
	assert_int_equal(send_in(b->a, CDB(0x34, 0x06), 32)->data[0], 0x41);
	rewind_tape(b->a);
	assert_int_equal(send_in(b->a, CDB(0x34), 20)->data[0], 0x80);
}

static void programmable_early_warning_is_told_once(void **state)
{
	struct drive_bench *b = *state;
	uint8_t list[4 + 32] = {0, 0, 0x10, 0, 0x50, 0x01, 0x00, 0x1c};
	list[4 + 7] = 1; /* 1 MB before early warning: from the beginning of this small tape */
	assert_good(send_out(b->a, CDB(0x15, 0x10, 0, 0, sizeof list), list, sizeof list));
	struct sent *sent = write_block(b->a, 1000, 1);
	assert_left(sent, SENSE_PROGRAMMABLE_EARLY_WARNING, 0);
	assert_false(sent->cmd.sense.end_of_medium);
	assert_good(write_block(b->a, 1000, 2));
	rewind_tape(b->a);
	assert_is(write_block(b->a, 1000, 3), SENSE_PROGRAMMABLE_EARLY_WARNING);
}

/* ---- moving ------------------------------------------------------------------------------------
 */

/* Blocks 0 1, filemark 2, block 3, filemarks 4 5, blocks 6 7. */
static void write_files(struct drive_bench *b)
{
	write_block(b->a, 100, 0);
	write_block(b->a, 100, 1);
	write_marks(b->a, 1, true);
	write_block(b->a, 100, 3);
	write_marks(b->a, 2, true);
	write_block(b->a, 100, 6);
	write_block(b->a, 100, 7);
	rewind_tape(b->a);
}

static const struct {
	uint64_t from;
	unsigned what;
	int32_t count;
	enum scsi_sense_code code;
	int32_t left;
	uint64_t to;
} spaces[] = {
	{0, 0, 2, SENSE_NONE, 0, 2},
	{0, 0, 3, SENSE_FILEMARK, 1, 3},
	{0, 0, 9, SENSE_FILEMARK, 7, 3},
	{6, 0, 2, SENSE_NONE, 0, 8},
	{6, 0, 5, SENSE_END_OF_DATA, 3, 8},
	{2, 0, -2, SENSE_NONE, 0, 0},
	{2, 0, -3, SENSE_BEGINNING, 1, 0},
	{8, 0, -2, SENSE_NONE, 0, 6},
	{8, 0, -4, SENSE_FILEMARK, 2, 5},
	{4, 0, -2, SENSE_FILEMARK, 1, 2},
	{0, 0, 0, SENSE_NONE, 0, 0},
	{0, 1, 1, SENSE_NONE, 0, 3},
	{0, 1, 3, SENSE_NONE, 0, 6},
	{0, 1, 4, SENSE_END_OF_DATA, 1, 8},
	{5, 1, 1, SENSE_NONE, 0, 6},
	{8, 1, -1, SENSE_NONE, 0, 5},
	{8, 1, -3, SENSE_NONE, 0, 2},
	{8, 1, -4, SENSE_BEGINNING, 1, 0},
	{6, 1, -1, SENSE_NONE, 0, 5},
	{5, 1, -1, SENSE_NONE, 0, 4},
	{0, 3, 0, SENSE_NONE, 0, 8},
	{8, 3, 0, SENSE_NONE, 0, 8},
};

static void locate_to(struct drive_bench *b, uint64_t object)
{
	uint8_t cdb[16] = {0x92};
	put_be64(cdb + 4, object);
	assert_good(send_none(b->a, cdb));
}

static void space_moves_as_ssc_says(void **state)
{
	struct drive_bench *b = *state;
	write_files(b);
	for (unsigned i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
		locate_to(b, spaces[i].from);
		struct sent *sent = space(b->a, spaces[i].what, spaces[i].count);
		if (spaces[i].code == SENSE_NONE)
			assert_good(sent);
		else
			assert_left(sent, spaces[i].code, spaces[i].left);
		assert_int_equal(sent->cmd.sense.filemark, spaces[i].code == SENSE_FILEMARK);
		assert_int_equal(sent->cmd.sense.end_of_medium, spaces[i].code == SENSE_BEGINNING);
		if (position_of(b->a) != spaces[i].to)
			fail_msg("row %u: %llu", i, (unsigned long long)position_of(b->a));
		locate_to(b, spaces[i].from);
		uint8_t cdb[16] = {0x91, (uint8_t)spaces[i].what};
		put_be64(cdb + 4, (uint64_t)(int64_t)spaces[i].count);
		assert_is(send_none(b->a, cdb), spaces[i].code);
		assert_int_equal(position_of(b->a), spaces[i].to);
	}
}

static void what_real_drives_refuse_is_refused(void **state)
{
	struct drive_bench *b = *state;
	assert_is(space(b->a, 2, 1), SENSE_INVALID_FIELD_IN_CDB);
	assert_is(space(b->a, 4, 1), SENSE_INVALID_FIELD_IN_CDB); /* setmarks */
	assert_is(send_in(b->a, CDB(0x0f, 0, 0, 0, 1), 1), SENSE_INVALID_OPCODE);
	assert_is(send_in(b->a, CDB(0x14, 0, 0, 0, 1), 1), SENSE_INVALID_OPCODE);
	assert_is(send_in(b->a, CDB(0x83), 0), SENSE_INVALID_OPCODE);
	assert_is(send_none(b->a, CDB(0x10, 0x02, 0, 0, 1)), SENSE_INVALID_FIELD_IN_CDB);
}

static void locate_finds_blocks_files_and_the_end(void **state)
{
	struct drive_bench *b = *state;
	write_files(b);
	assert_good(send_none(b->a, CDB(0x2b, 0, 0, 0, 0, 0, 6)));
	assert_block(read_block(b->a, 100, false), 100, 6);
	assert_good(send_none(b->a, CDB(0x92, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)));
	assert_int_equal(position_of(b->a), 3);
	assert_good(send_none(b->a, CDB(0x92, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3)));
	assert_int_equal(position_of(b->a), 6);
	assert_good(send_none(b->a, CDB(0x92, 0x18)));
	assert_int_equal(position_of(b->a), 8);
	assert_is(send_none(b->a, CDB(0x2b, 0, 0, 0, 0, 0, 9)), SENSE_END_OF_DATA);
	assert_int_equal(position_of(b->a), 8);
	assert_is(
		send_none(b->a, CDB(0x92, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4)), SENSE_END_OF_DATA);
	assert_good(send_none(b->a, CDB(0x92, 0x02))); /* CP: partition 0 */
	assert_is(send_none(b->a, CDB(0x92, 0x02, 0, 1)), SENSE_INVALID_FIELD_IN_CDB);
	assert_is(send_none(b->a, CDB(0x92, 0x10)), SENSE_INVALID_FIELD_IN_CDB);
	assert_is(
		send_none(b->a, CDB(0x2b, 0x02, 0, 0, 0, 0, 0, 0, 1)), SENSE_INVALID_FIELD_IN_CDB);
}

static void positions_have_three_forms(void **state)
{
	struct drive_bench *b = *state;
	write_files(b);
	struct sent *sent = send_in(b->a, CDB(0x34), 20);
	assert_good(sent);
	assert_int_equal(sent->cmd.data_in_done, 20);
	assert_int_equal(sent->data[0], 0x80); /* BOP */
	locate_to(b, 6);
	sent = send_in(b->a, CDB(0x34), 20);
	assert_int_equal(sent->data[0], 0);
	assert_int_equal(get_be32(sent->data + 4), 6);
	assert_int_equal(get_be32(sent->data + 8), 6);
	sent = send_in(b->a, CDB(0x34, 0x06), 32);
	assert_int_equal(get_be64(sent->data + 8), 6);
	assert_int_equal(get_be64(sent->data + 16), 3);
	sent = send_in(b->a, CDB(0x34, 0x08, 0, 0, 0, 0, 0, 0, 32), 32);
	assert_int_equal(get_be16(sent->data + 2), 28);
	assert_int_equal(get_be64(sent->data + 8), 6);
	assert_is(send_in(b->a, CDB(0x34, 0x05), 32), SENSE_INVALID_FIELD_IN_CDB);
}

/* ---- what lasts --------------------------------------------------------------------------------
 */

static void filemarks_and_rewind_are_durable_and_immed_is_not_waited_for(void **state)
{
	struct drive_bench *b = *state;
	write_block(b->a, 100, 1);
	unsigned before = b->store.syncs;
	assert_good(write_marks(b->a, 1, true));
	assert_int_equal(b->store.syncs, before);
	assert_good(write_marks(b->a, 0, false)); /* a flush */
	assert_int_equal(b->store.syncs, before + 1);
	write_block(b->a, 100, 2);
	assert_good(rewind_tape(b->a));
	assert_int_equal(b->store.syncs, before + 2);
	assert_good(rewind_tape(b->a)); /* nothing to do */
	assert_int_equal(b->store.syncs, before + 2);
}

static void without_buffering_every_write_is_durable(void **state)
{
	struct drive_bench *b = *state;
	const uint8_t list[] = {0, 0, 0x00, 0};
	assert_good(send_out(b->a, CDB(0x15, 0x10, 0, 0, 4), list, 4));
	unsigned before = b->store.syncs;
	assert_good(write_block(b->a, 100, 1));
	assert_true(b->store.syncs > before);
	assert_int_equal(b->store.write_count, 0); /* nothing is left to be lost */
}

static void a_full_disk_is_a_write_error_and_no_end_of_tape(void **state)
{
	struct drive_bench *b = *state;
	assert_good(write_block(b->a, 100, 1));
	b->store.write_room_left = 10;
	struct sent *sent = write_block(b->a, 1000, 2);
	assert_left(sent, SENSE_WRITE_ERROR, 1000);
	assert_false(sent->cmd.sense.end_of_medium);
	b->store.write_room_left = SIZE_MAX;
	assert_int_equal(position_of(b->a), 1);
	assert_good(write_block(b->a, 1000, 2));
	rewind_tape(b->a);
	assert_block(read_block(b->a, 100, false), 100, 1);
	assert_block(read_block(b->a, 1000, false), 1000, 2);
}

static void a_damaged_block_is_a_medium_error(void **state)
{
	struct drive_bench *b = *state;
	write_block(b->a, 1000, 1);
	write_block(b->a, 1000, 2);
	rewind_tape(b->a);
	uint8_t first[16];
	block_fill(first, sizeof first, 1);
	uint8_t *at = memmem(b->store.now, b->store.size, first, sizeof first);
	assert_non_null(at);
	at[3] ^= 0x40;
	assert_left(read_block(b->a, 1000, false), SENSE_UNRECOVERED_READ_ERROR, 1000);
	at[3] ^= 0x40;
	locate_to(b, 1);
	assert_block(read_block(b->a, 1000, false), 1000, 2);
}

/* ---- loading -----------------------------------------------------------------------------------
 */

static void every_host_is_told_of_a_load_once(void **state)
{
	struct drive_bench *b = *state;
	bench_unload(b);
	assert_is(send_none(b->a, CDB(0x00)), SENSE_MEDIUM_NOT_PRESENT);
	assert_is(write_block(b->a, 10, 1), SENSE_MEDIUM_NOT_PRESENT);
	bench_load(b, false);
	assert_is(send_none(b->a, CDB(0x00)), SENSE_MEDIUM_CHANGED);
	assert_good(send_none(b->a, CDB(0x00)));
	assert_is(send_none(b->b, CDB(0x00)), SENSE_MEDIUM_CHANGED);
	assert_good(send_none(b->b, CDB(0x00)));
}

static void hosts_unload_and_load(void **state)
{
	struct drive_bench *b = *state;
	write_block(b->a, 100, 1);
	assert_good(send_none(b->b, CDB(0x1e, 0, 0, 0, 1)));
	assert_is(send_none(b->a, CDB(0x1b)), SENSE_REMOVAL_PREVENTED);
	assert_good(send_none(b->b, CDB(0x1e)));
	assert_good(send_none(b->a, CDB(0x1b)));
	assert_is(send_none(b->a, CDB(0x00)), SENSE_MEDIUM_NOT_PRESENT);
	assert_good(send_none(b->a, CDB(0x1b, 0, 0, 0, 1)));
	assert_is(send_none(b->b, CDB(0x00)), SENSE_MEDIUM_CHANGED);
	assert_good(send_none(b->a, CDB(0x00)));
	assert_block(read_block(b->a, 100, false), 100, 1);
	assert_is(send_none(b->a, CDB(0x1b, 0, 0, 0, 4)), SENSE_INVALID_FIELD_IN_CDB);
}

/* Not threaded, but its medium auxiliary memory can be read. */
static void a_tape_can_be_held(void **state)
{
	static const uint8_t holds[] = {0x08, 0x09};
	struct drive_bench *b = *state;
	const uint8_t *barcode = CDB(0x8c, 0, 0, 0, 0, 0, 0, 0, 0x08, 0x06, 0, 0, 1, 0);
	for (unsigned i = 0; i < sizeof holds; i++) {
		assert_good(send_none(b->a, CDB(0x1b, 0, 0, 0, holds[i])));
		assert_is(send_none(b->b, CDB(0x00)), SENSE_AUXILIARY_MEMORY_ACCESSIBLE);
		assert_is(write_block(b->b, 10, 1), SENSE_AUXILIARY_MEMORY_ACCESSIBLE);
		struct sent *sent = send_in(b->b, barcode, 256);
		assert_good(sent);
		assert_memory_equal(sent->data + 9, "ARC001L8 ", 9);
		assert_good(send_none(b->a, CDB(0x1b, 0, 0, 0, 1)));
		assert_is(send_none(b->b, CDB(0x00)), SENSE_MEDIUM_CHANGED);
		assert_good(send_none(b->b, CDB(0x00)));
	}
	assert_good(send_none(b->a, CDB(0x1b, 0, 0, 0, 0x08)));
	assert_good(send_none(b->a, CDB(0x1b)));
	assert_is(send_none(b->b, CDB(0x00)), SENSE_MEDIUM_NOT_PRESENT);
	assert_is(send_in(b->b, barcode, 256), SENSE_MEDIUM_NOT_PRESENT);
	bench_unload(b);
	assert_is(send_none(b->a, CDB(0x1b, 0, 0, 0, 0x09)), SENSE_MEDIUM_NOT_PRESENT);
	assert_is(send_in(b->b, barcode, 256), SENSE_MEDIUM_NOT_PRESENT);
	bench_load(b, false);
}

static void a_reset_brings_back_variable_blocks(void **state)
{
	struct drive_bench *b = *state;
	const uint8_t list[] = {0, 0, 0x00, 8, 0, 0, 0, 0, 0, 0, 2, 0};
	assert_good(send_out(b->a, CDB(0x15, 0x10, 0, 0, sizeof list), list, sizeof list));
	scsi_lu_reset(b->lu, b->a);
	struct sent *sent = send_in(b->a, CDB(0x1a, 0, 0, 0, 12), 12);
	assert_good(sent);
	assert_int_equal(sent->data[2], 0x10);
	assert_int_equal(get_be24(sent->data + 9), 0);
}

static void the_write_protect_tab_holds(void **state)
{
	struct drive_bench *b = *state;
	write_block(b->a, 100, 1);
	bench_unload(b);
	bench_load(b, true);
	b->a->attentions = 0;
	assert_is(write_block(b->a, 100, 2), SENSE_WRITE_PROTECTED);
	assert_is(write_marks(b->a, 1, false), SENSE_WRITE_PROTECTED);
	assert_is(send_none(b->a, CDB(0x19)), SENSE_WRITE_PROTECTED);
	assert_block(read_block(b->a, 100, false), 100, 1);
	struct sent *sent = send_in(b->a, CDB(0x1a, 0, 0, 0, 12), 12);
	assert_int_equal(sent->data[2] & 0x80, 0x80);
}

/* ---- what it says of itself --------------------------------------------------------------------
 */

static void st_finds_a_tape_drive(void **state)
{
	struct drive_bench *b = *state;
	struct sent *sent = send_in(b->a, CDB(0x12, 0, 0, 0, 36), 36);
	assert_int_equal(sent->data[0], 0x01);
	assert_int_equal(sent->data[1], 0x80);
	sent = send_in(b->a, CDB(0x05), 6);
	assert_int_equal(get_be24(sent->data + 1), SMALL_BLOCK); /* the transport's limit */
	assert_int_equal(get_be16(sent->data + 4), 1);
	sent = send_in(b->a, CDB(0x1a, 0, 0, 0, 12), 12);
	assert_good(sent);
	assert_int_equal(sent->data[1], 0x88);
	assert_int_equal(sent->data[2], 0x10);
	assert_int_equal(sent->data[3], 8);
	assert_int_equal(sent->data[4], 0x5e);
	sent = send_in(b->a, CDB(0x1a, 0x08, 0x0f, 0, 255), 255);
	assert_good(sent);
	assert_int_equal(sent->data[4 + 1], 0x0e);
	sent = send_in(b->a, CDB(0x1a, 0x08, 0x3f, 0xff, 255), 255);
	assert_good(sent);
	sent = send_in(b->a, CDB(0x44, 0, 0, 0, 0, 0, 0, 0, 200), 200);
	assert_int_equal(sent->cmd.data_in_done, 4 + 52);
	assert_int_equal(sent->data[4], 0x5e);
}

static void compression_can_be_switched_off(void **state)
{
	struct drive_bench *b = *state;
	uint8_t list[4 + 16] = {
		0, 0, 0x10, 0, 0x0f, 0x0e, 0x40, 0x80, 0, 0, 0, 0x01, 0, 0, 0, 0x01};
	struct ssc_drive_status status;
	write_block(b->a, SMALL_BLOCK, 1);
	ssc_drive_status(b->drive, &status);
	assert_true(status.cartridge.counters.bytes_stored < SMALL_BLOCK);
	uint64_t before = status.cartridge.counters.bytes_stored;
	assert_good(send_out(b->a, CDB(0x15, 0x10, 0, 0, sizeof list), list, sizeof list));
	write_block(b->a, SMALL_BLOCK, 2);
	ssc_drive_status(b->drive, &status);
	assert_int_equal(status.cartridge.counters.bytes_stored - before, SMALL_BLOCK);
}

/* Of the drive, whatever the cartridge was through before: their ratio is that of compression. */
static void sequential_access_counts_for_the_drive(void **state)
{
	struct drive_bench *b = *state;
	write_block(b->a, SMALL_BLOCK, 1);
	bench_unload(b);
	bench_load(b, false);
	b->a->attentions = 0;
	struct sent *sent = send_in(b->a, CDB(0x4d, 0, 0x4c, 0, 0, 0, 0, 0, 200), 200);
	assert_good(sent);
	uint64_t stored = get_be64(sent->data + 4 + 12 + 4);
	assert_int_equal(get_be64(sent->data + 4 + 4), SMALL_BLOCK);
	assert_in_range(stored, 1, SMALL_BLOCK - 1);
	write_block(b->a, SMALL_BLOCK, 1);
	sent = send_in(b->a, CDB(0x4d, 0, 0x4c, 0, 0, 0, 0, 0, 200), 200);
	assert_int_equal(get_be64(sent->data + 4 + 12 + 4), 2 * stored);
}

/* No other thread is woken up for it, and it goes as far when one has to be. */
static void what_the_host_has_in_memory_is_read_at_once(void **state)
{
	struct drive_bench *b = *state;
	static const uint8_t off[4 + 16] = {
		0, 0, 0x10, 0, 0x0f, 0x0e, 0x40, 0x80, 0, 0, 0, 0x01, 0, 0, 0, 0x01};
	assert_good(send_out(b->a, CDB(0x15, 0x10, 0, 0, sizeof off), off, sizeof off));
	assert_is(send_none(b->b, CDB(0x00)), SENSE_MODE_PARAMETERS_CHANGED);
	for (uint32_t i = 0; i < 6; i++)
		assert_good(write_block(b->a, 1000, i));
	assert_good(rewind_tape(b->a));
	assert_block(read_block(b->a, 1000, false), 1000, 0);
	unsigned before = b->submitted;
	assert_block(read_block(b->a, 1000, false), 1000, 1);
	assert_block(read_block(b->b, 1000, false), 1000, 2);
	assert_int_equal(b->submitted, before);
	b->store.nothing_at_hand = true;
	assert_block(read_block(b->a, 1000, false), 1000, 3);
	assert_int_equal(b->submitted, before + 1);
	b->store.nothing_at_hand = false;
	assert_left(read_block(b->a, 900, false), SENSE_INCORRECT_LENGTH, -100);
	assert_int_equal(b->submitted, before + 1);
	assert_int_equal(position_of(b->a), 5);
	assert_block(read_block(b->a, 1000, false), 1000, 5);
	assert_is(read_block(b->a, 1000, false), SENSE_END_OF_DATA);
}

/* ---- aborts ------------------------------------------------------------------------------------
 */

static void assert_aborted(const struct sent *sent)
{
	assert_int_equal(sent->completed, 1);
	assert_int_equal(sent->released, 1);
	assert_int_equal(sent->cmd.status, SCSI_STATUS_TASK_ABORTED);
}

/* The first block is not at hand and waited for; then it is too late to begin with it. */
static void a_read_that_was_aborted_does_not_begin(void **state)
{
	struct drive_bench *b = *state;
	set_block_length(b->a, 512);
	assert_is(send_none(b->b, CDB(0x00)), SENSE_MODE_PARAMETERS_CHANGED);
	for (uint32_t i = 0; i < 4; i++)
		assert_good(write_block(b->a, 512, i));
	assert_good(rewind_tape(b->a));
	b->held = true;
	struct sent *sent = send_in(b->a, CDB(0x08, 1, 0, 0, 3), 3 * 512);
	scsi_lu_reset(b->lu, b->a);
	assert_int_equal(sent->completed, 0);
	bench_go_on(b);
	assert_aborted(sent);
	assert_int_equal(position_of(b->a), 0);
}

/* Aborts what is under way. */
static void abort_all(struct crash_store *store, void *context)
{
	struct drive_bench *b = context;
	store->on_sync = NULL;
	scsi_lu_reset(b->lu, b->a);
}

/* So many that the cartridge syncs in between, which is when they are aborted. */
static void filemarks_that_are_aborted_stop(void **state)
{
	struct drive_bench *b = *state;
	b->store.on_sync = abort_all;
	b->store.context = b;
	struct sent *sent = write_marks(b->a, 0xffffff, true);
	assert_null(b->store.on_sync);
	assert_aborted(sent);
	uint64_t position = position_of(b->a);
	assert_in_range(position, 1, 0xfffffe);
	struct ssc_drive_status status;
	ssc_drive_status(b->drive, &status);
	assert_int_equal(status.cartridge.eod, position);
	assert_true(status.cartridge.used < status.cartridge.capacity / 2);
	assert_good(write_block(b->a, 100, 1));
	assert_good(rewind_tape(b->a));
}

static void pages_and_attributes_are_live(void **state)
{
	struct drive_bench *b = *state;
	write_block(b->a, 1000, 1);
	rewind_tape(b->a);
	read_block(b->a, 1000, false);
	struct sent *sent = send_in(b->a, CDB(0x4d, 0, 0x4c, 0, 0, 0, 0, 0, 200), 200);
	assert_good(sent);
	assert_int_equal(get_be64(sent->data + 8), 1000);
	sent = send_in(b->a, CDB(0x4d, 0, 0x40, 0, 0, 0, 0, 0, 200), 200);
	assert_memory_equal(sent->data, "\0\0\0\x05\0\x02\x03\x0c\x2e", 9);
	sent = send_in(b->a, CDB(0x4d, 0, 0x6e, 0, 0, 0, 0, 2, 0), 512);
	assert_int_equal(get_be16(sent->data + 2), 64 * 5);
	sent = send_in(b->a, CDB(0x8c, 0, 0, 0, 0, 0, 0, 0, 0x08, 0x06, 0, 0, 1, 0), 256);
	assert_good(sent);
	assert_int_equal(get_be16(sent->data + 4), 0x0806);
	assert_memory_equal(sent->data + 9, "ARC001L8 ", 9);
	sent = send_in(b->a, CDB(0xa3, 0x0c, 0x81, 0x01, 0, 0, 0, 0, 0, 64), 64);
	assert_int_equal(get_be32(sent->data + 4 + 6 + 8), 600); /* REWIND's timeout */
	struct ssc_drive_status status;
	ssc_drive_status(b->drive, &status);
	assert_int_equal(status.position, 1);
	assert_int_equal(status.presence, SSC_READY);
	assert_string_equal(status.cartridge.barcode, "ARC001L8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_DRIVE(blocks_come_back_as_they_were),
		ON_DRIVE(a_shorter_block_is_told_unless_sili),
		ON_DRIVE(a_longer_block_is_cut_and_told),
		ON_DRIVE(a_length_of_nothing_moves_nothing),
		ON_DRIVE(a_block_above_the_limit_is_refused_untouched),
		ON_DRIVE(fixed_blocks_are_many_in_one_command),
		ON_DRIVE(a_fixed_read_stops_at_what_is_no_such_block),
		ON_DRIVE(fixed_needs_a_block_length_and_no_sili),
		ON_DRIVE(a_filemark_is_passed_and_told),
		ON_DRIVE(the_end_of_data_is_a_blank_check),
		ON_DRIVE(writing_ends_the_tape_there),
		ON_DRIVE(erase_ends_the_tape_there),
		ON_DRIVE(the_end_of_the_medium_is_warned_of),
		ON_DRIVE(filemarks_end_too),
		ON_DRIVE(the_position_tells_of_the_end),
		ON_DRIVE(programmable_early_warning_is_told_once),
		ON_DRIVE(space_moves_as_ssc_says),
		ON_DRIVE(what_real_drives_refuse_is_refused),
		ON_DRIVE(locate_finds_blocks_files_and_the_end),
		ON_DRIVE(positions_have_three_forms),
		ON_DRIVE(filemarks_and_rewind_are_durable_and_immed_is_not_waited_for),
		ON_DRIVE(without_buffering_every_write_is_durable),
		ON_DRIVE(a_full_disk_is_a_write_error_and_no_end_of_tape),
		ON_DRIVE(a_damaged_block_is_a_medium_error),
		ON_DRIVE(every_host_is_told_of_a_load_once),
		ON_DRIVE(hosts_unload_and_load),
		ON_DRIVE(a_tape_can_be_held),
		ON_DRIVE(a_reset_brings_back_variable_blocks),
		ON_DRIVE(the_write_protect_tab_holds),
		ON_DRIVE(st_finds_a_tape_drive),
		ON_DRIVE(compression_can_be_switched_off),
		ON_DRIVE(sequential_access_counts_for_the_drive),
		ON_DRIVE(what_the_host_has_in_memory_is_read_at_once),
		ON_DRIVE(a_read_that_was_aborted_does_not_begin),
		ON_DRIVE(filemarks_that_are_aborted_stop),
		ON_DRIVE(pages_and_attributes_are_live),
	};
	return cmocka_run_group_tests_name("ssc/drive", tests, NULL, NULL);
}
