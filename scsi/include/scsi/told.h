/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What hosts were last told, as one versioned record per logical unit: pending unit attentions,
 * PREVENT and SPC-2 reservation per nexus, persistent reservations, current mode pages, and what
 * the device type adds (tray, medium and generation, media events). The daemon keeps the record in
 * a mapped two-slot file that survives kill -9 and an upgrade; a restarted daemon that finds it
 * raises no unit attention.
 *
 * Nexuses are matched by name: scsi_told_decode is called after the nexuses were created that are
 * there from the start. A nexus that the record does not know keeps its 29/00. A record's nexus
 * that is not there becomes a dormant one when it was suspended, or on a device type that forgives
 * nexus loss (lu.h), and is dropped else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scsi_lu;

/* Room for 64 hosts and 64 dormant ones with the longest iSCSI names, and 400 with usual ones. */
enum { SCSI_TOLD_VERSION = 5, SCSI_TOLD_MAX = 64 * 1024 };

/*
 * lu->lock held. Returns the length. Nexuses that find no room are left out, the one that left
 * first before all; 0: not even the logical unit finds room.
 */
size_t scsi_told_encode(struct scsi_lu *lu, void *buffer, size_t capacity);
/*
 * lu->lock held. False: not a whole record of this version and logical unit; mode pages are as they
 * were, nobody is dormant or registered, and all nexuses are new ones with a pending 29/00. What
 * the device type's decode_lu took stays with it; the caller does not ask for it then.
 */
bool scsi_told_decode(struct scsi_lu *lu, const void *record, size_t length);
/*
 * Of the record only the persistent reservations, for a drive that is else as after power on: who
 * was fenced off stays so when the daemon dies. False: not a record of this version and logical
 * unit; nothing has changed.
 */
bool scsi_told_decode_persistent(struct scsi_lu *lu, const void *record, size_t length);
