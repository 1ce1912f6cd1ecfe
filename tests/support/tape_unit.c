/* SPDX-License-Identifier: Apache-2.0 */
#include "tape_unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scsi/library.h"
#include "ssc/drive.h"
#include "ssc/native.h"
#include "thread_check.h"
#include "util/cleanup.h"

enum { CAPACITY = 256 << 20, THREADS = 2 };

struct tape_unit {
	struct ssc_drive *drive;
	struct file_store store;
	struct scsi_executor executor;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct list works;
	bool held, sticks, stuck, stopping, done;
	struct cartridge *out;
	pthread_t threads[THREADS];
};

/* ---- the executor ---------------------------------------------------------------------------- */

static void submit(
	struct scsi_executor *executor, struct scsi_work *work, struct scsi_source *source)
{
	struct tape_unit *unit = container_of(executor, struct tape_unit, executor);
	SCOPED_LOCK(&unit->lock);
	list_append(&unit->works, &work->link);
	pthread_cond_broadcast(&unit->changed);
}

static struct scsi_work *next_work(struct tape_unit *unit)
{
	SCOPED_LOCK(&unit->lock);
	while (!unit->stopping && (unit->held || list_empty(&unit->works)))
		pthread_cond_wait(&unit->changed, &unit->lock);
	struct list *node = list_pop(&unit->works);
	return node ? container_of(node, struct scsi_work, link) : NULL;
}

static void *work(void *argument)
{
	struct scsi_work *next;
	while ((next = next_work(argument)))
		next->run(next);
	return NULL;
}

/* ---- the file -------------------------------------------------------------------------------- */

static int sticky_pwritev(const struct file_store *store, int fd, const struct iovec *iov,
	int iov_count, uint64_t offset)
{
	struct tape_unit *unit =
		container_of((struct file_store *)(uintptr_t)store, struct tape_unit, store);
	pthread_mutex_lock(&unit->lock);
	while (unit->sticks) {
		unit->stuck = true;
		pthread_cond_wait(&unit->changed, &unit->lock);
	}
	unit->stuck = false;
	pthread_mutex_unlock(&unit->lock);
	return file_store_posix.pwritev(&file_store_posix, fd, iov, iov_count, offset);
}

static struct cartridge *make_cartridge(struct tape_unit *unit)
{
	char directory[] = "/tmp/tape-unit-XXXXXX", path[64];
	struct error error = {0};
	const struct native_create create = {.barcode = "TST001L8",
		.medium = "LTO-8",
		.density = 0x5e,
		.medium_type = 0x88,
		.capacity = CAPACITY,
		.block_max = 8 << 20};
	CHECK(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/tape", directory);
	if (!native_create(&unit->store, path, &create, NULL, &error))
		fprintf(stderr, "%s\n", error.sentence);
	struct cartridge *cartridge = native_open(&unit->store, path, true, NULL, &error);
	CHECK(cartridge && unlink(path) == 0 && rmdir(directory) == 0);
	return cartridge;
}

/* ---- its surroundings ------------------------------------------------------------------------ */

static void library_request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request request)
{
	if (scsi_cmd_claim(cmd))
		scsi_cmd_finish(cmd, SENSE_NONE);
	scsi_cmd_put(cmd);
}

static void library_event(void *context, struct scsi_lu *lu, enum library_event event)
{
}

static void library_fault(void *context, struct scsi_lu *lu, uint64_t lba)
{
}

static void library_remember(void *context, struct scsi_lu *lu)
{
}

static const struct library_ops library = {.request = library_request,
	.event = library_event,
	.medium_fault = library_fault,
	.remember = library_remember};

static void done(struct tape_unit *unit)
{
	SCOPED_LOCK(&unit->lock);
	unit->done = true;
	pthread_cond_broadcast(&unit->changed);
}

static void loaded(void *context)
{
	done(context);
}

static void unloaded(void *context, struct cartridge *cartridge, int result)
{
	struct tape_unit *unit = context;
	unit->out = cartridge;
	CHECK(result == 0);
	done(unit);
}

static void wait_done(struct tape_unit *unit)
{
	SCOPED_LOCK(&unit->lock);
	while (!unit->done)
		pthread_cond_wait(&unit->changed, &unit->lock);
	unit->done = false;
}

