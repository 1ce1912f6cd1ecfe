/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_drive.h"

#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

/* ---- clock, executor, library ---------------------------------------------------------------- */

static uint64_t fake_now(const struct scsi_clock *clock)
{
	const void *clock_of = (const char *)clock - offsetof(struct fake_drive, clock);
	return ((const struct fake_drive *)clock_of)->now_ns;
}

static void fake_submit(
	struct scsi_executor *executor, struct scsi_work *work, struct scsi_source *source)
{
	struct fake_drive *fake = container_of(executor, struct fake_drive, executor);
	pthread_mutex_lock(&fake->lock);
	list_append(&fake->works, &work->link);
	pthread_mutex_unlock(&fake->lock);
	fake_transport_parked(fake);
}

static void fake_request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request request)
{
	struct fake_drive *fake = context;
	pthread_mutex_lock(&fake->lock);
	if (fake->pending_count == FAKE_PENDING_MAX)
		abort();
	fake->pending[fake->pending_count].cmd = cmd;
	fake->pending[fake->pending_count++].request = request;
	fake->requests++;
	pthread_mutex_unlock(&fake->lock);
	fake_transport_parked(fake);
}

static void fake_event(void *context, struct scsi_lu *lu, enum library_event event)
{
	struct fake_drive *fake = context;
	fake->told_events += event == LIBRARY_EVENT_TOLD;
	fake->tray_events += event == LIBRARY_EVENT_TRAY;
	fake->allowed_events += event == LIBRARY_EVENT_ALLOWED;
	fake->drained_events += event == LIBRARY_EVENT_DRAINED;
}

static void fake_medium_fault(void *context, struct scsi_lu *lu, uint64_t lba)
{
	struct fake_drive *fake = context;
	fake->faults++;
	fake->fault_lba = lba;
}

static void fake_remember(void *context, struct scsi_lu *lu)
{
	((struct fake_drive *)context)->remembered++;
}

static const struct library_ops fake_library = {
	.request = fake_request,
	.event = fake_event,
	.medium_fault = fake_medium_fault,
	.remember = fake_remember,
};

static bool take_request(struct fake_drive *fake, struct scsi_cmd **ret, enum library_request *what)
{
	SCOPED_LOCK(&fake->lock);
	if (fake->pending_count == 0)
		return false;
	*ret = fake->pending[0].cmd;
	*what = fake->pending[0].request;
	fake->pending_count--;
	memmove(&fake->pending[0], &fake->pending[1],
		fake->pending_count * sizeof fake->pending[0]);
	return true;
}

/* What was committed last is fake->reservations. */
static enum scsi_sense_code reserve_persistently(struct fake_drive *fake, struct scsi_cmd *cmd)
{
	struct scsi_persistent_change change;
	bool committed = fake->library_answer == SENSE_NONE;
	enum scsi_sense_code code = scsi_persistent_begin(fake->lu, cmd, &change);
	if (code != SENSE_NONE)
		return code;
	if (committed) {
		memcpy(fake->reservations, change.record, change.length);
		fake->reservations_length = change.length;
	}
	return scsi_persistent_end(fake->lu, cmd, &change, committed);
}

static enum scsi_sense_code answer_request(
	struct fake_drive *fake, struct scsi_cmd *cmd, enum library_request request)
{
	if (request == LIBRARY_PERSISTENT_RESERVE)
		return reserve_persistently(fake, cmd);
	if (fake->library_answer == SENSE_NONE)
		fake->device->request(fake, request);
	return fake->library_answer;
}

static bool run_requests(struct fake_drive *fake)
{
	struct scsi_cmd *cmd;
	enum library_request request;
	bool any = false;
	for (; take_request(fake, &cmd, &request); any = true) {
		if (scsi_cmd_claim(cmd)) {
			enum scsi_sense_code code = answer_request(fake, cmd, request);
			if (code != SCSI_PENDING)
				scsi_cmd_finish(cmd, code);
		}
		scsi_cmd_put(cmd);
	}
	return any;
}

static struct scsi_work *take_work(struct fake_drive *fake)
{
	SCOPED_LOCK(&fake->lock);
	struct list *node = list_pop(&fake->works);
	return node ? container_of(node, struct scsi_work, link) : NULL;
}

