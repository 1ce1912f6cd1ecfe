/* SPDX-License-Identifier: Apache-2.0 */
/* Text from an image, made fit to be shown: UTF-8, no control characters, not too long. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * UTF-8 that somebody wrote: ends at a 0 or `length`; what is none becomes '?', and so does what
 * controls a terminal. White space at both ends goes.
 */
void text_utf8(const void *text, size_t length, char *ret, size_t capacity);
/*
 * An identifier of a volume descriptor: a-characters by the standard (ECMA-119 7.4.1), in fact
 * UTF-8 by xorriso and Latin-1 by older tools.
 */
void text_identifier(const uint8_t *field, size_t width, char *ret, size_t capacity);
/* UCS-2 or UTF-16, the most significant byte first (Joliet); white space as above. */
void text_utf16(const uint8_t *field, size_t width, char *ret, size_t capacity);
/* As snprintf with "%s", but never cuts a character in two. `text` is UTF-8. */
void text_copy(char *ret, size_t capacity, const char *text);
/* The two are the same but for the case of ASCII letters. */
bool text_same(const char *a, size_t a_length, const char *b, size_t b_length);
