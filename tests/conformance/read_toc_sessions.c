/* SPDX-License-Identifier: Apache-2.0 */
/* READ TOC/PMA/ATIP, format 0001b, in both encodings of the format. */
#include "optical.h"

static void the_last_session_by_byte_2(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 12, 0x43, 0, 0x01, 0, 0, 0, 0, 0, 12, 0), 0, 10, 1, 1,
		0, 0x14, 1, 0, 0, 0, 0, 0);
}

static void the_last_session_by_byte_9(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 12, 0x43, 0, 0, 0, 0, 0, 0, 0, 12, 0x40), 0, 10, 1, 1,
		0, 0x14, 1, 0, 0, 0, 0, 0);
}

static void byte_2_wins(void **state)
{
	EXPECT_BE16(SEND(BENCH(state).host, 255, 0x43, 0, 0x01, 0, 0, 0, 0, 0, 255, 0x80), 0, 10);
}

static void the_starting_track_does_not_matter(void **state)
{
	EXPECT_LENGTH(SEND(BENCH(state).host, 12, 0x43, 0, 0x01, 0, 0, 0, 99, 0, 12, 0), 12);
}

static const struct CMUnitTest tests[] = {
	ON_CD(the_last_session_by_byte_2),
	ON_CD(the_last_session_by_byte_9),
	ON_CD(byte_2_wins),
	ON_CD(the_starting_track_does_not_matter),
};
CONFORMANCE_SUITE("read-toc-sessions", tests)
