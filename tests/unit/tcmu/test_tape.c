/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tape drive behind the ring: blocks that come with sense and a length, CDBs of six bytes, blocks
 * in many iovecs, lengths that do not fit.
 */
#include "support.h"

#include <stdlib.h>
#include <time.h>

#include "device.h"
#include "ring_double.h"
#include "scsi/lu.h"
#include "tape_unit.h"
#include "tcmu/transport.h"
#include "util/bytes.h"
#include "workers.h"

enum { SHORT = 1000, LONG = 70000, ASKED = 65536, MARKER = 0xee };
enum { BLOCKS = 2048, RUNS = 512, QUEUED = 32 };

struct bench {
	struct tape_unit *tape;
	struct scsi_nexus *nexus;
	struct ring_double *kernel;
	struct workers *workers;
	struct ring_device *device;
	/* Of the last command. */
	struct ring_io io;
	uint8_t data[TCMU_TRANSFER_MAX + 2];
};

/* ---- the bench ------------------------------------------------------------------------------- */

static struct ring_device *attach(struct bench *bench, bool data_with_sense, struct error *error)
{
	return ring_device_create(
		&(struct ring_device_config){.port = ring_double_open(bench->kernel),
			.nexus = bench->nexus,
			.data_with_sense = data_with_sense},
		error);
}

static struct bench *bench_create(const struct ring_double_config *config)
{
	struct bench *bench = calloc(1, sizeof *bench);
	assert_non_null(bench);
	bench->tape = tape_unit_create("tape0");
	bench->nexus = scsi_nexus_create(tape_unit_lu(bench->tape), "loopback");
	bench->nexus->transfer_max = TCMU_TRANSFER_MAX;
	bench->nexus->attentions = 0;
	bench->kernel = ring_double_create(config);
	bench->workers = workers_create(1, NULL);
	assert_non_null(bench->workers);
	return bench;
}

static void bench_destroy(struct bench *bench)
{
	tape_unit_hold(bench->tape, false);
	ring_device_destroy(bench->device);
	workers_destroy(bench->workers);
	ring_double_destroy(bench->kernel);
	scsi_nexus_destroy(bench->nexus);
	tape_unit_destroy(bench->tape);
	free(bench);
}

static int begin(void **state)
{
	struct bench *bench = bench_create(&(struct ring_double_config){.blocks = BLOCKS});
	bench->device = attach(bench, true, NULL);
	assert_non_null(bench->device);
	assert_true(ring_device_start(bench->device, bench->workers, NULL));
	*state = bench;
	return 0;
}

static int end(void **state)
{
	bench_destroy(*state);
	return 0;
}

/* ---- commands -------------------------------------------------------------------------------- */

static void prepare(struct ring_io *io, const uint8_t *cdb, enum ring_io_direction direction,
	uint8_t *data, size_t length)
{
	*io = (struct ring_io){.direction = direction, .data = data, .length = length};
	/* What is behind six bytes is not theirs. */
	memset(io->cdb, 0xff, sizeof io->cdb);
	memcpy(io->cdb, cdb, 6);
}

static struct ring_io *run(
	struct bench *bench, const uint8_t *cdb, enum ring_io_direction direction, size_t length)
{
	prepare(&bench->io, cdb, direction, bench->data, length);
	ring_double_submit(bench->kernel, &bench->io);
	ring_double_wait(bench->kernel, &bench->io);
	return &bench->io;
}

static struct ring_io *read_block(struct bench *bench, uint32_t length, size_t expected, bool sili)
{
	uint8_t cdb[6] = {0x08, sili ? 0x02 : 0};
	put_be24(cdb + 2, length);
	memset(bench->data, MARKER, sizeof bench->data);
	return run(bench, cdb, RING_IO_IN, expected);
}

static struct ring_io *write_block(
	struct bench *bench, uint32_t length, size_t expected, uint32_t seed)
{
	uint8_t cdb[6] = {0x0a};
	put_be24(cdb + 2, length);
	tape_block_fill(bench->data, (uint32_t)expected, seed);
	return run(bench, cdb, RING_IO_OUT, expected);
}

