/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bearer token of the HTTP API over TCP, where there are no peer credentials: 32 random bytes
 * in hexadecimal, in a file that only carouseld's user can read.
 */
#pragma once

#include <stdbool.h>

struct error;

enum { TOKEN_LENGTH = 64 };

/*
 * Reads the file, or makes it. CONFIGURATION: not one token, or others may read it. PERMISSION:
 * cannot be read or made.
 */
bool token_load(const char *path, char ret[TOKEN_LENGTH + 1], struct error *error);

/* In the same time for every `given` of one length, however much of it is right. */
bool token_matches(const char token[TOKEN_LENGTH + 1], const char *given);
