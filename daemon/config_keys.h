/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of the configuration file: one row each, for the parser, the messages and the sample. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct config_key {
	const char *section;
	const char *name;
	const char *initial; /* the default, read like a value in the file */
	bool repeats;        /* may stand in a section more than once; every value counts */
	/*
	 * Puts a value into the member at `offset` of the section's struct. False: not a value of
	 * this key, and `expected` says what one is.
	 */
	bool (*set)(void *section, size_t offset, const char *value);
	size_t offset;
	const char *expected;
	const char *help; /* lines */
};

enum { CONFIG_KEYS = 40 };

extern const struct config_key config_keys[CONFIG_KEYS];

/* NULL when there is no such key. */
const struct config_key *config_key_find(const char *section, const char *name);
