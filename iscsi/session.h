/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session in full feature phase: numbers, tasks, LUNs. It belongs to the thread of its one
 * connection; only the fields that name it are looked at by others, under the registry lock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "connection.h"
#include "iscsi/portal.h"
#include "negotiate.h"
#include "util/list.h"

struct command;
struct connection;
struct login;
struct scsi_lu;

enum { COMMAND_WINDOW = 128, TAG_BUCKETS = 64 };

struct session_lun {
	unsigned tasks;
	uint64_t out_bytes;  /* of commands that are not dormant */
	unsigned heads;      /* HEAD OF QUEUE commands that are not over */
	struct list ordered; /* struct command, order: ORDERED ones that are not over */
	struct list dormant; /* struct command, wait */
	/* Of a device that is one mechanism: struct command, turn: not handed over yet. */
	struct list arrived;
};

struct session {
	struct connection *connection;
	struct portal *portal;

	/* Under the registry lock, and constant while entered. */
	struct list registered;
	bool entered;
	char initiator[PORTAL_NAME_MAX], target[PORTAL_NAME_MAX];
	uint8_t isid[PORTAL_ISID_LENGTH];
	uint16_t tsih, cid;
	struct connection *successor; /* waits for the end of this session */

	bool discovery;
	bool open;    /* the backend knows it */
	bool closing; /* tasks are being ended, nothing is answered */
	bool quiet;   /* of iscsi/portal.h, `closed` */
	struct parameters parameters;
	struct negotiation negotiation;
	uint32_t exp_cmd_sn;
	uint32_t next_ttt;
	struct portal_session backend;
	struct session_lun luns[PORTAL_LUNS_MAX];

	struct list by_tag[TAG_BUCKETS]; /* struct command, link */
	unsigned tasks;
	unsigned executing; /* commands that scsi/ has */
	unsigned dormant;   /* commands that wait for others, of all LUNs */
	unsigned ready;     /* those that wait for older ones to be handed over */
	uint32_t next_age;
	uint64_t in_bytes, out_bytes;
	struct list wait_in, wait_out; /* commands that wait for memory, in their order */

	struct list managements; /* struct management */
	bool logging_out;
	uint32_t logout_tag;

	char *text; /* an answer that goes on: text_length bytes, text_sent of them sent */
	uint32_t text_length, text_sent, text_ttt;
	bool text_open; /* the initiator has not said its last word: text_ttt goes on */
};

struct session *session_create(struct connection *connection, const struct login *login);
void session_free(struct session *session);

/* The header and then the whole of a PDU in full feature phase. */
bool session_header(struct session *session);
void session_pdu(struct session *session);

/* Ends all tasks; the connection is freed once the last is back. */
void session_close(struct session *session);
/* Ends all tasks without an answer. */
void session_abort_all(struct session *session);
/* A command came back, or memory was given back: what was waiting for that goes on. */
void session_progress(struct session *session);

/* Puts StatSN (counted with `counts`), ExpCmdSN and MaxCmdSN into a header. */
void session_numbers(struct session *session, uint8_t *bhs, bool counts);
/* The place of a LUN in the map; -1: there is none. */
int session_lun_index(const struct session *session, int lun);
struct command *session_find(struct session *session, uint32_t tag);

void session_nop_out(struct session *session);
void session_ping(struct session *session);
void session_text(struct session *session);
void session_logout(struct session *session);
/* No task is left: the answer to the logout. */
void session_logged_out(struct session *session);
void session_async_drop(struct session *session);

/*
 * Nothing is under way: no task, no request that was not looked at, and the initiator has
 * acknowledged every status.
 */
bool session_is_settled(const struct session *session);
/*
 * Initiators acknowledge with what they send next, which when they are idle is nothing: an idle one
 * is pinged, for its answer does it (RFC 7143 11.18).
 */
void session_seek_acknowledgement(struct session *session);

/* ---- the registry: sessions of all threads --------------------------------------------------- */

enum registry_result { REGISTRY_ENTERED, REGISTRY_WAIT, REGISTRY_FULL };

/*
 * Enters the session, gives it a TSIH. WAIT: a former session of the same initiator, ISID and
 * target is being closed; the connection is poked with RESUME when it has gone.
 */
enum registry_result registry_enter(struct session *session);
void registry_leave(struct session *session);
/* Closes the sessions of a target but one (may be NULL), with a message before (DROP) or without.
 */
void registry_close_target(
	struct portal *portal, const char *target, const struct session *except, enum poke poke);
/* The connection does not wait any more. */
void registry_forget(struct portal *portal, const struct connection *connection);
