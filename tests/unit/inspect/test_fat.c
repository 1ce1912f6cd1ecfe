/* SPDX-License-Identifier: Apache-2.0 */
/* Boot images and system partitions for UEFI: their FAT is looked into, whoever made it up. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "fake_file_io.h"
#include "fat_maker.h"
#include "inspect/details.h"
#include "util/bytes.h"

enum { BLOCK = 2048, CATALOG = 24, BOOT = 30, SECTOR = 512, TOTAL = BOOT * BLOCK + FAT_IMAGE };

static uint8_t image[TOTAL];
static uint8_t *const fat = image + BOOT * BLOCK;
static struct fake_file file;

/* A volume of ISO 9660 whose catalog has one entry, for UEFI, at BOOT. */
static int begin(void **state)
{
	memset(image, 0, sizeof image);
	uint8_t *volume = image + 16 * BLOCK, *record = image + 17 * BLOCK;
	memcpy(volume, "\1CD001\1", 7);
	volume[80] = 17;
	volume[129] = BLOCK >> 8;
	memcpy(record, "\0CD001\1EL TORITO SPECIFICATION", 30);
	record[71] = CATALOG;
	memcpy(image + 18 * BLOCK,
		"\xff"
		"CD001\1",
		7);
	uint8_t *catalog = image + CATALOG * BLOCK;
	memcpy(catalog, "\1\xef", 2);
	memcpy(catalog + 28, "\xaa\x66\x55\xaa", 4);
	catalog[32] = 0x88;
	catalog[32 + 8] = BOOT;
	fake_file_init(&file, image, sizeof image);
	return 0;
}

static struct image_details details(void)
{
	struct image_details ret;
	struct error error = {0};
	assert_true(image_details_read(&file.io, 100, NULL, NULL, &ret, &error));
	return ret;
}

static unsigned targets(void)
{
	struct image_details d = details();
	assert_int_equal(d.boot.entries, 1);
	return d.boot.targets;
}

static const struct fat_program all[] = {{"BOOTX64.EFI", 0x8664}, {"BOOTIA32.EFI", 0x14c},
	{"BOOTAA64.EFI", 0xaa64}, {"BOOTARM.EFI", 0x1c2}, {"BOOTRISCV64.EFI", 0x5064},
	{"BOOTLOONGARCH64.EFI", 0x6264}};
static const unsigned all_targets = BOOTS_UEFI_X64 | BOOTS_UEFI_IA32 | BOOTS_UEFI_ARM64 |
				    BOOTS_UEFI_ARM | BOOTS_UEFI_RISCV64 | BOOTS_UEFI_LOONGARCH64;
static const unsigned widths[] = {12, 16, 32};

static void make(unsigned bits, const char *name, uint16_t machine)
{
	begin(NULL);
	fat_make(bits, &(struct fat_program){name, machine}, 1, fat);
}

static void every_processor_in_every_fat(void **state)
{
	for (size_t i = 0; i < 3; i++) {
		begin(state);
		fat_make(widths[i], all, 6, fat);
		assert_int_equal(targets(), all_targets);
	}
}

static void one_processor_in_every_fat(void **state)
{
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < 6; j++) {
			make(widths[i], all[j].name, all[j].machine);
			assert_int_equal(targets(), 1u << (BOOTS_UEFI_X64_INDEX + j));
		}
}

/* Firmware does not start it: that it is for UEFI is all that is known. */
static void a_name_that_the_program_contradicts(void **state)
{
	make(16, "BOOTX64.EFI", MACHINE_ARM64);
	assert_int_equal(targets(), BOOTS_UEFI);
	make(16, "BOOTAA64.EFI", 0x1234);
	assert_int_equal(targets(), BOOTS_UEFI);
	make(16, "SHELLX64.EFI", MACHINE_X64);
	assert_int_equal(targets(), BOOTS_UEFI);
}

static void a_boot_image_that_is_no_fat(void **state)
{
	assert_int_equal(targets(), BOOTS_UEFI);
	image[CATALOG * BLOCK + 32] = 0; /* not bootable */
	assert_int_equal(targets(), 0);
}

/* ---- a disc and a disk ---------------------------------------------------------------------- */

static void put_mbr(uint8_t type, uint32_t sector)
{
	image[0] = 0x33;
	image[446 + 4] = type;
	for (unsigned i = 0; i < 4; i++)
		image[446 + 8 + i] = (uint8_t)(sector >> 8 * i);
	image[510] = 0x55;
	image[511] = 0xaa;
}

static void a_system_partition_of_an_mbr(void **state)
{
	make(12, "BOOTAA64.EFI", MACHINE_ARM64);
	assert_int_equal(details().boot.disk_targets, 0);
	put_mbr(0xef, BOOT * BLOCK / SECTOR);
	struct image_details d = details();
	assert_int_equal(d.boot.targets, BOOTS_UEFI_ARM64);
	assert_int_equal(d.boot.disk_targets, BOOTS_BIOS | BOOTS_UEFI_ARM64);
	assert_true(d.partitions.efi_system_partition);
}

