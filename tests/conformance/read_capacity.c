/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

static void the_last_block_and_its_size(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 8, 0x25), 0, 0, 0x03, 0xe7, 0, 0, 0x08, 0x00);
}

static void an_expected_length_below_eight_is_respected(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 4, 0x25), 0, 0, 0x03, 0xe7);
	EXPECT_LENGTH(SEND(BENCH(state).host, 0, 0x25), 0);
}

static void an_empty_drive_has_none(void **state)
{
	EXPECT_SENSE(SEND(BENCH(state).host, 8, 0x25), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static void address_reladr_and_pmi_are_reserved(void **state)
{
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 8, 0x25, 1), 1, 0);
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 8, 0x25, 0, 0, 0, 0, 1), 5, 0);
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 1), 8, 0);
}

static void the_16_byte_form_says_the_same(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 32, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32), 0,
		0, 0, 0, 0, 0, 0x03, 0xe7, 0, 0, 0x08, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0);
	EXPECT_LENGTH(
		SEND(BENCH(state).host, 32, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12), 12);
	EXPECT_LENGTH(SEND(BENCH(state).host, 0, 0x9e, 0x10), 0);
}

static void the_16_byte_form_has_the_same_reserved_fields(void **state)
{
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 32, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 1), 9, 0);
	EXPECT_INVALID_CDB(
		SEND(BENCH(state).host, 32, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 1), 14,
		0);
}

static void an_empty_drive_has_none_of_16_bytes_either(void **state)
{
	EXPECT_SENSE(SEND(BENCH(state).host, 32, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32),
		SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(the_last_block_and_its_size),
	ON_DVD(an_expected_length_below_eight_is_respected),
	ON_EMPTY(an_empty_drive_has_none),
	ON_DVD(address_reladr_and_pmi_are_reserved),
	ON_DVD(the_16_byte_form_says_the_same),
	ON_DVD(the_16_byte_form_has_the_same_reserved_fields),
	ON_EMPTY(an_empty_drive_has_none_of_16_bytes_either),
};
CONFORMANCE_SUITE("read-capacity", tests)
