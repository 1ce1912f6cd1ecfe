/* SPDX-License-Identifier: Apache-2.0 */
#include "util/crc32c.h"

#include <pthread.h>
#include <string.h>

enum { POLYNOMIAL_REVERSED = (int)0x82f63b78, SLICES = 8, LANE = 512, LANE_WORDS = LANE / 8 };

static uint32_t tables[SLICES][256];
static uint32_t lane_tables[4][256]; /* what LANE bytes of zeros make of each byte of a CRC */
static uint32_t (*best)(uint32_t crc, const uint8_t *data, size_t length);

static void make_tables(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? (uint32_t)POLYNOMIAL_REVERSED : 0);
		tables[0][i] = crc;
	}
	for (unsigned slice = 1; slice < SLICES; slice++)
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t before = tables[slice - 1][i];
			tables[slice][i] = before >> 8 ^ tables[0][before & 0xff];
		}
}

static uint32_t eight_bytes(uint32_t crc, const uint8_t *data)
{
	uint32_t result = 0;
	for (unsigned i = 0; i < SLICES; i++) {
		uint8_t byte = (uint8_t)(data[i] ^ (i < 4 ? crc >> (8 * i) : 0));
		result ^= tables[SLICES - 1 - i][byte];
	}
	return result;
}

static uint32_t by_table(uint32_t crc, const uint8_t *data, size_t length)
{
	for (; length >= SLICES; data += SLICES, length -= SLICES)
		crc = eight_bytes(crc, data);
	for (; length > 0; data++, length--)
		crc = crc >> 8 ^ tables[0][(crc ^ *data) & 0xff];
	return crc;
}

#ifdef __x86_64__
static void make_lane_tables(void)
{
	static const uint8_t zeros[LANE];
	for (unsigned i = 0; i < 4; i++)
		for (uint32_t byte = 0; byte < 256; byte++)
			lane_tables[i][byte] = by_table(byte << 8 * i, zeros, LANE);
}

static uint32_t past_lane(uint32_t crc)
{
	return lane_tables[0][crc & 0xff] ^ lane_tables[1][crc >> 8 & 0xff] ^
	       lane_tables[2][crc >> 16 & 0xff] ^ lane_tables[3][crc >> 24];
}

static uint64_t word_at(const uint8_t *data)
{
	uint64_t word;
	memcpy(&word, data, sizeof word);
	return word;
}

/*
 * The instruction takes three cycles, but one can begin in each: three lanes that do not wait for
 * each other are three times as fast. A CRC is linear, so the lanes are joined by XOR.
 */
__attribute__((target("sse4.2"))) static uint32_t three_lanes(uint32_t crc, const uint8_t *data)
{
	uint64_t a = crc, b = 0, c = 0;
	for (unsigned i = 0; i < LANE_WORDS; i++, data += 8) {
		a = __builtin_ia32_crc32di(a, word_at(data));
		b = __builtin_ia32_crc32di(b, word_at(data + LANE));
		c = __builtin_ia32_crc32di(c, word_at(data + 2 * LANE));
	}
	return past_lane(past_lane((uint32_t)a) ^ (uint32_t)b) ^ (uint32_t)c;
}

__attribute__((target("sse4.2"))) static uint32_t by_instruction(
	uint32_t crc, const uint8_t *data, size_t length)
{
	for (; length >= 3 * LANE; data += 3 * LANE, length -= 3 * LANE)
		crc = three_lanes(crc, data);
	for (; length >= 8; data += 8, length -= 8)
		crc = (uint32_t)__builtin_ia32_crc32di(crc, word_at(data));
	for (; length > 0; data++, length--)
		crc = __builtin_ia32_crc32qi(crc, *data);
	return crc;
}
#endif

static void choose(void)
{
	make_tables();
	best = by_table;
#ifdef __x86_64__
	if (__builtin_cpu_supports("sse4.2")) {
		make_lane_tables();
		best = by_instruction;
	}
#endif
}

static void prepare(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, choose);
}

uint32_t crc32c(uint32_t crc, const void *data, size_t length)
{
	prepare();
	return ~best(~crc, data, length);
}

uint32_t crc32c_table(uint32_t crc, const void *data, size_t length)
{
	prepare();
	return ~by_table(~crc, data, length);
}

void crc32c_put(uint8_t *p, uint32_t crc)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(crc >> (8 * i));
}

uint32_t crc32c_get(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
