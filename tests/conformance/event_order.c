/* SPDX-License-Identifier: Apache-2.0 */
/* Every event once, the lowest class first, cause before effect, for each nexus on its own. */
#include "optical.h"

static void the_lowest_class_comes_first(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(SEND(host, 0, 0x1b, 0, 0, 0, 0x30));
	fake_load(BENCH(state).fake, 10, PROFILE_DVD_ROM);
	EXPECT_DATA(GET_EVENTS(host, 0x7e), 0, 6, 0x01, 0x16, 2, 0, 0, 1);
	EXPECT_DATA(GET_EVENTS(host, 0x7e), 0, 6, 0x02, 0x16, 1, 3, 0, 0);
	EXPECT_MEDIA(GET_EVENTS(host, 0x7e), NEW_MEDIA, 0x02);
	EXPECT_U8(GET_EVENTS(host, 0x7e), 4, NO_CHANGE);
}

static void only_the_classes_asked_for(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	fake_load(BENCH(state).fake, 10, PROFILE_DVD_ROM);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), NEW_MEDIA, 0x02);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), NO_CHANGE, 0x02);
	EXPECT_U8(GET_EVENTS(host, OPERATIONAL), 4, 2);
}

static void another_medium_of_the_same_profile_is_no_feature_change(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	fake_load(BENCH(state).fake, 10, PROFILE_DVD_ROM);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), MEDIA_REMOVAL, 0x01);
	wait_dwell(*state);
	EXPECT_U8(GET_EVENTS(host, OPERATIONAL), 4, 0);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), NEW_MEDIA, 0x02);
}

static void another_profile_is_a_feature_change(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	fake_load(BENCH(state).fake, 10, PROFILE_CD_ROM);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), MEDIA_REMOVAL, 0x01);
	wait_dwell(*state);
	EXPECT_U8(GET_EVENTS(host, 0x7e), 4, 2);
	EXPECT_MEDIA(GET_EVENTS(host, 0x7e), NEW_MEDIA, 0x02);
}

/* The removal is still reported, and before the arrival, when the host was told of it by sense. */
static void removal_comes_before_arrival(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	fake_load(BENCH(state).fake, 10, PROFILE_DVD_ROM);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	wait_dwell(*state);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), MEDIA_REMOVAL, 0x02);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), NEW_MEDIA, 0x02);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), NO_CHANGE, 0x02);
}

static void a_removal_takes_back_what_was_not_reported(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	mmc_drive_request_eject(BENCH(state).fake->drive);
	EXPECT_GOOD(EJECT(host));
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), MEDIA_REMOVAL, 0x01);
	EXPECT_MEDIA(GET_EVENTS(host, MEDIA), NO_CHANGE, 0x01);
}

static void each_nexus_has_its_own_queue(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	settle(other);
	mmc_drive_request_eject(BENCH(state).fake->drive);
	EXPECT_MEDIA(GET_EVENTS(BENCH(state).host, MEDIA), EJECT_REQUEST, 0x02);
	EXPECT_MEDIA(GET_EVENTS(BENCH(state).host, MEDIA), NO_CHANGE, 0x02);
	EXPECT_MEDIA(GET_EVENTS(other, MEDIA), EJECT_REQUEST, 0x02);
}

static void a_new_nexus_on_a_loaded_drive_is_told_of_the_medium(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	EXPECT_MEDIA(GET_EVENTS(other, 0x7e), NEW_MEDIA, 0x02);
	EXPECT_MEDIA(GET_EVENTS(other, MEDIA), NO_CHANGE, 0x02);
}

static const struct CMUnitTest tests[] = {
	ON_EMPTY(the_lowest_class_comes_first),
	ON_EMPTY(only_the_classes_asked_for),
	ON_DVD(another_medium_of_the_same_profile_is_no_feature_change),
	ON_DVD(another_profile_is_a_feature_change),
	ON_DVD(removal_comes_before_arrival),
	ON_DVD(a_removal_takes_back_what_was_not_reported),
	ON_DVD(each_nexus_has_its_own_queue),
	ON_DVD(a_new_nexus_on_a_loaded_drive_is_told_of_the_medium),
};
CONFORMANCE_SUITE("event-order", tests)
