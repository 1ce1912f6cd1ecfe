/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TapeAlert (SSC-4 4.2.20): what is wrong, for whoever looks after drives. LTO drives set 03h
 * beside 04h, 05h and 06h, and clear those and 09h and 0Ah when the cartridge is taken out, or the
 * page read (IBM TS3400 and 3592 maintenance information, Dell LTO-7 user's guide: the tables of
 * flags).
 */
#include "drive_private.h"
#include "util/cleanup.h"

enum {
	HARD_ERROR = 0x03,
	MEDIA = 0x04,
	READ_FAILURE = 0x05,
	WRITE_FAILURE = 0x06,
	WRITE_PROTECT = 0x09,
	NO_REMOVAL = 0x0a,
};

static uint64_t bit_of(unsigned flag)
{
	return UINT64_C(1) << (flag - 1);
}

void ssc_alert_read_failure(struct ssc_drive *drive)
{
	SCOPED_LOCK(&drive->lu.lock);
	drive->alerts |= bit_of(HARD_ERROR) | bit_of(MEDIA) | bit_of(READ_FAILURE);
}

void ssc_alert_write_failure(struct ssc_drive *drive, bool media)
{
	drive->alerts |= bit_of(HARD_ERROR) | bit_of(WRITE_FAILURE);
	if (media)
		drive->alerts |= bit_of(MEDIA);
}

void ssc_alert_write_protect(struct ssc_drive *drive)
{
	drive->alerts |= bit_of(WRITE_PROTECT);
}

void ssc_alert_no_removal(struct ssc_drive *drive)
{
	drive->alerts |= bit_of(NO_REMOVAL);
}

void ssc_alerts_of_cartridge_gone(struct ssc_drive *drive)
{
	drive->alerts &= ~(bit_of(HARD_ERROR) | bit_of(MEDIA) | bit_of(READ_FAILURE) |
			   bit_of(WRITE_FAILURE) | bit_of(WRITE_PROTECT) | bit_of(NO_REMOVAL));
}
