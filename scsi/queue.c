/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/queue.h"

#include "private.h"
#include "scsi/lu.h"

/* The next item, or NULL when the mechanism comes to rest. */
static struct scsi_queue_item *next_item(struct scsi_lu *lu)
{
	scsi_lu_lock(lu);
	struct list *node = list_pop(&lu->queue.items);
	lu->queue.running = node != NULL;
	if (!node)
		pthread_cond_broadcast(&lu->queue.at_rest);
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

/* Also for a command that was cancelled while it waited: then only its reference is given back. */
static void run_command(struct scsi_queue_item *item)
{
	struct scsi_cmd *cmd = container_of(item, struct scsi_cmd, queued);
	if (scsi_cmd_claim(cmd)) {
		struct scsi_lu *lu = cmd->nexus->lu;
		scsi_lu_lock(lu);
		cmd->sense_descriptor = lu->mode.d_sense;
		enum scsi_sense_code code = scsi_gates(cmd);
		scsi_lu_unlock(lu);
		if (code == SCSI_UNLOCKED)
			code = cmd->unlocked(cmd);
		if (code != SCSI_PENDING)
			scsi_cmd_finish(cmd, code);
	}
	scsi_cmd_put(cmd);
}

bool scsi_queue_wants(const struct scsi_cmd *cmd)
{
	return cmd->nexus->lu->type->queued && cmd->opcode &&
	       !(cmd->opcode->flags & OPCODE_IMMEDIATE);
}

enum scsi_sense_code scsi_queue_command(struct scsi_cmd *cmd)
{
	scsi_cmd_get(cmd);
	if (!scsi_cmd_park(cmd)) {
		scsi_cmd_put(cmd);
		return SCSI_TASK_ABORTED;
	}
	cmd->queued.run = run_command;
	scsi_queue_add(cmd->nexus->lu, &cmd->queued);
	return SCSI_PENDING;
}

enum scsi_sense_code scsi_unlocked(
	struct scsi_cmd *cmd, enum scsi_sense_code (*unlocked)(struct scsi_cmd *cmd))
{
	cmd->unlocked = unlocked;
	return SCSI_UNLOCKED;
}
