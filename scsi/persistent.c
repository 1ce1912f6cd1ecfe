/* SPDX-License-Identifier: Apache-2.0 */
/* What persistent reservations are made of, what they allow, and who is told of a change. */
#include "scsi/persistent.h"

#include <stdlib.h>
#include <string.h>

#include "persistent_private.h"
#include "private.h"
#include "scsi/library.h"
#include "scsi/lu.h"

static const char *const type_texts[] = {
	[PERSISTENT_NONE] = "",
	[PERSISTENT_WRITE_EXCLUSIVE] = "write exclusive",
	[PERSISTENT_EXCLUSIVE_ACCESS] = "exclusive access",
	[PERSISTENT_WRITE_EXCLUSIVE_REGISTRANTS] = "write exclusive, registrants only",
	[PERSISTENT_EXCLUSIVE_ACCESS_REGISTRANTS] = "exclusive access, registrants only",
	[PERSISTENT_WRITE_EXCLUSIVE_ALL] = "write exclusive, all registrants",
	[PERSISTENT_EXCLUSIVE_ACCESS_ALL] = "exclusive access, all registrants",
};

enum { TYPE_COUNT = sizeof type_texts / sizeof type_texts[0] };

const char *scsi_persistent_type_text(unsigned type)
{
	return type < TYPE_COUNT && type_texts[type] ? type_texts[type] : "";
}

bool persistent_is_type(unsigned type)
{
	return type != PERSISTENT_NONE && type < TYPE_COUNT && type_texts[type];
}

bool persistent_for_all(unsigned type)
{
	return type == PERSISTENT_WRITE_EXCLUSIVE_ALL || type == PERSISTENT_EXCLUSIVE_ACCESS_ALL;
}

bool persistent_for_registrants(unsigned type)
{
	return type == PERSISTENT_WRITE_EXCLUSIVE_REGISTRANTS ||
	       type == PERSISTENT_EXCLUSIVE_ACCESS_REGISTRANTS || persistent_for_all(type);
}

/* ---- registrations --------------------------------------------------------------------------- */

struct scsi_registration *scsi_persistent_find(
	const struct scsi_persistent *persistent, const struct scsi_port *port)
{
	for (unsigned i = 0; i < persistent->count; i++)
		if (scsi_port_equal(&persistent->rows[i].port, port))
			return &persistent->rows[i];
	return NULL;
}

bool scsi_persistent_holds(
	const struct scsi_persistent *persistent, const struct scsi_registration *registration)
{
	return registration && (registration->holder || persistent_for_all(persistent->type));
}

bool persistent_copy(const struct scsi_persistent *from, struct scsi_persistent *ret)
{
	struct scsi_registration *rows = calloc(SCSI_REGISTRATIONS_MAX, sizeof *rows);
	if (!rows)
		return false;
	if (from->count > 0)
		memcpy(rows, from->rows, from->count * sizeof *rows);
	*ret = *from;
	ret->rows = rows;
	return true;
}

void persistent_finish(struct scsi_persistent *persistent)
{
	free(persistent->rows);
	*persistent = (struct scsi_persistent){0};
}

bool persistent_add(struct scsi_persistent *persistent, const struct scsi_port *port, uint64_t key)
{
	if (persistent->count == SCSI_REGISTRATIONS_MAX)
		return false;
	persistent->rows[persistent->count++] = (struct scsi_registration){*port, key, false};
	return true;
}

void persistent_remove(struct scsi_persistent *persistent, struct scsi_registration *row)
{
	if (row->holder || persistent->count == 1)
		persistent->type = PERSISTENT_NONE;
	persistent->count--;
	size_t behind = (size_t)(persistent->rows + persistent->count - row);
	memmove(row, row + 1, behind * sizeof *row);
}

/* ---- the gate -------------------------------------------------------------------------------- */

/* The row's flags say what the tables of SPC-4 5.12.1, SSC-4 and MMC-6 do. */
static bool row_allows(const struct scsi_cmd *cmd, unsigned type)
{
	unsigned flags = cmd->opcode->flags;
	bool write_exclusive = type == PERSISTENT_WRITE_EXCLUSIVE ||
			       type == PERSISTENT_WRITE_EXCLUSIVE_REGISTRANTS ||
			       type == PERSISTENT_WRITE_EXCLUSIVE_ALL;
	if (flags & OPCODE_DESPITE_PERSISTENT)
		return true;
	if (scsi_allows_removal(cmd))
		return true;
	return write_exclusive && flags & OPCODE_DESPITE_WRITE_EXCLUSIVE;
}

