/* SPDX-License-Identifier: Apache-2.0 */
/* What commands about drives share. */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "cli.h"

enum {
	DRIVE_NAME_MAX = 256,
	DRIVE_TEXT_MAX = 128,
};

/* "loaded, locked"; "empty, open"; "loaded, write protected". Returns ret. */
const char *drive_state(const json_t *drive, char ret[DRIVE_TEXT_MAX]);

/* "/dev/sr0" or "/dev/nst0" when this machine shows the drive, else its address or "". Returns ret.
 */
const char *drive_device(const struct cli *cli, const json_t *drive, char ret[DRIVE_TEXT_MAX]);

/* The table of all drives, on stdout. */
void drive_print_all(const struct cli *cli, const json_t *drives);

/* "netinst (CD-ROM, 662 MB)", "ARC001L8 (LTO-8, 12 TB)". Returns ret. */
const char *medium_brief(const json_t *medium, char *ret, size_t size);

/*
 * The whole name of the drive that `word` is the name of, or the beginning of, where no other
 * begins so. "any", and what begins none, stays as it is: the daemon says what is wrong with it.
 */
enum exit_code drive_resolve(const struct cli *cli, const char *word, char ret[DRIVE_NAME_MAX]);

/* Reads all drives: a new reference to the answer of GET /api/v1/drives. */
enum exit_code drive_read_all(const struct cli *cli, json_t **ret);
