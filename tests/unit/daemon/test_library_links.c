/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symbolic links that somebody who may write to a pool puts there between the look and the open. A
 * file outside the pool, with as many blocks as nothing else has, may never be opened.
 */
#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library_lab.h"
#include "util/cleanup.h"

enum { SECRET_BLOCKS = 333, ROUNDS = 150 };

static ino_t secret;
static struct file_store store;
static struct lab *store_lab;

static bool is_secret(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && st.st_ino == secret;
}

static int open_cartridge(const struct file_store *its, const char *path, bool writable)
{
	int fd = file_store_resolved.open(its, path, writable);
	SCOPED_LOCK(&store_lab->lock);
	store_lab->trespasses += fd >= 0 && is_secret(fd);
	return fd;
}

static const char *outside(const struct lab *lab, const char *name)
{
	static char path[PATH_MAX + 64];
	snprintf(path, sizeof path, "%s/outside%s%s", lab->directory, name[0] ? "/" : "", name);
	return path;
}

/*
 * In the pool: file.iso, and file.link to the secret; below/file.iso, and below.link to where the
 * secret is called file.iso, too.
 */
static int setup(void **state)
{
	struct stat st;
	if (lab_setup(state) != 0)
		return -1;
	struct lab *lab = *state;
	lab_stop(lab);
	store = file_store_resolved;
	store.open = open_cartridge;
	store_lab = lab;
	lab->config.store = &store;
	lab_start(lab);
	assert_int_equal(mkdir(outside(lab, ""), 0700), 0);
	assert_int_equal(mkdir(lab_path(lab, "below"), 0700), 0);
	lab_image(lab, "file.iso", LAB_BLOCKS);
	lab_image(lab, "below/file.iso", LAB_BLOCKS);
	assert_int_equal(
		rename(lab_image(lab, "secret", SECRET_BLOCKS), outside(lab, "file.iso")), 0);
	assert_int_equal(stat(outside(lab, "file.iso"), &st), 0);
	secret = st.st_ino;
	assert_int_equal(symlink(outside(lab, "file.iso"), lab_path(lab, "file.link")), 0);
	assert_int_equal(symlink(outside(lab, ""), lab_path(lab, "below.link")), 0);
	lab->is_forbidden = is_secret;
	return 0;
}

#define WITH_LINKS(test) cmocka_unit_test_setup_teardown(test, setup, lab_teardown)

static void exchange(struct lab *lab, const char *a, const char *b)
{
	assert_int_equal(
		renameat2(AT_FDCWD, lab_path(lab, a), AT_FDCWD, lab_path(lab, b), RENAME_EXCHANGE),
		0);
}

static unsigned trespasses(struct lab *lab)
{
	SCOPED_LOCK(&lab->lock);
	return lab->trespasses;
}

static void assert_nothing_is_known_of_it(struct lab *lab)
{
	char sql[2 * PATH_MAX];
	assert_int_equal(trespasses(lab), 0);
	snprintf(sql, sizeof sql, "SELECT count(*) FROM media WHERE size = %u",
		SECRET_BLOCKS * 2048);
	assert_int_equal(lab_number(lab, sql), 0);
	snprintf(sql, sizeof sql, "SELECT count(*) FROM media WHERE path LIKE '%s%%'",
		outside(lab, ""));
	assert_int_equal(lab_number(lab, sql), 0);
}

/* ---- at the one moment ----------------------------------------------------------------------- */

static void add_while_swapped(struct lab *lab, const char *file, const char *a, const char *b)
{
	lab_hold_opens(lab, true);
	struct operation *adding = begin_add(lab, lab_path(lab, file), "");
	lab_await_held(lab, 1);
	exchange(lab, a, b);
	lab_hold_opens(lab, false);
	const struct library_result *result = answer_of(adding);
	assert_error(result, ERROR_FILE_UNREADABLE);
	assert_non_null(strstr(result->error.sentence, "symbolic link"));
	assert_nothing_is_known_of_it(lab);
	exchange(lab, a, b);
	assert_ok(add(lab, lab_path(lab, file), ""));
}

static void a_link_in_place_of_the_file_is_not_followed(void **state)
{
	add_while_swapped(*state, "file.iso", "file.iso", "file.link");
}

static void a_link_in_place_of_its_directory_is_not_followed(void **state)
{
	add_while_swapped(*state, "below/file.iso", "below", "below.link");
}

static void import_while_swapped(struct lab *lab, bool copy)
{
	struct library_import wanted = {.copy = copy};
	snprintf(wanted.path, sizeof wanted.path, "%s", lab_path(lab, "below/file.iso"));
	lab_hold_opens(lab, true);
	const struct library_result *begun = answer_of(begin_import(lab, &wanted));
	lab_await_held(lab, 1);
	exchange(lab, "below", "below.link");
	lab_hold_opens(lab, false);
	const struct library_job *job = await_job(lab, begun);
	assert_string_equal(job->state, "failed");
	assert_nothing_is_known_of_it(lab);
}

static void an_import_follows_none(void **state)
{
	import_while_swapped(*state, false);
}

static void a_copy_follows_none(void **state)
{
	import_while_swapped(*state, true);
}

/* ---- copies: where they go ------------------------------------------------------------------- */

