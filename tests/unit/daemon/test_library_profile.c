/* SPDX-License-Identifier: Apache-2.0 */
/* What discs are pressed to, and how an operator says otherwise. */
#include "support.h"

#include <stdio.h>
#include <unistd.h>

#include "library_lab.h"
#include "util/bytes.h"

enum { CD_BLOCKS = 405000, DVD_BLOCKS = 4173824 };

static void assert_profile(struct lab *lab, const char *id, const char *profile, bool set)
{
	struct library_medium medium = see_medium(lab, id);
	assert_string_equal(medium.profile, profile);
	assert_int_equal(medium.profile_set, set);
}

/* What a host reads in the header of GET CONFIGURATION (MMC-6 6.5). */
static unsigned profile_in(struct lab *lab, const char *drive)
{
	struct request *request = host_sends(lab, drive, CDB(0x46, [8] = 8), 8);
	assert_good(request);
	return get_be16(request->data + 6);
}

/* Sparse, and longer than its volume: the rest belongs to the disc. */
static const char *long_image(struct lab *lab, const char *name, uint64_t blocks)
{
	const char *path = lab_image(lab, name, LAB_BLOCKS);
	assert_int_equal(truncate(path, (off_t)(blocks * 2048)), 0);
	return path;
}

static void an_operator_presses_a_disc_to_another(void **state)
{
	struct lab *lab = *state;
	assert_profile(lab, "a", "CD-ROM", false);
	const struct library_result *result = set_profile(lab, "a", "dvd-rom");
	assert_ok(result);
	assert_string_equal(result->medium.profile, "DVD-ROM");
	assert_true(result->medium.profile_set);
	assert_profile(lab, "a", "DVD-ROM", true);
	assert_ok(load(lab, "dvd0", "a", 0));
	settle(lab, "dvd0");
	assert_int_equal(profile_in(lab, "dvd0"), 0x10);
	assert_profile(lab, "b", "CD-ROM", false);
}

static void auto_is_what_it_was_added_as(void **state)
{
	struct lab *lab = *state;
	assert_ok(set_profile(lab, "a", "BD-ROM"));
	assert_ok(set_profile(lab, "a", "auto"));
	assert_profile(lab, "a", "CD-ROM", false);
	assert_ok(load(lab, "dvd0", "a", 0));
	settle(lab, "dvd0");
	assert_int_equal(profile_in(lab, "dvd0"), 0x08);
}

static void what_it_was_pressed_to_survives_a_restart(void **state)
{
	struct lab *lab = *state;
	assert_ok(set_profile(lab, "a", "dvd-rom"));
	assert_ok(load(lab, "dvd0", "a", 0));
	settle(lab, "dvd0");
	lab_restart(lab);
	assert_profile(lab, "a", "DVD-ROM", true);
	assert_int_equal(profile_in(lab, "dvd0"), 0x10);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NONE);
	assert_int_equal(media_event(lab, "dvd0"), NO_CHANGE);
}

/* As after an upgrade that finds other profiles: hosts that have a disc mounted see no change. */
static void a_disc_stays_what_the_catalog_says(void **state)
{
	struct lab *lab = *state;
	lab_sql(lab, "UPDATE media SET profile = 16 WHERE id = 'a'");
	assert_ok(load(lab, "dvd0", "a", 0));
	settle(lab, "dvd0");
	assert_int_equal(profile_in(lab, "dvd0"), 0x10);
	lab_restart(lab);
	assert_int_equal(profile_in(lab, "dvd0"), 0x10);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NONE);
}

static void a_drive_of_an_older_family_refuses_it(void **state)
{
	struct lab *lab = *state;
	assert_ok(set_profile(lab, "a", "bd-rom"));
	const struct library_result *result = load(lab, "dvd0", "a", 0);
	assert_error(result, ERROR_MEDIUM_DOES_NOT_FIT);
	assert_non_null(strstr(result->error.sentence, "BD-ROM"));
	assert_non_null(strstr(result->error.remedy, "media set"));
	assert_ok(set_profile(lab, "a", "dvd-rom"));
	assert_ok(load(lab, "dvd0", "a", 0));
}

