/* SPDX-License-Identifier: Apache-2.0 */
/* READ and WRITE BUFFER, SEND DIAGNOSTIC, RECEIVE DIAGNOSTIC RESULTS. */
#include "support.h"

#include "drive_bench.h"
#include "util/bytes.h"

#define ON_DRIVE(test)                                                                             \
	cmocka_unit_test_setup_teardown(test, drive_bench_setup, drive_bench_teardown)

static void assert_invalid_(const struct sent *sent, unsigned field, int line)
{
	assert_is_(sent, SENSE_INVALID_FIELD_IN_CDB, line);
	if (sent->cmd.sense.field != field)
		fail_msg("line %d: field %u", line, sent->cmd.sense.field);
}
#define assert_invalid(sent, field) assert_invalid_((sent), (field), __LINE__)

static void the_descriptor_tells_how_much_there_is(void **state)
{
	struct drive_bench *b = *state;
	struct sent *sent = send_in(b->a, CDB(0x3c, 0x03, 0, 0, 0, 0, 0, 0, 4), 4);
	assert_good(sent);
	assert_int_equal(sent->cmd.data_in_done, 4);
	assert_memory_equal(sent->data, "\0\x01\0\0", 4); /* 64 KiB */
	/* Number 1 is where LTFS looks for a dump: an answer, and that there is nothing. */
	sent = send_in(b->a, CDB(0x3c, 0x03, 1, 0, 0, 0, 0, 0, 4), 4);
	assert_good(sent);
	assert_memory_equal(sent->data, "\0\0\0\0", 4);
	sent = send_in(b->a, CDB(0x3c, 0x03, 0, 0, 0, 0, 0, 0, 2), 4);
	assert_good(sent);
	assert_int_equal(sent->cmd.data_in_done, 2);
}

static void what_is_written_to_the_buffer_is_read(void **state)
{
	struct drive_bench *b = *state;
	assert_good(send_out(b->a, CDB(0x3b, 0x02, 0, 0, 0x10, 0, 0, 0, 5), "hello", 5));
	struct sent *sent = send_in(b->a, CDB(0x3c, 0x02, 0, 0, 0x10, 1, 0, 0, 4), 4);
	assert_good(sent);
	assert_memory_equal(sent->data, "ello", 4);
	sent = send_in(b->a, CDB(0x3c, 0x02, 0, 0, 0xff, 0xff, 0, 0, 9), 9); /* the last byte */
	assert_good(sent);
	assert_int_equal(sent->cmd.data_in_done, 1);
}

static void what_is_outside_the_buffer_is_refused(void **state)
{
	struct drive_bench *b = *state;
	assert_invalid(send_in(b->a, CDB(0x3c, 0x02, 1, 0, 0, 0, 0, 0, 4), 4), 2);
	assert_invalid(send_in(b->a, CDB(0x3c, 0x02, 0, 1, 0, 1, 0, 0, 4), 4), 3);
	assert_invalid(send_out(b->a, CDB(0x3b, 0x02, 1, 0, 0, 0, 0, 0, 4), "1234", 4), 2);
	assert_invalid(send_out(b->a, CDB(0x3b, 0x02, 0, 1, 0, 1, 0, 0, 4), "1234", 4), 3);
	assert_invalid(send_out(b->a, CDB(0x3b, 0x02, 0, 0, 0xff, 0xfd, 0, 0, 4), "1234", 4), 6);
	assert_invalid(send_out(b->a, CDB(0x3b, 0x02, 0, 0, 0, 0, 0, 0, 4), "12", 2), 6);
	struct sent *sent = send_in(b->a, CDB(0x3c, 0x02, 0, 0, 0xff, 0xfd, 0, 0, 3), 3);
	assert_memory_equal(sent->data, "\0\0\0", 3);
	assert_good(send_out(b->a, CDB(0x3b, 0x02, 0, 0, 0, 0, 0, 0, 0), "", 0));
}

static void microcode_and_unknown_modes_are_refused(void **state)
{
	struct drive_bench *b = *state;
	for (uint8_t mode = 0; mode < 32; mode++) {
		uint8_t in[16] = {0x3c, mode}, out[16] = {0x3b, mode};
		if (mode != 0x02 && mode != 0x03 && mode != 0x0a && mode != 0x0b)
			assert_invalid(send_in(b->a, in, 4), 1);
		if (mode != 0x02 && mode != 0x0a)
			assert_invalid(send_out(b->a, out, "1234", 4), 1);
	}
}

static void every_host_has_its_own_echo(void **state)
{
	struct drive_bench *b = *state;
	struct sent *sent = send_in(b->a, CDB(0x3c, 0x0b, 0, 0, 0, 0, 0, 0, 4), 4);
	assert_good(sent);
	assert_memory_equal(sent->data, "\x01\0\0\xfc", 4); /* EBOS, 252 bytes */
	assert_is(send_in(b->a, CDB(0x3c, 0x0a, 0, 0, 0, 0, 0, 0, 8), 8),
		SENSE_COMMAND_SEQUENCE_ERROR);
	assert_good(send_out(b->a, CDB(0x3b, 0x0a, 0, 0, 0, 0, 0, 0, 8), "from a..", 8));
	assert_is(send_in(b->b, CDB(0x3c, 0x0a, 0, 0, 0, 0, 0, 0, 8), 8),
		SENSE_COMMAND_SEQUENCE_ERROR);
	assert_good(send_out(b->b, CDB(0x3b, 0x0a, 0, 0, 0, 0, 0, 0, 4), "of b", 4));
	sent = send_in(b->a, CDB(0x3c, 0x0a, 0, 0, 0, 0, 0, 0, 100), 100);
	assert_good(sent);
	assert_int_equal(sent->cmd.data_in_done, 8);
	assert_memory_equal(sent->data, "from a..", 8);
	sent = send_in(b->b, CDB(0x3c, 0x0a, 0, 0, 0, 0, 0, 0, 2), 2);
	assert_memory_equal(sent->data, "of", 2);
}

