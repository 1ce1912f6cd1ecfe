/* SPDX-License-Identifier: Apache-2.0 */
/* From the ring to the device server: commands and task management, in the order of the ring. */
#include <string.h>

#include "device_private.h"

/* What one look at the ring has brought. */
struct taken {
	struct ring_command *command; /* to be executed, or NULL */
	bool reset;                   /* LOGICAL UNIT RESET */
	struct list cancel;           /* to be cancelled */
};

/* ---- one entry, lock held ------------------------------------------------------------------ */

static void cancel_later(struct ring_command *command, struct list *list)
{
	if (!command || !list_empty(&command->cancel))
		return;
	scsi_cmd_get(&command->cmd);
	list_append(list, &command->cancel);
}

/*
 * The ids are looked up before anything can be published and so reused; those that are answered
 * already are not there, which is as it should be.
 */
static void take_task_management(
	struct ring_device *device, const struct ring_entry *entry, struct taken *ret)
{
	ret->reset =
		entry->function == ABI_LUN_RESET || entry->function == ABI_LUN_RESET_BY_PREEMPT;
	for (uint32_t i = 0; i < entry->id_count; i++)
		cancel_later(device->by_id[ring_id(&device->ring, entry, i)], &ret->cancel);
	ring_take(&device->ring, entry);
}

/* An answer without a command. */
static void refuse(struct ring_device *device, const struct ring_entry *entry,
	const struct ring_answer *answer)
{
	ring_take(&device->ring, entry);
	ring_answer(&device->ring, answer);
}

static void refuse_bidirectional(struct ring_device *device, const struct ring_entry *entry)
{
	struct ring_answer answer = {.id = entry->id, .status = SCSI_STATUS_CHECK_CONDITION};
	const struct scsi_sense sense = {.code = SENSE_INVALID_OPCODE};
	scsi_sense_encode(&sense, false, answer.sense);
	refuse(device, entry, &answer);
}

/*
 * Out of memory: the host tries again. One clean byte keeps it from seeing those of others; a
 * kernel that takes no length hands out no data with CHECK CONDITION.
 */
static void refuse_for_now(struct ring_device *device, const struct ring_entry *entry)
{
	struct ring_answer answer = {.id = entry->id, .status = SCSI_STATUS_TASK_SET_FULL};
	struct iovec iov;
	uint64_t length = 0;
	if (entry->iov_count && !ring_iov(&device->ring, entry, &iov, 1, &length))
		return;
	if (length && device->ring.read_length) {
		*(uint8_t *)iov.iov_base = 0;
		answer.read_length = 1;
	} else if (length) {
		const struct scsi_sense sense = {.code = SENSE_DATA_PHASE_ERROR};
		answer.status = SCSI_STATUS_CHECK_CONDITION;
		scsi_sense_encode(&sense, false, answer.sense);
	}
	refuse(device, entry, &answer);
}

static struct ring_command *take_command(struct ring_device *device, const struct ring_entry *entry)
{
	uint64_t length;
	struct ring_command *command = ring_command_new(device, entry->iov_count);
	if (!command)
		return refuse_for_now(device, entry), NULL;
	if (!ring_iov(&device->ring, entry, command->iov, entry->iov_count, &length))
		return ring_command_free(command), NULL;
	ring_take(&device->ring, entry);

	struct scsi_cmd *cmd = &command->cmd;
	scsi_cmd_init(cmd, device->nexus, &ring_transport_ops);
	memcpy(cmd->cdb, entry->cdb, sizeof cmd->cdb);
	cmd->cdb_length = entry->cdb_length;
	cmd->iov = command->iov;
	cmd->iov_count = (int)entry->iov_count;
	cmd->transfer_length = length;
	command->answer.id = entry->id;
	device->by_id[entry->id] = command;
	list_append(&device->running, &command->link);
	device->unanswered++;
	device->counters.commands++;
	return command;
}

static void take_entry(
	struct ring_device *device, const struct ring_entry *entry, struct taken *ret)
{
	if (entry->kind == RING_TASK_MANAGEMENT)
		take_task_management(device, entry, ret);
	else if (device->by_id[entry->id])
		ring_break(&device->ring, "a command has the id of one that is not answered");
	else if (entry->kind == RING_UNKNOWN)
		refuse(device, entry, &(struct ring_answer){.id = entry->id, .unknown_op = true});
	else if (entry->bidirectional)
		refuse_bidirectional(device, entry);
	else
		ret->command = take_command(device, entry);
}

/* False: nothing to take. */
static bool take_next(struct ring_device *device, struct taken *ret)
{
	struct ring_entry entry;
	if (device->draining || !ring_device_alive(device))
		return false;
	enum ring_result result = ring_peek(&device->ring, &entry);
	if (result == RING_RESET)
		device->resetting = true;
	if (result == RING_ENTRY)
		take_entry(device, &entry, ret);
	if (device->ring.broken || device->resetting)
		ring_device_trouble(device);
	return result == RING_ENTRY && !device->ring.broken;
}

/* ---- the batch, no lock held --------------------------------------------------------------- */

static void cancel_each(struct list *list)
{
	struct list *node;
	while ((node = list_pop(list))) {
		struct ring_command *command = container_of(node, struct ring_command, cancel);
		scsi_cmd_cancel(&command->cmd);
		scsi_cmd_put(&command->cmd);
	}
}

static uint64_t run(struct ring_device *device, struct taken *taken)
{
	uint64_t bytes = 0;
	/* The kernel raises 29/03 on this nexus by itself. */
	if (taken->reset)
		scsi_lu_reset(device->nexus->lu, device->nexus);
	cancel_each(&taken->cancel);
	if (taken->command) {
		bytes = taken->command->cmd.transfer_length;
		scsi_execute(&taken->command->cmd);
	}
	return bytes;
}

bool ring_device_take_batch(struct ring_device *device)
{
	uint64_t bytes = 0;
	for (int i = 0; i < BATCH_COMMANDS && bytes < BATCH_BYTES; i++) {
		struct taken taken = {0};
		list_init(&taken.cancel);
		pthread_mutex_lock(&device->lock);
		bool took = take_next(device, &taken);
		pthread_mutex_unlock(&device->lock);
		if (!took)
			return false;
		bytes += run(device, &taken);
	}
	return true;
}

void ring_device_cancel_all(struct ring_device *device)
{
	struct list cancel;
	list_init(&cancel);
	pthread_mutex_lock(&device->lock);
	list_for_each (node, &device->running)
		cancel_later(container_of(node, struct ring_command, link), &cancel);
	pthread_mutex_unlock(&device->lock);
	cancel_each(&cancel);
}
