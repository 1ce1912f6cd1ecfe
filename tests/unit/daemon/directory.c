/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "directory.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "util/error.h"

int directory_setup(void **state)
{
	char *path = strdup("/tmp/carousel-daemon-XXXXXX");
	assert_non_null(mkdtemp(path));
	/* realpath() of a file in it begins with it. */
	*state = realpath(path, NULL);
	free(path);
	return *state ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

int directory_teardown(void **state)
{
	int result = nftw(*state, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(*state);
	return result;
}

const char *in_directory(void **state, const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned turn;
	char *path = paths[turn++ % 4];
	snprintf(path, PATH_MAX, "%s/%s", (const char *)*state, name);
	return path;
}

void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

struct config load_config(void **state, const char *text)
{
	struct config config;
	struct error error;
	const char *path = in_directory(state, "carousel.conf");
	write_file(path, text);
	if (!config_load(&config, path, &error))
		fail_msg("%s", error.sentence);
	return config;
}
