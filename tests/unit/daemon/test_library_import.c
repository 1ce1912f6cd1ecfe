/* SPDX-License-Identifier: Apache-2.0 */
/* Imports: digests, copies, and files that change meanwhile. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library_lab.h"
#include "util/cleanup.h"

/* What coreutils says. */
static const char *digest_of(const char *path)
{
	static char line[128];
	char command[PATH_MAX + 16];
	snprintf(command, sizeof command, "sha256sum '%s'", path);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_non_null(fgets(line, sizeof line, pipe));
	pclose(pipe);
	line[64] = '\0';
	return line;
}

static struct library_import of(const char *path)
{
	struct library_import wanted = {0};
	snprintf(wanted.path, sizeof wanted.path, "%s", path);
	return wanted;
}

static void assert_succeeded(const struct library_job *job)
{
	if (strcmp(job->state, "succeeded") != 0)
		fail_msg("%s: %s", job->state, job->sentence);
}

static void assert_failed(const struct library_job *job, enum error_code code)
{
	assert_string_equal(job->state, "failed");
	assert_string_equal(job->error, error_code_name(code));
	assert_true(job->sentence[0]);
}

static void an_imported_file_has_its_digest(void **state)
{
	struct lab *lab = *state;
	const char *path = lab_image(lab, "debian-12.iso", 4096);
	const struct library_import wanted = of(path);
	const struct library_job *job = import(lab, &wanted);
	assert_succeeded(job);
	assert_true(job->done == 4096 * 2048 && job->total == job->done);
	assert_true(job->started >= job->created && job->ended >= job->started);
	assert_non_null(strstr(job->result, "debian-12"));
	struct library_medium medium = see_medium(lab, "debian-12");
	assert_string_equal(medium.sha256, digest_of(path));
	assert_string_equal(medium.verify_result, "ok");
	assert_false(medium.owned);
}

static void it_is_known_what_is_in_it(void **state)
{
	struct lab *lab = *state;
	_cleanup_free_ char *details = NULL;
	struct error error = {0};
	const struct library_import wanted =
		of(lab_image(lab, "debian-12.8.0-amd64-netinst.iso", 64));
	assert_succeeded(import(lab, &wanted));
	const char id[] = "debian-12.8.0-amd64-netinst";
	assert_true(library_medium_details(lab->library, id, &details, &error));
	assert_non_null(strstr(details, "\"volume_id\":\"VOLUME\""));
	assert_non_null(strstr(details, "\"evidence\":\"file-name\""));
	assert_non_null(strstr(see_medium(lab, id).os, "debian12"));
}

/* What is found out while it lies in a drive is seen there, too. */
static void a_drive_shows_what_is_known_of_its_medium(void **state)
{
	struct lab *lab = *state;
	const char *path = lab_image(lab, "debian-12.8.0-amd64-netinst.iso", 64);
	const char id[] = "debian-12.8.0-amd64-netinst";
	const struct library_import wanted = of(path);
	assert_ok(add(lab, path, ""));
	assert_ok(load(lab, "dvd0", id, 0));
	assert_string_equal(see_drive(lab, "dvd0").medium.sha256, "");
	assert_succeeded(import(lab, &wanted));
	assert_string_equal(see_drive(lab, "dvd0").medium.sha256, digest_of(path));
	assert_non_null(strstr(see_drive(lab, "dvd0").medium.os, "debian12"));
	assert_int_equal(unlink(path), 0);
	assert_string_equal(scan(lab, "")->state, "succeeded");
	assert_string_equal(see_drive(lab, "dvd0").medium.state, "missing");
}

static void the_digest_that_was_said_is_checked(void **state)
{
	struct lab *lab = *state;
	const char *path = lab_image(lab, "x.iso", 32);
	struct library_import wanted = of(path);
	snprintf(wanted.sha256, sizeof wanted.sha256, "%.64s", digest_of(path));
	wanted.sha256[0] = wanted.sha256[0] == '0' ? '1' : '0';
	assert_failed(import(lab, &wanted), ERROR_DIGEST);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media WHERE id = 'x'"), 0);
	snprintf(wanted.sha256, sizeof wanted.sha256, "%.64s", digest_of(path));
	assert_succeeded(import(lab, &wanted));
}