static void no_disc_holds_more_than_it_does(void **state)
{
	struct lab *lab = *state;
	assert_ok(add(lab, long_image(lab, "cd.iso", CD_BLOCKS), ""));
	assert_ok(add(lab, long_image(lab, "dvd.iso", CD_BLOCKS + 1), ""));
	assert_ok(add(lab, long_image(lab, "bd.iso", DVD_BLOCKS + 1), ""));
	assert_ok(set_profile(lab, "cd", "cd-rom"));
	const struct library_result *result = set_profile(lab, "dvd", "cd-rom");
	assert_error(result, ERROR_MEDIUM_DOES_NOT_FIT);
	assert_non_null(strstr(result->error.sentence, "405000"));
	assert_profile(lab, "dvd", "DVD-ROM", false);
	assert_error(set_profile(lab, "bd", "dvd-rom"), ERROR_MEDIUM_DOES_NOT_FIT);
	assert_ok(set_profile(lab, "dvd", "bd-rom"));
}

static void what_is_no_profile_is_refused(void **state)
{
	struct lab *lab = *state;
	static const char *const wrong[] = {"", "dvd", "lto-8", "dvd-rom ", "none", "0x10"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const struct library_result *result = set_profile(lab, "a", wrong[i]);
		assert_error(result, ERROR_INVALID);
		assert_non_null(strstr(result->error.remedy, "dvd-rom"));
	}
	assert_error(set_profile(lab, "zzz", "dvd-rom"), ERROR_MEDIUM_NOT_FOUND);
	assert_error(add_as(lab, lab_image(lab, "x.iso", 32), "dvd"), ERROR_INVALID);
	assert_profile(lab, "a", "CD-ROM", false);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media"), 3);
}

static void a_tape_has_none(void **state)
{
	struct lab *lab = *state;
	assert_ok(tape_create(lab, "ARC", 1, 0));
	assert_error(set_profile(lab, "arc001l8", "dvd-rom"), ERROR_INVALID);
	char path[LIBRARY_PATH_MAX];
	snprintf(path, sizeof path, "%s", see_medium(lab, "arc001l8").path);
	assert_error(add_as(lab, path, "dvd-rom"), ERROR_INVALID);
	assert_false(see_medium(lab, "arc001l8").profile_set);
}

static void in_a_drive_it_is_what_hosts_know(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "dvd0", "a", 0));
	assert_error(set_profile(lab, "a", "dvd-rom"), ERROR_MEDIUM_IN_USE);
	assert_error(add_as(lab, lab_path(lab, "a.iso"), "dvd-rom"), ERROR_MEDIUM_IN_USE);
	assert_ok(add_as(lab, lab_path(lab, "a.iso"), "auto"));
	assert_profile(lab, "a", "CD-ROM", false);
}

static void on_its_way_into_a_drive_as_well(void **state)
{
	struct lab *lab = *state;
	lab_hold_opens(lab, true);
	struct operation *loading = begin_load(lab, "dvd0", "a", 0);
	lab_await_held(lab, 1);
	assert_error(set_profile(lab, "a", "dvd-rom"), ERROR_MEDIUM_IN_USE);
	assert_ok(set_profile(lab, "b", "dvd-rom"));
	lab_hold_opens(lab, false);
	assert_ok(answer_of(loading));
	settle(lab, "dvd0");
	assert_int_equal(profile_in(lab, "dvd0"), 0x08);
	assert_profile(lab, "a", "CD-ROM", false);
}

static void it_is_chosen_when_a_file_is_added(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result = add_as(lab, lab_image(lab, "x.iso", 32), "Dvd-Rom");
	assert_ok(result);
	assert_true(result->created);
	assert_string_equal(result->medium.profile, "DVD-ROM");
	assert_profile(lab, "x", "DVD-ROM", true);
	assert_error(add_as(lab, long_image(lab, "y.iso", CD_BLOCKS + 1), "cd-rom"),
		ERROR_MEDIUM_DOES_NOT_FIT);
	assert_ok(add_as(lab, lab_path(lab, "y.iso"), "auto"));
	assert_profile(lab, "y", "DVD-ROM", false);
}

