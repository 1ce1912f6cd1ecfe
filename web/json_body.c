/* SPDX-License-Identifier: Apache-2.0 */
#include "json_body.h"

#include <stdio.h>
#include <string.h>

json_t *json_body_parse(const char *data, size_t length, struct error *error)
{
	json_error_t why;
	json_t *body = json_loadb(data, length, JSON_REJECT_DUPLICATES, &why);
	if (!body)
		error_set(error, ERROR_INVALID, "Send one JSON object.",
			"the body is not valid JSON: line %d, column %d: %s", why.line, why.column,
			why.text);
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

static bool refuse_unknown(json_t *body, const struct json_field *fields, struct error *error)
{
	const char *name;
	json_t *value;
	json_object_foreach(body, name, value)
	{
		const struct json_field *field = fields;
		while (field->name && strcmp(field->name, name))
			field++;
		if (field->name)
			continue;
		char known[128], remedy[160];
		list_names(fields, known, sizeof known);
		snprintf(remedy, sizeof remedy, "Send only %s.", known);
		return error_set(error, ERROR_INVALID, remedy,
			"the body has an unknown member \"%.100s\"", name);
	}
	return true;
}

static bool read_text(const struct json_field *field, json_t *value, char *ret, struct error *error)
{
	if (!json_is_string(value))
		return error_set(error, ERROR_INVALID, "Put it in quotes.",
			"member \"%s\" of the body is not a string", field->name);
	size_t length = json_string_length(value);
	if (length >= field->size)
		return error_set(error, ERROR_INVALID, "Send a shorter one.",
			"member \"%s\" of the body has %zu bytes, the limit is %zu", field->name,
			length, field->size - 1);
	if (!length && field->required)
		return error_set(error, ERROR_INVALID, "Give it a value.",
			"member \"%s\" of the body is empty", field->name);
	memcpy(ret, json_string_value(value), length + 1);
	return true;
}

static bool read_bool(const struct json_field *field, json_t *value, bool *ret, struct error *error)
{
	if (!json_is_boolean(value))
		return error_set(error, ERROR_INVALID, "Use true or false, without quotes.",
			"member \"%s\" of the body is neither true nor false", field->name);
	*ret = json_is_true(value);
	return true;
}

static bool read_field(
	json_t *body, const struct json_field *field, char *base, struct error *error)
{
	json_t *value = json_object_get(body, field->name);
	if (!value && field->required)
		return error_set(error, ERROR_INVALID, "Add it.",
			"the body lacks the member \"%s\"", field->name);
	if (!value)
		return true;
	void *member = base + field->offset;
	return field->type == JSON_FIELD_TEXT ? read_text(field, value, member, error)
					      : read_bool(field, value, member, error);
}

bool json_body_read(json_t *body, const struct json_field *fields, void *ret, struct error *error)
{
	if (!refuse_unknown(body, fields, error))
		return false;
	for (; fields->name; fields++)
		if (!read_field(body, fields, ret, error))
			return false;
	return true;
}

bool json_body_decode(const char *data, size_t length, const struct json_field *fields, void *ret,
	struct error *error)
{
	json_t *body = json_body_parse(data, length, error);
	bool ok = body && json_body_read(body, fields, ret, error);
	json_decref(body);
	return ok;
}
