/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/list.h"
#include "workers.h"

enum { PATIENCE_MS = 60000, A_WHILE_MS = 50, LINES = 8 };

/* Somebody who is served; what serve does is up to the test. */
struct guest {
	struct served served;
	atomic_uint calls, readable_calls;
	atomic_uint more;   /* says MORE so many times */
	atomic_bool closes; /* says CLOSE from now on */
	atomic_bool deaf;   /* leaves the descriptor readable */
	atomic_bool stays;  /* until it may go */
	atomic_bool inside;
	pid_t thread; /* that called last */
};

static char order[LINES + 1]; /* who was called, by the only worker */
static atomic_uint ordered;

static enum served_result serve(struct served *served, bool readable)
{
	struct guest *guest = container_of(served, struct guest, served);
	eventfd_t count;
	atomic_store(&guest->inside, true);
	if (readable && !atomic_load(&guest->deaf))
		eventfd_read(served->fd, &count);
	while (atomic_load(&guest->stays))
		usleep(1000);
	guest->thread = gettid();
	atomic_fetch_add(&guest->readable_calls, readable);
	atomic_store(&guest->inside, false);
	atomic_fetch_add(&guest->calls, 1);
	if (atomic_load(&guest->closes))
		return SERVED_CLOSE;
	if (!atomic_load(&guest->more))
		return SERVED_IDLE;
	atomic_fetch_sub(&guest->more, 1);
	return SERVED_MORE;
}

static void guest_init(struct guest *guest)
{
	*guest = (struct guest){
		.served = {.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), .serve = serve}};
	assert_true(guest->served.fd >= 0);
}

static void guest_finish(struct guest *guest)
{
	workers_remove(&guest->served);
	close(guest->served.fd);
}

static void call(struct guest *guest)
{
	assert_int_equal(eventfd_write(guest->served.fd, 1), 0);
}

static void wait_for_calls(struct guest *guest, unsigned calls)
{
	for (int ms = 0; ms < PATIENCE_MS && atomic_load(&guest->calls) < calls; ms++)
		usleep(1000);
	assert_true(atomic_load(&guest->calls) >= calls);
}

/* A set of `count` workers that serves `guest`, who was called once. */
static struct workers *workers_with(struct guest *guest, unsigned count)
{
	struct workers *workers = workers_create(count, NULL);
	assert_non_null(workers);
	guest_init(guest);
	assert_true(workers_add(workers, &guest->served, NULL));
	wait_for_calls(guest, 1);
	return workers;
}

static void whoever_is_added_is_served_at_once(void **state)
{
	struct guest guest;
	struct workers *workers = workers_with(&guest, 1);
	assert_int_equal(atomic_load(&guest.readable_calls), 0);
	guest_finish(&guest);
	workers_destroy(workers);
}

static void a_readable_descriptor_is_served(void **state)
{
	struct guest guest;
	struct workers *workers = workers_with(&guest, 1);
	call(&guest);
	wait_for_calls(&guest, 2);
	assert_int_equal(atomic_load(&guest.readable_calls), 1);
	guest_finish(&guest);
	workers_destroy(workers);
}

static void who_wants_more_is_called_again(void **state)
{
	struct guest guest;
	struct workers *workers = workers_with(&guest, 1);
	atomic_store(&guest.more, 5);
	call(&guest);
	wait_for_calls(&guest, 7);
	usleep(1000 * A_WHILE_MS);
	assert_int_equal(atomic_load(&guest.calls), 7);
	assert_int_equal(atomic_load(&guest.readable_calls), 1);
	guest_finish(&guest);
	workers_destroy(workers);
}

static void poking_serves_without_an_event(void **state)
{
	struct guest guest;
	struct workers *workers = workers_with(&guest, 1);
	workers_poke(&guest.served);
	wait_for_calls(&guest, 2);
	assert_int_equal(atomic_load(&guest.readable_calls), 0);
	guest_finish(&guest);
	workers_destroy(workers);
}

/* ---- fairness ------------------------------------------------------------------------------ */

struct named {
	struct served served;
	char name;
	unsigned left;
};

static enum served_result serve_named(struct served *served, bool readable)
{
	struct named *named = container_of(served, struct named, served);
	unsigned line = atomic_load(&ordered);
	if (line < LINES)
		order[line] = named->name;
	atomic_fetch_add(&ordered, 1);
	return --named->left ? SERVED_MORE : SERVED_IDLE;
}

static void two_who_want_more_take_turns(void **state)
{
	struct guest first;
	struct workers *workers = workers_with(&first, 1);
	struct named a = {{.fd = eventfd(0, 0), .serve = serve_named}, 'a', LINES / 2};
	struct named b = {{.fd = eventfd(0, 0), .serve = serve_named}, 'b', LINES / 2};
	/* Both come while the only worker is busy. */
	atomic_store(&first.stays, true);
	call(&first);
	while (!atomic_load(&first.inside))
		usleep(100);
	assert_true(workers_add(workers, &a.served, NULL));
	assert_true(workers_add(workers, &b.served, NULL));
	atomic_store(&first.stays, false);
	for (int ms = 0; ms < PATIENCE_MS && atomic_load(&ordered) < LINES; ms++)
		usleep(1000);
	guest_finish(&first);
	workers_remove(&a.served);
	workers_remove(&b.served);
	assert_string_equal(order, "abababab");
	close(a.served.fd);
	close(b.served.fd);
	workers_destroy(workers);
}