static void adding_again_leaves_it_or_says_another(void **state)
{
	struct lab *lab = *state;
	assert_ok(set_profile(lab, "a", "dvd-rom"));
	assert_int_equal(add(lab, lab_path(lab, "a.iso"), "")->known, 1);
	assert_profile(lab, "a", "DVD-ROM", true);
	assert_int_equal(add_as(lab, lab_path(lab, "a.iso"), "dvd-rom")->known, 1);
	assert_int_equal(add_as(lab, lab_path(lab, "a.iso"), "bd-rom")->added, 1);
	assert_profile(lab, "a", "BD-ROM", true);
	assert_ok(add_as(lab, lab_path(lab, "a.iso"), "auto"));
	assert_profile(lab, "a", "CD-ROM", false);
}

/* An older release went by size; what this one finds is had by asking for it. */
static void adding_again_as_auto_looks_again(void **state)
{
	struct lab *lab = *state;
	lab_sql(lab, "UPDATE media SET profile = 64 WHERE id = 'a'");
	assert_int_equal(add(lab, lab_path(lab, "a.iso"), "")->known, 1);
	assert_profile(lab, "a", "BD-ROM", false);
	assert_ok(add_as(lab, lab_path(lab, "a.iso"), "auto"));
	assert_profile(lab, "a", "CD-ROM", false);
}

static void a_replaced_file_keeps_it_if_it_fits(void **state)
{
	struct lab *lab = *state;
	assert_ok(set_profile(lab, "a", "dvd-rom"));
	assert_ok(add(lab, lab_image(lab, "a.iso", 40), ""));
	assert_profile(lab, "a", "DVD-ROM", true);
	assert_error(
		add(lab, long_image(lab, "a.iso", DVD_BLOCKS + 1), ""), ERROR_MEDIUM_DOES_NOT_FIT);
	assert_ok(add_as(lab, lab_path(lab, "a.iso"), "auto"));
	assert_profile(lab, "a", "BD-ROM", false);
}

static void all_of_a_directory_is_pressed_alike(void **state)
{
	struct lab *lab = *state;
	lab_image(lab, "d.iso", 32);
	long_image(lab, "huge.iso", DVD_BLOCKS + 1);
	const struct library_result *result = add_as(lab, lab->media_dir, "dvd-rom");
	assert_ok(result);
	assert_int_equal(result->added, 4);
	assert_int_equal(result->refused, 1);
	assert_int_equal(result->first_refusal.code, ERROR_MEDIUM_DOES_NOT_FIT);
	assert_non_null(strstr(result->first_refusal.sentence, "huge.iso"));
	assert_profile(lab, "a", "DVD-ROM", true);
	assert_profile(lab, "d", "DVD-ROM", true);
}

static void a_change_is_in_the_history(void **state)
{
	struct lab *lab = *state;
	assert_ok(set_profile(lab, "a", "dvd-rom"));
	assert_ok(set_profile(lab, "a", "dvd-rom"));
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM history WHERE verb = 'profile' AND "
					 "medium = 'a' AND drive = ''"),
		1);
}

static void what_is_not_committed_has_not_happened(void **state)
{
	struct lab *lab = *state;
	lab_refuse(lab, "UPDATE ON media");
	assert_error(set_profile(lab, "a", "dvd-rom"), ERROR_CATALOG);
	lab_sql(lab, "DROP TRIGGER refuse");
	assert_profile(lab, "a", "CD-ROM", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(an_operator_presses_a_disc_to_another),
		IN_LAB(auto_is_what_it_was_added_as),
		IN_LAB(what_it_was_pressed_to_survives_a_restart),
		IN_LAB(a_disc_stays_what_the_catalog_says),
		IN_LAB(a_drive_of_an_older_family_refuses_it),
		IN_LAB(no_disc_holds_more_than_it_does),
		IN_LAB(what_is_no_profile_is_refused),
		IN_LAB(a_tape_has_none),
		IN_LAB(in_a_drive_it_is_what_hosts_know),
		IN_LAB(on_its_way_into_a_drive_as_well),
		IN_LAB(it_is_chosen_when_a_file_is_added),
		IN_LAB(adding_again_leaves_it_or_says_another),
		IN_LAB(adding_again_as_auto_looks_again),
		IN_LAB(a_replaced_file_keeps_it_if_it_fits),
		IN_LAB(all_of_a_directory_is_pressed_alike),
		IN_LAB(a_change_is_in_the_history),
		IN_LAB(what_is_not_committed_has_not_happened),
	};
	return cmocka_run_group_tests_name("daemon/library_profile", tests, NULL, NULL);
}