/* The disc's entry is gone: what a disk boots is not what a disc boots. */
static void a_system_partition_of_a_gpt(void **state)
{
	static const uint8_t type[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b,
		0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};
	make(32, "BOOTX64.EFI", MACHINE_X64);
	image[CATALOG * BLOCK + 32] = 0;
	memcpy(image + SECTOR, "EFI PART", 8);
	image[SECTOR + 72] = 2;
	image[SECTOR + 80] = image[SECTOR + 84] = 128;
	memcpy(image + 2 * SECTOR, type, sizeof type);
	image[2 * SECTOR + 32] = BOOT * BLOCK / SECTOR;
	struct image_details d = details();
	assert_int_equal(d.boot.targets, 0);
	assert_int_equal(d.boot.disk_targets, BOOTS_UEFI_X64);
}

static void partitions_beyond_the_file(void **state)
{
	make(12, "BOOTX64.EFI", MACHINE_X64);
	put_mbr(0xef, UINT32_MAX);
	assert_int_equal(details().boot.disk_targets, BOOTS_BIOS | BOOTS_UEFI);
}

/* ---- images that lie ------------------------------------------------------------------------ */

/* Whatever a byte of the boot sector is: an answer, and soon. */
static void any_byte_of_the_boot_sector(void **state)
{
	for (size_t i = 0; i < 3; i++)
		for (unsigned at = 0; at < 48; at++)
			for (unsigned value = 0; value < 256; value += 51) {
				make(widths[i], "BOOTX64.EFI", MACHINE_X64);
				fat[at] = (uint8_t)value;
				file.reads = 0;
				assert_true(targets() & (BOOTS_UEFI | BOOTS_UEFI_X64));
				assert_in_range(file.reads, 1, 600);
			}
}

/* Every entry of the table is its own cluster, and the directory is without end. */
static void chains_that_bite_their_tail(void **state)
{
	make(16, "OTHER.EFI", MACHINE_X64);
	for (unsigned i = 2; i < 4000; i++) {
		fat[SECTOR + 2 * i] = (uint8_t)i;
		fat[SECTOR + 2 * i + 1] = (uint8_t)(i >> 8);
	}
	assert_int_equal(targets(), BOOTS_UEFI);
	assert_in_range(file.reads, 1, 30);
}

/* Long names whose parts are missing, out of order, or of another entry. */
static void long_names_in_pieces(void **state)
{
	static const unsigned damages[][2] = {{0, 0x43}, {0, 0x02}, {0, 0xff}, {13, 1}, {11, 0}};
	static const uint8_t second[] = {0x42, 'F', 0, 'I', 0, 0, 0, 0xff};
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		make(12, "BOOTRISCV64.EFI", 0x5064);
		assert_int_equal(targets(), BOOTS_UEFI_RISCV64);
		uint8_t *part = memmem(fat, FAT_IMAGE, second, sizeof second);
		assert_non_null(part);
		part[damages[i][0]] = (uint8_t)damages[i][1];
		assert_int_equal(targets(), BOOTS_UEFI);
	}
}

static void a_file_that_ends_in_the_fat(void **state)
{
	for (uint64_t size = BOOT * BLOCK; size < sizeof image; size += 65537) {
		make(16, "BOOTX64.EFI", MACHINE_X64);
		file.size = size;
		assert_true(targets() & (BOOTS_UEFI | BOOTS_UEFI_X64));
	}
}

static void headers_that_point_anywhere(void **state)
{
	for (unsigned shift = 0; shift < 32; shift++) {
		make(12, "BOOTX64.EFI", MACHINE_X64);
		uint8_t *program = memmem(fat, FAT_IMAGE, "MZ\0", 3);
		memset(program + 60, 0, 4);
		program[60 + shift / 8] = (uint8_t)(1u << shift % 8);
		assert_int_equal(targets(), shift == 7 ? BOOTS_UEFI_X64 : BOOTS_UEFI);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_processor_in_every_fat, begin),
		cmocka_unit_test_setup(one_processor_in_every_fat, begin),
		cmocka_unit_test_setup(a_name_that_the_program_contradicts, begin),
		cmocka_unit_test_setup(a_boot_image_that_is_no_fat, begin),
		cmocka_unit_test_setup(a_system_partition_of_an_mbr, begin),
		cmocka_unit_test_setup(a_system_partition_of_a_gpt, begin),
		cmocka_unit_test_setup(partitions_beyond_the_file, begin),
		cmocka_unit_test_setup(any_byte_of_the_boot_sector, begin),
		cmocka_unit_test_setup(chains_that_bite_their_tail, begin),
		cmocka_unit_test_setup(long_names_in_pieces, begin),
		cmocka_unit_test_setup(a_file_that_ends_in_the_fat, begin),
		cmocka_unit_test_setup(headers_that_point_anywhere, begin),
	};
	return cmocka_run_group_tests_name("inspect/fat", tests, NULL, NULL);
}
