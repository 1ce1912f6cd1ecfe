/* SPDX-License-Identifier: Apache-2.0 */
/* WRITE to a tape: every way in which data may come, and lengths that do not fit. */
#include "support.h"

#include "tape_host.h"

#include <stdlib.h>

static int begin(void **state)
{
	*state = fake_portal_create(&(struct fake_portal_setup){.tape = true});
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

static uint8_t *make_block(uint32_t length, uint32_t seed)
{
	uint8_t *block = malloc(length);
	assert_non_null(block);
	tape_block_fill(block, length, seed);
	return block;
}

/* Written, and read back. */
static void write_and_read(struct fake_portal *fake, const struct tape_keys *keys, uint32_t length)
{
	static uint32_t seed;
	uint8_t *block = make_block(length, ++seed);
	struct tape_host *host = tape_login(fake, keys);
	tape_write(host, length, block, length);
	assert_int_equal(host->status, GOOD);
	assert_int_equal(host->residual, 0);
	uint32_t unsolicited = keys->initial_r2t && keys->no_immediate ? 0 : host->keys.first_burst;
	uint32_t solicited = length > unsolicited ? length - unsolicited : 0;
	assert_int_equal(host->r2ts, (solicited + host->keys.max_burst - 1) / host->keys.max_burst);
	tape_rewind(host);
	tape_read(host, length, length, false);
	assert_int_equal(host->status, GOOD);
	assert_tape_block(host, length, seed);
	tape_rewind(host);
	tape_logout(host);
	free(block);
}

/* ImmediateData, InitialR2T, FirstBurstLength and MaxBurstLength, in all their combinations. */
static void data_comes_in_every_way(void **state)
{
	static const uint32_t firsts[] = {512, 65536, 256 << 10}, bursts[] = {65536, 0};
	static const uint32_t lengths[] = {1, 512, 65537, BLOCK_MAX};
	for (unsigned i = 0; i < 4 * 3 * 2 * 4; i++) {
		const struct tape_keys keys = {
			.no_immediate = i & 1,
			.initial_r2t = i & 2,
			.first_burst = firsts[i / 4 % 3],
			.max_burst = bursts[i / 12 % 2],
		};
		write_and_read(*state, &keys, lengths[i / 24]);
	}
}

/* Half a block is none: what the CDB says and the host does not send is refused. */
static void less_than_the_cdb_says_is_refused_and_writes_nothing(void **state)
{
	static const uint32_t expected[] = {0, 1, 1000, 65535};
	uint8_t *block = make_block(65536, 7);
	for (unsigned i = 0; i < 4 * 4; i++) {
		const struct tape_keys keys = {
			.no_immediate = i & 1, .initial_r2t = i & 2, .first_burst = 512};
		uint32_t sent = expected[i / 4];
		struct tape_host *host = tape_login(*state, &keys);
		tape_write(host, 65536, block, sent);
		assert_tape_sense(host, 5, 0x2400);
		assert_int_equal(host->residual, (int64_t)sent - 65536);
		assert_int_equal(tape_unit_eod(fake_portal_tape(*state)), 0);
		assert_int_equal(tape_unit_position(fake_portal_tape(*state)), 0);
		tape_logout(host);
	}
	free(block);
}

static void more_than_the_cdb_says_is_left_over(void **state)
{
	uint8_t *block = make_block(65536, 8);
	for (unsigned i = 0; i < 4; i++) {
		const struct tape_keys keys = {.no_immediate = i & 1, .initial_r2t = i & 2};
		struct tape_host *host = tape_login(*state, &keys);
		tape_write(host, 1000, block, 65536);
		assert_int_equal(host->status, GOOD);
		assert_int_equal(host->residual, 65536 - 1000);
		tape_rewind(host);
		tape_read(host, 1000, 1000, false);
		assert_int_equal(host->status, GOOD);
		assert_tape_block(host, 1000, 8);
		tape_rewind(host);
		tape_logout(host);
	}
	free(block);
}

static void a_block_above_the_limit_is_refused(void **state)
{
	enum { LENGTH = BLOCK_MAX + 1 };
	uint8_t *block = make_block(LENGTH, 9);
	struct tape_host *host = tape_login(*state, NULL);
	tape_write(host, LENGTH, block, LENGTH);
	assert_tape_sense(host, 5, 0x2400);
	assert_int_equal(tape_unit_eod(fake_portal_tape(*state)), 0);
	tape_logout(host);
	free(block);
}

static void a_write_of_nothing_writes_nothing(void **state)
{
	uint8_t byte = 1;
	struct tape_host *host = tape_login(*state, NULL);
	tape_write(host, 0, &byte, 0);
	assert_int_equal(host->status, GOOD);
	tape_write(host, 0, &byte, 1);
	assert_int_equal(host->status, GOOD);
	assert_int_equal(host->residual, 1);
	assert_int_equal(tape_unit_eod(fake_portal_tape(*state)), 0);
	tape_logout(host);
}

/* A WRITE whose PDU says that it reads: there is no data to write. */
static void a_write_with_the_r_bit_is_refused(void **state)
{
	static const uint8_t cdb[16] = {0x0a, 0, 0, 16, 0};
	struct tape_host *host = tape_login(*state, NULL);
	raw_command(host->raw, FLAG_READ, 0, cdb, 4096, NULL, 0);
	raw_expect(host->raw, PDU_SCSI_RESPONSE);
	tape_take_response(host);
	assert_tape_sense(host, 5, 0x2400);
	assert_int_equal(host->residual, 4096);
	assert_int_equal(tape_unit_eod(fake_portal_tape(*state)), 0);
	tape_logout(host);
}

#define tape_test(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		tape_test(data_comes_in_every_way),
		tape_test(less_than_the_cdb_says_is_refused_and_writes_nothing),
		tape_test(more_than_the_cdb_says_is_left_over),
		tape_test(a_block_above_the_limit_is_refused),
		tape_test(a_write_of_nothing_writes_nothing),
		tape_test(a_write_with_the_r_bit_is_refused),
	};
	return cmocka_run_group_tests_name("iscsi/tape writes", tests, NULL, NULL);
}
