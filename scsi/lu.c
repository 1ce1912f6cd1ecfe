/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/lu.h"

#include <assert.h>
#include <stdio.h>

#include "persistent_private.h"
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
	list_init(&lu->dormant);
	list_init(&lu->tasks);
	lu->powered_on_ns = lu->clock->now_ns(lu->clock);
	scsi_queue_init(&lu->queue);
	scsi_mode_init(lu);
}

void scsi_lu_finish(struct scsi_lu *lu)
{
	scsi_queue_finish(lu);
	assert(list_empty(&lu->nexuses) && list_empty(&lu->tasks));
	scsi_nexus_forget_dormant(lu);
	persistent_finish(&lu->persistent);
	pthread_mutex_destroy(&lu->lock);
}

enum { CANCEL_BATCH = 64 };

/* Which tasks: up to the `last`. */
struct choice {
	const struct scsi_nexus *only; /* NULL: of every nexus */
	bool preempted;                /* only those that are marked */
	uint64_t last;
};

static bool is_chosen(const struct choice *choice, const struct scsi_cmd *cmd)
{
	return cmd->task_number <= choice->last && (!choice->only || cmd->nexus == choice->only) &&
	       (!choice->preempted || cmd->preempted);
}

/* Those not yet aborted, with a reference each. lu->lock held. */
static unsigned collect_tasks(
	struct scsi_lu *lu, const struct choice *choice, struct scsi_cmd **ret)
{
	unsigned count = 0;
	list_for_each (node, &lu->tasks) {
		struct scsi_cmd *cmd = container_of(node, struct scsi_cmd, task);
		unsigned owner = atomic_load(&cmd->owner);
		if (owner == SCSI_CMD_DONE || owner & SCSI_CMD_ABORTED || !is_chosen(choice, cmd))
			continue;
		scsi_cmd_get(cmd);
		ret[count++] = cmd;
		if (count == CANCEL_BATCH)
			break;
	}
	return count;
}

static uint64_t count_tasks(struct scsi_lu *lu)
{
	SCOPED_LOCK(&lu->lock);
	return lu->task_count;
}

/* What comes while others are cancelled is not meant: hosts that go on would be cancelled for ever.
 */
static void cancel(struct scsi_lu *lu, struct choice choice)
{
	struct scsi_cmd *batch[CANCEL_BATCH];
	unsigned count;
	do {
		scsi_lu_lock(lu);
		count = collect_tasks(lu, &choice, batch);
		scsi_lu_unlock(lu);
		for (unsigned i = 0; i < count; i++) {
			scsi_cmd_cancel(batch[i]);
			scsi_cmd_put(batch[i]);
		}
	} while (count > 0);
}

void scsi_tasks_cancel(struct scsi_lu *lu, const struct scsi_nexus *only)
{
	cancel(lu, (struct choice){.only = only, .last = count_tasks(lu)});
}

void scsi_tasks_cancel_older(struct scsi_lu *lu, const struct scsi_nexus *only, uint64_t task_count)
{
	cancel(lu, (struct choice){.only = only, .last = task_count});
}

enum scsi_sense_code scsi_tasks_cancel_preempted(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	cancel(lu, (struct choice){.preempted = true, .last = count_tasks(lu)});
	return lu->type->queued ? scsi_queue_finish_behind(cmd) : SENSE_NONE;
}

void scsi_lu_reset(struct scsi_lu *lu, struct scsi_nexus *except)
{
	scsi_lu_lock(lu);
	atomic_fetch_add(&lu->resets, 1);
	lu->reserved_by = NULL;
	list_for_each (node, &lu->nexuses)
		scsi_nexus_allow_removal(container_of(node, struct scsi_nexus, link));
	scsi_mode_reset(lu);
	scsi_attention_raise_all(lu, ATTENTION_DEVICE_RESET, except);
	if (lu->type->reset)
		lu->type->reset(lu);
	scsi_lu_remember(lu);
	scsi_lu_unlock(lu);
	scsi_tasks_cancel(lu, NULL);
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_ALLOWED);
}

static void raise_on(
	struct list *nexuses, enum scsi_attention attention, const struct scsi_nexus *except)
{
	list_for_each (node, nexuses) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (nexus != except)
			scsi_attention_raise(&nexus->attentions, attention);
	}
}

/*
 * The medium matters to everybody who comes back. The rest is behind the 29/07 of those that have
 * it pending; who has not, because it was suspended, must not miss anything.
 */
static void raise_on_dormant(struct scsi_lu *lu, enum scsi_attention attention)
{
	list_for_each (node, &lu->dormant) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		bool silent = nexus->suspended && !lu->type->forgives_nexus_loss;
		if (silent || attention == ATTENTION_MEDIUM_CHANGED)
			scsi_attention_raise(&nexus->attentions, attention);
	}
}

void scsi_attention_raise_all(
	struct scsi_lu *lu, enum scsi_attention attention, const struct scsi_nexus *except)
{
	raise_on(&lu->nexuses, attention, except);
	raise_on_dormant(lu, attention);
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
