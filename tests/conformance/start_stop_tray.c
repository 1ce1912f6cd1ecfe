/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

static struct mmc_drive_status look(struct bench *bench)
{
	struct mmc_drive_status status;
	mmc_drive_status(bench->fake->drive, &status);
	disc_put(status.disc);
	return status;
}

static void eject_opens_the_tray_with_the_disc_on_it(void **state)
{
	EXPECT_GOOD(EJECT(BENCH(state).host));
	assert_true(look(*state).tray_open);
	assert_true(look(*state).has_disc);
}

static void load_closes_it_again(void **state)
{
	EXPECT_GOOD(EJECT(BENCH(state).host));
	EXPECT_GOOD(LOAD(BENCH(state).host));
	assert_false(look(*state).tray_open);
}

/* `eject -t` and then `mount`, in a script: the host that pulls the tray in need not wait. */
static void the_host_that_loads_sees_the_medium_at_once(void **state)
{
	EXPECT_GOOD(EJECT(BENCH(state).host));
	EXPECT_GOOD(LOAD(BENCH(state).host));
	EXPECT_SENSE(TEST_UNIT_READY(BENCH(state).host), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
}

static void other_hosts_are_told_first(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	settle(other);
	EXPECT_GOOD(EJECT(BENCH(state).host));
	EXPECT_GOOD(LOAD(BENCH(state).host));
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_NO_MEDIUM_TRAY_OPEN);
	wait_dwell(*state);
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_MEDIUM_CHANGED);
}

static void a_tray_that_is_there_already_asks_nobody(void **state)
{
	struct fake_drive *fake = BENCH(state).fake;
	EXPECT_GOOD(LOAD(BENCH(state).host));
	assert_int_equal(fake->requests, 0);
	EXPECT_GOOD(EJECT(BENCH(state).host));
	EXPECT_GOOD(EJECT(BENCH(state).host));
	assert_int_equal(fake->requests, 1);
}

static void the_answer_waits_for_the_library(void **state)
{
	struct fake_drive *fake = BENCH(state).fake;
	fake->manual_library = true;
	const struct fake_answer *answer = EJECT(BENCH(state).host);
	assert_false(answer->done);
	assert_false(look(*state).tray_open);
	fake_run_library(fake);
	EXPECT_GOOD(answer);
	assert_true(look(*state).tray_open);
}

static void a_library_that_fails_is_reported(void **state)
{
	BENCH(state).fake->library_answer = SENSE_INTERNAL_TARGET_FAILURE;
	EXPECT_SENSE(EJECT(BENCH(state).host), SENSE_INTERNAL_TARGET_FAILURE);
	EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
}

static void immed_is_accepted(void **state)
{
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x1b, 0x01, 0, 0, 0x02));
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x1b, 0x01, 0, 0, 0x03));
}

static void eject_while_prevented_is_refused(void **state)
{
	EXPECT_GOOD(PREVENT(BENCH(state).host, 1));
	EXPECT_SENSE(EJECT(BENCH(state).host), SENSE_REMOVAL_PREVENTED);
	EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
}

static void eject_of_an_empty_prevented_drive_is_not_ready(void **state)
{
	EXPECT_GOOD(PREVENT(BENCH(state).host, 1));
	EXPECT_SENSE(EJECT(BENCH(state).host), SENSE_REMOVAL_PREVENTED_EMPTY);
}

static void another_host_can_prevent_it(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	settle(other);
	EXPECT_GOOD(PREVENT(other, 1));
	EXPECT_SENSE(EJECT(BENCH(state).host), SENSE_REMOVAL_PREVENTED);
	EXPECT_GOOD(PREVENT(other, 0));
	EXPECT_GOOD(EJECT(BENCH(state).host));
}

/* Persistent prevent is against the button (Mt. Fuji, quoted on the T10 reflector 2004-09). */
static void persistent_prevent_does_not_stop_the_host(void **state)
{
	EXPECT_GOOD(PREVENT(BENCH(state).host, 3));
	EXPECT_GOOD(EJECT(BENCH(state).host));
	assert_true(look(*state).tray_open);
}

static void during_a_change_the_tray_stays(void **state)
{
	mmc_drive_begin_change(BENCH(state).fake->drive);
	EXPECT_SENSE(EJECT(BENCH(state).host), SENSE_BECOMING_READY);
	assert_int_equal(BENCH(state).fake->requests, 0);
}

