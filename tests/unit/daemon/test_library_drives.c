/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>
#include <unistd.h>

#include "fake_exporter.h"
#include "library_lab.h"

/* Drives are shown by this one from now on. */
static void start_exporter(struct lab *lab, struct exporter *exporter)
{
	lab_stop(lab);
	lab->config.exporter = exporter;
	lab_start(lab);
}

static bool has_told_file(struct lab *lab, const char *name)
{
	char path[2 * PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", lab->told_dir, name);
	return access(path, F_OK) == 0;
}

/* ---- making ---------------------------------------------------------------------------------- */

static void test_a_new_drive_is_there(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result = drive_add(lab, "new", "bd-rom", false);
	assert_ok(result);
	assert_true(result->created);
	assert_true(result->has_drive);
	assert_string_equal(result->drive.personality, "bd-rom");
	assert_string_equal(result->drive.state, "empty");
	assert_true(result->drive.serial[0]);
	assert_string_equal(see_drive(lab, "new").serial, result->drive.serial);
	assert_int_equal(library_drive_count(lab->library), 4);
}

static void test_drives_are_listed_by_name(void **state)
{
	struct lab *lab = *state;
	static const char *const names[] = {"a", "dvd0", "dvd00", "dvd1", "dvd2"};
	struct library_drive drive;
	drive_add(lab, "dvd00", "", false);
	drive_add(lab, "a", "", false);
	for (unsigned i = 0; i < 5; i++) {
		assert_true(library_drive_at(lab->library, i, &drive));
		assert_string_equal(drive.name, names[i]);
	}
	assert_false(library_drive_at(lab->library, 5, &drive));
	char after[LIBRARY_ID_MAX] = "";
	for (unsigned i = 0; i < library_drive_count(lab->library); i++) {
		struct library_drive same;
		assert_true(library_drive_at(lab->library, i, &same));
		assert_true(library_drive_after(lab->library, after, &drive));
		assert_string_equal(drive.name, same.name);
		snprintf(after, sizeof after, "%s", drive.name);
	}
	assert_false(library_drive_after(lab->library, after, &drive));
}

static void test_a_name_is_used_once(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result = drive_add(lab, "dvd0", "", false);
	assert_error(result, ERROR_EXISTS);
	assert_false(result->created);
	assert_int_equal(library_drive_count(lab->library), 3);
}

static void test_bad_names_and_personalities_are_refused(void **state)
{
	struct lab *lab = *state;
	assert_error(drive_add(lab, "../x", "", false), ERROR_INVALID);
	assert_error(drive_add(lab, "", "", false), ERROR_INVALID);
	assert_error(drive_add(lab, "Dvd", "", false), ERROR_INVALID);
	assert_error(drive_add(lab, "new", "tape", false), ERROR_INVALID);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM drives"), 3);
}

/* ---- showing --------------------------------------------------------------------------------- */

static void test_a_new_drive_is_shown(void **state)
{
	struct lab *lab = *state;
	struct exporter exporter = {0};
	start_exporter(lab, &exporter);
	const struct library_result *result = drive_add(lab, "new", "", true);
	assert_ok(result);
	assert_string_equal(result->drive.export_address, "0:0:0:0");
	assert_int_equal(result->drive.kicks, 2);
	assert_false(exporter.clean);
	lab_stop(lab);
	assert_int_equal(exporter.released, 1);
}

static void test_a_drive_that_cannot_be_shown_is_not_kept(void **state)
{
	struct lab *lab = *state;
	struct exporter exporter = {.refuse_show = true};
	start_exporter(lab, &exporter);
	assert_error(drive_add(lab, "new", "", true), ERROR_KERNEL_TARGET);
	assert_int_equal(library_drive_count(lab->library), 3);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM drives"), 3);
	assert_false(has_told_file(lab, "new"));
	exporter.refuse_show = false;
	assert_ok(drive_add(lab, "new", "", true));
	lab_stop(lab);
}

static void test_without_an_exporter_it_says_why(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result = drive_add(lab, "new", "", true);
	assert_error(result, ERROR_KERNEL_TARGET);
	assert_non_null(strstr(result->error.sentence, "none in this test"));
}

static void test_a_drive_that_is_being_shown_is_busy(void **state)
{
	struct lab *lab = *state;
	struct exporter exporter = {.hold = true};
	start_exporter(lab, &exporter);
	struct operation *operation = begin_drive_add(lab, "new", "", true);
	while (!exporter.held)
		sleep_ms(1);
	assert_error(load(lab, "new", "a", 0), ERROR_DRIVE_BUSY);
	test_unit_ready(lab, "new"); /* its events do not disturb */
	assert_string_equal(load(lab, "any", "a", 0)->drive.name, "dvd0");
	exporter.hold = false;
	assert_ok(answer_of(operation));
	assert_ok(load(lab, "new", "a", 0));
	lab_stop(lab);
}

static void test_a_drive_that_cannot_be_shown_at_start_does_not_stop_the_others(void **state)
{
	struct lab *lab = *state;
	struct exporter exporter = {0};
	struct library_health health;
	start_exporter(lab, &exporter);
	drive_add(lab, "new", "", true);
	lab_stop(lab);
	exporter.refuse_show = true;
	lab_start(lab);
	struct library_drive drive = see_drive(lab, "new");
	assert_string_equal(drive.state, "failed");
	assert_non_null(strstr(drive.failure, "refused"));
	assert_string_equal(see_drive(lab, "dvd0").state, "empty");
	library_health(lab->library, &health);
	assert_false(health.ready);
	assert_int_equal(health.drives_failed, 1);
	assert_false(lab_stop(lab));
}

static void test_orphans_are_all_but_the_drives_that_are_shown(void **state)
{
	struct lab *lab = *state;
	struct exporter exporter = {0};
	start_exporter(lab, &exporter);
	drive_add(lab, "new", "", true);
	lab_restart(lab);
	assert_int_equal(exporter.orphans_kept, 1);
	assert_true(exporter.clean);
	lab_stop(lab);
}

static void test_a_drive_that_fails_says_so(void **state)
{
	struct lab *lab = *state;
	host_export_failed(drive_find(lab->library, "dvd0"), "the ring is corrupt");
	for (unsigned i = 0; !see_drive(lab, "dvd0").failure[0] && i < LAB_PATIENCE_S * 1000; i++)
		sleep_ms(1);
	assert_non_null(strstr(see_drive(lab, "dvd0").failure, "the ring is corrupt"));
	assert_string_equal(see_drive(lab, "dvd0").state, "failed");
}

static void test_a_stop_is_clean_when_all_are_drained(void **state)
{
	struct lab *lab = *state;
	struct exporter exporter = {0};
	start_exporter(lab, &exporter);
	drive_add(lab, "new", "", true);
	assert_true(lab_stop(lab));
	assert_int_equal(exporter.drained, 1);
	exporter.refuse_drain = true;
	lab_start(lab);
	assert_false(lab_stop(lab));
	assert_int_equal(exporter.released, 2);
}

/* ---- removing -------------------------------------------------------------------------------- */

static void test_a_removed_drive_is_gone(void **state)
{
	struct lab *lab = *state;
	struct exporter exporter = {0};
	start_exporter(lab, &exporter);
	drive_add(lab, "new", "", true);
	const struct library_result *result = drive_remove(lab, "new", 0);
	assert_ok(result);
	assert_false(result->has_drive);
	assert_int_equal(exporter.removed, 1);
	assert_int_equal(library_drive_count(lab->library), 3);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM drives"), 3);
	assert_false(has_told_file(lab, "new"));
	assert_error(drive_remove(lab, "new", 0), ERROR_DRIVE_NOT_FOUND);
	lab_stop(lab);
}

static void test_a_drive_with_a_medium_is_removed_by_force(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "dvd0", "a", 0));
	const struct library_result *result = drive_remove(lab, "dvd0", 0);
	assert_error(result, ERROR_DRIVE_BUSY);
	assert_string_equal(result->drive.medium.id, "a");
	assert_ok(drive_remove(lab, "dvd0", FORCE));
	assert_int_equal(lab_open_files(lab), 0);
	assert_ok(forget(lab, "a"));
}

