/* SPDX-License-Identifier: Apache-2.0 */
#include "declared.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "toml.h"
#include "util/cleanup.h"

enum { FILE_MAX = 16 << 20, KNOWN_MAX = 256, QUOTED_MAX = 300 };

struct key {
	const char *name;
	json_type type; /* JSON_TRUE: a boolean; JSON_ARRAY: of texts */
};

static const struct key drive_keys[] = {
	{"name", JSON_STRING},
	{"personality", JSON_STRING},
	{"loopback", JSON_TRUE},
	{"medium", JSON_STRING},
	{0},
};

static const struct key export_keys[] = {
	{"name", JSON_STRING},
	{"target", JSON_STRING},
	{"transport", JSON_STRING},
	{"luns", JSON_ARRAY},
	{"initiators", JSON_ARRAY},
	{"networks", JSON_ARRAY},
	{"open", JSON_TRUE},
	{"chap_user", JSON_STRING},
	{"chap_secret_file", JSON_STRING},
	{"mutual_user", JSON_STRING},
	{"mutual_secret_file", JSON_STRING},
	{0},
};

static const struct key medium_keys[] = {
	{"name", JSON_STRING},
	{"tags", JSON_ARRAY},
	{"notes", JSON_STRING},
	{0},
};

/* ---- where ---------------------------------------------------------------------------------- */

/* "drive 2", of one that has no name. Returns ret. */
static const char *number_of_table(
	const struct declared *declared, const json_t *table, char ret[32])
{
	const struct {
		const char *kind;
		const json_t *tables;
	} kinds[] = {{"drive", declared->drives}, {"export", declared->exports},
		{"medium", declared->media}};
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (size_t i = 0; i < json_array_size(kinds[k].tables); i++)
			if (json_array_get(kinds[k].tables, i) == table)
				snprintf(ret, 32, "%s %zu", kinds[k].kind, i + 1);
	return ret;
}

const char *declared_place(
	const struct declared *declared, const json_t *table, const char *key, char ret[PLACE_MAX])
{
	unsigned line = declared->toml ? toml_line(table, key) : 0;
	if (declared->toml && !line)
		line = toml_line(table, NULL);
	const char *name = text_of(table, "name");
	char number[32] = "";
	if (!line && !*name)
		name = number_of_table(declared, table, number);
	if (line)
		snprintf(ret, PLACE_MAX, "%.200s, line %u", declared->path, line);
	else
		snprintf(ret, PLACE_MAX, "%.200s%s%.64s", declared->path, *name ? ", " : "", name);
	return ret;
}

