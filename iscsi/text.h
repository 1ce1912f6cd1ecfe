/* SPDX-License-Identifier: Apache-2.0 */
/* Text: key=value pairs, each ended by a NUL (RFC 7143 6.1), taken apart and put together. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT_KEY_MAX = 63, TEXT_BYTES_MAX = 1024 };

struct text_reader {
	const char *at, *end;
	bool malformed;
};

struct text_pair {
	char key[TEXT_KEY_MAX + 1];
	const char *value; /* NUL-terminated, inside what was read */
};

void text_reader_init(struct text_reader *reader, const void *data, size_t length);
/* The next pair. False: no more, or malformed (no '=', no NUL, a key that is none). */
bool text_next(struct text_reader *reader, struct text_pair *ret);

/* Into a fixed buffer; what does not fit is remembered. */
struct text_writer {
	char *data; /* borrowed */
	size_t capacity, length;
	bool overflowed;
};

void text_writer_init(struct text_writer *writer, void *data, size_t capacity);
void text_put(struct text_writer *writer, const char *key, const char *value);
void text_put_number(struct text_writer *writer, const char *key, uint32_t value);
void text_put_bytes(
	struct text_writer *writer, const char *key, const uint8_t *bytes, size_t length);

/* Decimal or 0x hexadecimal, at most 32 bits. */
bool text_number(const char *value, uint32_t *ret);
/* 0x hexadecimal or 0b base64. Returns the length, 0 when malformed or longer than `capacity`. */
size_t text_bytes(const char *value, uint8_t *ret, size_t capacity);
/* `item` is in the comma-separated `list`. */
bool text_list_has(const char *list, const char *item);
/* Which of the `count` items comes first in the list; -1: none is there. */
int text_list_first(const char *list, const char *const *items, int count);
