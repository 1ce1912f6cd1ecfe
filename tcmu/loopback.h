/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows a backstore to this machine through tcm_loop, so that sr, st or ch attach to it.
 *
 * Every device has a target of its own (loopback/naa.X/tpgt_1/lun/lun_0), never a place among the
 * 32 tpgts of a shared one: a target is one Scsi_Host, and Linux' error handling stops a whole host
 * while it recovers one command of one of its LUNs. With a tpgt of its own a device neither raises
 * REPORTED LUNS DATA HAS CHANGED (06/3F/0E) on another nor can another's coming and going touch it;
 * with a target of its own it also cannot be frozen by another's timeouts.
 *
 * The world wide names are made from the unit serial number that the backstore carries, so the same
 * drive comes back as the same target, and whoever removes it needs no record of what was exported.
 *
 * Making and removing the LUN sends commands to the device and waits: its ring must be served, and
 * by another thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "backstore.h"
#include "configfs.h"
#include "util/error.h"

enum { LOOPBACK_NAME_MAX = 32 };

/* "naa.5…": the target's name for a serial number; the initiator's has the last bit set. */
void loopback_names(const char *serial, char ret_target[LOOPBACK_NAME_MAX],
	char ret_initiator[LOOPBACK_NAME_MAX]);

/* Goes on where an earlier attempt stopped; does nothing when all is there. */
bool loopback_export(
	const struct configfs *fs, const struct backstore *backstore, struct error *error);
/* The reverse, in reverse order; what is not there is passed over. */
bool loopback_unexport(
	const struct configfs *fs, const struct backstore *backstore, struct error *error);

/*
 * "0:0:1:0" (host:channel:target:LUN), and once a driver has attached its block device too:
 * "0:0:1:0 sr0". False while it is not exported.
 */
bool loopback_address(
	const struct configfs *fs, const struct backstore *backstore, char *ret, size_t size);
