/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row per command of a device type: the only place where anything about an operation code is
 * written. The row validates (with field pointer), gates, traces, documents and, on device types
 * that have it, answers REPORT SUPPORTED OPERATION CODES.
 *
 * Tables are per device type, because operation codes are: A3h is SEND KEY on a CD drive and
 * MAINTENANCE IN on a tape drive. Rows are sorted by operation code, then service action.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scsi/sense.h"

struct scsi_cmd;
struct scsi_device_type;

enum scsi_direction { SCSI_NO_DATA, SCSI_DATA_IN, SCSI_DATA_OUT };

/* Permissions: a flag that was forgotten fails closed. */
enum scsi_opcode_flags {
	OPCODE_WITHOUT_MEDIUM = 1 << 0,      /* needs no medium in place */
	OPCODE_SKIPS_ATTENTION = 1 << 1,     /* neither reports nor clears a unit attention */
	OPCODE_DESPITE_RESERVATION = 1 << 2, /* allowed while another nexus holds a reservation */
	OPCODE_IMMEDIATE = 1 << 3,           /* bypasses the queue of a tape drive */
	OPCODE_WRITES = 1 << 4,              /* changes the medium: write protection applies */
	OPCODE_TRIES_AT_HAND = 1 << 5,       /* its unlocked part heeds cmd->at_hand */
	/*
	 * Allowed to a nexus that a persistent reservation keeps out (the tables of SPC-4 5.12.1,
	 * SSC-4 and MMC-6): whatever its type; when it is one of the write exclusive ones.
	 */
	OPCODE_DESPITE_PERSISTENT = 1 << 6,
	OPCODE_DESPITE_WRITE_EXCLUSIVE = 1 << 7,
	/* Allowed despite both kinds with PREVENT 00b in byte 4 (SPC-2 table 10, SPC-4 5.12.1). */
	OPCODE_ALLOWS_REMOVAL = 1 << 8,
	OPCODE_GOES_ON = 1 << 9, /* on from where the medium stands, wherever that is */
};

enum { /* no such field */ SCSI_ANY_ACTION = -1 };

struct scsi_opcode {
	const char *name; /* as T10 spells it */
	uint8_t opcode;
	int16_t service_action; /* byte 1 bits 4..0, or SCSI_ANY_ACTION */
	enum scsi_direction direction;
	unsigned flags;
	/*
	 * CDB usage (SPC-4 6.35.3): byte 0 is the operation code itself, a bit that is 0 must be 0
	 * in the CDB. As long as scsi_cdb_length(opcode). The CONTROL byte (last of the first six,
	 * ten, … bytes) is 00h here; its vendor bits 7..6 are ignored and NACA and the rest
	 * refused.
	 */
	uint8_t usage[16];
	enum scsi_sense_code (*handler)(struct scsi_cmd *cmd);
	/* Seconds, for REPORT SUPPORTED OPERATION CODES (SPC-4 6.35.4); 0: not said. */
	uint32_t nominal_s, timeout_s;
};

struct scsi_opcode_table {
	const struct scsi_opcode *rows;
	size_t count;
};

/* NULL: the device has no such command. */
const struct scsi_opcode *scsi_opcode_find(
	const struct scsi_opcode_table *table, const uint8_t *cdb);
