/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Persistent reservations of the whole logical unit (SPC-4 5.12, 6.15, 6.16): registrations of I_T
 * nexuses, and at most one reservation.
 *
 * A registration belongs to a port (scsi/port.h) and not to a nexus object: it outlives nexus loss,
 * resets and, in the told record (scsi/told.h), a restart of the daemon. When the last REGISTER
 * said so (APTPL) it outlives power loss too: then a PERSISTENT RESERVE OUT is parked, and the
 * library commits it to the catalog before it counts.
 *
 * What is decided here where the standard leaves it open:
 * - RESERVE and RELEASE conflict as long as anybody is registered, and PERSISTENT RESERVE IN and
 *   OUT while the logical unit is reserved by RESERVE, also for the holder (SPC-2 5.5.1; CRH is 0).
 * - ALL_TG_PT is refused (ATP_C is 0): a drive's target ports are exports, which come and go.
 * - REGISTER AND MOVE is not there.
 * - SPEC_I_PT takes an iSCSI name without ISID for every initiator port of that name that the
 *   logical unit knows at this target port, and leaves alone who is registered already.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scsi/port.h"
#include "scsi/sense.h"

struct reader;
struct response;
struct scsi_cmd;
struct scsi_lu;

enum {
	SCSI_REGISTRATIONS_MAX = 128, /* per logical unit; then 55/04 */
	/* Every registration with the longest names. */
	SCSI_PERSISTENT_RECORD_MAX = 16 + SCSI_REGISTRATIONS_MAX * (13 + SCSI_TRANSPORT_ID_MAX),
};

/* TYPE (SPC-4 6.15.3.4). */
enum scsi_persistent_type {
	PERSISTENT_NONE = 0,
	PERSISTENT_WRITE_EXCLUSIVE = 1,
	PERSISTENT_EXCLUSIVE_ACCESS = 3,
	PERSISTENT_WRITE_EXCLUSIVE_REGISTRANTS = 5,
	PERSISTENT_EXCLUSIVE_ACCESS_REGISTRANTS = 6,
	PERSISTENT_WRITE_EXCLUSIVE_ALL = 7,
	PERSISTENT_EXCLUSIVE_ACCESS_ALL = 8,
};

struct scsi_registration {
	struct scsi_port port;
	uint64_t key; /* not 0 */
	bool holder;  /* of a reservation that one nexus holds; never set with the ..._ALL types */
};

/* Under lu->lock. Zeroed: nobody is registered. */
struct scsi_persistent {
	uint32_t generation; /* PRGENERATION, from 0 at power on */
	uint8_t type;        /* enum scsi_persistent_type */
	bool aptpl;          /* PTPL_A: it is in the catalog too */
	unsigned count;
	struct scsi_registration *rows; /* room for SCSI_REGISTRATIONS_MAX, or NULL; in order of
					   coming */
};

/* ---- rows of every device type --------------------------------------------------------------- */

enum scsi_sense_code scsi_persistent_read_keys(struct scsi_cmd *cmd);
enum scsi_sense_code scsi_persistent_read_reservation(struct scsi_cmd *cmd);
enum scsi_sense_code scsi_persistent_report_capabilities(struct scsi_cmd *cmd);
enum scsi_sense_code scsi_persistent_read_full_status(struct scsi_cmd *cmd);
/* Every service action of PERSISTENT RESERVE OUT. */
enum scsi_sense_code scsi_persistent_out(struct scsi_cmd *cmd);

/*
 * The rows of PERSISTENT RESERVE IN and OUT, between those of operation codes 5Dh and 60h.
 * OPCODE_IMMEDIATE: they pass the queue of a tape drive by.
 */
#define PERSISTENT_ROW_(text, code, action, direction, handler, ...)                               \
	{                                                                                          \
		text, code, action, direction,                                                     \
			OPCODE_WITHOUT_MEDIUM | OPCODE_IMMEDIATE | OPCODE_DESPITE_PERSISTENT,      \
			{code, 0x1f, __VA_ARGS__}, handler, 1, 30                                  \
	}
