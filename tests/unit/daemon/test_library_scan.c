/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan of the pools finds out. */
#include "support.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library_lab.h"

static void scan_all(struct lab *lab)
{
	const struct library_job *job = scan(lab, "");
	if (strcmp(job->state, "succeeded") != 0)
		fail_msg("%s: %s", job->state, job->sentence);
}

static int64_t events(struct lab *lab, const char *verb)
{
	char sql[128];
	snprintf(sql, sizeof sql, "SELECT count(*) FROM history WHERE verb = '%s'", verb);
	return lab_number(lab, sql);
}

static void what_is_as_it_was_is_left_alone(void **state)
{
	struct lab *lab = *state;
	int64_t before = lab_number(lab, "SELECT sum(version) FROM media");
	scan_all(lab);
	assert_non_null(strstr(see_job(lab, 1)->result, "\"unchanged\":3"));
	assert_int_equal(lab_number(lab, "SELECT sum(version) FROM media"), before);
}

static void new_files_are_added(void **state)
{
	struct lab *lab = *state;
	char below[PATH_MAX];
	snprintf(below, sizeof below, "%.4000s", lab_path(lab, "deep"));
	assert_int_equal(mkdir(below, 0755), 0);
	lab_image(lab, "deep/er.iso", 32);
	lab_image(lab, ".hidden.iso", 32);
	lab_image(lab, "coming.iso.part", 32);
	scan_all(lab);
	assert_string_equal(see_medium(lab, "er").path, lab_path(lab, "deep/er.iso"));
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media"), 4);
}

static void a_file_that_moved_is_the_same_medium(void **state)
{
	struct lab *lab = *state;
	const char *to = lab_path(lab, "z-moved.iso");
	assert_int_equal(rename(see_medium(lab, "a").path, to), 0);
	scan_all(lab);
	assert_string_equal(see_medium(lab, "a").path, to);
	assert_string_equal(see_medium(lab, "a").state, "ok");
	assert_int_equal(events(lab, "media-moved"), 1);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media"), 3);
}

static void one_that_is_missing_is_marked_and_comes_back(void **state)
{
	struct lab *lab = *state;
	char path[PATH_MAX], away[PATH_MAX];
	snprintf(path, sizeof path, "%.4000s", see_medium(lab, "a").path);
	snprintf(away, sizeof away, "%.4000s/a.iso", lab->directory);
	assert_int_equal(rename(path, away), 0);
	scan_all(lab);
	scan_all(lab);
	assert_string_equal(see_medium(lab, "a").state, "missing");
	assert_int_equal(events(lab, "media-missing"), 1);
	assert_int_equal(rename(away, path), 0);
	scan_all(lab);
	assert_string_equal(see_medium(lab, "a").state, "ok");
}

static void another_file_in_its_place_is_a_change(void **state)
{
	struct lab *lab = *state;
	assert_int_equal(rename(lab_image(lab, "n.iso", 99), see_medium(lab, "a").path), 0);
	scan_all(lab);
	assert_string_equal(see_medium(lab, "a").state, "changed");
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media"), 3);
}

static void links_lead_nowhere(void **state)
{
	struct lab *lab = *state;
	assert_int_equal(symlink("/", lab_path(lab, "root")), 0);
	assert_int_equal(symlink(lab->media_dir, lab_path(lab, "loop")), 0);
	assert_int_equal(symlink("/etc/hostname", lab_path(lab, "link.iso")), 0);
	scan_all(lab);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media"), 3);
}

static void what_is_no_pool_is_not_scanned(void **state)
{
	struct lab *lab = *state;
	const struct library_job *job = scan(lab, "/etc");
	assert_string_equal(job->state, "failed");
	assert_string_equal(job->error, "outside_media_pools");
}

/* A disk that is not mounted says nothing of what is on it. */
static void a_pool_that_is_away_loses_nothing(void **state)
{
	struct lab *lab = *state;
	char away[PATH_MAX + 8];
	snprintf(away, sizeof away, "%s.away", lab->media_dir);
	assert_int_equal(rename(lab->media_dir, away), 0);
	scan_all(lab);
	assert_int_equal(rename(away, lab->media_dir), 0);
	assert_string_equal(see_medium(lab, "a").state, "ok");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(what_is_as_it_was_is_left_alone),
		IN_LAB(new_files_are_added),
		IN_LAB(a_file_that_moved_is_the_same_medium),
		IN_LAB(one_that_is_missing_is_marked_and_comes_back),
		IN_LAB(another_file_in_its_place_is_a_change),
		IN_LAB(links_lead_nowhere),
		IN_LAB(what_is_no_pool_is_not_scanned),
		IN_LAB(a_pool_that_is_away_loses_nothing),
	};
	return cmocka_run_group_tests_name("library/scan", tests, NULL, NULL);
}
