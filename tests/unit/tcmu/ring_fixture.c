/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "ring_fixture.h"

#include <poll.h>

enum { CALLS_MAX = 10000 };

/* ---- the worker ------------------------------------------------------------------------------ */

static struct {
	bool poked, closed;
	unsigned calls;
} worker;

bool workers_add(struct workers *workers, struct served *served, struct error *error)
{
	served->worker = (struct worker *)(void *)&worker;
	served->member = true;
	worker.poked = true;
	worker.closed = false;
	return true;
}

void workers_remove(struct served *served)
{
	served->member = false;
}

void workers_poke(struct served *served)
{
	worker.poked |= served->member;
}

static struct served *served_of(struct ring_fixture *fixture);

static bool is_readable(const struct served *served)
{
	struct pollfd polled = {.fd = served->fd, .events = POLLIN};
	return !worker.closed && poll(&polled, 1, 0) == 1;
}

void serve(struct ring_fixture *fixture)
{
	struct served *served = served_of(fixture);
	bool readable;
	for (worker.calls = 0; (readable = is_readable(served)) || worker.poked;) {
		worker.poked = false;
		enum served_result result = served->serve(served, readable);
		worker.poked |= result == SERVED_MORE;
		worker.closed |= result == SERVED_CLOSE;
		assert_true(++worker.calls < CALLS_MAX);
	}
}

unsigned served_calls(void)
{
	return worker.calls;
}

void run(struct ring_fixture *fixture)
{
	serve(fixture);
	run_workers(fixture->drive);
	serve(fixture);
}

/* ---- the life ---------------------------------------------------------------------------------
 */

#include "device_private.h"

static struct served *served_of(struct ring_fixture *fixture)
{
	return &fixture->device->served;
}

static void note_failure(void *context, const char *reason)
{
	struct ring_fixture *fixture = context;
	fixture->failures++;
	fixture->reason = reason;
}

bool fixture_open(struct ring_fixture *fixture, struct error *error)
{
	struct ring_port *port = ring_double_open(fixture->kernel);
	assert_non_null(port);
	fixture->device = ring_device_create(
		&(struct ring_device_config){
			.port = port,
			.nexus = fixture->drive->a,
			.failed = note_failure,
			.context = fixture,
		},
		error);
	if (!fixture->device)
		return false;
	assert_true(ring_device_start(fixture->device, NULL, error));
	serve(fixture);
	return true;
}

/* Nothing may be left in the hands of executor and library, who hold references. */
static void settle(struct ring_fixture *fixture)
{
	run_workers(fixture->drive);
	while (!list_empty(&fixture->drive->inbox))
		library_answers(fixture->drive, SENSE_NONE);
}

void fixture_close(struct ring_fixture *fixture)
{
	settle(fixture);
	ring_device_destroy(fixture->device);
	fixture->device = NULL;
}

struct ring_fixture *fixture_create(const struct ring_double_config *config)
{
	struct ring_fixture *fixture = calloc(1, sizeof *fixture);
	assert_non_null(fixture);
	list_init(&fixture->ios);
	fixture->drive = drive_create();
	fixture->drive->a->attentions = fixture->drive->b->attentions = 0;
	fixture->kernel = ring_double_create(config);
	set_cached(fixture, true);
	return fixture;
}

void fixture_destroy(struct ring_fixture *fixture)
{
	struct list *node;
	if (fixture->device)
		fixture_close(fixture);
	ring_double_destroy(fixture->kernel);
	while ((node = list_pop(&fixture->ios))) {
		struct sent *sent = container_of(node, struct sent, link);
		assert_true(sent->io.done);
		free(sent->buffer);
		free(sent);
	}
	drive_destroy(fixture->drive);
	free(fixture);
}

static int setup(void **state, const struct ring_double_config *config)
{
	struct ring_fixture *fixture = fixture_create(config);
	assert_true(fixture_open(fixture, NULL));
	*state = fixture;
	return 0;
}

int ring_setup(void **state)
{
	return setup(state, NULL);
}

int ring_setup_small(void **state)
{
	return setup(state, &(struct ring_double_config){.ring_size = 1024 - 128});
}

int ring_teardown(void **state)
{
	fixture_destroy(*state);
	return 0;
}

/* ---- commands ----------------------------------------------------------------------------------
 */

static struct ring_io *submit(struct ring_fixture *fixture, const uint8_t *cdb, const void *data,
	size_t length, enum ring_io_direction direction)
{
	struct sent *sent = calloc(1, sizeof *sent);
	assert_non_null(sent);
	sent->buffer = malloc(length + 1);
	assert_non_null(sent->buffer);
	memset(sent->buffer, UNTOUCHED, length + 1);
	if (data)
		memcpy(sent->buffer, data, length);
	memcpy(sent->io.cdb, cdb, 16);
	sent->io.direction = direction;
	sent->io.data = sent->buffer;
	sent->io.length = length;
	list_append(&fixture->ios, &sent->link);
	ring_double_submit(fixture->kernel, &sent->io);
	return &sent->io;
}

struct ring_io *submit_in(struct ring_fixture *fixture, const uint8_t *cdb, size_t length)
{
	return submit(fixture, cdb, NULL, length, RING_IO_IN);
}

struct ring_io *submit_out(
	struct ring_fixture *fixture, const uint8_t *cdb, const void *data, size_t length)
{
	return submit(fixture, cdb, data, length, RING_IO_OUT);
}

struct ring_io *submit_none(struct ring_fixture *fixture, const uint8_t *cdb)
{
	return submit(fixture, cdb, NULL, 0, RING_IO_NONE);
}

struct ring_io *submit_read(struct ring_fixture *fixture, uint8_t lba, uint8_t blocks)
{
	return submit_in(fixture, CDB(0x28, 0, 0, 0, 0, lba, 0, 0, blocks), (size_t)blocks * BLOCK);
}

struct ring_io *submit_pending(struct ring_fixture *fixture)
{
	return submit_none(fixture, CDB(0x1b, 0, 0, 0, 2));
}

void set_cached(struct ring_fixture *fixture, bool cached)
{
	struct medium *medium = fixture->drive->medium;
	medium->cached = cached ? medium->size : 0;
	medium->nowait_result = -11;
}

/* ---- what is expected ---------------------------------------------------------------------------
 */

void assert_status(const struct ring_io *io, uint8_t status)
{
	assert_true(io->done);
	assert_int_equal(io->status, status);
}

void assert_io_sense(const struct ring_io *io, uint8_t key, uint8_t asc, uint8_t ascq)
{
	assert_status(io, SCSI_STATUS_CHECK_CONDITION);
	assert_int_equal(io->sense[2] & 0x0f, key);
	assert_int_equal(io->sense[12], asc);
	assert_int_equal(io->sense[13], ascq);
}

void assert_read(const struct ring_io *io, uint8_t lba, uint8_t blocks)
{
	assert_status(io, SCSI_STATUS_GOOD);
	assert_int_equal(io->received, blocks * BLOCK);
	for (size_t i = 0; i < io->received; i++)
		assert_int_equal(io->data[i], medium_byte((uint64_t)lba * BLOCK + i));
}

void assert_failed(struct ring_fixture *fixture, const char *reason)
{
	assert_int_equal(fixture->failures, 1);
	assert_string_equal(fixture->reason, reason);
}
