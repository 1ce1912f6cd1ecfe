/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char replacement[] = "\xef\xbf\xbd";

/* Bytes of the sequence that `lead` opens, with the allowed range of the byte after it. */
static unsigned sequence(uint8_t lead, uint8_t *ret_low, uint8_t *ret_high)
{
	*ret_low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	*ret_high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/* Length of the sequence at `text`, 0 when it is none. Stops at the terminating NUL by itself. */
static unsigned sequence_at(const char *text)
{
	uint8_t low, high;
	unsigned length = sequence((uint8_t)text[0], &low, &high);
	for (unsigned i = 1; i < length; i++) {
		uint8_t byte = (uint8_t)text[i];
		if (byte < low || byte > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return length;
}

bool utf8_valid(const char *text)
{
	while (*text) {
		unsigned length = sequence_at(text);
		if (!length)
			return false;
		text += length;
	}
	return true;
}

char *utf8_repair(const char *text)
{
	char *copy = malloc(strlen(text) * 3 + 1);
	if (!copy)
		return NULL;
	char *out = copy;
	while (*text) {
		unsigned length = sequence_at(text);
		unsigned written = length ? length : 3;
		memcpy(out, length ? text : replacement, written);
		text += length ? length : 1;
		out += written;
	}
	*out = '\0';
	return copy;
}
