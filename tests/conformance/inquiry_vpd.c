/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define VPD(nexus, page) SEND(nexus, 255, 0x12, 1, (page), 0, 255)

static void the_list_of_pages(void **state)
{
	EXPECT_DATA(VPD(BENCH(state).host, 0x00), 0x05, 0x00, 0, 3, 0x00, 0x80, 0x83);
}

static void the_serial_number_is_that_of_the_drive(void **state)
{
	const struct fake_answer *answer = VPD(BENCH(state).host, 0x80);
	EXPECT_LENGTH(answer, 4 + 12);
	assert_memory_equal(answer->data + 4, "CRSL00000001", 12);
}

static void the_identification_names_the_drive_twice_and_the_port(void **state)
{
	const struct fake_answer *answer = VPD(BENCH(state).host, 0x83);
	EXPECT_U8(answer, 1, 0x83);
	EXPECT_U8(answer, 4, 0x02);
	EXPECT_U8(answer, 5, 0x01);
	assert_memory_equal(answer->data + 8, "CAROUSEL", 8);
	size_t second = 8u + answer->data[7];
	EXPECT_U8(answer, second, 0x01);
	EXPECT_U8(answer, second + 1, 0x03);
	EXPECT_U8(answer, second + 3, 8);
	size_t third = second + 4 + 8; /* relative target port identifier */
	EXPECT_U8(answer, third + 1, 0x94);
	EXPECT_U8(answer, third + 3, 4);
	EXPECT_BE32(answer, third + 4, 1);
	EXPECT_BE16(answer, 2, (unsigned)(third + 4 + 4 - 4));
}

static void an_unknown_page_is_refused(void **state)
{
	EXPECT_INVALID_CDB(VPD(BENCH(state).host, 0xb0), 2, 7);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(the_list_of_pages),
	ON_DVD(the_serial_number_is_that_of_the_drive),
	ON_DVD(the_identification_names_the_drive_twice_and_the_port),
	ON_DVD(an_unknown_page_is_refused),
};
CONFORMANCE_SUITE("inquiry-vpd", tests)
