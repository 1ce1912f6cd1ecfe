/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "drive.h"

#include "util/file_io.h"

/* ---- the medium ----------------------------------------------------------------------------- */

uint8_t medium_byte(uint64_t offset)
{
	return (uint8_t)(offset / BLOCK * 7 + offset);
}

static size_t fill(const struct iovec *iov, int count, uint64_t offset, uint64_t end)
{
	size_t done = 0;
	for (int i = 0; i < count; i++)
		for (size_t j = 0; j < iov[i].iov_len && offset + done < end; j++, done++)
			((uint8_t *)iov[i].iov_base)[j] = medium_byte(offset + done);
	return done;
}

static ssize_t medium_preadv(struct scsi_source *source, const struct iovec *iov, int iov_count,
	uint64_t offset, unsigned flags)
{
	struct medium *medium = container_of(source, struct medium, source);
	bool nowait = flags & FILE_IO_NOWAIT;
	*(nowait ? &medium->nowait_reads : &medium->waiting_reads) += 1;
	if (!nowait && medium->read_error)
		return medium->read_error;
	size_t done = fill(iov, iov_count, offset, nowait ? medium->cached : medium->size);
	return done == 0 && nowait ? medium->nowait_result : (ssize_t)done;
}

static bool medium_changed(struct scsi_source *source)
{
	struct medium *medium = container_of(source, struct medium, source);
	struct scsi_cmd *watched = medium->drive->watched;
	medium->changed_asked++;
	if (watched)
		medium->changed_owner = atomic_load(&watched->owner) & SCSI_CMD_OWNER_MASK;
	return false;
}

static void medium_destroy(struct scsi_source *source)
{
	struct medium *medium = container_of(source, struct medium, source);
	medium->drive->sources--;
	free(medium);
}

static const struct scsi_source_ops medium_ops = {
	.preadv = medium_preadv,
	.changed = medium_changed,
	.destroy = medium_destroy,
};

struct medium *medium_create(struct drive *drive, bool may_hang)
{
	struct medium *medium = calloc(1, sizeof *medium);
	assert_non_null(medium);
	scsi_source_init(&medium->source, &medium_ops, may_hang);
	medium->drive = drive;
	medium->size = medium->cached = (uint64_t)MEDIUM_BLOCKS * BLOCK;
	drive->sources++;
	return medium;
}

/* ---- library, executor, clock --------------------------------------------------------------- */

static void library_request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request request)
{
	struct drive *drive = context;
	drive->requested = request;
	list_append(&drive->inbox, &cmd->library_link);
}

static void library_event(void *context, struct scsi_lu *lu, enum library_event event)
{
	((struct drive *)context)->events[event]++;
}

static void library_fault(void *context, struct scsi_lu *lu, uint64_t lba)
{
	struct drive *drive = context;
	drive->faults++;
	drive->fault_lba = lba;
}

static void library_remember(void *context, struct scsi_lu *lu)
{
	((struct drive *)context)->remembered++;
}

const struct library_ops test_library = {
	.request = library_request,
	.event = library_event,
	.medium_fault = library_fault,
	.remember = library_remember,
};

bool library_answers(struct drive *drive, enum scsi_sense_code code)
{
	struct list *node = list_pop(&drive->inbox);
	assert_non_null(node);
	struct scsi_cmd *cmd = container_of(node, struct scsi_cmd, library_link);
	bool claimed = scsi_cmd_claim(cmd);
	if (claimed)
		scsi_cmd_finish(cmd, code);
	scsi_cmd_put(cmd);
	return claimed;
}

