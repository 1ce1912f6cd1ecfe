/* SPDX-License-Identifier: Apache-2.0 */
/* The life of jobs, and verification. */
#include "support.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library_lab.h"

static struct library_import of(const char *path)
{
	struct library_import wanted = {0};
	snprintf(wanted.path, sizeof wanted.path, "%s", path);
	return wanted;
}

/* A job that reads until reads are let go. */
static int64_t begin_held(struct lab *lab)
{
	const struct library_import wanted = of(lab_image(lab, "held.iso", 2048));
	lab_hold_reads(lab, true);
	const struct library_result *result = answer_of(begin_import(lab, &wanted));
	assert_ok(result);
	lab_await_held(lab, 1);
	return result->job;
}

static void eventually(struct lab *lab, int64_t id, const char *job_state)
{
	for (unsigned i = 0; !job_is(lab, id, job_state); i++) {
		assert_true(i < LAB_PATIENCE_S * 200);
		sleep_ms(5);
	}
}

static void a_job_is_running_until_it_ends(void **state)
{
	struct lab *lab = *state;
	int64_t id = begin_held(lab);
	eventually(lab, id, "running");
	assert_int_equal(library_jobs_unfinished(lab->library), 1);
	assert_int_equal(see_job(lab, id)->ended, 0);
	assert_non_null(strstr(see_job(lab, id)->parameters, "held.iso"));
	lab_hold_reads(lab, false);
	eventually(lab, id, "succeeded");
}

static void count_commit(void *context)
{
	atomic_fetch_add((atomic_uint *)context, 1);
}

static void a_subscriber_hears_of_what_is_in_the_history(void **state)
{
	struct lab *lab = *state;
	atomic_uint commits = 0;
	int64_t before = 0, last = 0;
	assert_true(library_event_last(lab->library, &before, NULL));
	library_events_subscribe(lab->library, count_commit, &commits);
	int64_t id = begin_held(lab);
	for (unsigned i = 0; !atomic_load(&commits); i++) {
		assert_true(i < LAB_PATIENCE_S * 200);
		sleep_ms(5);
	}
	assert_true(library_event_last(lab->library, &last, NULL)); /* it can be read already */
	assert_true(last > before);
	library_events_subscribe(lab->library, NULL, NULL);
	unsigned heard = atomic_load(&commits);
	lab_hold_reads(lab, false);
	eventually(lab, id, "succeeded");
	assert_int_equal(atomic_load(&commits), heard);
}

static void one_that_is_cancelled_ends_soon(void **state)
{
	struct lab *lab = *state;
	int64_t id = begin_held(lab);
	assert_ok(answer_of(begin_cancel(lab, id)));
	lab_hold_reads(lab, false);
	eventually(lab, id, "cancelled");
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media WHERE id = 'held'"), 0);
	assert_error(answer_of(begin_cancel(lab, id)), ERROR_JOB_ENDED);
	assert_error(answer_of(begin_cancel(lab, 4711)), ERROR_JOB_NOT_FOUND);
}

static void one_that_is_queued_can_be_cancelled(void **state)
{
	struct lab *lab = *state;
	begin_held(lab);
	const struct library_import wanted = of(lab_path(lab, "held.iso"));
	assert_ok(answer_of(begin_import(lab, &wanted)));
	const struct library_result *third = answer_of(begin_import(lab, &wanted));
	assert_true(job_is(lab, third->job, "queued"));
	assert_ok(answer_of(begin_cancel(lab, third->job)));
	lab_hold_reads(lab, false);
	eventually(lab, third->job, "cancelled");
}

static void the_end_of_a_job_can_be_waited_for(void **state)
{
	struct lab *lab = *state;
	int64_t id = begin_held(lab);
	const struct library_result *result = answer_of(begin_await(lab, id, 50));
	assert_ok(result); /* it goes on */
	assert_int_equal(result->job, id);
	assert_int_equal(see_job(lab, id)->ended, 0);
	struct operation *waiting = begin_await(lab, id, 60000);
	lab_hold_reads(lab, false);
	assert_ok(answer_of(waiting));
	assert_string_equal(see_job(lab, id)->state, "succeeded");
	assert_ok(answer_of(begin_await(lab, id, 60000)));
	assert_error(answer_of(begin_await(lab, 4711, 60000)), ERROR_JOB_NOT_FOUND);
}

static void a_daemon_that_stops_lets_go_of_who_waits_for_a_job(void **state)
{
	struct lab *lab = *state;
	int64_t id = begin_held(lab);
	struct operation *waiting = begin_await(lab, id, 60000);
	lab_hold_reads(lab, false);
	lab_stop(lab);
	const struct library_result *result = answer_of(waiting);
	assert_true(result->ok || result->error.code == ERROR_STOPPING);
	lab_start(lab);
}

/* A daemon that stops does not wait for a job; the next one begins it again. */
static void a_job_outlives_the_daemon(void **state)
{
	struct lab *lab = *state;
	const struct library_import wanted = of(lab_image(lab, "long.iso", 40000));
	int64_t id = answer_of(begin_import(lab, &wanted))->job;
	lab_restart(lab);
	eventually(lab, id, "succeeded");
	assert_true(see_medium(lab, "long").sha256[0]);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM jobs"), 1);
}

static bool count_job(void *context, const struct library_job *job)
{
	++*(unsigned *)context;
	return true;
}

