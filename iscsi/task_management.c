/* SPDX-License-Identifier: Apache-2.0 */
#include "task_management.h"

#include <stdlib.h>

#include "command.h"
#include "connection.h"
#include "network.h"
#include "scsi/lu.h"
#include "session.h"

/* ---- the answer ----------------------------------------------------------------------------- */

static void respond(struct session *session, uint32_t tag, enum management_response response)
{
	struct outgoing *outgoing =
		outgoing_create(session->connection, PDU_TASK_MANAGEMENT_RESPONSE, tag);
	if (!outgoing)
		return;
	outgoing->header[BHS_RESPONSE] = (uint8_t)response;
	session_numbers(session, outgoing->header, true);
	connection_send(session->connection, outgoing);
}

/* A worker may still be writing for a task of another session that was aborted. */
static bool lu_settled(struct scsi_lu *lu)
{
	bool settled = true;
	scsi_lu_lock(lu);
	list_for_each (node, &lu->tasks) {
		struct scsi_cmd *cmd = container_of(node, struct scsi_cmd, task);
		settled &= !(atomic_load(&cmd->owner) & SCSI_CMD_ABORTED);
	}
	scsi_lu_unlock(lu);
	return settled;
}

static bool is_over(struct session *session, const struct management *management)
{
	if (management->waiting > 0)
		return false;
	for (unsigned i = 0; i < session->backend.lun_count; i++)
		if ((management->all_luns || management->lun_index == (int)i) &&
			!lu_settled(session->backend.luns[i].nexus->lu))
			return false;
	return true;
}

/* A cold reset ends every connection of the target (RFC 7143 11.5.1), ours when it was told. */
static void close_target(struct session *session)
{
	registry_close_target(session->portal, session->target, session, POKE_CLOSE);
	connection_leave(session->connection);
}

void management_progress(struct session *session)
{
	list_for_each_safe (node, &session->managements) {
		struct management *management = container_of(node, struct management, link);
		if (!is_over(session, management)) {
			session->connection->thread->hurried = true;
			continue;
		}
		list_remove(node);
		respond(session, management->tag, management->response);
		bool closes = management->closes;
		free(management);
		if (closes)
			close_target(session);
		if (session->closing)
			return;
	}
}

static void forget_management(struct command *command, void *context)
{
	command->management = NULL;
}

void management_drop_all(struct session *session)
{
	struct list *node;
	session_each_command(session, forget_management, NULL);
	while ((node = list_pop(&session->managements)))
		free(container_of(node, struct management, link));
}

/* ---- the effect ----------------------------------------------------------------------------- */

static void abort_for(struct command *command, struct management *management)
{
	if (command->state == COMMAND_ANSWERED)
		return; /* its answer is on the way and comes first */
	if (!command->management) {
		command->management = management;
		management->waiting++;
	}
	command_abort(command);
}

struct abort_lun {
	struct management *management;
	int lun_index; /* -1: all */
};

static void abort_on_lun(struct command *command, void *context)
{
	const struct abort_lun *what = context;
	if (what->lun_index < 0 || command->lun_index == what->lun_index)
		abort_for(command, what->management);
}

static void abort_tasks(struct session *session, struct management *management, int lun_index)
{
	struct abort_lun what = {.management = management, .lun_index = lun_index};
	session_each_command(session, abort_on_lun, &what);
}

static void reset_lun(struct session *session, unsigned index)
{
	struct scsi_nexus *nexus = session->backend.luns[index].nexus;
	scsi_lu_reset(nexus->lu, nexus);
}

static void abort_task(struct session *session, struct management *management, const uint8_t *bhs)
{
	struct command *command = session_find(session, get_be32(bhs + BHS_REFERENCED_TAG));
	if (!command || command->lun != pdu_lun(bhs))
		management->response = MANAGEMENT_NO_TASK;
	else
		abort_for(command, management);
}

/*
 * On one LUN. A task set is one nexus' (TST 001b), so that to clear it is to abort its tasks (SAM-5
 * 7.5).
 */
static void act_on_lun(struct session *session, struct management *management, const uint8_t *bhs,
	enum management_function function)
{
	int index = session_lun_index(session, pdu_lun(bhs));
	if (index < 0) {
		management->response = MANAGEMENT_NO_LUN;
		return;
	}
	abort_tasks(session, management, index);
	if (function != MANAGEMENT_LUN_RESET)
		return;
	management->lun_index = index;
	reset_lun(session, (unsigned)index);
}

static void reset_target(struct session *session, struct management *management)
{
	abort_tasks(session, management, -1);
	management->all_luns = true;
	for (unsigned i = 0; i < session->backend.lun_count; i++)
		reset_lun(session, i);
}

static void act(struct session *session, struct management *management, const uint8_t *bhs)
{
	enum management_function function = bhs[BHS_FLAGS] & FUNCTION_MASK;
	switch (function) {
	case MANAGEMENT_ABORT_TASK:
		abort_task(session, management, bhs);
		break;
	case MANAGEMENT_ABORT_TASK_SET:
	case MANAGEMENT_CLEAR_TASK_SET:
	case MANAGEMENT_LUN_RESET:
		act_on_lun(session, management, bhs, function);
		break;
	case MANAGEMENT_TARGET_COLD_RESET:
		management->closes = true;
		reset_target(session, management);
		break;
	case MANAGEMENT_TARGET_WARM_RESET:
		reset_target(session, management);
		break;
	case MANAGEMENT_TASK_REASSIGN:
		management->response = MANAGEMENT_NO_REASSIGN;
		break;
	default:
		management->response = MANAGEMENT_NOT_SUPPORTED;
		break;
	}
}

void management_pdu(struct session *session)
{
	const uint8_t *bhs = session->connection->bhs;
	struct management *management = calloc(1, sizeof *management);
	if (!management) {
		connection_reject(session->connection, REJECT_OUT_OF_RESOURCES);
		return;
	}
	management->tag = pdu_tag(bhs);
	management->lun_index = -1;
	list_append(&session->managements, &management->link);
	act(session, management, bhs);
	session_progress(session);
}