static void test_a_removed_name_may_be_used_again(void **state)
{
	struct lab *lab = *state;
	char before[32];
	snprintf(before, sizeof before, "%s", see_drive(lab, "dvd0").serial);
	assert_ok(drive_remove(lab, "dvd0", 0));
	assert_ok(drive_add(lab, "dvd0", "", false));
	assert_string_not_equal(see_drive(lab, "dvd0").serial, before);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_POWER_ON);
}

/* What the host's last commands reported is in the inbox when the drive goes. */
static void test_a_drive_that_goes_leaves_no_event_behind(void **state)
{
	struct lab *lab = *state;
	struct catalog_drive row = {
		.name = "loose", .kind = "optical", .serial = "S1", .personality = "dvd-rom"};
	struct drive *drive = drive_create(lab->library, &row, NULL);
	assert_non_null(drive);
	struct operation *held = begin_hold_worker(lab);
	struct scsi_lu *lu = mmc_drive_lu(drive->mmc);
	lu->library->event(lu->library_context, lu, LIBRARY_EVENT_TOLD);
	assert_false(list_empty(&lab->library->dirty_drives));
	drive_destroy(drive);
	assert_true(list_empty(&lab->library->dirty_drives));
	release_worker(held);
}

static void test_a_drive_that_cannot_be_taken_down_stays(void **state)
{
	struct lab *lab = *state;
	struct exporter exporter = {0};
	start_exporter(lab, &exporter);
	drive_add(lab, "new", "", true);
	exporter.refuse_remove = true;
	assert_error(drive_remove(lab, "new", 0), ERROR_KERNEL_TARGET);
	assert_string_equal(see_drive(lab, "new").state, "failed");
	exporter.refuse_remove = false;
	assert_ok(drive_remove(lab, "new", 0));
	lab_stop(lab);
}

