/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <stdlib.h>

#include "connection.h"
#include "network.h"
#include "scsi/lu.h"
#include "session.h"
#include "task_management.h"
#include "util/cleanup.h"

/* ---- memory --------------------------------------------------------------------------------- */

static void complete(struct scsi_cmd *cmd)
{
	struct command *command = container_of(cmd, struct command, cmd);
	struct network_thread *thread = command->thread;
	if (thread == network_thread_self) {
		list_append(&thread->own_done, &command->done);
		return;
	}
	SCOPED_LOCK(&thread->lock);
	bool first = list_empty(&thread->done);
	list_append(&thread->done, &command->done);
	if (first)
		network_thread_ring(thread);
}

static void release(struct scsi_cmd *cmd)
{
	struct command *command = container_of(cmd, struct command, cmd);
	struct network_thread *thread = command->thread;
	if (thread == network_thread_self) {
		list_append(&thread->free_commands, &command->link);
		atomic_fetch_sub(&thread->live, 1);
		return;
	}
	SCOPED_LOCK(&thread->lock);
	list_append(&thread->released, &command->link);
	atomic_fetch_sub(&thread->live, 1);
	pthread_cond_signal(&thread->all_released);
}

static const struct scsi_transport_ops transport = {.complete = complete, .release = release};

static struct command *take_memory(struct network_thread *thread)
{
	struct list *node = list_pop(&thread->free_commands);
	return node ? container_of(node, struct command, link) : malloc(sizeof(struct command));
}

/* One reference is ours, until command_end. */
static struct command *create(struct session *session)
{
	struct network_thread *thread = session->connection->thread;
	struct command *command = take_memory(thread);
	if (!command)
		return NULL;
	memset(command, 0, sizeof *command);
	scsi_cmd_init(&command->cmd, NULL, &transport);
	command->thread = thread;
	command->session = session;
	command->tag = pdu_tag(session->connection->bhs);
	list_init(&command->link);
	list_init(&command->wait);
	list_init(&command->done);
	list_init(&command->order);
	list_init(&command->turn);
	list_append(&session->by_tag[command->tag % TAG_BUCKETS], &command->link);
	session->tasks++;
	atomic_fetch_add(&thread->live, 1);
	return command;
}

enum { FIRST_MAX = 1 << 20 };

/*
 * What waits for a mechanism holds its memory as long as that takes. A quarter is left to those who
 * wait for nobody.
 */
static uint64_t share_of(const struct command *command, const struct budget *budget)
{
	return order_applies(command) ? budget->limit / 4 * 3 : budget->limit;
}

/*
 * The first buffer of a session (of Data-Out: of a LUN) needs no room in the session's budget, and
 * a small one none in that of all: everybody gets on. A large one waits, or sessions would take
 * 32 MiB each; no end of a command of its own tells it when there is room, so it looks again soon.
 */
bool command_take_buffer(struct command *command)
{
	struct session *session = command->session;
	struct portal *portal = session->portal;
	uint64_t *held = command->write ? &session->out_bytes : &session->in_bytes;
	uint64_t limit =
		command->write ? portal->limits.session_out_bytes : portal->limits.session_in_bytes;
	uint64_t *first = command->write && command->lun_index >= 0
				  ? &session->luns[command->lun_index].out_bytes
				  : held;
	uint32_t length = command->expected < portal->limits.command_bytes
				  ? command->expected
				  : portal->limits.command_bytes;
	struct budget *budget = command->write ? &portal->out : &portal->in;
	if (*first > 0 && *held + length > limit)
		return false;
	if (order_yields(command)) {
		command->thread->hurried = true;
		return false;
	}
	bool room = budget_take(
		budget, length, share_of(command, budget), *first == 0 && length <= FIRST_MAX);
	if (room) {
		command->buffer = buffer_take(&command->thread->buffers, length);
		if (!command->buffer)
			budget_give(budget, length);
	}
	if (!command->buffer) {
		command->thread->hurried = true;
		return false;
	}
	command->buffer_length = length;
	*held += length;
	if (first != held)
		*first += length;
	return true;
}

