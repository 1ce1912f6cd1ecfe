/* SPDX-License-Identifier: Apache-2.0 */
#include "body_fields.h"

#include "daemon/library.h"

const struct json_field load_fields[] = {
	JSON_TEXT(library_load, medium, true),
	JSON_BOOL(library_load, replace),
	JSON_BOOL(library_load, force),
	{0},
};

const struct json_field media_add_fields[] = {
	JSON_TEXT(library_media_add, path, true),
	JSON_TEXT(library_media_add, id, false),
	{0},
};

const struct json_field drive_add_fields[] = {
	JSON_TEXT(library_drive_add, name, true),
	JSON_TEXT(library_drive_add, personality, false),
	JSON_BOOL(library_drive_add, loopback),
	{0},
};