static void doubles_are_told(void **state)
{
	struct lab *lab = *state;
	struct library_import wanted = of(lab_image(lab, "one.iso", 32));
	assert_succeeded(import(lab, &wanted));
	wanted = of(lab_image(lab, "two.iso", 32));
	const struct library_job *job = import(lab, &wanted);
	assert_succeeded(job);
	assert_non_null(strstr(job->result, "\"duplicate_of\":\"one\""));
}

static const char *outside(struct lab *lab, const char *name, uint32_t blocks)
{
	static char path[PATH_MAX], directory[PATH_MAX];
	snprintf(directory, sizeof directory, "%.3000s/away", lab->directory);
	snprintf(path, sizeof path, "%.3000s/%s", directory, name);
	mkdir(directory, 0755);
	assert_int_equal(rename(lab_image(lab, name, blocks), path), 0);
	return path;
}

/* A library that may copy from there. */
static void open_outside(struct lab *lab)
{
	static char directory[PATH_MAX];
	static const char *from[] = {directory, NULL};
	snprintf(directory, sizeof directory, "%.3000s/away", lab->directory);
	lab_stop(lab);
	lab->config.copy_from = from;
	lab_start(lab);
}

static void nothing_is_copied_from_just_anywhere(void **state)
{
	struct lab *lab = *state;
	struct library_import wanted = of(outside(lab, "far.iso", 70));
	wanted.copy = true;
	assert_failed(import(lab, &wanted), ERROR_FILE_OUTSIDE_POOLS);
	open_outside(lab);
	assert_int_equal(symlink("/etc/hostname", lab_path(lab, "link.iso")), 0);
	wanted = of(lab_path(lab, "link.iso"));
	wanted.copy = true;
	assert_failed(import(lab, &wanted), ERROR_FILE_OUTSIDE_POOLS);
}

static void a_copy_is_in_the_pool_and_the_librarys_own(void **state)
{
	struct lab *lab = *state;
	const char *path = outside(lab, "far.iso", 700);
	open_outside(lab);
	struct library_import wanted = of(path);
	wanted.copy = true;
	assert_succeeded(import(lab, &wanted));
	struct library_medium medium = see_medium(lab, "far");
	assert_string_equal(medium.path, lab_path(lab, "far.iso"));
	assert_true(medium.owned);
	assert_string_equal(digest_of(medium.path), digest_of(path));
	assert_string_equal(medium.sha256, digest_of(path));
	assert_ok(load(lab, "dvd0", "far", 0));
}

static void a_copy_takes_no_other_files_name(void **state)
{
	struct lab *lab = *state;
	const char *path = outside(lab, "far.iso", 70);
	struct stat st;
	open_outside(lab);
	lab_image(lab, "far.iso", 33);
	struct library_import wanted = of(path);
	wanted.copy = true;
	assert_succeeded(import(lab, &wanted));
	assert_int_equal(stat(lab_path(lab, "far.iso"), &st), 0);
	assert_int_equal(st.st_size, 33 * 2048);
	assert_string_equal(see_medium(lab, "far-2").path, lab_path(lab, "far-2.iso"));
}

static unsigned files_in_pool(struct lab *lab)
{
	char command[PATH_MAX + 32], line[32];
	snprintf(command, sizeof command, "ls -A '%s' | wc -l", lab->media_dir);
	FILE *pipe = popen(command, "r");
	assert_non_null(fgets(line, sizeof line, pipe));
	pclose(pipe);
	return (unsigned)atoi(line);
}

static void a_copy_that_comes_to_nothing_leaves_nothing(void **state)
{
	struct lab *lab = *state;
	struct library_import wanted = of(outside(lab, "far.iso", 70));
	unsigned before = files_in_pool(lab);
	open_outside(lab);
	wanted.copy = true;
	memset(wanted.sha256, '0', 64);
	assert_failed(import(lab, &wanted), ERROR_DIGEST);
	assert_int_equal(files_in_pool(lab), before);
	wanted.sha256[0] = '\0';
	snprintf(wanted.id, sizeof wanted.id, "Not An Id");
	assert_failed(import(lab, &wanted), ERROR_INVALID);
	assert_int_equal(files_in_pool(lab), before);
}