void command_give_buffer(struct command *command)
{
	struct session *session = command->session;
	if (!command->buffer)
		return;
	buffer_give(&command->thread->buffers, command->buffer, command->buffer_length);
	command->buffer = NULL;
	budget_give(command->write ? &session->portal->out : &session->portal->in,
		command->buffer_length);
	if (!command->write) {
		session->in_bytes -= command->buffer_length;
		return;
	}
	session->out_bytes -= command->buffer_length;
	if (command->lun_index >= 0 && command->state != COMMAND_DORMANT)
		session->luns[command->lun_index].out_bytes -= command->buffer_length;
}

void command_end(struct command *command)
{
	struct session *session = command->session;
	command_give_buffer(command);
	scsi_cmd_sent(&command->cmd);
	list_remove(&command->link);
	list_remove(&command->wait);
	session->tasks--;
	if (command->lun_index >= 0)
		session->luns[command->lun_index].tasks--;
	order_leave(command);
	if (command->management)
		command->management->waiting--;
	scsi_cmd_put(&command->cmd);
}

/* ---- the PDU -------------------------------------------------------------------------------- */

/* Where sendfile(2) begins to be faster than a copy into a buffer (bench/README.md). */
enum { SENDFILE_FROM = 32768 };

enum { AHS_TYPE = 2, AHS_EXTENDED_CDB = 1, AHS_HEADER = 4, CDB_LENGTH = 16 };

static void refuse(struct command *command, enum scsi_status status, enum scsi_sense_code sense)
{
	if (command->refused)
		return;
	order_refuse(command);
	command->refused = true;
	command->refusal = status;
	command->refusal_sense = sense;
}

/* An additional header may hold the rest of a long CDB (RFC 7143 11.2.2.3). */
static void take_cdb(struct command *command, const struct connection *connection)
{
	const uint8_t *ahs = connection->extra;
	uint32_t length = (uint32_t)connection->bhs[BHS_AHS_LENGTH] * 4;
	struct scsi_cmd *cmd = &command->cmd;
	memcpy(cmd->cdb, connection->bhs + BHS_CDB, CDB_LENGTH);
	cmd->cdb_length = (uint8_t)scsi_cdb_length(cmd->cdb[0]);
	if (cmd->cdb_length == 0)
		cmd->cdb_length = CDB_LENGTH;
	if (length < AHS_HEADER)
		return;
	uint32_t more = get_be16(ahs) - 1u; /* one byte is reserved */
	if (ahs[AHS_TYPE] != AHS_EXTENDED_CDB || more > SCSI_CDB_MAX - CDB_LENGTH ||
		more > length - AHS_HEADER) {
		refuse(command, SCSI_STATUS_CHECK_CONDITION, SENSE_INVALID_OPCODE);
		return;
	}
	memcpy(cmd->cdb + CDB_LENGTH, ahs + AHS_HEADER, more);
	cmd->cdb_length = (uint8_t)(CDB_LENGTH + more);
}

static void check_limits(struct command *command)
{
	struct session *session = command->session;
	const struct portal_limits *limits = &session->portal->limits;
	if (command->read && command->write)
		refuse(command, SCSI_STATUS_CHECK_CONDITION, SENSE_INVALID_OPCODE);
	if (command->write && command->expected > limits->command_bytes)
		refuse(command, SCSI_STATUS_CHECK_CONDITION, SENSE_INVALID_FIELD_IN_CDB);
	if (command->lun_index >= 0 && ++session->luns[command->lun_index].tasks > limits->tasks)
		refuse(command, SCSI_STATUS_TASK_SET_FULL, SENSE_NONE);
	if (command->lun_index < 0 && session->tasks > limits->tasks + COMMAND_WINDOW)
		refuse(command, SCSI_STATUS_TASK_SET_FULL, SENSE_NONE);
}

