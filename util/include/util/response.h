/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bounded response builder: parameter data is appended field by field, length fields are
 * opened before and closed after what they count, and nothing is ever written past the buffer.
 *
 * A builder that ran out of room stops writing and remembers it (overflowed); that is a bug of the
 * caller, because the buffer is ours and sized for the largest response. Truncation to the
 * allocation length of the CDB is not done here but when the response is handed to the command.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct response {
	uint8_t *data; /* borrowed */
	size_t capacity;
	size_t length; /* bytes appended so far, never above capacity */
	bool overflowed;
};

void response_init(struct response *r, void *data, size_t capacity);

void response_u8(struct response *r, unsigned value);
void response_be16(struct response *r, unsigned value);
void response_be24(struct response *r, uint32_t value);
void response_be32(struct response *r, uint32_t value);
void response_be64(struct response *r, uint64_t value);
void response_zero(struct response *r, size_t count);
void response_bytes(struct response *r, const void *data, size_t length);

/* ASCII left-justified in a field of `width` bytes, padded with spaces (SPC-4 4.3.1). */
void response_ascii(struct response *r, const char *text, size_t width);

/*
 * A length field: open appends `width` (1, 2 or 4) zero bytes and returns the position to close;
 * close stores the number of bytes appended after the field plus `adjust`.
 */
size_t response_length_open(struct response *r, unsigned width);
void response_length_close(struct response *r, size_t position, unsigned width, int adjust);

/* Overwrites one byte that was appended before. Out of range: overflowed. */
void response_set_u8(struct response *r, size_t position, unsigned value);