/* It is read again, and is another one then: too short for the volume in it. */
static void a_file_that_is_cut_meanwhile_is_not_imported(void **state)
{
	struct lab *lab = *state;
	const char *path = lab_image(lab, "x.iso", 2048);
	const struct library_import wanted = of(path);
	lab_hold_reads(lab, true);
	struct operation *begun = begin_import(lab, &wanted);
	assert_ok(answer_of(begun));
	lab_await_held(lab, 1);
	assert_int_equal(truncate(path, 2047 * 2048), 0);
	lab_hold_reads(lab, false);
	assert_failed(await_job(lab, answer_of(begun)), ERROR_IMAGE_TRUNCATED);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media WHERE id = 'x'"), 0);
}

static void a_directory_is_imported_with_what_can_be(void **state)
{
	struct lab *lab = *state;
	lab_image(lab, "one.iso", 32);
	lab_image(lab, "two.iso", 64);
	FILE *file = fopen(lab_path(lab, "readme.txt"), "w");
	fputs("no image", file);
	fclose(file);
	const struct library_import wanted = of(lab->media_dir);
	const struct library_job *job = import(lab, &wanted);
	assert_succeeded(job);
	assert_non_null(strstr(job->result, "readme.txt"));
	assert_non_null(strstr(job->result, "\"remedy\":\"Give an image"));
	assert_true(see_medium(lab, "one").sha256[0] && see_medium(lab, "two").sha256[0]);
	assert_true(see_medium(lab, "a").sha256[0]);
}

static void add_numbered(struct lab *lab, int number, bool is_image)
{
	char name[32];
	snprintf(name, sizeof name, is_image ? "disc-%03d.iso" : "text-%03d.txt", number);
	if (is_image) {
		lab_image(lab, name, 32);
		return;
	}
	FILE *file = fopen(lab_path(lab, name), "w");
	fputs("no image", file);
	fclose(file);
}

static void what_was_refused_is_told_however_much_was_imported(void **state)
{
	struct lab *lab = *state;
	for (int i = 0; i < 150; i++)
		add_numbered(lab, i, true);
	for (int i = 0; i < 100; i++)
		add_numbered(lab, i, false);
	const struct library_import wanted = of(lab->media_dir);
	const struct library_job *job = import(lab, &wanted);
	assert_succeeded(job);
	assert_non_null(strstr(job->result, "\"refused\":100"));
	assert_non_null(strstr(job->result, "\"added\":150"));
	assert_non_null(strstr(job->result, "text-000.txt is in no known image format"));
	assert_null(strstr(job->result, "text-099.txt"));
}

static void what_is_not_there_fails(void **state)
{
	struct lab *lab = *state;
	struct library_import wanted = of(lab_path(lab, "nothing.iso"));
	assert_failed(import(lab, &wanted), ERROR_FILE_MISSING);
	wanted = of("/etc/hostname");
	assert_failed(import(lab, &wanted), ERROR_FILE_OUTSIDE_POOLS);
	wanted = of("relative.iso");
	assert_failed(import(lab, &wanted), ERROR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(an_imported_file_has_its_digest),
		IN_LAB(it_is_known_what_is_in_it),
		IN_LAB(a_drive_shows_what_is_known_of_its_medium),
		IN_LAB(the_digest_that_was_said_is_checked),
		IN_LAB(doubles_are_told),
		IN_LAB(nothing_is_copied_from_just_anywhere),
		IN_LAB(a_copy_is_in_the_pool_and_the_librarys_own),
		IN_LAB(a_copy_takes_no_other_files_name),
		IN_LAB(a_copy_that_comes_to_nothing_leaves_nothing),
		IN_LAB(a_file_that_is_cut_meanwhile_is_not_imported),
		IN_LAB(a_directory_is_imported_with_what_can_be),
		IN_LAB(what_was_refused_is_told_however_much_was_imported),
		IN_LAB(what_is_not_there_fails),
	};
	return cmocka_run_group_tests_name("library/import", tests, NULL, NULL);
}