/* There is no ACA to be in (NORMACA 0), and what is reserved is nothing to guess about. */
static void take_attribute(struct command *command, enum task_attribute attribute)
{
	if (attribute >= TASK_ACA)
		refuse(command, SCSI_STATUS_CHECK_CONDITION, SENSE_INVALID_MESSAGE);
	order_enter(command, command->refused ? TASK_SIMPLE : attribute);
}

static const struct scsi_lu *lu_of(const struct command *command)
{
	return command->session->backend.luns[command->lun_index].nexus->lu;
}

/* Nothing of it can be trusted any more. */
static bool protocol_error(struct session *session, const char *what)
{
	connection_reject(session->connection, REJECT_PROTOCOL_ERROR);
	portal_log(session->portal, "%s: %s", session->connection->peer, what);
	return false;
}

static const char *check_unsolicited(const struct session *session, const uint8_t *bhs)
{
	const struct parameters *agreed = &session->parameters;
	uint32_t expected = get_be32(bhs + BHS_EXPECTED_LENGTH), data = pdu_data_length(bhs);
	bool write = bhs[BHS_FLAGS] & FLAG_WRITE, more = !(bhs[BHS_FLAGS] & FLAG_FINAL);
	if (data > 0 && (!write || !agreed->immediate_data))
		return "immediate data that was not agreed upon";
	if (data > expected || data > agreed->first_burst)
		return "too much immediate data";
	if (more && (!write || agreed->initial_r2t))
		return "unsolicited data that was not agreed upon";
	return NULL;
}

bool command_header(struct session *session)
{
	struct connection *connection = session->connection;
	const uint8_t *bhs = connection->bhs;
	uint32_t tag = pdu_tag(bhs);
	const char *wrong = check_unsolicited(session, bhs);
	if (!wrong && (tag == TAG_NONE || session_find(session, tag)))
		wrong = "the tag of a command is in use";
	if (wrong)
		return protocol_error(session, wrong);
	struct command *command = create(session);
	if (!command) {
		connection_close(connection, "out of memory");
		return false;
	}
	command->lun = pdu_lun(bhs);
	command->lun_index = session_lun_index(session, command->lun);
	command->read = bhs[BHS_FLAGS] & FLAG_READ;
	command->write = bhs[BHS_FLAGS] & FLAG_WRITE;
	command->expected = get_be32(bhs + BHS_EXPECTED_LENGTH);
	if (!command->read && !command->write)
		command->expected = 0;
	check_limits(command);
	take_cdb(command, connection);
	take_attribute(command, bhs[BHS_FLAGS] & ATTRIBUTE_MASK);
	if (command->lun_index >= 0)
		command->resets =
			atomic_load_explicit(&lu_of(command)->resets, memory_order_relaxed);
	/* Unsolicited data cannot wait for memory; the initiator tries again. */
	bool unsolicited = connection->data_length > 0 || !(bhs[BHS_FLAGS] & FLAG_FINAL);
	if (unsolicited && command->expected > 0 && !command->refused &&
		!command_take_buffer(command))
		refuse(command, SCSI_STATUS_TASK_SET_FULL, SENSE_NONE);
	connection->receiving = command;
	connection->data = command->buffer;
	return true;
}

/*
 * It is answered before its data comes, which is dropped then. Else an initiator that sends
 * commands and never their data would have us keep any number of them.
 */
static bool refused_in_a_crowd(const struct command *command)
{
	const struct session *session = command->session;
	return command->refused && session->tasks > session->portal->limits.tasks + COMMAND_WINDOW;
}

void command_pdu(struct session *session)
{
	struct connection *connection = session->connection;
	struct command *command = connection->receiving;
	const struct parameters *agreed = &session->parameters;
	command->received = connection->data_length;
	if (connection->bhs[BHS_FLAGS] & FLAG_FINAL || refused_in_a_crowd(command)) {
		command_go_on(command);
		return;
	}
	command->state = COMMAND_UNSOLICITED;
	command->ttt = TAG_NONE;
	command->burst_end =
		command->expected < agreed->first_burst ? command->expected : agreed->first_burst;
}

