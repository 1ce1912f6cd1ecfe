/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection: bytes in, PDUs out. It never blocks: what cannot be sent waits in its queue, and a
 * peer that does not read is not read from either. Everything here is its thread's alone, except
 * connection_poke.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "pdu.h"
#include "util/list.h"

struct command;
struct login;
struct network_thread;
struct portal;
struct session;

enum { STAGING_LENGTH = 16384, QUEUED_OUT_MAX = 4096, TURN_BYTES = 256 << 10 };

/* A PDU to be sent. */
struct outgoing {
	struct list link;
	uint8_t header[BHS_LENGTH + DIGEST_LENGTH];
	uint8_t header_length;
	uint8_t tail_length;
	uint8_t tail[3 + DIGEST_LENGTH]; /* padding and digest */
	const uint8_t *data;
	uint32_t data_length;
	uint32_t sent;
	int file; /* >= 0: the data is in this file, at file_offset, and never in `data` */
	uint64_t file_offset;
	struct command *owner; /* of the data */
	void *memory;          /* freed when it is sent */
};

enum receive_step { RECEIVE_HEADER, RECEIVE_EXTRA, RECEIVE_DATA, RECEIVE_TAIL };

enum connection_stage {
	CONNECTION_LOGIN,
	CONNECTION_WAITING, /* for the former session to end */
	CONNECTION_FULL,
	CONNECTION_LEAVING, /* closes when everything is sent */
	CONNECTION_DEAD,
};

enum poke { POKE_CLOSE = 1, POKE_RESUME = 2, POKE_DROP = 4 /* closes, and says so */ };

struct connection {
	struct network_thread *thread;
	struct list link;  /* thread->connections, arrived or dead */
	struct list ready; /* thread->ready */
	struct list dirty; /* thread->dirty */
	struct list poke;  /* thread->poked, with `poked` under thread->lock */
	unsigned poked;

	int fd;
	char peer[64];
	struct sockaddr_storage local;
	enum connection_stage stage;
	uint64_t opened_ns, heard_ns;
	uint64_t taken_ns; /* while polls_out: when the peer last took something */
	bool pinged;
	bool polls_out, polls_in;

	struct login *login;     /* until full feature phase */
	struct session *session; /* from then on */
	uint32_t stat_sn;
	uint32_t exp_stat_sn; /* that the initiator said last: it has everything before */
	bool header_digest, data_digest;

	/* Receiving. */
	enum receive_step step;
	uint32_t have; /* bytes of this step */
	uint8_t bhs[BHS_LENGTH];
	uint8_t extra[AHS_MAX + DIGEST_LENGTH];
	uint32_t extra_length;
	uint32_t data_length;
	uint8_t *data;       /* where the segment goes; NULL: nowhere */
	uint8_t *data_owned; /* the same when it is this connection's to free */
	uint8_t tail[3 + DIGEST_LENGTH];
	uint32_t tail_length;
	uint32_t data_crc;
	bool ignored;              /* this PDU has no effect */
	struct command *receiving; /* whose data this is */
	uint64_t turn; /* bytes received in this turn, and of Data-In that it asked for */
	uint32_t staged_from, staged_to;
	uint8_t staging[STAGING_LENGTH];

	/* Sending. */
	struct list queue; /* struct outgoing */
	unsigned queued;
};

struct connection *connection_create(
	struct portal *portal, int fd, const struct sockaddr_storage *peer);
/* On its thread, from the arrival on. */
bool connection_begin(struct connection *connection);
void connection_free(struct connection *connection);

/* Something can be read, written, or is left over from before. */
void connection_readable(struct connection *connection);
void connection_flush(struct connection *connection);
/* There is, of a request that nobody has looked at. */
bool connection_has_input(const struct connection *connection);
void connection_tick(struct connection *connection);

/* Drops it now. `why` (may be NULL) goes into the log, with the peer. */
void connection_close(struct connection *connection, const char *why);
/* It is dropped, its session has ended: freed soon. */
void connection_bury(struct connection *connection);
/* Drops it when everything queued is sent. */
void connection_leave(struct connection *connection);
/* Any thread; the connection must be known to be there. */
void connection_poke(struct connection *connection, unsigned what);

/* ---- sending (transmit.c) ------------------------------------------------------------------- */

/*
 * A PDU with a zeroed header of this kind; NULL: out of memory, the connection will be closed.
 */
struct outgoing *outgoing_create(
	struct connection *connection, enum pdu_opcode opcode, uint32_t tag);
/* Data that stays where it is until it is sent. */
void outgoing_data(struct outgoing *outgoing, const void *data, uint32_t length);
/* Data that is sent from a file; the owner holds it, and says whether it is what it was. */
void outgoing_file(struct outgoing *outgoing, int file, uint64_t offset, uint32_t length);
/* A copy of the data. False: out of memory. */
bool outgoing_copy(struct outgoing *outgoing, const void *data, uint32_t length);
/* Queues it; adds the data length, padding and digests. */
void connection_send(struct connection *connection, struct outgoing *outgoing);
void outgoing_drop(struct connection *connection, struct outgoing *outgoing);
/* The same header was received and is refused. */
void connection_reject(struct connection *connection, enum pdu_reject reason);

/* Memory for the data of the PDU that is coming. False: none; the connection is closed. */
bool connection_own_data(struct connection *connection);

/* ---- what a PDU means ----------------------------------------------------------------------- */

/*
 * The header is here: where does its data go (connection->data)? False: the connection was closed,
 * or the length is refused.
 */
bool receive_header(struct connection *connection);
/* All of it is here. */
void receive_pdu(struct connection *connection);
