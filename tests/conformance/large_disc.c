/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The largest disc, a BD-XL of four layers (128 GB), as a sparse file: its addresses in bytes do
 * not fit 32 bits, its addresses in minutes do not fit at all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "optical.h"

#include "image_fixture.h"
#include "util/bytes.h"

enum { BLOCKS = 62500864, LAST = BLOCKS - 1, HEAD = 40 };

/* Where the address in bytes needs bit 31, bit 32 and bit 36. */
static const uint32_t marks[] = {0x100000, 0x1fffff, 0x200000, 0x2000001, LAST};

enum { MARKS = sizeof marks / sizeof marks[0] };

struct large_bench {
	struct bench bench; /* first: BENCH(state) */
	char path[64];
};

static bool write_at(int fd, const void *data, size_t length, uint32_t block)
{
	return pwrite(fd, data, length, (off_t)block * 2048) == (ssize_t)length;
}

/* Blocks that begin with their addresses, and holes between them. False: it does not fit. */
static bool fill(int fd)
{
	uint8_t *head = image_iso(HEAD, "LARGE");
	bool ok = ftruncate(fd, (off_t)BLOCKS * 2048) == 0 && write_at(fd, head, HEAD * 2048, 0);
	free(head);
	for (unsigned i = 0; ok && i < MARKS; i++) {
		uint8_t block[2048] = {0};
		put_be32(block, marks[i]);
		ok = write_at(fd, block, sizeof block, marks[i]);
	}
	return ok;
}

static bool create_file(struct large_bench *large)
{
	snprintf(large->path, sizeof large->path, "/tmp/carousel-large-XXXXXX");
	int fd = mkstemp(large->path);
	assert_true(fd >= 0);
	bool ok = fill(fd);
	close(fd);
	return ok;
}

static void put_in(struct large_bench *large)
{
	struct fake_optical_setup setup = {.personality = "bd-rom"};
	struct error error = {0};
	struct disc *disc = image_open(&file_io_posix, large->path, PROFILE_NONE, NULL, &error);
	assert_non_null(disc);
	large->bench.fake = fake_optical_create(&setup);
	mmc_drive_restore(large->bench.fake->drive, disc, false);
	disc_put(disc);
	large->bench.host = fake_nexus(large->bench.fake, "host");
	settle(large->bench.host);
}

static int begin(void **state)
{
	struct large_bench *large = calloc(1, sizeof *large);
	*state = large;
	if (create_file(large))
		put_in(large);
	return 0;
}

static int end(void **state)
{
	struct large_bench *large = *state;
	if (large->bench.fake)
		fake_drive_destroy(large->bench.fake);
	unlink(large->path);
	free(large);
	return 0;
}

static struct scsi_nexus *host_of(void **state)
{
	if (!BENCH(state).fake) {
		print_message("needs a file system in /tmp that takes a sparse file of 128 GB\n");
		skip();
	}
	return BENCH(state).host;
}

#define READ_12(nexus, lba, count)                                                                 \
	SEND(nexus, (count)*2048, 0xa8, 0, (lba) >> 24, (lba) >> 16 & 0xff, (lba) >> 8 & 0xff,     \
		(lba)&0xff, 0, 0, 0, (count))

static void every_block_is_where_it_belongs(void **state)
{
	struct scsi_nexus *host = host_of(state);
	for (unsigned i = 0; i < MARKS; i++) {
		EXPECT_BE32(READ_10(host, marks[i], 1, 2048), 0, marks[i]);
		EXPECT_BE32(READ_12(host, marks[i], 1), 0, marks[i]);
	}
}

static void a_read_across_four_gigabytes(void **state)
{
	const struct fake_answer *answer = READ_10(host_of(state), 0x1ffffe, 4, 4 * 2048);
	EXPECT_LENGTH(answer, 4 * 2048);
	EXPECT_BE32(answer, 0, 0);
	EXPECT_BE32(answer, 2048, 0x1fffff);
	EXPECT_BE32(answer, 2 * 2048, 0x200000);
	EXPECT_BE32(answer, 3 * 2048, 0);
}

static void the_end_is_the_end(void **state)
{
	struct scsi_nexus *host = host_of(state);
	const struct fake_answer *answer = READ_12(host, LAST, 2);
	EXPECT_SENSE(answer, SENSE_LBA_OUT_OF_RANGE);
	assert_int_equal(answer->sense.information, BLOCKS);
	EXPECT_SENSE(READ_10(host, 0xffffffffu, 1, 2048), SENSE_LBA_OUT_OF_RANGE);
	EXPECT_GOOD(SEND(host, 0, 0x2b, 0, 3, 0xb9, 0xaf, 0xff));
	EXPECT_SENSE(SEND(host, 0, 0x2b, 0, 3, 0xb9, 0xb0, 0x00), SENSE_LBA_OUT_OF_RANGE);
}

