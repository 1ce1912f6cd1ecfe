/* SPDX-License-Identifier: Apache-2.0 */
/* READ BLOCK LIMITS and REPORT DENSITY SUPPORT. */
#include "tape_bench.h"

#define DENSITIES(nexus, bits, length)                                                             \
	SEND(nexus, (length), 0x44, (bits), 0, 0, 0, 0, 0, 0, (length))

/* The smaller of what drive and path can; the paths of the bench have BLOCK_MAX. */
static void the_block_limits(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 6, 0x05), 0, BLOCK_MAX >> 16, BLOCK_MAX >> 8 & 0xff, 0,
		0, 1);
}

static void they_hold_without_a_cartridge(void **state)
{
	EXPECT_BE24(SEND(BENCH(state).host, 6, 0x05), 1, BLOCK_MAX);
}

/* Each host has its own: here one is unlimited, and finds the limit of the drive, of the type's 8
 * MiB. */
static void they_are_those_of_the_path(void **state)
{
	struct fake_drive *fake = BENCH(state).fake;
	fake->transfer_max = 0;
	struct scsi_nexus *unlimited = other_host(state);
	EXPECT_BE24(SEND(unlimited, 6, 0x05), 1, 8 << 20);
	EXPECT_BE24(SEND(BENCH(state).host, 6, 0x05), 1, BLOCK_MAX);
	fake->transfer_max = 65536;
	struct scsi_nexus *narrow = fake_nexus(fake, "narrow");
	settle(narrow);
	EXPECT_BE24(SEND(narrow, 6, 0x05), 1, 65536);
	EXPECT_INVALID_CDB(write_block(narrow, 65537, 1), 2, 7);
	EXPECT_GOOD(write_block(narrow, 65536, 1));
	EXPECT_GOOD(write_block(BENCH(state).host, 65537, 2));
}

/* MLOI asks for something that this drive does not know: reserved. */
static void the_longest_object_identifier_is_not_told(void **state)
{
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 20, 0x05, 0x01), 1, 0);
}

/* SSC-4, REPORT DENSITY SUPPORT: an LTO-8 drive's primary density is 5Eh. */
static void the_density(void **state)
{
	const struct fake_answer *answer = DENSITIES(BENCH(state).host, 0, 64);
	EXPECT_LENGTH(answer, 4 + 52);
	EXPECT_BE16(answer, 0, 54);
	EXPECT_U8(answer, 4, 0x5e);
	EXPECT_U8(answer, 5, 0x5e);
	EXPECT_U8(answer, 6, 0xa0); /* WRTOK and DEFLT */
	EXPECT_BE16(answer, 12, 127);
	EXPECT_BE32(answer, 16, 12000000); /* megabytes */
	assert_memory_equal(answer->data + 20, "LTO-CVE ", 8);
}

static void the_density_of_the_cartridge(void **state)
{
	EXPECT_U8(DENSITIES(BENCH(state).host, 0x01, 64), 4, 0x5e);
}

static void without_a_cartridge_there_is_none_of_it(void **state)
{
	EXPECT_SENSE(DENSITIES(BENCH(state).host, 0x01, 64), SENSE_MEDIUM_NOT_PRESENT);
	EXPECT_U8(DENSITIES(BENCH(state).host, 0x00, 64), 4, 0x5e);
}

static void the_medium_type(void **state)
{
	const struct fake_answer *answer = DENSITIES(BENCH(state).host, 0x02, 64);
	EXPECT_LENGTH(answer, 4 + 56);
	EXPECT_BE16(answer, 0, 58);
	EXPECT_U8(answer, 4, 0x88);
	EXPECT_BE16(answer, 6, 52);
	EXPECT_U8(answer, 8, 1);
	EXPECT_U8(answer, 9, 0x5e);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(the_block_limits),
	ON_NO_TAPE(they_hold_without_a_cartridge),
	ON_BLANK(they_are_those_of_the_path),
	ON_BLANK(the_longest_object_identifier_is_not_told),
	ON_BLANK(the_density),
	ON_BLANK(the_density_of_the_cartridge),
	ON_NO_TAPE(without_a_cartridge_there_is_none_of_it),
	ON_BLANK(the_medium_type),
};
CONFORMANCE_SUITE("limits", tests)
