/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_kind.h"

#include <stddef.h>
#include <string.h>

#include "util/error.h"

static const struct drive_kind *const kinds[] = {&drive_kind_optical, &drive_kind_tape};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

const struct drive_kind *drive_kind_of_personality(const char *personality)
{
	for (unsigned i = 0; i < KINDS; i++)
		if (kinds[i]->has_personality(personality))
			return kinds[i];
	return NULL;
}

const struct drive_kind *drive_kind_find(const char *name)
{
	for (unsigned i = 0; i < KINDS; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

bool drive_kind_unknown(const char *drive, const char *personality, struct error *error)
{
	return error_set(error, ERROR_INVALID, "Use cd-rom, dvd-rom, bd-rom or lto-8.",
		"drive %.64s: there is no personality %.64s", drive, personality);
}
