/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks of a tape on the wire: data, then CHECK CONDITION with sense and residual, for blocks that
 * are not as long as was asked for (SSC-4 6.3; RFC 7143 11.4.5, 11.7.4).
 */
#include "support.h"

#include "tape_host.h"

enum { SHORT = 1000, LONG = 70000, ASKED = 65536 };

/* A block of SHORT, one of LONG bytes, a filemark. */
static int begin(void **state)
{
	static uint8_t block[LONG];
	struct fake_portal *fake = fake_portal_create(&(struct fake_portal_setup){.tape = true});
	struct tape_host *host = tape_login(fake, NULL);
	tape_block_fill(block, SHORT, 1);
	tape_write(host, SHORT, block, SHORT);
	assert_int_equal(host->status, GOOD);
	tape_block_fill(block, LONG, 2);
	tape_write(host, LONG, block, LONG);
	assert_int_equal(host->status, GOOD);
	tape_mark(host);
	tape_rewind(host);
	tape_logout(host);
	*state = fake;
	return 0;
}

static bool no_memory_is_used(struct fake_portal *fake)
{
	return portal_memory(fake->portal) == 0;
}

static int end(void **state)
{
	assert_true(wait_until(no_memory_is_used, *state));
	fake_portal_destroy(*state);
	return 0;
}

static void a_shorter_block_comes_with_sense_and_an_underflow(void **state)
{
	struct tape_host *host = tape_login(*state, NULL);
	tape_read(host, ASKED, ASKED, false);
	assert_tape_block(host, SHORT, 1);
	assert_tape_sense(host, 0, 0);
	assert_tape_information(host, SENSE_ILI, ASKED - SHORT);
	assert_int_equal(host->residual, ASKED - SHORT);
	tape_logout(host);
}

static void with_sili_it_is_good_with_an_underflow(void **state)
{
	struct tape_host *host = tape_login(*state, NULL);
	tape_read(host, ASKED, ASKED, true);
	assert_int_equal(host->status, GOOD);
	assert_tape_block(host, SHORT, 1);
	assert_int_equal(host->residual, ASKED - SHORT);
	tape_logout(host);
}

static void a_longer_block_is_cut_and_says_by_how_much(void **state)
{
	struct tape_host *host = tape_login(*state, NULL);
	tape_read(host, 4096, 4096, true);
	tape_read(host, ASKED, ASKED, false);
	assert_int_equal(host->moved, ASKED);
	assert_tape_sense(host, 0, 0);
	assert_tape_information(host, SENSE_ILI, ASKED - LONG);
	assert_int_equal(host->residual, 0);
	assert_int_equal(tape_unit_position(fake_portal_tape(*state)), 2);
	tape_logout(host);
}

/* The CDB asks for more than the host has room for: the rest is lost, and told. */
static void a_host_with_less_room_than_it_asks_for_has_an_overflow(void **state)
{
	struct tape_host *host = tape_login(*state, NULL);
	tape_read(host, SHORT, 512, false);
	assert_int_equal(host->status, GOOD);
	assert_int_equal(host->moved, 512);
	assert_int_equal(host->residual, 512 - SHORT);
	tape_logout(host);
}

static void the_overflow_is_told_with_sense_too(void **state)
{
	struct tape_host *host = tape_login(*state, NULL);
	tape_read(host, ASKED, 512, false);
	assert_tape_sense(host, 0, 0);
	assert_tape_information(host, SENSE_ILI, ASKED - SHORT);
	assert_int_equal(host->moved, 512);
	assert_int_equal(host->residual, 512 - SHORT);
	tape_logout(host);
}

static void a_host_with_more_room_than_it_asks_for_has_an_underflow(void **state)
{
	struct tape_host *host = tape_login(*state, NULL);
	tape_read(host, SHORT, ASKED, false);
	assert_int_equal(host->status, GOOD);
	assert_tape_block(host, SHORT, 1);
	assert_int_equal(host->residual, ASKED - SHORT);
	tape_logout(host);
}

/* Expected length 0, with the R bit and without: the block is passed over. */
static void a_read_without_room_moves_the_tape_and_no_data(void **state)
{
	static const uint8_t flags[] = {FLAG_READ, 0};
	struct tape_host *host = tape_login(*state, NULL);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t cdb[16] = {0x08};
		put_be24(cdb + 2, SHORT);
		tape_rewind(host);
		raw_command(host->raw, flags[i], 0, cdb, 0, NULL, 0);
		assert_true(raw_receive(host->raw));
		tape_take_response(host);
		assert_int_equal(host->status, GOOD);
		assert_int_equal(host->residual, -SHORT);
		assert_int_equal(tape_unit_position(fake_portal_tape(*state)), 1);
	}
	tape_logout(host);
}

static void a_read_of_nothing_does_nothing(void **state)
{
	struct tape_host *host = tape_login(*state, NULL);
	tape_read(host, 0, ASKED, false);
	assert_int_equal(host->status, GOOD);
	assert_int_equal(host->moved, 0);
	assert_int_equal(host->residual, ASKED);
	assert_int_equal(tape_unit_position(fake_portal_tape(*state)), 0);
	tape_logout(host);
}

