/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON body as a client may send it, read as each of the bodies the API takes. */
#include "support.h"

#include "body_fields.h"
#include "daemon/library.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted ends within its field and is UTF-8. */
static void assert_text(const char *text, size_t size)
{
	assert_non_null(memchr(text, '\0', size));
	assert_true(utf8_valid(text));
}

static void assert_fields(const struct json_field *fields, const char *base);

static void assert_list(const struct json_field *list, const char *base)
{
	unsigned count = *(const unsigned *)(const void *)(base + list->count);
	assert_in_range(count, 0, list->max);
	for (unsigned i = 0; i < count; i++) {
		const char *item = base + list->offset + i * list->size;
		if (list->fields)
			assert_fields(list->fields, item);
		else
			assert_text(item, list->size);
	}
}

static void assert_borrowed(const struct json_field *field, const char *text)
{
	if (!text)
		return;
	assert_in_range(strlen(text), field->min, field->size - 1);
	assert_true(utf8_valid(text));
}

static void assert_number(const struct json_field *field, const void *member)
{
	uint64_t number = field->size == sizeof(uint16_t)   ? *(const uint16_t *)member
			  : field->size == sizeof(uint32_t) ? *(const uint32_t *)member
							    : *(const uint64_t *)member;
	if (number) /* else it may not have been sent */
		assert_in_range(number, field->min, field->max);
}

static void assert_fields(const struct json_field *fields, const char *base)
{
	for (const struct json_field *field = fields; field->name; field++) {
		const char *member = base + field->offset;
		switch (field->type) {
		case JSON_FIELD_TEXT:
			assert_text(member, field->size);
			break;
		case JSON_FIELD_BORROWED:
			assert_borrowed(field, *(const char *const *)(const void *)member);
			break;
		case JSON_FIELD_NUMBER:
			assert_number(field, member);
			break;
		case JSON_FIELD_LIST:
			assert_list(field, base);
			break;
		case JSON_FIELD_OBJECT:
			assert_fields(field->fields, member);
			break;
		case JSON_FIELD_BOOL:
			break;
		}
	}
}

/* A refusal says why and what to do. */
static bool decode(const uint8_t *data, size_t size, const struct json_field *fields, void *ret)
{
	struct error error = {0};
	json_t *body = json_body_parse((const char *)data, size, &error);
	bool ok = body && json_body_read(body, fields, ret, &error);
	if (ok) {
		assert_fields(fields, ret);
	} else {
		assert_int_equal(error.code, ERROR_INVALID);
		assert_true(error.sentence[0] && error.remedy[0]);
	}
	json_decref(body);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct library_load load = {0};
	struct library_media_add media_add = {0};
	struct media_profile media_profile = {0};
	struct library_drive_add drive_add = {0};
	struct library_tape_create tape_create = {0};
	struct tape_protect tape_protect = {0};
	struct library_export_put export_add = {0}, export_put = {0};
	unsigned accepted = decode(data, size, load_fields, &load);
	accepted += decode(data, size, media_add_fields, &media_add);
	accepted += decode(data, size, media_profile_fields, &media_profile);
	accepted += decode(data, size, drive_add_fields, &drive_add);
	accepted += decode(data, size, tape_create_fields, &tape_create);
	accepted += decode(data, size, tape_protect_fields, &tape_protect);
	assert_in_range(accepted, 0, 1); /* each demands a member that the others refuse */
	accepted = decode(data, size, export_add_fields, &export_add);
	accepted += decode(data, size, export_put_fields, &export_put);
	assert_in_range(accepted, 0, 1);
	return 0;
}