static void start_needs_a_medium_and_stop_does_not(void **state)
{
	EXPECT_SENSE(SEND(BENCH(state).host, 0, 0x1b, 0, 0, 0, 0x01), SENSE_NO_MEDIUM_TRAY_CLOSED);
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x1b, 0, 0, 0, 0x00));
}

static void start_and_stop_of_a_loaded_drive_are_good(void **state)
{
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x1b, 0, 0, 0, 0x00));
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x1b, 0, 0, 0, 0x01));
	EXPECT_GOOD(TEST_UNIT_READY(BENCH(state).host));
}

/* There is one format layer, 0 (MMC-6's FL is SBC-3's NO_FLUSH, see start_stop_power.c). */
static void other_layers_are_refused(void **state)
{
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 0, 0x1b, 0, 0, 1, 0x05), 3, 0);
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 0, 0x1b, 0, 0, 2, 0x07), 3, 1);
}

/* No unit attention pending, and no event asked for. */
static struct scsi_nexus *a_host_without_events(void **state)
{
	struct scsi_nexus *nexus = fake_nexus(BENCH(state).fake, "plain");
	while (nexus->attentions)
		TEST_UNIT_READY(nexus);
	return nexus;
}

/* iscsi-test-cu 1.19's StartStopUnit.Simple; QEMU's and tgt's drives do the same for every host. */
static void a_host_without_events_pulls_in_what_it_knows(void **state)
{
	struct scsi_nexus *host = a_host_without_events(state);
	for (unsigned round = 0; round < 2; round++) {
		EXPECT_GOOD(EJECT(host));
		EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
		EXPECT_GOOD(LOAD(host));
		EXPECT_GOOD(TEST_UNIT_READY(host));
	}
	EXPECT_SENSE(TEST_UNIT_READY(BENCH(state).host), SENSE_NO_MEDIUM_TRAY_OPEN);
	wait_dwell(*state);
	EXPECT_SENSE(TEST_UNIT_READY(BENCH(state).host), SENSE_MEDIUM_CHANGED);
}

static void it_is_told_when_another_disc_was_put_on_the_tray(void **state)
{
	struct scsi_nexus *host = a_host_without_events(state);
	EXPECT_GOOD(EJECT(host));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	struct disc *disc = fake_disc(10, PROFILE_DVD_ROM);
	mmc_drive_publish(BENCH(state).fake->drive, disc, true);
	disc_put(disc);
	EXPECT_GOOD(LOAD(host));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

static void it_is_told_when_another_host_pulls_the_tray_in(void **state)
{
	struct scsi_nexus *host = a_host_without_events(state);
	EXPECT_GOOD(EJECT(host));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_NO_MEDIUM_TRAY_OPEN);
	wait_dwell(*state);
	EXPECT_GOOD(LOAD(BENCH(state).host));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_MEDIUM_CHANGED);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(eject_opens_the_tray_with_the_disc_on_it),
	ON_DVD(load_closes_it_again),
	ON_DVD(the_host_that_loads_sees_the_medium_at_once),
	ON_DVD(other_hosts_are_told_first),
	ON_DVD(a_tray_that_is_there_already_asks_nobody),
	ON_DVD(the_answer_waits_for_the_library),
	ON_DVD(a_library_that_fails_is_reported),
	ON_DVD(immed_is_accepted),
	ON_DVD(eject_while_prevented_is_refused),
	ON_EMPTY(eject_of_an_empty_prevented_drive_is_not_ready),
	ON_DVD(another_host_can_prevent_it),
	ON_DVD(persistent_prevent_does_not_stop_the_host),
	ON_DVD(during_a_change_the_tray_stays),
	ON_EMPTY(start_needs_a_medium_and_stop_does_not),
	ON_DVD(start_and_stop_of_a_loaded_drive_are_good),
	ON_DVD(other_layers_are_refused),
	ON_DVD(a_host_without_events_pulls_in_what_it_knows),
	ON_DVD(it_is_told_when_another_disc_was_put_on_the_tray),
	ON_DVD(it_is_told_when_another_host_pulls_the_tray_in),
};
CONFORMANCE_SUITE("start-stop-tray", tests)
