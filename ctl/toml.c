/* SPDX-License-Identifier: Apache-2.0 */
#include "toml.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 8, KEY_MAX = 64, NUMBER_MAX = 32 };

struct reader {
	const char *at, *end;
	unsigned line, depth;
	json_t *root, *table; /* borrowed: the one that keys go into */
	struct error *error;
};

static bool fail(struct reader *reader, const char *remedy, const char *what)
{
	return error_set(reader->error, ERROR_INVALID, remedy, "line %u: %s", reader->line, what);
}

static json_t *no_value(struct reader *reader, const char *remedy, const char *what)
{
	fail(reader, remedy, what);
	return NULL;
}

/* ---- characters ------------------------------------------------------------------------------
 */

/* '\0' at the end, and for a NUL, which stands nowhere. */
static char peek(const struct reader *reader)
{
	return reader->at < reader->end ? *reader->at : '\0';
}

static bool take(struct reader *reader, char c)
{
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

static bool take_newline(struct reader *reader)
{
	if (reader->end - reader->at >= 2 && reader->at[0] == '\r' && reader->at[1] == '\n')
		reader->at++;
	if (!take(reader, '\n'))
		return false;
	reader->line++;
	return true;
}

static void skip_spaces(struct reader *reader)
{
	while (peek(reader) == ' ' || peek(reader) == '\t')
		reader->at++;
}

static void skip_comment(struct reader *reader)
{
	skip_spaces(reader);
	if (peek(reader) == '#')
		while (reader->at < reader->end && *reader->at != '\n' && *reader->at != '\r')
			reader->at++;
}

static void skip_lines(struct reader *reader)
{
	do
		skip_comment(reader);
	while (take_newline(reader));
}

static bool end_line(struct reader *reader)
{
	skip_comment(reader);
	if (reader->at == reader->end || take_newline(reader))
		return true;
	return fail(reader, "Begin a new line, or put # in front of a comment.",
		"something stands behind what is whole");
}

/* ---- texts -----------------------------------------------------------------------------------
 */

struct text {
	char *bytes;
	size_t length;
};

static bool append(struct text *text, const char *bytes, size_t length)
{
	char *grown = realloc(text->bytes, text->length + length + 1);
	if (!grown)
		return false;
	memcpy(grown + text->length, bytes, length);
	text->bytes = grown;
	text->length += length;
	return true;
}

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

static bool take_code(struct reader *reader, unsigned digits, struct text *text)
{
	uint32_t code = 0;
	char bytes[4];
	for (; digits; digits--, reader->at++) {
		if (digit_of(peek(reader)) < 0)
			return fail(reader, "Write \\u and four digits, or \\U and eight.",
				"an escape is cut off");
		code = code << 4 | (uint32_t)digit_of(*reader->at);
	}
	if (!code || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return fail(reader, "Use another.", "an escape stands for no character");
	return append(text, bytes, encode(code, bytes));
}

static bool take_escape(struct reader *reader, struct text *text)
{
	static const char escapes[] = "btnfr\"\\", meanings[] = "\b\t\n\f\r\"\\";
	char c = peek(reader);
	const char *found = c ? strchr(escapes, c) : NULL;
	if (c == 'u' || c == 'U') {
		reader->at++;
		return take_code(reader, c == 'u' ? 4 : 8, text);
	}
	if (!found)
		return fail(reader, "Write \\\\ for a backslash, or put the text between '.",
			"a backslash stands before what it does not change");
	reader->at++;
	return append(text, &meanings[found - escapes], 1);
}

static bool take_text(struct reader *reader, char quote, struct text *text)
{
	while (!take(reader, quote)) {
		unsigned char c = (unsigned char)peek(reader);
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return fail(reader, "End it with the mark that it begins with.",
				"a text does not end in its line, or has control characters");
		if (quote == '"' && take(reader, '\\')) {
			if (!take_escape(reader, text))
				return false;
		} else if (!append(text, reader->at++, 1)) {
			return fail(reader, "", "out of memory");
		}
	}
	return true;
}

static json_t *read_text(struct reader *reader)
{
	struct text text = {0};
	char quote = *reader->at++;
	if (reader->end - reader->at >= 2 && reader->at[0] == quote && reader->at[1] == quote)
		return no_value(reader, "Use one line, with \\n in it.",
			"texts of several lines are not understood");
	json_t *value = take_text(reader, quote, &text)
				? json_stringn(text.bytes ? text.bytes : "", text.length)
				: NULL;
	if (!value && !reader->error->sentence[0])
		fail(reader, "Save the file as UTF-8.", "a text is not UTF-8");
	free(text.bytes);
	return value;
}

/* ---- other values ----------------------------------------------------------------------------
 */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

static bool parse_number(const char *word, long long *ret)
{
	char digits[NUMBER_MAX], *end;
	size_t length = 0;
	for (const char *at = word; *at; at++)
		if (*at != '_')
			digits[length++] = *at;
		else if (at == word || at[-1] < '0' || at[-1] > '9' || at[1] < '0' || at[1] > '9')
			return false;
	digits[length] = '\0';
	const char *first = digits + (digits[0] == '-' || digits[0] == '+');
	errno = 0;
	*ret = strtoll(digits, &end, 10);
	return *first >= '0' && *first <= '9' && (*first != '0' || !first[1]) && !*end && !errno;
}

/* A number, true or false. */
static json_t *read_word(struct reader *reader)
{
	char word[NUMBER_MAX];
	size_t length = 0;
	long long number;
	while (is_word(peek(reader)) || (peek(reader) && strchr("+.:", peek(reader)))) {
		if (length == sizeof word - 1)
			break;
		word[length++] = *reader->at++;
	}
	word[length] = '\0';
	if (!strcmp(word, "true") || !strcmp(word, "false"))
		return json_boolean(!strcmp(word, "true"));
	if (parse_number(word, &number))
		return json_integer(number);
	return no_value(reader, "Use \"a text\", a whole number, true, false or [a list].",
		length ? "a value is none of those understood" : "a value is missing");
}

static json_t *read_value(struct reader *reader);
static bool read_pair(struct reader *reader, json_t *table);

static json_t *read_array(struct reader *reader)
{
	json_t *array = json_array();
	bool ok = array;
	for (skip_lines(reader); ok && !take(reader, ']'); skip_lines(reader)) {
		ok = json_array_append_new(array, read_value(reader)) == 0;
		skip_lines(reader);
		if (ok && !take(reader, ',') && peek(reader) != ']')
			ok = fail(reader, "Separate items by commas, and end the list with ].",
				"a list goes wrong");
	}
	if (!ok)
		json_decref(array);
	return ok ? array : NULL;
}

static json_t *read_inline_table(struct reader *reader)
{
	json_t *table = json_object();
	bool ok = table;
	for (skip_spaces(reader); ok && !take(reader, '}'); skip_spaces(reader)) {
		ok = read_pair(reader, table);
		skip_spaces(reader);
		if (ok && !take(reader, ',') && peek(reader) != '}')
			ok = fail(reader,
				"Separate pairs by commas, and end it with } in its line.",
				"an inline table goes wrong");
	}
	if (!ok)
		json_decref(table);
	return ok ? table : NULL;
}

static json_t *read_nested(struct reader *reader, json_t *(*read)(struct reader *reader))
{
	if (reader->depth == DEPTH_MAX)
		return no_value(reader, "Use fewer levels.", "lists go too deep");
	reader->at++;
	reader->depth++;
	json_t *value = read(reader);
	reader->depth--;
	return value;
}

static json_t *read_value(struct reader *reader)
{
	switch (peek(reader)) {
	case '"':
	case '\'':
		return read_text(reader);
	case '[':
		return read_nested(reader, read_array);
	case '{':
		return read_nested(reader, read_inline_table);
	default:
		return read_word(reader);
	}
}

/* ---- keys and tables -------------------------------------------------------------------------
 */

static bool note_line(json_t *table, const char *key, unsigned line)
{
	if (!json_object_get(table, TOML_LINES))
		json_object_set_new(table, TOML_LINES, json_object());
	return json_object_set_new(json_object_get(table, TOML_LINES), key, json_integer(line)) ==
	       0;
}

static bool read_key(struct reader *reader, char ret[KEY_MAX])
{
	size_t length = 0;
	skip_spaces(reader);
	while (is_word(peek(reader)) && length < KEY_MAX - 1)
		ret[length++] = *reader->at++;
	ret[length] = '\0';
	skip_spaces(reader);
	if (!length || is_word(peek(reader)))
		return fail(reader, "Use a-z, 0-9, _ and -, as in: name = \"dvd0\".",
			"a key is missing, in quotes or too long");
	return peek(reader) != '.' || fail(reader, "Write them one by one, or { in braces }.",
					      "keys with dots are not understood");
}

static bool read_pair(struct reader *reader, json_t *table)
{
	char key[KEY_MAX];
	unsigned line = reader->line;
	if (!read_key(reader, key))
		return false;
	if (!take(reader, '='))
		return fail(reader, "Write key = value.", "there is no = behind a key");
	if (json_object_get(table, key))
		return fail(reader, "Leave one of them out.", "a key comes twice");
	skip_spaces(reader);
	json_t *value = read_value(reader);
	return value && json_object_set_new(table, key, value) == 0 && note_line(table, key, line);
}

static bool add_table(struct reader *reader, const char *key, bool in_array)
{
	json_t *there = json_object_get(reader->root, key), *table = json_object();
	bool fits = in_array ? !there || json_is_array(there) : !there;
	if (!there && in_array) {
		there = json_array();
		json_object_set_new(reader->root, key, there);
		note_line(reader->root, key, reader->line);
	}
	if (!fits || !table) {
		json_decref(table);
		return fail(reader, "Write [[name]] for each of several.", "a table comes twice");
	}
	note_line(table, "", reader->line);
	reader->table = table;
	if (in_array)
		return json_array_append_new(there, table) == 0;
	note_line(reader->root, key, reader->line);
	return json_object_set_new(reader->root, key, table) == 0;
}

static bool read_header(struct reader *reader)
{
	char key[KEY_MAX];
	bool in_array = take(reader, '[');
	if (!read_key(reader, key))
		return false;
	if (!take(reader, ']') || (in_array && !take(reader, ']')))
		return fail(reader, "Write [name] or [[name]].", "a header does not end");
	return add_table(reader, key, in_array) && end_line(reader);
}

static bool read_all(struct reader *reader)
{
	for (skip_lines(reader); reader->at < reader->end; skip_lines(reader)) {
		bool ok = take(reader, '[') ? read_header(reader)
					    : read_pair(reader, reader->table) && end_line(reader);
		if (!ok)
			return false;
	}
	return true;
}

json_t *toml_parse(const char *text, size_t length, struct error *error)
{
	json_t *root = json_object();
	struct reader reader = {.at = text,
		.end = text + length,
		.line = 1,
		.root = root,
		.table = root,
		.error = error};
	error->sentence[0] = '\0';
	if (root && read_all(&reader))
		return root;
	if (!error->sentence[0])
		fail(&reader, "", "out of memory");
	json_decref(root);
	return NULL;
}

unsigned toml_line(const json_t *table, const char *key)
{
	const json_t *lines = json_object_get(table, TOML_LINES);
	return (unsigned)json_integer_value(json_object_get(lines, key ? key : ""));
}
