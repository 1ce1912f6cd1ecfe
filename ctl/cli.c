/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>

#include "human.h"
#include "util/cleanup.h"

const char *option_value(const struct cli *cli, uint64_t option)
{
	for (unsigned i = cli->given_count; i--;)
		if (cli->given[i].option == option)
			return cli->given[i].value;
	return NULL;
}

static void print_line(const char *prefix, const char *text)
{
	_cleanup_free_ char *clean = human_printable(text);
	fprintf(stderr, "%s%s\n", prefix, clean ? clean : "");
}

enum exit_code complain(enum exit_code code, const char *remedy, const char *format, ...)
{
	char sentence[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(sentence, sizeof sentence, format, args);
	va_end(args);
	print_line("carousel: ", sentence);
	if (*remedy)
		print_line("          ", remedy);
	return code;
}

void tell(const char *format, ...)
{
	char line[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	print_line("", line);
}

void print_field(const char *label, const char *text)
{
	_cleanup_free_ char *clean = human_printable(text);
	if (clean && *clean)
		printf("%-12s %s\n", label, clean);
}

void print_json(const json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	putchar('\n');
}

const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

long long number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

bool is_set(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}