static void an_echo_has_its_length(void **state)
{
	struct drive_bench *b = *state;
	uint8_t data[256] = {0};
	assert_good(send_out(b->a, CDB(0x3b, 0x0a, 0, 0, 0, 0, 0, 0, 252), data, 252));
	assert_invalid(send_out(b->a, CDB(0x3b, 0x0a, 0, 0, 0, 0, 0, 1, 0), data, 256), 6);
	assert_invalid(send_out(b->a, CDB(0x3b, 0x0a, 0, 0, 0, 0, 0, 0, 6), data, 6), 6);
	assert_invalid(send_out(b->a, CDB(0x3b, 0x0a, 0, 0, 0, 0, 0, 0, 8), data, 4), 6);
	assert_good(send_out(b->a, CDB(0x3b, 0x0a), "", 0));
	struct sent *sent = send_in(b->a, CDB(0x3c, 0x0a, 0, 0, 0, 0, 0, 1, 0), 256);
	assert_int_equal(sent->cmd.data_in_done, 252);
}

static void self_tests_pass(void **state)
{
	static const uint8_t good[] = {0x04, 0x07, 0x20, 0x40, 0xa0, 0xc0, 0x00, 0x10};
	static const uint8_t bad[] = {
		0x80 /* abort of none */, 0x60, 0xe0, 0x24 /* SELFTEST and a code */};
	struct drive_bench *b = *state;
	for (unsigned i = 0; i < sizeof good; i++)
		assert_good(send_none(b->a, CDB(0x1d, good[i])));
	for (unsigned i = 0; i < sizeof bad; i++)
		assert_invalid(send_none(b->a, CDB(0x1d, bad[i])), 1);
	assert_invalid(send_out(b->a, CDB(0x1d, 0x04, 0, 0, 4), "\0\0\0\0", 4), 3);
	assert_invalid(send_none(b->a, CDB(0x1d, 0x08)), 1);
}

static void the_only_page_is_the_list_of_pages(void **state)
{
	struct drive_bench *b = *state;
	assert_good(send_out(b->a, CDB(0x1d, 0x10, 0, 0, 4), "\0\0\0\0", 4));
	struct sent *sent = send_in(b->a, CDB(0x1c, 0x01, 0, 0, 5), 5);
	assert_good(sent);
	assert_memory_equal(sent->data, "\0\0\0\x01\0", 5);
	assert_invalid(send_in(b->a, CDB(0x1c, 0x01, 0x80, 0, 5), 5), 2);
	sent = send_out(b->a, CDB(0x1d, 0x10, 0, 0, 8), "\x80\0\0\x04\x01\x60\0\0", 8);
	assert_is(sent, SENSE_INVALID_FIELD_IN_PARAMETERS);
	assert_int_equal(sent->cmd.sense.field, 0);
	sent = send_out(b->a, CDB(0x1d, 0x10, 0, 0, 5), "\0\0\0\x01\0", 5);
	assert_is(sent, SENSE_INVALID_FIELD_IN_PARAMETERS);
	assert_is(
		send_out(b->a, CDB(0x1d, 0x10, 0, 0, 3), "\0\0\0", 3), SENSE_PARAMETER_LIST_LENGTH);
	assert_is(send_out(b->a, CDB(0x1d, 0x10, 0, 0, 4), "\0\0", 2), SENSE_PARAMETER_LIST_LENGTH);
	assert_invalid(send_out(b->a, CDB(0x1d, 0x00, 0, 0, 4), "\0\0\0\0", 4), 1);
}

static void no_cartridge_is_needed(void **state)
{
	struct drive_bench *b = *state;
	bench_unload(b);
	assert_good(send_in(b->a, CDB(0x3c, 0x03, 0, 0, 0, 0, 0, 0, 4), 4));
	assert_good(send_none(b->a, CDB(0x1d, 0x04)));
	bench_load(b, false);
}

static void timeouts_are_told(void **state)
{
	struct drive_bench *b = *state;
	struct sent *sent = send_in(b->a, CDB(0xa3, 0x0c, 0x81, 0x3c, 0, 0, 0, 0, 0, 64), 64);
	assert_good(sent);
	assert_int_equal(sent->data[1], 0x83);
	assert_int_equal(get_be32(sent->data + 4 + 10 + 8), 480);
	sent = send_in(b->a, CDB(0xa3, 0x0c, 0x81, 0x3b, 0, 0, 0, 0, 0, 64), 64);
	assert_int_equal(get_be32(sent->data + 4 + 10 + 8), 540);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_DRIVE(the_descriptor_tells_how_much_there_is),
		ON_DRIVE(what_is_written_to_the_buffer_is_read),
		ON_DRIVE(what_is_outside_the_buffer_is_refused),
		ON_DRIVE(microcode_and_unknown_modes_are_refused),
		ON_DRIVE(every_host_has_its_own_echo),
		ON_DRIVE(an_echo_has_its_length),
		ON_DRIVE(self_tests_pass),
		ON_DRIVE(the_only_page_is_the_list_of_pages),
		ON_DRIVE(no_cartridge_is_needed),
		ON_DRIVE(timeouts_are_told),
	};
	return cmocka_run_group_tests_name("ssc/diagnostic", tests, NULL, NULL);
}
