/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tape drive's told record from a file that anybody may have damaged, with the cartridge in the
 * drive that the seeds are of: taken over whole, or not at all, and never a position that is not on
 * the tape.
 */
#include "support.h"

#include <stdlib.h>

#include "scsi/library.h"
#include "scsi/told.h"
#include "ssc/drive.h"
#include "tape.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OBJECTS = 5, NOW_NS = 1000000000 };

struct start {
	struct ssc_drive *drive;
	struct scsi_nexus *a, *b;
	struct scsi_executor executor;
	struct scsi_clock clock;
	struct list works;
};

/* ---- surroundings ---------------------------------------------------------------------------- */

static void submit(
	struct scsi_executor *executor, struct scsi_work *work, struct scsi_source *source)
{
	list_append(&container_of(executor, struct start, executor)->works, &work->link);
}

static uint64_t now(const struct scsi_clock *clock)
{
	return NOW_NS;
}

static void request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request what)
{
}

static void event(void *context, struct scsi_lu *lu, enum library_event what)
{
}

static void fault(void *context, struct scsi_lu *lu, uint64_t lba)
{
}

static void remember(void *context, struct scsi_lu *lu)
{
}

static const struct library_ops library = {
	.request = request, .event = event, .medium_fault = fault, .remember = remember};

/* ---- a daemon that starts -------------------------------------------------------------------- */

static struct crash_store store;
static struct cartridge *cartridge; /* in the drive, or NULL */

static void make_cartridge(void)
{
	uint8_t block[100];
	make_small(&store);
	store.open = false;
	cartridge = open_small(&store, true);
	block_fill(block, sizeof block, 1);
	for (unsigned i = 0; i < OBJECTS; i++)
		assert_int_equal(
			cart_append(cartridge, i, block, sizeof block, COMPRESSION_NONE), 0);
	assert_int_equal(cart_commit(cartridge, true), 0);
}

static struct start *start(void)
{
	struct start *s = calloc(1, sizeof *s);
	assert_non_null(s);
	list_init(&s->works);
	s->executor.submit = submit;
	s->clock.now_ns = now;
	const struct ssc_drive_config config = {
		.lu = {.name = "tape0",
			.serial = "SN0001",
			.library = &library,
			.executor = &s->executor,
			.clock = &s->clock},
		.personality = ssc_personality_find("lto-8"),
	};
	s->drive = ssc_drive_create(&config);
	assert_non_null(s->drive);
	s->a = scsi_nexus_create(ssc_drive_lu(s->drive), "a");
	s->b = scsi_nexus_create(ssc_drive_lu(s->drive), "b");
	ssc_drive_restore(s->drive, steal(cartridge), false);
	return s;
}

static void unloaded(void *context, struct cartridge *out, int result)
{
	assert_int_equal(result, 0);
	cartridge = out;
}

static void stop(struct start *s)
{
	struct list *node;
	ssc_drive_unload(s->drive, unloaded, NULL);
	while ((node = list_pop(&s->works))) {
		struct scsi_work *work = container_of(node, struct scsi_work, link);
		work->run(work);
	}
	assert_non_null(cartridge);
	scsi_nexus_destroy(s->a);
	scsi_nexus_destroy(s->b);
	ssc_drive_destroy(s->drive);
	free(s);
}

static bool take_over(struct start *s, const uint8_t *record, size_t size)
{
	struct scsi_lu *lu = ssc_drive_lu(s->drive);
	scsi_lu_lock(lu);
	bool known = scsi_told_decode(lu, record, size);
	scsi_lu_unlock(lu);
	return known;
}

static size_t write_record(struct start *s, uint8_t *record)
{
	struct scsi_lu *lu = ssc_drive_lu(s->drive);
	scsi_lu_lock(lu);
	size_t length = scsi_told_encode(lu, record, SCSI_TOLD_MAX);
	scsi_lu_unlock(lu);
	assert_true(length > 0);
	return length;
}

/* ---- checks ---------------------------------------------------------------------------------- */

static void check_sane(struct start *s)
{
	struct ssc_drive_status status;
	ssc_drive_status(s->drive, &status);
	assert_int_equal(status.cartridge.eod, OBJECTS);
	assert_true(status.position <= OBJECTS);
	assert_in_range(status.presence, SSC_SEATED, SSC_READY);
}

/* What was accepted is what is written, and accepted again. */
static void check_stable(const uint8_t *record, size_t length)
{
	static uint8_t again[SCSI_TOLD_MAX];
	struct start *s = start();
	assert_true(take_over(s, record, length));
	assert_true(ssc_drive_told_matches(s->drive));
	assert_int_equal(write_record(s, again), length);
	assert_memory_equal(record, again, length);
	stop(s);
}

static void check_new(struct start *s)
{
	struct ssc_drive_status status;
	ssc_drive_status(s->drive, &status);
	assert_int_equal(status.position, 0);
	assert_int_equal(status.presence, SSC_READY);
	assert_false(status.removal_prevented);
	assert_int_equal(s->a->attentions, 1u << ATTENTION_POWER_ON);
	assert_int_equal(s->b->attentions, 1u << ATTENTION_POWER_ON);
	assert_null(ssc_drive_lu(s->drive)->reserved_by);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t record[SCSI_TOLD_MAX];
	if (!cartridge)
		make_cartridge();
	struct start *s = start();
	bool known = take_over(s, data, size);
	size_t length = 0;
	if (known) {
		ssc_drive_told_matches(s->drive);
		check_sane(s);
		length = write_record(s, record);
	} else {
		check_new(s);
	}
	stop(s);
	if (known)
		check_stable(record, length);
	return 0;
}
