/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Four characters; the number of bytes that they are, or 0. */
static size_t decode_group(const char *text, uint8_t ret[3])
{
	uint32_t bits = 0;
	size_t padding = text[3] != '=' ? 0 : text[2] != '=' ? 1 : 2;
	for (size_t i = 0; i < 4; i++) {
		const char *digit = i < 4 - padding ? strchr(digits, text[i]) : digits;
		if (!digit)
			return 0;
		bits = bits << 6 | (uint32_t)(digit - digits);
	}
	for (size_t i = 0; i < 3; i++)
		ret[i] = (uint8_t)(bits >> (16 - 8 * i));
	return 3 - padding;
}

size_t base64_decode(const char *text, uint8_t *ret, size_t size)
{
	size_t length = strlen(text), count = 0;
	if (length % 4)
		return 0;
	for (size_t at = 0; at < length; at += 4) {
		uint8_t group[3];
		size_t n = decode_group(text + at, group);
		if (!n || n > size - count || (n < 3 && at + 4 < length))
			return 0;
		memcpy(ret + count, group, n);
		count += n;
	}
	return count;
}
