/* SPDX-License-Identifier: Apache-2.0 */
#include "json_body.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * The library's reason ends in " near 'what it read last'", which may be a secret; the name of a
 * member that comes twice is told.
 */
static int reason_length(json_error_t *why)
{
	const char *near = strstr(why->text, " near ");
	if (near && json_error_code(why) != json_error_duplicate_key)
		return (int)(near - why->text);
	return (int)strlen(why->text);
}

json_t *json_body_parse(const char *data, size_t length, struct error *error)
{
	json_error_t why;
	json_t *body = json_loadb(data, length, JSON_REJECT_DUPLICATES, &why);
	if (!body)
		error_set(error, ERROR_INVALID, "Send one JSON object.",
			"the body is not valid JSON: line %d, column %d: %.*s", why.line,
			why.column, reason_length(&why), why.text);
	else if (!json_is_object(body))
		error_set(error, ERROR_INVALID, "Send one JSON object.",
			"the body is JSON, but not an object");
	else
		return body;
	json_decref(body);
	return NULL;
}

/* "drive, medium, replace": what the table names. */
static void list_names(const struct json_field *fields, char *ret, size_t size)
{
	size_t length = 0;
	for (*ret = '\0'; fields->name && length < size; fields++)
		length += (size_t)snprintf(
			ret + length, size - length, "%s\"%s\"", length ? ", " : "", fields->name);
}

/* "luns[3].drive": where a member is. */
struct place {
	char path[128];
};

static struct place place_member(const struct place *at, const char *name)
{
	struct place place;
	snprintf(place.path, sizeof place.path, "%.60s%s%.60s", at->path, *at->path ? "." : "",
		name);
	return place;
}

static struct place place_item(const struct place *at, size_t index)
{
	struct place place;
	snprintf(place.path, sizeof place.path, "%.100s[%zu]", at->path, index);
	return place;
}

static bool refuse_unknown(const struct place *at, json_t *object, const struct json_field *fields,
	struct error *error)
{
	const char *name;
	json_t *value;
	json_object_foreach(object, name, value)
	{
		const struct json_field *field = fields;
		while (field->name && strcmp(field->name, name))
			field++;
		if (field->name)
			continue;
		char known[160], remedy[192];
		list_names(fields, known, sizeof known);
		snprintf(remedy, sizeof remedy, "Send only %s.", known);
		return error_set(error, ERROR_INVALID, remedy,
			"the body has an unknown member \"%s%s%.100s\"", at->path,
			*at->path ? "." : "", name);
	}
	return true;
}

/* ---- values -------------------------------------------------------------------------------- */

static bool refuse(
	const struct place *at, const char *remedy, const char *what, struct error *error)
{
	return error_set(
		error, ERROR_INVALID, remedy, "member \"%s\" of the body %s", at->path, what);
}

static bool judge_text(
	const struct place *at, const struct json_field *field, json_t *value, struct error *error)
{
	if (!json_is_string(value))
		return refuse(at, "Put it in quotes.", "is not a string", error);
	size_t length = json_string_length(value);
	if (length >= field->size)
		return error_set(error, ERROR_INVALID, "Send a shorter one.",
			"member \"%s\" of the body has %zu bytes, the limit is %zu", at->path,
			length, field->size - 1);
	if (!length && field->required)
		return refuse(at, "Give it a value.", "is empty", error);
	if (length < field->min)
		return error_set(error, ERROR_INVALID, "Send a longer one.",
			"member \"%s\" of the body has %zu bytes, the least is %" PRIu64, at->path,
			length, field->min);
	return true;
}

static bool read_text(const struct place *at, const struct json_field *field, json_t *value,
	char *ret, struct error *error)
{
	if (!judge_text(at, field, value, error))
		return false;
	memcpy(ret, json_string_value(value), json_string_length(value) + 1);
	return true;
}

static bool read_borrowed(const struct place *at, const struct json_field *field, json_t *value,
	const char **ret, struct error *error)
{
	if (!judge_text(at, field, value, error))
		return false;
	*ret = json_string_value(value);
	return true;
}

static bool read_bool(const struct place *at, json_t *value, bool *ret, struct error *error)
{
	if (!json_is_boolean(value))
		return refuse(at, "Use true or false, without quotes.", "is neither true nor false",
			error);
	*ret = json_is_true(value);
	return true;
}

