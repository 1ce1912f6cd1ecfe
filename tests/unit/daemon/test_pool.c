/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <glob.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "pool.h"
#include "scsi/source.h"
#include "util/cleanup.h"

enum { PATIENCE_MS = 60000 };

/* A work that says that it runs and then waits until it may end. */
struct gated {
	struct scsi_work work;
	sem_t running, may_end;
	pthread_t thread;
};

static void run_gated(struct scsi_work *work)
{
	struct gated *gated = container_of(work, struct gated, work);
	gated->thread = pthread_self();
	sem_post(&gated->running);
	sem_wait(&gated->may_end);
}

static void gated_init(struct gated *gated)
{
	*gated = (struct gated){.work.run = run_gated};
	sem_init(&gated->running, 0, 0);
	sem_init(&gated->may_end, 0, 0);
}

static bool comes_to_run(struct gated *gated, long milliseconds)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += milliseconds * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	return sem_timedwait(&gated->running, &until) == 0;
}

static void submit(struct pool *pool, struct gated *gated, struct scsi_source *source)
{
	struct scsi_executor *executor = pool_executor(pool);
	gated_init(gated);
	executor->submit(executor, &gated->work, source);
}

static void destroy_source(struct scsi_source *source)
{
	free(source);
}

static const struct scsi_source_ops ops = {.destroy = destroy_source};

static struct scsi_source *make_source(void)
{
	struct scsi_source *source = malloc(sizeof *source);
	scsi_source_init(source, &ops, false);
	return source;
}

static void a_work_runs_on_another_thread(void **state)
{
	struct pool *pool = pool_create(1, 1, NULL);
	struct gated gated;
	submit(pool, &gated, NULL);
	assert_true(comes_to_run(&gated, PATIENCE_MS));
	assert_false(pthread_equal(gated.thread, pthread_self()));
	sem_post(&gated.may_end);
	pool_destroy(pool);
}

static void a_source_that_hangs_leaves_workers_to_the_others(void **state)
{
	struct pool *pool = pool_create(3, 2, NULL);
	struct scsi_source *dead = make_source(), *healthy = make_source();
	struct gated hung[4], fine;
	for (unsigned i = 0; i < 4; i++)
		submit(pool, &hung[i], dead);
	assert_true(comes_to_run(&hung[0], PATIENCE_MS));
	assert_true(comes_to_run(&hung[1], PATIENCE_MS));
	assert_false(comes_to_run(&hung[2], 20));
	submit(pool, &fine, healthy);
	assert_true(comes_to_run(&fine, PATIENCE_MS));
	sem_post(&fine.may_end);
	for (unsigned i = 0; i < 4; i++)
		sem_post(&hung[i].may_end);
	pool_destroy(pool);
	scsi_source_put(dead);
	scsi_source_put(healthy);
}

static void what_waits_in_a_lane_runs_in_its_order(void **state)
{
	struct pool *pool = pool_create(2, 1, NULL);
	struct scsi_source *source = make_source();
	struct gated works[4];
	for (unsigned i = 0; i < 4; i++)
		submit(pool, &works[i], source);
	for (unsigned i = 0; i < 4; i++) {
		assert_true(comes_to_run(&works[i], PATIENCE_MS));
		if (i < 3)
			assert_false(comes_to_run(&works[i + 1], 5));
		sem_post(&works[i].may_end);
	}
	pool_destroy(pool);
	scsi_source_put(source);
}

static void a_busy_source_does_not_starve_the_others(void **state)
{
	struct pool *pool = pool_create(1, 1, NULL);
	struct scsi_source *busy = make_source(), *other = make_source();
	struct gated first, second, third;
	submit(pool, &first, busy);
	submit(pool, &second, busy);
	submit(pool, &third, other);
	assert_true(comes_to_run(&first, PATIENCE_MS));
	sem_post(&first.may_end);
	assert_true(comes_to_run(&third, PATIENCE_MS));
	assert_false(comes_to_run(&second, 5));
	sem_post(&third.may_end);
	assert_true(comes_to_run(&second, PATIENCE_MS));
	sem_post(&second.may_end);
	pool_destroy(pool);
	scsi_source_put(busy);
	scsi_source_put(other);
}

