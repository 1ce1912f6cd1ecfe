/* SPDX-License-Identifier: Apache-2.0 */
#include "shell.h"

#include <stdio.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Appends what fits whole. */
static size_t put(char *ret, size_t size, size_t length, const char *text)
{
	size_t more = strlen(text);
	if (length + more >= size)
		return length;
	memcpy(ret + length, text, more + 1);
	return length + more;
}

const char *shell_quote(const char *text, char *ret, size_t size)
{
	if (*text && text[strspn(text, LETTERS "%+,-./:=@_[]")] == '\0' && !strchr(text, '[')) {
		snprintf(ret, size, "%s", text);
		return ret;
	}
	size_t length = put(ret, size, 0, "'");
	for (; *text && length + sizeof "'\\'''" < size; text++) {
		const char one[] = {*text, '\0'};
		length = put(ret, size, length, *text == '\'' ? "'\\''" : one);
	}
	put(ret, size, length, "'");
	return ret;
}

const char *qemu_value(const char *text, char *ret, size_t size)
{
	size_t length = 0;
	for (*ret = '\0'; *text; text++) {
		const char one[] = {*text, '\0'};
		length = put(ret, size, length, *text == ',' ? ",," : one);
	}
	return ret;
}

const char *url_part(const char *text, char *ret, size_t size)
{
	size_t length = 0;
	for (*ret = '\0'; *text; text++) {
		char one[4] = {*text, '\0'};
		if (!strchr(LETTERS "-._~:", *text))
			snprintf(one, sizeof one, "%%%02X", (unsigned char)*text);
		length = put(ret, size, length, one);
	}
	return ret;
}
