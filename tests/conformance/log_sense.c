/* SPDX-License-Identifier: Apache-2.0 */
/* LOG SENSE and LOG SELECT (SPC-4 6.7, 6.8): bytes read, and errors, of which there are none. */
#include "optical.h"

#define LOG_SENSE(nexus, page) SEND(nexus, 255, 0x4d, 0, 0x40 | (page), 0, 0, 0, 0, 0, 255)

static void the_pages(void **state)
{
	EXPECT_DATA(LOG_SENSE(BENCH(state).host, 0), 0, 0, 0, 2, 0x00, 0x03);
}

static void bytes_that_were_read(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_LENGTH(READ_10(host, 0, 3, 6144), 6144);
	const struct fake_answer *answer = LOG_SENSE(host, 0x03);
	EXPECT_LENGTH(answer, 4 + 5 * 8 + 12 + 8);
	EXPECT_BE32(answer, 44, 0x00054008);
	EXPECT_BE64(answer, 48, 6144);
	EXPECT_GOOD(SEND(host, 0, 0x4c, 0x02, 0x43));
	EXPECT_BE64(LOG_SENSE(host, 0x03), 48, 0);
	EXPECT_LENGTH(READ_10(host, 0, 1, 2048), 2048);
	EXPECT_BE64(LOG_SENSE(host, 0x03), 48, 2048);
}

static void other_pages_are_refused(void **state)
{
	EXPECT_INVALID_CDB(LOG_SENSE(BENCH(state).host, 0x02), 2, 5);
	EXPECT_SENSE(SEND(BENCH(state).host, 0, 0x4c, 0x02, 0x42), SENSE_INVALID_FIELD_IN_CDB);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(the_pages),
	ON_DVD(bytes_that_were_read),
	ON_DVD(other_pages_are_refused),
};
CONFORMANCE_SUITE("log-sense", tests)
