/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door from the device server to the library: what a host command or a transport wants of the
 * daemon. Implemented by the daemon, and by tests.
 *
 * Every function may be called with lu->lock held, from any thread; it only posts (the inbox lock
 * is a leaf) and never blocks or calls back from inside.
 */
#pragma once

#include <stdint.h>

#include "scsi/sense.h"

struct scsi_cmd;
struct scsi_lu;

enum library_request {
	LIBRARY_TRAY_OPEN,       /* START STOP UNIT, LoEj=1 Start=0 */
	LIBRARY_TRAY_CLOSE,      /* START STOP UNIT, LoEj=1 Start=1 */
	LIBRARY_SAVE_MODE_PAGES, /* MODE SELECT, SP=1 */
	/* PERSISTENT RESERVE OUT with or after APTPL=1: scsi_persistent_begin and end. */
	LIBRARY_PERSISTENT_RESERVE,
};

enum library_event {
	LIBRARY_EVENT_TOLD,    /* a nexus was told that the medium is absent, or present */
	LIBRARY_EVENT_TRAY,    /* the tray moved */
	LIBRARY_EVENT_ALLOWED, /* PREVENT was taken back by a nexus */
	LIBRARY_EVENT_DRAINED, /* the last read of the old medium is done */
	LIBRARY_EVENT_TAKEN,   /* PREVENT or a reservation, by a nexus that is watched */
};

struct library_ops {
	/*
	 * A durable change asked for by a host; comes from scsi_library_request only. The command
	 * is QUEUED and the library owns one reference to it: it later claims it (scsi_cmd_claim),
	 * commits, publishes, finishes it (scsi_cmd_finish) and puts the reference. If the claim
	 * fails (the host gave up) only the reference is put.
	 */
	void (*request)(void *context, struct scsi_lu *lu, struct scsi_cmd *cmd,
		enum library_request request);
	/* Something happened that a waiting job may be waiting for. */
	void (*event)(void *context, struct scsi_lu *lu, enum library_event event);
	/* The image under the medium changed or cannot be read: mark it in the catalog. */
	void (*medium_fault)(void *context, struct scsi_lu *lu, uint64_t lba);
	/*
	 * What hosts were last told has changed; lu->lock is held. Writes the told record
	 * (scsi/told.h) into mapped memory, so that kill -9 at any instant finds it.
	 */
	void (*remember)(void *context, struct scsi_lu *lu);
};

/*
 * For handlers: parks the command and hands it to the library. The handler returns what this
 * returns, and does not look at the command again: it may be complete already.
 */
enum scsi_sense_code scsi_library_request(struct scsi_cmd *cmd, enum library_request request);
