/* SPDX-License-Identifier: Apache-2.0 */
/* The part of tcmu/foreign.h that needs no transport. */
#pragma once

#include "backstore.h"
#include "tcmu/foreign.h"

void foreign_each(const struct configfs *fs,
	void (*each)(void *context, const struct tcmu_foreign *foreign), void *context);

/*
 * Its backstore, enabled and as it must be for us: attrib/pgr_support 0, or LIO would keep
 * reservations per device; cmd_time_out 0, or a rewind ends in a timeout; tmr_notification 1, or
 * aborts wait; nl_reply_supported -1, or its removal waits for whoever said that it answers.
 * dev_size 0 would make LIO's own sense of descriptor format, and a data area must hold two of
 * the longest commands. The last two cannot be mended by us.
 */
bool foreign_prepare(const struct configfs *fs, const struct tcmu_foreign *foreign,
	struct backstore *ret, struct error *error);
