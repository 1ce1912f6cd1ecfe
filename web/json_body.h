/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON bodies, read into structures by a table of their members. Anything the table does not name
 * is refused by name, so that a misspelt "force" is never taken for its absence.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"

enum json_type_wanted { JSON_FIELD_TEXT, JSON_FIELD_BOOL };

struct json_field {
	const char *name; /* NULL ends a table */
	enum json_type_wanted type;
	bool required; /* and, for text, not empty */
	size_t offset; /* of a char[size] or a bool */
	size_t size;
};

#define JSON_TEXT(type, member, is_required)                                                       \
	{                                                                                          \
#member, JSON_FIELD_TEXT, is_required, offsetof(struct type, member),              \
			sizeof((struct type *)0)->member                                           \
	}
#define JSON_BOOL(type, member)                                                                    \
	{                                                                                          \
#member, JSON_FIELD_BOOL, false, offsetof(struct type, member), sizeof(bool)       \
	}

/* The one JSON object that `data` is; NULL with *error. */
json_t *json_body_parse(const char *data, size_t length, struct error *error);

/* Fills `ret` (zeroed before, by the caller); on failure it may be partly filled. */
bool json_body_read(json_t *body, const struct json_field *fields, void *ret, struct error *error);

/* parse and read. */
bool json_body_decode(const char *data, size_t length, const struct json_field *fields, void *ret,
	struct error *error);
