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

void fake_transport_send(struct fake_command *command, struct scsi_nexus *nexus, bool out)
{
	struct scsi_cmd *cmd = &command->cmd;
	uint8_t cdb[sizeof cmd->cdb], cdb_length = cmd->cdb_length;
	size_t length = cmd->transfer_length;
	memcpy(cdb, cmd->cdb, sizeof cdb);
	scsi_cmd_init(cmd, nexus, &fake_transport);
	memcpy(cmd->cdb, cdb, sizeof cdb);
	cmd->cdb_length = cdb_length;
	cmd->transfer_length = length;
	scatter(command, length);
	scsi_execute(cmd);
	while (fake_run_parked(command->owner))
		;
}
