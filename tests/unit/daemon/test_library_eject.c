/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "library_lab.h"

enum { A_WHILE_MS = 3000 };

static void load_and_settle(struct lab *lab)
{
	assert_ok(load(lab, "dvd0", "a", 0));
	settle(lab, "dvd0");
}

static void lock_it(struct lab *lab)
{
	load_and_settle(lab);
	host_locks(lab, "dvd0", true);
}

static void have_patience_for(struct lab *lab, unsigned eject_wait_ms, unsigned grace_ms)
{
	lab_stop(lab);
	lab->config.eject_wait_ms = eject_wait_ms;
	lab->config.grace_ms = grace_ms;
	lab_start(lab);
}

/* What a host answers comes in time, however busy the machine is. */
static void have_patience(struct lab *lab)
{
	have_patience_for(lab, LAB_PATIENCE_S * 1000, 0);
}

static void await_eject_request(struct lab *lab)
{
	for (unsigned i = 0; i < LAB_PATIENCE_S * 1000; i++) {
		unsigned event = media_event(lab, "dvd0");
		if (event == EJECT_REQUEST)
			return;
		assert_int_equal(event, NO_CHANGE);
		sleep_ms(1);
	}
	fail_msg("no EjectRequest came");
}

static void test_takes_the_medium_off(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	const struct library_result *result = eject(lab, "dvd0", 0);
	assert_ok(result);
	assert_string_equal(result->drive.state, "empty");
	assert_string_equal(result->drive.tray, "closed");
	assert_false(result->drive.has_medium);
	assert_int_equal(media_event(lab, "dvd0"), MEDIA_REMOVAL);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static void test_an_empty_drive_is_empty_already(void **state)
{
	struct lab *lab = *state;
	int64_t before = lab_number(lab, "SELECT count(*) FROM history");
	assert_ok(eject(lab, "dvd0", 0));
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM history"), before);
}

static void test_a_host_that_holds_it_is_asked_and_lets_go(void **state)
{
	struct lab *lab = *state;
	have_patience(lab);
	lock_it(lab);
	assert_true(see_drive(lab, "dvd0").locked);
	struct operation *operation = begin_eject(lab, "dvd0", 0);
	await_eject_request(lab);
	assert_false(is_answered(operation));
	host_locks(lab, "dvd0", false);
	assert_good(host_eject(lab, "dvd0"));
	assert_ok(answer_of(operation));
	assert_false(see_drive(lab, "dvd0").has_medium);
	assert_string_equal(see_drive(lab, "dvd0").tray, "open");
}

static void test_a_host_that_does_not_let_go_keeps_it(void **state)
{
	struct lab *lab = *state;
	lock_it(lab);
	const struct library_result *result = eject(lab, "dvd0", 0);
	assert_error(result, ERROR_REMOVAL_PREVENTED);
	assert_non_null(strstr(result->error.sentence, "loopback"));
	assert_string_equal(result->drive.medium.id, "a");
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NONE);
}

static void test_a_replace_asks_as_well(void **state)
{
	struct lab *lab = *state;
	lock_it(lab);
	assert_error(load(lab, "dvd0", "b", REPLACE), ERROR_REMOVAL_PREVENTED);
	assert_int_equal(media_event(lab, "dvd0"), EJECT_REQUEST);
	assert_int_equal(lab_open_files(lab), 1);
}

static void test_force_does_not_ask(void **state)
{
	struct lab *lab = *state;
	lock_it(lab);
	assert_ok(eject(lab, "dvd0", FORCE));
	assert_int_equal(media_event(lab, "dvd0"), MEDIA_REMOVAL);
}

static void test_force_replaces(void **state)
{
	struct lab *lab = *state;
	lock_it(lab);
	assert_ok(load(lab, "dvd0", "b", REPLACE | FORCE));
	assert_string_equal(see_drive(lab, "dvd0").medium.id, "b");
}

