/* SPDX-License-Identifier: Apache-2.0 */
/* The host's buffer and the transfer length of the CDB need not agree; the smaller one wins. */
#include "optical.h"

static void a_small_buffer_is_never_overrun(void **state)
{
	EXPECT_LENGTH(READ_10(BENCH(state).host, 0, 4, 3000), 3000);
	EXPECT_LENGTH(READ_10(BENCH(state).host, 0, 4, 1), 1);
	EXPECT_LENGTH(READ_10(BENCH(state).host, 0, 4, 0), 0);
}

static void a_large_buffer_leaves_a_residual(void **state)
{
	const struct fake_answer *answer = READ_10(BENCH(state).host, 3, 1, 8192);
	EXPECT_LENGTH(answer, 2048);
	EXPECT_BE32(answer, 0, 3);
	assert_int_equal(answer->data[2048], 0xa5);
}

static void parameter_data_respects_the_buffer_too(void **state)
{
	EXPECT_LENGTH(SEND(BENCH(state).host, 3, 0x46, 0, 0, 0, 0, 0, 0, 1, 0), 3);
	EXPECT_LENGTH(SEND(BENCH(state).host, 5, 0x12, 0, 0, 0, 96), 5);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(a_small_buffer_is_never_overrun),
	ON_DVD(a_large_buffer_leaves_a_residual),
	ON_DVD(parameter_data_respects_the_buffer_too),
};
CONFORMANCE_SUITE("read-length-mismatch", tests)
