/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the initiator sees of an answer, in all combinations of status, data and expected length.
 * The kernel hands out the whole buffer unless it is told a length, and cannot be told 0; what lies
 * in the buffer before is the data of others.
 */
#include "support.h"

#include "ring_fixture.h"

static void assert_zeros(const struct ring_io *io, size_t from)
{
	for (size_t i = from; i < io->received; i++)
		assert_int_equal(io->data[i], 0);
}

/* ---- Data-In
 * -------------------------------------------------------------------------------------- */

static void a_short_answer_has_a_residual(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_in(fixture, CDB(0x12, 0, 0, 0, 36), 255);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_int_equal(io->received, 36);
	assert_int_equal(io->residual, 255 - 36);
}

static void a_read_longer_than_expected_is_cut(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_in(fixture, CDB(0x28, 0, 0, 0, 0, 5, 0, 0, 4), 1000);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_int_equal(io->received, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(io->data[i], medium_byte(5 * BLOCK + i));
}

static void a_read_shorter_than_expected_has_a_residual(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_in(fixture, CDB(0x28, 0, 0, 0, 0, 5, 0, 0, 1), 5000);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_int_equal(io->received, BLOCK);
	assert_int_equal(io->residual, 5000 - BLOCK);
}

static void one_byte_is_enough(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_in(fixture, CDB(0x12, 0, 0, 0, 36), 1);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_int_equal(io->received, 1);
	assert_int_equal(io->data[0], 0x05);
	assert_int_equal(io->residual, 0);
}

static void no_data_with_good_is_zeros(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_in(fixture, CDB(0x12, 0, 0, 0, 0), 5000);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_int_equal(io->received, 5000);
	assert_zeros(io, 0);
}

/* The host expects data of a command that has none. */
static void a_command_without_data_gives_zeros(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_in(fixture, CDB(0x00), 600);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_zeros(io, 0);
}

static void a_data_out_command_sent_as_data_in_gives_zeros(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_in(fixture, CDB(0x15, 0x10, 0, 0, 0), 600);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_zeros(io, 0);
}

static void a_read_sent_as_data_out_moves_nothing(void **state)
{
	struct ring_fixture *fixture = *state;
	uint8_t data[BLOCK] = {1, 2, 3};
	struct ring_io *io =
		submit_out(fixture, CDB(0x28, 0, 0, 0, 0, 5, 0, 0, 1), data, sizeof data);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_int_equal(io->received, 0);
	assert_memory_equal(io->data, data, sizeof data);
}

static void no_expected_data_is_no_data(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_in(fixture, CDB(0x28, 0, 0, 0, 0, 5, 0, 0, 1), 0);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_int_equal(io->received, 0);
}

/* ---- CHECK CONDITION
 * ------------------------------------------------------------------------------- */

static void a_refusal_has_sense_and_no_data(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_in(fixture, CDB(0x28, 0, 0, 0, 0, 200, 0, 0, 1), BLOCK);
	serve(fixture);
	assert_io_sense(io, 5, 0x21, 0);
	assert_int_equal(io->received, 0);
	assert_int_equal(io->sense[0], 0xf0);
	assert_int_equal(io->sense[6], 200);
}

static void a_read_that_fails_halfway_has_data_and_sense(void **state)
{
	struct ring_fixture *fixture = *state;
	fixture->drive->medium->size = 6 * BLOCK;
	set_cached(fixture, true);
	struct ring_io *io = submit_read(fixture, 5, 4);
	run(fixture);
	assert_status(io, SCSI_STATUS_CHECK_CONDITION);
	assert_int_equal(io->received, BLOCK);
	assert_int_equal(io->residual, 3 * BLOCK);
	for (size_t i = 0; i < BLOCK; i++)
		assert_int_equal(io->data[i], medium_byte(5 * BLOCK + i));
}

static void a_read_that_fails_at_once_has_no_data(void **state)
{
	struct ring_fixture *fixture = *state;
	set_cached(fixture, false);
	fixture->drive->medium->read_error = -5;
	struct ring_io *io = submit_read(fixture, 5, 4);
	run(fixture);
	assert_io_sense(io, 3, 0x11, 0);
	assert_int_equal(io->received, 0);
}

static void an_unknown_code_is_refused_in_the_words_of_the_drive(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_none(fixture, CDB(0xee));
	serve(fixture);
	assert_io_sense(io, 5, 0x20, 0);
}

static void unit_attentions_pass_once(void **state)
{
	struct ring_fixture *fixture = *state;
	fixture->drive->a->attentions = 1u << ATTENTION_MEDIUM_CHANGED;
	struct ring_io *first = submit_none(fixture, CDB(0x00));
	struct ring_io *second = submit_none(fixture, CDB(0x00));
	serve(fixture);
	assert_io_sense(first, 6, 0x28, 0);
	assert_status(second, SCSI_STATUS_GOOD);
}

static void sense_of_an_earlier_command_does_not_come_back(void **state)
{
	struct ring_fixture *fixture = *state;
	submit_in(fixture, CDB(0x28, 0, 0, 0, 0, 200, 0, 0, 1), BLOCK);
	serve(fixture);
	struct ring_io *io = submit_none(fixture, CDB(0xee));
	serve(fixture);
	assert_io_sense(io, 5, 0x20, 0);
	assert_int_equal(io->sense[0], 0x70);
	assert_int_equal(io->sense[6], 0);
}

/* ---- other statuses
 * --------------------------------------------------------------------------------- */

static void a_reservation_conflict_shows_no_data_of_others(void **state)
{
	struct ring_fixture *fixture = *state;
	fixture->drive->lu.reserved_by = fixture->drive->b;
	struct ring_io *io = submit_read(fixture, 0, 4);
	serve(fixture);
	assert_status(io, SCSI_STATUS_RESERVATION_CONFLICT);
	assert_int_equal(io->received, 1);
	assert_zeros(io, 0);
	assert_int_equal(io->residual, 4 * BLOCK - 1);
}

/* ---- kernels that know less
 * --------------------------------------------------------------------------- */

static int setup_without_length(void **state)
{
	struct ring_fixture *fixture =
		fixture_create(&(struct ring_double_config){.flags = ABI_CAN_OUT_OF_ORDER});
	assert_true(fixture_open(fixture, NULL));
	*state = fixture;
	return 0;
}

static void without_read_length_the_rest_is_zeros(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_in(fixture, CDB(0x12, 0, 0, 0, 36), 5000);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_int_equal(io->received, 5000);
	assert_zeros(io, 36);
}

static void without_read_length_a_conflict_is_zeros(void **state)
{
	struct ring_fixture *fixture = *state;
	fixture->drive->lu.reserved_by = fixture->drive->b;
	struct ring_io *io = submit_read(fixture, 0, 20);
	serve(fixture);
	assert_status(io, SCSI_STATUS_RESERVATION_CONFLICT);
	assert_zeros(io, 0);
}

static void without_read_length_a_failed_read_has_no_data(void **state)
{
	struct ring_fixture *fixture = *state;
	fixture->drive->medium->size = 6 * BLOCK;
	set_cached(fixture, true);
	struct ring_io *io = submit_read(fixture, 5, 4);
	run(fixture);
	assert_status(io, SCSI_STATUS_CHECK_CONDITION);
	assert_int_equal(io->received, 0);
}

/* ---- CDBs
 * -------------------------------------------------------------------------------------------- */

/* The double leaves garbage behind every CDB. */
static void the_recorder_knows_the_length_of_every_group(void **state)
{
	static const struct {
		uint8_t opcode, length;
	} groups[] = {{0x1f, 6}, {0x3f, 10}, {0x5f, 10}, {0x7e, 12}, {0x9f, 16}, {0xbf, 12},
		{0xd8, 10}, {0xff, 10}};
	struct ring_fixture *fixture = *state;
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
		struct scsi_record record;
		submit_none(fixture, CDB(groups[i].opcode));
		serve(fixture);
		assert_int_equal(scsi_recorder_read(&fixture->drive->a->recorder, &record, 1), 1);
		assert_int_equal(record.cdb[0], groups[i].opcode);
		assert_int_equal(record.cdb_length, groups[i].length);
		for (size_t j = 1; j < sizeof record.cdb; j++)
			assert_int_equal(record.cdb[j], 0);
	}
}

