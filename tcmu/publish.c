/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the device server back to the ring. Whoever completes a command and finds nobody publishing
 * becomes the publisher: he answers everything that is done, moves the tail once and calls the
 * kernel once, and again as long as others have brought more meanwhile. Moving the tail and calling
 * is thus never done by two at a time.
 */
#include <string.h>

#include "device_private.h"
#include "util/cleanup.h"

_Thread_local struct ring_device *ring_device_serving;

/* ---- the answer ---------------------------------------------------------------------------- */

static bool is_alive(struct ring_device *device)
{
	SCOPED_LOCK(&device->lock);
	return ring_device_alive(device);
}

/* Zeros from byte `from` to byte `to` of the buffer, if it is still ours. */
static void clear(const struct ring_command *command, uint64_t from, uint64_t to)
{
	const struct scsi_cmd *cmd = &command->cmd;
	uint64_t start = 0;
	if (from >= to || !is_alive(command->device))
		return;
	for (int i = 0; i < cmd->iov_count && start < to; i++) {
		const struct iovec *iov = &cmd->iov[i];
		uint64_t end = start + iov->iov_len;
		uint64_t first = from > start ? from : start, last = to < end ? to : end;
		if (first < last)
			memset((uint8_t *)iov->iov_base + (first - start), 0, last - first);
		start = end;
	}
}

/*
 * The length to tell the kernel, after clearing what the host must not see: the pages still hold
 * what an earlier command had in them, and the kernel hands all of them to the host unless it is
 * told a length, which cannot be 0. Whether the host expects Data-In or sends Data-Out it does not
 * tell us, so the buffer of a command without Data-In of its own is cleared as well.
 */
static uint64_t clean_length(struct ring_command *command)
{
	const struct scsi_cmd *cmd = &command->cmd;
	bool can_tell = command->device->ring.read_length && cmd->data_in;
	uint64_t valid = cmd->data_in ? cmd->data_in_done : 0;
	uint64_t expected = cmd->transfer_length;
	if (cmd->status == SCSI_STATUS_CHECK_CONDITION)
		return can_tell ? valid : 0; /* no length: no data */
	if (cmd->status != SCSI_STATUS_GOOD) {
		valid = can_tell && expected; /* as little as can be said, and clean */
		clear(command, 0, valid);
	}
	if (valid < expected && (!can_tell || !valid))
		clear(command, valid, expected);
	return can_tell ? valid : 0;
}

static void make_answer(struct ring_command *command)
{
	const struct scsi_cmd *cmd = &command->cmd;
	struct ring_answer *answer = &command->answer;
	uint64_t length = clean_length(command);
	answer->status = (uint8_t)cmd->status;
	answer->read_length = length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
	if (cmd->status == SCSI_STATUS_CHECK_CONDITION)
		scsi_sense_encode(&cmd->sense, cmd->sense_descriptor, answer->sense);
	else
		memset(answer->sense, 0, sizeof answer->sense);
}

static void complete(struct scsi_cmd *cmd)
{
	struct ring_command *command = container_of(cmd, struct ring_command, cmd);
	struct ring_device *device = command->device;
	make_answer(command);
	scsi_cmd_get(cmd); /* until it is answered */
	SCOPED_LOCK(&device->lock);
	list_remove(&command->link);
	list_append(&device->done, &command->link);
	if (ring_device_serving != device)
		ring_device_publish(device);
}

static void release(struct scsi_cmd *cmd)
{
	struct ring_command *command = container_of(cmd, struct ring_command, cmd);
	struct ring_device *device = command->device;
	SCOPED_LOCK(&device->lock);
	ring_command_free(command);
	if (device->draining)
		pthread_cond_broadcast(&device->settled);
}

const struct scsi_transport_ops ring_transport_ops = {.complete = complete, .release = release};

/* ---- publishing, lock held ----------------------------------------------------------------- */

static void begin_reset(struct ring_device *device)
{
	device->resetting = true;
	ring_device_trouble(device);
}

/* What was taken before a reset is all back: go on at the new tail. */
static void end_reset(struct ring_device *device)
{
	device->resetting = false;
	if (!ring_restart(&device->ring))
		ring_device_trouble(device);
	workers_poke(&device->served);
}

/* Takes the ids out of the table: as soon as the tail has moved the kernel may use them again. */
static void answer_done(struct ring_device *device, struct list *answered)
{
	struct list *node;
	if (ring_device_alive(device) && ring_was_reset(&device->ring))
		begin_reset(device);
	while ((node = list_pop(&device->done))) {
		struct ring_command *command = container_of(node, struct ring_command, link);
		if (ring_device_alive(device))
			ring_answer(&device->ring, &command->answer);
		device->by_id[command->answer.id] = NULL;
		device->unanswered--;
		list_append(answered, node);
	}
	if (device->resetting && !device->unanswered)
		end_reset(device);
}

/* Lock not held. */
static void put_each(struct list *answered)
{
	struct list *node;
	while ((node = list_pop(answered)))
		scsi_cmd_put(&container_of(node, struct ring_command, link)->cmd);
}

/* One round. False: there was nothing to do. */
static bool publish_round(struct ring_device *device)
{
	struct list answered;
	list_init(&answered);
	answer_done(device, &answered);
	bool lags = ring_device_alive(device) && ring_lags(&device->ring);
	if (!lags && list_empty(&answered))
		return false;
	bool moved = lags && ring_publish(&device->ring);
	if (lags && !moved)
		begin_reset(device);
	device->counters.kicks += moved;
	pthread_mutex_unlock(&device->lock);
	bool called = !moved || device->port->ops->kick(device->port) == 0;
	put_each(&answered);
	pthread_mutex_lock(&device->lock);
	if (!called) {
		ring_break(&device->ring, "the kernel has removed the device");
		ring_device_trouble(device);
	}
	return true;
}

void ring_device_publish(struct ring_device *device)
{
	if (device->publishing)
		return;
	device->publishing = true;
	while (publish_round(device))
		;
	device->publishing = false;
	if (device->draining)
		pthread_cond_broadcast(&device->settled);
}
