/* SPDX-License-Identifier: Apache-2.0 */
/* Tapes, their drives' positions and alerts, as people read them. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { TAPE_TEXT_MAX = 512 };

bool is_tape(const json_t *medium);

/* What people call a medium: the barcode of a tape, the id of a disc. */
const char *medium_name(const json_t *medium);
/* "LTO-8", "DVD-ROM". */
const char *medium_type(const json_t *medium);
/* What goes on a tape; the size of a disc. Returns ret. */
const char *medium_size(const json_t *medium, char *ret, size_t size);

/* "at object 1234 of 5678, 3 filemarks", of a drive's tape. Returns ret. */
const char *tape_position(const json_t *tape, char ret[TAPE_TEXT_MAX]);
/* "37 %". Returns ret. */
const char *tape_used(const json_t *tape, char *ret, size_t size);

/* "Medium (critical), Read failure (critical)": the alerts of a drive, "" for none. Returns ret. */
const char *tape_alerts(const json_t *drive, char ret[TAPE_TEXT_MAX]);

/* "nothing from object 17 on can be read", of a drive's tape, "" when nothing is. Returns ret. */
const char *tape_damage(const json_t *tape, char ret[TAPE_TEXT_MAX]);

/* What is wrong with the tape of a drive, but for its tab; "" when nothing is. Returns ret. */
const char *tape_trouble(const json_t *drive, char ret[TAPE_TEXT_MAX]);
