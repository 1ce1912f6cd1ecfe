/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring device between the ring double and the drive of scsi's tests, in one thread: the tests
 * are its worker (they replace tcmu/workers.c), and serve it when they say so.
 */
#pragma once

#include "device.h"
#include "drive.h"
#include "ring_double.h"
#include "workers.h"

struct ring_fixture {
	struct drive *drive;
	struct ring_double *kernel;
	struct ring_device *device;
	struct list ios; /* of all struct sent */
	unsigned failures;
	const char *reason; /* of the failure */
};

struct sent {
	struct ring_io io;
	struct list link;
	uint8_t *buffer;
};

/* A ring of 64 KiB; `_small` one in which entries of 128 bytes wrap all the time. */
int ring_setup(void **state);
int ring_setup_small(void **state);
/* Fails when the device never came to rest, or violated the ring. */
int ring_teardown(void **state);
#define ring_test(test)       cmocka_unit_test_setup_teardown(test, ring_setup, ring_teardown)
#define small_ring_test(test) cmocka_unit_test_setup_teardown(test, ring_setup_small, ring_teardown)

struct ring_fixture *fixture_create(const struct ring_double_config *config);
/* The device of a fixture has gone already, or never came: NULL is allowed. */
void fixture_destroy(struct ring_fixture *fixture);
/* A device that begins at the tail; served once. NULL: refused, see `error`. */
bool fixture_open(struct ring_fixture *fixture, struct error *error);
void fixture_close(struct ring_fixture *fixture);

/* Serves the device until it is idle. */
void serve(struct ring_fixture *fixture);
/* How often it was called, by the last serve. */
unsigned served_calls(void);
/* Executor, then device. */
void run(struct ring_fixture *fixture);

struct ring_io *submit_in(struct ring_fixture *fixture, const uint8_t *cdb, size_t length);
struct ring_io *submit_out(
	struct ring_fixture *fixture, const uint8_t *cdb, const void *data, size_t length);
struct ring_io *submit_none(struct ring_fixture *fixture, const uint8_t *cdb);
/* READ(10), as long as it says; the medium has it at hand or not. */
struct ring_io *submit_read(struct ring_fixture *fixture, uint8_t lba, uint8_t blocks);
void set_cached(struct ring_fixture *fixture, bool cached);
/* START STOP UNIT: waits for library_answers. */
struct ring_io *submit_pending(struct ring_fixture *fixture);

void assert_status(const struct ring_io *io, uint8_t status);
void assert_io_sense(const struct ring_io *io, uint8_t key, uint8_t asc, uint8_t ascq);
void assert_read(const struct ring_io *io, uint8_t lba, uint8_t blocks);
/* Ended once, for a reason, and gives back what it had. */
void assert_failed(struct ring_fixture *fixture, const char *reason);
