/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the program that exports, see exports.c. */
#pragma once

#include <stdbool.h>

#include "scsi/lu.h"
#include "tcmu/transport.h"
#include "util/error.h"

struct unit {
	char name[SCSI_NAME_MAX];
	struct scsi_lu lu;
	struct scsi_nexus *nexus;
	struct tcmu_device *device; /* NULL: the place is free */
};

extern struct tcmu_transport *transport;

struct unit *unit_find(const char *name);
/* "ok WHAT", or "error" and the sentence. */
void answer(bool ok, const char *what, const struct error *error);

/* Does what is asked, when it is of iSCSI. `words` ends with NULL; changes them. */
bool ask_iscsi(char **words);
