/* SPDX-License-Identifier: Apache-2.0 */
/* Log pages of a drive that reads (SPC-4 7.3). */
#include "private.h"

enum { COUNTER_CONTROL = 0x40 /* TSD: not saved here */ };

static uint64_t bytes_read(struct scsi_lu *lu)
{
	return atomic_load_explicit(&lu->bytes_read, memory_order_relaxed);
}

/* 03h Read Error Counters (7.3.7): corrected in five ways, bytes processed, uncorrected. */
static void read_errors(struct scsi_lu *lu, struct scsi_log *log)
{
	const struct mmc_drive *drive = mmc_drive_of_lu(lu);
	for (uint16_t code = 0; code <= 4; code++)
		scsi_log_number(log, code, COUNTER_CONTROL, 4, 0);
	scsi_log_number(log, 0x0005, COUNTER_CONTROL, 8, bytes_read(lu) - drive->bytes_logged);
	scsi_log_number(log, 0x0006, COUNTER_CONTROL, 4, 0);
}

static void reset_read_errors(struct scsi_lu *lu)
{
	mmc_drive_of_lu(lu)->bytes_logged = bytes_read(lu);
}

const struct scsi_log_page mmc_log_pages[] = {
	{0x03, 0x00, read_errors, reset_read_errors},
	{0, 0, NULL, NULL},
};
