/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of TOML 1.0, and what is refused by name. */
#include "support.h"

#include <stdlib.h>

#include "toml.h"

/* Without the lines, so that what was read can be compared. */
static void remove_lines(json_t *value)
{
	const char *key;
	json_t *member;
	size_t i;
	json_object_del(value, TOML_LINES);
	json_object_foreach(value, key, member) remove_lines(member);
	json_array_foreach(value, i, member) remove_lines(member);
}

static void reads(const char *toml, const char *json)
{
	struct error error;
	json_t *root = toml_parse(toml, strlen(toml), &error);
	if (!root)
		fail_msg("%s", error.sentence);
	remove_lines(root);
	char *text = json_dumps(root, JSON_COMPACT);
	assert_string_equal(text, json);
	free(text);
	json_decref(root);
}

static void refuses(const char *toml, const char *sentence)
{
	struct error error;
	assert_null(toml_parse(toml, strlen(toml), &error));
	if (strncmp(error.sentence, sentence, strlen(sentence)) != 0)
		fail_msg("expected \"%s\", got \"%s\"", sentence, error.sentence);
	assert_true(error.remedy[0] != '\0');
}

static void keys_and_values(void **state)
{
	reads("", "{}");
	reads("# only this", "{}");
	reads("a = 1", "{\"a\":1}");
	reads("a=-17 # seventeen\r\nb-2 = 1_000\n", "{\"a\":-17,\"b-2\":1000}");
	reads("yes = true\nno = false", "{\"yes\":true,\"no\":false}");
	reads("\xef\xbb\xbf"
	      "a = 1",
		"{\"a\":1}"); /* as some editors save it */
	reads("a = 9223372036854775807", "{\"a\":9223372036854775807}");
}

static void texts(void **state)
{
	reads("a = \"x # y\"", "{\"a\":\"x # y\"}");
	reads("a = 'C:\\n'", "{\"a\":\"C:\\\\n\"}");
	reads("a = \"\\\"\\\\\\t\\n\"", "{\"a\":\"\\\"\\\\\\t\\n\"}");
	reads("a = \"\\u00e9\\U0001F4BF\"", "{\"a\":\"\xc3\xa9\xf0\x9f\x92\xbf\"}");
	reads("a = \"\xc3\xa9\"\nb = ''", "{\"a\":\"\xc3\xa9\",\"b\":\"\"}");
}

static void lists_and_tables(void **state)
{
	reads("a = []", "{\"a\":[]}");
	reads("a = [1,\n # two\n 2,\n]", "{\"a\":[1,2]}");
	reads("a = [[1], ['x']]", "{\"a\":[[1],[\"x\"]]}");
	reads("a = { x = 1, y = \"z\" }", "{\"a\":{\"x\":1,\"y\":\"z\"}}");
	reads("a = 1\n[b]\na = 2\n[[c]]\n[[c]]\na = 3",
		"{\"a\":1,\"b\":{\"a\":2},\"c\":[{},{\"a\":3}]}");
}

static void what_is_wrong_is_where(void **state)
{
	refuses("a = 1\na = 2", "line 2: a key comes twice");
	refuses("a", "line 1: there is no = behind a key");
	refuses("\n\n= 1", "line 3: a key is missing");
	refuses("a = ", "line 1: a value is missing");
	refuses("a = 1 b = 2", "line 1: something stands behind");
	refuses("a = \"x\nb = 1", "line 1: a text does not end");
	refuses("a = 'x", "line 1: a text does not end");
	refuses("a = \"\\q\"", "line 1: a backslash");
	refuses("a = \"\\u12\"", "line 1: an escape is cut off");
	refuses("a = \"\\ud800\"", "line 1: an escape stands for no character");
	refuses("a = \"\\u0000\"", "line 1: an escape stands for no character");
	refuses("a = \"\xff\"", "line 1: a text is not UTF-8");
	refuses("a = [1\n2]", "line 2: a list goes wrong");
	refuses("a = [1,", "line 1: a value is missing");
	refuses("a = {x = 1", "line 1: an inline table goes wrong");
	refuses("[a\nb = 1", "line 1: a header does not end");
	refuses("[a]\n[a]", "line 2: a table comes twice");
	refuses("[[a]]\n[a]", "line 2: a table comes twice");
	refuses("a = 012", "line 1: a value is none");
	refuses("a = 9223372036854775808", "line 1: a value is none");
	refuses("a = 1__0", "line 1: a value is none");
	refuses("a = [[[[[[[[[1]]]]]]]]]", "line 1: lists go too deep");
}

static void what_is_not_understood_is_said(void **state)
{
	refuses("a.b = 1", "line 1: keys with dots");
	refuses("[a.b]", "line 1: keys with dots");
	refuses("\"a\" = 1", "line 1: a key is missing, in quotes");
	refuses("a = 1.5", "line 1: a value is none");
	refuses("a = 2026-11-26", "line 1: a value is none");
	refuses("a = \"\"\"x\"\"\"", "line 1: texts of several lines");
	refuses("a = '''x'''", "line 1: texts of several lines");
	refuses("a = inf", "line 1: a value is none");
}

static void lines_are_kept(void **state)
{
	static const char text[] =
		"[[drive]]\nname = 'a'\n\n[[drive]]\n# no\nname = 'b'\nx = [\n1]\n"
		"y = 2\n";
	struct error error;
	json_t *root = toml_parse(text, sizeof text - 1, &error);
	const json_t *second = json_array_get(json_object_get(root, "drive"), 1);
	assert_int_equal(toml_line(second, NULL), 4);
	assert_int_equal(toml_line(second, "name"), 6);
	assert_int_equal(toml_line(second, "x"), 7);
	assert_int_equal(toml_line(second, "y"), 9);
	assert_int_equal(toml_line(second, "z"), 0);
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_values),
		cmocka_unit_test(texts),
		cmocka_unit_test(lists_and_tables),
		cmocka_unit_test(what_is_wrong_is_where),
		cmocka_unit_test(what_is_not_understood_is_said),
		cmocka_unit_test(lines_are_kept),
	};
	return cmocka_run_group_tests_name("ctl/toml", tests, NULL, NULL);
}