static unsigned long switches_of_thread(const char *status_path)
{
	char line[128];
	bool ours = false;
	unsigned long count = 0;
	FILE *file = fopen(status_path, "r");
	while (file && fgets(line, sizeof line, file)) {
		ours |= strcmp(line, "Name:\tmedia-reader\n") == 0;
		sscanf(line, "voluntary_ctxt_switches: %lu", &count);
	}
	if (file)
		fclose(file);
	return ours ? count : 0;
}

/* How often the workers went to sleep so far. */
static unsigned long switches(void)
{
	glob_t threads;
	unsigned long sum = 0;
	assert_int_equal(glob("/proc/self/task/*/status", 0, NULL, &threads), 0);
	for (size_t i = 0; i < threads.gl_pathc; i++)
		sum += switches_of_thread(threads.gl_pathv[i]);
	globfree(&threads);
	return sum;
}

/* A busy machine may let the workers reach their first sleep late; from then on nothing moves. */
static void an_idle_pool_does_not_wake_up(void **state)
{
	struct pool *pool = pool_create(4, 2, NULL);
	unsigned long before = 0, after = 1;
	for (unsigned i = 0; i < 50 && before != after; i++) {
		before = switches();
		usleep(300000);
		after = switches();
	}
	assert_true(before >= 4);
	assert_int_equal(after, before);
	pool_destroy(pool);
}

/* Many submitters and sources; each work frees itself and drops the last reference to its source.
 */
enum { SUBMITTERS = 4, WORKS_EACH = 2000, PER_SOURCE = 2 };

static atomic_uint works_done, sources_destroyed, above_limit;

struct counted_source {
	struct scsi_source source;
	atomic_uint active;
};

struct stress_work {
	struct scsi_work work;
	struct counted_source *counted;
};

static void destroy_counted(struct scsi_source *source)
{
	atomic_fetch_add(&sources_destroyed, 1);
	free(container_of(source, struct counted_source, source));
}

static const struct scsi_source_ops counted_ops = {.destroy = destroy_counted};

static void run_stress(struct scsi_work *work)
{
	struct stress_work *stress = container_of(work, struct stress_work, work);
	struct counted_source *counted = stress->counted;
	if (atomic_fetch_add(&counted->active, 1) >= PER_SOURCE)
		atomic_fetch_add(&above_limit, 1);
	if (atomic_fetch_add(&works_done, 1) % 7 == 0)
		sched_yield();
	atomic_fetch_sub(&counted->active, 1);
	scsi_source_put(&counted->source);
	free(stress);
}

static void *submit_many(void *arg)
{
	struct scsi_executor *executor = pool_executor(arg);
	struct counted_source *counted = NULL;
	for (unsigned i = 0; i < WORKS_EACH; i++) {
		if (i % 20 == 0) {
			if (counted)
				scsi_source_put(&counted->source);
			counted = calloc(1, sizeof *counted);
			scsi_source_init(&counted->source, &counted_ops, false);
		}
		struct stress_work *stress = calloc(1, sizeof *stress);
		stress->work.run = run_stress;
		stress->counted = counted;
		scsi_source_get(&counted->source);
		executor->submit(executor, &stress->work, &counted->source);
	}
	scsi_source_put(&counted->source);
	return NULL;
}

static void every_work_runs_once_within_the_limit(void **state)
{
	struct pool *pool = pool_create(6, PER_SOURCE, NULL);
	pthread_t threads[SUBMITTERS];
	for (unsigned i = 0; i < SUBMITTERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, submit_many, pool), 0);
	for (unsigned i = 0; i < SUBMITTERS; i++)
		pthread_join(threads[i], NULL);
	/* What is still queued, or waits in a lane, runs before the workers end. */
	pool_destroy(pool);
	assert_int_equal(works_done, SUBMITTERS * WORKS_EACH);
	assert_int_equal(sources_destroyed, SUBMITTERS * WORKS_EACH / 20);
	assert_int_equal(above_limit, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_work_runs_on_another_thread),
		cmocka_unit_test(a_source_that_hangs_leaves_workers_to_the_others),
		cmocka_unit_test(what_waits_in_a_lane_runs_in_its_order),
		cmocka_unit_test(a_busy_source_does_not_starve_the_others),
		cmocka_unit_test(an_idle_pool_does_not_wake_up),
		cmocka_unit_test(every_work_runs_once_within_the_limit),
	};
	return cmocka_run_group_tests_name("daemon/pool", tests, NULL, NULL);
}
