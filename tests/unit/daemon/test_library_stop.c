/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdatomic.h>

#include "fake_exporter.h"
#include "library_lab.h"
#include "util/cleanup.h"

struct stopper {
	pthread_t thread;
	struct lab *lab;
	atomic_bool stopped;
	bool clean;
};

static void *stop(void *argument)
{
	struct stopper *stopper = argument;
	stopper->clean = library_stop(stopper->lab->library);
	atomic_store(&stopper->stopped, true);
	return NULL;
}

static void begin_stop(struct stopper *stopper, struct lab *lab)
{
	stopper->lab = lab;
	assert_int_equal(pthread_create(&stopper->thread, NULL, stop, stopper), 0);
	while (!library_is_stopping(lab->library))
		sleep_ms(1);
}

static void end_stop(struct stopper *stopper)
{
	pthread_join(stopper->thread, NULL);
}

static void load_and_settle(struct lab *lab)
{
	assert_ok(load(lab, "dvd0", "a", 0));
	settle(lab, "dvd0");
}

static void test_what_waits_for_a_host_is_answered(void **state)
{
	struct lab *lab = *state;
	lab_stop(lab);
	lab->config.eject_wait_ms = LAB_PATIENCE_S * 1000;
	lab_start(lab);
	load_and_settle(lab);
	host_locks(lab, "dvd0", true);
	struct operation *operation = begin_eject(lab, "dvd0", 0);
	while (media_event(lab, "dvd0") != EJECT_REQUEST)
		sleep_ms(1);
	assert_true(library_stop(lab->library));
	assert_true(is_answered(operation));
	assert_error(answer_of(operation), ERROR_STOPPING);
	assert_string_equal(see_drive(lab, "dvd0").medium.id, "a");
}

static void test_what_comes_later_is_refused(void **state)
{
	struct lab *lab = *state;
	assert_true(library_stop(lab->library));
	assert_error(load(lab, "dvd0", "a", 0), ERROR_STOPPING);
	assert_error(eject(lab, "dvd0", 0), ERROR_STOPPING);
	assert_error(add(lab, lab_path(lab, "a.iso"), ""), ERROR_STOPPING);
	assert_error(forget(lab, "a"), ERROR_STOPPING);
	assert_error(drive_add(lab, "new", "", false), ERROR_STOPPING);
	assert_error(drive_remove(lab, "dvd0", 0), ERROR_STOPPING);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM drives"), 3);
}

static void test_what_is_in_the_inbox_is_refused(void **state)
{
	struct lab *lab = *state;
	struct stopper stopper = {0};
	struct operation *held = begin_hold_worker(lab);
	struct operation *first = begin_load(lab, "dvd0", "a", 0);
	struct operation *second = begin_load(lab, "dvd1", "b", 0);
	begin_stop(&stopper, lab);
	release_worker(held);
	assert_error(answer_of(first), ERROR_STOPPING);
	assert_error(answer_of(second), ERROR_STOPPING);
	end_stop(&stopper);
}

/* A job that begins to wait in the moment of the stop. */
static void test_what_begins_to_wait_meanwhile_is_answered(void **state)
{
	struct lab *lab = *state;
	for (unsigned i = 0; i < 30; i++) {
		struct stopper stopper = {0};
		load_and_settle(lab);
		host_locks(lab, "dvd0", true);
		struct operation *operation = begin_eject(lab, "dvd0", 0);
		begin_stop(&stopper, lab);
		end_stop(&stopper);
		assert_true(is_answered(operation));
		assert_false(operation->result.ok);
		lab_restart(lab);
		host_locks(lab, "dvd0", false);
	}
}

static void test_the_stop_waits_for_an_image_that_is_being_opened(void **state)
{
	struct lab *lab = *state;
	struct stopper stopper = {0};
	lab_hold_opens(lab, true);
	struct operation *operation = begin_load(lab, "dvd0", "a", 0);
	lab_await_held(lab, 1);
	begin_stop(&stopper, lab);
	sleep_ms(5);
	assert_false(atomic_load(&stopper.stopped));
	lab_hold_opens(lab, false);
	assert_error(answer_of(operation), ERROR_STOPPING);
	end_stop(&stopper);
	assert_int_equal(lab_open_files(lab), 0);
}

static void test_hosts_are_served_until_the_operators_are_gone(void **state)
{
	struct lab *lab = *state;
	struct stopper stopper = {0};
	load_and_settle(lab);
	lab_hold_opens(lab, true);
	struct operation *operation = begin_load(lab, "dvd1", "b", 0);
	lab_await_held(lab, 1);
	begin_stop(&stopper, lab);
	assert_good(host_reads(lab, "dvd0", 20, 1));
	assert_good(host_eject(lab, "dvd0"));
	lab_hold_opens(lab, false);
	assert_error(answer_of(operation), ERROR_STOPPING);
	end_stop(&stopper);
	assert_int_equal(lab_number(lab, "SELECT tray_open FROM drives WHERE name = 'dvd0'"), 1);
}