#define PERSISTENT_IN_(action, handler)                                                            \
	PERSISTENT_ROW_("PERSISTENT RESERVE IN", 0x5e, action, SCSI_DATA_IN, handler, 0, 0, 0, 0,  \
		0, 0xff, 0xff)
#define PERSISTENT_OUT_(action)                                                                    \
	PERSISTENT_ROW_("PERSISTENT RESERVE OUT", 0x5f, action, SCSI_DATA_OUT,                     \
		scsi_persistent_out, 0xff, 0, 0, 0xff, 0xff, 0xff, 0xff)
#define SCSI_PERSISTENT_ROWS                                                                       \
	PERSISTENT_IN_(0x00, scsi_persistent_read_keys),                                           \
		PERSISTENT_IN_(0x01, scsi_persistent_read_reservation),                            \
		PERSISTENT_IN_(0x02, scsi_persistent_report_capabilities),                         \
		PERSISTENT_IN_(0x03, scsi_persistent_read_full_status), PERSISTENT_OUT_(0x00),     \
		PERSISTENT_OUT_(0x01), PERSISTENT_OUT_(0x02), PERSISTENT_OUT_(0x03),               \
		PERSISTENT_OUT_(0x04), PERSISTENT_OUT_(0x05), PERSISTENT_OUT_(0x06)

/* ---- for the library worker; no lock held ---------------------------------------------------- */

/*
 * A change that the library commits. Between begin and end no other takes place: PERSISTENT RESERVE
 * OUT is parked behind it, RESERVE is BUSY. One at a time.
 */
struct scsi_persistent_change {
	struct scsi_persistent next;
	uint8_t record[SCSI_PERSISTENT_RECORD_MAX];
	size_t length; /* of what must last; 0: nothing */
};

/*
 * `cmd` is a PERSISTENT RESERVE OUT (LIBRARY_PERSISTENT_RESERVE) that was claimed; NULL: an
 * operator releases everything, the reservation by RESERVE too. Anything but SENSE_NONE is the
 * command's answer, and no `end` follows.
 */
enum scsi_sense_code scsi_persistent_begin(
	struct scsi_lu *lu, struct scsi_cmd *cmd, struct scsi_persistent_change *ret);
/*
 * Publishes it when it was committed, else drops it. Returns what the command is finished with;
 * SCSI_PENDING: it will be finished by somebody else.
 */
enum scsi_sense_code scsi_persistent_end(struct scsi_lu *lu, struct scsi_cmd *cmd,
	struct scsi_persistent_change *change, bool committed);

/*
 * At power on, before the first command: what was committed. False: not a record of ours; nobody is
 * registered then.
 */
bool scsi_persistent_restore(struct scsi_lu *lu, const void *record, size_t length);

/* ---- for told.c and operators; lu->lock held --------------------------------------------------
 */

/* What must last over power loss. Its length; 0: nothing. */
size_t scsi_persistent_lasting(
	const struct scsi_persistent *persistent, uint8_t ret[SCSI_PERSISTENT_RECORD_MAX]);
void scsi_persistent_encode(const struct scsi_persistent *persistent, struct response *r);
/* The rest of `reader`, which is hostile. False: `persistent` is as it was. */
bool scsi_persistent_decode(struct scsi_persistent *persistent, struct reader *reader);
/* NULL: it is not registered. */
struct scsi_registration *scsi_persistent_find(
	const struct scsi_persistent *persistent, const struct scsi_port *port);
/* It holds the reservation, alone or as every registrant does. */
bool scsi_persistent_holds(
	const struct scsi_persistent *persistent, const struct scsi_registration *registration);
/* "write exclusive", …; "" for PERSISTENT_NONE. */
const char *scsi_persistent_type_text(unsigned type);
