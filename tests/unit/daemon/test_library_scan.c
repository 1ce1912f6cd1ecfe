/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan of the pools finds out. */
#include "support.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library_lab.h"

static void scan_all(struct lab *lab)
{
	const struct library_job *job = scan(lab, "");
	if (strcmp(job->state, "succeeded") != 0)
		fail_msg("%s: %s", job->state, job->sentence);
}

static void lab_write(struct lab *lab, const char *name, const char *text)
{
	FILE *file = fopen(lab_path(lab, name), "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
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

/* It would be looked for in vain. */
static void a_directory_that_is_too_deep_is_told(void **state)
{
	struct lab *lab = *state;
	char below[PATH_MAX], name[64] = "";
	for (unsigned i = 0; i < 18; i++) {
		strcat(name, i ? "/d" : "d");
		snprintf(below, sizeof below, "%.4000s", lab_path(lab, name));
		assert_int_equal(mkdir(below, 0755), 0);
	}
	scan_all(lab);
	assert_non_null(strstr(see_job(lab, 1)->result, "\"refused\":1"));
	assert_non_null(strstr(see_job(lab, 1)->result, "/d is too deep in its pool"));
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

static void a_file_that_became_empty_is_a_change(void **state)
{
	struct lab *lab = *state;
	assert_int_equal(truncate(see_medium(lab, "a").path, 0), 0);
	assert_int_equal(truncate(lab_image(lab, "n.iso", 32), 0), 0);
	scan_all(lab);
	assert_string_equal(see_medium(lab, "a").state, "changed");
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media"), 3);
}

static int make_directory(const char *path)
{
	return mkdir(path, 0755);
}

static int make_pipe(const char *path)
{
	return mkfifo(path, 0644);
}

static int make_link_that_leads_out(const char *path)
{
	return symlink("/etc/hostname", path);
}

static int make_link_that_leads_nowhere(const char *path)
{
	return symlink("nowhere", path);
}

/* Not there is also what something else has taken the place of. */
static void what_is_no_file_any_more_is_missing(void **state)
{
	struct lab *lab = *state;
	static int (*const make[])(const char *path) = {
		make_directory, make_pipe, make_link_that_leads_out, make_link_that_leads_nowhere};
	for (size_t i = 0; i < sizeof make / sizeof *make; i++) {
		char path[PATH_MAX], away[PATH_MAX];
		snprintf(path, sizeof path, "%.4000s", see_medium(lab, "a").path);
		snprintf(away, sizeof away, "%.4000s/a.iso", lab->directory);
		assert_int_equal(rename(path, away), 0);
		assert_int_equal(make[i](path), 0);
		scan_all(lab);
		assert_string_equal(see_medium(lab, "a").state, "missing");
		assert_int_equal(remove(path), 0);
		assert_int_equal(rename(away, path), 0);
		scan_all(lab);
		assert_string_equal(see_medium(lab, "a").state, "ok");
	}
}

static void a_directory_in_its_place_does_not_keep_it_from_having_moved(void **state)
{
	struct lab *lab = *state;
	char from[PATH_MAX];
	const char *to = lab_path(lab, "z-moved.iso");
	snprintf(from, sizeof from, "%.4000s", see_medium(lab, "a").path);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(mkdir(from, 0755), 0);
	scan_all(lab);
	assert_string_equal(see_medium(lab, "a").path, to);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media"), 3);
}

/* To another disk, and a link in its place so that what names it goes on. */
static void a_link_to_a_file_of_a_pool_is_one(void **state)
{
	struct lab *lab = *state;
	char from[PATH_MAX];
	const char *to = lab_path(lab, ".hidden.iso");
	snprintf(from, sizeof from, "%.4000s", see_medium(lab, "a").path);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(symlink(to, from), 0);
	scan_all(lab);
	assert_string_equal(see_medium(lab, "a").state, "ok");
}

static void a_verification_says_what_is_in_its_place(void **state)
{
	struct lab *lab = *state;
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%.4000s", see_medium(lab, "a").path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	const struct library_job *job = verify(lab, "a");
	assert_string_equal(job->state, "failed");
	assert_non_null(strstr(job->result, "is not a regular file"));
	assert_string_equal(see_medium(lab, "a").state, "missing");
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

/* What is not taken is named, with what to do; a name that is not UTF-8, too. */
static void what_is_refused_is_named(void **state)
{
	struct lab *lab = *state;
	lab_write(lab, "SHA256SUMS", "no image\n");
	lab_write(lab, "caf\xe9.txt", "no image\n");
	scan_all(lab);
	const char *result = see_job(lab, 1)->result;
	assert_non_null(strstr(result, "\"refused\":2"));
	json_t *parsed = json_loads(result, 0, NULL), *one;
	const json_t *refusals = json_object_get(parsed, "refusals");
	size_t i;
	assert_int_equal(json_array_size(refusals), 2);
	json_array_foreach(refusals, i, one)
	{
		assert_string_equal(
			json_string_value(json_object_get(one, "code")), "image_unrecognised");
		assert_string_not_equal(json_string_value(json_object_get(one, "remedy")), "");
	}
	assert_non_null(strstr(result, "/SHA256SUMS\",\"detail\""));
	assert_non_null(strstr(result, "/caf?.txt\",\"detail\""));
	json_decref(parsed);
}

static void not_all_that_is_refused_is_kept(void **state)
{
	struct lab *lab = *state;
	char name[200];
	for (unsigned i = 0; i < 60; i++) {
		snprintf(name, sizeof name, "%0150u.txt", i);
		lab_write(lab, name, "no image\n");
	}
	scan_all(lab);
	const char *result = see_job(lab, 1)->result;
	assert_non_null(strstr(result, "\"refused\":60"));
	json_t *parsed = json_loads(result, 0, NULL);
	assert_in_range(json_array_size(json_object_get(parsed, "refusals")), 8, 32);
	json_decref(parsed);
}

/* How many lines of the log have this, while a pool is looked through so many times. */
static unsigned log_lines_of_scans(struct lab *lab, unsigned scans, const char *what)
{
	char text[8192] = "";
	unsigned count = 0;
	int was = dup(STDERR_FILENO), file = memfd_create("log", MFD_CLOEXEC);
	assert_true(was >= 0 && file >= 0 && dup2(file, STDERR_FILENO) >= 0);
	for (unsigned i = 0; i < scans; i++)
		scan_all(lab);
	assert_true(dup2(was, STDERR_FILENO) >= 0);
	assert_true(pread(file, text, sizeof text - 1, 0) >= 0);
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		count += strstr(line, what) != NULL;
	close(was);
	close(file);
	return count;
}

static void what_is_refused_again_is_not_said_again(void **state)
{
	struct lab *lab = *state;
	lab_write(lab, "SHA256SUMS", "no image\n");
	assert_int_equal(log_lines_of_scans(lab, 3, "/SHA256SUMS"), 1);
	lab_write(lab, "notes.txt", "nor this\n");
	assert_int_equal(log_lines_of_scans(lab, 1, "/SHA256SUMS"), 0);
	lab_write(lab, "more.txt", "nor this\n");
	assert_int_equal(log_lines_of_scans(lab, 2, "/more.txt"), 1);
	assert_non_null(strstr(see_job(lab, 1)->result, "/SHA256SUMS"));
	assert_non_null(strstr(see_job(lab, 6)->result, "/SHA256SUMS"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(what_is_as_it_was_is_left_alone),
		IN_LAB(new_files_are_added),
		IN_LAB(a_directory_that_is_too_deep_is_told),
		IN_LAB(a_file_that_moved_is_the_same_medium),
		IN_LAB(one_that_is_missing_is_marked_and_comes_back),
		IN_LAB(another_file_in_its_place_is_a_change),
		IN_LAB(a_file_that_became_empty_is_a_change),
		IN_LAB(what_is_no_file_any_more_is_missing),
		IN_LAB(a_directory_in_its_place_does_not_keep_it_from_having_moved),
		IN_LAB(a_link_to_a_file_of_a_pool_is_one),
		IN_LAB(a_verification_says_what_is_in_its_place),
		IN_LAB(links_lead_nowhere),
		IN_LAB(what_is_refused_is_named),
		IN_LAB(not_all_that_is_refused_is_kept),
		IN_LAB(what_is_refused_again_is_not_said_again),
		IN_LAB(what_is_no_pool_is_not_scanned),
		IN_LAB(a_pool_that_is_away_loses_nothing),
	};
	return cmocka_run_group_tests_name("library/scan", tests, NULL, NULL);
}
