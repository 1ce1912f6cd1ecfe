/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Task attributes (SAM-5 8): one task set per I_T_L nexus (TST 001b of the control mode page), so
 * the order is that of one session's LUN. A command enters when its header has come and leaves when
 * it is over; traffic of SIMPLE commands alone pays for two comparisons.
 *
 *	SIMPLE         waits for older ORDERED ones and for every HEAD OF QUEUE one
 *	ORDERED        waits for everything older and for every HEAD OF QUEUE one
 *	HEAD OF QUEUE  waits for nobody, and is the first to get memory
 *
 * Who waits is dormant: it has no memory for its data yet, except for data that came without being
 * asked for. Memory of dormant commands does not count as their LUN's, so that what they wait for
 * can always get some.
 *
 * A device that is one mechanism (scsi/queue.h) does what it is told in the order of arrival, which
 * on one connection is that of CmdSN, and where a tape is written depends on it. But data of some
 * commands comes with them, of others when it is asked for. So on such a LUN all commands are
 *handed over in the order in which their headers came, and get memory in that order too: a command
 *that holds memory waits only for others that have theirs.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct command;
struct session;

/* RFC 7143 11.3.1. */
enum task_attribute {
	TASK_UNTAGGED = 0,
	TASK_SIMPLE = 1,
	TASK_ORDERED = 2,
	TASK_HEAD_OF_QUEUE = 3,
	TASK_ACA = 4,
};

/* Its LUN counts it already, and it is not refused. */
void order_enter(struct command *command, enum task_attribute attribute);
/* It is over. Who waited for that goes on with the next order_progress. */
void order_leave(struct command *command);

/* It is refused, and holds up nobody. */
void order_refuse(struct command *command);

/* It is for one mechanism, and not handed over yet. */
bool order_applies(const struct command *command);
/* An older one of its LUN has to get memory first. */
bool order_yields(const struct command *command);
/* All it needs is here. False: older ones are handed over first, and it is ready now. */
bool order_is_next(struct command *command);
/* It is handed over now. */
void order_hand_over(struct command *command);
/* It was: those that are ready follow. */
void order_follow(struct session *session, int lun_index);

/* False: it may go on. True: it is dormant now. Asked once; what has begun is not held up. */
bool order_holds(struct command *command);
/* Whoever needs to wait no more goes on. */
void order_progress(struct session *session);