static bool run_works(struct fake_drive *fake)
{
	struct scsi_work *work;
	bool any = false;
	for (; (work = take_work(fake)); any = true)
		work->run(work);
	return any;
}

bool fake_run_parked(struct fake_drive *fake)
{
	bool requests = !fake->manual_library && run_requests(fake);
	bool works = !fake->manual_work && run_works(fake);
	return requests || works;
}

unsigned fake_count_parked(struct fake_drive *fake)
{
	SCOPED_LOCK(&fake->lock);
	unsigned count = fake->pending_count;
	list_for_each (node, &fake->works)
		count++;
	return count;
}

/* ---- commands ---------------------------------------------------------------------------------
 */

static struct fake_command *send(struct scsi_nexus *nexus, const uint8_t *cdb, size_t cdb_length,
	const void *out, size_t length)
{
	struct fake_drive *fake = nexus->lu->library_context;
	struct fake_command *command = calloc(1, sizeof *command);
	unsigned proper = scsi_cdb_length(cdb[0]);
	if (length > FAKE_DATA_MAX)
		abort();
	command->owner = fake;
	command->next = fake->commands;
	fake->commands = command;
	command->answer.data = malloc(length + 1);
	memset(command->answer.data, 0xa5, length + 1);
	if (out)
		memcpy(command->answer.data, out, length);
	memcpy(command->cmd.cdb, cdb, cdb_length);
	command->cmd.cdb_length = (uint8_t)(proper ? proper : cdb_length);
	command->cmd.transfer_length = length;
	fake_transport_send(command, nexus, out != NULL);
	fake_transport_catch_up(fake);
	return command;
}

struct fake_command *fake_send(
	struct scsi_nexus *nexus, const uint8_t *cdb, size_t cdb_length, size_t expected)
{
	return send(nexus, cdb, cdb_length, NULL, expected);
}

struct fake_command *fake_send_out(struct scsi_nexus *nexus, const uint8_t *cdb, size_t cdb_length,
	const void *data, size_t length)
{
	return send(nexus, cdb, cdb_length, data, length);
}

void fake_note_command(struct fake_command *command, struct scsi_nexus *nexus)
{
	struct scsi_cmd *cmd = &command->cmd;
	command->answer.row = scsi_opcode_find(&nexus->lu->type->opcodes, cmd->cdb);
	cmd->data_in = command->answer.row && command->answer.row->direction == SCSI_DATA_IN;
}

void fake_run_library(struct fake_drive *fake)
{
	run_requests(fake);
	fake_transport_catch_up(fake);
}

void fake_run_works(struct fake_drive *fake)
{
	run_works(fake);
	fake_transport_catch_up(fake);
}

void fake_sleep_ms(struct fake_drive *fake, uint32_t ms)
{
	fake->now_ns += (uint64_t)ms * 1000000;
}

/* ---- a drive's life ---------------------------------------------------------------------------
 */

struct fake_drive *fake_drive_create(
	const struct fake_device *device, struct scsi_lu_config *ret_lu)
{
	struct fake_drive *fake = calloc(1, sizeof *fake);
	fake->device = device;
	fake->clock.now_ns = fake_now;
	fake->now_ns = 1000;
	fake->executor.submit = fake_submit;
	list_init(&fake->works);
	pthread_mutex_init(&fake->lock, NULL);
	*ret_lu = (struct scsi_lu_config){
		.library = &fake_library,
		.library_context = fake,
		.executor = &fake->executor,
		.clock = &fake->clock,
	};
	return fake;
}

void fake_drive_begin(struct fake_drive *fake, struct scsi_lu *lu)
{
	fake->lu = lu;
	fake_transport_begin(fake);
}

static void free_commands(struct fake_drive *fake)
{
	while (fake->commands) {
		struct fake_command *command = fake->commands;
		fake->commands = command->next;
		if (!command->released)
			abort(); /* somebody still holds a reference */
		free(command->answer.data);
		free(command);
	}
}

void fake_drive_destroy(struct fake_drive *fake)
{
	fake_run_library(fake);
	fake_run_works(fake);
	fake->device->unload(fake);
	free_commands(fake);
	fake_transport_end(fake);
	fake->device->destroy(fake);
	pthread_mutex_destroy(&fake->lock);
	free(fake);
}
