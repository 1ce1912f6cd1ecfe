/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sense: every code once, in one list, and the encoding of fixed and descriptor format sense data
 * (SPC-4 4.5).
 *
 * A command handler ends by returning one enum scsi_sense_code: SENSE_NONE is GOOD. Helpers that
 * know more (which field was wrong, which block could not be read) put it into cmd->sense first and
 * return the code, see scsi/command.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scsi_sense_key {
	SENSE_KEY_NO_SENSE = 0x0,
	SENSE_KEY_RECOVERED_ERROR = 0x1,
	SENSE_KEY_NOT_READY = 0x2,
	SENSE_KEY_MEDIUM_ERROR = 0x3,
	SENSE_KEY_HARDWARE_ERROR = 0x4,
	SENSE_KEY_ILLEGAL_REQUEST = 0x5,
	SENSE_KEY_UNIT_ATTENTION = 0x6,
	SENSE_KEY_DATA_PROTECT = 0x7,
	SENSE_KEY_BLANK_CHECK = 0x8,
	SENSE_KEY_ABORTED_COMMAND = 0xb,
	SENSE_KEY_VOLUME_OVERFLOW = 0xd,
	SENSE_KEY_MISCOMPARE = 0xe,
};

/* X(symbol, sense key, ASC, ASCQ, text as T10 spells it) */
#define SENSE_CODES(X)                                                                             \
	X(SENSE_NONE, 0x0, 0x00, 0x00, "NO ADDITIONAL SENSE INFORMATION")                          \
	X(SENSE_INCORRECT_LENGTH, 0x0, 0x00, 0x00, "NO ADDITIONAL SENSE INFORMATION")              \
	X(SENSE_FILEMARK, 0x0, 0x00, 0x01, "FILEMARK DETECTED")                                    \
	X(SENSE_EARLY_WARNING, 0x0, 0x00, 0x02, "END-OF-PARTITION/MEDIUM DETECTED")                \
	X(SENSE_BEGINNING, 0x0, 0x00, 0x04, "BEGINNING-OF-PARTITION/MEDIUM DETECTED")              \
	X(SENSE_PROGRAMMABLE_EARLY_WARNING, 0x0, 0x00, 0x07,                                       \
		"PROGRAMMABLE EARLY WARNING DETECTED")                                             \
	X(SENSE_BECOMING_READY, 0x2, 0x04, 0x01, "LOGICAL UNIT IS IN PROCESS OF BECOMING READY")   \
	X(SENSE_COMMUNICATION_FAILURE, 0x2, 0x08, 0x00, "LOGICAL UNIT COMMUNICATION FAILURE")      \
	X(SENSE_MEDIUM_NOT_PRESENT, 0x2, 0x3a, 0x00, "MEDIUM NOT PRESENT")                         \
	X(SENSE_NO_MEDIUM_TRAY_CLOSED, 0x2, 0x3a, 0x01, "MEDIUM NOT PRESENT - TRAY CLOSED")        \
	X(SENSE_NO_MEDIUM_TRAY_OPEN, 0x2, 0x3a, 0x02, "MEDIUM NOT PRESENT - TRAY OPEN")            \
	X(SENSE_AUXILIARY_MEMORY_ACCESSIBLE, 0x2, 0x3a, 0x04,                                      \
		"MEDIUM NOT PRESENT - MEDIUM AUXILIARY MEMORY ACCESSIBLE")                         \
	X(SENSE_REMOVAL_PREVENTED_EMPTY, 0x2, 0x53, 0x02, "MEDIUM REMOVAL PREVENTED")              \
	X(SENSE_WRITE_ERROR, 0x3, 0x0c, 0x00, "WRITE ERROR")                                       \
	X(SENSE_UNRECOVERED_READ_ERROR, 0x3, 0x11, 0x00, "UNRECOVERED READ ERROR")                 \
	X(SENSE_INTERNAL_TARGET_FAILURE, 0x4, 0x44, 0x00, "INTERNAL TARGET FAILURE")               \
	X(SENSE_PARAMETER_LIST_LENGTH, 0x5, 0x1a, 0x00, "PARAMETER LIST LENGTH ERROR")             \
	X(SENSE_INVALID_OPCODE, 0x5, 0x20, 0x00, "INVALID COMMAND OPERATION CODE")                 \
	X(SENSE_LBA_OUT_OF_RANGE, 0x5, 0x21, 0x00, "LOGICAL BLOCK ADDRESS OUT OF RANGE")           \
	X(SENSE_INVALID_FIELD_IN_CDB, 0x5, 0x24, 0x00, "INVALID FIELD IN CDB")                     \
	X(SENSE_LUN_NOT_SUPPORTED, 0x5, 0x25, 0x00, "LOGICAL UNIT NOT SUPPORTED")                  \
	X(SENSE_INVALID_FIELD_IN_PARAMETERS, 0x5, 0x26, 0x00, "INVALID FIELD IN PARAMETER LIST")   \
	X(SENSE_INVALID_RELEASE, 0x5, 0x26, 0x04, "INVALID RELEASE OF PERSISTENT RESERVATION")     \
	X(SENSE_COMMAND_SEQUENCE_ERROR, 0x5, 0x2c, 0x00, "COMMAND SEQUENCE ERROR")                 \
	X(SENSE_INCOMPATIBLE_FORMAT, 0x5, 0x30, 0x02, "CANNOT READ MEDIUM - INCOMPATIBLE FORMAT")  \
	X(SENSE_SAVING_NOT_SUPPORTED, 0x5, 0x39, 0x00, "SAVING PARAMETERS NOT SUPPORTED")          \
	X(SENSE_INVALID_MESSAGE, 0x5, 0x49, 0x00, "INVALID MESSAGE ERROR")                         \
	X(SENSE_REMOVAL_PREVENTED, 0x5, 0x53, 0x02, "MEDIUM REMOVAL PREVENTED")                    \
	X(SENSE_INSUFFICIENT_REGISTRATIONS, 0x5, 0x55, 0x04,                                       \
		"INSUFFICIENT REGISTRATION RESOURCES")                                             \
	X(SENSE_INVALID_TRACK_MODE, 0x5, 0x64, 0x00, "ILLEGAL MODE FOR THIS TRACK")                \
	X(SENSE_KEY_NOT_PRESENT, 0x5, 0x6f, 0x01,                                                  \
		"COPY PROTECTION KEY EXCHANGE FAILURE - KEY NOT PRESENT")                          \
	X(SENSE_REGION_IS_PERMANENT, 0x5, 0x6f, 0x05,                                              \
		"DRIVE REGION MUST BE PERMANENT/DRIVE REGION RESET COUNT ERROR")                   \
	X(SENSE_MEDIUM_CHANGED, 0x6, 0x28, 0x00,                                                   \
		"NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED")                              \
	X(SENSE_POWER_ON, 0x6, 0x29, 0x00, "POWER ON, RESET, OR BUS DEVICE RESET OCCURRED")        \
	X(SENSE_DEVICE_RESET, 0x6, 0x29, 0x03, "BUS DEVICE RESET FUNCTION OCCURRED")               \
	X(SENSE_NEXUS_LOSS, 0x6, 0x29, 0x07, "I_T NEXUS LOSS OCCURRED")                            \
	X(SENSE_MODE_PARAMETERS_CHANGED, 0x6, 0x2a, 0x01, "MODE PARAMETERS CHANGED")               \
	X(SENSE_RESERVATIONS_PREEMPTED, 0x6, 0x2a, 0x03, "RESERVATIONS PREEMPTED")                 \
	X(SENSE_RESERVATIONS_RELEASED, 0x6, 0x2a, 0x04, "RESERVATIONS RELEASED")                   \
	X(SENSE_REGISTRATIONS_PREEMPTED, 0x6, 0x2a, 0x05, "REGISTRATIONS PREEMPTED")               \
	X(SENSE_WRITE_PROTECTED, 0x7, 0x27, 0x00, "WRITE PROTECTED")                               \
	X(SENSE_END_OF_DATA, 0x8, 0x00, 0x05, "END-OF-DATA DETECTED")                              \
	X(SENSE_VOLUME_OVERFLOW, 0xd, 0x00, 0x02, "END-OF-PARTITION/MEDIUM DETECTED")              \
	X(SENSE_DATA_PHASE_ERROR, 0xb, 0x4b, 0x00, "DATA PHASE ERROR")                             \
	X(SENSE_MISCOMPARE, 0xe, 0x1d, 0x00, "MISCOMPARE DURING VERIFY OPERATION")

