/* SPDX-License-Identifier: Apache-2.0 */
/* REQUEST SENSE, REPORT LUNS, SEND DIAGNOSTIC, RECEIVE DIAGNOSTIC RESULTS. */
#include "tape_bench.h"

#define REQUEST_SENSE(nexus, desc) SEND(nexus, 18, 0x03, (desc), 0, 0, 18)

/* ---- REQUEST SENSE (SPC-4 6.39) ----------------------------------------------------------------
 */

static void nothing_to_say(void **state)
{
	EXPECT_DATA(REQUEST_SENSE(BENCH(state).host, 0), 0x70, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0);
	EXPECT_DATA(REQUEST_SENSE(BENCH(state).host, 1), 0x72, 0, 0, 0, 0, 0, 0, 0);
}

static void no_tape_to_speak_of(void **state)
{
	const struct fake_answer *answer = REQUEST_SENSE(BENCH(state).host, 0);
	EXPECT_U8(answer, 2, 0x02);
	EXPECT_BE16(answer, 12, 0x3a00);
}

/* A command's own sense went out with its status. */
static void the_sense_of_a_command_is_not_kept(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_END(read_block(host, 100, 0), SENSE_END_OF_DATA, 0, 100);
	EXPECT_U8(REQUEST_SENSE(host, 0), 2, 0);
}

/* ---- REPORT LUNS (SPC-4 6.33) ------------------------------------------------------------------
 */

static void one_logical_unit(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 16, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16), 0, 0, 0, 8, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

static void an_unknown_report_is_refused(void **state)
{
	EXPECT_SENSE(SEND(BENCH(state).host, 16, 0xa0, 0, 0x77, 0, 0, 0, 0, 0, 0, 16),
		SENSE_INVALID_FIELD_IN_CDB);
}

/* ---- diagnostics (SPC-4 6.32, 6.42) -------------------------------------------------------------
 */

static void self_tests_are_passed(void **state)
{
	static const unsigned codes[] = {1, 2, 5, 6};
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x1d, 0x04));
	for (unsigned i = 0; i < 4; i++)
		EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x1d, codes[i] << 5));
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 0, 0x1d, 7 << 5), 1, 7);
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 0, 0x1d, 0x04 | 1 << 5), 1, 7);
}

/* Page 00h asks for the list of pages; there is no other. */
static void pages_are_sent(void **state)
{
	static const uint8_t list[4] = {0}, other[8] = {0x40, 0, 0, 4};
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(SEND_OUT(host, list, 4, 0x1d, 0x10, 0, 0, 4));
	EXPECT_INVALID_LIST(SEND_OUT(host, other, 8, 0x1d, 0x10, 0, 0, 8), 0);
	EXPECT_SENSE(SEND_OUT(host, list, 3, 0x1d, 0x10, 0, 0, 3), SENSE_PARAMETER_LIST_LENGTH);
}

static void the_list_of_diagnostic_pages(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 64, 0x1c, 0x01, 0, 0, 64), 0, 0, 0, 1, 0);
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 64, 0x1c, 0x01, 0x40, 0, 64), 2, 7);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(nothing_to_say),
	ON_NO_TAPE(no_tape_to_speak_of),
	ON_BLANK(the_sense_of_a_command_is_not_kept),
	ON_BLANK(one_logical_unit),
	ON_BLANK(an_unknown_report_is_refused),
	ON_BLANK(self_tests_are_passed),
	ON_BLANK(pages_are_sent),
	ON_BLANK(the_list_of_diagnostic_pages),
};
CONFORMANCE_SUITE("small-commands", tests)
