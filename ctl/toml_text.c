/* SPDX-License-Identifier: Apache-2.0 */
/* Texts between quotation marks, with their escapes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "growing_text.h"
#include "toml_reader.h"

static int digit_of(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static size_t encode(uint32_t code, char ret[4])
{
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	if (length == 1)
		ret[0] = (char)code;
	for (size_t i = length; length > 1 && i-- > 0; code >>= 6)
		ret[i] = (char)(i ? 0x80 | (code & 0x3f) : lead[length] | code);
	return length;
}

static bool take_code(struct toml_reader *reader, unsigned digits, struct growing_text *text)
{
	uint32_t code = 0;
	char bytes[4];
	for (; digits; digits--, reader->at++) {
		if (digit_of(toml_peek(reader)) < 0)
			return toml_fail(reader, "Write \\u and four digits, or \\U and eight.",
				"an escape is cut off");
		code = code << 4 | (uint32_t)digit_of(*reader->at);
	}
	if (!code || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return toml_fail(reader, "Use another.", "an escape stands for no character");
	return growing_text_append(text, bytes, encode(code, bytes));
}

static bool take_escape(struct toml_reader *reader, struct growing_text *text)
{
	static const char escapes[] = "btnfr\"\\", meanings[] = "\b\t\n\f\r\"\\";
	char c = toml_peek(reader);
	const char *found = c ? strchr(escapes, c) : NULL;
	if (c == 'u' || c == 'U') {
		reader->at++;
		return take_code(reader, c == 'u' ? 4 : 8, text);
	}
	if (!found)
		return toml_fail(reader, "Write \\\\ for a backslash, or put the text between '.",
			"a backslash stands before what it does not change");
	reader->at++;
	return growing_text_append(text, &meanings[found - escapes], 1);
}

static bool take_text(struct toml_reader *reader, char quote, struct growing_text *text)
{
	while (!toml_take(reader, quote)) {
		unsigned char c = (unsigned char)toml_peek(reader);
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return toml_fail(reader, "End it with the mark that it begins with.",
				"a text does not end in its line, or has control characters");
		if (quote == '"' && toml_take(reader, '\\')) {
			if (!take_escape(reader, text))
				return false;
		} else if (!growing_text_append(text, reader->at++, 1)) {
			return toml_fail(reader, "", "out of memory");
		}
	}
	return true;
}

json_t *toml_read_text(struct toml_reader *reader)
{
	struct growing_text text = {0};
	char quote = *reader->at++;
	if (reader->end - reader->at >= 2 && reader->at[0] == quote && reader->at[1] == quote)
		return toml_no_value(reader, "Use one line, with \\n in it.",
			"texts of several lines are not understood");
	json_t *value = take_text(reader, quote, &text)
				? json_stringn(text.bytes ? text.bytes : "", text.length)
				: NULL;
	if (!value && !reader->error->sentence[0])
		toml_fail(reader, "Save the file as UTF-8.", "a text is not UTF-8");
	free(text.bytes);
	return value;
}
