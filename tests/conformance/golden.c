/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "conformance.h"

static char *slurp(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *file = fopen(path, "r");
	if (file) {
		size_t length = fread(text, 1, 65535, file);
		text[length] = 0;
		fclose(file);
	}
	return text;
}

static void update(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

void expect_golden(const char *name, const char *text)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, name);
	if (getenv("GOLDEN_UPDATE"))
		update(path, text);
	char *expected = slurp(path);
	bool same = strcmp(expected, text) == 0;
	if (!same)
		print_error("%s differs; if that is meant, run with GOLDEN_UPDATE=1. Now:\n%s",
			path, text);
	free(expected);
	assert_true(same);
}
