/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A drive of any type with everything around it faked: the transport collects answers, the library
 * and the executor act when they are told (or at once), the clock stands still until it is moved.
 * fake_optical.h and fake_tape.h make one.
 *
 * The transport is this process itself (fake_transport.c), or, beneath the same functions, the
 * portal with libiscsi as the initiator (tests/portal/over_iscsi.c), or a ring of the kernel target
 * for every host (over_ring.c).
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scsi/command.h"
#include "scsi/executor.h"
#include "scsi/library.h"
#include "scsi/lu.h"
#include "scsi/told.h"

enum { FAKE_DATA_MAX = 512 * 1024, FAKE_PENDING_MAX = 16 };

/* What a command brought. */
struct fake_answer {
	const struct scsi_opcode *row; /* NULL: unknown operation code */
	bool done;
	enum scsi_status status;
	struct scsi_sense sense;
	uint64_t length; /* bytes of Data-In */
	uint8_t *data;   /* FAKE_DATA_MAX bytes, A5h where nothing was written */
};

struct fake_command {
	struct scsi_cmd cmd; /* first; not used over iSCSI */
	struct fake_drive *owner;
	struct iovec iov[4];
	struct fake_answer answer;
	struct fake_command *next; /* all of the drive, newest first */
	bool released;
};

/* What the type of drive adds. */
struct fake_device {
	/* The library does what a host asked for. */
	void (*request)(struct fake_drive *fake, enum library_request request);
	/* The end: the medium goes out while hosts and executor are still there, then the drive. */
	void (*unload)(struct fake_drive *fake);
	void (*destroy)(struct fake_drive *fake);
};

struct fake_drive {
	const struct fake_device *device;
	struct mmc_drive *drive; /* of fake_optical.h, else NULL */
	struct fake_tape *tape;  /* of fake_tape.h, else NULL */
	struct scsi_lu *lu;
	uint32_t transfer_max; /* of the nexuses that come from now on; 0: no limit */
	void *transport;       /* its own */
	pthread_mutex_t lock;  /* works and pending: over iSCSI they come from another thread */

	struct scsi_clock clock;
	uint64_t now_ns;

	struct scsi_executor executor;
	struct list works;
	bool manual_work; /* works wait for fake_run_works */

	bool manual_library;                 /* requests wait for fake_run_library */
	enum scsi_sense_code library_answer; /* what requests end with; SENSE_NONE: they are done */
	struct {
		struct scsi_cmd *cmd;
		enum library_request request;
	} pending[FAKE_PENDING_MAX];
	unsigned pending_count;
	unsigned requests;                                /* so far */
	uint8_t reservations[SCSI_PERSISTENT_RECORD_MAX]; /* what the catalog would have */
	size_t reservations_length;
	unsigned told_events, tray_events, allowed_events, drained_events, remembered;
	unsigned faults;
	uint64_t fault_lba;

	struct fake_command *commands;
};

/* With its nexuses and commands. */
void fake_drive_destroy(struct fake_drive *fake);

struct scsi_nexus *fake_nexus(struct fake_drive *fake, const char *name);
/* An initiator that comes, or comes back (scsi_nexus_enter), and leaves. */
struct scsi_nexus *fake_enter(struct fake_drive *fake, const char *name);
void fake_leave(struct scsi_nexus *nexus);

/* Between the test and the drive there is a socket. */
extern const bool fake_over_iscsi;
/* … or a ring of the kernel target, which cannot say that a Data-In has 0 bytes. */
extern const bool fake_over_ring;

void fake_sleep_ms(struct fake_drive *fake, uint32_t ms);
void fake_run_works(struct fake_drive *fake);
void fake_run_library(struct fake_drive *fake);

/*
 * Sends a CDB (short ones are filled up with zeros) with a Data-In buffer of `expected` bytes, or
 * with Data-Out. The command stays valid until the drive is destroyed.
 */
struct fake_command *fake_send(
	struct scsi_nexus *nexus, const uint8_t *cdb, size_t cdb_length, size_t expected);
struct fake_command *fake_send_out(struct scsi_nexus *nexus, const uint8_t *cdb, size_t cdb_length,
	const void *data, size_t length);