void library_reserves(struct drive *drive, bool commits)
{
	struct list *node = list_pop(&drive->inbox);
	assert_non_null(node);
	assert_int_equal(drive->requested, LIBRARY_PERSISTENT_RESERVE);
	struct scsi_cmd *cmd = container_of(node, struct scsi_cmd, library_link);
	struct scsi_persistent_change *change = calloc(1, sizeof *change);
	assert_non_null(change);
	if (scsi_cmd_claim(cmd)) {
		enum scsi_sense_code code = scsi_persistent_begin(&drive->lu, cmd, change);
		if (code == SENSE_NONE) {
			memcpy(drive->committed, change->record, change->length);
			drive->committed_length = change->length;
			drive->commits++;
			code = scsi_persistent_end(&drive->lu, cmd, change, commits);
		}
		if (code != SCSI_PENDING)
			scsi_cmd_finish(cmd, code);
	}
	scsi_cmd_put(cmd);
	free(change);
}

static void executor_submit(
	struct scsi_executor *executor, struct scsi_work *work, struct scsi_source *source)
{
	struct drive *drive = container_of(executor, struct drive, executor);
	assert_true(source || work == &drive->lu.queue.work);
	list_append(&drive->works, &work->link);
}

void run_workers(struct drive *drive)
{
	struct list *node;
	while ((node = list_pop(&drive->works))) {
		struct scsi_work *work = container_of(node, struct scsi_work, link);
		work->run(work);
	}
}

static uint64_t clock_now(const struct scsi_clock *clock)
{
	return ((const struct drive *)(const void *)((const char *)clock -
						     offsetof(struct drive, clock)))
		->now_ns;
}

/* ---- the fixture ---------------------------------------------------------------------------- */

struct drive *drive_create(void)
{
	struct drive *drive = calloc(1, sizeof *drive);
	assert_non_null(drive);
	list_init(&drive->requests);
	list_init(&drive->inbox);
	list_init(&drive->works);
	drive->executor.submit = executor_submit;
	drive->clock.now_ns = clock_now;
	scsi_lu_init(&drive->lu, &(struct scsi_lu_config){
					 .type = &test_type,
					 .personality = &test_personality,
					 .name = "dvd0",
					 .serial = "SN0001",
					 .library = &test_library,
					 .library_context = drive,
					 .executor = &drive->executor,
					 .clock = &drive->clock,
				 });
	drive->medium = medium_create(drive, false);
	drive->a = scsi_nexus_create(&drive->lu, "a");
	drive->b = scsi_nexus_create(&drive->lu, "b");
	assert_non_null(drive->a);
	assert_non_null(drive->b);
	return drive;
}

static void free_requests(struct drive *drive)
{
	struct list *node;
	while ((node = list_pop(&drive->requests))) {
		struct request *request = container_of(node, struct request, link);
		assert_int_equal(request->completed, 1);
		assert_int_equal(request->released, 1);
		free(request);
	}
}

void drive_destroy(struct drive *drive)
{
	free_requests(drive);
	assert_true(list_empty(&drive->inbox));
	assert_true(list_empty(&drive->works));
	assert_int_equal(atomic_load(&drive->lu.reads_in_flight), 0);
	scsi_nexus_destroy(drive->a);
	scsi_nexus_destroy(drive->b);
	scsi_lu_finish(&drive->lu);
	scsi_source_put(&drive->medium->source);
	assert_int_equal(drive->sources, 0);
	free(drive);
}

int drive_setup(void **state)
{
	struct drive *drive = drive_create();
	drive->a->attentions = drive->b->attentions = 0;
	*state = drive;
	return 0;
}

int drive_teardown(void **state)
{
	drive_destroy(*state);
	return 0;
}

/* ---- the transport -------------------------------------------------------------------------- */

static void transport_complete(struct scsi_cmd *cmd)
{
	container_of(cmd, struct request, cmd)->completed++;
}

static void transport_release(struct scsi_cmd *cmd)
{
	container_of(cmd, struct request, cmd)->released++;
}

static const struct scsi_transport_ops transport = {
	.complete = transport_complete,
	.release = transport_release,
};

