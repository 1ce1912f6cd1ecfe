/* SPDX-License-Identifier: Apache-2.0 */
#include "iso_time.h"

#include <stdbool.h>

#include "inspect/details.h"

enum { QUARTER = 15 * 60, OFFSET_MIN = -48, OFFSET_MAX = 52 };

static int number(const uint8_t *digits, unsigned count)
{
	int value = 0;
	for (unsigned i = 0; i < count; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return -1;
		value = value * 10 + (digits[i] - '0');
	}
	return value;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of(int month, int year)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Since 1970-01-01. */
static int64_t days_before(int year, int month, int day)
{
	int64_t y = year - 1, days = y * 365 + y / 4 - y / 100 + y / 400 - 719162;
	for (int m = 1; m < month; m++)
		days += days_of(m, year);
	return days + day - 1;
}

int64_t iso_time(const uint8_t field[ISO_TIME_LENGTH])
{
	int year = number(field, 4), month = number(field + 4, 2), day = number(field + 6, 2);
	int hour = number(field + 8, 2), minute = number(field + 10, 2);
	int second = number(field + 12, 2), offset = (int8_t)field[16];
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_of(month, year) ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
		offset < OFFSET_MIN || offset > OFFSET_MAX)
		return DETAILS_NO_TIME;
	int64_t local = days_before(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return local - (int64_t)offset * QUARTER;
}