static void a_filemark_has_sense_and_no_data(void **state)
{
	struct tape_host *host = tape_login(*state, NULL);
	tape_read(host, ASKED, ASKED, true);
	tape_read(host, LONG, LONG, false);
	assert_int_equal(host->status, GOOD);
	assert_tape_block(host, LONG, 2);
	tape_read(host, ASKED, ASKED, false);
	assert_tape_sense(host, 0, 0x0001);
	assert_tape_information(host, SENSE_FILEMARK_BIT, ASKED);
	assert_int_equal(host->moved, 0);
	assert_int_equal(host->residual, ASKED);
	tape_read(host, ASKED, ASKED, false);
	assert_tape_sense(host, 8, 0x0005);
	assert_int_equal(host->moved, 0);
	assert_int_equal(host->residual, ASKED);
	tape_logout(host);
}

/* Fixed blocks: what was read before the filemark comes, and how many were not. */
static void fixed_blocks_before_a_filemark_come_with_sense(void **state)
{
	enum { BLOCK = 500, BLOCKS = 3, WANTED = 8 };
	static uint8_t blocks[BLOCK * BLOCKS];
	struct tape_host *host = tape_login(*state, NULL);
	uint8_t list[12] = {0, 0, 0x10, 8}, select[16] = {0x15, 0x10, 0, 0, sizeof list};
	uint8_t cdb[16] = {0x0a, 0x01, 0, 0, BLOCKS};
	put_be24(list + 9, BLOCK);
	raw_command(host->raw, FLAG_WRITE, 0, select, sizeof list, list, sizeof list);
	raw_expect(host->raw, PDU_SCSI_RESPONSE);
	tape_block_fill(blocks, sizeof blocks, 9);
	raw_command(host->raw, FLAG_WRITE, 0, cdb, sizeof blocks, blocks, sizeof blocks);
	raw_expect(host->raw, PDU_SCSI_RESPONSE);
	tape_mark(host);
	tape_rewind(host);
	cdb[0] = 0x08;
	cdb[4] = WANTED;
	raw_command(host->raw, FLAG_READ, 0, cdb, WANTED * BLOCK, NULL, 0);
	raw_expect(host->raw, PDU_DATA_IN);
	assert_int_equal(host->raw->length, sizeof blocks);
	assert_memory_equal(host->raw->data, blocks, sizeof blocks);
	assert_int_equal(host->raw->bhs[BHS_FLAGS], FLAG_FINAL);
	raw_expect(host->raw, PDU_SCSI_RESPONSE);
	tape_take_response(host);
	assert_tape_sense(host, 0, 0x0001);
	assert_tape_information(host, SENSE_FILEMARK_BIT, WANTED - BLOCKS);
	assert_int_equal(host->residual, (WANTED - BLOCKS) * BLOCK);
	tape_logout(host);
}

/* 8 MiB to an initiator that takes little at a time. */
static void a_block_of_8_mib_keeps_to_segments_and_bursts(void **state)
{
	static const struct tape_keys small[] = {
		{.segment = 512, .max_burst = 512},
		{.segment = 8192, .max_burst = 1000},
		{.segment = 1000, .max_burst = 65536},
		{.segment = 65536, .max_burst = MIB},
		{0},
	};
	static uint8_t block[BLOCK_MAX];
	struct tape_host *writer = tape_login(*state, NULL);
	tape_block_fill(block, BLOCK_MAX - 3, 5);
	tape_write(writer, BLOCK_MAX - 3, block, BLOCK_MAX - 3);
	assert_int_equal(writer->status, GOOD);
	for (unsigned i = 0; i < sizeof small / sizeof small[0]; i++) {
		struct tape_host *host = tape_login(*state, &small[i]);
		uint32_t segment = host->keys.segment < host->keys.max_burst ? host->keys.segment
									     : host->keys.max_burst;
		tape_rewind(host);
		tape_read(host, BLOCK_MAX, BLOCK_MAX, false);
		assert_tape_block(host, BLOCK_MAX - 3, 5);
		assert_tape_sense(host, 0, 0);
		assert_tape_information(host, SENSE_ILI, 3);
		assert_int_equal(host->residual, 3);
		assert_true(host->pdus >= (BLOCK_MAX - 3) / segment);
		tape_logout(host);
	}
	tape_logout(writer);
}

#define tape_test(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		tape_test(a_shorter_block_comes_with_sense_and_an_underflow),
		tape_test(with_sili_it_is_good_with_an_underflow),
		tape_test(a_longer_block_is_cut_and_says_by_how_much),
		tape_test(a_host_with_less_room_than_it_asks_for_has_an_overflow),
		tape_test(the_overflow_is_told_with_sense_too),
		tape_test(a_host_with_more_room_than_it_asks_for_has_an_underflow),
		tape_test(a_read_without_room_moves_the_tape_and_no_data),
		tape_test(a_read_of_nothing_does_nothing),
		tape_test(a_filemark_has_sense_and_no_data),
		tape_test(fixed_blocks_before_a_filemark_come_with_sense),
		tape_test(a_block_of_8_mib_keeps_to_segments_and_bursts),
	};
	return cmocka_run_group_tests_name("iscsi/tape", tests, NULL, NULL);
}
