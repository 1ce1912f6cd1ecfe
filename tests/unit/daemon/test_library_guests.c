/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that other programs made for a drive of ours. */
#include "support.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake_exporter.h"
#include "library_lab.h"
#include "library_private.h"

enum { PATIENCE = 6000 }; /* of 10 ms */

static struct exporter exporter;

static int setup(void **state)
{
	exporter = (struct exporter){.lock = PTHREAD_MUTEX_INITIALIZER};
	int r = lab_setup(state);
	struct lab *lab = *state;
	lab_stop(lab);
	lab->config.exporter = &exporter;
	lab_start(lab);
	return r;
}

static bool has_host(struct lab *lab, const char *drive, const char *name)
{
	struct library_drive seen = see_drive(lab, drive);
	for (unsigned i = 0; i < seen.host_count; i++)
		if (strcmp(seen.hosts[i].name, name) == 0)
			return true;
	return false;
}

static void wait_for_host(struct lab *lab, const char *drive, const char *name, bool there)
{
	for (unsigned i = 0; i < PATIENCE && has_host(lab, drive, name) != there; i++)
		usleep(10000);
	assert_int_equal(has_host(lab, drive, name), there);
}

/* A host is seen before its ring is attached to. */
static void wait_for_attached(unsigned count)
{
	for (unsigned i = 0; i < PATIENCE && atomic_load(&exporter.attached) < count; i++)
		usleep(10000);
	assert_int_equal(atomic_load(&exporter.attached), count);
}

/* "": until there is none. */
static void wait_for_warning(struct lab *lab, const char *part)
{
	struct library_health health = {0};
	for (unsigned i = 0; i < PATIENCE; i++) {
		library_health(lab->library, &health);
		if (part[0] ? strstr(health.warning, part) != NULL : !health.warning[0])
			return;
		usleep(10000);
	}
	fail_msg("\"%s\" is not in \"%s\"", part, health.warning);
}

static void one_that_comes_is_a_host_until_it_goes(void **state)
{
	struct lab *lab = *state;
	fake_exporter_put(&exporter, "a", "dvd0", "backup");
	wait_for_host(lab, "dvd0", "backup", true);
	fake_exporter_take(&exporter, "a");
	wait_for_host(lab, "dvd0", "backup", false);
	assert_int_equal(atomic_load(&exporter.released), 1);
	assert_int_equal(atomic_load(&exporter.abandoned), 0);
}

/* Tells again, as the exporter does when it is asked to, until it is asked for no sooner than this.
 */
static void tell_until_rarely(unsigned milliseconds)
{
	for (unsigned i = 0; i < PATIENCE && atomic_load(&exporter.again_ms) < milliseconds; i++) {
		if (atomic_load(&exporter.again_ms) > 0)
			fake_exporter_tell(&exporter);
		usleep(10000);
	}
	assert_in_range(atomic_load(&exporter.again_ms), milliseconds, 5000);
}

/* The kernel announces a device before it is enabled, and says nothing then. */
static void one_that_is_being_enabled_is_looked_at_again(void **state)
{
	struct lab *lab = *state;
	struct library_health health = {0};
	atomic_store(&exporter.keep_disabled, true);
	fake_exporter_put(&exporter, "a", "dvd0", "x");
	tell_until_rarely(40);
	library_health(lab->library, &health);
	assert_string_equal(health.warning, "");
	assert_int_equal(atomic_load(&exporter.attached), 0);
	fake_exporter_enable(&exporter, "a");
	fake_exporter_tell(&exporter);
	wait_for_host(lab, "dvd0", "x", true);
	wait_for_attached(1);
}

static void one_that_is_stuck_there_is_told_and_holds_up_nobody(void **state)
{
	struct lab *lab = *state;
	atomic_store(&exporter.keep_disabled, true);
	fake_exporter_put(&exporter, "a", "dvd0", "x");
	tell_until_rarely(2560);
	fake_exporter_tell(&exporter);
	wait_for_warning(lab, "user_0/a is not served: it was announced and is not enabled");
	atomic_store(&exporter.keep_disabled, false);
	fake_exporter_put(&exporter, "b", "dvd0", "y");
	wait_for_host(lab, "dvd0", "y", true);
	fake_exporter_enable(&exporter, "a");
	fake_exporter_tell(&exporter);
	wait_for_host(lab, "dvd0", "x", true);
	wait_for_warning(lab, "");
}

static void one_that_is_there_at_the_start_is_served(void **state)
{
	struct lab *lab = *state;
	lab_stop(lab);
	fake_exporter_put(&exporter, "a", "dvd0", "0/a");
	lab->config.clean = true;
	lab_start(lab);
	assert_true(has_host(lab, "dvd0", "0/a"));
	assert_true(atomic_load(&exporter.clean));
	lab_stop(lab);
	lab->config.clean = false;
	lab_start(lab);
	assert_true(has_host(lab, "dvd0", "0/a"));
	assert_false(atomic_load(&exporter.clean));
}

/* As PREVENT ALLOW MEDIUM REMOVAL of that host does it. */
static void lock_by(struct lab *lab, const char *drive, const char *name)
{
	struct scsi_lu *lu = drive_find(lab->library, drive)->lu;
	scsi_lu_lock(lu);
	list_for_each (node, &lu->nexuses) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (strcmp(nexus->name, name) == 0)
			nexus->prevent = true;
	}
	scsi_lu_remember(lu);
	scsi_lu_unlock(lu);
}