/* Hosts would be told 02/04/01 for the rest of the stop. */
static void test_a_drive_does_not_stay_changing(void **state)
{
	struct lab *lab = *state;
	struct stopper stopper = {0};
	load_and_settle(lab);
	lab->no_cache = true;
	lab_hold_reads(lab, true);
	struct request *request = begin_host_read(lab, "dvd0", 20, 1);
	lab_await_held(lab, 1);
	struct operation *operation = begin_eject(lab, "dvd0", 0);
	while (strcmp(see_drive(lab, "dvd0").state, "changing") != 0)
		sleep_ms(1);
	begin_stop(&stopper, lab);
	assert_error(answer_of(operation), ERROR_STOPPING);
	assert_string_equal(operation->result.drive.state, "loaded");
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NONE);
	lab_hold_reads(lab, false);
	assert_good(await(request));
	end_stop(&stopper);
}

static void start_exporter(struct lab *lab, struct exporter *exporter)
{
	lab_stop(lab);
	lab->config.exporter = exporter;
	lab_start(lab);
}

static void test_a_drive_that_is_half_made_is_finished(void **state)
{
	struct lab *lab = *state;
	struct exporter exporter = {.hold = true};
	struct stopper stopper = {0};
	start_exporter(lab, &exporter);
	struct operation *operation = begin_drive_add(lab, "new", "", true);
	while (!exporter.held)
		sleep_ms(1);
	begin_stop(&stopper, lab);
	test_unit_ready(lab, "new");
	exporter.hold = false;
	assert_ok(answer_of(operation));
	end_stop(&stopper);
	assert_true(stopper.clean);
	assert_int_equal(exporter.drained, 1);
	assert_int_equal(exporter.released, 1);
	lab_stop(lab);
}

static void test_a_drive_that_is_half_removed_is_finished(void **state)
{
	struct lab *lab = *state;
	struct exporter exporter = {0};
	struct stopper stopper = {0};
	start_exporter(lab, &exporter);
	assert_ok(drive_add(lab, "new", "", true));
	exporter.hold = true;
	struct operation *operation = begin_drive_remove(lab, "new", 0);
	while (!exporter.held)
		sleep_ms(1);
	begin_stop(&stopper, lab);
	exporter.hold = false;
	assert_ok(answer_of(operation));
	end_stop(&stopper);
	assert_int_equal(exporter.released, 0);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM drives WHERE name = 'new'"), 0);
	lab_stop(lab);
}

static void test_readers_may_come_while_it_stops(void **state)
{
	struct lab *lab = *state;
	struct exporter exporter = {0};
	struct stopper stopper = {0};
	start_exporter(lab, &exporter);
	assert_ok(drive_add(lab, "new", "", true));
	begin_stop(&stopper, lab);
	while (see_drive(lab, "new").export_address[0])
		;
	end_stop(&stopper);
	assert_string_equal(see_drive(lab, "new").state, "empty");
	lab_stop(lab);
}

/* ---- the worker ------------------------------------------------------------------------------ */

static unsigned count_posted_jobs(struct library *library)
{
	unsigned count = 0;
	SCOPED_LOCK(&library->inbox_lock);
	list_for_each (node, &library->posted_jobs)
		count++;
	return count;
}

/* An opened image lies in the inbox when its drive has an event: what was posted before is first.
 */
static void test_an_event_does_not_step_a_job_in_the_inbox(void **state)
{
	struct lab *lab = *state;
	lab_hold_opens(lab, true);
	struct operation *second = begin_load(lab, "dvd0", "a", 0);
	lab_await_held(lab, 1);
	struct operation *held = begin_hold_worker(lab);
	struct operation *first = begin_forget(lab, "a");
	lab_hold_opens(lab, false);
	while (count_posted_jobs(lab->library) < 2)
		sleep_ms(1);
	struct scsi_lu *lu = nexus_of(lab, "dvd0")->lu;
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_TRAY);
	release_worker(held);
	assert_ok(answer_of(first));
	assert_error(answer_of(second), ERROR_MEDIUM_NOT_FOUND);
	assert_string_equal(see_drive(lab, "dvd0").state, "empty");
}

static void test_a_drain_that_was_given_up_does_not_end_the_next_one(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	lab->no_cache = true;
	lab_hold_reads(lab, true);
	struct request *request = begin_host_read(lab, "dvd0", 20, 1);
	lab_await_held(lab, 1);
	struct operation *operation = begin_eject(lab, "dvd0", 0);
	while (strcmp(see_drive(lab, "dvd0").state, "changing") != 0)
		sleep_ms(1);
	struct scsi_lu *lu = nexus_of(lab, "dvd0")->lu;
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_DRAINED);
	sleep_ms(20);
	assert_false(is_answered(operation));
	assert_string_equal(see_drive(lab, "dvd0").medium.id, "a");
	lab_hold_reads(lab, false);
	assert_good(await(request));
	assert_ok(answer_of(operation));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(test_what_waits_for_a_host_is_answered),
		IN_LAB(test_what_comes_later_is_refused),
		IN_LAB(test_what_is_in_the_inbox_is_refused),
		IN_LAB(test_what_begins_to_wait_meanwhile_is_answered),
		IN_LAB(test_the_stop_waits_for_an_image_that_is_being_opened),
		IN_LAB(test_hosts_are_served_until_the_operators_are_gone),
		IN_LAB(test_a_drive_does_not_stay_changing),
		IN_LAB(test_a_drive_that_is_half_made_is_finished),
		IN_LAB(test_a_drive_that_is_half_removed_is_finished),
		IN_LAB(test_readers_may_come_while_it_stops),
		IN_LAB(test_an_event_does_not_step_a_job_in_the_inbox),
		IN_LAB(test_a_drain_that_was_given_up_does_not_end_the_next_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