static void test_a_removal_that_cannot_be_committed_leaves_the_drive(void **state)
{
	struct lab *lab = *state;
	lab_refuse(lab, "DELETE ON drives");
	assert_error(drive_remove(lab, "dvd0", 0), ERROR_CATALOG);
	assert_int_equal(library_drive_count(lab->library), 3);
	lab_sql(lab, "DROP TRIGGER refuse");
	assert_ok(drive_remove(lab, "dvd0", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(test_a_new_drive_is_there),
		IN_LAB(test_drives_are_listed_by_name),
		IN_LAB(test_a_name_is_used_once),
		IN_LAB(test_bad_names_and_personalities_are_refused),
		IN_LAB(test_a_new_drive_is_shown),
		IN_LAB(test_a_drive_that_cannot_be_shown_is_not_kept),
		IN_LAB(test_without_an_exporter_it_says_why),
		IN_LAB(test_a_drive_that_is_being_shown_is_busy),
		IN_LAB(test_a_drive_that_cannot_be_shown_at_start_does_not_stop_the_others),
		IN_LAB(test_orphans_are_all_but_the_drives_that_are_shown),
		IN_LAB(test_a_drive_that_fails_says_so),
		IN_LAB(test_a_stop_is_clean_when_all_are_drained),
		IN_LAB(test_a_removed_drive_is_gone),
		IN_LAB(test_a_drive_with_a_medium_is_removed_by_force),
		IN_LAB(test_a_removed_name_may_be_used_again),
		IN_LAB(test_a_drive_that_goes_leaves_no_event_behind),
		IN_LAB(test_a_drive_that_cannot_be_taken_down_stays),
		IN_LAB(test_a_removal_that_cannot_be_committed_leaves_the_drive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