enum exit_code declared_refuse(const struct declared *declared, const json_t *table,
	const char *key, const char *remedy, const char *format, ...)
{
	char sentence[512], place[PLACE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(sentence, sizeof sentence, format, args);
	va_end(args);
	return complain(EXIT_USAGE, remedy, "%s: %s", declared_place(declared, table, key, place),
		sentence);
}

static bool is_quoted(const json_t *value, const char *sentence)
{
	char quoted[QUOTED_MAX];
	size_t i;
	json_t *item;
	json_array_foreach(value, i, item) if (is_quoted(item, sentence)) return true;
	if (!json_is_string(value))
		return false;
	int length = snprintf(quoted, sizeof quoted, "\"%s\"", json_string_value(value));
	return length < QUOTED_MAX && strstr(sentence, quoted);
}

const char *declared_blame(json_t *table, const char *sentence)
{
	const char *key;
	json_t *value;
	if (strstr(sentence, "\"chap."))
		return "chap_secret_file";
	if (strstr(sentence, "\"mutual_chap."))
		return "mutual_secret_file";
	json_object_foreach(table, key, value) if (is_quoted(value, sentence)) return key;
	return NULL;
}

const char *declared_text(const json_t *table, const char *key)
{
	return json_string_value(json_object_get(table, key));
}

const json_t *declared_find(const json_t *tables, const char *name)
{
	size_t i;
	json_t *table;
	json_array_foreach(
		tables, i, table) if (!strcmp(text_of(table, "name"), name)) return table;
	return NULL;
}

/* ---- what may be said ------------------------------------------------------------------------
 */

static bool has_type(const json_t *value, json_type type)
{
	size_t i;
	json_t *item;
	if (type == JSON_TRUE)
		return json_is_boolean(value);
	json_array_foreach(value, i, item) if (!json_is_string(item)) return false;
	return json_typeof(value) == type;
}

static const char *type_name(json_type type)
{
	return type == JSON_TRUE    ? "true or false"
	       : type == JSON_ARRAY ? "a list of texts: [\"…\", \"…\"]"
				    : "a text: \"…\"";
}

static const char *list_keys(const struct key *keys, char ret[KNOWN_MAX])
{
	size_t length = (size_t)snprintf(ret, KNOWN_MAX, "It may have");
	for (const struct key *key = keys; key->name && length < KNOWN_MAX; key++)
		length += (size_t)snprintf(ret + length, KNOWN_MAX - length, "%s %s%s",
			key == keys ? "" : ",", key->name, key[1].name ? "" : ".");
	return ret;
}

static enum exit_code check_key(const struct declared *declared, const json_t *table,
	const char *what, const char *name, const json_t *value, const struct key *keys)
{
	char known[KNOWN_MAX];
	const struct key *key = keys;
	while (key->name && strcmp(key->name, name) != 0)
		key++;
	if (!key->name)
		return declared_refuse(declared, table, name, list_keys(keys, known),
			"no %s has a \"%.64s\"", what, name);
	if (!has_type(value, key->type))
		return declared_refuse(declared, table, name, "Correct it.", "%s has to be %s",
			name, type_name(key->type));
	return EXIT_OK;
}

static enum exit_code check_table(
	const struct declared *declared, json_t *table, const char *what, const struct key *keys)
{
	const char *name;
	json_t *value;
	if (!json_is_object(table))
		return declared_refuse(declared, declared->root, what,
			"Write [[name]] in TOML, [{}] in JSON.", "\"%s\" is not a list of tables",
			what);
	json_object_foreach(table, name, value)
	{
		if (declared->toml && !strcmp(name, TOML_LINES))
			continue;
		enum exit_code code = check_key(declared, table, what, name, value, keys);
		if (code)
			return code;
	}
	return *text_of(table, "name") ? EXIT_OK
				       : declared_refuse(declared, table, NULL, "Say name = \"…\".",
						 "a %s has no name", what);
}

#define ALPHANUMERIC "abcdefghijklmnopqrstuvwxyz0123456789"

enum { WORD_MAX = 32 };

static bool is_word(const char *text, const char *allowed)
{
	return strspn(text, ALPHANUMERIC) > 0 && strspn(text, allowed) == strlen(text) &&
	       strlen(text) <= WORD_MAX;
}

/* As the daemon would, but before anything is done. */
static enum exit_code check_name(
	const struct declared *declared, const json_t *table, const char *what)
{
	const char *name = text_of(table, "name");
	if (!strcmp(what, "medium") ||
		(is_word(name, ALPHANUMERIC "._-") && strcmp(name, "any") != 0))
		return EXIT_OK;
	return declared_refuse(declared, table, "name",
		"Use at most 32 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit.",
		"\"%.64s\" is not allowed as the name of %s %s", name, *what == 'e' ? "an" : "a",
		what);
}

static enum exit_code check_tags(const struct declared *declared, const json_t *table)
{
	size_t i;
	json_t *tag;
	json_array_foreach(json_object_get(table, "tags"), i, tag)
	{
		if (!is_word(json_string_value(tag), ALPHANUMERIC "._:-"))
			return declared_refuse(declared, table, "tags",
				"Use a-z, 0-9, '.', '_', ':' and '-', beginning with a letter or "
				"digit, at most 32.",
				"\"%.64s\" is not allowed as a tag", json_string_value(tag));
	}
	return EXIT_OK;
}

static enum exit_code check_words(
	const struct declared *declared, const json_t *table, const char *what)
{
	enum exit_code code = check_name(declared, table, what);
	return code ? code : check_tags(declared, table);
}

static enum exit_code check_tables(const struct declared *declared, const json_t *tables,
	const char *what, const struct key *keys)
{
	size_t i;
	json_t *table;
	if (!json_is_array(tables))
		return declared_refuse(declared, declared->root, what,
			"Write [[name]] in TOML, [{}] in JSON.", "\"%s\" is not a list of tables",
			what);
	json_array_foreach(tables, i, table)
	{
		enum exit_code code = check_table(declared, table, what, keys);
		if (!code)
			code = check_words(declared, table, what);
		if (code)
			return code;
		if (declared_find(tables, text_of(table, "name")) != table)
			return declared_refuse(declared, table, "name", "Leave one of them out.",
				"%s %s comes twice", what, text_of(table, "name"));
	}
	return EXIT_OK;
}

static enum exit_code check(struct declared *declared)
{
	const char *name;
	json_t *value;
	json_object_foreach(declared->root, name, value)
	{
		enum exit_code code = EXIT_OK;
		if (!strcmp(name, "drive"))
			code = check_tables(declared, declared->drives = value, name, drive_keys);
		else if (!strcmp(name, "export"))
			code = check_tables(declared, declared->exports = value, name, export_keys);
		else if (!strcmp(name, "medium"))
			code = check_tables(declared, declared->media = value, name, medium_keys);
		else if (!declared->toml || strcmp(name, TOML_LINES) != 0)
			code = declared_refuse(declared, declared->root, name,
				"It may have [[drive]], [[export]] and [[medium]].",
				"a library has no \"%.64s\"", name);
		if (code)
			return code;
	}
	return EXIT_OK;
}

/* ---- reading it ------------------------------------------------------------------------------
 */

static enum exit_code read_file(const char *path, char **ret, size_t *ret_length)
{
	_cleanup_close_ int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(0);
	_cleanup_free_ char *text = malloc(FILE_MAX + 1);
	size_t length = 0;
	ssize_t count = fd < 0 || !text ? -1 : 1;
	while (count > 0 && length <= FILE_MAX) {
		count = read(fd, text + length, FILE_MAX + 1 - length);
		length += count > 0 ? (size_t)count : 0;
	}
	if (count < 0)
		return complain(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED, "Check the path.",
			"cannot read %s: %s", path, strerror(errno));
	if (length > FILE_MAX)
		return complain(EXIT_USAGE, "Say less.", "%s is longer than 16 MiB", path);
	*ret = text;
	*ret_length = length;
	text = NULL;
	return EXIT_OK;
}

/* No TOML begins with a brace. */
static bool looks_like_json(const char *text, size_t length)
{
	size_t i = 0;
	while (i < length && strchr(" \t\r\n", text[i]) && text[i])
		i++;
	return i < length && text[i] == '{';
}

static enum exit_code parse(struct declared *declared, const char *text, size_t length)
{
	struct error error;
	json_error_t wrong;
	declared->toml = !looks_like_json(text, length);
	declared->root = declared->toml ? toml_parse(text, length, &error)
					: json_loadb(text, length, JSON_REJECT_DUPLICATES, &wrong);
	if (declared->root)
		return EXIT_OK;
	if (declared->toml)
		return complain(EXIT_USAGE, error.remedy, "%s, %s", declared->path, error.sentence);
	return complain(EXIT_USAGE, "Correct the JSON.", "%s, line %d: %s", declared->path,
		wrong.line, wrong.text);
}

enum exit_code declared_read(const char *path, struct declared *ret)
{
	_cleanup_free_ char *text = NULL;
	size_t length = 0;
	*ret = (struct declared){.path = strcmp(path, "-") ? path : "stdin"};
	enum exit_code code = read_file(path, &text, &length);
	if (!code)
		code = parse(ret, text, length);
	if (!code)
		code = check(ret);
	if (code)
		declared_finish(ret);
	return code;
}

void declared_finish(struct declared *declared)
{
	json_decref(declared->root);
	declared->root = NULL;
}
