/* SPDX-License-Identifier: Apache-2.0 */
#include "util/size_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* The factor of a unit; 0 when it is none. */
static long long unit_of(const char *text)
{
	static const char letters[] = "kMGTPE";
	long long decimal = 1, binary = 1;
	if (!*text || !strcasecmp(text, "B"))
		return 1;
	for (size_t i = 0; letters[i]; i++) {
		decimal *= 1000;
		binary *= 1024;
		if (tolower(*text) != tolower(letters[i]))
			continue;
		return !text[1] || !strcasecmp(text + 1, "B") ? decimal
		       : !strcasecmp(text + 1, "iB")          ? binary
							      : 0;
	}
	return 0;
}

/* Of digits; false when there are none, or too many. */
static bool take_digits(const char **text, long long *ret)
{
	const char *start = *text;
	for (*ret = 0; isdigit((unsigned char)**text); (*text)++)
		if (__builtin_mul_overflow(*ret, 10, ret) ||
			__builtin_add_overflow(*ret, **text - '0', ret))
			return false;
	return *text > start;
}

/* ".5": thousandths of what stands before it; three digits are enough for a size. */
static bool take_thousandths(const char **text, long long *ret)
{
	*ret = 0;
	if (**text != '.')
		return true;
	const char *start = ++*text;
	for (long long place = 100; isdigit((unsigned char)**text); (*text)++, place /= 10)
		*ret += (**text - '0') * place;
	return *text > start && *text - start <= 3;
}

bool size_read(const char *text, long long *ret)
{
	long long number, thousandths, bytes;
	if (!take_digits(&text, &number) || !take_thousandths(&text, &thousandths))
		return false;
	text += strspn(text, " ");
	long long unit = unit_of(text);
	if (!unit || (thousandths && unit == 1) || __builtin_mul_overflow(number, unit, &bytes) ||
		__builtin_add_overflow(bytes,
			unit / 1000 * thousandths + unit % 1000 * thousandths / 1000, &bytes))
		return false;
	*ret = bytes;
	return true;
}
