/* SPDX-License-Identifier: Apache-2.0 */
/* PERSISTENT RESERVE OUT: its parameter list, and the two ways to a change. */
#include <stdlib.h>

#include "persistent_private.h"
#include "private.h"
#include "scsi/library.h"
#include "scsi/lu.h"
#include "util/bytes.h"
#include "util/cleanup.h"

enum {
	LIST_LENGTH = 24, /* SPC-4 6.16.3 */
	ACTION_KEY_AT = 8,
	IDS_AT = 28,
	LIST_MAX = 8192,
	FLAGS_AT = 20,
	APTPL = 0x01,
	ALL_TG_PT = 0x04,
	SPEC_I_PT = 0x08,
};

static bool registers(enum persistent_action action)
{
	return action == PERSISTENT_REGISTER || action == PERSISTENT_REGISTER_AND_IGNORE;
}

/* The TransportIDs fill the rest of the list. */
static enum scsi_sense_code take_ids(
	struct persistent_request *request, const uint8_t *list, uint32_t length)
{
	if (request->action != PERSISTENT_REGISTER)
		return scsi_invalid_parameter(request->cmd, FLAGS_AT, 3);
	if (length < IDS_AT)
		return SENSE_PARAMETER_LIST_LENGTH;
	if (get_be32(list + LIST_LENGTH) != length - IDS_AT)
		return scsi_invalid_parameter(request->cmd, LIST_LENGTH, 7);
	request->names_ports = true;
	request->ids = list + IDS_AT;
	request->ids_length = length - IDS_AT;
	return SENSE_NONE;
}

static enum scsi_sense_code take_list(
	struct persistent_request *request, const uint8_t *list, uint32_t length)
{
	uint8_t flags = list[FLAGS_AT];
	request->key = get_be64(list);
	request->action_key = get_be64(list + ACTION_KEY_AT);
	request->aptpl = flags & APTPL;
	if (flags & ALL_TG_PT && registers(request->action))
		return scsi_invalid_parameter(request->cmd, FLAGS_AT, 2);
	if (flags & SPEC_I_PT)
		return take_ids(request, list, length);
	return length == LIST_LENGTH ? SENSE_NONE : SENSE_PARAMETER_LIST_LENGTH;
}

uint64_t persistent_action_key(struct scsi_cmd *cmd)
{
	uint8_t key[8] = {0};
	scsi_data_out_at(cmd, ACTION_KEY_AT, key, sizeof key);
	return get_be64(key);
}

static enum scsi_sense_code take_request(
	struct scsi_cmd *cmd, struct persistent_request *ret, uint8_t list[LIST_MAX])
{
	uint32_t length = get_be32(cmd->cdb + 5);
	*ret = (struct persistent_request){
		.cmd = cmd,
		.port = &cmd->nexus->port,
		.action = cmd->cdb[1] & 0x1f,
		.scope = cmd->cdb[2] >> 4,
		.type = cmd->cdb[2] & 0x0f,
	};
	if (length < LIST_LENGTH || length > LIST_MAX || scsi_data_out(cmd, list, length) < length)
		return SENSE_PARAMETER_LIST_LENGTH;
	return take_list(ret, list, length);
}

/* What the command makes of what counts now; `ret` is the caller's when that is SENSE_NONE. */
static enum scsi_sense_code judge(
	struct scsi_cmd *cmd, struct scsi_persistent *ret, bool *ret_aptpl)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	uint8_t list[LIST_MAX];
	struct persistent_request request;
	if (lu->reserved_by)
		return SCSI_RESERVATION_CONFLICT;
	enum scsi_sense_code code = take_request(cmd, &request, list);
	if (code != SENSE_NONE)
		return code;
	if (!persistent_copy(&lu->persistent, ret))
		return SENSE_INSUFFICIENT_REGISTRATIONS;
	code = persistent_apply(&request, ret);
	if (code != SENSE_NONE)
		persistent_finish(ret);
	*ret_aptpl = ret->aptpl;
	return code;
}

static bool publish(struct scsi_cmd *cmd, struct scsi_persistent *next)
{
	return persistent_publish(
		cmd->nexus->lu, cmd, (enum persistent_action)(cmd->cdb[1] & 0x1f), next);
}

/* What is in the catalog, or shall be, is the library's to change. */
enum scsi_sense_code scsi_persistent_out(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	struct scsi_persistent next;
	bool aptpl;
	if (lu->persistent_committing)
		return scsi_library_request(cmd, LIBRARY_PERSISTENT_RESERVE);
	enum scsi_sense_code code = judge(cmd, &next, &aptpl);
	if (code != SENSE_NONE)
		return code;
	if (aptpl || lu->persistent.aptpl) {
		persistent_finish(&next);
		return scsi_library_request(cmd, LIBRARY_PERSISTENT_RESERVE);
	}
	cmd->preempts = publish(cmd, &next);
	return SENSE_NONE;
}

/* ---- the library's ----------------------------------------------------------------------------
 */

static enum scsi_sense_code begin_release(struct scsi_lu *lu, struct scsi_persistent *ret)
{
	*ret = (struct scsi_persistent){.generation = lu->persistent.generation + 1};
	return SENSE_NONE;
}

enum scsi_sense_code scsi_persistent_begin(
	struct scsi_lu *lu, struct scsi_cmd *cmd, struct scsi_persistent_change *ret)
{
	SCOPED_LOCK(&lu->lock);
	bool aptpl;
	enum scsi_sense_code code =
		cmd ? judge(cmd, &ret->next, &aptpl) : begin_release(lu, &ret->next);
	if (code != SENSE_NONE)
		return code;
	ret->length = scsi_persistent_lasting(&ret->next, ret->record);
	lu->persistent_committing = true;
	return SENSE_NONE;
}

static bool end_release(struct scsi_lu *lu, struct scsi_persistent *next)
{
	if (lu->reserved_by) { /* who goes on must know that others may come between */
		scsi_attention_raise(
			&lu->reserved_by->attentions, ATTENTION_RESERVATIONS_PREEMPTED);
		lu->reserved_by = NULL;
		scsi_lu_remember(lu);
	}
	return persistent_publish(lu, NULL, PERSISTENT_CLEAR, next);
}

enum scsi_sense_code scsi_persistent_end(struct scsi_lu *lu, struct scsi_cmd *cmd,
	struct scsi_persistent_change *change, bool committed)
{
	bool preempts = false;
	scsi_lu_lock(lu);
	lu->persistent_committing = false;
	if (committed)
		preempts = cmd ? publish(cmd, &change->next) : end_release(lu, &change->next);
	scsi_lu_unlock(lu);
	persistent_finish(&change->next);
	if (!committed)
		return SENSE_INTERNAL_TARGET_FAILURE;
	return preempts ? scsi_tasks_cancel_preempted(cmd) : SENSE_NONE;
}