static void simple(struct bench *bench, uint8_t code, uint8_t count)
{
	const uint8_t cdb[6] = {code, 0, 0, 0, count};
	assert_int_equal(run(bench, cdb, RING_IO_NONE, 0)->status, SCSI_STATUS_GOOD);
}

static void rewind_tape(struct bench *bench)
{
	simple(bench, 0x01, 0);
}

/* A block of SHORT bytes, one of LONG, a filemark; at the beginning. */
static void record(struct bench *bench)
{
	assert_int_equal(write_block(bench, SHORT, SHORT, 1)->status, SCSI_STATUS_GOOD);
	assert_int_equal(write_block(bench, LONG, LONG, 2)->status, SCSI_STATUS_GOOD);
	simple(bench, 0x10, 1);
	rewind_tape(bench);
}

/* ---- what the host sees ---------------------------------------------------------------------- */

static void assert_sense(const struct ring_io *io, uint8_t bits, uint8_t key, uint16_t additional)
{
	assert_int_equal(io->status, SCSI_STATUS_CHECK_CONDITION);
	assert_int_equal(io->sense[2], bits | key);
	assert_int_equal(get_be16(io->sense + 12), additional);
	/* The kernel hands out 96 bytes, whatever ADDITIONAL SENSE LENGTH says. */
	for (size_t i = 8u + io->sense[7]; i < sizeof io->sense; i++)
		assert_int_equal(io->sense[i], 0);
}

static void assert_information(const struct ring_io *io, int32_t information)
{
	assert_int_equal(io->sense[0], 0xf0);
	assert_int_equal((int32_t)get_be32(io->sense + 3), information);
}

/* `length` bytes of the block, and nothing behind them. */
static void assert_data(const struct bench *bench, size_t length, uint32_t block, uint32_t seed)
{
	uint8_t *expected = malloc(block);
	assert_non_null(expected);
	tape_block_fill(expected, block, seed);
	assert_int_equal(bench->io.received, length);
	assert_memory_equal(bench->data, expected, length);
	assert_int_equal(bench->data[length], MARKER);
	free(expected);
}

enum { FILEMARK = 0x80, ILI = 0x20 };

/* Without the flag of the read length the kernel would hand out the sense alone. */
static void a_shorter_block_comes_with_its_sense(void **state)
{
	struct bench *bench = *state;
	record(bench);
	const struct ring_io *io = read_block(bench, ASKED, ASKED, false);
	assert_sense(io, ILI, 0, 0);
	assert_information(io, ASKED - SHORT);
	assert_data(bench, SHORT, SHORT, 1);
	assert_int_equal(io->residual, ASKED - SHORT);
}

static void with_sili_its_length_is_in_the_residual(void **state)
{
	struct bench *bench = *state;
	record(bench);
	const struct ring_io *io = read_block(bench, ASKED, ASKED, true);
	assert_int_equal(io->status, SCSI_STATUS_GOOD);
	assert_data(bench, SHORT, SHORT, 1);
	assert_int_equal(io->residual, ASKED - SHORT);
}

static void a_longer_block_is_cut(void **state)
{
	struct bench *bench = *state;
	record(bench);
	read_block(bench, SHORT, SHORT, false);
	const struct ring_io *io = read_block(bench, 4096, 4096, false);
	assert_sense(io, ILI, 0, 0);
	assert_information(io, 4096 - LONG);
	assert_data(bench, 4096, LONG, 2);
	assert_int_equal(tape_unit_position(bench->tape), 2);
}

static void a_host_that_takes_less_than_its_cdb_asks_for_gets_that(void **state)
{
	struct bench *bench = *state;
	record(bench);
	const struct ring_io *io = read_block(bench, ASKED, 512, false);
	assert_sense(io, ILI, 0, 0);
	assert_information(io, ASKED - SHORT);
	assert_data(bench, 512, SHORT, 1);
	rewind_tape(bench);
	io = read_block(bench, SHORT, 512, false);
	assert_int_equal(io->status, SCSI_STATUS_GOOD);
	assert_data(bench, 512, SHORT, 1);
}

