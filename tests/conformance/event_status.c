/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

static void no_change_when_nothing_happened(void **state)
{
	EXPECT_MEDIA(GET_EVENTS(BENCH(state).host, MEDIA), NO_CHANGE, 0x02);
}

static void an_empty_drive_has_no_medium_present(void **state)
{
	EXPECT_MEDIA(GET_EVENTS(BENCH(state).host, MEDIA), NO_CHANGE, 0x00);
}

static void an_open_tray_shows_as_open(void **state)
{
	EXPECT_GOOD(EJECT(BENCH(state).host));
	EXPECT_MEDIA(GET_EVENTS(BENCH(state).host, MEDIA), MEDIA_REMOVAL, 0x01);
}

static void no_change_comes_from_the_lowest_class_asked_for(void **state)
{
	EXPECT_U8(GET_EVENTS(BENCH(state).host, 0x7e), 2, 0x01);
	EXPECT_U8(GET_EVENTS(BENCH(state).host, POWER | MEDIA), 2, 0x02);
	EXPECT_DATA(GET_EVENTS(BENCH(state).host, OPERATIONAL), 0, 6, 0x01, 0x16, 0, 0, 0, 0);
	EXPECT_DATA(GET_EVENTS(BENCH(state).host, POWER), 0, 6, 0x02, 0x16, 0, 1, 0, 0);
}

static void no_event_available_is_a_length_of_two(void **state)
{
	EXPECT_DATA(GET_EVENTS(BENCH(state).host, 0x40), 0, 2, 0x80, 0x16);
	EXPECT_DATA(GET_EVENTS(BENCH(state).host, 0), 0, 2, 0x80, 0x16);
	EXPECT_DATA(GET_EVENTS(BENCH(state).host, 0x28), 0, 2, 0x80, 0x16);
}

static void asynchronous_notification_is_refused(void **state)
{
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 8, 0x4a, 0, 0, 0, MEDIA, 0, 0, 0, 8), 1, 0);
}

static const struct fake_answer *with_length(struct scsi_nexus *nexus, unsigned length)
{
	return SEND(nexus, 64, 0x4a, 1, 0, 0, MEDIA, 0, 0, 0, length);
}

static void every_allocation_length_is_respected(void **state)
{
	EXPECT_LENGTH(with_length(BENCH(state).host, 0), 0);
	EXPECT_DATA(with_length(BENCH(state).host, 1), 0);
	EXPECT_DATA(with_length(BENCH(state).host, 4), 0, 6, 0x04, 0x16);
	EXPECT_LENGTH(with_length(BENCH(state).host, 8), 8);
	EXPECT_LENGTH(with_length(BENCH(state).host, 255), 8);
}

/* A host that looks at the header first must find the event still there. */
static void an_event_is_not_spent_on_a_header(void **state)
{
	mmc_drive_request_eject(BENCH(state).fake->drive);
	EXPECT_LENGTH(with_length(BENCH(state).host, 0), 0);
	EXPECT_LENGTH(with_length(BENCH(state).host, 4), 4);
	EXPECT_MEDIA(with_length(BENCH(state).host, 8), EJECT_REQUEST, 0x02);
	EXPECT_MEDIA(with_length(BENCH(state).host, 8), NO_CHANGE, 0x02);
}

static void neither_reports_nor_clears_a_unit_attention(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	EXPECT_GOOD(GET_EVENTS(other, MEDIA));
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_POWER_ON);
}

static void persistent_prevent_shows_in_the_operational_class(void **state)
{
	EXPECT_GOOD(PREVENT(BENCH(state).host, 3));
	EXPECT_DATA(GET_EVENTS(BENCH(state).host, OPERATIONAL), 0, 6, 0x01, 0x16, 0, 0x80, 0, 0);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(no_change_when_nothing_happened),
	ON_EMPTY(an_empty_drive_has_no_medium_present),
	ON_DVD(an_open_tray_shows_as_open),
	ON_DVD(no_change_comes_from_the_lowest_class_asked_for),
	ON_DVD(no_event_available_is_a_length_of_two),
	ON_DVD(asynchronous_notification_is_refused),
	ON_DVD(every_allocation_length_is_respected),
	ON_DVD(an_event_is_not_spent_on_a_header),
	ON_DVD(neither_reports_nor_clears_a_unit_attention),
	ON_DVD(persistent_prevent_shows_in_the_operational_class),
};
CONFORMANCE_SUITE("event-status", tests)
