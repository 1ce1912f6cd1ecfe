/* SPDX-License-Identifier: Apache-2.0 */
#include "medium_check.h"

#include <stddef.h>
#include <string.h>

#include "catalog/catalog.h"
#include "names.h"

const char *medium_kind(const char *kind)
{
	static const char *const kinds[] = {"disc", "tape", NULL};
	const char *const *known = kinds;
	while (*known && strcmp(*known, kind) != 0)
		known++;
	return *known;
}

bool medium_kind_unknown(const char *kind, struct error *error)
{
	return error_set(error, ERROR_INVALID, "Use \"disc\" or \"tape\".",
		"\"%.32s\" is not a kind of medium", kind);
}

bool medium_state_is_valid(const char *state)
{
	return strcmp(state, "ok") == 0 || strcmp(state, "missing") == 0 ||
	       strcmp(state, "changed") == 0;
}

bool medium_state_unknown(const char *state, struct error *error)
{
	return error_set(error, ERROR_INVALID, "Use \"ok\", \"missing\" or \"changed\".",
		"\"%.32s\" is not a state of a medium", state);
}

bool medium_not_found(const char *id, struct error *error)
{
	return error_set(error, ERROR_MEDIUM_NOT_FOUND, "List the media with `carousel media ls`.",
		"there is no medium %.128s", id);
}

static bool check_path(const char *path, struct error *error)
{
	if (path[0] != '/')
		return error_set(error, ERROR_INVALID, "Give an absolute path.",
			"\"%s\" is not an absolute path", path);
	return text_is_utf8(path) ||
	       error_set(error, ERROR_INVALID, "Rename the file.", "the file name is not UTF-8");
}

static bool check_texts(const struct catalog_medium *medium, struct error *error)
{
	if (!text_is_utf8(medium->volume_id))
		return error_set(error, ERROR_INVALID, "Give a volume identifier in UTF-8.",
			"the volume identifier of %s is not UTF-8", medium->path);
	if (!text_is_utf8(medium->medium_type))
		return error_set(error, ERROR_INVALID, "Give a medium type like LTO-8.",
			"the medium type of %s is not UTF-8", medium->path);
	return true;
}

static bool check_barcode(const char *barcode, struct error *error)
{
	if (!barcode[0] || catalog_barcode_valid(barcode))
		return true;
	return error_set(error, ERROR_INVALID, "Use 1 to 32 of A-Z and 0-9, like ARC001L8.",
		"\"%s\" is not a barcode", barcode);
}

static bool check_id(const struct catalog_medium *medium, struct error *error)
{
	char id[CATALOG_ID_MAX];
	if (!name_is_valid(medium->id, CATALOG_ID_MAX - 1))
		return error_set(error, ERROR_INVALID,
			"Use a-z, 0-9, '.', '_' and '-', beginning with a letter or digit.",
			"\"%s\" is not allowed as the id of a medium", medium->id);
	name_from_barcode(medium->barcode, id);
	if (strcmp(medium->kind, "tape") == 0 && id[0] && strcmp(medium->id, id) != 0)
		return error_set(error, ERROR_INVALID,
			"Leave the id out: it is the barcode in lower case.",
			"\"%s\" cannot be the id of the tape with barcode %s", medium->id,
			medium->barcode);
	return true;
}

bool medium_check(const struct catalog_medium *medium, struct error *error)
{
	if (!medium_kind(medium->kind))
		return medium_kind_unknown(medium->kind, error);
	return check_path(medium->path, error) && check_texts(medium, error) &&
	       check_barcode(medium->barcode, error) && check_id(medium, error);
}