/* Not sense, but what a handler may return in its place. */
#define SENSE_PSEUDO_CODES(X)                                                                      \
	X(SCSI_PENDING)              /* somebody else completes the command */                     \
	X(SCSI_UNLOCKED)             /* the command goes on without lu->lock, see scsi_unlocked */ \
	X(SCSI_WOULD_WAIT)           /* nothing was done yet, see scsi_unlocked */                 \
	X(SCSI_RESERVATION_CONFLICT) /* status 18h, no sense */                                    \
	X(SCSI_BUSY)                 /* status 08h, no sense: the host retries */                  \
	X(SCSI_TASK_ABORTED)         /* status 40h, no sense */

enum scsi_sense_code {
#define SENSE_ENUM_(symbol, key, asc, ascq, text) symbol,
	SENSE_CODES(SENSE_ENUM_)
#undef SENSE_ENUM_
		SENSE_CODE_COUNT,
#define SENSE_ENUM_(symbol) symbol,
	SENSE_PSEUDO_CODES(SENSE_ENUM_)
#undef SENSE_ENUM_
};

/* A code with what is known beside it. A zeroed one is NO SENSE. */
struct scsi_sense {
	enum scsi_sense_code code;
	bool field_valid;  /* SENSE KEY SPECIFIC holds a field pointer (SPC-4 4.5.2.4.2) */
	bool field_in_cdb; /* else in the parameter list */
	bool bit_valid;
	uint8_t bit;    /* most significant bit of the field, 7..0 */
	uint16_t field; /* byte offset */
	bool information_valid;
	uint64_t information; /* the first block concerned, or a residual */
	bool progress_valid;
	uint16_t progress; /* n/65536 done (SPC-4 4.5.2.4.4) */
	bool filemark, end_of_medium, incorrect_length;
	bool deferred; /* of an earlier command (SPC-4 4.5.6): response codes 71h and 73h */
};

enum { SCSI_SENSE_MAX = 96, SCSI_SENSE_FIXED_LENGTH = 18 };

/*
 * Encodes sense data, fixed (70h) or descriptor (72h) format, into `buffer` of at least
 * SCSI_SENSE_MAX bytes, zero-padded to that. Returns the length that counts. INFORMATION that does
 * not fit the four bytes of the fixed format, signed or not, leaves VALID 0.
 */
size_t scsi_sense_encode(const struct scsi_sense *sense, bool descriptor, uint8_t *buffer);

uint8_t scsi_sense_key(enum scsi_sense_code code);
uint8_t scsi_sense_asc(enum scsi_sense_code code);
uint8_t scsi_sense_ascq(enum scsi_sense_code code);
const char *scsi_sense_text(enum scsi_sense_code code);
