/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What answers look like, as data: one table per object. GET /api/openapi.json is made of them, and
 * the tests hold every answer against it, both ways: no member may be missing or be more.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "json_body.h"

enum schema_type {
	SCHEMA_TEXT,
	SCHEMA_MOMENT,  /* text: RFC 3339, in UTC */
	SCHEMA_INTEGER, /* from 0 */
	SCHEMA_REAL,
	SCHEMA_BOOL,
	SCHEMA_OBJECT, /* of `of`; NULL: any object */
	SCHEMA_LIST,   /* of `of`; NULL: of texts */
};

struct schema_member {
	const char *name; /* NULL ends a table */
	enum schema_type type;
	bool nullable;
	bool optional;     /* it may be absent */
	const char *of;    /* the name of a schema */
	const char *words; /* all that a text may be, separated by '|'; NULL: anything */
};

struct schema {
	const char *name; /* "Drive" */
	const struct schema_member *members;
};

/* Ends with name NULL. */
extern const struct schema schemas_library[], schemas_catalog[], schemas_access[];

/* NULL: there is none of this name. */
const struct schema *schema_find(const char *name);

/* As JSON Schema (2020-12). `name` may be two, "Medium|MediaAdded": one of them. */
json_t *schema_reference(const char *name);
json_t *schema_of_body(const struct json_field *fields);

/* All of them, by name: "components/schemas". */
json_t *schema_components(void);
