/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An initiator without manners: every byte of every PDU is the test's. Everything fails the test
 * when it takes longer than a minute.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "library.h"
#include "pdu.h"

enum { RAW_DATA_MAX = 1 << 18 };

struct raw {
	int fd;
	uint32_t cmd_sn; /* of the next command */
	uint32_t next_tag;
	uint32_t exp_stat_sn; /* of the next request */
	bool header_digest, data_digest;
	bool spoil_header_digest, spoil_data_digest;
	/* What was received last. */
	uint8_t bhs[BHS_LENGTH];
	uint8_t data[RAW_DATA_MAX];
	uint32_t length;
};

struct raw *raw_connect(struct fake_portal *fake);
/* Over a socket that is connected already. */
struct raw *raw_adopt(int fd);
void raw_close(struct raw *raw);

/* The PDU as it is, with padding and digests, and DataSegmentLength set. */
void raw_send(struct raw *raw, uint8_t *bhs, const void *data, uint32_t length);
void raw_send_bytes(struct raw *raw, const void *bytes, size_t length);
/* The next PDU. False: the portal has closed the connection. */
bool raw_receive(struct raw *raw);
/* Nothing comes for a while. */
bool raw_silent(struct raw *raw);
void raw_expect(struct raw *raw, enum pdu_opcode opcode);
void raw_expect_reject(struct raw *raw, enum pdu_reject reason);
void raw_expect_closed(struct raw *raw);

/* Straight from the operational stage to full feature phase; `keys` are pairs with their NULs. */
void raw_login_request(struct raw *raw, const char *keys, size_t length);
struct raw *raw_login_with(struct fake_portal *fake, const char *keys, size_t length);
#define RAW_LOGIN(fake, keys) raw_login_with((fake), keys, sizeof(keys) - 1)
struct raw *raw_login(struct fake_portal *fake);
struct raw *raw_login_to(
	struct fake_portal *fake, const char *target, const char *keys, size_t length);

/* A numbered request with a tag of its own. */
void raw_begin(struct raw *raw, uint8_t *bhs, enum pdu_opcode opcode);
/* A SCSI command, final; returns its tag. */
uint32_t raw_command(struct raw *raw, uint8_t flags, uint16_t lun, const uint8_t *cdb,
	uint32_t expected, const void *data, uint32_t length);
uint32_t raw_read(struct raw *raw, uint32_t lba, uint16_t blocks);
/* Immediate, so that no command number is used. Returns its tag. */
uint32_t raw_manage(struct raw *raw, uint8_t function, uint16_t lun, uint32_t referenced);
/* The answer to it: what it says. */
void raw_expect_managed(struct raw *raw, uint8_t response);
void raw_data_out(struct raw *raw, uint32_t tag, uint32_t ttt, uint32_t data_sn, uint32_t offset,
	uint8_t flags, uint32_t length);
/* The same with data of the caller's. */
void raw_data_out_of(struct raw *raw, uint32_t tag, uint32_t ttt, uint32_t data_sn, uint32_t offset,
	uint8_t flags, const void *data, uint32_t length);
/* TEST UNIT READY, until it is GOOD: unit attentions are reported away. */
void raw_settle(struct raw *raw);
