/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/queue.h"

#include "private.h"
#include "scsi/lu.h"
#include "util/cleanup.h"

/* lu->lock held. */
static void come_to_rest(struct scsi_lu *lu)
{
	lu->queue.running = false;
	pthread_cond_broadcast(&lu->queue.at_rest);
}

/* The next item, or NULL when the mechanism comes to rest. */
static struct scsi_queue_item *next_item(struct scsi_lu *lu)
{
	scsi_lu_lock(lu);
	struct list *node = list_pop(&lu->queue.items);
	if (!node)
		come_to_rest(lu);
	scsi_lu_unlock(lu);
	return node ? container_of(node, struct scsi_queue_item, link) : NULL;
}

/* After the last unlock above nothing of the logical unit is touched: it may be gone. */
static void run_items(struct scsi_work *work)
{
	struct scsi_lu *lu = container_of(work, struct scsi_lu, queue.work);
	struct scsi_queue_item *item;
	while ((item = next_item(lu)))
		item->run(item);
}

void scsi_queue_init(struct scsi_queue *queue)
{
	list_init(&queue->items);
	list_init(&queue->work.link);
	queue->running = false;
	pthread_cond_init(&queue->at_rest, NULL);
	queue->work.run = run_items;
}

void scsi_queue_add(struct scsi_lu *lu, struct scsi_queue_item *item)
{
	list_append(&lu->queue.items, &item->link);
	if (lu->queue.running)
		return;
	lu->queue.running = true;
	lu->executor->submit(lu->executor, &lu->queue.work, NULL);
}

void scsi_queue_finish(struct scsi_lu *lu)
{
	scsi_lu_lock(lu);
	while (lu->queue.running)
		pthread_cond_wait(&lu->queue.at_rest, &lu->lock);
	scsi_lu_unlock(lu);
	pthread_cond_destroy(&lu->queue.at_rest);
}

/* ---- commands -------------------------------------------------------------------------------- */

/* The gates, the handler and, if there is one, the unlocked part. */
static enum scsi_sense_code run_whole(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	scsi_lu_lock(lu);
	cmd->sense_descriptor = lu->mode.d_sense;
	enum scsi_sense_code code = scsi_gates(cmd);
	scsi_lu_unlock(lu);
	return code == SCSI_UNLOCKED ? cmd->unlocked(cmd) : code;
}

static void end_command(struct scsi_cmd *cmd, enum scsi_sense_code code)
{
	if (code != SCSI_PENDING)
		scsi_cmd_finish(cmd, code);
	scsi_cmd_put(cmd);
}

/* Also for a command that was cancelled while it waited: then only its reference is given back. */
static void run_command(struct scsi_queue_item *item)
{
	struct scsi_cmd *cmd = container_of(item, struct scsi_cmd, queued);
	if (scsi_cmd_claim(cmd))
		end_command(cmd, run_whole(cmd));
	else
		scsi_cmd_put(cmd);
}

/* A command that began at hand and would have had to wait. */
static void go_on(struct scsi_queue_item *item)
{
	struct scsi_cmd *cmd = container_of(item, struct scsi_cmd, queued);
	end_command(cmd, cmd->unlocked(cmd));
}

/* False: it would have to wait. */
static bool run_at_hand(struct scsi_cmd *cmd)
{
	if (!scsi_cmd_claim(cmd)) {
		scsi_cmd_put(cmd);
		return true;
	}
	cmd->at_hand = true;
	enum scsi_sense_code code = run_whole(cmd);
	if (code == SCSI_WOULD_WAIT) {
		cmd->at_hand = false;
		return false;
	}
	end_command(cmd, code);
	return true;
}

/* What came meanwhile, and what must wait, is for a thread of the executor. */
void scsi_queue_begin(struct scsi_lu *lu, struct scsi_cmd *cmd)
{
	bool done = run_at_hand(cmd);
	scsi_lu_lock(lu);
	if (!done) {
		cmd->queued.run = go_on;
		list_prepend(&lu->queue.items, &cmd->queued.link);
	}
	if (list_empty(&lu->queue.items))
		come_to_rest(lu);
	else
		lu->executor->submit(lu->executor, &lu->queue.work, NULL);
	scsi_lu_unlock(lu);
}

static void finish_behind(struct scsi_queue_item *item)
{
	struct scsi_cmd *cmd = container_of(item, struct scsi_cmd, queued);
	if (scsi_cmd_claim(cmd))
		scsi_cmd_finish(cmd, SENSE_NONE);
	scsi_cmd_put(cmd);
}

enum scsi_sense_code scsi_queue_finish_behind(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	SCOPED_LOCK(&lu->lock);
	if (!lu->queue.running)
		return SENSE_NONE;
	scsi_cmd_get(cmd);
	if (!scsi_cmd_park(cmd)) {
		scsi_cmd_put(cmd);
		return SCSI_TASK_ABORTED;
	}
	cmd->queued.run = finish_behind;
	list_prepend(&lu->queue.items, &cmd->queued.link);
	return SCSI_PENDING;
}

bool scsi_queue_wants(const struct scsi_cmd *cmd)
{
	return cmd->nexus->lu->type->queued && cmd->opcode &&
	       !(cmd->opcode->flags & OPCODE_IMMEDIATE);
}

enum scsi_sense_code scsi_queue_command(struct scsi_cmd *cmd, bool *ret_begin)
{
	struct scsi_queue *queue = &cmd->nexus->lu->queue;
	scsi_cmd_get(cmd);
	if (!scsi_cmd_park(cmd)) {
		scsi_cmd_put(cmd);
		return SCSI_TASK_ABORTED;
	}
	cmd->queued.run = run_command;
	*ret_begin = !queue->running && cmd->opcode->flags & OPCODE_TRIES_AT_HAND;
	if (*ret_begin)
		queue->running = true;
	else
		scsi_queue_add(cmd->nexus->lu, &cmd->queued);
	return SCSI_PENDING;
}

enum scsi_sense_code scsi_unlocked(
	struct scsi_cmd *cmd, enum scsi_sense_code (*unlocked)(struct scsi_cmd *cmd))
{
	cmd->unlocked = unlocked;
	return SCSI_UNLOCKED;
}
