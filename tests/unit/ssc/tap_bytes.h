/* SPDX-License-Identifier: Apache-2.0 */
/* Files of SIMH's format for tests, put together byte by byte. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tap_bytes {
	uint8_t bytes[1 << 16];
	size_t length;
};

void tap_byte(struct tap_bytes *tap, uint8_t byte);
void tap_word(struct tap_bytes *tap, uint32_t word);
/* `word` is class and length; the data is made of `seed`. */
void tap_record(struct tap_bytes *tap, uint32_t word, uint8_t seed, bool padded);
/* The byte at `index` of a record that was made of `seed`. */
uint8_t tap_data(uint8_t seed, size_t index);
