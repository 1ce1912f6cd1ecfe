/* SPDX-License-Identifier: Apache-2.0 */
/* What happens in the pools is noticed, whoever did it. */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/pools.h"
#include "library_lab.h"

enum { SETTLE_MS = 300, PATIENCE_MS = 60000, MANY = 300 };

static void watch_as(struct lab *lab, const struct pool_watch_settings *settings)
{
	lab_stop(lab);
	lab->config.watch = *settings;
	lab->config.watch.settle_ms = SETTLE_MS;
	lab_start(lab);
}

/* All is quiet: the scan after the start is over. */
static void watch(struct lab *lab)
{
	watch_as(lab, &(struct pool_watch_settings){.notify = true, .auto_import = true});
	for (unsigned i = 0; lab_number(lab, "SELECT count(*) FROM jobs WHERE ended > 0") == 0; i++)
		if (i > PATIENCE_MS / 20)
			fail_msg("there was no scan after the start");
		else
			sleep_ms(20);
}

static void await_number(struct lab *lab, const char *sql, int64_t wanted)
{
	int64_t is = -1;
	for (unsigned ms = 0; ms < PATIENCE_MS; ms += 20) {
		is = lab_number(lab, sql);
		if (is == wanted)
			return;
		sleep_ms(20);
	}
	fail_msg("%s: %lld, not %lld", sql, (long long)is, (long long)wanted);
}

#define MEDIA "SELECT count(*) FROM media"
#define JOBS  "SELECT count(*) FROM jobs"

static void a_new_image_is_added_by_the_watch(void **state)
{
	struct lab *lab = *state;
	watch(lab);
	lab_image(lab, "new.iso", 32);
	await_number(lab, MEDIA " WHERE id = 'new'", 1);
	await_number(lab,
		"SELECT count(*) FROM history WHERE actor = 'pool watch' AND verb = "
		"'job-succeeded'",
		2);
}

static void one_that_is_missing_is_marked_by_the_watch(void **state)
{
	struct lab *lab = *state;
	watch(lab);
	assert_int_equal(unlink(lab_path(lab, "a.iso")), 0);
	await_number(lab, MEDIA " WHERE state = 'missing'", 1);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM history WHERE verb = "
					 "'media-missing' AND actor = 'pool watch'"),
		1);
}

/* However slow the writer, and whatever else comes meanwhile. */
static void a_file_is_taken_when_it_was_closed(void **state)
{
	struct lab *lab = *state;
	char image[32 * 2048];
	watch(lab);
	int from = open(lab_image(lab, ".whole.iso", 32), O_RDONLY);
	assert_int_equal(read(from, image, sizeof image), sizeof image);
	close(from);
	int fd = open(lab_path(lab, "slow.iso"), O_WRONLY | O_CREAT, 0644);
	assert_int_equal(write(fd, image, 20 * 2048), 20 * 2048);
	sleep_ms(3 * SETTLE_MS);
	lab_image(lab, "other.iso", 32);
	await_number(lab, MEDIA " WHERE id = 'other'", 1);
	assert_int_equal(lab_number(lab, MEDIA " WHERE id = 'slow'"), 0);
	assert_int_equal(write(fd, image + 20 * 2048, 12 * 2048), 12 * 2048);
	close(fd);
	await_number(lab, MEDIA " WHERE id = 'slow' AND state = 'ok'", 1);
	assert_int_equal(see_medium(lab, "slow").size, 32 * 2048);
}

/* As rsync does it. */
static void a_file_that_gets_its_name_at_the_end_is_taken(void **state)
{
	struct lab *lab = *state;
	watch(lab);
	const char *hidden = lab_image(lab, ".sync.iso.X7aQ", 32);
	sleep_ms(3 * SETTLE_MS);
	assert_int_equal(lab_number(lab, JOBS), 1);
	assert_int_equal(rename(hidden, lab_path(lab, "sync.iso")), 0);
	await_number(lab, MEDIA " WHERE id = 'sync'", 1);
}

/* They are made elsewhere, so that they come at once, however long making them takes. */
static void many_files_are_few_scans(void **state)
{
	struct lab *lab = *state;
	char name[64], away[PATH_MAX + 64];
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "many-%03u.iso", i);
		snprintf(away, sizeof away, "%s/%s", lab->directory, name);
		assert_int_equal(rename(lab_image(lab, name, 32), away), 0);
	}
	watch(lab);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "many-%03u.iso", i);
		snprintf(away, sizeof away, "%s/%s", lab->directory, name);
		assert_int_equal(rename(away, lab_path(lab, name)), 0);
	}
	await_number(lab, MEDIA, 3 + MANY);
	assert_in_range(lab_number(lab, JOBS), 2, 6);
}

