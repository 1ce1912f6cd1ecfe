/* SPDX-License-Identifier: Apache-2.0 */
/* Words in a text, in UTF-8, both letter by letter: what the index of texts does not know. */
#pragma once

#include <stdbool.h>

/* What is between words. */
#define WORDS_BLANKS " \t\r\n"

/* Every one of the words is somewhere in the text, in upper or lower case. */
bool words_are_in(const char *words, const char *text);
