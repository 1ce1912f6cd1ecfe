/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON body as a client may send it, read as each of the bodies the API takes. */
#include "support.h"

#include "body_fields.h"
#include "daemon/library.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A refusal says why and what to do; what is accepted ends within its field and is UTF-8. */
static bool decode(const uint8_t *data, size_t size, const struct json_field *fields, void *ret)
{
	struct error error = {0};
	if (json_body_decode((const char *)data, size, fields, ret, &error)) {
		for (const struct json_field *field = fields; field->name; field++) {
			const char *text = (const char *)ret + field->offset;
			if (field->type != JSON_FIELD_TEXT)
				continue;
			assert_non_null(memchr(text, '\0', field->size));
			assert_true(utf8_valid(text));
		}
		return true;
	}
	assert_int_equal(error.code, ERROR_INVALID);
	assert_true(error.sentence[0] && error.remedy[0]);
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct library_load load = {0};
	struct library_media_add media_add = {0};
	struct library_drive_add drive_add = {0};
	unsigned accepted = decode(data, size, load_fields, &load);
	accepted += decode(data, size, media_add_fields, &media_add);
	accepted += decode(data, size, drive_add_fields, &drive_add);
	assert_in_range(accepted, 0, 1); /* each demands a member that the others refuse */
	return 0;
}
