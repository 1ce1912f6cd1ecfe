/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "library_lab.h"

static void load_and_settle(struct lab *lab, const char *medium)
{
	assert_ok(load(lab, "dvd0", medium, 0));
	settle(lab, "dvd0");
}

/* ---- the image ------------------------------------------------------------------------------- */

static void test_a_missing_image_is_not_loaded(void **state)
{
	struct lab *lab = *state;
	unlink(lab_path(lab, "a.iso"));
	assert_error(load(lab, "dvd0", "a", 0), ERROR_FILE_MISSING);
	assert_string_equal(see_drive(lab, "dvd0").state, "empty");
}

static void test_a_changed_image_is_not_loaded(void **state)
{
	struct lab *lab = *state;
	lab_image(lab, "a.iso", LAB_BLOCKS + 1);
	assert_error(load(lab, "dvd0", "a", 0), ERROR_IMAGE_CHANGED);
	assert_int_equal(lab_open_files(lab), 0);
}

static void test_a_truncated_image_is_not_loaded(void **state)
{
	struct lab *lab = *state;
	assert_int_equal(truncate(lab_path(lab, "a.iso"), 20 * 2048), 0);
	assert_error(load(lab, "dvd0", "a", 0), ERROR_IMAGE_TRUNCATED);
}

static void test_a_failed_replace_leaves_the_old_disc(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab, "a");
	unlink(lab_path(lab, "b.iso"));
	assert_error(load(lab, "dvd0", "b", REPLACE), ERROR_FILE_MISSING);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NONE);
	assert_int_equal(media_event(lab, "dvd0"), NO_CHANGE);
}

static void test_an_image_that_shrinks_is_a_fault(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab, "a");
	assert_int_equal(truncate(lab_path(lab, "a.iso"), 40 * 2048), 0);
	struct request *request = host_reads(lab, "dvd0", 50, 1);
	assert_sense(request, SENSE_UNRECOVERED_READ_ERROR);
	assert_true(request->cmd.sense.information_valid);
	assert_int_equal(request->cmd.sense.information, 50);
	for (unsigned i = 0; !see_medium(lab, "a").fault[0] && i < LAB_PATIENCE_S * 1000; i++)
		sleep_ms(1);
	assert_non_null(strstr(see_medium(lab, "a").fault, "changed"));
	assert_non_null(strstr(see_drive(lab, "dvd0").medium.fault, "block 50"));
}

static void make_fault(struct lab *lab)
{
	lab->no_cache = true;
	lab->read_error = -EIO;
	assert_sense(host_reads(lab, "dvd0", 50, 1), SENSE_UNRECOVERED_READ_ERROR);
	lab->read_error = 0;
	lab->no_cache = false;
}

static void test_a_faulty_medium_is_loaded_again_without_replace(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab, "a");
	make_fault(lab);
	while (!see_medium(lab, "a").fault[0])
		sleep_ms(1);
	assert_ok(load(lab, "dvd0", "a", 0));
	assert_string_equal(see_medium(lab, "a").fault, "");
	assert_string_equal(see_drive(lab, "dvd0").medium.fault, "");
}

static void test_a_fault_stays_when_the_host_does_not_let_go(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab, "a");
	make_fault(lab);
	while (!see_medium(lab, "a").fault[0])
		sleep_ms(1);
	host_locks(lab, "dvd0", true);
	assert_error(load(lab, "dvd0", "a", 0), ERROR_REMOVAL_PREVENTED);
	assert_true(see_medium(lab, "a").fault[0]);
}

/* The read fails when the worker has looked at events, and swaps before it looks again. */
static void test_a_fault_is_noted_for_the_medium_that_has_it(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab, "a");
	struct drive *drive = drive_find(lab->library, "dvd0");
	struct operation *held = begin_hold_worker(lab);
	make_fault(lab);
	drive_settle_faults(drive);
	assert_true(drive->medium.fault[0]);
	assert_int_equal(drive->events & EVENT_FAULT, 0);
	release_worker(held);
	assert_ok(load(lab, "dvd0", "b", REPLACE));
	assert_true(see_medium(lab, "a").fault[0]);
	assert_string_equal(see_medium(lab, "b").fault, "");
}

/* ---- the catalog ----------------------------------------------------------------------------- */

static void assert_untouched(struct lab *lab)
{
	struct library_drive drive = see_drive(lab, "dvd0");
	assert_string_equal(drive.medium.id, "a");
	assert_string_equal(drive.state, "loaded");
	assert_string_equal(drive.tray, "closed");
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NONE);
	assert_int_equal(media_event(lab, "dvd0"), NO_CHANGE);
	assert_good(host_reads(lab, "dvd0", 20, 1));
}

static void test_a_load_that_cannot_be_committed_did_not_happen(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab, "a");
	lab_refuse(lab, "UPDATE ON drives");
	assert_error(load(lab, "dvd0", "b", REPLACE), ERROR_CATALOG);
	assert_untouched(lab);
	lab_sql(lab, "DROP TRIGGER refuse");
	assert_ok(load(lab, "dvd0", "b", REPLACE));
}

static void test_an_eject_that_cannot_be_committed_did_not_happen(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab, "a");
	lab_refuse(lab, "INSERT ON history");
	assert_error(eject(lab, "dvd0", 0), ERROR_CATALOG);
	assert_untouched(lab);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM drives WHERE medium = 'a'"), 1);
}

static void test_a_host_eject_that_cannot_be_committed_fails(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab, "a");
	lab_refuse(lab, "UPDATE ON drives");
	assert_sense(host_eject(lab, "dvd0"), SENSE_INTERNAL_TARGET_FAILURE);
	assert_untouched(lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(test_a_missing_image_is_not_loaded),
		IN_LAB(test_a_changed_image_is_not_loaded),
		IN_LAB(test_a_truncated_image_is_not_loaded),
		IN_LAB(test_a_failed_replace_leaves_the_old_disc),
		IN_LAB(test_an_image_that_shrinks_is_a_fault),
		IN_LAB(test_a_faulty_medium_is_loaded_again_without_replace),
		IN_LAB(test_a_fault_stays_when_the_host_does_not_let_go),
		IN_LAB(test_a_fault_is_noted_for_the_medium_that_has_it),
		IN_LAB(test_a_load_that_cannot_be_committed_did_not_happen),
		IN_LAB(test_an_eject_that_cannot_be_committed_did_not_happen),
		IN_LAB(test_a_host_eject_that_cannot_be_committed_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
