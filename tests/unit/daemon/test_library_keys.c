/* SPDX-License-Identifier: Apache-2.0 */
/* Idempotency keys: what is kept, for whom, and over a restart. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/keys.h"
#include "library_lab.h"

static struct library_kept_answer kept;

struct taken {
	bool ok, done;
	enum error_code code;
	struct library_kept_answer kept;
};

static void note(void *context, const struct library_result *result)
{
	struct taken *taken = context;
	taken->ok = result->ok;
	taken->code = result->ok ? ERROR_NONE : result->error.code;
	if (result->ok && result->kept)
		taken->kept = *result->kept;
	__atomic_store_n(&taken->done, true, __ATOMIC_RELEASE);
}

static void wait_for(struct taken *taken)
{
	while (!__atomic_load_n(&taken->done, __ATOMIC_ACQUIRE))
		usleep(1000);
}

static struct library_key key_of(const char *actor, const char *text, uint8_t request)
{
	struct library_key key = {.request = {request}};
	snprintf(key.actor, sizeof key.actor, "%s", actor);
	snprintf(key.key, sizeof key.key, "%s", text);
	return key;
}

static struct taken *take(struct lab *lab, const struct library_key *key)
{
	static struct taken taken;
	taken = (struct taken){0};
	library_key_take(lab->library, key, note, &taken);
	wait_for(&taken);
	return &taken;
}

static void keep(struct lab *lab, const struct library_key *key, int status, const char *body)
{
	struct taken *taken = calloc(1, sizeof *taken);
	kept = (struct library_kept_answer){.status = status, .location = "/api/v1/jobs/7"};
	snprintf(kept.body, sizeof kept.body, "%s", body);
	library_key_keep(lab->library, key, &kept, note, taken);
	wait_for(taken);
	assert_true(taken->ok);
	free(taken);
}

static void assert_refused(const struct taken *taken, enum error_code code)
{
	assert_false(taken->ok);
	assert_int_equal(taken->code, code);
}

static void assert_new(const struct taken *taken)
{
	assert_true(taken->ok);
	assert_int_equal(taken->kept.status, 0);
}

static void test_what_was_answered_is_answered_again(void **state)
{
	struct lab *lab = *state;
	struct library_key key = key_of("uid:1", "one", 1), other = key_of("uid:1", "one", 2);
	assert_new(take(lab, &key));
	assert_refused(take(lab, &key), ERROR_UNDER_WAY);
	keep(lab, &key, 202, "{\"id\":7}");
	lab_restart(lab);
	struct taken *taken = take(lab, &key);
	assert_true(taken->ok);
	assert_int_equal(taken->kept.status, 202);
	assert_string_equal(taken->kept.location, "/api/v1/jobs/7");
	assert_string_equal(taken->kept.body, "{\"id\":7}");
	assert_refused(take(lab, &other), ERROR_KEY_REUSED);
	other = key_of("uid:2", "one", 2); /* the same word of somebody else */
	assert_new(take(lab, &other));
}

static void test_what_was_not_answered_may_be_tried_again(void **state)
{
	struct lab *lab = *state;
	struct library_key key = key_of("uid:1", "two", 1);
	assert_new(take(lab, &key));
	library_key_drop(lab->library, &key);
	assert_new(take(lab, &key));
	lab_restart(lab); /* what was under way is not any more */
	assert_new(take(lab, &key));
}

static void test_a_day_later_it_is_forgotten(void **state)
{
	struct lab *lab = *state;
	struct library_key key = key_of("uid:1", "three", 1);
	assert_new(take(lab, &key));
	keep(lab, &key, 201, "{}");
	lab_sql(lab, "UPDATE idempotency_keys SET at = at - 86500");
	assert_new(take(lab, &key));
}

/* Of running, also over a restart; the clock on the wall says nothing. */
static void test_a_day_is_one_of_the_daemons(void **state)
{
	struct lab *lab = *state;
	struct library_key key = key_of("uid:1", "four", 1);
	assert_new(take(lab, &key));
	keep(lab, &key, 201, "{}");
	lab_pass_hours(lab, 23);
	assert_true(take(lab, &key)->kept.status == 201);
	lab_restart(lab);
	lab_pass_hours(lab, 23);
	assert_true(take(lab, &key)->kept.status == 201);
	lab_pass_hours(lab, 2);
	assert_new(take(lab, &key));
}

static void test_what_the_catalog_does_not_take_is_said(void **state)
{
	struct lab *lab = *state;
	struct library_key key = key_of("uid:1", "four", 1);
	lab_refuse(lab, "INSERT ON idempotency_keys");
	assert_refused(take(lab, &key), ERROR_CATALOG);
	lab_sql(lab, "DROP TRIGGER refuse");
	assert_new(take(lab, &key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(test_what_was_answered_is_answered_again),
		IN_LAB(test_what_was_not_answered_may_be_tried_again),
		IN_LAB(test_a_day_later_it_is_forgotten),
		IN_LAB(test_a_day_is_one_of_the_daemons),
		IN_LAB(test_what_the_catalog_does_not_take_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
