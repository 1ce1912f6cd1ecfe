/* SPDX-License-Identifier: Apache-2.0 */
/* READ TOC/PMA/ATIP, format 0010b: the lead-in as the disc has it; and the formats it has not. */
#include "optical.h"

#define RAW_TOC(nexus, session, control)                                                           \
	SEND(nexus, 512, 0x43, 0, (control) ? 0 : 2, 0, 0, 0, (session), 1, 0, (control))

static void first_last_lead_out_and_the_track(void **state)
{
	const uint8_t expected[] = {0, 46, 1, 1,         /**/
		1, 0x14, 0, 0xa0, 0, 0, 0, 0, 1, 0, 0,   /**/
		1, 0x14, 0, 0xa1, 0, 0, 0, 0, 1, 0, 0,   /**/
		1, 0x14, 0, 0xa2, 0, 0, 0, 0, 0, 15, 25, /**/
		1, 0x14, 0, 0x01, 0, 0, 0, 0, 0, 2, 0};
	const struct fake_answer *answer = RAW_TOC(BENCH(state).host, 0, 0);
	EXPECT_LENGTH(answer, sizeof expected);
	assert_memory_equal(answer->data, expected, sizeof expected);
}

static void byte_9_asks_for_the_same(void **state)
{
	EXPECT_LENGTH(RAW_TOC(BENCH(state).host, 0, 0x80), 48);
	EXPECT_LENGTH(RAW_TOC(BENCH(state).host, 1, 0), 48);
}

static void a_session_that_is_not_there_is_refused(void **state)
{
	EXPECT_INVALID_CDB(RAW_TOC(BENCH(state).host, 2, 0), 6, 7);
}

static void pma_and_atip_are_refused(void **state)
{
	for (unsigned format = 3; format < 16; format++)
		if (format != 5)
			EXPECT_INVALID_CDB(
				SEND(BENCH(state).host, 255, 0x43, 0, format, 0, 0, 0, 0, 0, 255),
				2, 3);
	EXPECT_INVALID_CDB(
		SEND(BENCH(state).host, 255, 0x43, 0, 0, 0, 0, 0, 0, 0, 255, 0xc0), 2, 3);
}

static void there_is_no_cd_text(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 255, 0x43, 0, 5, 0, 0, 0, 0, 0, 255), 0, 2, 0, 0);
}

static void a_dvd_has_no_place_for_it(void **state)
{
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 255, 0x43, 0, 5, 0, 0, 0, 0, 0, 255), 2, 3);
}

static const struct CMUnitTest tests[] = {
	ON_CD(first_last_lead_out_and_the_track),
	ON_CD(byte_9_asks_for_the_same),
	ON_CD(a_session_that_is_not_there_is_refused),
	ON_CD(pma_and_atip_are_refused),
	ON_CD(there_is_no_cd_text),
	ON_DVD(a_dvd_has_no_place_for_it),
};
CONFORMANCE_SUITE("read-toc-raw", tests)
