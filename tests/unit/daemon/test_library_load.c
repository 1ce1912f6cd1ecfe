/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <unistd.h>

#include "library_lab.h"

static void test_puts_a_medium_into_an_empty_drive(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result = load(lab, "dvd0", "a", 0);
	assert_ok(result);
	assert_true(result->has_drive);
	assert_string_equal(result->drive.state, "loaded");
	assert_string_equal(result->drive.medium.id, "a");
	assert_string_equal(see_drive(lab, "dvd0").medium.id, "a");
	settle(lab, "dvd0");
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM history WHERE verb = 'load'"), 1);
}

/* A medium is the same object wherever it is shown. */
static void assert_same(struct lab *lab, const struct library_drive *drive)
{
	const struct library_medium *shown = &drive->medium;
	struct library_medium medium = see_medium(lab, shown->id);
	assert_int_equal(shown->version, medium.version);
	assert_int_equal(shown->loads, medium.loads);
	assert_string_equal(shown->drive, medium.drive);
	assert_string_equal(shown->tags, medium.tags);
}

static void test_the_medium_in_a_drive_is_what_it_is_elsewhere(void **state)
{
	struct lab *lab = *state;
	const struct library_media_words words = {.tags = "lab"};
	lab_hold_opens(lab, true);
	struct operation *operation = begin_load(lab, "dvd0", "a", 0);
	lab_await_held(lab, 1);
	assert_ok(describe(lab, "a", &words));
	lab_hold_opens(lab, false);
	const struct library_result *result = answer_of(operation);
	assert_ok(result);
	assert_int_equal(result->drive.medium.loads, 1);
	assert_string_equal(result->drive.medium.drive, "dvd0");
	assert_string_equal(result->drive.medium.tags, "lab");
	assert_same(lab, &result->drive);
	settle(lab, "dvd0");
	assert_good(host_eject(lab, "dvd0"));
	assert_good(host_load(lab, "dvd0"));
	struct library_drive drive = see_drive(lab, "dvd0");
	assert_int_equal(drive.medium.loads, 2);
	assert_same(lab, &drive);
	result = describe(lab, "a", &(struct library_media_words){.notes = "n"});
	assert_string_equal(result->medium.drive, "dvd0");
}

static void test_the_host_reads_what_is_in_the_image(void **state)
{
	struct lab *lab = *state;
	load(lab, "dvd0", "a", 0);
	settle(lab, "dvd0");
	struct request *request = host_reads(lab, "dvd0", 20, 2);
	assert_good(request);
	assert_int_equal(request->data[3], 20);
	assert_int_equal(request->data[2048 + 3], 21);
}

static void test_loading_what_is_there_changes_nothing(void **state)
{
	struct lab *lab = *state;
	load(lab, "dvd0", "a", 0);
	settle(lab, "dvd0");
	assert_ok(load(lab, "dvd0", "a", 0));
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NONE);
	assert_int_equal(media_event(lab, "dvd0"), NO_CHANGE);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM history WHERE verb = 'load'"), 1);
}

/* What is in a drive stays there, for a host may have it mounted. */
static void test_what_is_in_no_pool_any_more_is_not_loaded(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "dvd0", "a", 0));
	assert_true(snprintf(lab->media_dir, sizeof lab->media_dir, "%s", lab->told_dir) > 0);
	assert_error(load(lab, "dvd0", "b", REPLACE), ERROR_FILE_OUTSIDE_POOLS);
	assert_error(load(lab, "dvd1", "a", 0), ERROR_FILE_OUTSIDE_POOLS);
	assert_ok(load(lab, "dvd0", "a", 0));
	lab_restart(lab);
	assert_string_equal(see_drive(lab, "dvd0").state, "loaded");
	assert_string_equal(see_drive(lab, "dvd0").medium.id, "a");
}

static void test_a_full_drive_is_left_alone(void **state)
{
	struct lab *lab = *state;
	load(lab, "dvd0", "a", 0);
	const struct library_result *result = load(lab, "dvd0", "b", 0);
	assert_error(result, ERROR_DRIVE_FULL);
	assert_true(result->has_drive);
	assert_string_equal(result->drive.medium.id, "a");
}

static void test_replace_shows_the_host_the_swap(void **state)
{
	struct lab *lab = *state;
	load(lab, "dvd0", "a", 0);
	settle(lab, "dvd0");
	lab->config.dwell_ms = LAB_HOUR_MS;
	lab_restart(lab);
	assert_ok(load(lab, "dvd0", "b", REPLACE));
	assert_int_equal(media_event(lab, "dvd0"), MEDIA_REMOVAL);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NO_MEDIUM_TRAY_OPEN);
	lab_pass_hours(lab, 1);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_MEDIUM_CHANGED);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NONE);
	assert_int_equal(media_event(lab, "dvd0"), NEW_MEDIA);
	assert_string_equal(see_drive(lab, "dvd0").medium.id, "b");
}

static void test_answers_when_the_host_has_noticed(void **state)
{
	struct lab *lab = *state;
	lab_stop(lab);
	lab->config.told_wait_ms = LAB_PATIENCE_S * 1000;
	lab_start(lab);
	load(lab, "dvd0", "a", 0);
	settle(lab, "dvd0");
	struct operation *operation = begin_load(lab, "dvd0", "b", REPLACE);
	while (test_unit_ready(lab, "dvd0") != SENSE_MEDIUM_CHANGED) {
		assert_false(is_answered(operation));
		sleep_ms(1);
	}
	assert_ok(answer_of(operation));
}

static void test_a_host_that_does_not_poll_holds_up_the_answer_only_so_long(void **state)
{
	struct lab *lab = *state;
	load(lab, "dvd0", "a", 0);
	settle(lab, "dvd0");
	const struct library_result *result = load(lab, "dvd0", "b", REPLACE);
	assert_ok(result);
	assert_false(result->drive.hosts[0].told);
}

