/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include <stdio.h>
#include <string.h>

static const char alphanumeric[] = "abcdefghijklmnopqrstuvwxyz0123456789";
static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";

bool name_is_valid(const char *name, size_t max)
{
	size_t length = strlen(name);
	return length > 0 && length <= max && strspn(name, alphanumeric) > 0 &&
	       strspn(name, allowed) == length;
}

bool catalog_drive_name_valid(const char *name)
{
	/* To operators "any" is the first empty drive. */
	return name_is_valid(name, CATALOG_DRIVE_NAME_MAX) && strcmp(name, "any") != 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Without an extension like ".iso": a letter and up to three letters or digits. */
static size_t stem_length(const char *name)
{
	const char *dot = strrchr(name, '.');
	if (!dot || dot == name)
		return strlen(name);
	size_t length = 0;
	while (dot[1 + length] && strchr(alphanumeric, lower(dot[1 + length])))
		length++;
	char first = lower(dot[1]);
	bool extension =
		length >= 1 && length <= 4 && !dot[1 + length] && first >= 'a' && first <= 'z';
	return extension ? (size_t)(dot - name) : strlen(name);
}

/* Runs of anything else become one "-". */
static size_t slug(const char *text, size_t length, char *ret, size_t max)
{
	size_t used = 0;
	for (size_t i = 0; i < length && used < max; i++) {
		char c = lower(text[i]);
		if (!strchr(allowed, c))
			c = '-';
		bool separator = !strchr(alphanumeric, c);
		if (separator && (used == 0 || ret[used - 1] == '-'))
			continue;
		ret[used++] = c;
	}
	while (used > 0 && !strchr(alphanumeric, ret[used - 1]))
		used--;
	ret[used] = 0;
	return used;
}

void name_from_path(const char *path, char ret[CATALOG_ID_MAX])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	if (slug(name, stem_length(name), ret, 48) == 0)
		snprintf(ret, CATALOG_ID_MAX, "medium");
}

void name_from_barcode(const char *barcode, char ret[CATALOG_ID_MAX])
{
	size_t length = 0;
	for (; barcode[length] && length < CATALOG_ID_MAX - 1; length++)
		ret[length] = lower(barcode[length]);
	ret[length] = 0;
}

void name_numbered(const char *name, unsigned number, char ret[CATALOG_ID_MAX])
{
	char suffix[16];
	int width = snprintf(suffix, sizeof suffix, "-%u", number);
	snprintf(ret, CATALOG_ID_MAX, "%.*s%s", CATALOG_ID_MAX - 1 - width, name, suffix);
}

/* Length of the well-formed sequence at `at` (Unicode table 3-7), 0 when there is none. */
static size_t utf8_sequence(const unsigned char *at)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t length = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	if (length == 1)
		return 1;
	if (at[0] < 0xc2 || at[0] > 0xf4)
		return 0;
	if (at[0] == 0xe0)
		low = 0xa0;
	else if (at[0] == 0xed)
		high = 0x9f;
	else if (at[0] == 0xf0)
		low = 0x90;
	else if (at[0] == 0xf4)
		high = 0x8f;
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	return length;
}

bool text_is_utf8(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	while (*at) {
		size_t length = utf8_sequence(at);
		if (length == 0)
			return false;
		at += length;
	}
	return true;
}
