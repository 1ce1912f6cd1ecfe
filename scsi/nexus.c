/* SPDX-License-Identifier: Apache-2.0 */
/* I_T_L nexuses: hosts that come, are lost, leave and return. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "scsi/library.h"
#include "scsi/lu.h"
#include "util/cleanup.h"

void scsi_nexus_allow_removal(struct scsi_nexus *nexus)
{
	nexus->prevent = false;
	nexus->prevent_persistent = false;
}

void scsi_nexus_renew(struct scsi_nexus *nexus)
{
	const struct scsi_device_type *type = nexus->lu->type;
	scsi_nexus_allow_removal(nexus);
	scsi_reservation_drop(nexus);
	nexus->attentions = 0;
	nexus->deferred = (struct scsi_sense){0};
	scsi_attention_raise(&nexus->attentions, ATTENTION_POWER_ON);
	memset(nexus->device, 0, type->nexus_size);
	if (type->nexus_added)
		type->nexus_added(nexus);
}

struct scsi_nexus *scsi_nexus_find(const struct list *nexuses, const char *name)
{
	list_for_each (node, nexuses) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (strcmp(nexus->name, name) == 0)
			return nexus;
	}
	return NULL;
}

/* ---- made and gone --------------------------------------------------------------------------- */

static void nexus_free(struct scsi_nexus *nexus)
{
	if (!nexus)
		return;
	scsi_recorder_finish(&nexus->recorder);
	free(nexus->device);
	free(nexus);
}

/* In no list yet. */
static struct scsi_nexus *nexus_new(struct scsi_lu *lu, const char *name)
{
	struct scsi_nexus *nexus = calloc(1, sizeof *nexus);
	void *device = calloc(1, lu->type->nexus_size ? lu->type->nexus_size : 1);
	if (!nexus || !device) {
		free(nexus);
		free(device);
		return NULL;
	}
	nexus->lu = lu;
	nexus->device = device;
	snprintf(nexus->name, sizeof nexus->name, "%s", name);
	scsi_port_invent(&nexus->port, name);
	scsi_recorder_init(&nexus->recorder);
	return nexus;
}

/* One that is about to be used. */
static struct scsi_nexus *nexus_new_recording(struct scsi_lu *lu, const char *name)
{
	struct scsi_nexus *nexus = nexus_new(lu, name);
	if (!nexus || scsi_recorder_start(&nexus->recorder))
		return nexus;
	nexus_free(nexus);
	return NULL;
}

static void add(struct scsi_nexus *nexus)
{
	list_append(&nexus->lu->nexuses, &nexus->link);
	scsi_nexus_renew(nexus);
}

struct scsi_nexus *scsi_nexus_create(struct scsi_lu *lu, const char *name)
{
	struct scsi_nexus *nexus = nexus_new_recording(lu, name);
	if (!nexus)
		return NULL;
	SCOPED_LOCK(&lu->lock);
	add(nexus);
	return nexus;
}

void scsi_nexus_set_port(struct scsi_nexus *nexus, const struct scsi_port *port)
{
	SCOPED_LOCK(&nexus->lu->lock);
	nexus->port = *port;
}

void scsi_nexus_set_target_name(
	struct scsi_nexus *nexus, const char *iscsi_name, uint16_t portal_group)
{
	SCOPED_LOCK(&nexus->lu->lock);
	scsi_port_target_name(nexus->target_name, iscsi_name, portal_group);
}

void scsi_nexus_destroy(struct scsi_nexus *nexus)
{
	if (!nexus)
		return;
	struct scsi_lu *lu = nexus->lu;
	scsi_lu_lock(lu);
	scsi_reservation_drop(nexus);
	list_remove(&nexus->link);
	scsi_lu_unlock(lu);
	nexus_free(nexus);
}

void scsi_nexus_lost(struct scsi_nexus *nexus)
{
	struct scsi_lu *lu = nexus->lu;
	scsi_lu_lock(lu);
	scsi_nexus_allow_removal(nexus);
	scsi_reservation_drop(nexus);
	scsi_attention_raise(&nexus->attentions, ATTENTION_NEXUS_LOSS);
	scsi_lu_remember(lu);
	scsi_lu_unlock(lu);
	scsi_tasks_cancel(lu, nexus);
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_ALLOWED);
}

void scsi_nexus_cancel(struct scsi_nexus *nexus)
{
	scsi_tasks_cancel(nexus->lu, nexus);
}

/* ---- what is told once ------------------------------------------------------------------------
 */