static bool is_locked_by(struct lab *lab, const char *drive, const char *name)
{
	struct library_drive seen = see_drive(lab, drive);
	for (unsigned i = 0; i < seen.host_count; i++)
		if (strcmp(seen.hosts[i].name, name) == 0)
			return seen.hosts[i].locks;
	return false;
}

static void its_lock_is_there_after_a_restart(void **state)
{
	struct lab *lab = *state;
	fake_exporter_put(&exporter, "a", "dvd0", "x");
	wait_for_host(lab, "dvd0", "x", true);
	lock_by(lab, "dvd0", "x");
	assert_true(is_locked_by(lab, "dvd0", "x"));
	lab_restart(lab);
	assert_true(is_locked_by(lab, "dvd0", "x"));
	assert_false(is_locked_by(lab, "dvd0", "loopback"));
}

static void a_drive_that_comes_later_is_waited_for(void **state)
{
	struct lab *lab = *state;
	fake_exporter_put(&exporter, "a", "later", "x");
	wait_for_warning(lab, "is for drive later, and there is none");
	assert_int_equal(atomic_load(&exporter.attached), 0);
	assert_ok(drive_add(lab, "later", "", false));
	wait_for_host(lab, "later", "x", true);
	wait_for_warning(lab, "");
}

static void a_drive_that_goes_leaves_the_device(void **state)
{
	struct lab *lab = *state;
	fake_exporter_put(&exporter, "a", "dvd0", "x");
	wait_for_host(lab, "dvd0", "x", true);
	assert_ok(drive_remove(lab, "dvd0", false));
	assert_int_equal(atomic_load(&exporter.abandoned), 1);
	wait_for_warning(lab, "is for drive dvd0, and there is none");
	assert_ok(drive_add(lab, "dvd0", "", false));
	wait_for_host(lab, "dvd0", "x", true);
	wait_for_attached(2);
	assert_false(atomic_load(&exporter.clean));
}

static void the_second_of_one_name_is_refused_until_the_first_goes(void **state)
{
	struct lab *lab = *state;
	fake_exporter_put(&exporter, "a", "dvd0", "x");
	wait_for_host(lab, "dvd0", "x", true);
	fake_exporter_put(&exporter, "b", "dvd0", "x");
	wait_for_warning(lab, "user_1/b is not served: user_0/a is nexus x of drive dvd0");
	fake_exporter_put(&exporter, "c", "dvd1", "x");
	wait_for_host(lab, "dvd1", "x", true);
	wait_for_attached(2);
	fake_exporter_take(&exporter, "a");
	wait_for_warning(lab, "");
	assert_true(has_host(lab, "dvd0", "x"));
	assert_int_equal(atomic_load(&exporter.attached), 3);
}

static void our_own_nexus_is_nobody_elses(void **state)
{
	struct lab *lab = *state;
	fake_exporter_put(&exporter, "a", "dvd0", "loopback");
	wait_for_warning(lab, "drive dvd0 has a nexus loopback already");
	assert_int_equal(atomic_load(&exporter.attached), 0);
}

static void one_that_is_mended_is_served_when_asked_to_look(void **state)
{
	struct lab *lab = *state;
	atomic_store(&exporter.refuse_attach, true);
	fake_exporter_put(&exporter, "a", "dvd0", "x");
	wait_for_warning(lab, "attach refused. Stop refusing.");
	assert_false(has_host(lab, "dvd0", "x"));
	atomic_store(&exporter.refuse_attach, false);
	library_look_again(lab->library);
	wait_for_host(lab, "dvd0", "x", true);
	wait_for_warning(lab, "");
}

static void storms_of_devices_and_drives_end_well(void **state)
{
	struct lab *lab = *state;
	for (unsigned i = 0; i < 40; i++) {
		fake_exporter_put(&exporter, "a", "storm", "x");
		fake_exporter_put(&exporter, "b", "dvd0", "y");
		assert_ok(drive_add(lab, "storm", "", false));
		if (i % 2)
			fake_exporter_take(&exporter, "a");
		assert_ok(drive_remove(lab, "storm", false));
		fake_exporter_take(&exporter, "a");
		fake_exporter_take(&exporter, "b");
	}
	wait_for_host(lab, "dvd0", "y", false);
	fake_exporter_put(&exporter, "a", "dvd0", "x");
	wait_for_host(lab, "dvd0", "x", true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_that_comes_is_a_host_until_it_goes),
		TEST(one_that_is_being_enabled_is_looked_at_again),
		TEST(one_that_is_stuck_there_is_told_and_holds_up_nobody),
		TEST(one_that_is_there_at_the_start_is_served),
		TEST(its_lock_is_there_after_a_restart),
		TEST(a_drive_that_comes_later_is_waited_for),
		TEST(a_drive_that_goes_leaves_the_device),
		TEST(the_second_of_one_name_is_refused_until_the_first_goes),
		TEST(our_own_nexus_is_nobody_elses),
		TEST(one_that_is_mended_is_served_when_asked_to_look),
		TEST(storms_of_devices_and_drives_end_well),
	};
	return cmocka_run_group_tests_name("library/guests", tests, NULL, NULL);
}