static void each_has_a_worker_of_its_own_while_there_are_enough(void **state)
{
	struct guest a, b;
	struct workers *workers = workers_with(&a, 2);
	guest_init(&b);
	assert_true(workers_add(workers, &b.served, NULL));
	wait_for_calls(&b, 1);
	for (unsigned i = 2; i < 20; i++) {
		call(&a);
		call(&b);
		wait_for_calls(&a, i);
		wait_for_calls(&b, i);
		assert_int_not_equal(a.thread, b.thread);
	}
	guest_finish(&a);
	guest_finish(&b);
	workers_destroy(workers);
}

/* ---- idleness ------------------------------------------------------------------------------ */

/* How often a thread of ours has gone to sleep. */
static unsigned long sleeps_of(pid_t thread)
{
	char line[256];
	unsigned long count = 0;
	snprintf(line, sizeof line, "/proc/self/task/%d/status", (int)thread);
	FILE *status = fopen(line, "r");
	assert_non_null(status);
	while (fgets(line, sizeof line, status))
		sscanf(line, "voluntary_ctxt_switches: %lu", &count);
	fclose(status);
	return count;
}

/* A busy machine may let it reach its first sleep late; from then on nothing moves. */
static void an_idle_worker_never_wakes_up(void **state)
{
	struct guest guest;
	struct workers *workers = workers_with(&guest, 1);
	unsigned long before = 0, after = 1;
	for (unsigned i = 0; i < 50 && before != after; i++) {
		before = sleeps_of(guest.thread);
		usleep(4000 * A_WHILE_MS);
		after = sleeps_of(guest.thread);
	}
	assert_int_equal(after, before);
	assert_true(before > 0);
	guest_finish(&guest);
	workers_destroy(workers);
}

/* ---- leaving ------------------------------------------------------------------------------- */

static void who_has_left_is_not_served_any_more(void **state)
{
	struct guest guest;
	struct workers *workers = workers_with(&guest, 1);
	workers_remove(&guest.served);
	call(&guest);
	workers_poke(&guest.served);
	usleep(1000 * A_WHILE_MS);
	assert_int_equal(atomic_load(&guest.calls), 1);
	close(guest.served.fd);
	workers_destroy(workers);
}

static void *let_go_later(void *argument)
{
	struct guest *guest = argument;
	usleep(1000 * A_WHILE_MS);
	atomic_store(&guest->stays, false);
	return NULL;
}

static void leaving_waits_for_the_call_that_runs(void **state)
{
	struct guest guest;
	pthread_t other;
	struct workers *workers = workers_with(&guest, 1);
	atomic_store(&guest.stays, true);
	call(&guest);
	while (!atomic_load(&guest.inside))
		usleep(100);
	assert_int_equal(pthread_create(&other, NULL, let_go_later, &guest), 0);
	workers_remove(&guest.served);
	assert_int_equal(atomic_load(&guest.calls), 2);
	pthread_join(other, NULL);
	guest_finish(&guest);
	workers_destroy(workers);
}

static void leaving_twice_is_leaving_once(void **state)
{
	struct guest guest;
	struct workers *workers = workers_with(&guest, 1);
	workers_remove(&guest.served);
	workers_remove(&guest.served);
	close(guest.served.fd);
	workers_destroy(workers);
	assert_int_equal(atomic_load(&guest.calls), 1);
}

static void who_never_came_can_leave(void **state)
{
	struct guest guest;
	guest_init(&guest);
	workers_poke(&guest.served);
	guest_finish(&guest);
	assert_int_equal(atomic_load(&guest.calls), 0);
}

static void who_has_left_can_come_back(void **state)
{
	struct guest guest;
	struct workers *workers = workers_with(&guest, 1);
	workers_remove(&guest.served);
	assert_true(workers_add(workers, &guest.served, NULL));
	wait_for_calls(&guest, 2);
	guest_finish(&guest);
	workers_destroy(workers);
}

/* A removed device stays readable for ever. */
static void a_closed_descriptor_is_not_looked_at(void **state)
{
	struct guest guest;
	struct workers *workers = workers_with(&guest, 1);
	atomic_store(&guest.closes, true);
	atomic_store(&guest.deaf, true);
	call(&guest);
	wait_for_calls(&guest, 2);
	usleep(1000 * A_WHILE_MS);
	assert_int_equal(atomic_load(&guest.calls), 2);
	workers_poke(&guest.served);
	wait_for_calls(&guest, 3);
	guest_finish(&guest);
	workers_destroy(workers);
}

static void there_are_workers_for_every_machine(void **state)
{
	struct guest guest;
	struct workers *workers = workers_with(&guest, 0);
	guest_finish(&guest);
	workers_destroy(workers);
	assert_int_equal(atomic_load(&guest.calls), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_is_added_is_served_at_once),
		cmocka_unit_test(a_readable_descriptor_is_served),
		cmocka_unit_test(who_wants_more_is_called_again),
		cmocka_unit_test(poking_serves_without_an_event),
		cmocka_unit_test(two_who_want_more_take_turns),
		cmocka_unit_test(each_has_a_worker_of_its_own_while_there_are_enough),
		cmocka_unit_test(an_idle_worker_never_wakes_up),
		cmocka_unit_test(who_has_left_is_not_served_any_more),
		cmocka_unit_test(leaving_waits_for_the_call_that_runs),
		cmocka_unit_test(leaving_twice_is_leaving_once),
		cmocka_unit_test(who_never_came_can_leave),
		cmocka_unit_test(who_has_left_can_come_back),
		cmocka_unit_test(a_closed_descriptor_is_not_looked_at),
		cmocka_unit_test(there_are_workers_for_every_machine),
	};
	return cmocka_run_group_tests_name("tcmu/workers", tests, NULL, NULL);
}
