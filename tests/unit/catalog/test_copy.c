/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

struct copying {
	struct fixture *f;
	unsigned steps, stop_after;
	char to[128];
};

static struct copying start(struct fixture *f)
{
	struct copying copying = {.f = f, .stop_after = 1000000};
	snprintf(copying.to, sizeof copying.to, "%s/copy.db", f->directory);
	return copying;
}

/* Somebody writes between any two steps. */
static bool disturb(void *context)
{
	struct copying *copying = context;
	char path[64];
	snprintf(path, sizeof path, "/srv/late-%u.iso", copying->steps);
	add_medium(copying->f, "", path);
	return ++copying->steps < copying->stop_after;
}

static void fill(struct fixture *f)
{
	fixture_sql(f,
		"WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) "
		"INSERT INTO media (id, path, kind, format, file_system, volume_id, size, profile, "
		"profile_override, device, inode, file_size, mtime_sec, mtime_nsec, fault, added) "
		"SELECT 'm' || i, '/srv/m' || i, 'disc', 'iso', 'udf', '', 1, 16, 0, 1, i, 1, 0, "
		"0, '', 0 FROM n");
}

static void a_copy_is_of_one_instant(void **state)
{
	struct fixture *f = *state;
	struct copying copying = start(f);
	struct catalog_media_count count;
	struct stat st;
	fill(f);
	assert_true(catalog_copy(f->path, copying.to, disturb, &copying, &f->error));
	assert_true(copying.steps > 1);
	assert_int_equal(stat(copying.to, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	struct catalog *copy = catalog_open(copying.to, &f->error);
	assert_non_null(copy);
	assert_true(catalog_media_count(copy, NULL, &count, &f->error));
	assert_int_equal(count.at_least, 10000);
	catalog_close(copy);
	unlink(copying.to);
}

static void a_copy_that_is_given_up_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct copying copying = start(f);
	fill(f);
	copying.stop_after = 1;
	assert_false(catalog_copy(f->path, copying.to, disturb, &copying, &f->error));
	assert_int_equal(f->error.code, ERROR_STOPPING);
	assert_int_not_equal(access(copying.to, F_OK), 0);
}

static void nothing_is_written_over(void **state)
{
	struct fixture *f = *state;
	assert_false(catalog_copy(f->path, f->path, NULL, NULL, &f->error));
	assert_int_equal(f->error.code, ERROR_EXISTS);
	assert_false(catalog_copy(f->path, "/nowhere/at/all", NULL, NULL, &f->error));
	assert_int_equal(f->error.code, ERROR_PERMISSION);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_copy_is_of_one_instant),
		TEST(a_copy_that_is_given_up_leaves_nothing),
		TEST(nothing_is_written_over),
	};
	return cmocka_run_group_tests_name("catalog/copy", tests, NULL, NULL);
}