static void directories_that_move_take_their_media_with_them(void **state)
{
	struct lab *lab = *state;
	char from[PATH_MAX], to[PATH_MAX];
	watch(lab);
	snprintf(from, sizeof from, "%.4000s/shelf", lab->media_dir);
	snprintf(to, sizeof to, "%.4000s/rack", lab->media_dir);
	assert_int_equal(mkdir(from, 0755), 0);
	lab_image(lab, "shelf/deep.iso", 32);
	await_number(lab, MEDIA " WHERE id = 'deep'", 1);
	assert_int_equal(rename(from, to), 0);
	await_number(lab, MEDIA " WHERE id = 'deep' AND path LIKE '%/rack/deep.iso'", 1);
	lab_image(lab, "rack/later.iso", 32);
	await_number(lab, MEDIA " WHERE id = 'later'", 1);
	assert_int_equal(unlink(lab_path(lab, "rack/deep.iso")), 0);
	assert_int_equal(unlink(lab_path(lab, "rack/later.iso")), 0);
	assert_int_equal(rmdir(to), 0);
	await_number(lab, MEDIA " WHERE state = 'missing'", 2);
	assert_int_equal(lab_number(lab, MEDIA), 5);
}

/* A whole directory out of the pool and in again. */
static void a_directory_that_left_is_missing_and_comes_back(void **state)
{
	struct lab *lab = *state;
	char inside[PATH_MAX], outside[PATH_MAX];
	watch(lab);
	snprintf(inside, sizeof inside, "%.4000s/shelf", lab->media_dir);
	snprintf(outside, sizeof outside, "%.4000s/shelf", lab->directory);
	assert_int_equal(mkdir(inside, 0755), 0);
	lab_image(lab, "shelf/deep.iso", 32);
	await_number(lab, MEDIA " WHERE id = 'deep'", 1);
	assert_int_equal(rename(inside, outside), 0);
	await_number(lab, MEDIA " WHERE id = 'deep' AND state = 'missing'", 1);
	assert_int_equal(rename(outside, inside), 0);
	await_number(lab, MEDIA " WHERE id = 'deep' AND state = 'ok'", 1);
}

static void a_pool_may_go_and_come_back(void **state)
{
	struct lab *lab = *state;
	char away[PATH_MAX + 8];
	struct library_pool pool;
	watch(lab);
	snprintf(away, sizeof away, "%s.away", lab->media_dir);
	assert_int_equal(rename(lab->media_dir, away), 0);
	do {
		assert_true(library_pool_at(lab->library, 0, &pool));
		sleep_ms(20);
	} while (strcmp(pool.watch, "absent") != 0);
	sleep_ms(3 * SETTLE_MS);
	assert_int_equal(lab_number(lab, MEDIA " WHERE state <> 'ok'"), 0);
	assert_int_equal(rename(away, lab->media_dir), 0);
	do {
		assert_true(library_pool_at(lab->library, 0, &pool));
		sleep_ms(20);
	} while (strcmp(pool.watch, "watched") != 0);
	lab_image(lab, "new.iso", 32);
	await_number(lab, MEDIA " WHERE id = 'new'", 1);
}

static void nothing_is_added_unless_that_is_wanted(void **state)
{
	struct lab *lab = *state;
	watch_as(lab, &(struct pool_watch_settings){.notify = true});
	await_number(lab, JOBS " WHERE state = 'succeeded'", 1);
	lab_image(lab, "new.iso", 32);
	assert_int_equal(rename(lab_path(lab, "a.iso"), lab_path(lab, "z.iso")), 0);
	await_number(lab, MEDIA " WHERE id = 'a' AND path LIKE '%/z.iso'", 1);
	assert_int_equal(lab_number(lab, MEDIA), 3);
}

static void without_the_kernel_pools_are_looked_through_in_turn(void **state)
{
	struct lab *lab = *state;
	struct library_pool pool;
	watch_as(lab, &(struct pool_watch_settings){.rescan_s = 1, .auto_import = true});
	await_number(lab, JOBS " WHERE state = 'succeeded'", 1);
	lab_image(lab, "new.iso", 32);
	await_number(lab, MEDIA " WHERE id = 'new'", 1);
	assert_true(library_pool_at(lab->library, 0, &pool));
	assert_string_equal(pool.watch, "off");
	assert_int_equal(library_pool_rescan(lab->library), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(a_new_image_is_added_by_the_watch),
		IN_LAB(one_that_is_missing_is_marked_by_the_watch),
		IN_LAB(a_file_is_taken_when_it_was_closed),
		IN_LAB(a_file_that_gets_its_name_at_the_end_is_taken),
		IN_LAB(many_files_are_few_scans),
		IN_LAB(directories_that_move_take_their_media_with_them),
		IN_LAB(a_directory_that_left_is_missing_and_comes_back),
		IN_LAB(a_pool_may_go_and_come_back),
		IN_LAB(nothing_is_added_unless_that_is_wanted),
		IN_LAB(without_the_kernel_pools_are_looked_through_in_turn),
	};
	return cmocka_run_group_tests_name("library/pool-watch", tests, NULL, NULL);
}
