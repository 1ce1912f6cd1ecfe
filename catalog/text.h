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

struct text_expression {
	bool incomplete; /* it is not all that was asked for: has_words decides */
	bool must_index; /* has_words is slow: it has letters beyond ASCII */
};

/*
 * Words as an expression of FTS5 that every medium fits that has them all: without those that are
 * too short for the index, and, of very many, without some. The caller frees it; "" when the index
 * is of no use. NULL with *error NO_MEMORY.
 */
char *text_expression(const char *match, struct text_expression *ret, struct error *error);