static void store_number(uint64_t number, size_t size, void *ret)
{
	if (size == sizeof(uint16_t))
		*(uint16_t *)ret = (uint16_t)number;
	else if (size == sizeof(uint32_t))
		*(uint32_t *)ret = (uint32_t)number;
	else
		*(uint64_t *)ret = number;
}

static bool read_number(const struct place *at, const struct json_field *field, json_t *value,
	void *ret, struct error *error)
{
	char remedy[96];
	snprintf(remedy, sizeof remedy,
		"Send a number from %" PRIu64 " to %" PRIu64 ", without quotes.", field->min,
		field->max);
	if (!json_is_integer(value))
		return refuse(at, remedy, "is not a whole number", error);
	json_int_t number = json_integer_value(value);
	if (number < 0 || (uint64_t)number < field->min || (uint64_t)number > field->max)
		return refuse(at, remedy, "is out of range", error);
	store_number((uint64_t)number, field->size, ret);
	return true;
}

static bool read_members(const struct place *at, json_t *object, const struct json_field *fields,
	char *base, struct error *error);

static bool read_object(const struct place *at, const struct json_field *fields, json_t *value,
	char *base, struct error *error)
{
	if (!json_is_object(value))
		return refuse(at, "Send an object, {…}.", "is not an object", error);
	return read_members(at, value, fields, base, error);
}

static bool read_item(const struct place *at, const struct json_field *list, json_t *value,
	char *ret, struct error *error)
{
	const struct json_field text = {.required = true, .size = list->size};
	return list->fields ? read_object(at, list->fields, value, ret, error)
			    : read_text(at, &text, value, ret, error);
}

static bool read_list(const struct place *at, const struct json_field *field, json_t *value,
	char *base, struct error *error)
{
	size_t i;
	json_t *item;
	if (!json_is_array(value))
		return refuse(at, "Send a list, […].", "is not a list", error);
	if (json_array_size(value) > field->max)
		return error_set(error, ERROR_INVALID, "Send fewer.",
			"member \"%s\" of the body has %zu items, the limit is %" PRIu64, at->path,
			json_array_size(value), field->max);
	json_array_foreach(value, i, item)
	{
		const struct place place = place_item(at, i);
		char *ret = base + field->offset + i * field->size;
		if (!read_item(&place, field, item, ret, error))
			return false;
	}
	*(unsigned *)(void *)(base + field->count) = (unsigned)json_array_size(value);
	return true;
}

static bool read_value(const struct place *at, const struct json_field *field, json_t *value,
	char *base, struct error *error)
{
	void *member = base + field->offset;
	switch (field->type) {
	case JSON_FIELD_TEXT:
		return read_text(at, field, value, member, error);
	case JSON_FIELD_BORROWED:
		return read_borrowed(at, field, value, member, error);
	case JSON_FIELD_BOOL:
		return read_bool(at, value, member, error);
	case JSON_FIELD_NUMBER:
		return read_number(at, field, value, member, error);
	case JSON_FIELD_LIST:
		return read_list(at, field, value, base, error);
	case JSON_FIELD_OBJECT:
		return json_is_null(value) || read_object(at, field->fields, value, member, error);
	}
	return false;
}

static bool read_field(const struct place *at, json_t *object, const struct json_field *field,
	char *base, struct error *error)
{
	const struct place place = place_member(at, field->name);
	json_t *value = json_object_get(object, field->name);
	if (!value && field->required)
		return error_set(error, ERROR_INVALID, "Add it.",
			"the body lacks the member \"%s\"", place.path);
	return !value || read_value(&place, field, value, base, error);
}

static bool read_members(const struct place *at, json_t *object, const struct json_field *fields,
	char *base, struct error *error)
{
	if (!refuse_unknown(at, object, fields, error))
		return false;
	for (; fields->name; fields++)
		if (!read_field(at, object, fields, base, error))
			return false;
	return true;
}

bool json_body_read(json_t *body, const struct json_field *fields, void *ret, struct error *error)
{
	const struct place top = {""};
	return read_members(&top, body, fields, ret, error);
}

const char *json_field_type(const struct json_field *field)
{
	switch (field->type) {
	case JSON_FIELD_TEXT:
	case JSON_FIELD_BORROWED:
		return "string";
	case JSON_FIELD_BOOL:
		return "boolean";
	case JSON_FIELD_NUMBER:
		return "integer";
	case JSON_FIELD_LIST:
		return "array";
	case JSON_FIELD_OBJECT:
		return "object";
	}
	return "";
}
