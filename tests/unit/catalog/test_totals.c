/* SPDX-License-Identifier: Apache-2.0 */
/* The totals are what counting all rows would say, whatever happens to them. */
#include "catalog/totals.h"

#include "support.h"

#include <stdio.h>

#include "catalog/jobs.h"
#include "database.h"
#include "fixture.h"

static bool append(void *context, const struct catalog_total *total)
{
	char *text = context;
	size_t length = strlen(text);
	snprintf(text + length, 512 - length, "%s %s %llu %llu %lld\n", total->kind, total->state,
		(unsigned long long)total->count, (unsigned long long)total->bytes,
		(long long)total->ended);
	return true;
}

static void assert_media(struct fixture *f, const char *wanted)
{
	char text[512] = "";
	assert_true(catalog_media_totals(f->catalog, append, text, &f->error));
	assert_string_equal(text, wanted);
}

static void assert_jobs(struct fixture *f, const char *wanted)
{
	char text[512] = "";
	assert_true(catalog_job_totals(f->catalog, append, text, &f->error));
	assert_string_equal(text, wanted);
}

static void add_sized(struct fixture *f, const char *id, uint64_t size)
{
	char path[64];
	snprintf(path, sizeof path, "/srv/%s.iso", id);
	struct catalog_medium medium = a_medium(id, path);
	medium.size = size;
	assert_true(catalog_medium_add(f->catalog, &medium, &f->error));
}

static void nothing_is_no_total(void **state)
{
	assert_media(*state, "");
	assert_jobs(*state, "");
}

static void media_are_counted_as_they_come_change_and_go(void **state)
{
	struct fixture *f = *state;
	add_sized(f, "a", 1000);
	add_sized(f, "b", 200);
	assert_media(f, "disc ok 2 1200 0\n");
	assert_true(catalog_medium_set_state(f->catalog, "a", "missing", "scan", &f->error));
	assert_media(f, "disc missing 1 1000 0\ndisc ok 1 200 0\n");
	assert_true(catalog_medium_remove(f->catalog, "b", &f->error));
	assert_true(catalog_medium_set_state(f->catalog, "a", "ok", "scan", &f->error));
	assert_media(f, "disc missing 0 0 0\ndisc ok 1 1000 0\n");
	add_tape(f, "ARC001L8");
	assert_media(f, "disc missing 0 0 0\ndisc ok 1 1000 0\ntape ok 1 1048576 0\n");
}

static void what_is_rolled_back_is_not_counted(void **state)
{
	struct fixture *f = *state;
	add_sized(f, "a", 1000);
	struct catalog_medium again = a_medium("b", "/srv/a.iso");
	assert_false(catalog_medium_add(f->catalog, &again, &f->error));
	assert_media(f, "disc ok 1 1000 0\n");
}

static void another_size_is_another_total(void **state)
{
	struct fixture *f = *state;
	add_sized(f, "a", 1000);
	fixture_sql(f, "UPDATE media SET size = 7");
	assert_media(f, "disc ok 1 7 0\n");
}

/* Too large for a stack. */
static struct catalog_job job;

static void add_job(struct fixture *f)
{
	memset(&job, 0, sizeof job);
	strcpy(job.kind, "scan");
	strcpy(job.actor, "uid:7");
	strcpy(job.parameters, "{}");
	assert_true(catalog_job_add(f->catalog, &job, &f->error));
}

static void end_job(struct fixture *f, int64_t id, const char *how, int64_t when)
{
	assert_true(catalog_job_find(f->catalog, id, &job, &f->error));
	strcpy(job.state, how);
	job.ended = when;
	assert_true(catalog_job_update(f->catalog, &job, &f->error));
}

static void jobs_are_counted_and_the_last_end_is_kept(void **state)
{
	struct fixture *f = *state;
	add_job(f);
	add_job(f);
	assert_jobs(f, "scan queued 2 0 0\n");
	end_job(f, 1, "succeeded", 2000);
	assert_jobs(f, "scan queued 1 0 0\nscan succeeded 1 0 2000\n");
	end_job(f, 2, "succeeded", 1500);
	assert_jobs(f, "scan queued 0 0 0\nscan succeeded 2 0 2000\n");
	assert_true(catalog_jobs_prune(f->catalog, 9999, 0, &f->error));
	assert_jobs(f, "scan queued 0 0 0\nscan succeeded 0 0 2000\n");
}

static void an_older_catalog_is_counted_once(void **state)
{
	struct fixture *f = *state;
	fixture_make_schema(f, 9);
	fixture_sql(f,
		"INSERT INTO media (id, path, kind, format, file_system, volume_id, size, profile, "
		"profile_override, device, inode, file_size, mtime_sec, mtime_nsec, fault, added) "
		"VALUES ('a', '/a', 'disc', 'iso', '', '', 5, 16, 0, 1, 2, 5, 0, 0, '', 1), "
		"('b', '/b', 'disc', 'iso', '', '', 6, 16, 0, 1, 3, 6, 0, 0, '', 1)");
	fixture_sql(f, "DELETE FROM media_text_stale");
	assert_non_null(fixture_reopen(f));
	assert_media(f, "disc ok 2 11 0\n");
}

#define TOTALS_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TOTALS_TEST(nothing_is_no_total),
		TOTALS_TEST(media_are_counted_as_they_come_change_and_go),
		TOTALS_TEST(what_is_rolled_back_is_not_counted),
		TOTALS_TEST(another_size_is_another_total),
		TOTALS_TEST(jobs_are_counted_and_the_last_end_is_kept),
		TOTALS_TEST(an_older_catalog_is_counted_once),
	};
	return cmocka_run_group_tests_name("catalog/totals", tests, NULL, NULL);
}
