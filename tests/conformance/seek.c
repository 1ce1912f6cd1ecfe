/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define SEEK(nexus, lba) SEND(nexus, 0, 0x2b, 0, 0, 0, (lba) >> 8, (lba)&0xff)

static void to_any_block_of_the_disc(void **state)
{
	EXPECT_GOOD(SEEK(BENCH(state).host, 0));
	EXPECT_GOOD(SEEK(BENCH(state).host, DISC_BLOCKS - 1));
}

static void not_past_the_end(void **state)
{
	EXPECT_SENSE(SEEK(BENCH(state).host, DISC_BLOCKS), SENSE_LBA_OUT_OF_RANGE);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(to_any_block_of_the_disc),
	ON_DVD(not_past_the_end),
};
CONFORMANCE_SUITE("seek", tests)
