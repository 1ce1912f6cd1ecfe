/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define STRUCTURE(nexus, media, format)                                                            \
	SEND(nexus, 8192, 0xad, (media), 0, 0, 0, 0, 0, (format), 0x20, 0)

enum { DVD, BD };

static void disc_information_names_a_bd_rom(void **state)
{
	const struct fake_answer *answer = STRUCTURE(BENCH(state).host, BD, 0);
	EXPECT_LENGTH(answer, 4100);
	EXPECT_BE16(answer, 0, 4098);
	EXPECT_BE16(answer, 4, 'D' << 8 | 'I');
	EXPECT_BE24(answer, 12, 'B' << 16 | 'D' << 8 | 'O');
}

static void the_list(void **state)
{
	EXPECT_DATA(STRUCTURE(BENCH(state).host, BD, 0xff), 0, 10, 0, 0, 0x00, 0x40, 0x10, 0x04,
		0xff, 0x40, 0, 12);
}

static void dvd_structures_of_a_bd_are_refused(void **state)
{
	EXPECT_SENSE(STRUCTURE(BENCH(state).host, DVD, 0), SENSE_INCOMPATIBLE_FORMAT);
}

static void bd_structures_of_a_dvd_are_refused(void **state)
{
	EXPECT_SENSE(STRUCTURE(BENCH(state).host, BD, 0), SENSE_INCOMPATIBLE_FORMAT);
}

static void other_media_types_are_refused(void **state)
{
	EXPECT_INVALID_CDB(STRUCTURE(BENCH(state).host, 2, 0), 1, 3);
}

static const struct CMUnitTest tests[] = {
	ON_BD(disc_information_names_a_bd_rom),
	ON_BD(the_list),
	ON_BD(dvd_structures_of_a_bd_are_refused),
	ON_DVD(bd_structures_of_a_dvd_are_refused),
	ON_BD(other_media_types_are_refused),
};
CONFORMANCE_SUITE("disc-structure-bd", tests)
