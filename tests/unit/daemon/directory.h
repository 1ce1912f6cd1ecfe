/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of its own for each test; *state is its path. */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "config.h"

int directory_setup(void **state);
int directory_teardown(void **state);

/* DIRECTORY/NAME, in a buffer that the next call but three reuses. */
const char *in_directory(void **state, const char *name);

void write_file(const char *path, const char *text);

/* Of a file with this text, which is all right. */
struct config load_config(void **state, const char *text);

#define IN_DIRECTORY(name)                                                                         \
	cmocka_unit_test_setup_teardown(name, directory_setup, directory_teardown)
