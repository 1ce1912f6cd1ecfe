/* SPDX-License-Identifier: Apache-2.0 */
#include "order.h"

#include "command.h"
#include "pdu.h"
#include "scsi/lu.h"
#include "session.h"

static struct session_lun *lun_of(const struct command *command)
{
	return &command->session->luns[command->lun_index];
}

/* ---- handing over, on a device that is one mechanism ------------------------------------------
 */

static bool is_one_mechanism(const struct command *command)
{
	const struct portal_lun *lun = &command->session->backend.luns[command->lun_index];
	return lun->nexus->lu->type->queued;
}

/* HEAD OF QUEUE waits for nobody. */
static void arrive(struct command *command, enum task_attribute attribute)
{
	struct list *arrived = &lun_of(command)->arrived;
	if (is_one_mechanism(command))
		list_append(
			attribute == TASK_HEAD_OF_QUEUE ? arrived->next : arrived, &command->turn);
}

static struct command *first_of(const struct session_lun *lun)
{
	return list_empty(&lun->arrived) ? NULL
					 : container_of(lun->arrived.next, struct command, turn);
}

static bool lacks_memory(const struct command *command)
{
	return command->state == COMMAND_WAITING || command->state == COMMAND_DORMANT;
}

bool order_applies(const struct command *command)
{
	return !list_empty(&command->turn);
}

bool order_yields(const struct command *command)
{
	if (!order_applies(command))
		return false;
	list_for_each (node, &lun_of(command)->arrived) {
		const struct command *older = container_of(node, struct command, turn);
		if (older == command)
			return false;
		if (lacks_memory(older) && !older->buffer)
			return true;
	}
	return false;
}

bool order_is_next(struct command *command)
{
	if (!order_applies(command) || first_of(lun_of(command)) == command)
		return true;
	command->state = COMMAND_READY;
	command->session->ready++;
	return false;
}

void order_hand_over(struct command *command)
{
	if (command->state == COMMAND_READY)
		command->session->ready--;
	list_remove(&command->turn);
}

void order_refuse(struct command *command)
{
	list_remove(&command->turn);
}

void order_follow(struct session *session, int lun_index)
{
	if (lun_index < 0)
		return;
	struct session_lun *lun = &session->luns[lun_index];
	struct command *next;
	while (!session->closing && (next = first_of(lun)) && next->state == COMMAND_READY)
		command_execute(next);
}

/* ---- task attributes --------------------------------------------------------------------------
 */

void order_enter(struct command *command, enum task_attribute attribute)
{
	command->age = command->session->next_age++;
	if (command->lun_index < 0)
		return;
	if (!command->refused)
		arrive(command, attribute);
	if (attribute <= TASK_SIMPLE)
		return;
	struct session_lun *lun = lun_of(command);
	command->attribute = attribute;
	command->older = lun->tasks - 1;
	if (attribute == TASK_HEAD_OF_QUEUE)
		lun->heads++;
	else
		list_append(&lun->ordered, &command->order);
}

void order_leave(struct command *command)
{
	if (command->lun_index < 0)
		return;
	struct session_lun *lun = lun_of(command);
	if (command->state == COMMAND_DORMANT)
		command->session->dormant--;
	order_hand_over(command);
	if (command->attribute == TASK_HEAD_OF_QUEUE)
		lun->heads--;
	list_remove(&command->order);
	list_for_each (node, &lun->ordered) {
		struct command *ordered = container_of(node, struct command, order);
		ordered->older -= serial_before(command->age, ordered->age);
	}
}

static bool must_wait(const struct command *command)
{
	const struct session_lun *lun = lun_of(command);
	if (command->attribute == TASK_HEAD_OF_QUEUE)
		return false;
	if (lun->heads > 0)
		return true;
	if (command->attribute == TASK_ORDERED)
		return command->older > 0;
	if (list_empty(&lun->ordered))
		return false;
	/* They entered in the order of their age. */
	return serial_before(
		container_of(lun->ordered.next, struct command, order)->age, command->age);
}

bool order_holds(struct command *command)
{
	if (command->lun_index < 0 || command->begun)
		return false;
	command->begun = true;
	if (!must_wait(command))
		return false;
	struct session_lun *lun = lun_of(command);
	command->state = COMMAND_DORMANT;
	command->session->dormant++;
	if (command->buffer)
		lun->out_bytes -= command->buffer_length;
	list_append(&lun->dormant, &command->wait);
	return true;
}

static void wake(struct command *command)
{
	command->state = COMMAND_WAITING;
	command->session->dormant--;
	if (command->buffer)
		lun_of(command)->out_bytes += command->buffer_length;
	list_remove(&command->wait);
	command_go_on(command);
}

static bool wake_one(struct session_lun *lun)
{
	list_for_each (node, &lun->dormant) {
		struct command *command = container_of(node, struct command, wait);
		if (must_wait(command))
			continue;
		wake(command);
		return true;
	}
	return false;
}

static bool someone_waits(const struct session *session)
{
	return session->dormant > 0 || session->ready > 0;
}

void order_progress(struct session *session)
{
	for (unsigned i = 0; i < session->backend.lun_count && someone_waits(session); i++) {
		while (!session->closing && wake_one(&session->luns[i]))
			;
		order_follow(session, (int)i);
	}
}
