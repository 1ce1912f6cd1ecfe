/* SPDX-License-Identifier: Apache-2.0 */
#include "ssc/medium.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ssc/drive.h"

enum { MEGABYTE = 1000000, NAMES_MAX = 128 };

static const struct ssc_personality *find(const char *type)
{
	for (const struct ssc_personality *const *one = ssc_personalities; *one; one++)
		if (!strcasecmp((*one)->medium, type))
			return *one;
	return NULL;
}

static bool refuse(const char *type, struct error *error)
{
	char names[NAMES_MAX] = "";
	for (const struct ssc_personality *const *one = ssc_personalities; *one; one++) {
		size_t length = strlen(names);
		snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "",
			(*one)->medium);
	}
	char remedy[NAMES_MAX + 16];
	snprintf(remedy, sizeof remedy, "There is %s.", names);
	return error_set(
		error, ERROR_INVALID, remedy, "there is no type of cartridge \"%.60s\"", type);
}

bool medium_describe(const char *type, struct native_create *ret, struct error *error)
{
	const struct ssc_personality *personality = find(type);
	if (!personality)
		return refuse(type, error);
	*ret = (struct native_create){
		.barcode = "",
		.medium = personality->medium,
		.density = personality->density_code,
		.medium_type = personality->medium_type,
		.capacity = (uint64_t)personality->capacity_mb * MEGABYTE,
		.block_max = personality->block_max,
	};
	return true;
}
