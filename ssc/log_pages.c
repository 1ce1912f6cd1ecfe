/* SPDX-License-Identifier: Apache-2.0 */
/* Log pages of the tape drive (SPC-4 7.3, SSC-4 8.2): live counters, and TapeAlert. */
#include "drive_private.h"

enum { MEGABYTE = 1000000, ALERTS = 64, COUNTER_CONTROL = 0x40 /* TSD: not saved here */ };

/* Errors corrected, without and with delay, rewrites or rereads, and so on: there are none here. */
static void error_counters(struct scsi_log *log, uint64_t bytes)
{
	for (uint16_t code = 0; code <= 4; code++)
		scsi_log_number(log, code, COUNTER_CONTROL, 4, 0);
	scsi_log_number(log, 0x0005, COUNTER_CONTROL, 8, bytes);
	scsi_log_number(log, 0x0006, COUNTER_CONTROL, 4, 0);
}

static void write_errors(struct scsi_lu *lu, struct scsi_log *log)
{
	error_counters(log, ssc_drive_of_lu(lu)->bytes_written);
}

static void reset_written(struct scsi_lu *lu)
{
	ssc_drive_of_lu(lu)->bytes_written = 0;
}

static void read_errors(struct scsi_lu *lu, struct scsi_log *log)
{
	error_counters(log, ssc_drive_of_lu(lu)->bytes_read);
}

static void reset_read(struct scsi_lu *lu)
{
	ssc_drive_of_lu(lu)->bytes_read = 0;
}

/* How much of the tape lies before the position: by objects, for what each takes is not kept. */
static uint64_t used_before(uint64_t position, const struct cartridge_status *cartridge)
{
	if (position >= cartridge->eod)
		return cartridge->used;
	return (uint64_t)((double)cartridge->used * ((double)position / (double)cartridge->eod));
}

/*
 * SSC-4 8.2.3: bytes from and to hosts, and to and from the medium, all of this drive, so that
 * their ratios are those of compression (what is read is not told apart); then native capacities in
 * megabytes: from BOP to EOD, to early warning, from that to the end, from BOP to the position.
 */
static void sequential_access(struct scsi_lu *lu, struct scsi_log *log)
{
	const struct ssc_drive *drive = ssc_drive_of_lu(lu);
	const struct cartridge_status *cartridge = &drive->snapshot.cartridge;
	uint64_t early = cartridge->capacity
				 ? cartridge->capacity - ssc_early_warning(cartridge->capacity)
				 : 0;
	scsi_log_number(log, 0x0000, COUNTER_CONTROL, 8, drive->bytes_written);
	scsi_log_number(log, 0x0001, COUNTER_CONTROL, 8, drive->bytes_stored);
	scsi_log_number(log, 0x0002, COUNTER_CONTROL, 8, drive->bytes_read);
	scsi_log_number(log, 0x0003, COUNTER_CONTROL, 8, drive->bytes_read);
	scsi_log_number(log, 0x0004, COUNTER_CONTROL, 8, cartridge->used / MEGABYTE);
	scsi_log_number(log, 0x0005, COUNTER_CONTROL, 8, early / MEGABYTE);
	scsi_log_number(log, 0x0006, COUNTER_CONTROL, 8, (cartridge->capacity - early) / MEGABYTE);
	scsi_log_number(log, 0x0007, COUNTER_CONTROL, 8,
		used_before(drive->snapshot.position, cartridge) / MEGABYTE);
	scsi_log_number(log, 0x0100, COUNTER_CONTROL, 4, 0); /* no cleaning wanted */
}

/* Reading it clears the flags, as it does on real drives (SSC-4 4.2.20). */
static void tape_alert(struct scsi_lu *lu, struct scsi_log *log)
{
	struct ssc_drive *drive = ssc_drive_of_lu(lu);
	for (unsigned i = 0; i < ALERTS; i++)
		scsi_log_number(log, (uint16_t)(i + 1), COUNTER_CONTROL, 1, drive->alerts >> i & 1);
	drive->alerts = 0;
}

const struct scsi_log_page ssc_log_pages[] = {
	{0x02, 0x00, write_errors, reset_written},
	{0x03, 0x00, read_errors, reset_read},
	{0x0c, 0x00, sequential_access, NULL},
	{0x2e, 0x00, tape_alert, NULL},
	{0},
};
