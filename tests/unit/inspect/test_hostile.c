/* SPDX-License-Identifier: Apache-2.0 */
/* Images that lie, and files that fail, in memory. */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake_file_io.h"
#include "inspect/details.h"
#include "util/bytes.h"

enum { BLOCK = 2048, BLOCKS = 400, ROOT = 20, CATALOG = 24 };

static uint8_t image[BLOCKS * BLOCK];
static struct fake_file file;

static uint8_t *at(uint32_t block)
{
	return image + (size_t)block * BLOCK;
}

static void put_le32(uint8_t *p, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static uint8_t *descriptor(uint32_t block, uint8_t type)
{
	uint8_t *p = at(block);
	p[0] = type;
	memcpy(p + 1, "CD001\1", 6);
	return p;
}

static uint8_t *record(
	uint8_t *p, const char *name, size_t length, uint32_t block, uint32_t bytes, uint8_t flags)
{
	p[0] = (uint8_t)(33 + length + (length % 2 == 0));
	put_le32(p + 2, block);
	put_le32(p + 10, bytes);
	p[25] = flags;
	p[32] = (uint8_t)length;
	memcpy(p + 33, name, length);
	return p + p[0];
}

/* A primary volume whose root directory is one block, and a boot record. */
static int begin(void **state)
{
	memset(image, 0, sizeof image);
	uint8_t *p = descriptor(16, 1);
	memset(p + 8, ' ', 64);
	put_le32(p + 80, BLOCKS);
	p[129] = BLOCK >> 8;
	record(p + 156, "\0", 1, ROOT, BLOCK, 2);
	p = descriptor(17, 0);
	memcpy(p + 7, "EL TORITO SPECIFICATION", 23);
	put_le32(p + 71, CATALOG);
	descriptor(18, 255);
	p = record(at(ROOT), "\0", 1, ROOT, BLOCK, 2);
	record(p, "\1", 1, ROOT, BLOCK, 2);
	fake_file_init(&file, image, sizeof image);
	return 0;
}

static struct image_details details(void)
{
	struct image_details ret;
	struct error error = {0};
	assert_true(image_details_read(&file.io, 100, NULL, NULL, &ret, &error));
	assert_int_equal(error.code, ERROR_NONE);
	return ret;
}

static enum error_code refusal(void)
{
	struct image_details ret;
	struct error error = {0};
	assert_false(image_details_read(&file.io, 100, NULL, NULL, &ret, &error));
	assert_string_not_equal(error.remedy, "");
	return error.code;
}

static void files_that_fail(void **state)
{
	file.read_error = -EIO;
	file.bad_offset = 40000;
	assert_int_equal(refusal(), ERROR_FILE_UNREADABLE);
	begin(state);
	file.identify_error = -ESTALE;
	assert_int_equal(refusal(), ERROR_FILE_UNREADABLE);
	begin(state);
	file.cut_at = 40000;
	assert_int_equal(refusal(), ERROR_IMAGE_CHANGED);
}

/* Every length that a file may have. */
static void cut_anywhere(void **state)
{
	for (uint64_t size = 0; size <= 25 * BLOCK; size += 509) {
		file.size = size;
		struct image_details d = details();
		assert_int_equal(d.iso9660.found, size >= 17 * BLOCK);
		assert_int_equal(d.truncated, d.iso9660.found);
	}
}

static void texts_with_control_characters(void **state)
{
	memcpy(at(16) + 40, "\x1b]0;title\x07\r\n\xff\xfe", 14);
	memset(at(16) + 318, '\x9b', 128);
	struct image_details d = details();
	assert_string_equal(d.iso9660.volume_id, "?]0;title???\xc3\xbf\xc3\xbe");
	assert_int_equal(strlen(d.iso9660.publisher), 128);
	assert_string_equal(d.iso9660.application, "");
}

/* A directory that is its own child, under every name that is looked for. */
static void directories_in_circles(void **state)
{
	static const char *const names[] = {"EFI", "BOOT", ".DISK", "SOURCES", "BOOTX64.EFI"};
	uint8_t *p = at(ROOT);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		p = record(p, names[i], strlen(names[i]), ROOT, BLOCK, 2);
	struct image_details d = details();
	assert_int_equal(d.boot.targets | d.boot.file_targets, 0);
	assert_in_range(file.reads, 1, 8);
}

static void records_that_do_not_fit(void **state)
{
	for (unsigned length = 1; length < 256; length++) {
		begin(state);
		uint8_t *p = at(ROOT) + BLOCK - 60;
		memset(at(ROOT), 0, BLOCK);
		at(ROOT)[0] = 34;
		record(p, "EFI", 3, ROOT, BLOCK, 2);
		p[0] = (uint8_t)length;
		p[32] = 255;
		assert_int_equal(details().boot.file_targets, 0);
	}
}

/* An extent of one file after another, for ever. */
static void a_file_of_endless_extents(void **state)
{
	uint8_t *p = at(ROOT);
	while (p + 48 < at(ROOT + 1))
		p = record(p, "MEDIA.REPO", 10, 30, UINT32_MAX, 0x80);
	assert_int_equal(details().os.confidence, OS_UNKNOWN);
}

static void addresses_beyond_the_file(void **state)
{
	put_le32(at(16) + 158, UINT32_MAX);
	put_le32(at(17) + 71, UINT32_MAX);
	struct image_details d = details();
	assert_true(d.iso9660.found);
	assert_int_equal(d.boot.entries, 0);
}

static void seal_catalog(void)
{
	uint16_t sum = 0;
	at(CATALOG)[0] = 1;
	at(CATALOG)[30] = 0x55;
	at(CATALOG)[31] = 0xaa;
	for (unsigned i = 0; i < 32; i += 2)
		sum = (uint16_t)(sum + get_le16(at(CATALOG) + i));
	at(CATALOG)[28] = (uint8_t)-sum;
	at(CATALOG)[29] = (uint8_t)((uint16_t)-sum >> 8);
}

/* Sections that say they have 65535 entries, one after another: there is an end to it. */
static void a_catalog_without_end(void **state)
{
	seal_catalog();
	for (unsigned i = 2; i < 3000; i++) {
		uint8_t *entry = at(CATALOG) + i * 32;
		entry[0] = 0x90;
		entry[1] = 0xef;
		entry[2] = entry[3] = 0xff;
	}
	struct image_details d = details();
	assert_int_equal(d.boot.kept, DETAILS_BOOT_ENTRIES);
	assert_in_range(d.boot.entries, 2000, 2048);
	assert_int_equal(d.boot.targets | d.boot.file_targets, 0);
}

static void a_catalog_with_a_wrong_sum(void **state)
{
	seal_catalog();
	at(CATALOG)[32] = 0x88;
	assert_int_equal(details().boot.targets, BOOTS_BIOS);
	at(CATALOG)[28] ^= 1;
	assert_int_equal(details().boot.entries, 0);
}

/* ---- more than we are willing to read ----------------------------------------------------------
 */

/*
 * A file of 1 TiB that is one directory: it has what is looked for where we end to look, and there
 * it begins again.
 */
static uint64_t served;

static const uint8_t *endless_block(uint64_t block)
{
	if (block >= 16 && block < 19)
		return at((uint32_t)block);
	return at((block - ROOT) % 512 == 511 ? ROOT + 1 : ROOT);
}

static ssize_t endless_preadv(const struct file_io *io, int fd, const struct iovec *iov, int count,
	uint64_t offset, unsigned flags)
{
	for (size_t i = 0; i + BLOCK <= iov->iov_len; i += BLOCK)
		memcpy((uint8_t *)iov->iov_base + i, endless_block((offset + i) / BLOCK), BLOCK);
	served += iov->iov_len;
	return (ssize_t)iov->iov_len;
}

static void a_directory_without_end(void **state)
{
	static const char *const names[] = {"EFI", "BOOT", ".DISK", "SOURCES"};
	uint8_t *p = memset(at(ROOT), 0, BLOCK);
	put_le32(at(16) + 166, UINT32_MAX);
	while (p + 40 < at(ROOT + 1))
		p = record(p, "OTHER", 5, ROOT, UINT32_MAX, 2);
	p = at(ROOT + 1);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		p = record(p, names[i], strlen(names[i]), ROOT, UINT32_MAX, 2);
	file.size = UINT64_C(1) << 40;
	file.io.preadv = endless_preadv;
	served = 0;
	struct image_details d = details();
	assert_true(d.incomplete);
	assert_in_range(served, DETAILS_READ_MAX - 32768, DETAILS_READ_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(files_that_fail, begin),
		cmocka_unit_test_setup(cut_anywhere, begin),
		cmocka_unit_test_setup(texts_with_control_characters, begin),
		cmocka_unit_test_setup(directories_in_circles, begin),
		cmocka_unit_test_setup(records_that_do_not_fit, begin),
		cmocka_unit_test_setup(a_file_of_endless_extents, begin),
		cmocka_unit_test_setup(addresses_beyond_the_file, begin),
		cmocka_unit_test_setup(a_catalog_without_end, begin),
		cmocka_unit_test_setup(a_catalog_with_a_wrong_sum, begin),
		cmocka_unit_test_setup(a_directory_without_end, begin),
	};
	return cmocka_run_group_tests_name("inspect/hostile", tests, NULL, NULL);
}
