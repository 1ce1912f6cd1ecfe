/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <string.h>

#include "util/volume_text.h"

/* Of the character that begins here (RFC 3629 4); 0: none does. */
static size_t character_length(const uint8_t *p, size_t left)
{
	size_t length = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (length == 0 || length > left || p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
	bool beyond = (p[0] == 0xed && p[1] >= 0xa0) || (p[0] == 0xf4 && p[1] >= 0x90);
	return overlong || beyond ? 0 : length;
}

static bool is_control(const uint8_t *p, size_t length)
{
	return (length == 1 && (p[0] < 0x20 || p[0] == 0x7f)) ||
	       (length == 2 && p[0] == 0xc2 && p[1] < 0xa0);
}

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

void text_utf8(const void *text, size_t length, char *ret, size_t capacity)
{
	const uint8_t *p = text, *end = p + strnlen(text, length);
	size_t at = 0, trimmed = 0;
	while (p < end && is_space(*p))
		p++;
	while (p < end) {
		size_t width = character_length(p, (size_t)(end - p));
		bool bad = width == 0 || is_control(p, width);
		size_t needed = bad ? 1 : width;
		if (at + needed >= capacity)
			break;
		memcpy(ret + at, bad ? (const uint8_t *)"?" : p, needed);
		at += needed;
		if (!is_space(*p))
			trimmed = at;
		p += width ? width : 1;
	}
	ret[trimmed] = 0;
}

static bool is_utf8(const uint8_t *p, size_t length)
{
	for (size_t width; length > 0; p += width, length -= width)
		if ((width = character_length(p, length)) == 0)
			return false;
	return true;
}

/* volume_text keeps what is in front. */
static void trim_front(char *text)
{
	size_t spaces = strspn(text, " ");
	memmove(text, text + spaces, strlen(text + spaces) + 1);
}

void text_utf16(const uint8_t *field, size_t width, char *ret, size_t capacity)
{
	volume_text_16(field, width, ret, capacity);
	trim_front(ret);
}

void text_identifier(const uint8_t *field, size_t width, char *ret, size_t capacity)
{
	if (is_utf8(field, width))
		text_utf8(field, width, ret, capacity);
	else
		volume_text_8(field, width, ret, capacity);
	trim_front(ret);
}

void text_copy(char *ret, size_t capacity, const char *text)
{
	size_t length = strnlen(text, capacity);
	if (length == capacity)
		for (length--; length > 0 && ((uint8_t)text[length] & 0xc0) == 0x80;)
			length--;
	memmove(ret, text, length);
	ret[length] = 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_same(const char *a, size_t a_length, const char *b, size_t b_length)
{
	if (a_length != b_length)
		return false;
	for (size_t i = 0; i < a_length; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}
