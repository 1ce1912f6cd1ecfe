/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bounded reader, the builder's twin: takes fields from bytes that came from outside. Reading
 * past the end yields zeros and remembers it (failed); check once, at the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	const uint8_t *at;
	size_t left;
	bool failed;
};

void reader_init(struct reader *r, const void *data, size_t length);
uint8_t reader_u8(struct reader *r);
uint16_t reader_be16(struct reader *r);
uint32_t reader_be32(struct reader *r);
uint64_t reader_be64(struct reader *r);
/* Copies exactly `length` bytes, zeros on failure. */
void reader_bytes(struct reader *r, void *ret, size_t length);
