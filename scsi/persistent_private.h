/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of persistent reservations. lu->lock held everywhere. */
#pragma once

#include "scsi/persistent.h"

struct scsi_nexus;

/* PERSISTENT RESERVE OUT service actions (SPC-4 6.16.2). */
enum persistent_action {
	PERSISTENT_REGISTER = 0,
	PERSISTENT_RESERVE = 1,
	PERSISTENT_RELEASE = 2,
	PERSISTENT_CLEAR = 3,
	PERSISTENT_PREEMPT = 4,
	PERSISTENT_PREEMPT_AND_ABORT = 5,
	PERSISTENT_REGISTER_AND_IGNORE = 6,
};

/* A PERSISTENT RESERVE OUT whose parameter list was read. */
struct persistent_request {
	struct scsi_cmd *cmd;
	const struct scsi_port *port;
	enum persistent_action action;
	unsigned scope, type;
	uint64_t key, action_key;
	bool aptpl, names_ports; /* SPEC_I_PT */
	const uint8_t *ids;      /* the TransportIDs */
	size_t ids_length;
};

/* Judges the request and applies it to `next`, which is a copy (persistent_change.c). */
enum scsi_sense_code persistent_apply(
	const struct persistent_request *request, struct scsi_persistent *next);

/* SERVICE ACTION RESERVATION KEY of a PERSISTENT RESERVE OUT that was judged. */
uint64_t persistent_action_key(struct scsi_cmd *cmd);

/* ---- persistent.c ---------------------------------------------------------------------------- */

bool persistent_is_type(unsigned type);
/* Registrants only, or all registrants. */
bool persistent_for_registrants(unsigned type);
bool persistent_for_all(unsigned type);

/* With rows of its own. False: out of memory. */
bool persistent_copy(const struct scsi_persistent *from, struct scsi_persistent *ret);
void persistent_finish(struct scsi_persistent *persistent);
/* False: SCSI_REGISTRATIONS_MAX are there. `persistent` is a copy. */
bool persistent_add(struct scsi_persistent *persistent, const struct scsi_port *port, uint64_t key);
/* With the reservation, when it was its alone or nobody is left (SPC-4 5.12.11.1). */
void persistent_remove(struct scsi_persistent *persistent, struct scsi_registration *row);

/*
 * `next` is what counts from now on and is the logical unit's; whoever has lost something is told
 * by a unit attention (SPC-4 5.12.11). `cause` did it, and its nexus is not told;
 * NULL: an operator. With PERSISTENT_PREEMPT_AND_ABORT the tasks of those that its key names, but
 * for `cause` itself, are marked for scsi_tasks_cancel_preempted; true: there were such nexuses.
 */
bool persistent_publish(struct scsi_lu *lu, struct scsi_cmd *cause, enum persistent_action action,
	struct scsi_persistent *next);
