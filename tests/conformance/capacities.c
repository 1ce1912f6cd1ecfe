/* SPDX-License-Identifier: Apache-2.0 */
/* READ FORMAT CAPACITIES, READ BUFFER CAPACITY, READ MEDIA SERIAL NUMBER. */
#include "optical.h"

#define FORMAT_CAPACITIES(nexus, length) SEND(nexus, 255, 0x23, 0, 0, 0, 0, 0, 0, 0, (length))
#define BUFFER_CAPACITY(nexus, block)    SEND(nexus, 255, 0x5c, (block), 0, 0, 0, 0, 0, 0, 255)

static void a_disc_is_formatted(void **state)
{
	EXPECT_DATA(FORMAT_CAPACITIES(BENCH(state).host, 255), 0, 0, 0, 8, 0, 0, 0x03, 0xe8, 2, 0,
		0x08, 0);
	EXPECT_DATA(FORMAT_CAPACITIES(BENCH(state).host, 5), 0, 0, 0, 8, 0);
}

/* The most that fits into a DVD drive: both layers. */
static void an_empty_drive_says_what_could_be(void **state)
{
	EXPECT_DATA(FORMAT_CAPACITIES(BENCH(state).host, 255), 0, 0, 0, 8, 0x00, 0x3f, 0xb0, 0x00,
		3, 0, 0x08, 0);
}

static void all_of_the_buffer_is_free(void **state)
{
	EXPECT_DATA(
		BUFFER_CAPACITY(BENCH(state).host, 0), 0, 10, 0, 0, 0, 0x20, 0, 0, 0, 0x20, 0, 0);
	EXPECT_DATA(BUFFER_CAPACITY(BENCH(state).host, 1), 0, 10, 0, 1, 0, 0, 0, 0, 0, 0, 4, 0);
}

static void an_empty_drive_has_no_use_for_it(void **state)
{
	EXPECT_SENSE(BUFFER_CAPACITY(BENCH(state).host, 0), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static void a_disc_has_no_serial_number(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 64, 0xab, 0x01, 0, 0, 0, 0, 0, 0, 0, 64), 0, 0, 0, 0);
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 64, 0xab, 0x02, 0, 0, 0, 0, 0, 0, 0, 64), 1, 4);
}

static const struct CMUnitTest tests[] = {
	ON_BD(a_disc_is_formatted),
	ON_EMPTY(an_empty_drive_says_what_could_be),
	ON_DVD(all_of_the_buffer_is_free),
	ON_EMPTY(an_empty_drive_has_no_use_for_it),
	ON_BD(a_disc_has_no_serial_number),
};
CONFORMANCE_SUITE("capacities", tests)
