/* SPDX-License-Identifier: Apache-2.0 */
/* carousel(1) has every command and every option that it takes; help has the options. */
#include "support.h"

#include <stdio.h>

#include "options.h"

static char manual[1 << 16];

/* Without the marks of scdoc, so that what is read is what readers see. */
static void strip(char *text)
{
	char *out = text;
	for (; *text; text++)
		if (!strchr("*_\\", *text))
			*out++ = *text;
	*out = '\0';
}

static int read_manual(void **state)
{
	FILE *file = fopen(MANUAL, "r");
	assert_non_null(file);
	manual[fread(manual, 1, sizeof manual - 1, file)] = '\0';
	fclose(file);
	strip(manual);
	return 0;
}

/* What the manual says of a command: from its line to that of the next. */
static void find_entry(const struct command *command, char *ret, size_t size)
{
	char heading[64];
	snprintf(heading, sizeof heading, "\ncarousel %s%s%s", command->noun,
		command->verb ? " " : "", command->verb ? command->verb : "");
	const char *start = strstr(manual, heading);
	if (!start)
		fail_msg("carousel(1) lacks \"%s\"", heading + 1);
	const char *end = strstr(start + 1, "\ncarousel ");
	snprintf(ret, size, "%.*s", (int)(end ? end - start : (long)strlen(start)), start);
}

static void every_command(void **state)
{
	static char entry[1 << 16];
	for (const struct command *command = commands; command->noun; command++) {
		find_entry(command, entry, sizeof entry);
		assert_non_null(strstr(entry, "\n\t")); /* and what it does */
	}
}

/* -n is what --count is called where there is nothing else to count. */
static bool names_option(const char *text, uint64_t option)
{
	char name[64];
	snprintf(name, sizeof name, "--%s", option_name(option));
	return strstr(text, name) || (option == OPTION_COUNT && strstr(text, "-n COUNT"));
}

static void every_option(void **state)
{
	static char entry[1 << 16];
	for (const struct command *command = commands; command->noun; command++) {
		find_entry(command, entry, sizeof entry);
		for (unsigned bit = 0; bit < 64; bit++) {
			uint64_t option = UINT64_C(1) << bit;
			if (!(command->options & option))
				continue;
			assert_non_null(option_name(option));
			/* "export set" takes all of "export add" and says so. */
			if (!names_option(entry, option) &&
				(!command->verb || strcmp(command->verb, "set")))
				fail_msg("carousel(1) lacks --%s of %s %s", option_name(option),
					command->noun, command->verb);
			if (!names_option(command->details, option) &&
				(!command->verb || strcmp(command->verb, "set")))
				fail_msg("the help of %s %s lacks --%s", command->noun,
					command->verb, option_name(option));
		}
	}
}

/* What the manual says needs no daemon is what works without. */
static void what_works_without_the_daemon(void **state)
{
	static char entry[1 << 16];
	for (const struct command *command = commands; command->noun; command++) {
		find_entry(command, entry, sizeof entry);
		bool offline = strstr(entry, "without the daemon");
		if (offline != command->offline)
			fail_msg("carousel(1) does not say of %s %s whether it needs the daemon",
				command->noun, command->verb ? command->verb : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command),
		cmocka_unit_test(every_option),
		cmocka_unit_test(what_works_without_the_daemon),
	};
	return cmocka_run_group_tests_name("ctl/documented", tests, read_manual, NULL);
}
