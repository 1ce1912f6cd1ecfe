/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libiscsi as an initiator, without its headers: their names clash with those of scsi/. Everything
 * aborts when the session is lost.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire;

enum { WIRE_SENSE_MAX = 256 };

struct wire_answer {
	bool done;
	int status;
	int64_t residual; /* > 0: so much was left over, < 0: so much did not fit */
	uint8_t sense[WIRE_SENSE_MAX];
	size_t sense_length;
};

enum wire_options { WIRE_HEADER_DIGEST = 1, WIRE_INITIAL_R2T = 2, WIRE_NO_IMMEDIATE_DATA = 4 };

/* Logs in, and sends nothing else. */
struct wire *wire_create(
	const char *address, const char *target, const char *initiator, unsigned options);
/* Logs out. */
void wire_destroy(struct wire *wire);

/*
 * `length` bytes of `data` are sent, or filled in; both they and the answer stay where they are
 * until the answer is done.
 */
void wire_send(struct wire *wire, const uint8_t *cdb, size_t cdb_length, void *data, size_t length,
	bool out, struct wire_answer *ret);

int wire_fd(struct wire *wire);
short wire_events(struct wire *wire);
void wire_serve(struct wire *wire, short events);