enum scsi_sense_code scsi_attention_report(struct scsi_cmd *cmd)
{
	struct scsi_nexus *nexus = cmd->nexus;
	scsi_attention_set before = nexus->attentions;
	enum scsi_sense_code code = scsi_attention_take(&nexus->attentions);
	cmd->attention = before & ~nexus->attentions;
	if (cmd->attention && nexus->lu->type->attention_reported)
		nexus->lu->type->attention_reported(cmd);
	if (cmd->attention)
		scsi_lu_remember(nexus->lu);
	return code;
}

void scsi_defer(struct scsi_nexus *nexus, const struct scsi_sense *sense)
{
	if (nexus->deferred.code != SENSE_NONE)
		return;
	nexus->deferred = *sense;
	nexus->deferred.deferred = true;
}

enum scsi_sense_code scsi_deferred_take(struct scsi_cmd *cmd)
{
	struct scsi_sense *deferred = &cmd->nexus->deferred;
	enum scsi_sense_code code = deferred->code;
	if (code == SENSE_NONE)
		return SENSE_NONE;
	cmd->sense = cmd->deferred = *deferred;
	*deferred = (struct scsi_sense){0};
	return code;
}

/* Of two deferred errors the first says where the trouble began. */
void scsi_cmd_unsent(struct scsi_cmd *cmd)
{
	struct scsi_nexus *nexus = cmd->nexus;
	if (!cmd->attention && cmd->deferred.code == SENSE_NONE)
		return;
	SCOPED_LOCK(&nexus->lu->lock);
	nexus->attentions |= cmd->attention;
	if (cmd->deferred.code != SENSE_NONE)
		nexus->deferred = cmd->deferred;
	cmd->attention = 0;
	cmd->deferred = (struct scsi_sense){0};
	scsi_lu_remember(nexus->lu);
}

/* ---- dormant --------------------------------------------------------------------------------- */

/* lu->lock held. */
static void wake(struct scsi_nexus *nexus)
{
	struct scsi_lu *lu = nexus->lu;
	list_remove(&nexus->link);
	lu->dormant_count--;
	list_append(&lu->nexuses, &nexus->link);
	nexus->suspended = false;
}

/* The only one that is kin of the name. lu->lock held. */
static struct scsi_nexus *find_kin(
	struct scsi_lu *lu, const char *name, bool (*kin)(const char *known, const char *name))
{
	struct scsi_nexus *found = NULL;
	list_for_each (node, &lu->dormant) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (!kin(nexus->name, name))
			continue;
		if (found)
			return NULL;
		found = nexus;
	}
	if (found) {
		snprintf(found->name, sizeof found->name, "%s", name);
		scsi_port_invent(&found->port, name); /* what it registered was another port */
	}
	return found;
}

struct scsi_nexus *scsi_nexus_enter_kin(
	struct scsi_lu *lu, const char *name, bool (*kin)(const char *known, const char *name))
{
	struct scsi_nexus *fresh = nexus_new_recording(lu, name), *unused = fresh, *nexus = NULL;
	if (!fresh)
		return NULL;
	scsi_lu_lock(lu);
	if (!scsi_nexus_find(&lu->nexuses, name)) {
		nexus = scsi_nexus_find(&lu->dormant, name);
		if (!nexus && kin)
			nexus = find_kin(lu, name, kin);
		if (nexus) {
			scsi_recorder_move(&nexus->recorder, &fresh->recorder);
			wake(nexus);
		} else {
			nexus = fresh;
			unused = NULL;
			add(nexus);
		}
		scsi_lu_remember(lu);
	}
	scsi_lu_unlock(lu);
	nexus_free(unused);
	return nexus;
}

struct scsi_nexus *scsi_nexus_enter(struct scsi_lu *lu, const char *name)
{
	return scsi_nexus_enter_kin(lu, name, NULL);
}

/* lu->lock held. Returns one that must be freed, or NULL. */
static struct scsi_nexus *put_to_sleep(struct scsi_nexus *nexus)
{
	struct scsi_lu *lu = nexus->lu;
	list_remove(&nexus->link);
	if (nexus->attentions & 1u << ATTENTION_POWER_ON)
		return nexus;
	if (!lu->type->forgives_nexus_loss && !nexus->suspended)
		scsi_attention_raise(&nexus->attentions, ATTENTION_NEXUS_LOSS);
	scsi_recorder_stop(&nexus->recorder);
	list_prepend(&lu->dormant, &nexus->link);
	if (++lu->dormant_count <= SCSI_DORMANT_MAX)
		return NULL;
	struct scsi_nexus *first = container_of(lu->dormant.prev, struct scsi_nexus, link);
	list_remove(&first->link);
	lu->dormant_count--;
	return first;
}

