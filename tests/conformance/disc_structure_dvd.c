/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define STRUCTURE(nexus, layer, format, length)                                                    \
	SEND(nexus, 8192, 0xad, 0, 0, 0, 0, 0, (layer), (format), (length) >> 8, (length)&0xff, 0)

enum { PHYSICAL, COPYRIGHT, MANUFACTURING = 4, LIST = 0xff };

static void physical_format_of_a_single_layer(void **state)
{
	const struct fake_answer *answer = STRUCTURE(BENCH(state).host, 0, PHYSICAL, 4096);
	EXPECT_LENGTH(answer, 2052);
	EXPECT_BE16(answer, 0, 2050);
	EXPECT_BE32(answer, 4, 0x01020100);
	EXPECT_BE32(answer, 8, 0x30000);
	EXPECT_BE32(answer, 12, 0x30000 + DISC_BLOCKS - 1);
	EXPECT_BE32(answer, 16, 0);
	EXPECT_U8(answer, 20, 0);
}

/* Opposite track path: layer 1 begins where layer 0 ended, with the inverted number. */
static void physical_format_of_two_layers(void **state)
{
	struct fake_drive *fake = fake_optical_create(NULL);
	struct disc *disc = fake_disc(16, PROFILE_DVD_ROM);
	disc->lead_out = 4000000;
	disc->layers = 2;
	mmc_drive_restore(fake->drive, disc, false);
	disc_put(disc);
	struct scsi_nexus *host = fake_nexus(fake, "host");
	settle(host);
	const struct fake_answer *answer = STRUCTURE(host, 1, PHYSICAL, 4096);
	EXPECT_U8(answer, 6, 0x31);
	EXPECT_BE32(answer, 16, 0x30000 + 2000000 - 1);
	EXPECT_BE32(answer, 12, 0xffffff - (0x30000 + 2000000 - 1) + 2000000 - 1);
	fake_drive_destroy(fake);
}

static void there_is_no_copyright_protection(void **state)
{
	EXPECT_DATA(STRUCTURE(BENCH(state).host, 0, COPYRIGHT, 255), 0, 6, 0, 0, 0, 0, 0, 0);
}

static void the_manufacturing_block_is_empty(void **state)
{
	const struct fake_answer *answer = STRUCTURE(BENCH(state).host, 0, MANUFACTURING, 4096);
	EXPECT_LENGTH(answer, 2052);
	EXPECT_BE16(answer, 0, 2050);
}

static void the_list_holds_them_all_with_their_lengths(void **state)
{
	EXPECT_DATA(STRUCTURE(BENCH(state).host, 0, LIST, 255), 0, 18, 0, 0, 0x00, 0x40, 0x08, 0x04,
		0x01, 0x40, 0, 8, 0x04, 0x40, 0x08, 0x04, 0xff, 0x40, 0, 20);
}

static void a_layer_that_is_not_there_is_refused(void **state)
{
	EXPECT_INVALID_CDB(STRUCTURE(BENCH(state).host, 1, PHYSICAL, 4096), 6, 7);
}

static void other_formats_are_refused(void **state)
{
	for (unsigned format = 0; format < LIST; format++)
		if (format != PHYSICAL && format != COPYRIGHT && format != MANUFACTURING)
			EXPECT_INVALID_CDB(STRUCTURE(BENCH(state).host, 0, format, 4096), 7, 7);
}

static void a_short_allocation_length_cuts(void **state)
{
	EXPECT_LENGTH(STRUCTURE(BENCH(state).host, 0, PHYSICAL, 4), 4);
	EXPECT_LENGTH(STRUCTURE(BENCH(state).host, 0, PHYSICAL, 0), 0);
}

static void a_cd_has_none(void **state)
{
	EXPECT_SENSE(STRUCTURE(BENCH(state).host, 0, PHYSICAL, 4), SENSE_INCOMPATIBLE_FORMAT);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(physical_format_of_a_single_layer),
	ON_DVD(physical_format_of_two_layers),
	ON_DVD(there_is_no_copyright_protection),
	ON_DVD(the_manufacturing_block_is_empty),
	ON_DVD(the_list_holds_them_all_with_their_lengths),
	ON_DVD(a_layer_that_is_not_there_is_refused),
	ON_DVD(other_formats_are_refused),
	ON_DVD(a_short_allocation_length_cuts),
	ON_CD(a_cd_has_none),
};
CONFORMANCE_SUITE("disc-structure-dvd", tests)
