/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a command: the owner word, references, and the one place where commands end. */
#include "scsi/command.h"

#include <assert.h>
#include <string.h>

#include "private.h"
#include "scsi/library.h"
#include "scsi/lu.h"

void scsi_cmd_init(
	struct scsi_cmd *cmd, struct scsi_nexus *nexus, const struct scsi_transport_ops *transport)
{
	memset(cmd, 0, sizeof *cmd);
	cmd->nexus = nexus;
	cmd->transport = transport;
	atomic_init(&cmd->owner, SCSI_CMD_RUNNING);
	atomic_init(&cmd->references, 1);
	cmd->sent_from = -1;
	list_init(&cmd->task);
	list_init(&cmd->library_link);
	list_init(&cmd->work.link);
	list_init(&cmd->queued.link);
}

void scsi_cmd_get(struct scsi_cmd *cmd)
{
	atomic_fetch_add_explicit(&cmd->references, 1, memory_order_relaxed);
}

void scsi_cmd_put(struct scsi_cmd *cmd)
{
	if (atomic_fetch_sub_explicit(&cmd->references, 1, memory_order_acq_rel) == 1)
		cmd->transport->release(cmd);
}

static void set_status(struct scsi_cmd *cmd, enum scsi_sense_code code)
{
	switch ((unsigned)code) {
	case SENSE_NONE:
		cmd->status = SCSI_STATUS_GOOD;
		break;
	case SCSI_RESERVATION_CONFLICT:
		cmd->status = SCSI_STATUS_RESERVATION_CONFLICT;
		break;
	case SCSI_BUSY:
		cmd->status = SCSI_STATUS_BUSY;
		break;
	case SCSI_TASK_ABORTED:
		cmd->status = SCSI_STATUS_TASK_ABORTED;
		break;
	default:
		cmd->status = SCSI_STATUS_CHECK_CONDITION;
		cmd->sense.code = code;
		break;
	}
}

static void record(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	uint64_t now = lu->clock->now_ns(lu->clock);
	struct scsi_record entry = {
		.started_ns = cmd->started_ns,
		.duration_us = (uint32_t)((now - cmd->started_ns) / 1000),
		.name = cmd->opcode ? cmd->opcode->name : NULL,
		.cdb_length = cmd->cdb_length,
		.status = (uint8_t)cmd->status,
		.sense = cmd->status == SCSI_STATUS_CHECK_CONDITION ? cmd->sense.code : SENSE_NONE,
		.transferred = cmd->data_in ? cmd->data_in_done : 0,
	};
	memcpy(entry.cdb, cmd->cdb, sizeof entry.cdb);
	scsi_tally_add(&lu->tally, entry.cdb[0], entry.status, scsi_sense_key(entry.sense),
		entry.duration_us);
	scsi_recorder_add(&cmd->nexus->recorder, &entry);
}

/* Out of the logical unit's books: nothing of it refers to the command afterwards. */
static void leave_lu(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	if (cmd->parked) {
		scsi_lu_lock(lu);
		list_remove(&cmd->task);
		scsi_lu_unlock(lu);
	}
	if (cmd->sent_from < 0)
		scsi_data_release(cmd);
	if (cmd->counted_in_flight && atomic_fetch_sub(&lu->reads_in_flight, 1) == 1 &&
		atomic_exchange(&lu->draining, false))
		lu->library->event(lu->library_context, lu, LIBRARY_EVENT_DRAINED);
}

/* The owner word says DONE and we wrote it. */
static void deliver(struct scsi_cmd *cmd, enum scsi_sense_code code)
{
	set_status(cmd, code);
	if (cmd->sent_from >= 0 && cmd->status != SCSI_STATUS_GOOD) {
		/* Aborted meanwhile, and nothing was read. */
		cmd->sent_from = -1;
		cmd->data_in_done = 0;
	}
	leave_lu(cmd);
	record(cmd);
	cmd->transport->complete(cmd);
	scsi_cmd_put(cmd);
}

