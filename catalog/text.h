/* SPDX-License-Identifier: Apache-2.0 */
/* The index of the words of media (migration 6), and what is looked for in it. */
#pragma once

#include <stdbool.h>

struct catalog;
struct error;

/* The words of every medium that changed since; in a transaction that is about to be committed. */
bool text_refresh(struct catalog *catalog, struct error *error);

/* Makes the SQL function has_words(text, words) known: every word is in the text, in any case. */
bool text_define(struct catalog *catalog, struct error *error);

/*
 * The words of `match` that are long enough for the index, as an expression of FTS5; *ret_short
 * tells whether there are others, for has_words. The caller frees it; "" when none is. NULL with
 * *error NO_MEMORY.
 */
char *text_expression(const char *match, bool *ret_short, struct error *error);