static void a_cdb_longer_than_we_keep_is_cut(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *io = submit_none(fixture, CDB(0x7f, 0, 0, 0, 0, 0, 0, 252));
	serve(fixture);
	assert_io_sense(io, 5, 0x20, 0);
}

static void bidirectional_commands_are_refused(void **state)
{
	struct ring_fixture *fixture = *state;
	uint8_t out[100] = {0}, in[100];
	memset(in, 1, sizeof in);
	struct ring_io io = {.cdb = {0x53},
		.direction = RING_IO_OUT,
		.data = out,
		.length = 100,
		.in_length = 100};
	ring_double_submit(fixture->kernel, &io);
	serve(fixture);
	assert_io_sense(&io, 5, 0x20, 0);
	assert_int_equal(ring_double_in_flight(fixture->kernel), 0);
}

#define plain_kernel_test(test)                                                                    \
	cmocka_unit_test_setup_teardown(test, setup_without_length, ring_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ring_test(a_short_answer_has_a_residual),
		ring_test(a_read_longer_than_expected_is_cut),
		ring_test(a_read_shorter_than_expected_has_a_residual),
		ring_test(one_byte_is_enough),
		ring_test(no_data_with_good_is_zeros),
		ring_test(a_command_without_data_gives_zeros),
		ring_test(a_data_out_command_sent_as_data_in_gives_zeros),
		ring_test(a_read_sent_as_data_out_moves_nothing),
		ring_test(no_expected_data_is_no_data),
		ring_test(a_refusal_has_sense_and_no_data),
		ring_test(a_read_that_fails_halfway_has_data_and_sense),
		ring_test(a_read_that_fails_at_once_has_no_data),
		ring_test(an_unknown_code_is_refused_in_the_words_of_the_drive),
		ring_test(unit_attentions_pass_once),
		ring_test(sense_of_an_earlier_command_does_not_come_back),
		ring_test(a_reservation_conflict_shows_no_data_of_others),
		plain_kernel_test(without_read_length_the_rest_is_zeros),
		plain_kernel_test(without_read_length_a_conflict_is_zeros),
		plain_kernel_test(without_read_length_a_failed_read_has_no_data),
		ring_test(the_recorder_knows_the_length_of_every_group),
		ring_test(a_cdb_longer_than_we_keep_is_cut),
		ring_test(bidirectional_commands_are_refused),
	};
	return cmocka_run_group_tests_name("tcmu/answer", tests, NULL, NULL);
}
