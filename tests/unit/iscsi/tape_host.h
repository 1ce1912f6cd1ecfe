/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An initiator of a tape drive that holds every PDU against RFC 7143: data in order and in bursts,
 * status that never comes with the data unless it is GOOD, residuals.
 */
#pragma once

#include "raw.h"
#include "tape_unit.h"

enum { MIB = 1 << 20, BLOCK_MAX = 8 * MIB };

enum tape_status { GOOD = 0x00, CHECK_CONDITION = 0x02, TASK_SET_FULL = 0x28 };

/* What both sides agree upon, by the initiator's keys. 0: a number is the default of ours. */
struct tape_keys {
	bool no_immediate, initial_r2t;
	uint32_t first_burst, max_burst; /* [256 KiB, 1 MiB] */
	uint32_t segment;                /* that the initiator takes [256 KiB] */
};

struct tape_host {
	struct raw *raw;
	struct tape_keys keys;
	uint8_t *data; /* BLOCK_MAX + 1 bytes: what came last */

	/* The last answer. */
	uint8_t status;
	uint32_t moved;   /* bytes of Data-In */
	int64_t residual; /* > 0: left over; < 0: did not fit */
	uint8_t sense[64];
	unsigned pdus, r2ts;
};

/* Unit attentions are taken. */
struct tape_host *tape_login(struct fake_portal *fake, const struct tape_keys *keys);
void tape_logout(struct tape_host *host); /* closes the connection */

/* WRITE(6) of `length` bytes by its CDB; `expected` bytes of `data` are sent as agreed. */
void tape_write(struct tape_host *host, uint32_t length, const uint8_t *data, uint32_t expected);
/* READ(6); the data is in host->data. */
void tape_read(struct tape_host *host, uint32_t length, uint32_t expected, bool sili);
void tape_rewind(struct tape_host *host);
void tape_mark(struct tape_host *host);

/* The parts of a write: the command with its unsolicited data; returns its tag. */
uint32_t tape_write_begin(
	struct tape_host *host, uint32_t length, const uint8_t *data, uint32_t expected);
/* The R2T that was received last is fulfilled. */
void tape_write_burst(struct tape_host *host, const uint8_t *data);
/* A SCSI Response was received last: into the answer. */
void tape_take_response(struct tape_host *host);

/* Of the last answer: key, additional sense, and what it says of the block. */
void assert_tape_sense(const struct tape_host *host, uint8_t key, uint16_t additional);
enum { SENSE_ILI = 0x20, SENSE_FILEMARK_BIT = 0x80 };
void assert_tape_information(const struct tape_host *host, uint8_t bits, int32_t information);
void assert_tape_block(const struct tape_host *host, uint32_t length, uint32_t seed);