void scsi_cmd_finish(struct scsi_cmd *cmd, enum scsi_sense_code code)
{
	unsigned owner = atomic_exchange(&cmd->owner, SCSI_CMD_DONE);
	assert((owner & SCSI_CMD_OWNER_MASK) == SCSI_CMD_RUNNING ||
		(owner & SCSI_CMD_OWNER_MASK) == SCSI_CMD_BUSY);
	if (owner & SCSI_CMD_ABORTED) {
		scsi_cmd_unsent(cmd);
		code = SCSI_TASK_ABORTED;
	}
	deliver(cmd, code);
}

void scsi_cmd_sent(struct scsi_cmd *cmd)
{
	if (cmd->sent_from < 0)
		return;
	cmd->sent_from = -1;
	scsi_data_release(cmd);
}

bool scsi_cmd_park(struct scsi_cmd *cmd)
{
	bool was_parked = cmd->parked;
	unsigned expected = was_parked ? SCSI_CMD_BUSY : SCSI_CMD_RUNNING;
	if (!was_parked) {
		list_append(&cmd->nexus->lu->tasks, &cmd->task);
		cmd->task_number = ++cmd->nexus->lu->task_count;
	}
	cmd->parked = true;
	if (atomic_compare_exchange_strong(&cmd->owner, &expected, SCSI_CMD_QUEUED))
		return true;
	if (!was_parked)
		list_remove(&cmd->task);
	cmd->parked = was_parked;
	return false;
}

bool scsi_cmd_claim(struct scsi_cmd *cmd)
{
	unsigned expected = SCSI_CMD_QUEUED;
	return atomic_compare_exchange_strong(&cmd->owner, &expected, SCSI_CMD_BUSY);
}

bool scsi_cmd_is_aborted(const struct scsi_cmd *cmd)
{
	return atomic_load_explicit(&cmd->owner, memory_order_relaxed) & SCSI_CMD_ABORTED;
}

void scsi_cmd_cancel(struct scsi_cmd *cmd)
{
	unsigned owner = atomic_load(&cmd->owner);
	for (;;) {
		if (owner == SCSI_CMD_DONE || owner & SCSI_CMD_ABORTED)
			return;
		unsigned next = owner == SCSI_CMD_QUEUED ? SCSI_CMD_DONE : owner | SCSI_CMD_ABORTED;
		if (atomic_compare_exchange_weak(&cmd->owner, &owner, next))
			break;
	}
	if (owner == SCSI_CMD_QUEUED)
		deliver(cmd, SCSI_TASK_ABORTED);
}

enum scsi_sense_code scsi_library_request(struct scsi_cmd *cmd, enum library_request request)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	cmd->library_request = request;
	scsi_cmd_get(cmd);
	if (!scsi_cmd_park(cmd)) {
		scsi_cmd_put(cmd);
		return SCSI_TASK_ABORTED;
	}
	lu->library->request(lu->library_context, lu, cmd, request);
	return SCSI_PENDING;
}

enum scsi_sense_code scsi_invalid_cdb(struct scsi_cmd *cmd, unsigned byte, unsigned bit)
{
	cmd->sense.field_valid = true;
	cmd->sense.field_in_cdb = true;
	cmd->sense.bit_valid = true;
	cmd->sense.bit = (uint8_t)bit;
	cmd->sense.field = (uint16_t)byte;
	return SENSE_INVALID_FIELD_IN_CDB;
}

enum scsi_sense_code scsi_invalid_parameter(struct scsi_cmd *cmd, unsigned byte, unsigned bit)
{
	scsi_invalid_cdb(cmd, byte, bit);
	cmd->sense.field_in_cdb = false;
	return SENSE_INVALID_FIELD_IN_PARAMETERS;
}

enum scsi_sense_code scsi_sense_at(
	struct scsi_cmd *cmd, enum scsi_sense_code code, uint64_t information)
{
	cmd->sense.information_valid = true;
	cmd->sense.information = information;
	return code;
}