static void jobs_are_listed(void **state)
{
	struct lab *lab = *state;
	unsigned all = 0, failed = 0;
	struct error error;
	verify(lab, "a");
	verify(lab, "nothing");
	assert_true(library_jobs(lab->library, NULL, 0, 10, count_job, &all, &error));
	assert_true(library_jobs(lab->library, "failed", 0, 10, count_job, &failed, &error));
	assert_int_equal(all, 2);
	assert_int_equal(failed, 1);
}

/* ---- verification ------------------------------------------------------------------------------
 */

static void the_first_verification_learns_the_digest(void **state)
{
	struct lab *lab = *state;
	assert_string_equal(verify(lab, "a")->state, "succeeded");
	struct library_medium medium = see_medium(lab, "a");
	assert_int_equal(strlen(medium.sha256), 64);
	assert_true(medium.verified > 0);
	assert_string_equal(verify(lab, "a")->state, "succeeded");
}

/* Another byte, and the time of the file as before: nobody wrote to it, as far as anybody knows. */
static void rot(const char *path)
{
	struct stat st;
	int fd = open(path, O_WRONLY);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(pwrite(fd, "x", 1, 50000), 1);
	const struct timespec times[2] = {st.st_atim, st.st_mtim};
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static void rot_is_found(void **state)
{
	struct lab *lab = *state;
	verify(lab, "a");
	char before[65];
	strcpy(before, see_medium(lab, "a").sha256);
	rot(see_medium(lab, "a").path);
	const struct library_job *job = verify(lab, "a");
	assert_string_equal(job->state, "failed");
	assert_string_equal(job->error, "digest_mismatch");
	assert_non_null(strstr(job->result, "\"medium\":\"a\""));
	struct library_medium medium = see_medium(lab, "a");
	assert_string_equal(medium.verify_result, "mismatch");
	assert_string_equal(medium.state, "ok");
	assert_string_equal(medium.sha256, before);
	assert_true(medium.fault[0]);
}

static void another_file_is_not_rot(void **state)
{
	struct lab *lab = *state;
	verify(lab, "a");
	const char *path = lab_image(lab, "other.iso", 99);
	assert_int_equal(rename(path, see_medium(lab, "a").path), 0);
	assert_string_equal(verify(lab, "a")->state, "failed");
	assert_string_equal(see_medium(lab, "a").state, "changed");
	assert_string_equal(see_medium(lab, "a").fault, "");
}

static void all_discs_are_verified_whatever_one_is_like(void **state)
{
	struct lab *lab = *state;
	assert_int_equal(unlink(see_medium(lab, "b").path), 0);
	const struct library_job *job = verify(lab, "");
	assert_string_equal(job->state, "failed");
	assert_non_null(strstr(job->result, "\"ok\":2"));
	assert_non_null(strstr(job->result, "\"unreadable\":1"));
	assert_string_equal(see_medium(lab, "b").state, "missing");
	assert_string_equal(see_medium(lab, "c").verify_result, "ok");
}

static void one_that_is_forgotten_keeps_no_other_from_being_verified(void **state)
{
	struct lab *lab = *state;
	lab_hold_reads(lab, true);
	const struct library_result *begun = answer_of(begin_verify(lab, ""));
	assert_ok(begun);
	lab_await_held(lab, 1); /* "a" is read */
	assert_ok(forget(lab, "a"));
	lab_hold_reads(lab, false);
	const struct library_job *job = await_job(lab, begun);
	assert_string_equal(job->state, "succeeded");
	assert_non_null(strstr(job->result, "\"ok\":2"));
	assert_string_equal(see_medium(lab, "c").verify_result, "ok");
}

static void one_with_another_id_meanwhile_keeps_its_verdict(void **state)
{
	static const struct library_media_words words = {.id = "renamed"};
	struct lab *lab = *state;
	lab_hold_reads(lab, true);
	const struct library_result *begun = answer_of(begin_verify(lab, "a"));
	assert_ok(begun);
	lab_await_held(lab, 1);
	assert_ok(describe(lab, "a", &words));
	lab_hold_reads(lab, false);
	assert_string_equal(await_job(lab, begun)->state, "succeeded");
	assert_string_equal(see_medium(lab, "renamed").verify_result, "ok");
}

static void a_tape_is_verified_elsewhere(void **state)
{
	struct lab *lab = *state;
	assert_ok(tape_create(lab, "ARC", 1, 0));
	const struct library_job *job = verify(lab, "arc001l8");
	assert_string_equal(job->state, "failed");
	assert_string_equal(job->error, "invalid_request");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(a_job_is_running_until_it_ends),
		IN_LAB(a_subscriber_hears_of_what_is_in_the_history),
		IN_LAB(one_that_is_cancelled_ends_soon),
		IN_LAB(one_that_is_queued_can_be_cancelled),
		IN_LAB(the_end_of_a_job_can_be_waited_for),
		IN_LAB(a_daemon_that_stops_lets_go_of_who_waits_for_a_job),
		IN_LAB(a_job_outlives_the_daemon),
		IN_LAB(jobs_are_listed),
		IN_LAB(the_first_verification_learns_the_digest),
		IN_LAB(rot_is_found),
		IN_LAB(another_file_is_not_rot),
		IN_LAB(all_discs_are_verified_whatever_one_is_like),
		IN_LAB(one_that_is_forgotten_keeps_no_other_from_being_verified),
		IN_LAB(one_with_another_id_meanwhile_keeps_its_verdict),
		IN_LAB(a_tape_is_verified_elsewhere),
	};
	return cmocka_run_group_tests_name("library/jobs", tests, NULL, NULL);
}
