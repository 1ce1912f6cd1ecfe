/* SPDX-License-Identifier: Apache-2.0 */
#include "schema.h"

#include <stdio.h>
#include <string.h>

static const struct schema *const groups[] = {schemas_access, schemas_catalog, schemas_library};

enum { GROUPS = sizeof groups / sizeof *groups };

const struct schema *schema_find(const char *name)
{
	for (size_t i = 0; i < GROUPS; i++)
		for (const struct schema *schema = groups[i]; schema->name; schema++)
			if (!strcmp(schema->name, name))
				return schema;
	return NULL;
}

static json_t *reference(const char *name, size_t length)
{
	char text[96];
	snprintf(text, sizeof text, "#/components/schemas/%.*s", (int)length, name);
	return json_pack("{s:s}", "$ref", text);
}

json_t *schema_reference(const char *name)
{
	size_t length = strcspn(name, "|");
	if (!name[length])
		return reference(name, length);
	return json_pack("{s:[o, o]}", "oneOf", reference(name, length),
		reference(name + length + 1, strlen(name + length + 1)));
}

/* ---- answers ------------------------------------------------------------------------------- */

static json_t *list_words(const char *words, bool nullable)
{
	json_t *list = json_array();
	for (const char *at = words;; at++) {
		size_t length = strcspn(at, "|");
		json_array_append_new(list, json_stringn(at, length));
		at += length;
		if (!*at)
			break;
	}
	if (nullable)
		json_array_append_new(list, json_null());
	return list;
}

static json_t *typed(const char *type, bool nullable)
{
	return nullable ? json_pack("{s:[s, s]}", "type", type, "null")
			: json_pack("{s:s}", "type", type);
}

static json_t *text(const struct schema_member *member)
{
	json_t *schema = typed("string", member->nullable);
	if (member->type == SCHEMA_MOMENT)
		json_object_set_new(schema, "format", json_string("date-time"));
	if (member->words)
		json_object_set_new(schema, "enum", list_words(member->words, member->nullable));
	return schema;
}

static json_t *integer(const struct schema_member *member)
{
	json_t *schema = typed("integer", member->nullable);
	json_object_set_new(schema, "minimum", json_integer(0));
	return schema;
}

static json_t *object(const struct schema_member *member)
{
	if (!member->of)
		return typed("object", member->nullable);
	if (!member->nullable)
		return schema_reference(member->of);
	return json_pack("{s:[o, o]}", "anyOf", schema_reference(member->of), typed("null", false));
}

static json_t *list(const struct schema_member *member)
{
	json_t *items = member->of ? schema_reference(member->of) : typed("string", false);
	json_t *schema = typed("array", member->nullable);
	json_object_set_new(schema, "items", items);
	return schema;
}

static json_t *schema_of_member(const struct schema_member *member)
{
	switch (member->type) {
	case SCHEMA_TEXT:
	case SCHEMA_MOMENT:
		return text(member);
	case SCHEMA_INTEGER:
		return integer(member);
	case SCHEMA_REAL:
		return typed("number", member->nullable);
	case SCHEMA_BOOL:
		return typed("boolean", member->nullable);
	case SCHEMA_OBJECT:
		return object(member);
	case SCHEMA_LIST:
		return list(member);
	}
	return NULL;
}

static json_t *closed_object(json_t *properties, json_t *required)
{
	return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties,
		"required", required, "additionalProperties", false);
}

static json_t *component(const struct schema *schema)
{
	json_t *properties = json_object(), *required = json_array();
	for (const struct schema_member *member = schema->members; member->name; member++) {
		json_object_set_new(properties, member->name, schema_of_member(member));
		if (!member->optional)
			json_array_append_new(required, json_string(member->name));
	}
	return closed_object(properties, required);
}

json_t *schema_components(void)
{
	json_t *components = json_object();
	for (size_t i = 0; i < GROUPS; i++)
		for (const struct schema *schema = groups[i]; schema->name; schema++)
			json_object_set_new(components, schema->name, component(schema));
	return components;
}

/* ---- bodies -------------------------------------------------------------------------------- */

/*
 * Lengths are bytes of UTF-8 here and characters, of at most four bytes, in JSON Schema: what it
 * allows may still be too long or too short, and it forbids nothing that is right.
 */
static json_t *text_field(const struct json_field *field)
{
	json_t *schema = typed("string", false);
	json_int_t least = field->min ? (json_int_t)(field->min + 3) / 4 : field->required;
	json_object_set_new(schema, "maxLength", json_integer((json_int_t)field->size - 1));
	if (least)
		json_object_set_new(schema, "minLength", json_integer(least));
	return schema;
}

static json_t *number_field(const struct json_field *field)
{
	json_int_t most = field->max > INT64_MAX ? INT64_MAX : (json_int_t)field->max;
	return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)field->min,
		"maximum", most);
}

static json_t *list_field(const struct json_field *field)
{
	const struct json_field text = {.required = true, .size = field->size};
	json_t *items = field->fields ? schema_of_body(field->fields) : text_field(&text);
	return json_pack("{s:s, s:o, s:I}", "type", "array", "items", items, "maxItems",
		(json_int_t)field->max);
}

static json_t *schema_of_field(const struct json_field *field)
{
	switch (field->type) {
	case JSON_FIELD_TEXT:
	case JSON_FIELD_BORROWED:
		return text_field(field);
	case JSON_FIELD_BOOL:
		return typed("boolean", false);
	case JSON_FIELD_NUMBER:
		return number_field(field);
	case JSON_FIELD_LIST:
		return list_field(field);
	case JSON_FIELD_OBJECT:
		return json_pack(
			"{s:[o, o]}", "anyOf", schema_of_body(field->fields), typed("null", false));
	}
	return NULL;
}

json_t *schema_of_body(const struct json_field *fields)
{
	json_t *properties = json_object(), *required = json_array();
	for (; fields->name; fields++) {
		json_object_set_new(properties, fields->name, schema_of_field(fields));
		if (fields->required)
			json_array_append_new(required, json_string(fields->name));
	}
	return closed_object(properties, required);
}
