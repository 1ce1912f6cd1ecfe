/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Upload-Metadata (tus 1.0.0, Creation): pairs of a key and a value in base64, separated by commas.
 * Names of files come from other systems, and are made such that they are safe here.
 */
#include <jansson.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <string.h>

#include "uploads.h"
#include "util/cleanup.h"

enum {
	NAME_GIVEN_MAX = 1024, /* bytes of a name that is made shorter; longer ones are refused */
	NAME_KEPT_MAX = 200,
	ENDING_MAX = 16,
};

/* ---- names ---------------------------------------------------------------------------------- */

/* What is behind the last "/" or "\", as far as it is not hidden. */
static char *last_component(char *path)
{
	for (char *at = path; *at; at++)
		if (*at == '/' || *at == '\\')
			path = at + 1;
	return path + strspn(path, ".");
}

/* C0, DEL, and C1 in UTF-8. */
static void replace_controls(char *name)
{
	for (unsigned char *at = (unsigned char *)name; *at; at++)
		if (*at < ' ' || *at == 0x7f)
			*at = '_';
		else if (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
			at[0] = at[1] = '_';
}

/* Cut in front of its ending, and not within a character. */
static void shorten(const char *name, char ret[LIBRARY_UPLOAD_NAME_MAX])
{
	size_t length = strlen(name);
	const char *dot = strrchr(name, '.');
	const char *ending = dot && strlen(dot) <= ENDING_MAX ? dot : name + length;
	size_t stem = (size_t)(ending - name), room = NAME_KEPT_MAX - strlen(ending);
	if (stem > room)
		for (stem = room; stem && ((unsigned char)name[stem] & 0xc0) == 0x80; stem--)
			;
	snprintf(ret, LIBRARY_UPLOAD_NAME_MAX, "%.*s%s", (int)stem, name, ending);
}

/* ---- values --------------------------------------------------------------------------------- */

static bool broken(const char *key, size_t length, struct error *error)
{
	return error_set(error, ERROR_INVALID,
		"Send \"key BASE64,key BASE64\", with values that are UTF-8 and not too long.",
		"the value of %.*s in Upload-Metadata cannot be read",
		(int)(length < 64 ? length : 64), key);
}

static bool is_text(const char *text, size_t length)
{
	json_t *string = json_stringn(text, length); /* refuses what is not UTF-8 */
	bool is = string && memchr(text, 0, length) == NULL;
	json_decref(string);
	return is;
}

/* Decodes into ret[size]. */
static bool decode(const char *base64, size_t length, char *ret, size_t size)
{
	struct base64_decode_ctx context;
	uint8_t bytes[BASE64_DECODE_LENGTH(LIBRARY_UPLOAD_METADATA_MAX)];
	size_t count = sizeof bytes;
	base64_decode_init(&context);
	if (length >= LIBRARY_UPLOAD_METADATA_MAX ||
		!base64_decode_update(&context, &count, bytes, length, base64) ||
		!base64_decode_final(&context) || count >= size ||
		!is_text((const char *)bytes, count))
		return false;
	memcpy(ret, bytes, count);
	ret[count] = '\0';
	return true;
}

static bool take_name(
	const char *base64, size_t length, char ret[LIBRARY_UPLOAD_NAME_MAX], struct error *error)
{
	char given[NAME_GIVEN_MAX + 1];
	if (!decode(base64, length, given, sizeof given))
		return error_set(error, ERROR_INVALID,
			"Give it a name in UTF-8 of at most 1024 bytes.",
			"the name of the file cannot be read, or is too long");
	char *name = last_component(given);
	if (!*name)
		return error_set(error, ERROR_INVALID, "Give it another name, or none.",
			"\"%.200s\" cannot be the name of a file", given);
	replace_controls(name);
	shorten(name, ret);
	return true;
}

static bool take_value(const char *key, size_t key_length, const char *base64, size_t length,
	struct upload_words *ret, struct error *error)
{
	const struct {
		const char *key;
		char *value;
		size_t size;
	} known[] = {{"id", ret->id, sizeof ret->id},
		{"profile", ret->profile, sizeof ret->profile},
		{"sha256", ret->sha256, sizeof ret->sha256}, {"pool", ret->pool, sizeof ret->pool}};
	if ((key_length == 8 && !memcmp(key, "filename", 8)) ||
		(key_length == 4 && !memcmp(key, "name", 4)))
		return take_name(base64, length, ret->name, error);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i].key) == key_length && !memcmp(known[i].key, key, key_length))
			return decode(base64, length, known[i].value, known[i].size) ||
			       broken(key, key_length, error);
	char other[LIBRARY_UPLOAD_METADATA_MAX];
	return decode(base64, length, other, sizeof other) || broken(key, key_length, error);
}

static bool check_words(const struct upload_words *words, struct error *error)
{
	if (words->sha256[0] && (strlen(words->sha256) != 64 ||
					strspn(words->sha256, "0123456789abcdefABCDEF") != 64))
		return error_set(error, ERROR_INVALID, "Send the 64 digits that sha256sum prints.",
			"sha256 in Upload-Metadata is not a SHA-256 digest in hexadecimal");
	return true;
}

bool upload_metadata_read(const char *metadata, struct upload_words *ret, struct error *error)
{
	*ret = (struct upload_words){0};
	for (const char *at = metadata; *at;) {
		at += strspn(at, " ");
		size_t length = strcspn(at, ","), key = strcspn(at, " ,");
		const char *value = at + key + (key < length);
		if (key == 0 || key > 64)
			return broken(at, length, error);
		size_t value_length = (size_t)(at + length - value);
		while (value_length && value[value_length - 1] == ' ')
			value_length--;
		if (!take_value(at, key, value, value_length, ret, error))
			return false;
		at += length + (at[length] == ',');
	}
	return check_words(ret, error);
}
