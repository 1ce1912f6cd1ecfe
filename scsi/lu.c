/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/lu.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "scsi/library.h"
#include "util/cleanup.h"

void scsi_lu_lock(struct scsi_lu *lu)
{
	pthread_mutex_lock(&lu->lock);
}

void scsi_lu_unlock(struct scsi_lu *lu)
{
	pthread_mutex_unlock(&lu->lock);
}

void scsi_lu_init(struct scsi_lu *lu, const struct scsi_lu_config *config)
{
	*lu = (struct scsi_lu){
		.type = config->type,
		.personality = config->personality,
		.library = config->library,
		.library_context = config->library_context,
		.executor = config->executor,
		.clock = config->clock ? config->clock : &scsi_clock_monotonic,
	};
	snprintf(lu->name, sizeof lu->name, "%s", config->name);
	snprintf(lu->serial, sizeof lu->serial, "%s", config->serial);
	pthread_mutex_init(&lu->lock, NULL);
	list_init(&lu->nexuses);
	list_init(&lu->tasks);
	scsi_mode_init(lu);
}

void scsi_lu_finish(struct scsi_lu *lu)
{
	assert(list_empty(&lu->nexuses) && list_empty(&lu->tasks));
	pthread_mutex_destroy(&lu->lock);
}

static void allow_removal(struct scsi_nexus *nexus)
{
	nexus->prevent = false;
	nexus->prevent_persistent = false;
}

void scsi_nexus_renew(struct scsi_nexus *nexus)
{
	const struct scsi_device_type *type = nexus->lu->type;
	allow_removal(nexus);
	scsi_reservation_drop(nexus);
	nexus->attentions = 0;
	scsi_attention_raise(&nexus->attentions, ATTENTION_POWER_ON);
	memset(nexus->device, 0, type->nexus_size);
	if (type->nexus_added)
		type->nexus_added(nexus);
}

struct scsi_nexus *scsi_nexus_create(struct scsi_lu *lu, const char *name)
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
	scsi_recorder_init(&nexus->recorder);

	SCOPED_LOCK(&lu->lock);
	list_append(&lu->nexuses, &nexus->link);
	scsi_nexus_renew(nexus);
	return nexus;
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
	scsi_recorder_finish(&nexus->recorder);
	free(nexus->device);
	free(nexus);
}

enum { CANCEL_BATCH = 64 };

/* Tasks not yet aborted, with a reference each; `only` NULL: of every nexus. lu->lock held. */
static unsigned collect_tasks(
	struct scsi_lu *lu, const struct scsi_nexus *only, struct scsi_cmd **ret)
{
	unsigned count = 0;
	list_for_each (node, &lu->tasks) {
		struct scsi_cmd *cmd = container_of(node, struct scsi_cmd, task);
		unsigned owner = atomic_load(&cmd->owner);
		if (owner == SCSI_CMD_DONE || owner & SCSI_CMD_ABORTED ||
			(only && cmd->nexus != only))
			continue;
		scsi_cmd_get(cmd);
		ret[count++] = cmd;
		if (count == CANCEL_BATCH)
			break;
	}
	return count;
}

static void cancel_tasks(struct scsi_lu *lu, const struct scsi_nexus *only)
{
	struct scsi_cmd *batch[CANCEL_BATCH];
	unsigned count;
	do {
		scsi_lu_lock(lu);
		count = collect_tasks(lu, only, batch);
		scsi_lu_unlock(lu);
		for (unsigned i = 0; i < count; i++) {
			scsi_cmd_cancel(batch[i]);
			scsi_cmd_put(batch[i]);
		}
	} while (count > 0);
}

void scsi_nexus_lost(struct scsi_nexus *nexus)
{
	struct scsi_lu *lu = nexus->lu;
	scsi_lu_lock(lu);
	allow_removal(nexus);
	scsi_reservation_drop(nexus);
	scsi_attention_raise(&nexus->attentions, ATTENTION_NEXUS_LOSS);
	scsi_lu_remember(lu);
	scsi_lu_unlock(lu);
	cancel_tasks(lu, nexus);
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_ALLOWED);
}

void scsi_lu_reset(struct scsi_lu *lu, struct scsi_nexus *except)
{
	scsi_lu_lock(lu);
	atomic_fetch_add(&lu->resets, 1);
	lu->reserved_by = NULL;
	list_for_each (node, &lu->nexuses)
		allow_removal(container_of(node, struct scsi_nexus, link));
	scsi_mode_reset(lu);
	scsi_attention_raise_all(lu, ATTENTION_DEVICE_RESET, except);
	if (lu->type->reset)
		lu->type->reset(lu);
	scsi_lu_remember(lu);
	scsi_lu_unlock(lu);
	cancel_tasks(lu, NULL);
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_ALLOWED);
}

void scsi_attention_raise_all(
	struct scsi_lu *lu, enum scsi_attention attention, const struct scsi_nexus *except)
{
	list_for_each (node, &lu->nexuses) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (nexus != except)
			scsi_attention_raise(&nexus->attentions, attention);
	}
}

bool scsi_removal_prevented(const struct scsi_lu *lu, bool persistent_too)
{
	list_for_each (node, &lu->nexuses) {
		const struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (nexus->prevent || (persistent_too && nexus->prevent_persistent))
			return true;
	}
	return false;
}

bool scsi_lu_drained(struct scsi_lu *lu)
{
	atomic_store(&lu->draining, true);
	if (atomic_load(&lu->reads_in_flight) > 0)
		return false;
	/* Whoever takes the flag reports: either we do now, or the last read has done so. */
	return atomic_exchange(&lu->draining, false);
}

void scsi_lu_remember(struct scsi_lu *lu)
{
	lu->library->remember(lu->library_context, lu);
}
