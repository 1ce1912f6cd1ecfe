/* SPDX-License-Identifier: Apache-2.0 */
#include "human.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *human_size(long long bytes, char *ret, size_t size)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double value = (double)bytes;
	unsigned unit = 0;
	while (value >= 999.5 && unit < 6) {
		value /= 1000;
		unit++;
	}
	snprintf(ret, size, unit && value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
	return ret;
}

const char *human_percent(long long part, long long whole, char *ret, size_t size)
{
	double percent = whole > 0 ? (double)part * 100 / (double)whole : 0;
	if (part > 0 && percent < 1)
		snprintf(ret, size, "<1 %%");
	else if (part < whole && percent > 99)
		snprintf(ret, size, ">99 %%");
	else
		snprintf(ret, size, "%.0f %%", percent);
	return ret;
}

const char *human_duration(long long seconds, char *ret, size_t size)
{
	if (seconds < 60)
		snprintf(ret, size, "%lld s", seconds);
	else if (seconds < 3600)
		snprintf(ret, size, "%lld min", seconds / 60);
	else if (seconds < 86400)
		snprintf(ret, size, "%lld h %lld min", seconds / 3600, seconds / 60 % 60);
	else
		snprintf(ret, size, "%lld d %lld h", seconds / 86400, seconds / 3600 % 24);
	return ret;
}

const char *human_microseconds(long long us, char *ret, size_t size)
{
	if (us < 1000)
		snprintf(ret, size, "%lld us", us);
	else if (us < 1000000)
		snprintf(ret, size, "%.1f ms", (double)us / 1e3);
	else
		snprintf(ret, size, "%.1f s", (double)us / 1e6);
	return ret;
}

/*
 * U+200E, U+200F, U+2028 to U+202E and U+2066 to U+2069 in UTF-8, all of three bytes: what breaks
 * lines, and what turns the text after it around ("Trojan source").
 */
static bool is_bidirectional(const char *text)
{
	unsigned char second = (unsigned char)text[1];
	unsigned char third = second ? (unsigned char)text[2] : 0;
	if ((unsigned char)text[0] != 0xe2)
		return false;
	return second == 0x80 ? third == 0x8e || third == 0x8f || (third >= 0xa8 && third <= 0xae)
			      : second == 0x81 && third >= 0xa6 && third <= 0xa9;
}

/* C1 controls are C2 80 to C2 9F in UTF-8. */
static size_t control_length(const char *text)
{
	unsigned char first = (unsigned char)text[0], second = (unsigned char)text[1];
	if (first < 0x20 || first == 0x7f)
		return 1;
	if (is_bidirectional(text))
		return 3;
	return first == 0xc2 && second >= 0x80 && second <= 0x9f ? 2 : 0;
}

char *human_printable(const char *text)
{
	char *copy = strdup(text);
	char *out = copy;
	while (copy && *text) {
		size_t length = control_length(text);
		*out++ = length ? '?' : *text;
		text += length ? length : 1;
	}
	if (copy)
		*out = '\0';
	return copy;
}
