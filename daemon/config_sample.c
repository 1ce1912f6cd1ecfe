/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config.h"
#include "config_keys.h"

static void print_section(FILE *file, const char *section)
{
	if (strcmp(section, "export") == 0)
		fprintf(file,
			"\n# An iSCSI target that is made when there is none of that name. Any "
			"number of them.\n#[export library]\n");
	else if (strcmp(section, "drive") == 0)
		fprintf(file,
			"\n# A drive that is made when there is none of that name. Any number of "
			"them.\n#[drive dvd0]\n");
	else
		fprintf(file, "\n[%s]\n", section);
}

static void print_help(FILE *file, const char *help)
{
	size_t length = strcspn(help, "\n");
	fprintf(file, "# %.*s\n", (int)length, help);
	if (help[length])
		print_help(file, help + length + 1);
}

void config_print_sample(FILE *file)
{
	const char *section = "";
	fprintf(file,
		"# Configuration of carouseld. The lines that are commented out show the "
		"defaults.\n"
		"# A comment begins with # at the beginning of a line, or with ; after a space.\n");
	for (unsigned i = 0; i < CONFIG_KEYS; i++) {
		const struct config_key *key = &config_keys[i];
		if (strcmp(key->section, section) != 0)
			print_section(file, section = key->section);
		print_help(file, key->help);
		fprintf(file, "#%s =%s%s\n", key->name, key->initial[0] ? " " : "", key->initial);
	}
}