static void test_any_takes_the_first_empty_drive(void **state)
{
	struct lab *lab = *state;
	load(lab, "dvd0", "a", 0);
	assert_string_equal(load(lab, "any", "b", 0)->drive.name, "dvd1");
	assert_string_equal(load(lab, "any", "b", 0)->drive.name, "dvd2");
	assert_error(load(lab, "any", "b", 0), ERROR_DRIVE_FULL);
}

static void test_any_passes_over_a_busy_drive(void **state)
{
	struct lab *lab = *state;
	lab_hold_opens(lab, true);
	struct operation *first = begin_load(lab, "any", "a", 0);
	struct operation *second = begin_load(lab, "any", "b", 0);
	lab_await_held(lab, 2);
	lab_hold_opens(lab, false);
	assert_string_equal(answer_of(first)->drive.name, "dvd0");
	assert_string_equal(answer_of(second)->drive.name, "dvd1");
}

static void add_large_image(struct lab *lab)
{
	lab_image(lab, "large.iso", LAB_BLOCKS);
	assert_int_equal(truncate(lab_path(lab, "large.iso"), 10ll << 30), 0);
	assert_ok(add(lab, lab_path(lab, "large.iso"), ""));
}

static void test_what_does_not_fit_is_refused(void **state)
{
	struct lab *lab = *state;
	add_large_image(lab);
	assert_error(load(lab, "dvd0", "large", 0), ERROR_MEDIUM_DOES_NOT_FIT);
	assert_false(see_drive(lab, "dvd0").has_medium);
	assert_int_equal(lab_open_files(lab), 0);
}

static void test_any_is_a_drive_that_it_fits_in(void **state)
{
	struct lab *lab = *state;
	add_large_image(lab);
	assert_error(load(lab, "any", "large", 0), ERROR_DRIVE_FULL);
	assert_ok(drive_add(lab, "bd0", "bd-rom", false));
	assert_string_equal(load(lab, "any", "large", 0)->drive.name, "bd0");
}

static void test_one_operation_at_a_time_for_a_drive(void **state)
{
	struct lab *lab = *state;
	lab_hold_opens(lab, true);
	struct operation *first = begin_load(lab, "dvd0", "a", 0);
	lab_await_held(lab, 1);
	assert_error(load(lab, "dvd0", "b", 0), ERROR_DRIVE_BUSY);
	assert_error(eject(lab, "dvd0", FORCE), ERROR_DRIVE_BUSY);
	assert_error(drive_remove(lab, "dvd0", FORCE), ERROR_DRIVE_BUSY);
	lab_hold_opens(lab, false);
	assert_ok(answer_of(first));
}

static void test_unknown_names(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result = load(lab, "nowhere", "a", 0);
	assert_error(result, ERROR_DRIVE_NOT_FOUND);
	assert_false(result->has_drive);
	assert_error(load(lab, "dvd0", "nothing", 0), ERROR_MEDIUM_NOT_FOUND);
	assert_error(eject(lab, "nowhere", 0), ERROR_DRIVE_NOT_FOUND);
}

static void test_drives_share_an_open_image(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "dvd0", "a", 0));
	assert_ok(load(lab, "dvd1", "a", 0));
	assert_int_equal(lab_open_files(lab), 1);
	assert_ok(eject(lab, "dvd0", 0));
	settle(lab, "dvd1");
	assert_good(host_reads(lab, "dvd1", 20, 1));
}

static void test_an_ejected_image_is_closed(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "dvd0", "a", 0));
	assert_ok(eject(lab, "dvd0", 0));
	assert_int_equal(lab_open_files(lab), 0);
}

/* The open event of the old disc's read was reported; only then is the new one put in. */
static void test_a_swap_waits_for_reads_of_the_old_disc(void **state)
{
	struct lab *lab = *state;
	load(lab, "dvd0", "a", 0);
	settle(lab, "dvd0");
	lab->no_cache = true;
	lab_hold_reads(lab, true);
	struct request *request = begin_host_read(lab, "dvd0", 20, 1);
	lab_await_held(lab, 1);
	struct operation *operation = begin_eject(lab, "dvd0", 0);
	while (strcmp(see_drive(lab, "dvd0").state, "changing") != 0)
		sleep_ms(1);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_BECOMING_READY);
	assert_false(is_answered(operation));
	lab_hold_reads(lab, false);
	assert_good(await(request));
	assert_ok(answer_of(operation));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(test_puts_a_medium_into_an_empty_drive),
		IN_LAB(test_the_medium_in_a_drive_is_what_it_is_elsewhere),
		IN_LAB(test_the_host_reads_what_is_in_the_image),
		IN_LAB(test_loading_what_is_there_changes_nothing),
		IN_LAB(test_what_is_in_no_pool_any_more_is_not_loaded),
		IN_LAB(test_a_full_drive_is_left_alone),
		IN_LAB(test_replace_shows_the_host_the_swap),
		IN_LAB(test_answers_when_the_host_has_noticed),
		IN_LAB(test_a_host_that_does_not_poll_holds_up_the_answer_only_so_long),
		IN_LAB(test_any_takes_the_first_empty_drive),
		IN_LAB(test_any_passes_over_a_busy_drive),
		IN_LAB(test_what_does_not_fit_is_refused),
		IN_LAB(test_any_is_a_drive_that_it_fits_in),
		IN_LAB(test_one_operation_at_a_time_for_a_drive),
		IN_LAB(test_unknown_names),
		IN_LAB(test_drives_share_an_open_image),
		IN_LAB(test_an_ejected_image_is_closed),
		IN_LAB(test_a_swap_waits_for_reads_of_the_old_disc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
