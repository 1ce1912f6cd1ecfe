/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "cd_check.h"

/* In GF(2^8) modulo x^8+x^4+x^3+x^2+1 (ECMA-130 annex A). */
static uint8_t times(uint8_t a, uint8_t b)
{
	unsigned product = 0;
	for (unsigned i = 0; i < 8; i++)
		if (b >> i & 1)
			product ^= (unsigned)a << i;
	for (unsigned i = 15; i >= 8; i--)
		if (product >> i & 1)
			product ^= 0x11du << (i - 8);
	return (uint8_t)product;
}

/* What remains of the symbols times x^2 when it is divided by (x+1)(x+alpha). */
static void remainder_of(const uint8_t *symbols, unsigned count, uint8_t ret[2])
{
	const uint8_t g1 = 1 ^ 2, g0 = times(1, 2);
	uint8_t dividend[64] = {0};
	memcpy(dividend, symbols, count);
	for (unsigned i = 0; i < count; i++) {
		uint8_t lead = dividend[i];
		dividend[i + 1] ^= times(lead, g1);
		dividend[i + 2] ^= times(lead, g0);
	}
	ret[0] = dividend[count];
	ret[1] = dividend[count + 1];
}

/* ECMA-130 14.3: bits in the order in which they are recorded, x^31 of the remainder first. */
uint32_t cd_check_edc(const uint8_t *data, size_t length)
{
	const uint32_t low_terms = 1u << 31 | 1u << 16 | 1u << 15 | 1u << 4 | 1u << 3 | 1u << 1 | 1;
	uint32_t remainder = 0, reversed = 0;
	for (size_t i = 0; i < length * 8; i++) {
		uint32_t bit = data[i / 8] >> i % 8 & 1;
		uint32_t out = remainder >> 31;
		remainder = remainder << 1 ^ (out ^ bit ? low_terms : 0);
	}
	for (unsigned i = 0; i < 32; i++)
		reversed |= (remainder >> i & 1) << (31 - i);
	return reversed;
}

/* ECMA-130 A.4, A.5: word n of what the code covers is bytes 2n and 2n+1 behind the sync. */
static uint8_t word(const uint8_t *sector, unsigned n, unsigned half)
{
	return sector[12 + 2 * n + half];
}

static void expect_p(const uint8_t *sector, unsigned column, unsigned half)
{
	uint8_t symbols[24], parity[2];
	for (unsigned row = 0; row < 24; row++)
		symbols[row] = word(sector, 43 * row + column, half);
	remainder_of(symbols, 24, parity);
	assert_int_equal(word(sector, 43 * 24 + column, half), parity[0]);
	assert_int_equal(word(sector, 43 * 25 + column, half), parity[1]);
}

static void expect_q(const uint8_t *sector, unsigned diagonal, unsigned half)
{
	uint8_t symbols[43], parity[2];
	for (unsigned m = 0; m < 43; m++)
		symbols[m] = word(sector, (44 * m + 43 * diagonal) % 1118, half);
	remainder_of(symbols, 43, parity);
	assert_int_equal(word(sector, 43 * 26 + diagonal, half), parity[0]);
	assert_int_equal(word(sector, 44 * 26 + diagonal, half), parity[1]);
}

void cd_check_sector(const uint8_t *sector)
{
	uint32_t edc = cd_check_edc(sector, 2064);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(sector[2064 + i], edc >> 8 * i & 0xff);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(sector[2068 + i], 0);
	for (unsigned half = 0; half < 2; half++) {
		for (unsigned column = 0; column < 43; column++)
			expect_p(sector, column, half);
		for (unsigned diagonal = 0; diagonal < 26; diagonal++)
			expect_q(sector, diagonal, half);
	}
}
