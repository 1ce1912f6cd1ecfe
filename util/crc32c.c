/* SPDX-License-Identifier: Apache-2.0 */
#include "util/crc32c.h"

#include <pthread.h>
#include <string.h>

enum { POLYNOMIAL_REVERSED = (int)0x82f63b78, SLICES = 8 };

static uint32_t tables[SLICES][256];
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
__attribute__((target("sse4.2"))) static uint32_t by_instruction(
	uint32_t crc, const uint8_t *data, size_t length)
{
	uint64_t wide = crc;
	for (; length >= 8; data += 8, length -= 8) {
		uint64_t word;
		memcpy(&word, data, sizeof word);
		wide = __builtin_ia32_crc32di(wide, word);
	}
	crc = (uint32_t)wide;
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
	if (__builtin_cpu_supports("sse4.2"))
		best = by_instruction;
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
