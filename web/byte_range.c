/* SPDX-License-Identifier: Apache-2.0 */
#include "byte_range.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Digits; what does not fit is the largest number. False: there is none. */
static bool read_position(const char **at, uint64_t *ret)
{
	const char *from = *at;
	uint64_t number = 0;
	for (; **at >= '0' && **at <= '9'; ++*at)
		if (__builtin_mul_overflow(number, 10u, &number) ||
			__builtin_add_overflow(number, (unsigned)(**at - '0'), &number))
			number = UINT64_MAX;
	*ret = number;
	return *at != from;
}

/* "-500": the last so many. */
static enum byte_range last_bytes(
	uint64_t count, uint64_t size, uint64_t *ret_offset, uint64_t *ret_length)
{
	if (!count || !size)
		return BYTE_RANGE_UNSATISFIABLE;
	*ret_length = count < size ? count : size;
	*ret_offset = size - *ret_length;
	return BYTE_RANGE_ONE;
}

static enum byte_range from_to(
	uint64_t first, uint64_t last, uint64_t size, uint64_t *ret_offset, uint64_t *ret_length)
{
	if (first >= size)
		return BYTE_RANGE_UNSATISFIABLE;
	*ret_offset = first;
	*ret_length = (last < size ? last + 1 : size) - first;
	return BYTE_RANGE_ONE;
}

enum byte_range byte_range_read(
	const char *value, uint64_t size, uint64_t *ret_offset, uint64_t *ret_length)
{
	static const char unit[] = "bytes=";
	uint64_t first, last = UINT64_MAX;
	if (!value || strncasecmp(value, unit, strlen(unit)) != 0)
		return BYTE_RANGE_ALL;
	const char *at = value + strlen(unit);
	bool has_first = read_position(&at, &first);
	if (*at++ != '-')
		return BYTE_RANGE_ALL;
	bool has_last = read_position(&at, &last);
	if (*at || (!has_first && !has_last) || (has_first && has_last && last < first))
		return BYTE_RANGE_ALL;
	if (!has_first)
		return last_bytes(last, size, ret_offset, ret_length);
	return from_to(first, has_last ? last : UINT64_MAX, size, ret_offset, ret_length);
}

/* Behind one that begins at `tag`, with its quotes; NULL: it has no end. */
static const char *end_of_tag(const char *tag)
{
	const char *end = *tag == '"' ? strchr(tag + 1, '"') : NULL;
	return end ? end + 1 : NULL;
}

bool etag_listed(const char *list, const char *etag, bool weakly)
{
	const char *end;
	if (!strcmp(list, "*"))
		return true;
	for (; *list; list = end) {
		list += strspn(list, " \t,");
		bool weak = !strncmp(list, "W/", 2);
		list += weak ? 2 : 0;
		end = end_of_tag(list);
		if (!end)
			return false;
		if ((weakly || !weak) && (size_t)(end - list) == strlen(etag) &&
			!strncmp(list, etag, strlen(etag)))
			return true;
	}
	return false;
}