/* Splits the buffer at bytes 5 and 105. */
static void scatter(struct request *request, size_t length)
{
	static const size_t cuts[] = {5, 100, REQUEST_DATA};
	uint8_t *at = request->data;
	for (int i = 0; i < 3; i++) {
		size_t part = length < cuts[i] ? length : cuts[i];
		request->iov[i] = (struct iovec){at, part};
		at += part;
		length -= part;
	}
}

struct request *prepare(struct scsi_nexus *nexus, const uint8_t *cdb, size_t transfer_length)
{
	struct request *request = calloc(1, sizeof *request);
	assert_non_null(request);
	assert_true(transfer_length <= sizeof request->data);
	list_append(&drive_of(nexus->lu)->requests, &request->link);
	scsi_cmd_init(&request->cmd, nexus, &transport);
	request->cmd.cdb_length = (uint8_t)scsi_cdb_length(cdb[0]);
	memcpy(request->cmd.cdb, cdb, request->cmd.cdb_length);
	memset(request->data, UNTOUCHED, sizeof request->data);
	scatter(request, transfer_length);
	request->cmd.iov = request->iov;
	request->cmd.iov_count = 3;
	request->cmd.transfer_length = transfer_length;
	return request;
}

struct request *send_in(struct scsi_nexus *nexus, const uint8_t *cdb, size_t transfer_length)
{
	struct request *request = prepare(nexus, cdb, transfer_length);
	scsi_execute(&request->cmd);
	return request;
}

struct request *send_out(
	struct scsi_nexus *nexus, const uint8_t *cdb, const void *data, size_t transfer_length)
{
	struct request *request = prepare(nexus, cdb, transfer_length);
	memcpy(request->data, data, transfer_length);
	scsi_execute(&request->cmd);
	return request;
}

struct request *send_none(struct scsi_nexus *nexus, const uint8_t *cdb)
{
	return send_in(nexus, cdb, 0);
}

struct request *send_read(struct scsi_nexus *nexus, uint8_t lba, uint8_t blocks)
{
	return send_in(nexus, CDB(0x28, 0, 0, 0, 0, lba, 0, 0, blocks), (size_t)blocks * BLOCK);
}

/* ---- what is expected ----------------------------------------------------------------------- */

void assert_good(const struct request *request)
{
	assert_int_equal(request->completed, 1);
	assert_int_equal(request->cmd.status, SCSI_STATUS_GOOD);
}

void assert_sense(const struct request *request, enum scsi_sense_code code)
{
	assert_int_equal(request->completed, 1);
	assert_int_equal(request->cmd.status, SCSI_STATUS_CHECK_CONDITION);
	assert_string_equal(scsi_sense_text(request->cmd.sense.code), scsi_sense_text(code));
	assert_int_equal(request->cmd.sense.code, code);
}

static void assert_field(const struct request *request, bool in_cdb, unsigned byte, unsigned bit)
{
	const struct scsi_sense *sense = &request->cmd.sense;
	assert_true(sense->field_valid);
	assert_int_equal(sense->field_in_cdb, in_cdb);
	assert_int_equal(sense->field, byte);
	assert_true(sense->bit_valid);
	assert_int_equal(sense->bit, bit);
}

void assert_cdb_field(const struct request *request, unsigned byte, unsigned bit)
{
	assert_sense(request, SENSE_INVALID_FIELD_IN_CDB);
	assert_field(request, true, byte, bit);
}

void assert_parameter_field(const struct request *request, unsigned byte, unsigned bit)
{
	assert_sense(request, SENSE_INVALID_FIELD_IN_PARAMETERS);
	assert_field(request, false, byte, bit);
}

void assert_medium_data(const struct request *request, uint64_t offset, size_t length)
{
	for (size_t i = 0; i < length; i++)
		assert_int_equal(request->data[i], medium_byte(offset + i));
}

void assert_untouched_from(const struct request *request, size_t offset)
{
	for (size_t i = offset; i < sizeof request->data; i++)
		assert_int_equal(request->data[i], UNTOUCHED);
}
