/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The basic header segment (RFC 7143 11.2): 48 bytes, big-endian. Fields have names, one per place
 * and meaning; they are read and written with util/bytes.h. Everything received is hostile.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "util/bytes.h"

enum { BHS_LENGTH = 48, AHS_MAX = 255 * 4, DIGEST_LENGTH = 4 };

enum pdu_opcode {
	PDU_NOP_OUT = 0x00,
	PDU_SCSI_COMMAND = 0x01,
	PDU_TASK_MANAGEMENT = 0x02,
	PDU_LOGIN = 0x03,
	PDU_TEXT = 0x04,
	PDU_DATA_OUT = 0x05,
	PDU_LOGOUT = 0x06,
	PDU_SNACK = 0x10,
	PDU_NOP_IN = 0x20,
	PDU_SCSI_RESPONSE = 0x21,
	PDU_TASK_MANAGEMENT_RESPONSE = 0x22,
	PDU_LOGIN_RESPONSE = 0x23,
	PDU_TEXT_RESPONSE = 0x24,
	PDU_DATA_IN = 0x25,
	PDU_LOGOUT_RESPONSE = 0x26,
	PDU_R2T = 0x31,
	PDU_ASYNC = 0x32,
	PDU_REJECT = 0x3f,
};

/* Offsets of fields. */
enum {
	BHS_OPCODE = 0,
	BHS_FLAGS = 1,
	BHS_RESPONSE = 2,    /* SCSI, task management, logout response; reason of a Reject */
	BHS_STATUS = 3,      /* SCSI response, Data-In */
	BHS_VERSION_MAX = 2, /* login */
	BHS_VERSION_ACTIVE = 3,
	BHS_VERSION_MIN = 3, /* login request */
	BHS_AHS_LENGTH = 4,  /* words */
	BHS_DATA_LENGTH = 5, /* 24 bits, bytes */
	BHS_LUN = 8,
	BHS_ISID = 8,
	BHS_TSIH = 14,
	BHS_ITT = 16,
	BHS_TTT = 20,
	BHS_CID = 20,
	BHS_EXPECTED_LENGTH = 20, /* SCSI command */
	BHS_REFERENCED_TAG = 20,  /* task management */
	BHS_CMD_SN = 24,
	BHS_STAT_SN = 24, /* of what the target sends */
	BHS_EXP_STAT_SN = 28,
	BHS_EXP_CMD_SN = 28, /* of what the target sends */
	BHS_CDB = 32,
	BHS_MAX_CMD_SN = 32,
	BHS_REF_CMD_SN = 32,   /* task management */
	BHS_LOGIN_STATUS = 36, /* class, detail */
	BHS_DATA_SN = 36,      /* R2TSN, ExpDataSN */
	BHS_ASYNC_EVENT = 36,
	BHS_ASYNC_PARAMETER2 = 40,
	BHS_ASYNC_PARAMETER3 = 42,
	BHS_BUFFER_OFFSET = 40,
	BHS_RESIDUAL = 44,       /* SCSI response, Data-In */
	BHS_DESIRED_LENGTH = 44, /* R2T */
	BHS_TIME2WAIT = 40,      /* logout response */
	BHS_TIME2RETAIN = 42,
};

/* Bits of BHS_OPCODE and BHS_FLAGS. */
enum {
	PDU_IMMEDIATE = 0x40,
	PDU_OPCODE_MASK = 0x3f,
	FLAG_FINAL = 0x80, /* Transit, of a login */
	FLAG_CONTINUE = 0x40,
	FLAG_READ = 0x40,
	FLAG_WRITE = 0x20,
	FLAG_OVERFLOW = 0x04,
	FLAG_UNDERFLOW = 0x02,
	FLAG_STATUS = 0x01,    /* Data-In */
	ATTRIBUTE_MASK = 0x07, /* SCSI command */
	FUNCTION_MASK = 0x7f,
};

enum pdu_reject {
	REJECT_DATA_DIGEST = 0x02,
	REJECT_PROTOCOL_ERROR = 0x04,
	REJECT_NOT_SUPPORTED = 0x05,
	REJECT_INVALID_FIELD = 0x09,
	REJECT_OUT_OF_RESOURCES = 0x0a,
};

#define TAG_NONE 0xffffffffu

static inline enum pdu_opcode pdu_opcode(const uint8_t *bhs)
{
	return bhs[BHS_OPCODE] & PDU_OPCODE_MASK;
}

static inline bool pdu_is_immediate(const uint8_t *bhs)
{
	return bhs[BHS_OPCODE] & PDU_IMMEDIATE;
}

static inline uint32_t pdu_data_length(const uint8_t *bhs)
{
	return get_be24(bhs + BHS_DATA_LENGTH);
}

static inline uint32_t pdu_tag(const uint8_t *bhs)
{
	return get_be32(bhs + BHS_ITT);
}

/* Bytes that fill up a segment to a multiple of four. */
static inline uint32_t pdu_padding(uint32_t length)
{
	return -length & 3;
}

/* Serial number arithmetic (RFC 1982, RFC 7143 4.2.2.1): a before b. */
static inline bool serial_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* A fresh header of what the target sends, final, answering `tag`. */
void pdu_begin(uint8_t *bhs, enum pdu_opcode opcode, uint32_t tag);

/* The LUN of an eight-byte field (SAM-5 4.6): single-level, peripheral or flat. -1: another kind.
 */
int pdu_lun(const uint8_t *bhs);
void pdu_put_lun(uint8_t *field, uint16_t lun);
