/* SPDX-License-Identifier: Apache-2.0 */
/* A device without memory: hosts are told to come again, and see no data of others. */
#include "support.h"

#include "ring_fixture.h"

static bool no_memory;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	return no_memory ? NULL : __real_calloc(count, size);
}

static void serve_without_memory(struct ring_fixture *fixture)
{
	no_memory = true;
	serve(fixture);
	no_memory = false;
}

/* More iovecs than a command has room for. */
static struct ring_io *submit_scattered(struct ring_fixture *fixture)
{
	return submit_in(fixture, CDB(0x28, 0, 0, 0, 0, 1, 0, 0, 60), 30 * RING_DOUBLE_PAGE);
}

static struct ring_fixture *scattered(const struct ring_double_config *config)
{
	struct ring_fixture *fixture = fixture_create(config);
	ring_double_fragment(fixture->kernel, 60);
	assert_true(fixture_open(fixture, NULL));
	return fixture;
}

static void commands_are_refused_for_now(void **state)
{
	struct ring_fixture *fixture = *state;
	struct ring_io *ios[70];
	for (int i = 0; i < 70; i++)
		ios[i] = submit_pending(fixture);
	serve_without_memory(fixture);
	assert_false(ios[0]->done);
	assert_status(ios[69], SCSI_STATUS_TASK_SET_FULL);
	while (!list_empty(&fixture->drive->inbox))
		assert_true(library_answers(fixture->drive, SENSE_NONE));
	assert_status(ios[0], SCSI_STATUS_GOOD);
}

static void data_of_others_is_not_shown(void **state)
{
	struct ring_fixture *fixture = scattered(NULL);
	struct ring_io *io = submit_scattered(fixture);
	serve_without_memory(fixture);
	assert_status(io, SCSI_STATUS_TASK_SET_FULL);
	assert_int_equal(io->received, 1);
	assert_int_equal(io->data[0], 0);
	fixture_destroy(fixture);
}

static void nor_is_it_without_read_length(void **state)
{
	struct ring_fixture *fixture =
		scattered(&(struct ring_double_config){.flags = ABI_CAN_OUT_OF_ORDER});
	struct ring_io *io = submit_scattered(fixture);
	serve_without_memory(fixture);
	assert_io_sense(io, 0x0b, 0x4b, 0x00);
	assert_int_equal(io->received, 0);
	fixture_destroy(fixture);
}

static void with_memory_it_goes_on(void **state)
{
	struct ring_fixture *fixture = scattered(NULL);
	submit_scattered(fixture);
	serve_without_memory(fixture);
	struct ring_io *io = submit_scattered(fixture);
	serve(fixture);
	assert_status(io, SCSI_STATUS_GOOD);
	assert_int_equal(io->received, 60 * BLOCK);
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ring_test(commands_are_refused_for_now),
		cmocka_unit_test(data_of_others_is_not_shown),
		cmocka_unit_test(nor_is_it_without_read_length),
		cmocka_unit_test(with_memory_it_goes_on),
	};
	return cmocka_run_group_tests_name("tcmu/memory", tests, NULL, NULL);
}