static void a_host_that_takes_more_than_its_cdb_asks_for_has_a_residual(void **state)
{
	struct bench *bench = *state;
	record(bench);
	const struct ring_io *io = read_block(bench, SHORT, ASKED, false);
	assert_int_equal(io->status, SCSI_STATUS_GOOD);
	assert_data(bench, SHORT, SHORT, 1);
	assert_int_equal(io->residual, ASKED - SHORT);
}

static void a_host_that_takes_nothing_passes_over_the_block(void **state)
{
	struct bench *bench = *state;
	record(bench);
	assert_int_equal(read_block(bench, SHORT, 0, false)->status, SCSI_STATUS_GOOD);
	assert_int_equal(tape_unit_position(bench->tape), 1);
}

static void a_filemark_is_sense_alone(void **state)
{
	struct bench *bench = *state;
	record(bench);
	read_block(bench, ASKED, ASKED, false);
	read_block(bench, LONG, LONG, false);
	const struct ring_io *io = read_block(bench, ASKED, ASKED, false);
	assert_sense(io, FILEMARK, 0, 0x0001);
	assert_information(io, ASKED);
	assert_data(bench, 0, 1, 0);
	assert_sense(read_block(bench, ASKED, ASKED, false), 0, 8, 0x0005);
	assert_data(bench, 0, 1, 0);
}

/* GOOD and no byte cannot be said to the kernel: the host sees zeros, and nothing of others. */
static void a_read_of_nothing_is_zeros(void **state)
{
	struct bench *bench = *state;
	record(bench);
	const struct ring_io *io = read_block(bench, 0, 4096, false);
	assert_int_equal(io->status, SCSI_STATUS_GOOD);
	assert_int_equal(io->received, 4096);
	for (unsigned i = 0; i < 4096; i++)
		assert_int_equal(bench->data[i], 0);
	assert_int_equal(tape_unit_position(bench->tape), 0);
}