/* ---- from state to state -------------------------------------------------------------------- */

static void wait_for_memory(struct command *command)
{
	struct session *session = command->session;
	struct list *waiting = command->write ? &session->wait_out : &session->wait_in;
	command->state = COMMAND_WAITING;
	list_append(
		command->attribute == TASK_HEAD_OF_QUEUE ? waiting->next : waiting, &command->wait);
}

static void hand_over(struct command *command)
{
	struct session *session = command->session;
	int lun_index = command->lun_index;
	command_execute(command);
	order_follow(session, lun_index);
}

void command_go_on(struct command *command)
{
	struct session *session = command->session;
	struct list *waiting = command->write ? &session->wait_out : &session->wait_in;
	/* What is for no logical unit is not asked for. */
	bool nobody = command->write && command->lun_index < 0;
	bool with_data = command->expected > 0 && !command->refused && !nobody;
	bool first = list_empty(waiting) || command->attribute == TASK_HEAD_OF_QUEUE;
	if (!command->refused && order_holds(command))
		return;
	if (with_data && !command->buffer && (!first || !command_take_buffer(command)))
		wait_for_memory(command);
	else if (with_data && command->write && command->received < command->expected)
		data_out_solicit(command);
	else if (order_is_next(command))
		hand_over(command);
}

/*
 * Only a buffer in the direction of the command counts: one of Data-In must not be taken for
 * Data-Out, because it holds what others have read.
 */
static bool direction_fits(const struct command *command, const struct scsi_nexus *nexus)
{
	const struct scsi_opcode *row =
		scsi_opcode_find(&nexus->lu->type->opcodes, command->cmd.cdb);
	if (!row)
		return true;
	return row->direction == (command->write ? SCSI_DATA_OUT : SCSI_DATA_IN);
}

static void prepare(struct command *command, struct scsi_nexus *nexus)
{
	struct scsi_cmd *cmd = &command->cmd;
	cmd->nexus = nexus;
	if (!command->buffer || !direction_fits(command, nexus))
		return;
	command->iov = (struct iovec){command->buffer, command->buffer_length};
	cmd->iov = &command->iov;
	cmd->iov_count = 1;
	cmd->transfer_length = command->buffer_length;
	/* A digest has to see the data before it is sent. */
	if (command->read && !command->session->connection->data_digest)
		cmd->sends_from = SENDFILE_FROM;
}

static void answer_refused(struct command *command)
{
	command->cmd.status = command->refusal;
	command->cmd.sense.code = command->refusal_sense;
	command_answer(command);
}

void command_execute(struct command *command)
{
	struct session *session = command->session;
	order_hand_over(command);
	if (command->refused) {
		answer_refused(command);
		return;
	}
	if (command_answer_here(command)) {
		command_answer(command);
		return;
	}
	if (command->resets !=
		atomic_load_explicit(&lu_of(command)->resets, memory_order_relaxed)) {
		command->cmd.status = SCSI_STATUS_TASK_ABORTED;
		command_answer(command);
		return;
	}
	prepare(command, session->backend.luns[command->lun_index].nexus);
	command->state = COMMAND_EXECUTING;
	session->executing++;
	session->connection->turn += command->buffer_length;
	scsi_cmd_get(&command->cmd);
	scsi_execute(&command->cmd);
}

void command_done(struct command *command)
{
	struct session *session = command->session;
	session->executing--;
	if (command->aborted || session->closing) {
		scsi_cmd_unsent(&command->cmd);
		command_end(command);
	} else {
		command_answer(command);
	}
	session_progress(session);
}

void command_abort(struct command *command)
{
	switch (command->state) {
	case COMMAND_EXECUTING:
		command->aborted = true;
		scsi_cmd_cancel(&command->cmd);
		break;
	case COMMAND_ANSWERED:
		break;
	default:
		command_end(command);
		break;
	}
}
