/* SPDX-License-Identifier: Apache-2.0 */
/* From CDB to handler: the gates, in order, on one page. */
#include "scsi/lu.h"

#include "private.h"

/* Some transports carry every CDB in 16 bytes: cdb_length counts only where nothing else does. */
static unsigned usage_length(const struct scsi_cmd *cmd)
{
	unsigned length = scsi_cdb_length(cmd->opcode->opcode);
	if (length > 0)
		return length;
	return cmd->cdb_length < sizeof cmd->opcode->usage ? cmd->cdb_length
							   : sizeof cmd->opcode->usage;
}

enum scsi_sense_code scsi_check_usage(struct scsi_cmd *cmd, const uint8_t *usage, unsigned length)
{
	for (unsigned i = 1; i < length; i++) {
		unsigned bad = cmd->cdb[i] & (uint8_t)~usage[i];
		if (i + 1u == length)
			bad &= 0x3f;
		if (bad)
			return scsi_invalid_cdb(cmd, i, 31u - (unsigned)__builtin_clz(bad));
	}
	return SENSE_NONE;
}

static enum scsi_sense_code check_usage(struct scsi_cmd *cmd)
{
	return scsi_check_usage(cmd, cmd->opcode->usage, usage_length(cmd));
}

/* A known operation code with another service action is a bad field, not a bad code. */
static enum scsi_sense_code no_such_row(struct scsi_cmd *cmd)
{
	const struct scsi_opcode_table *table = &cmd->nexus->lu->type->opcodes;
	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].opcode == cmd->cdb[0])
			return scsi_invalid_cdb(cmd, 1, 4);
	return SENSE_INVALID_OPCODE;
}

/* SAM-5 5.14: report the highest pending unit attention and clear it, instead of the command. */
static enum scsi_sense_code check_attention(struct scsi_cmd *cmd)
{
	if (cmd->opcode->flags & OPCODE_SKIPS_ATTENTION || cmd->nexus->attentions == 0)
		return SENSE_NONE;
	return scsi_attention_report(cmd);
}

/* SPC-4 4.5.6: an earlier command's failure, instead of this command, once. */
static enum scsi_sense_code check_deferred(struct scsi_cmd *cmd)
{
	return cmd->opcode->flags & OPCODE_SKIPS_ATTENTION ? SENSE_NONE : scsi_deferred_take(cmd);
}

bool scsi_allows_removal(const struct scsi_cmd *cmd)
{
	return cmd->opcode->flags & OPCODE_ALLOWS_REMOVAL && cmd->cdb[4] == 0;
}

static bool is_kept_out(const struct scsi_cmd *cmd)
{
	const struct scsi_nexus *holder = cmd->nexus->lu->reserved_by;
	return holder && holder != cmd->nexus && !scsi_allows_removal(cmd) &&
	       !(cmd->opcode->flags & OPCODE_DESPITE_RESERVATION);
}

/*
 * Another nexus' reservation by RESERVE (SPC-2 5.5.1, table 10), or a persistent one (SPC-4
 * 5.12.1).
 */
static enum scsi_sense_code check_reservation(struct scsi_cmd *cmd)
{
	if (is_kept_out(cmd))
		return SCSI_RESERVATION_CONFLICT;
	return scsi_persistent_allows(cmd) ? SENSE_NONE : SCSI_RESERVATION_CONFLICT;
}

static enum scsi_sense_code check_ready(struct scsi_cmd *cmd)
{
	if (cmd->opcode->flags & OPCODE_WITHOUT_MEDIUM)
		return SENSE_NONE;
	return cmd->nexus->lu->type->ready(cmd);
}

static enum scsi_sense_code check_writable(struct scsi_cmd *cmd)
{
	const struct scsi_device_type *type = cmd->nexus->lu->type;
	if (!(cmd->opcode->flags & OPCODE_WRITES) || !type->writable)
		return SENSE_NONE;
	return type->writable(cmd);
}

/*
 * The order: operation code and reserved bits (SPC-4 4.2.5), unit attention (SAM-5 5.14), deferred
 * error (SPC-4 4.5.6), reservation (SPC-2 5.5.1, SPC-4 5.12.1), readiness, write protection, then
 * the command itself. A new check goes where the standards put its precedence, and nowhere else.
 */
enum scsi_sense_code scsi_gates(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	enum scsi_sense_code code;

	if (lu->type->refresh)
		lu->type->refresh(cmd->nexus);
	if (!cmd->opcode)
		return no_such_row(cmd);
	cmd->data_in = cmd->opcode->direction == SCSI_DATA_IN;
	code = check_usage(cmd);
	if (code == SENSE_NONE)
		code = check_attention(cmd);
	if (code == SENSE_NONE)
		code = check_deferred(cmd);
	if (code == SENSE_NONE)
		code = check_reservation(cmd);
	if (code == SENSE_NONE)
		code = check_ready(cmd);
	if (code == SENSE_NONE)
		code = check_writable(cmd);
	if (code == SENSE_NONE)
		code = cmd->opcode->handler(cmd);
	return code;
}

void scsi_execute(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	cmd->started_ns = lu->clock->now_ns(lu->clock);
	atomic_fetch_add_explicit(&lu->commands, 1, memory_order_relaxed);

	scsi_lu_lock(lu);
	cmd->sense_descriptor = lu->mode.d_sense;
	cmd->nexus->away = false;
	cmd->opcode = scsi_opcode_find(&lu->type->opcodes, cmd->cdb);
	bool begin = false;
	enum scsi_sense_code code =
		scsi_queue_wants(cmd) ? scsi_queue_command(cmd, &begin) : scsi_gates(cmd);
	bool pending = code == SCSI_PENDING; /* then the command may be gone already */
	bool reads = code == SENSE_NONE && (cmd->range_count > 0 || cmd->rendering);
	if (reads) {
		cmd->counted_in_flight = true;
		atomic_fetch_add(&lu->reads_in_flight, 1);
	}
	bool preempts = !pending && cmd->preempts;
	scsi_lu_unlock(lu);

	if (preempts)
		code = scsi_tasks_cancel_preempted(cmd);
	if (begin)
		scsi_queue_begin(lu, cmd);
	else if (reads)
		scsi_data_phase(cmd);
	else if (code != SCSI_PENDING)
		scsi_cmd_finish(cmd, code);
}
