/* SPDX-License-Identifier: Apache-2.0 */
/* The transport in this process: a command is executed, and what it parks is run, at once. */
#include <stdlib.h>
#include <string.h>

#include "fake_drive.h"

const bool fake_over_iscsi = false;
const bool fake_over_ring = false;

void fake_transport_begin(struct fake_drive *fake)
{
}

void fake_transport_end(struct fake_drive *fake)
{
	while (!list_empty(&fake->lu->nexuses))
		scsi_nexus_destroy(container_of(fake->lu->nexuses.next, struct scsi_nexus, link));
}

void fake_transport_parked(struct fake_drive *fake)
{
}

void fake_transport_catch_up(struct fake_drive *fake)
{
}

static struct scsi_nexus *arrive(struct fake_drive *fake, struct scsi_nexus *nexus)
{
	nexus->transfer_max = fake->transfer_max;
	return nexus;
}

struct scsi_nexus *fake_nexus(struct fake_drive *fake, const char *name)
{
	return arrive(fake, scsi_nexus_create(fake->lu, name));
}

struct scsi_nexus *fake_enter(struct fake_drive *fake, const char *name)
{
	return arrive(fake, scsi_nexus_enter(fake->lu, name));
}

void fake_leave(struct scsi_nexus *nexus)
{
	scsi_nexus_leave(nexus);
}

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
	while (fake_run_parked(fake))
		;
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