static bool holds_something(const struct scsi_nexus *nexus)
{
	return nexus->prevent || nexus->prevent_persistent || nexus->lu->reserved_by == nexus;
}

/* lu->lock held. */
static void release_but(struct scsi_nexus *nexus, unsigned kept)
{
	nexus->prevent = nexus->prevent && kept & SCSI_HOLDING_PREVENT;
	nexus->prevent_persistent =
		nexus->prevent_persistent && kept & SCSI_HOLDING_PREVENT_PERSISTENT;
	if (!(kept & SCSI_HOLDING_RESERVATION))
		scsi_reservation_drop(nexus);
	nexus->taken = nexus->taken_before = 0;
}

void scsi_nexus_away(struct scsi_nexus *nexus, bool stranger)
{
	struct scsi_lu *lu = nexus->lu;
	scsi_lu_lock(lu);
	bool missed = !stranger || holds_something(nexus);
	nexus->away = true;
	release_but(nexus, 0);
	if (missed && !lu->type->forgives_nexus_loss)
		scsi_attention_raise(&nexus->attentions, ATTENTION_NEXUS_LOSS);
	scsi_lu_remember(lu);
	scsi_lu_unlock(lu);
	scsi_tasks_cancel(lu, nexus);
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_ALLOWED);
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_TOLD);
}

void scsi_nexus_back(struct scsi_nexus *nexus)
{
	SCOPED_LOCK(&nexus->lu->lock);
	nexus->away = false;
}

/* ---- a path that is looked at -----------------------------------------------------------------
 */

void scsi_nexus_watch(struct scsi_nexus *nexus)
{
	SCOPED_LOCK(&nexus->lu->lock);
	nexus->watched = true;
}

void scsi_nexus_takes(struct scsi_nexus *nexus, unsigned holding)
{
	struct scsi_lu *lu = nexus->lu;
	if (!nexus->watched)
		return;
	nexus->taken |= holding;
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_TAKEN);
}

void scsi_nexus_look(struct scsi_nexus *nexus)
{
	SCOPED_LOCK(&nexus->lu->lock);
	nexus->taken_before |= nexus->taken;
	nexus->taken = 0;
	nexus->look_tasks = nexus->lu->task_count;
}

void scsi_nexus_same(struct scsi_nexus *nexus)
{
	SCOPED_LOCK(&nexus->lu->lock);
	nexus->taken_before = 0;
	nexus->seen_tasks = nexus->look_tasks;
}

void scsi_nexus_replaced(struct scsi_nexus *nexus)
{
	struct scsi_lu *lu = nexus->lu;
	scsi_lu_lock(lu);
	uint64_t former = nexus->seen_tasks;
	release_but(nexus, nexus->taken | nexus->taken_before);
	nexus->seen_tasks = nexus->look_tasks;
	if (!lu->type->forgives_nexus_loss)
		scsi_attention_raise(&nexus->attentions, ATTENTION_NEXUS_LOSS);
	scsi_lu_remember(lu);
	scsi_lu_unlock(lu);
	scsi_tasks_cancel_older(lu, nexus, former);
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_ALLOWED);
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_TOLD);
}

/* Whoever loses what it held has missed something. */
static void leave(struct scsi_nexus *nexus, bool suspended)
{
	struct scsi_lu *lu = nexus->lu;
	scsi_lu_lock(lu);
	nexus->suspended = suspended && !holds_something(nexus);
	scsi_nexus_allow_removal(nexus);
	scsi_reservation_drop(nexus);
	struct scsi_nexus *gone = put_to_sleep(nexus);
	scsi_lu_remember(lu);
	scsi_lu_unlock(lu);
	nexus_free(gone);
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_ALLOWED);
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_TOLD);
}

void scsi_nexus_leave(struct scsi_nexus *nexus)
{
	if (nexus)
		leave(nexus, false);
}

void scsi_nexus_suspend(struct scsi_nexus *nexus)
{
	if (nexus)
		leave(nexus, true);
}

struct scsi_nexus *scsi_nexus_recall(struct scsi_lu *lu, const char *name, bool suspended)
{
	if (lu->dormant_count == SCSI_DORMANT_MAX)
		return NULL;
	struct scsi_nexus *nexus = nexus_new(lu, name);
	if (!nexus)
		return NULL;
	nexus->suspended = suspended;
	list_append(&lu->dormant, &nexus->link);
	lu->dormant_count++;
	return nexus;
}

void scsi_nexus_forget_dormant(struct scsi_lu *lu)
{
	struct list *node;
	while ((node = list_pop(&lu->dormant)))
		nexus_free(container_of(node, struct scsi_nexus, link));
	lu->dormant_count = 0;
}
