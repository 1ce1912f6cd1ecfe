/* SPDX-License-Identifier: Apache-2.0 */
#include "json_fields.h"

#include <string.h>

#include "text.h"

enum kind { TEXT, FLAG, BYTES, LEVEL, TIME };

struct field {
	const char *object; /* NULL: of the image itself */
	const char *member;
	enum kind kind;
	size_t at, size;
};

#define FIELD(object, member, kind, field)                                                         \
	{                                                                                          \
		object, member, kind, offsetof(struct image_details, field),                       \
			sizeof((struct image_details *)0)->field                                   \
	}

static const struct field fields[] = {
	FIELD(NULL, "file_bytes", BYTES, file_bytes),
	FIELD(NULL, "truncated", FLAG, truncated),
	FIELD(NULL, "incomplete", FLAG, incomplete),
	FIELD("iso9660", "volume_id", TEXT, iso9660.volume_id),
	FIELD("iso9660", "joliet_volume_id", TEXT, iso9660.joliet_volume_id),
	FIELD("iso9660", "system_id", TEXT, iso9660.system_id),
	FIELD("iso9660", "volume_set_id", TEXT, iso9660.volume_set_id),
	FIELD("iso9660", "publisher", TEXT, iso9660.publisher),
	FIELD("iso9660", "preparer", TEXT, iso9660.preparer),
	FIELD("iso9660", "application", TEXT, iso9660.application),
	FIELD("iso9660", "bytes", BYTES, iso9660.bytes),
	FIELD("iso9660", "created", TIME, iso9660.created),
	FIELD("iso9660", "modified", TIME, iso9660.modified),
	FIELD("iso9660", "expires", TIME, iso9660.expires),
	FIELD("iso9660", "effective", TIME, iso9660.effective),
	FIELD("iso9660", "rock_ridge", FLAG, iso9660.rock_ridge),
	FIELD("iso9660", "joliet", LEVEL, iso9660.joliet),
	FIELD("udf", "volume_id", TEXT, udf.volume_id),
	FIELD("udf", "bytes", BYTES, udf.bytes),
	FIELD("partitions", "isohybrid", FLAG, partitions.isohybrid),
	FIELD("partitions", "mbr_boot_code", FLAG, partitions.mbr_boot_code),
	FIELD("partitions", "gpt", FLAG, partitions.gpt),
	FIELD("partitions", "efi_system_partition", FLAG, partitions.efi_system_partition),
	FIELD("partitions", "apple_partition_map", FLAG, partitions.apple_partition_map),
	FIELD("partitions", "hfs_plus", FLAG, partitions.hfs_plus),
	FIELD("os", "id", TEXT, os.id),
	FIELD("os", "name", TEXT, os.name),
	FIELD("os", "version", TEXT, os.version),
	FIELD("os", "architecture", TEXT, os.architecture),
	FIELD("os", "variant", TEXT, os.variant),
	FIELD("os", "installer", FLAG, os.installer),
	FIELD("os", "live", FLAG, os.live),
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

static json_t *number(uint64_t value)
{
	return json_integer(value <= INT64_MAX ? (json_int_t)value : INT64_MAX);
}

/* NULL: there is nothing to say. */
static json_t *value_of(const struct field *field, const void *at)
{
	switch (field->kind) {
	case TEXT:
		return *(const char *)at ? json_string(at) : NULL;
	case FLAG:
		return *(const bool *)at ? json_true() : NULL;
	case BYTES:
		return number(*(const uint64_t *)at);
	case LEVEL:
		return *(const uint8_t *)at ? json_integer(*(const uint8_t *)at) : NULL;
	case TIME:
		return *(const int64_t *)at != DETAILS_NO_TIME ? json_integer(*(const int64_t *)at)
							       : NULL;
	}
	return NULL;
}

static json_t *object_of(json_t *json, const struct field *field)
{
	if (!field->object)
		return json;
	json_t *object = json_object_get(json, field->object);
	if (!object && strcmp(field->object, "partitions") == 0) {
		object = json_object();
		json_object_set_new(json, field->object, object);
	}
	return object;
}

void json_fields_add(json_t *json, const struct image_details *details)
{
	for (size_t i = 0; i < FIELDS; i++) {
		json_t *value = value_of(&fields[i], (const char *)details + fields[i].at);
		json_t *object = value ? object_of(json, &fields[i]) : NULL;
		if (object)
			json_object_set_new(object, fields[i].member, value);
		else
			json_decref(value);
	}
}

static void take(const struct field *field, const json_t *value, void *at)
{
	json_int_t integer = json_integer_value(value);
	switch (field->kind) {
	case TEXT:
		text_utf8(json_is_string(value) ? json_string_value(value) : "",
			json_string_length(value), at, field->size);
		break;
	case FLAG:
		*(bool *)at = json_is_true(value);
		break;
	case BYTES:
		*(uint64_t *)at = integer > 0 ? (uint64_t)integer : 0;
		break;
	case LEVEL:
		*(uint8_t *)at = integer >= 0 && integer <= 3 ? (uint8_t)integer : 0;
		break;
	case TIME:
		*(int64_t *)at = json_is_integer(value) ? integer : DETAILS_NO_TIME;
		break;
	}
}

void json_fields_take(const json_t *json, struct image_details *ret)
{
	for (size_t i = 0; i < FIELDS; i++) {
		const json_t *object =
			fields[i].object ? json_object_get(json, fields[i].object) : json;
		take(&fields[i], json_object_get(object, fields[i].member),
			(char *)ret + fields[i].at);
	}
}
