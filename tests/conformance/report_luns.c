/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define REPORT_LUNS(nexus, select, length)                                                         \
	SEND(nexus, 255, 0xa0, 0, (select), 0, 0, 0, 0, 0, 0, (length))

static void lun_0_alone(void **state)
{
	EXPECT_DATA(REPORT_LUNS(BENCH(state).host, 0, 255), 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0);
}

static void no_well_known_logical_units(void **state)
{
	EXPECT_BE32(REPORT_LUNS(BENCH(state).host, 1, 255), 0, 0);
}

static void an_allocation_length_below_16_is_refused(void **state)
{
	EXPECT_SENSE(REPORT_LUNS(BENCH(state).host, 0, 15), SENSE_INVALID_FIELD_IN_CDB);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(lun_0_alone),
	ON_DVD(no_well_known_logical_units),
	ON_DVD(an_allocation_length_below_16_is_refused),
};
CONFORMANCE_SUITE("report-luns", tests)
