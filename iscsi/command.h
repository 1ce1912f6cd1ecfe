/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A SCSI command of a session: from its PDU, through Data-Out or memory for Data-In, to the device
 * server and back. Its memory belongs to a thread and outlives the session when somebody in scsi/
 * still refers to it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "order.h"
#include "scsi/command.h"
#include "scsi/sense.h"
#include "util/list.h"

struct connection;
struct management;
struct network_thread;
struct session;

enum command_state {
	COMMAND_UNSOLICITED, /* Data-Out that the initiator sends by itself is coming */
	COMMAND_DORMANT,     /* its turn has not come (order.h) */
	COMMAND_WAITING,     /* for memory */
	COMMAND_SOLICITED,   /* an R2T is outstanding */
	COMMAND_READY,       /* for older ones of its LUN to be handed over (order.h) */
	COMMAND_EXECUTING,   /* scsi/ has it */
	COMMAND_ANSWERED,    /* its answer is in the queue */
};

struct command {
	struct scsi_cmd cmd;
	struct network_thread *thread;
	struct session *session;
	struct list link; /* session->by_tag; thread->free_commands or released */
	struct list wait; /* session->wait_in or wait_out; lun->dormant */
	struct list done; /* thread->done or own_done */
	enum command_state state;

	uint32_t tag;
	int lun;       /* as addressed, -1: malformed */
	int lun_index; /* in the session's map, or -1 */
	bool read, write;
	bool aborted; /* ends without an answer */
	bool refused; /* not executed: refusal is its status, and its sense */
	enum scsi_status refusal;
	enum scsi_sense_code refusal_sense;
	uint32_t expected;             /* data transfer length */
	struct management *management; /* waits for its end; NULL: nobody */
	unsigned resets;               /* of its LUN, when it came */

	/* order.c's. */
	enum task_attribute attribute;
	bool begun;
	uint32_t age;      /* in its session */
	unsigned older;    /* ORDERED: commands of its LUN that are not over */
	struct list order; /* ORDERED: lun->ordered */
	struct list turn;  /* lun->arrived */

	uint8_t *buffer;
	uint32_t buffer_length;
	struct iovec iov;
	unsigned unsent; /* PDUs in the queue */

	/* Data-Out. */
	uint32_t received;  /* bytes, from the start */
	uint32_t burst_end; /* where the sequence that is coming ends */
	uint32_t ttt, r2t_sn, data_sn;

	uint8_t sense[2 + SCSI_SENSE_MAX];
};

/* A SCSI Command PDU. False: the connection was closed. */
bool command_header(struct session *session);
void command_pdu(struct session *session);
/* A SCSI Data-Out PDU. */
bool data_out_header(struct session *session);
void data_out_pdu(struct session *session);

/* What follows from the state of a command whose unsolicited data has come. */
void command_go_on(struct command *command);
/* Gives it to the device server, or answers it when it is refused. */
void command_execute(struct command *command);
/* Asks for the next burst. */
void data_out_solicit(struct command *command);

/* Memory for `wait_in` or `wait_out`, as it is there. */
bool command_take_buffer(struct command *command);
void command_give_buffer(struct command *command);

/* Back from the device server, on its own thread. */
void command_done(struct command *command);
/* Queues Data-In and status. */
void command_answer(struct command *command);
/* One of its PDUs was sent, or dropped. */
void command_sent(struct command *command);
/* The file that its Data-In is sent from is no longer what it was. */
bool command_file_changed(const struct command *command);
/* Ends it without an answer: at once, or when scsi/ gives it back. */
void command_abort(struct command *command);
/* Out of its session, its memory given back. */
void command_end(struct command *command);

/* REPORT LUNS, and everything for a LUN that is not there (luns.c). True: answered here. */
bool command_answer_here(struct command *command);

/* Every one in `session`, in any order; `call` may end it. */
void session_each_command(
	struct session *session, void (*call)(struct command *, void *), void *context);
