/* SPDX-License-Identifier: Apache-2.0 */
/* Values, keys and tables. */
#include "toml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "toml_reader.h"

enum { DEPTH_MAX = 8, KEY_MAX = 64, NUMBER_MAX = 32 };

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
static json_t *read_word(struct toml_reader *reader)
{
	char word[NUMBER_MAX];
	size_t length = 0;
	long long number;
	while (is_word(toml_peek(reader)) ||
		(toml_peek(reader) && strchr("+.:", toml_peek(reader)))) {
		if (length == sizeof word - 1)
			break;
		word[length++] = *reader->at++;
	}
	word[length] = '\0';
	if (!strcmp(word, "true") || !strcmp(word, "false"))
		return json_boolean(!strcmp(word, "true"));
	if (parse_number(word, &number))
		return json_integer(number);
	return toml_no_value(reader, "Use \"a text\", a whole number, true, false or [a list].",
		length ? "a value is none of those understood" : "a value is missing");
}

static json_t *read_value(struct toml_reader *reader);
static bool read_pair(struct toml_reader *reader, json_t *table);

static json_t *read_array(struct toml_reader *reader)
{
	json_t *array = json_array();
	bool ok = array;
	for (toml_skip_lines(reader); ok && !toml_take(reader, ']'); toml_skip_lines(reader)) {
		ok = json_array_append_new(array, read_value(reader)) == 0;
		toml_skip_lines(reader);
		if (ok && !toml_take(reader, ',') && toml_peek(reader) != ']')
			ok = toml_fail(reader, "Separate items by commas, and end the list with ].",
				"a list goes wrong");
	}
	if (!ok)
		json_decref(array);
	return ok ? array : NULL;
}

static json_t *read_inline_table(struct toml_reader *reader)
{
	json_t *table = json_object();
	bool ok = table;
	for (toml_skip_spaces(reader); ok && !toml_take(reader, '}'); toml_skip_spaces(reader)) {
		ok = read_pair(reader, table);
		toml_skip_spaces(reader);
		if (ok && !toml_take(reader, ',') && toml_peek(reader) != '}')
			ok = toml_fail(reader,
				"Separate pairs by commas, and end it with } in its line.",
				"an inline table goes wrong");
	}
	if (!ok)
		json_decref(table);
	return ok ? table : NULL;
}

static json_t *read_nested(struct toml_reader *reader, json_t *(*read)(struct toml_reader *reader))
{
	if (reader->depth == DEPTH_MAX)
		return toml_no_value(reader, "Use fewer levels.", "lists go too deep");
	reader->at++;
	reader->depth++;
	json_t *value = read(reader);
	reader->depth--;
	return value;
}

static json_t *read_value(struct toml_reader *reader)
{
	switch (toml_peek(reader)) {
	case '"':
	case '\'':
		return toml_read_text(reader);
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

static bool read_key(struct toml_reader *reader, char ret[KEY_MAX])
{
	size_t length = 0;
	toml_skip_spaces(reader);
	while (is_word(toml_peek(reader)) && length < KEY_MAX - 1)
		ret[length++] = *reader->at++;
	ret[length] = '\0';
	toml_skip_spaces(reader);
	if (!length || is_word(toml_peek(reader)))
		return toml_fail(reader, "Use a-z, 0-9, _ and -, as in: name = \"dvd0\".",
			"a key is missing, in quotes or too long");
	return toml_peek(reader) != '.' ||
	       toml_fail(reader, "Write them one by one, or { in braces }.",
		       "keys with dots are not understood");
}

static bool read_pair(struct toml_reader *reader, json_t *table)
{
	char key[KEY_MAX];
	unsigned line = reader->line;
	if (!read_key(reader, key))
		return false;
	if (!toml_take(reader, '='))
		return toml_fail(reader, "Write key = value.", "there is no = behind a key");
	if (json_object_get(table, key))
		return toml_fail(reader, "Leave one of them out.", "a key comes twice");
	toml_skip_spaces(reader);
	json_t *value = read_value(reader);
	return value && json_object_set_new(table, key, value) == 0 && note_line(table, key, line);
}

static bool add_table(struct toml_reader *reader, const char *key, bool in_array)
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
		return toml_fail(
			reader, "Write [[name]] for each of several.", "a table comes twice");
	}
	note_line(table, "", reader->line);
	reader->table = table;
	if (in_array)
		return json_array_append_new(there, table) == 0;
	note_line(reader->root, key, reader->line);
	return json_object_set_new(reader->root, key, table) == 0;
}

static bool read_header(struct toml_reader *reader)
{
	char key[KEY_MAX];
	bool in_array = toml_take(reader, '[');
	if (!read_key(reader, key))
		return false;
	if (!toml_take(reader, ']') || (in_array && !toml_take(reader, ']')))
		return toml_fail(reader, "Write [name] or [[name]].", "a header does not end");
	return add_table(reader, key, in_array) && toml_end_line(reader);
}

static bool read_all(struct toml_reader *reader)
{
	for (toml_skip_lines(reader); reader->at < reader->end; toml_skip_lines(reader)) {
		bool ok = toml_take(reader, '[')
				  ? read_header(reader)
				  : read_pair(reader, reader->table) && toml_end_line(reader);
		if (!ok)
			return false;
	}
	return true;
}

/* What some editors begin every file with. */
static void skip_byte_order_mark(struct toml_reader *reader)
{
	static const char mark[] = "\xef\xbb\xbf";
	if (reader->end - reader->at >= 3 && !memcmp(reader->at, mark, 3))
		reader->at += 3;
}

json_t *toml_parse(const char *text, size_t length, struct error *error)
{
	json_t *root = json_object();
	struct toml_reader reader = {.at = text,
		.end = text + length,
		.line = 1,
		.root = root,
		.table = root,
		.error = error};
	error->sentence[0] = '\0';
	skip_byte_order_mark(&reader);
	if (root && read_all(&reader))
		return root;
	if (!error->sentence[0])
		toml_fail(&reader, "", "out of memory");
	json_decref(root);
	return NULL;
}

unsigned toml_line(const json_t *table, const char *key)
{
	const json_t *lines = json_object_get(table, TOML_LINES);
	return (unsigned)json_integer_value(json_object_get(lines, key ? key : ""));
}
