/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON bodies, read into structures by a table of their members. Anything the table does not name
 * is refused by name, so that a misspelt "force" is never taken for its absence.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

enum json_type_wanted {
	JSON_FIELD_TEXT,
	JSON_FIELD_BORROWED, /* text that stays in the body */
	JSON_FIELD_BOOL,
	JSON_FIELD_NUMBER, /* from min to max */
	JSON_FIELD_LIST,
	JSON_FIELD_OBJECT, /* null stands for none */
};

struct json_field {
	const char *name; /* NULL ends a table */
	enum json_type_wanted type;
	bool required; /* and, for text, not empty */
	size_t offset; /* of a char[size], a const char *, a bool, an unsigned integer, the items
			  of a list or what the members of an object are offset from */
	size_t size;   /* of text with its NUL, of the integer, or of one item of a list */
	uint64_t min;  /* the least number, or bytes of borrowed text */
	uint64_t max;  /* the largest number, or the most items of a list */
	size_t count;  /* offset of the unsigned that counts the items */
	const struct json_field *fields; /* of an object or of a list's items; NULL: texts */
};

#define JSON_TEXT(type, member, is_required)                                                       \
	{                                                                                          \
#member, JSON_FIELD_TEXT, is_required, offsetof(struct type, member),              \
			sizeof((struct type *)0)->member                                           \
	}
#define JSON_NUMBER(type, member, least, most)                                                     \
	{                                                                                          \
#member, JSON_FIELD_NUMBER, false, offsetof(struct type, member),                  \
			sizeof((struct type *)0)->member, .min = least, .max = most                \
	}
#define JSON_BOOL(type, member)                                                                    \
	{                                                                                          \
#member, JSON_FIELD_BOOL, false, offsetof(struct type, member), sizeof(bool)       \
	}

/* The one JSON object that `data` is; NULL with *error, which quotes nothing of the body. */
json_t *json_body_parse(const char *data, size_t length, struct error *error);

/* Fills `ret` (zeroed before, by the caller); on failure it may be partly filled. */
bool json_body_read(json_t *body, const struct json_field *fields, void *ret, struct error *error);

/* "string", "boolean", "integer", "array", "object". */
const char *json_field_type(const struct json_field *field);