static void a_copy_does_not_leave_the_pool(void **state)
{
	struct lab *lab = *state;
	struct library_import wanted = {.copy = true};
	snprintf(wanted.path, sizeof wanted.path, "%s", lab_path(lab, "file.iso"));
	snprintf(wanted.pool, sizeof wanted.pool, "%s", lab_path(lab, "below"));
	lab_hold_reads(lab, true);
	const struct library_result *begun = answer_of(begin_import(lab, &wanted));
	lab_await_held(lab, 1);
	exchange(lab, "below", "below.link");
	lab_hold_reads(lab, false);
	await_job(lab, begun);
	assert_int_equal(unlink(outside(lab, "file.iso")), 0);
	assert_int_equal(rmdir(outside(lab, "")), 0); /* nothing else was in it */
	assert_nothing_is_known_of_it(lab);
}

static void an_import_says_nothing_of_directories_elsewhere(void **state)
{
	struct lab *lab = *state;
	struct library_import wanted = {0};
	assert_true(realpath(outside(lab, ""), wanted.path));
	const struct library_job *job = import(lab, &wanted);
	assert_string_equal(job->error, error_code_name(ERROR_FILE_OUTSIDE_POOLS));
	assert_null(strstr(job->result, "file.iso"));
}

/* ---- thousands of times ---------------------------------------------------------------------- */

struct swapper {
	struct lab *lab;
	_Atomic bool stop;
	unsigned swaps;
};

static void *swap(void *context)
{
	struct swapper *swapper = context;
	char paths[4][PATH_MAX + 16];
	static const char *const names[] = {"file.iso", "file.link", "below", "below.link"};
	for (unsigned i = 0; i < 4; i++)
		snprintf(paths[i], sizeof paths[i], "%s/%s", swapper->lab->media_dir, names[i]);
	for (; !atomic_load(&swapper->stop); swapper->swaps++) {
		renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE);
		renameat2(AT_FDCWD, paths[2], AT_FDCWD, paths[3], RENAME_EXCHANGE);
	}
	return NULL;
}

static void try_everything(struct lab *lab, const char *path)
{
	struct library_import wanted = {0};
	snprintf(wanted.path, sizeof wanted.path, "%s", path);
	struct operation *operations[] = {begin_add(lab, path, ""), begin_import(lab, &wanted),
		begin_scan(lab, ""), begin_content(lab, "file"),
		begin_load(lab, "dvd0", "file", REPLACE)};
	for (unsigned i = 0; i < sizeof operations / sizeof *operations; i++)
		answer_of(operations[i]);
}

static void nothing_is_read_of_it_however_often_links_come_and_go(void **state)
{
	struct lab *lab = *state;
	struct swapper swapper = {.lab = lab};
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, swap, &swapper), 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		try_everything(lab, lab_path(lab, "file.iso"));
		try_everything(lab, lab_path(lab, "below/file.iso"));
	}
	atomic_store(&swapper.stop, true);
	pthread_join(thread, NULL);
	assert_true(swapper.swaps > ROUNDS);
	assert_nothing_is_known_of_it(lab);
}

/* ---- links of the operator's ----------------------------------------------------------------- */

static void a_pool_that_was_moved_behind_a_link_serves_what_it_did(void **state)
{
	struct lab *lab = *state;
	char moved[PATH_MAX + 16];
	assert_ok(add(lab, lab_path(lab, "below/file.iso"), ""));
	snprintf(moved, sizeof moved, "%s/moved", lab->directory);
	assert_int_equal(rename(lab->media_dir, moved), 0);
	assert_int_equal(symlink("moved", lab->media_dir), 0);
	assert_ok(load(lab, "dvd0", "file", 0));
	assert_string_equal(verify(lab, "file")->state, "succeeded");
	struct library_medium medium = see_medium(lab, "file");
	assert_string_equal(medium.verify_result, "ok");
	assert_ok(answer_of(begin_content(lab, "file")));
	lab_restart(lab);
	settle(lab, "dvd0");
	assert_good(host_reads(lab, "dvd0", 0, 1));
	assert_int_equal(unlink(lab->media_dir), 0);
	assert_int_equal(rename(moved, lab->media_dir), 0);
}

/* An identity would not do for tapes, whose files change with every use. */
static void a_row_does_not_lead_out_of_the_pool(void **state)
{
	struct lab *lab = *state;
	assert_ok(add(lab, lab_path(lab, "below/file.iso"), ""));
	exchange(lab, "below", "below.link");
	assert_error(load(lab, "dvd0", "file", 0), ERROR_FILE_OUTSIDE_POOLS);
	verify(lab, "file");
	assert_nothing_is_known_of_it(lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_LINKS(a_link_in_place_of_the_file_is_not_followed),
		WITH_LINKS(a_link_in_place_of_its_directory_is_not_followed),
		WITH_LINKS(an_import_follows_none),
		WITH_LINKS(a_copy_follows_none),
		WITH_LINKS(a_copy_does_not_leave_the_pool),
		WITH_LINKS(an_import_says_nothing_of_directories_elsewhere),
		WITH_LINKS(nothing_is_read_of_it_however_often_links_come_and_go),
		WITH_LINKS(a_pool_that_was_moved_behind_a_link_serves_what_it_did),
		WITH_LINKS(a_row_does_not_lead_out_of_the_pool),
	};
	return cmocka_run_group_tests_name("daemon/library_links", tests, NULL, NULL);
}
