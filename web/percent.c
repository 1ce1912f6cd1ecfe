/* SPDX-License-Identifier: Apache-2.0 */
#include "percent.h"

#include <stdlib.h>
#include <string.h>

#include "utf8.h"
#include "util/cleanup.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte at text[*at], decoded; moves *at past it. 0 when it is broken. */
static char decode_one(const char *text, size_t length, size_t *at)
{
	if (text[*at] != '%')
		return text[(*at)++];
	if (length - *at < 3)
		return 0;
	int high = hex_digit(text[*at + 1]), low = hex_digit(text[*at + 2]);
	*at += 3;
	return high < 0 || low < 0 ? 0 : (char)(high << 4 | low);
}

bool percent_decode(const char *text, size_t length, char *ret, size_t size)
{
	_cleanup_free_ char *decoded = malloc(length + 1);
	size_t count = 0;
	if (!decoded)
		return false;
	for (size_t at = 0; at < length; count++) {
		decoded[count] = decode_one(text, length, &at);
		if (!decoded[count])
			return false;
	}
	decoded[count] = '\0';
	if (count >= size || !utf8_valid(decoded))
		return false;
	memcpy(ret, decoded, count + 1);
	return true;
}

static bool unreserved(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("-._~", c));
}

void percent_encode(const char *text, char *ret, size_t size)
{
	static const char digits[] = "0123456789ABCDEF";
	char *end = ret + size - 1;
	for (; *text && end - ret >= 3; text++) {
		if (unreserved(*text)) {
			*ret++ = *text;
			continue;
		}
		*ret++ = '%';
		*ret++ = digits[(unsigned char)*text >> 4];
		*ret++ = digits[*text & 15];
	}
	*ret = '\0';
}
