/* SPDX-License-Identifier: Apache-2.0 */
/* EDC and ECC of a raw mode 1 sector, held against a second implementation (cd_check.h). */
#include "support.h"

#include "cd_check.h"
#include "cd_sector.h"

static void make_sector(uint8_t *sector, uint32_t lba, unsigned seed)
{
	memset(sector, 0xee, CD_SECTOR);
	for (unsigned i = 0; i < 2048; i++) {
		seed = seed * 1103515245 + 12345;
		sector[CD_USER_DATA + i] = (uint8_t)(seed >> 16);
	}
	cd_sector_head(sector, lba);
	cd_sector_tail(sector);
}

/* CRC-32/CD-ROM-EDC of the catalogue of parametrised CRC algorithms: its check value. */
static void the_published_check_value(void **state)
{
	static const uint8_t digits[] = "123456789";
	assert_int_equal(cd_edc(digits, 9), 0x6ec2edc4);
	assert_int_equal(cd_check_edc(digits, 9), 0x6ec2edc4);
}

static void nothing_but_zeros_has_no_edc(void **state)
{
	static const uint8_t zeros[2064];
	assert_int_equal(cd_edc(zeros, sizeof zeros), 0);
}

static void the_head(void **state)
{
	static const uint8_t sync[12] = {0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0};
	uint8_t sector[CD_SECTOR];
	cd_sector_head(sector, 0);
	assert_memory_equal(sector, sync, sizeof sync);
	assert_memory_equal(sector + 12, "\x00\x02\x00\x01", 4);
	cd_sector_head(sector, 74 * 60 * 75 + 42 * 75 + 59 - 150);
	assert_memory_equal(sector + 12, "\x74\x42\x59\x01", 4);
}

static void every_code_word_is_one(void **state)
{
	uint8_t sector[CD_SECTOR];
	for (unsigned seed = 0; seed < 200; seed++) {
		make_sector(sector, seed * 1999, seed);
		cd_check_sector(sector);
	}
}

/* Each byte of the data reaches the EDC, two symbols of P and two of Q. */
static void every_byte_counts(void **state)
{
	uint8_t sector[CD_SECTOR], other[CD_SECTOR];
	make_sector(sector, 16, 1);
	for (unsigned i = CD_USER_DATA; i < CD_EDC; i++) {
		memcpy(other, sector, sizeof other);
		other[i] ^= 0x01;
		cd_sector_tail(other);
		assert_memory_not_equal(other + 2064, sector + 2064, 4);
		assert_memory_not_equal(other + 2076, sector + 2076, 172);
		assert_memory_not_equal(other + 2248, sector + 2248, 104);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_check_value),
		cmocka_unit_test(nothing_but_zeros_has_no_edc),
		cmocka_unit_test(the_head),
		cmocka_unit_test(every_code_word_is_one),
		cmocka_unit_test(every_byte_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