/* Between PREVENT ALLOW and START STOP UNIT the new disc must not be put in. */
static void test_after_letting_go_the_host_gets_a_moment_to_eject(void **state)
{
	struct lab *lab = *state;
	have_patience_for(lab, A_WHILE_MS, LAB_PATIENCE_S * 1000);
	lock_it(lab);
	struct operation *operation = begin_load(lab, "dvd0", "b", REPLACE);
	await_eject_request(lab);
	host_locks(lab, "dvd0", false);
	sleep_ms(A_WHILE_MS + A_WHILE_MS / 2); /* its time was over by then */
	assert_false(is_answered(operation));
	assert_good(host_eject(lab, "dvd0"));
	assert_ok(answer_of(operation));
	assert_string_equal(see_drive(lab, "dvd0").tray, "closed");
	assert_string_equal(see_drive(lab, "dvd0").medium.id, "b");
}

static void test_a_host_that_only_lets_go_is_enough(void **state)
{
	struct lab *lab = *state;
	have_patience(lab);
	lock_it(lab);
	struct operation *operation = begin_eject(lab, "dvd0", 0);
	await_eject_request(lab);
	host_locks(lab, "dvd0", false);
	assert_ok(answer_of(operation));
	assert_string_equal(see_drive(lab, "dvd0").tray, "closed");
}

static void test_locking_and_unlocking_does_not_win_time(void **state)
{
	struct lab *lab = *state;
	lock_it(lab);
	struct operation *operation = begin_eject(lab, "dvd0", 0);
	await_eject_request(lab);
	for (unsigned turns = 0; !is_answered(operation); turns++) {
		host_locks(lab, "dvd0", false);
		sleep_ms(10); /* so that it is seen */
		host_locks(lab, "dvd0", true);
		sleep_ms(40);
		assert_true(turns < 100);
	}
	answer_of(operation); /* either: it may have been caught unlocked */
}

static void test_a_reset_lets_go_as_well(void **state)
{
	struct lab *lab = *state;
	have_patience(lab);
	lock_it(lab);
	struct operation *operation = begin_eject(lab, "dvd0", 0);
	await_eject_request(lab);
	scsi_lu_reset(nexus_of(lab, "dvd0")->lu, NULL);
	assert_ok(answer_of(operation));
}

/* ---- the host's own button ------------------------------------------------------------------- */

static void test_a_host_eject_leaves_the_disc_on_the_open_tray(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	assert_good(host_eject(lab, "dvd0"));
	struct library_drive drive = see_drive(lab, "dvd0");
	assert_string_equal(drive.tray, "open");
	assert_string_equal(drive.medium.id, "a");
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NO_MEDIUM_TRAY_OPEN);
	assert_int_equal(lab_number(lab, "SELECT tray_open FROM drives WHERE medium = 'a'"), 1);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM history WHERE "
					 "actor = 'host loopback' AND verb = 'tray-open'"),
		1);
}

static void test_a_host_load_pulls_it_in_again(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	assert_good(host_eject(lab, "dvd0"));
	assert_good(host_load(lab, "dvd0"));
	settle(lab, "dvd0");
	assert_string_equal(see_drive(lab, "dvd0").tray, "closed");
	assert_int_equal(lab_number(lab, "SELECT tray_open FROM drives WHERE medium = 'a'"), 0);
}

static void test_what_lies_on_the_open_tray_is_replaced_without_asking(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	assert_good(host_eject(lab, "dvd0"));
	assert_ok(load(lab, "dvd0", "b", 0));
	assert_string_equal(see_drive(lab, "dvd0").tray, "closed");
	settle(lab, "dvd0");
}

static void test_the_same_medium_on_the_open_tray_is_pulled_in(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	assert_good(host_eject(lab, "dvd0"));
	assert_ok(load(lab, "dvd0", "a", 0));
	assert_string_equal(see_drive(lab, "dvd0").tray, "closed");
	settle(lab, "dvd0");
}

static void test_an_operator_takes_it_off_the_open_tray(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	assert_good(host_eject(lab, "dvd0"));
	assert_ok(eject(lab, "dvd0", 0));
	assert_string_equal(see_drive(lab, "dvd0").tray, "open");
	assert_false(see_drive(lab, "dvd0").has_medium);
}

