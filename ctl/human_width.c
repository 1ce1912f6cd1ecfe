/* SPDX-License-Identifier: Apache-2.0 */
/* How wide terminals draw text: what is not in these lists takes one column. */
#include "human.h"

struct range {
	uint32_t first, last;
};

/* Unicode 15, general categories Mn and Me where names may have them, and the joiners. */
static const struct range none[] = {
	{0x0300, 0x036f},
	{0x0483, 0x0489},
	{0x0591, 0x05bd},
	{0x064b, 0x065f},
	{0x0e34, 0x0e3a},
	{0x0e47, 0x0e4e},
	{0x200b, 0x200d},
	{0x20d0, 0x20f0},
	{0x3099, 0x309a},
	{0xfe00, 0xfe0f},
	{0xfe20, 0xfe2f},
	{0xfeff, 0xfeff},
};

/* Unicode 15, East_Asian_Width W and F. */
static const struct range two[] = {
	{0x1100, 0x115f},
	{0x2e80, 0x303e},
	{0x3041, 0x33ff},
	{0x3400, 0x4dbf},
	{0x4e00, 0x9fff},
	{0xa000, 0xa4cf},
	{0xa960, 0xa97c},
	{0xac00, 0xd7a3},
	{0xf900, 0xfaff},
	{0xfe30, 0xfe6f},
	{0xff01, 0xff60},
	{0xffe0, 0xffe6},
	{0x1f300, 0x1f64f},
	{0x1f680, 0x1f6ff},
	{0x1f900, 0x1f9ff},
	{0x20000, 0x3fffd},
};

#define IN(ranges, code) is_in(ranges, sizeof(ranges) / sizeof *(ranges), code)

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* Bytes that begin no sequence, or are cut off, stand for themselves. */
static uint32_t take_character(const char **text)
{
	static const unsigned char lead[] = {0, 0x1f, 0x0f, 0x07};
	const unsigned char *at = (const unsigned char *)*text;
	unsigned more = at[0] >= 0xf0 ? 3 : at[0] >= 0xe0 ? 2 : at[0] >= 0xc0 ? 1 : 0;
	uint32_t code = more ? at[0] & lead[more] : at[0];
	unsigned i = 1;
	for (; i <= more && (at[i] & 0xc0) == 0x80; i++)
		code = code << 6 | (at[i] & 0x3f);
	*text += i;
	return code;
}

static size_t width_of(uint32_t code)
{
	return IN(none, code) ? 0 : IN(two, code) ? 2 : 1;
}

size_t human_width(const char *text)
{
	size_t width = 0;
	while (*text)
		width += width_of(take_character(&text));
	return width;
}

size_t human_fit(const char *text, size_t width)
{
	const char *at = text;
	for (size_t used = 0; *at;) {
		const char *next = at;
		used += width_of(take_character(&next));
		if (used > width)
			break;
		at = next;
	}
	return (size_t)(at - text);
}

const char *human_tail(const char *text, size_t width)
{
	size_t left = human_width(text);
	while (left > width) {
		const char *next = text;
		left -= width_of(take_character(&next));
		text = next;
	}
	return text;
}
