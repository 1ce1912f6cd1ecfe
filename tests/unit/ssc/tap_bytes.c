/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "tap_bytes.h"

void tap_byte(struct tap_bytes *tap, uint8_t byte)
{
	assert_true(tap->length < sizeof tap->bytes);
	tap->bytes[tap->length++] = byte;
}

void tap_word(struct tap_bytes *tap, uint32_t word)
{
	for (unsigned i = 0; i < 4; i++)
		tap_byte(tap, (uint8_t)(word >> 8 * i));
}

uint8_t tap_data(uint8_t seed, size_t index)
{
	return (uint8_t)(seed + index * 7);
}

void tap_record(struct tap_bytes *tap, uint32_t word, uint8_t seed, bool padded)
{
	uint32_t length = word & 0x0fffffff;
	tap_word(tap, word);
	for (uint32_t i = 0; i < length; i++)
		tap_byte(tap, tap_data(seed, i));
	if (padded && length % 2)
		tap_byte(tap, 0);
	tap_word(tap, word);
}
