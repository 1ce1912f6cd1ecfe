/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log page engine: LOG SENSE and LOG SELECT over rows (SPC-4 6.7, 6.8, 7.3). A device type
 * lists its pages; page 00h and subpage FFh, the lists of pages, are made of the rows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scsi/sense.h"

struct response;
struct scsi_cmd;
struct scsi_lu;

/* A page being built; parameters below the PARAMETER POINTER are passed over. */
struct scsi_log {
	struct response *r;
	uint16_t pointer;
};

struct scsi_log_page {
	uint8_t page, subpage;
	/* Appends parameters in ascending order of their codes; lu->lock held. NULL ends the list.
	 */
	void (*build)(struct scsi_lu *lu, struct scsi_log *log);
	/* LOG SELECT with PCR: counters begin anew; lu->lock held. NULL: nothing to reset. */
	void (*reset)(struct scsi_lu *lu);
};

enum {
	SCSI_LOG_COUNTER = 0x00, /* FORMAT AND LINKING: bounded data counter */
	SCSI_LOG_ASCII = 0x01,
	SCSI_LOG_BINARY = 0x03,
};

/* A parameter whose value is `bytes` (1 to 8) wide. */
void scsi_log_number(
	struct scsi_log *log, uint16_t code, unsigned control, unsigned bytes, uint64_t value);
void scsi_log_bytes(
	struct scsi_log *log, uint16_t code, unsigned control, const void *data, size_t length);

enum scsi_sense_code scsi_log_sense(struct scsi_cmd *cmd);
enum scsi_sense_code scsi_log_select(struct scsi_cmd *cmd);
