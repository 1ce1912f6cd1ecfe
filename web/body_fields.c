/* SPDX-License-Identifier: Apache-2.0 */
#include "body_fields.h"

#include "daemon/library.h"

const struct json_field import_fields[] = {
	JSON_TEXT(library_import, path, true),
	JSON_TEXT(library_import, id, false),
	JSON_TEXT(library_import, profile, false),
	JSON_TEXT(library_import, sha256, false),
	JSON_BOOL(library_import, copy),
	JSON_TEXT(library_import, pool, false),
	{0},
};

const struct json_field scan_fields[] = {
	JSON_TEXT(scan, pool, false),
	{0},
};

const struct json_field verify_fields[] = {
	JSON_TEXT(library_verify, medium, false),
	JSON_NUMBER(library_verify, older_than, 0, UINT32_MAX),
	{0},
};

const struct json_field media_words_fields[] = {
	{"id", JSON_FIELD_BORROWED, false, offsetof(struct media_words, id), LIBRARY_ID_MAX,
		.min = 1},
	{"notes", JSON_FIELD_BORROWED, false, offsetof(struct media_words, notes),
		LIBRARY_NOTES_MAX},
	{"tags", JSON_FIELD_LIST, false, offsetof(struct media_words, tags),
		sizeof((struct media_words *)0)->tags[0], .max = 32,
		.count = offsetof(struct media_words, tag_count)},
	{0},
};

const struct json_field load_fields[] = {
	JSON_TEXT(library_load, medium, true),
	JSON_BOOL(library_load, replace),
	JSON_BOOL(library_load, force),
	{0},
};

const struct json_field media_add_fields[] = {
	JSON_TEXT(library_media_add, path, true),
	JSON_TEXT(library_media_add, id, false),
	JSON_TEXT(library_media_add, profile, false),
	{0},
};

const struct json_field media_profile_fields[] = {
	JSON_TEXT(media_profile, profile, true),
	{0},
};

const struct json_field drive_add_fields[] = {
	JSON_TEXT(library_drive_add, name, true),
	JSON_TEXT(library_drive_add, personality, false),
	JSON_BOOL(library_drive_add, loopback),
	{0},
};

const struct json_field tape_create_fields[] = {
	JSON_TEXT(library_tape_create, medium_type, false),
	JSON_TEXT(library_tape_create, prefix, true),
	JSON_NUMBER(library_tape_create, count, 1, LIBRARY_TAPES_MAX),
	JSON_NUMBER(library_tape_create, capacity, 0, INT64_MAX),
	{0},
};

const struct json_field token_fields[] = {
	JSON_TEXT(library_token_create, name, true),
	JSON_TEXT(library_token_create, scope, true),
	JSON_NUMBER(library_token_create, expires_in, 0, INT64_MAX),
	{0},
};

const struct json_field tape_protect_fields[] = {
	{"write_protected", JSON_FIELD_BOOL, true, offsetof(struct tape_protect, write_protected)},
	{0},
};

/* ---- exports ------------------------------------------------------------------------------- */

#define PUT(member) offsetof(struct library_export_put, member)

static const struct json_field lun_fields[] = {
	{"lun", JSON_FIELD_NUMBER, true, offsetof(struct library_export_lun, lun),
		sizeof((struct library_export_lun *)0)->lun, .max = LIBRARY_LUN_MAX},
	JSON_TEXT(library_export_lun, drive, true),
	{0},
};

/* RFC 7143 9.2.1: 96 random bits at the least. */
static const struct json_field chap_fields[] = {
	{"user", JSON_FIELD_TEXT, true, PUT(chap_user), LIBRARY_SECRET_MAX},
	{"secret", JSON_FIELD_BORROWED, false, PUT(chap_secret), LIBRARY_SECRET_MAX,
		.min = LIBRARY_CHAP_SECRET_MIN},
	{0},
};

static const struct json_field mutual_chap_fields[] = {
	{"user", JSON_FIELD_TEXT, true, PUT(mutual_user), LIBRARY_SECRET_MAX},
	{"secret", JSON_FIELD_BORROWED, false, PUT(mutual_secret), LIBRARY_SECRET_MAX,
		.min = LIBRARY_CHAP_SECRET_MIN},
	{0},
};

/* clang-format off */
#define EXPORT_FIELDS                                                                              \
	JSON_TEXT(library_export_put, target, false),                                              \
	JSON_TEXT(library_export_put, transport, false),                                           \
	{"luns", JSON_FIELD_LIST, false, PUT(luns), sizeof(struct library_export_lun),             \
		.max = LIBRARY_EXPORT_LUNS_MAX, .count = PUT(lun_count), .fields = lun_fields},    \
	{"initiators", JSON_FIELD_LIST, false, PUT(initiators.rules), LIBRARY_RULE_MAX,            \
		.max = LIBRARY_EXPORT_RULES_MAX, .count = PUT(initiators.count)},                  \
	{"networks", JSON_FIELD_LIST, false, PUT(networks.rules), LIBRARY_RULE_MAX,                \
		.max = LIBRARY_EXPORT_RULES_MAX, .count = PUT(networks.count)},                    \
	{"chap", JSON_FIELD_OBJECT, .fields = chap_fields},                                        \
	{"mutual_chap", JSON_FIELD_OBJECT, .fields = mutual_chap_fields},                          \
	JSON_BOOL(library_export_put, open)
/* clang-format on */

const struct json_field export_add_fields[] = {
	JSON_TEXT(library_export_put, name, true),
	EXPORT_FIELDS,
	{0},
};

const struct json_field export_put_fields[] = {
	EXPORT_FIELDS,
	{0},
};
