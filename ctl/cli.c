/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "human.h"
#include "util/cleanup.h"

const char *option_value(const struct cli *cli, uint64_t option)
{
	for (unsigned i = cli->given_count; i--;)
		if (cli->given[i].option == option)
			return cli->given[i].value;
	return NULL;
}

bool option_number(const struct cli *cli, uint64_t option, const char *name, long long low,
	long long high, long long *ret)
{
	const char *text = option_value(cli, option);
	char *end, remedy[96];
	if (!text)
		return true;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (!errno && *text >= '0' && *text <= '9' && !*end && number >= low && number <= high) {
		*ret = number;
		return true;
	}
	snprintf(remedy, sizeof remedy, "Use a number from %lld to %lld.", low, high);
	complain(EXIT_USAGE, remedy, "--%s cannot be \"%s\"", name, text);
	return false;
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
