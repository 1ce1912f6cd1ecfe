/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mode page engine: MODE SENSE and MODE SELECT, 6 and 10 byte, over rows
 * (SPC-4 6.11-6.14, 7.5). A device type lists its pages; current and saved values live in the
 * logical unit.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scsi/sense.h"

struct scsi_cmd;
struct scsi_lu;

enum { SCSI_MODE_PAGE_MAX = 64, SCSI_MODE_PAGES_MAX = 12 };

struct scsi_mode_page {
	uint8_t page, subpage;
	uint8_t length;            /* of the whole page with its header; 0 ends the list */
	bool savable;              /* PS */
	const uint8_t *defaults;   /* `length` bytes; bytes 0 and 1 (page code, length) included */
	const uint8_t *changeable; /* `length` bytes: 1 = MODE SELECT may change the bit */
	/* Refreshes fields that follow the state of the drive, in current values. May be NULL. */
	void (*current)(struct scsi_lu *lu, uint8_t *page);
	/* Refuses a value the masks allow: byte offset of the bad field, or -1. May be NULL. */
	int (*refuses)(struct scsi_lu *lu, const uint8_t *page);
};

/* What a MODE SENSE says before its pages (SPC-4 7.5.5, 7.5.6; SSC-4 8.3.2 for tape drives). */
struct scsi_mode_header {
	uint8_t medium_type;
	uint8_t device_specific;
	bool has_descriptor;
	uint8_t descriptor[8]; /* density code, number of blocks (3), reserved, block length (3) */
};

/* All with lu->lock held. `refuses` and `set` are NULL where MODE SELECT passes over the header. */
struct scsi_mode_header_ops {
	void (*get)(struct scsi_lu *lu, struct scsi_mode_header *ret);
	/*
	 * MODE SELECT. The offset of a value that is refused: 0 the medium type, 1 the
	 * device-specific parameter, 2 and up the descriptor; -1: all may be set. A list without a
	 * descriptor comes with the present one.
	 */
	int (*refuses)(struct scsi_lu *lu, const struct scsi_mode_header *wanted);
	/* True: something has changed. */
	bool (*set)(struct scsi_lu *lu, const struct scsi_mode_header *wanted);
};

struct scsi_mode_values {
	uint8_t current[SCSI_MODE_PAGES_MAX][SCSI_MODE_PAGE_MAX]; /* same order as the rows */
	uint8_t saved[SCSI_MODE_PAGES_MAX][SCSI_MODE_PAGE_MAX];
	uint8_t saving[SCSI_MODE_PAGES_MAX][SCSI_MODE_PAGE_MAX]; /* what the library commits */
	bool d_sense; /* control mode page, where a type has one */
};

void scsi_mode_init(struct scsi_lu *lu);
/* Saved pages from the catalog: a malformed or unknown one is refused with false. Also current. */
bool scsi_mode_restore(struct scsi_lu *lu, const uint8_t *page, size_t length);

/*
 * The library, for a MODE SELECT with SP=1, lu->lock held. scsi_mode_each_savable calls `each` with
 * every savable page as it is now; after the commit scsi_mode_saved makes just those the saved
 * values, whatever other hosts changed meanwhile.
 */
void scsi_mode_each_savable(struct scsi_lu *lu,
	void (*each)(void *context, const uint8_t *page, size_t length), void *context);
void scsi_mode_saved(struct scsi_lu *lu);

/* A reset: current values are the saved ones, else the defaults (SPC-3 6.9.5). lu->lock held. */
void scsi_mode_reset(struct scsi_lu *lu);

/* Current values of a page, or NULL. lu->lock held. */
const uint8_t *scsi_mode_current(struct scsi_lu *lu, uint8_t page, uint8_t subpage);

/* Handlers, for the tables of every device type. */
enum scsi_sense_code scsi_mode_sense_6(struct scsi_cmd *cmd);
enum scsi_sense_code scsi_mode_sense_10(struct scsi_cmd *cmd);
enum scsi_sense_code scsi_mode_select_6(struct scsi_cmd *cmd);
enum scsi_sense_code scsi_mode_select_10(struct scsi_cmd *cmd);
