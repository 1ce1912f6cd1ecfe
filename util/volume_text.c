/* SPDX-License-Identifier: Apache-2.0 */
#include "util/volume_text.h"

#include <stdbool.h>

#include "util/bytes.h"

struct writer {
	char *at, *end; /* end leaves room for the final 0 */
	char *trimmed;  /* behind the last character that is no space */
};

static struct writer begin(char *ret, size_t capacity)
{
	return (struct writer){.at = ret, .end = ret + capacity - 1, .trimmed = ret};
}

static unsigned encode(uint32_t c, char *ret)
{
	if (c < 0x80) {
		ret[0] = (char)c;
		return 1;
	}
	unsigned length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (unsigned i = length - 1; i > 0; i--, c >>= 6)
		ret[i] = (char)(0x80 | (c & 0x3f));
	ret[0] = (char)(lead[length] | c);
	return length;
}

/* False: the text ends here, at a 0 or because no more fits. */
static bool put(struct writer *w, uint32_t c)
{
	char bytes[4];
	if (c == 0)
		return false;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c < 0xe000))
		c = '?';
	unsigned length = encode(c, bytes);
	if ((size_t)(w->end - w->at) < length)
		return false;
	for (unsigned i = 0; i < length; i++)
		*w->at++ = bytes[i];
	if (c != ' ')
		w->trimmed = w->at;
	return true;
}

void volume_text_8(const uint8_t *text, size_t length, char *ret, size_t capacity)
{
	struct writer w = begin(ret, capacity);
	for (size_t i = 0; i < length && put(&w, text[i]); i++)
		;
	*w.trimmed = 0;
}

static bool is_pair(uint32_t high, uint32_t low)
{
	return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
}

void volume_text_16(const uint8_t *text, size_t length, char *ret, size_t capacity)
{
	struct writer w = begin(ret, capacity);
	for (size_t i = 0; i + 1 < length; i += 2) {
		uint32_t c = get_be16(text + i);
		if (i + 3 < length && is_pair(c, get_be16(text + i + 2))) {
			c = 0x10000 + ((c & 0x3ff) << 10) + (get_be16(text + i + 2) & 0x3ff);
			i += 2;
		}
		if (!put(&w, c))
			break;
	}
	*w.trimmed = 0;
}

void volume_text_dstring(const uint8_t *field, size_t width, char *ret, size_t capacity)
{
	size_t used = field[width - 1];
	ret[0] = 0;
	if (used < 2 || used >= width)
		return;
	if (field[0] == 8)
		volume_text_8(field + 1, used - 1, ret, capacity);
	else if (field[0] == 16)
		volume_text_16(field + 1, used - 1, ret, capacity);
}