static void fixed_blocks_before_a_filemark_come_with_sense(void **state)
{
	enum { BLOCK = 500, WRITTEN = 3, WANTED = 8 };
	struct bench *bench = *state;
	const uint8_t select[6] = {0x15, 0x10, 0, 0, 12};
	memcpy(bench->data, (const uint8_t[12]){0, 0, 0x10, 8}, 12);
	put_be24(bench->data + 9, BLOCK);
	assert_int_equal(run(bench, select, RING_IO_OUT, 12)->status, SCSI_STATUS_GOOD);
	tape_block_fill(bench->data, BLOCK * WRITTEN, 3);
	run(bench, (const uint8_t[6]){0x0a, 1, 0, 0, WRITTEN}, RING_IO_OUT, BLOCK * WRITTEN);
	assert_int_equal(bench->io.status, SCSI_STATUS_GOOD);
	simple(bench, 0x10, 1);
	rewind_tape(bench);
	memset(bench->data, MARKER, sizeof bench->data);
	run(bench, (const uint8_t[6]){0x08, 1, 0, 0, WANTED}, RING_IO_IN, BLOCK * WANTED);
	assert_sense(&bench->io, FILEMARK, 0, 0x0001);
	assert_information(&bench->io, WANTED - WRITTEN);
	assert_data(bench, BLOCK * WRITTEN, BLOCK * WRITTEN, 3);
	assert_int_equal(bench->io.residual, (WANTED - WRITTEN) * BLOCK);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void the_longest_block_comes_in_many_iovecs(void **state)
{
	struct bench *bench = *state;
	ring_double_fragment(bench->kernel, RUNS);
	const struct ring_io *io = write_block(bench, TCMU_TRANSFER_MAX, TCMU_TRANSFER_MAX, 4);
	assert_int_equal(io->status, SCSI_STATUS_GOOD);
	assert_true(ring_double_counters(bench->kernel).most_iovs >= 256);
	rewind_tape(bench);
	io = read_block(bench, TCMU_TRANSFER_MAX, TCMU_TRANSFER_MAX, false);
	assert_int_equal(io->status, SCSI_STATUS_GOOD);
	assert_data(bench, TCMU_TRANSFER_MAX, TCMU_TRANSFER_MAX, 4);
}

static void a_longer_one_is_refused(void **state)
{
	struct bench *bench = *state;
	const struct ring_io *io =
		write_block(bench, TCMU_TRANSFER_MAX + 1, TCMU_TRANSFER_MAX + 1, 4);
	assert_sense(io, 0, 5, 0x2400);
	assert_int_equal(tape_unit_eod(bench->tape), 0);
}

static void half_a_block_is_not_written(void **state)
{
	static const size_t sent[] = {0, 1, ASKED - 1};
	struct bench *bench = *state;
	for (unsigned i = 0; i < 3; i++) {
		assert_sense(write_block(bench, ASKED, sent[i], 5), 0, 5, 0x2400);
		assert_int_equal(tape_unit_eod(bench->tape), 0);
	}
}

static void more_than_a_block_is_left_over(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(write_block(bench, SHORT, ASKED, 6)->status, SCSI_STATUS_GOOD);
	rewind_tape(bench);
	assert_sense(read_block(bench, ASKED, ASKED, false), ILI, 0, 0);
	assert_data(bench, SHORT, SHORT, 6);
}

/* ---- under way together ---------------------------------------------------------------------- */

struct write {
	struct ring_io io;
	uint8_t data[SHORT];
};

static void submit_write(struct bench *bench, struct write *write, uint32_t seed)
{
	uint8_t cdb[6] = {0x0a};
	put_be24(cdb + 2, SHORT);
	tape_block_fill(write->data, SHORT, seed);
	prepare(&write->io, cdb, RING_IO_OUT, write->data, SHORT);
	ring_double_submit(bench->kernel, &write->io);
}

static void assert_next_block(struct bench *bench, uint32_t seed)
{
	assert_int_equal(read_block(bench, SHORT, SHORT, false)->status, SCSI_STATUS_GOOD);
	assert_data(bench, SHORT, SHORT, seed);
}

static void the_order_of_the_ring_is_that_of_the_tape(void **state)
{
	static struct write writes[QUEUED];
	struct bench *bench = *state;
	for (uint32_t i = 0; i < QUEUED; i++)
		submit_write(bench, &writes[i], i);
	for (uint32_t i = 0; i < QUEUED; i++) {
		ring_double_wait(bench->kernel, &writes[i].io);
		assert_int_equal(writes[i].io.status, SCSI_STATUS_GOOD);
	}
	rewind_tape(bench);
	for (uint32_t i = 0; i < QUEUED; i++)
		assert_next_block(bench, i);
}

/* For a minute. */
static void wait_for_tasks(struct bench *bench, unsigned count)
{
	const struct timespec step = {.tv_nsec = 1000000};
	for (unsigned i = 0; tape_unit_tasks(bench->tape) != count; i++) {
		assert_in_range(i, 0, 60000);
		nanosleep(&step, NULL);
	}
}

/* Its data is another command's as soon as it is answered: the drive does not look at it. */
static void what_waits_for_the_drive_is_aborted_at_once(void **state)
{
	static struct write writes[3];
	struct bench *bench = *state;
	struct ring_io *const aborted[] = {&writes[1].io};
	tape_unit_hold(bench->tape, true);
	for (uint32_t i = 0; i < 3; i++)
		submit_write(bench, &writes[i], i);
	wait_for_tasks(bench, 3);
	ring_double_abort(bench->kernel, ABI_ABORT_TASK, aborted, 1, 0);
	ring_double_wait(bench->kernel, &writes[1].io);
	assert_true(writes[1].io.aborted);
	wait_for_tasks(bench, 2); /* the kernel tells its hosts before the daemon has heard of it */
	tape_unit_hold(bench->tape, false);
	ring_double_wait(bench->kernel, &writes[0].io);
	ring_double_wait(bench->kernel, &writes[2].io);
	rewind_tape(bench);
	assert_next_block(bench, 0);
	assert_next_block(bench, 2);
	assert_int_equal(tape_unit_eod(bench->tape), 2);
}

/* The kernel waits for the end of what it wants to abort, and may not have the data back before. */
static void what_the_drive_is_at_is_waited_for(void **state)
{
	static struct write write;
	struct bench *bench = *state;
	struct ring_io *const aborted[] = {&write.io};
	const struct timespec step = {.tv_nsec = 1000000};
	tape_unit_stick(bench->tape, true);
	submit_write(bench, &write, 1);
	for (unsigned i = 0; !tape_unit_is_stuck(bench->tape); i++) {
		assert_in_range(i, 0, 60000);
		nanosleep(&step, NULL);
	}
	ring_double_abort(bench->kernel, ABI_ABORT_TASK, aborted, 1, 0);
	nanosleep(&(const struct timespec){.tv_nsec = 50000000}, NULL);
	assert_int_equal(ring_double_in_flight(bench->kernel), 1);
	tape_unit_stick(bench->tape, false);
	ring_double_wait(bench->kernel, &write.io);
	wait_for_tasks(bench, 0);
	rewind_tape(bench);
}

static void a_reset_ends_all_that_wait(void **state)
{
	static struct write writes[3];
	struct bench *bench = *state;
	tape_unit_hold(bench->tape, true);
	for (uint32_t i = 0; i < 3; i++)
		submit_write(bench, &writes[i], i);
	wait_for_tasks(bench, 3);
	ring_double_abort_all(bench->kernel, ABI_LUN_RESET);
	for (uint32_t i = 0; i < 3; i++)
		ring_double_wait(bench->kernel, &writes[i].io);
	wait_for_tasks(bench, 0); /* likewise */
	tape_unit_hold(bench->tape, false);
	rewind_tape(bench);
	assert_int_equal(tape_unit_eod(bench->tape), 0);
}

/* ---- kernels that know less ------------------------------------------------------------------ */

static void a_kernel_without_lengths_shows_no_tape(void **state)
{
	struct error error = {0};
	struct bench *bench = bench_create(
		&(struct ring_double_config){.flags = RING_DOUBLE_FLAGS & ~ABI_CAN_READ_LENGTH});
	assert_null(attach(bench, true, &error));
	assert_int_equal(error.code, ERROR_KERNEL_TARGET);
	assert_non_null(strstr(error.remedy, "portal"));
	bench->device = attach(bench, false, &error);
	assert_non_null(bench->device);
	bench_destroy(bench);
}

#define tape_test(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		tape_test(a_shorter_block_comes_with_its_sense),
		tape_test(with_sili_its_length_is_in_the_residual),
		tape_test(a_longer_block_is_cut),
		tape_test(a_host_that_takes_less_than_its_cdb_asks_for_gets_that),
		tape_test(a_host_that_takes_more_than_its_cdb_asks_for_has_a_residual),
		tape_test(a_host_that_takes_nothing_passes_over_the_block),
		tape_test(a_filemark_is_sense_alone),
		tape_test(a_read_of_nothing_is_zeros),
		tape_test(fixed_blocks_before_a_filemark_come_with_sense),
		tape_test(the_longest_block_comes_in_many_iovecs),
		tape_test(a_longer_one_is_refused),
		tape_test(half_a_block_is_not_written),
		tape_test(more_than_a_block_is_left_over),
		tape_test(the_order_of_the_ring_is_that_of_the_tape),
		tape_test(what_waits_for_the_drive_is_aborted_at_once),
		tape_test(what_the_drive_is_at_is_waited_for),
		tape_test(a_reset_ends_all_that_wait),
		cmocka_unit_test(a_kernel_without_lengths_shows_no_tape),
	};
	return cmocka_run_group_tests_name("tcmu/tape", tests, NULL, NULL);
}
