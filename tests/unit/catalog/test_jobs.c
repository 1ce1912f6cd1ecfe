/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/jobs.h"

#include "support.h"

#include <stdio.h>

#include "fixture.h"

/* Too large for a stack of its own in each test. */
static struct catalog_job job, found;

static int64_t add(struct fixture *f, const char *kind)
{
	memset(&job, 0, sizeof job);
	strcpy(job.kind, kind);
	strcpy(job.actor, "uid:7");
	strcpy(job.parameters, "{\"path\":\"/srv\"}");
	assert_true(catalog_job_add(f->catalog, &job, &f->error));
	return job.id;
}

static void finish(struct fixture *f, int64_t id, const char *state)
{
	assert_true(catalog_job_find(f->catalog, id, &job, &f->error));
	strcpy(job.state, state);
	job.ended = 1000 + id;
	assert_true(catalog_job_update(f->catalog, &job, &f->error));
}

static bool keep_id(void *context, const struct catalog_job *row)
{
	size_t length = strlen(context);
	snprintf((char *)context + length, 64 - length, "%lld ", (long long)row->id);
	return true;
}

static const char *list(struct fixture *f, const char *state, int64_t before, unsigned limit)
{
	static char ids[64];
	ids[0] = '\0';
	assert_true(catalog_jobs_list(f->catalog, state, before, limit, keep_id, ids, &f->error));
	return ids;
}

static void a_job_comes_back_as_it_was_asked_for(void **state)
{
	struct fixture *f = *state;
	int64_t id = add(f, "import");
	assert_true(catalog_job_find(f->catalog, id, &found, &f->error));
	assert_string_equal(found.kind, "import");
	assert_string_equal(found.state, "queued");
	assert_string_equal(found.actor, "uid:7");
	assert_string_equal(found.parameters, "{\"path\":\"/srv\"}");
	assert_true(found.created > 0);
	struct catalog_event event = newest_event(f);
	assert_string_equal(event.verb, "job-queued");
	assert_string_equal(event.subject_kind, "job");
	assert_string_equal(event.subject, "1");
}

static void the_last_job_of_an_upload_is_found(void **state)
{
	static struct catalog_job its;
	int64_t last = 0;
	struct fixture *f = *state;
	for (unsigned i = 0; i < 2; i++) {
		add(f, "import");
		its = (struct catalog_job){.kind = "upload", .upload = "0123"};
		assert_true(catalog_job_add(f->catalog, &its, &f->error));
		last = its.id;
	}
	assert_true(catalog_job_of_upload(f->catalog, "0123", &its, &f->error));
	assert_int_equal(its.id, last);
	assert_false(catalog_job_of_upload(f->catalog, "", &its, &f->error));
	assert_int_equal(f->error.code, ERROR_JOB_NOT_FOUND);
}

static void what_came_of_it_is_kept(void **state)
{
	struct fixture *f = *state;
	int64_t id = add(f, "verify");
	assert_true(catalog_job_find(f->catalog, id, &job, &f->error));
	strcpy(job.state, "failed");
	strcpy(job.result, "{\"read\":7}");
	strcpy(job.error, "digest_mismatch");
	strcpy(job.sentence, "the file rots");
	strcpy(job.remedy, "Restore it.");
	job.started = 5;
	job.ended = 6;
	job.done = UINT64_C(1) << 50;
	job.total = UINT64_C(1) << 51;
	assert_true(catalog_job_update(f->catalog, &job, &f->error));
	assert_true(catalog_job_find(f->catalog, id, &found, &f->error));
	assert_memory_equal(&found, &job, sizeof job);
	assert_string_equal(newest_event(f).verb, "job-failed");
	int64_t event = newest_event(f).id;
	job.done++;
	assert_true(catalog_job_update(f->catalog, &job, &f->error));
	assert_int_equal(newest_event(f).id, event);
}

static void the_newest_come_first_page_by_page(void **state)
{
	struct fixture *f = *state;
	for (unsigned i = 0; i < 4; i++)
		add(f, "scan");
	finish(f, 2, "succeeded");
	assert_string_equal(list(f, NULL, 0, 2), "4 3 ");
	assert_string_equal(list(f, NULL, 3, 9), "2 1 ");
	assert_string_equal(list(f, "queued", 0, 9), "4 3 1 ");
	assert_string_equal(list(f, "succeeded", 0, 9), "2 ");
}

static void what_has_not_ended_is_gone_on_with_oldest_first(void **state)
{
	struct fixture *f = *state;
	char ids[64] = "";
	for (unsigned i = 0; i < 4; i++)
		add(f, "scan");
	finish(f, 1, "cancelled");
	finish(f, 3, "running");
	assert_true(catalog_jobs_unfinished(f->catalog, keep_id, ids, &f->error));
	assert_string_equal(ids, "2 3 4 ");
}

static void old_ones_are_forgotten_but_for_some(void **state)
{
	struct fixture *f = *state;
	for (unsigned i = 0; i < 5; i++)
		add(f, "scan");
	finish(f, 1, "succeeded");
	finish(f, 2, "failed");
	finish(f, 4, "succeeded");
	finish(f, 5, "succeeded");
	assert_true(catalog_jobs_prune(f->catalog, 5000, 1, &f->error));
	assert_string_equal(list(f, NULL, 0, 9), "5 3 ");
}

static void one_that_is_not_there_is_not_found(void **state)
{
	struct fixture *f = *state;
	assert_false(catalog_job_find(f->catalog, 7, &found, &f->error));
	assert_int_equal(f->error.code, ERROR_JOB_NOT_FOUND);
	memset(&job, 0, sizeof job);
	job.id = 7;
	strcpy(job.state, "failed");
	assert_false(catalog_job_update(f->catalog, &job, &f->error));
	assert_int_equal(f->error.code, ERROR_JOB_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_job_comes_back_as_it_was_asked_for),
		TEST(the_last_job_of_an_upload_is_found),
		TEST(what_came_of_it_is_kept),
		TEST(the_newest_come_first_page_by_page),
		TEST(what_has_not_ended_is_gone_on_with_oldest_first),
		TEST(old_ones_are_forgotten_but_for_some),
		TEST(one_that_is_not_there_is_not_found),
	};
	return cmocka_run_group_tests_name("catalog/jobs", tests, NULL, NULL);
}