static void test_a_medium_pulled_in_meanwhile_is_not_replaced(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	assert_good(host_eject(lab, "dvd0"));
	lab_hold_opens(lab, true);
	struct operation *operation = begin_load(lab, "dvd0", "b", 0);
	lab_await_held(lab, 1);
	assert_good(host_load(lab, "dvd0"));
	lab_hold_opens(lab, false);
	assert_error(answer_of(operation), ERROR_DRIVE_FULL);
	assert_string_equal(see_drive(lab, "dvd0").medium.id, "a");
}

/* A host ejects an empty drive, and before its turn comes the operator's load is published. */
static void test_a_late_eject_does_not_throw_out_an_unseen_disc(void **state)
{
	struct lab *lab = *state;
	test_unit_ready(lab, "dvd0");
	struct scsi_nexus *nexus = nexus_of(lab, "dvd0");
	struct operation *held = begin_hold_worker(lab);
	struct request *request = begin_host_eject(lab, "dvd0");
	struct disc *disc = image_open(&lab->io, lab_path(lab, "a.iso"), PROFILE_NONE, NULL, NULL);
	mmc_drive_publish(mmc_drive_of_lu(nexus->lu), disc, false);
	disc_put(disc);
	release_worker(held);
	assert_good(await(request));
	assert_string_equal(see_drive(lab, "dvd0").tray, "closed");
	sleep_ms(LAB_DWELL_MS + 5);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_MEDIUM_CHANGED);
}

static void test_two_ejects_move_the_tray_once(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	struct operation *held = begin_hold_worker(lab);
	struct request *first = begin_host_eject(lab, "dvd0");
	struct request *second = begin_host_eject(lab, "dvd0");
	release_worker(held);
	assert_good(await(first));
	assert_good(await(second));
	assert_int_equal(
		lab_number(lab, "SELECT count(*) FROM history WHERE verb = 'tray-open'"), 1);
}

static void test_a_lock_that_overtakes_an_eject_holds(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	struct operation *held = begin_hold_worker(lab);
	struct request *request = begin_host_eject(lab, "dvd0");
	host_locks(lab, "dvd0", true);
	release_worker(held);
	assert_sense(await(request), SENSE_REMOVAL_PREVENTED);
	assert_string_equal(see_drive(lab, "dvd0").tray, "closed");
}

static void test_an_aborted_eject_is_answered_once(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	struct operation *held = begin_hold_worker(lab);
	struct request *request = begin_host_eject(lab, "dvd0");
	scsi_cmd_cancel(&request->cmd);
	assert_int_equal(request->cmd.status, SCSI_STATUS_TASK_ABORTED);
	release_worker(held);
	await(request);
	assert_string_equal(see_drive(lab, "dvd0").tray, "closed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(test_takes_the_medium_off),
		IN_LAB(test_an_empty_drive_is_empty_already),
		IN_LAB(test_a_host_that_holds_it_is_asked_and_lets_go),
		IN_LAB(test_a_host_that_does_not_let_go_keeps_it),
		IN_LAB(test_a_replace_asks_as_well),
		IN_LAB(test_force_does_not_ask),
		IN_LAB(test_force_replaces),
		IN_LAB(test_after_letting_go_the_host_gets_a_moment_to_eject),
		IN_LAB(test_a_host_that_only_lets_go_is_enough),
		IN_LAB(test_locking_and_unlocking_does_not_win_time),
		IN_LAB(test_a_reset_lets_go_as_well),
		IN_LAB(test_a_host_eject_leaves_the_disc_on_the_open_tray),
		IN_LAB(test_a_host_load_pulls_it_in_again),
		IN_LAB(test_what_lies_on_the_open_tray_is_replaced_without_asking),
		IN_LAB(test_the_same_medium_on_the_open_tray_is_pulled_in),
		IN_LAB(test_an_operator_takes_it_off_the_open_tray),
		IN_LAB(test_a_medium_pulled_in_meanwhile_is_not_replaced),
		IN_LAB(test_a_late_eject_does_not_throw_out_an_unseen_disc),
		IN_LAB(test_two_ejects_move_the_tray_once),
		IN_LAB(test_a_lock_that_overtakes_an_eject_holds),
		IN_LAB(test_an_aborted_eject_is_answered_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
