/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "drive_bench.h"

#include <stdlib.h>

#include "util/bytes.h"

/* ---- surroundings ------------------------------------------------------------------------------
 */

static void submit(
	struct scsi_executor *executor, struct scsi_work *work, struct scsi_source *source)
{
	struct drive_bench *b = container_of(executor, struct drive_bench, executor);
	b->submitted++;
	list_append(&b->works, &work->link);
}

static void run_works(struct drive_bench *b)
{
	struct list *node;
	while ((node = list_pop(&b->works))) {
		struct scsi_work *work = container_of(node, struct scsi_work, link);
		work->run(work);
	}
}

static uint64_t no_time(const struct scsi_clock *clock)
{
	return 0;
}

/* Saved mode pages are saved at once. */
static void library_request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request request)
{
	if (scsi_cmd_claim(cmd))
		scsi_cmd_finish(cmd, SENSE_NONE);
	scsi_cmd_put(cmd);
}

static void library_event(void *context, struct scsi_lu *lu, enum library_event event)
{
	((struct drive_bench *)context)->events[event]++;
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

static void complete(struct scsi_cmd *cmd)
{
	container_of(cmd, struct sent, cmd)->completed++;
}

static void release(struct scsi_cmd *cmd)
{
	container_of(cmd, struct sent, cmd)->released++;
}

static const struct scsi_transport_ops transport = {.complete = complete, .release = release};

/* ---- the fixture -------------------------------------------------------------------------------
 */

static void loaded(void *context)
{
	((struct drive_bench *)context)->events[7]++;
}

void bench_load(struct drive_bench *b, bool write_protected)
{
	unsigned before = b->events[7];
	ssc_drive_load(b->drive, open_small(&b->store, true), write_protected, loaded, b);
	run_works(b);
	assert_int_equal(b->events[7], before + 1);
}

static void unloaded(void *context, struct cartridge *cartridge, int result)
{
	assert_int_equal(result, 0);
	((struct drive_bench *)context)->out = cartridge;
}

void bench_unload(struct drive_bench *b)
{
	b->out = NULL;
	ssc_drive_unload(b->drive, unloaded, b);
	run_works(b);
	assert_int_equal(cart_close(b->out), 0);
}

void bench_go_on(struct drive_bench *b)
{
	b->held = false;
	run_works(b);
}

int drive_bench_setup(void **state)
{
	struct drive_bench *b = calloc(1, sizeof *b);
	assert_non_null(b);
	list_init(&b->works);
	b->executor.submit = submit;
	b->clock.now_ns = no_time;
	make_small(&b->store);
	b->store.open = false;
	struct ssc_drive_config config = {
		.lu = {.name = "tape0",
			.serial = "SN0001",
			.library = &library,
			.library_context = b,
			.executor = &b->executor,
			.clock = &b->clock},
		.personality = ssc_personality_find("lto-8"),
	};
	b->drive = ssc_drive_create(&config);
	assert_non_null(b->drive);
	b->lu = ssc_drive_lu(b->drive);
	b->a = scsi_nexus_create(b->lu, "a");
	b->b = scsi_nexus_create(b->lu, "b");
	b->a->transfer_max = b->b->transfer_max = SMALL_BLOCK;
	bench_load(b, false);
	b->a->attentions = b->b->attentions = 0;
	*state = b;
	return 0;
}

int drive_bench_teardown(void **state)
{
	struct drive_bench *b = *state;
	bench_unload(b);
	scsi_nexus_destroy(b->a);
	scsi_nexus_destroy(b->b);
	ssc_drive_destroy(b->drive);
	crash_store_finish(&b->store);
	free(b);
	return 0;
}

/* ---- sending -----------------------------------------------------------------------------------
 */

static struct sent *send(
	struct scsi_nexus *nexus, const uint8_t *cdb, const void *out, size_t length)
{
	struct drive_bench *b = nexus->lu->library_context;
	struct sent *sent = &b->sent[b->turn++ % 8];
	assert_true(length <= DATA_MAX);
	memset(sent->data, 0xee, sizeof sent->data);
	if (out)
		memcpy(sent->data, out, length);
	sent->completed = sent->released = 0;
	scsi_cmd_init(&sent->cmd, nexus, &transport);
	sent->cmd.cdb_length = (uint8_t)scsi_cdb_length(cdb[0]);
	memcpy(sent->cmd.cdb, cdb, sent->cmd.cdb_length);
	/* In one piece every other time. */
	size_t first = length < 100 || b->turn % 2 ? length : 100;
	sent->iov[0] = (struct iovec){sent->data, first};
	sent->iov[1] = (struct iovec){sent->data + first, length - first};
	sent->cmd.iov = sent->iov;
	sent->cmd.iov_count = 2;
	sent->cmd.transfer_length = length;
	scsi_execute(&sent->cmd);
	if (b->held)
		return sent;
	run_works(b);
	assert_int_equal(sent->completed, 1);
	assert_int_equal(sent->released, 1);
	return sent;
}

struct sent *send_in(struct scsi_nexus *nexus, const uint8_t *cdb, size_t length)
{
	return send(nexus, cdb, NULL, length);
}

struct sent *send_out(struct scsi_nexus *nexus, const uint8_t *cdb, const void *data, size_t length)
{
	return send(nexus, cdb, data, length);
}

struct sent *send_none(struct scsi_nexus *nexus, const uint8_t *cdb)
{
	return send(nexus, cdb, NULL, 0);
}

enum scsi_sense_code sense_of(const struct sent *sent)
{
	if (sent->cmd.status == SCSI_STATUS_GOOD)
		return SENSE_NONE;
	assert_int_equal(sent->cmd.status, SCSI_STATUS_CHECK_CONDITION);
	return sent->cmd.sense.code;
}

void assert_is_(const struct sent *sent, enum scsi_sense_code code, int line)
{
	if (sense_of(sent) != code)
		fail_msg("line %d: %s (%02x/%02x)", line, scsi_sense_text(sense_of(sent)),
			scsi_sense_asc(sense_of(sent)), scsi_sense_ascq(sense_of(sent)));
}

void assert_left_(const struct sent *sent, enum scsi_sense_code code, int64_t left, int line)
{
	assert_is_(sent, code, line);
	if (!sent->cmd.sense.information_valid ||
		(int32_t)sent->cmd.sense.information != (int32_t)left)
		fail_msg("line %d: INFORMATION %lld", line,
			(long long)(int32_t)sent->cmd.sense.information);
}

/* ---- often sent --------------------------------------------------------------------------------
 */

static void put_length(uint8_t *cdb, uint32_t length)
{
	put_be24(cdb + 2, length);
}

struct sent *write_block(struct scsi_nexus *nexus, uint32_t length, uint32_t seed)
{
	uint8_t block[DATA_MAX], cdb[16] = {0x0a};
	put_length(cdb, length);
	block_fill(block, length, seed);
	return send_out(nexus, cdb, block, length);
}

struct sent *read_block(struct scsi_nexus *nexus, uint32_t length, bool sili)
{
	uint8_t cdb[16] = {0x08, sili ? 0x02 : 0};
	put_length(cdb, length);
	return send_in(nexus, cdb, length);
}

struct sent *write_marks(struct scsi_nexus *nexus, uint32_t count, bool immediate)
{
	uint8_t cdb[16] = {0x10, immediate};
	put_length(cdb, count);
	return send_none(nexus, cdb);
}

struct sent *space(struct scsi_nexus *nexus, unsigned what, int32_t count)
{
	uint8_t cdb[16] = {0x11, (uint8_t)what};
	put_length(cdb, (uint32_t)count & 0xffffff);
	return send_none(nexus, cdb);
}

struct sent *rewind_tape(struct scsi_nexus *nexus)
{
	return send_none(nexus, CDB(0x01));
}

uint64_t position_of(struct scsi_nexus *nexus)
{
	struct sent *sent = send_in(nexus, CDB(0x34, 0x06), 32);
	assert_good(sent);
	assert_int_equal(sent->cmd.data_in_done, 32);
	return get_be64(sent->data + 8);
}

void assert_block(const struct sent *sent, uint32_t length, uint32_t seed)
{
	uint8_t expected[DATA_MAX];
	block_fill(expected, length, seed);
	assert_int_equal(sent->cmd.data_in_done, length);
	assert_memory_equal(sent->data, expected, length);
}

void set_block_length(struct scsi_nexus *nexus, uint32_t length)
{
	uint8_t list[12] = {0, 0, 0x10, 8};
	put_be24(list + 9, length);
	assert_good(send_out(nexus, CDB(0x15, 0x10, 0, 0, sizeof list), list, sizeof list));
}