/* ---- the life -------------------------------------------------------------------------------- */

struct tape_unit *tape_unit_create(const char *name)
{
	struct tape_unit *unit = calloc(1, sizeof *unit);
	CHECK(unit);
	unit->executor.submit = submit;
	unit->store = file_store_posix;
	unit->store.pwritev = sticky_pwritev;
	list_init(&unit->works);
	pthread_mutex_init(&unit->lock, NULL);
	pthread_cond_init(&unit->changed, NULL);
	for (unsigned i = 0; i < THREADS; i++)
		CHECK(pthread_create(&unit->threads[i], NULL, work, unit) == 0);
	const struct ssc_drive_config config = {
		.lu = {.name = name,
			.serial = name,
			.library = &library,
			.library_context = unit,
			.executor = &unit->executor,
			.clock = &scsi_clock_monotonic},
		.personality = ssc_personality_find("lto-8"),
	};
	unit->drive = ssc_drive_create(&config);
	CHECK(unit->drive);
	ssc_drive_load(unit->drive, make_cartridge(unit), false, loaded, unit);
	wait_done(unit);
	return unit;
}

void tape_unit_destroy(struct tape_unit *unit)
{
	if (!unit)
		return;
	tape_unit_hold(unit, false);
	tape_unit_stick(unit, false);
	ssc_drive_unload(unit->drive, unloaded, unit);
	wait_done(unit);
	CHECK(cart_close(unit->out) == 0);
	ssc_drive_destroy(unit->drive);
	pthread_mutex_lock(&unit->lock);
	unit->stopping = true;
	pthread_cond_broadcast(&unit->changed);
	pthread_mutex_unlock(&unit->lock);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(unit->threads[i], NULL);
	pthread_cond_destroy(&unit->changed);
	pthread_mutex_destroy(&unit->lock);
	free(unit);
}

void tape_unit_reload(struct tape_unit *unit)
{
	ssc_drive_unload(unit->drive, unloaded, unit);
	wait_done(unit);
	ssc_drive_load(unit->drive, steal(unit->out), false, loaded, unit);
	wait_done(unit);
}

struct scsi_lu *tape_unit_lu(struct tape_unit *unit)
{
	return ssc_drive_lu(unit->drive);
}

/* ---- what tests do --------------------------------------------------------------------------- */

/* A command is answered before the mechanism has looked whether there is another one. */
static void await_rest(struct scsi_lu *lu)
{
	SCOPED_LOCK(&lu->lock);
	while (lu->queue.running)
		pthread_cond_wait(&lu->queue.at_rest, &lu->lock);
}

void tape_unit_hold(struct tape_unit *unit, bool hold)
{
	if (hold)
		await_rest(tape_unit_lu(unit));
	SCOPED_LOCK(&unit->lock);
	unit->held = hold;
	pthread_cond_broadcast(&unit->changed);
}

void tape_unit_stick(struct tape_unit *unit, bool stick)
{
	SCOPED_LOCK(&unit->lock);
	unit->sticks = stick;
	pthread_cond_broadcast(&unit->changed);
}

bool tape_unit_is_stuck(struct tape_unit *unit)
{
	SCOPED_LOCK(&unit->lock);
	return unit->stuck;
}

unsigned tape_unit_tasks(struct tape_unit *unit)
{
	struct scsi_lu *lu = tape_unit_lu(unit);
	unsigned count = 0;
	SCOPED_LOCK(&lu->lock);
	list_for_each (node, &lu->tasks)
		count++;
	return count;
}

uint64_t tape_unit_position(struct tape_unit *unit)
{
	struct ssc_drive_status status;
	ssc_drive_status(unit->drive, &status);
	return status.position;
}

uint64_t tape_unit_eod(struct tape_unit *unit)
{
	struct ssc_drive_status status;
	ssc_drive_status(unit->drive, &status);
	return status.cartridge.eod;
}

void tape_block_fill(uint8_t *block, uint32_t length, uint32_t seed)
{
	uint32_t word = seed * 2654435761u + 1;
	for (uint32_t i = 0; i < length; i++) {
		if (i % 4 == 0)
			word = word * 1664525u + 1013904223u;
		block[i] = (uint8_t)(word >> (8 * (i % 4)));
	}
}