static void verify_compares_at_the_end(void **state)
{
	struct scsi_nexus *host = host_of(state);
	uint8_t block[2048] = {0};
	put_be32(block, LAST);
	EXPECT_GOOD(SEND_OUT(host, block, 2048, 0x2f, 2, 3, 0xb9, 0xaf, 0xff, 0, 0, 1));
	block[2047] = 1;
	const struct fake_answer *answer =
		SEND_OUT(host, block, 2048, 0x2f, 2, 3, 0xb9, 0xaf, 0xff, 0, 0, 1);
	EXPECT_SENSE(answer, SENSE_MISCOMPARE);
	assert_int_equal(answer->sense.information, LAST);
}

/* 62500864 is 03B9B000h. */
static void its_capacity(void **state)
{
	struct scsi_nexus *host = host_of(state);
	EXPECT_DATA(SEND(host, 8, 0x25), 3, 0xb9, 0xaf, 0xff, 0, 0, 8, 0);
	EXPECT_BE64(SEND(host, 32, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32), 0, LAST);
	EXPECT_DATA(SEND(host, 12, 0x23, 0, 0, 0, 0, 0, 0, 0, 12), 0, 0, 0, 8, 3, 0xb9, 0xb0, 0, 2,
		0, 8, 0);
}

static void its_profile_is_bd_rom(void **state)
{
	EXPECT_BE16(SEND(host_of(state), 8, 0x46, 0, 0, 0, 0, 0, 0, 0, 8), 6, 0x0040);
}

/* In MSF the lead-out cannot be said: the largest address is. */
static void its_table_of_contents(void **state)
{
	struct scsi_nexus *host = host_of(state);
	EXPECT_DATA(SEND(host, 20, 0x43, 0, 0, 0, 0, 0, 0, 0, 20), 0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0,
		0, 0, 0, 0x14, 0xaa, 0, 3, 0xb9, 0xb0, 0);
	EXPECT_DATA(SEND(host, 20, 0x43, 2, 0, 0, 0, 0, 0, 0, 20), 0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0,
		2, 0, 0, 0x14, 0xaa, 0, 0, 255, 59, 74);
	const struct fake_answer *raw = SEND(host, 255, 0x43, 2, 2, 0, 0, 0, 1, 0, 255);
	EXPECT_U8(raw, 4 + 2 * 11 + 3, 0xa2);
	EXPECT_BE24(raw, 4 + 2 * 11 + 8, 0xff3b4a);
}

static void its_one_track(void **state)
{
	struct scsi_nexus *host = host_of(state);
	EXPECT_BE32(SEND(host, 34, 0x51, 0, 0, 0, 0, 0, 0, 0, 34), 3, 0x01010101);
	const struct fake_answer *track =
		SEND(host, 48, 0x52, 0, 3, 0xb9, 0xaf, 0xff, 0, 0, 48); /* by address: LAST */
	EXPECT_U8(track, 2, 1);
	EXPECT_BE32(track, 8, 0);
	EXPECT_BE32(track, 24, BLOCKS);
	EXPECT_SENSE(SEND(host, 48, 0x52, 0, 3, 0xb9, 0xb0, 0, 0, 0, 48), SENSE_LBA_OUT_OF_RANGE);
}

static void it_has_no_raw_sectors(void **state)
{
	EXPECT_SENSE(SEND(host_of(state), 2352, 0xbe, 0, 3, 0xb9, 0xaf, 0xff, 0, 0, 1, 0xf8, 0, 0),
		SENSE_INCOMPATIBLE_FORMAT);
	EXPECT_SENSE(SEND(host_of(state), 2352, 0xb9, 0, 0, 255, 0, 0, 255, 0, 1, 0xf8, 0, 0),
		SENSE_INCOMPATIBLE_FORMAT);
}

#define ON_LARGE(test) cmocka_unit_test_setup_teardown(test, begin, end)

static const struct CMUnitTest tests[] = {
	ON_LARGE(every_block_is_where_it_belongs),
	ON_LARGE(a_read_across_four_gigabytes),
	ON_LARGE(the_end_is_the_end),
	ON_LARGE(verify_compares_at_the_end),
	ON_LARGE(its_capacity),
	ON_LARGE(its_profile_is_bd_rom),
	ON_LARGE(its_table_of_contents),
	ON_LARGE(its_one_track),
	ON_LARGE(it_has_no_raw_sectors),
};
CONFORMANCE_SUITE("large-disc", tests)
