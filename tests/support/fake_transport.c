/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_transport.h"

#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"

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
	list_append(&fake->works, &work->link);
}

static void fake_request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request request)
{
	struct fake_drive *fake = context;
	if (fake->pending_count == FAKE_PENDING_MAX)
		abort();
	fake->pending[fake->pending_count].cmd = cmd;
	fake->pending[fake->pending_count++].request = request;
	fake->requests++;
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

static void do_request(struct fake_drive *fake, enum library_request request)
{
	if (fake->library_answer != SENSE_NONE)
		return;
	if (request == LIBRARY_TRAY_OPEN)
		mmc_drive_move_tray(fake->drive, true);
	if (request == LIBRARY_TRAY_CLOSE)
		mmc_drive_move_tray(fake->drive, false);
}

void fake_run_library(struct fake_drive *fake)
{
	for (unsigned i = 0; i < fake->pending_count; i++) {
		struct scsi_cmd *cmd = fake->pending[i].cmd;
		if (scsi_cmd_claim(cmd)) {
			do_request(fake, fake->pending[i].request);
			scsi_cmd_finish(cmd, fake->library_answer);
		}
		scsi_cmd_put(cmd);
	}
	fake->pending_count = 0;
}

void fake_run_works(struct fake_drive *fake)
{
	struct list *node;
	while ((node = list_pop(&fake->works))) {
		struct scsi_work *work = container_of(node, struct scsi_work, link);
		work->run(work);
	}
}

void fake_sleep_ms(struct fake_drive *fake, uint32_t ms)
{
	fake->now_ns += (uint64_t)ms * 1000000;
}

/* ---- drive, nexuses, discs ------------------------------------------------------------------- */

struct fake_drive *fake_drive_create(const struct fake_setup *setup)
{
	struct fake_drive *fake = calloc(1, sizeof *fake);
	const char *personality = setup && setup->personality ? setup->personality : "dvd-rom";
	fake->clock.now_ns = fake_now;
	fake->now_ns = 1000;
	fake->executor.submit = fake_submit;
	list_init(&fake->works);
	struct mmc_drive_config config = {
		.lu = {.name = "dvd0",
			.serial = "CRSL00000001",
			.library = &fake_library,
			.library_context = fake,
			.executor = &fake->executor,
			.clock = &fake->clock},
		.personality = mmc_personality_find(personality),
		.dwell_ms = setup && setup->dwell_ms ? setup->dwell_ms : MMC_DWELL_MS_DEFAULT,
	};
	fake->drive = mmc_drive_create(&config);
	fake->lu = mmc_drive_lu(fake->drive);
	return fake;
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
	free_commands(fake);
	while (!list_empty(&fake->lu->nexuses))
		scsi_nexus_destroy(container_of(fake->lu->nexuses.next, struct scsi_nexus, link));
	mmc_drive_destroy(fake->drive);
	free(fake);
}

struct scsi_nexus *fake_nexus(struct fake_drive *fake, const char *name)
{
	return scsi_nexus_create(fake->lu, name);
}

struct disc *fake_disc(uint32_t blocks, enum mmc_profile profile)
{
	uint8_t *data = calloc(blocks, DISC_BLOCK);
	for (uint32_t i = 0; i < blocks; i++)
		put_be32(data + (size_t)i * DISC_BLOCK, i);
	struct disc *disc = disc_in_memory(data, blocks, profile);
	free(data);
	return disc;
}

void fake_load(struct fake_drive *fake, uint32_t blocks, enum mmc_profile profile)
{
	struct disc *disc = fake_disc(blocks, profile);
	mmc_drive_begin_change(fake->drive);
	mmc_drive_publish(fake->drive, disc, false);
	disc_put(disc);
}

void fake_insert_silently(struct fake_drive *fake, uint32_t blocks, enum mmc_profile profile)
{
	struct disc *disc = fake_disc(blocks, profile);
	mmc_drive_restore(fake->drive, disc, false);
	disc_put(disc);
}

/* ---- transport ------------------------------------------------------------------------------- */

static void fake_complete(struct scsi_cmd *cmd)
{
	struct fake_command *command = (struct fake_command *)cmd;
	struct fake_answer *answer = &command->answer;
	if (answer->done)
		abort(); /* completed twice */
	if (answer->data[cmd->transfer_length] != 0xa5)
		abort(); /* written past the buffer */
	answer->row = cmd->opcode;
	answer->done = true;
	answer->status = cmd->status;
	answer->sense = cmd->sense;
	answer->length = cmd->data_in ? cmd->data_in_done : 0;
}

static void fake_release(struct scsi_cmd *cmd)
{
	((struct fake_command *)cmd)->released = true;
}

static const struct scsi_transport_ops fake_transport = {
	.complete = fake_complete,
	.release = fake_release,
};

/* In pieces of odd sizes, as a ring would have it. */
static void scatter(struct fake_command *command, size_t length)
{
	static const size_t cuts[] = {1, 4097, 2048};
	uint8_t *at = command->answer.data;
	int count = 0;
	for (size_t i = 0; i < 3 && length > cuts[i]; i++) {
		command->iov[count++] = (struct iovec){at, cuts[i]};
		at += cuts[i];
		length -= cuts[i];
	}
	command->iov[count++] = (struct iovec){at, length};
	command->cmd.iov = command->iov;
	command->cmd.iov_count = count;
}

static struct fake_command *send(struct scsi_nexus *nexus, const uint8_t *cdb, size_t cdb_length,
	const void *out, size_t length)
{
	struct fake_drive *fake = nexus->lu->library_context;
	struct fake_command *command = calloc(1, sizeof *command);
	if (length > FAKE_DATA_MAX)
		abort();
	command->owner = fake;
	command->next = fake->commands;
	fake->commands = command;
	command->answer.data = malloc(length + 1);
	memset(command->answer.data, 0xa5, length + 1);
	if (out)
		memcpy(command->answer.data, out, length);
	scsi_cmd_init(&command->cmd, nexus, &fake_transport);
	memcpy(command->cmd.cdb, cdb, cdb_length);
	unsigned proper = scsi_cdb_length(cdb[0]);
	command->cmd.cdb_length = (uint8_t)(proper ? proper : cdb_length);
	command->cmd.transfer_length = length;
	scatter(command, length);
	scsi_execute(&command->cmd);
	if (!fake->manual_library)
		fake_run_library(fake);
	if (!fake->manual_work)
		fake_run_works(fake);
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