bool scsi_persistent_allows(const struct scsi_cmd *cmd)
{
	const struct scsi_persistent *persistent = &cmd->nexus->lu->persistent;
	if (persistent->type == PERSISTENT_NONE || row_allows(cmd, persistent->type))
		return true;
	const struct scsi_registration *own = scsi_persistent_find(persistent, &cmd->nexus->port);
	return own && (own->holder || persistent_for_registrants(persistent->type));
}

/* ---- a change counts, and who is told of it ---------------------------------------------------
 */

static void raise_at(struct list *nexuses, const struct scsi_port *port, enum scsi_attention what)
{
	list_for_each (node, nexuses) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (scsi_port_equal(&nexus->port, port))
			scsi_attention_raise(&nexus->attentions, what);
	}
}

static void raise(struct scsi_lu *lu, const struct scsi_port *port, enum scsi_attention what)
{
	raise_at(&lu->nexuses, port, what);
	raise_at(&lu->dormant, port, what);
}

/* Its tasks end, when scsi_tasks_cancel_preempted is called. */
static void mark_tasks(
	struct scsi_lu *lu, const struct scsi_port *port, const struct scsi_cmd *spared)
{
	list_for_each (node, &lu->tasks) {
		struct scsi_cmd *cmd = container_of(node, struct scsi_cmd, task);
		if (cmd != spared && scsi_port_equal(&cmd->nexus->port, port))
			cmd->preempted = true;
	}
}

/* As PREVENT ALLOW MEDIUM REMOVAL of 00b by each of its nexuses. */
static void allow_removal(struct scsi_lu *lu, const struct scsi_port *port)
{
	list_for_each (node, &lu->nexuses) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (scsi_port_equal(&nexus->port, port))
			scsi_nexus_allow_removal(nexus);
	}
}

/*
 * RESERVATIONS RELEASED: the reservation went and its type was one that all registrants gained by,
 * or somebody took it and made another type of it (SPC-4 5.12.11.2.2, 5.12.11.4).
 */
static bool is_released(const struct scsi_persistent *before, const struct scsi_persistent *after)
{
	if (before->type == after->type || before->type == PERSISTENT_NONE)
		return false;
	return after->type != PERSISTENT_NONE || persistent_for_registrants(before->type);
}

static bool is_of(const struct scsi_cmd *cmd, const struct scsi_port *port)
{
	return cmd && scsi_port_equal(&cmd->nexus->port, port);
}

static void tell_losses(struct scsi_lu *lu, const struct scsi_persistent *before,
	const struct scsi_cmd *cause, enum persistent_action action)
{
	enum scsi_attention lost = action == PERSISTENT_CLEAR ? ATTENTION_RESERVATIONS_PREEMPTED
							      : ATTENTION_REGISTRATIONS_PREEMPTED;
	bool released = is_released(before, &lu->persistent);
	for (unsigned i = 0; i < before->count; i++) {
		const struct scsi_port *port = &before->rows[i].port;
		bool gone = !scsi_persistent_find(&lu->persistent, port);
		if ((gone || released) && !is_of(cause, port))
			raise(lu, port, gone ? lost : ATTENTION_RESERVATIONS_RELEASED);
	}
}

/*
 * SPC-4 5.12.11.6: of every nexus that was registered with the key, or of all of them when it is 0;
 * whoever preempts its own registration is one of them, also as the holder that keeps it.
 */
static bool abort_preempted(
	struct scsi_lu *lu, const struct scsi_persistent *before, struct scsi_cmd *cause)
{
	uint64_t key = persistent_action_key(cause);
	bool any = false;
	for (unsigned i = 0; i < before->count; i++) {
		const struct scsi_registration *row = &before->rows[i];
		if (key != 0 && row->key != key)
			continue;
		mark_tasks(lu, &row->port, cause);
		allow_removal(lu, &row->port);
		any = true;
	}
	return any;
}

bool persistent_publish(struct scsi_lu *lu, struct scsi_cmd *cause, enum persistent_action action,
	struct scsi_persistent *next)
{
	struct scsi_persistent before = lu->persistent;
	lu->persistent = *next;
	*next = (struct scsi_persistent){0};
	tell_losses(lu, &before, cause, action);
	bool aborts = action == PERSISTENT_PREEMPT_AND_ABORT && abort_preempted(lu, &before, cause);
	persistent_finish(&before);
	scsi_lu_remember(lu);
	if (aborts)
		lu->library->event(lu->library_context, lu, LIBRARY_EVENT_ALLOWED);
	return aborts;
}
