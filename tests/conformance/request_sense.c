/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define REQUEST_SENSE(nexus, descriptor, length)                                                   \
	SEND(nexus, 252, 0x03, (descriptor), 0, 0, (length))

static void nothing_pending_is_no_sense(void **state)
{
	const struct fake_answer *answer = REQUEST_SENSE(BENCH(state).host, 0, 18);
	EXPECT_LENGTH(answer, 18);
	EXPECT_U8(answer, 0, 0x70);
	EXPECT_U8(answer, 2, 0);
	EXPECT_U8(answer, 7, 10);
}

static void a_unit_attention_is_its_data_and_is_cleared(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	const struct fake_answer *answer = REQUEST_SENSE(other, 0, 18);
	EXPECT_U8(answer, 2, 0x06);
	EXPECT_BE16(answer, 12, 0x2900);
	EXPECT_GOOD(TEST_UNIT_READY(other));
}

static void an_empty_drive_is_not_ready(void **state)
{
	const struct fake_answer *answer = REQUEST_SENSE(BENCH(state).host, 0, 18);
	EXPECT_U8(answer, 2, 0x02);
	EXPECT_BE16(answer, 12, 0x3a01);
}

static void descriptor_format_on_demand(void **state)
{
	const struct fake_answer *answer = REQUEST_SENSE(BENCH(state).host, 1, 252);
	EXPECT_U8(answer, 0, 0x72);
	EXPECT_U8(answer, 1, 0x02);
	EXPECT_BE16(answer, 2, 0x3a01);
}

static void a_short_allocation_length_cuts_the_data(void **state)
{
	EXPECT_LENGTH(REQUEST_SENSE(BENCH(state).host, 0, 4), 4);
	EXPECT_LENGTH(REQUEST_SENSE(BENCH(state).host, 0, 0), 0);
}

static void reserved_bits_are_refused(void **state)
{
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 18, 0x03, 0x02, 0, 0, 18), 1, 1);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(nothing_pending_is_no_sense),
	ON_DVD(a_unit_attention_is_its_data_and_is_cleared),
	ON_EMPTY(an_empty_drive_is_not_ready),
	ON_EMPTY(descriptor_format_on_demand),
	ON_DVD(a_short_allocation_length_cuts_the_data),
	ON_DVD(reserved_bits_are_refused),
};
CONFORMANCE_SUITE("request-sense", tests)
