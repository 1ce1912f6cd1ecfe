/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/tally.h"

#include "scsi/command.h"

const uint32_t scsi_tally_bounds_us[SCSI_TALLY_DURATIONS] = {
	25, 100, 500, 2000, 10000, 50000, 250000, 1000000, 10000000};

/* Operation codes of SPC-4, SSC-4 and MMC-6, and one more than their class: 0 is OTHER. */
#define READS     (SCSI_TALLY_READ + 1)
#define WRITES    (SCSI_TALLY_WRITE + 1)
#define POSITIONS (SCSI_TALLY_POSITION + 1)

static const uint8_t classes[256] = {
	[0x08] = READS,     /* READ(6) */
	[0x28] = READS,     /* READ(10) */
	[0x88] = READS,     /* READ(16) */
	[0xa8] = READS,     /* READ(12) */
	[0xb9] = READS,     /* READ CD MSF */
	[0xbe] = READS,     /* READ CD */
	[0x0a] = WRITES,    /* WRITE(6) */
	[0x10] = WRITES,    /* WRITE FILEMARKS(6) */
	[0x19] = WRITES,    /* ERASE(6) */
	[0x2a] = WRITES,    /* WRITE(10) */
	[0x2e] = WRITES,    /* WRITE AND VERIFY(10) */
	[0x80] = WRITES,    /* WRITE FILEMARKS(16) */
	[0x8a] = WRITES,    /* WRITE(16) */
	[0x93] = WRITES,    /* ERASE(16) */
	[0xaa] = WRITES,    /* WRITE(12) */
	[0x01] = POSITIONS, /* REWIND */
	[0x0b] = POSITIONS, /* SEEK(6) */
	[0x11] = POSITIONS, /* SPACE(6) */
	[0x1b] = POSITIONS, /* LOAD UNLOAD, START STOP UNIT */
	[0x2b] = POSITIONS, /* LOCATE(10), SEEK(10) */
	[0x91] = POSITIONS, /* SPACE(16) */
	[0x92] = POSITIONS, /* LOCATE(16) */
	[0xa6] = POSITIONS, /* LOAD/UNLOAD MEDIUM */
};

enum scsi_tally_class scsi_tally_class_of(uint8_t operation_code)
{
	uint8_t class = classes[operation_code];
	return class ? (enum scsi_tally_class)(class - 1) : SCSI_TALLY_OTHER;
}

static enum scsi_tally_status status_of(uint8_t status)
{
	switch (status) {
	case SCSI_STATUS_GOOD:
		return SCSI_TALLY_GOOD;
	case SCSI_STATUS_CHECK_CONDITION:
		return SCSI_TALLY_CHECK_CONDITION;
	case SCSI_STATUS_RESERVATION_CONFLICT:
		return SCSI_TALLY_RESERVATION_CONFLICT;
	default:
		return SCSI_TALLY_OTHER_STATUS;
	}
}

static unsigned bound_of(uint32_t duration_us)
{
	unsigned i = 0;
	while (i < SCSI_TALLY_DURATIONS && duration_us > scsi_tally_bounds_us[i])
		i++;
	return i;
}

static void count(atomic_ullong *counter, unsigned long long more)
{
	atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

void scsi_tally_add(struct scsi_tally *tally, uint8_t operation_code, uint8_t status,
	uint8_t sense_key, uint32_t duration_us)
{
	enum scsi_tally_class class = scsi_tally_class_of(operation_code);
	count(&tally->commands[class][status_of(status)], 1);
	count(&tally->durations[class][bound_of(duration_us)], 1);
	count(&tally->duration_us[class], duration_us);
	if (status == SCSI_STATUS_CHECK_CONDITION)
		count(&tally->sense_keys[sense_key % SCSI_TALLY_SENSE_KEYS], 1);
}
