/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "library_lab.h"
#include "searches.h"
#include "util/cleanup.h"

/* Searches of media: what they find, and that nobody waits for them. */

struct taken {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned media, standing; /* those that stand still in `each` */
	bool held;                /* they do */
	bool left;                /* nobody waits any more */
};

static void taken_init(struct taken *taken)
{
	*taken = (struct taken){0};
	pthread_mutex_init(&taken->lock, NULL);
	pthread_cond_init(&taken->changed, NULL);
}

static bool take(void *context, const struct library_medium *medium)
{
	struct taken *taken = context;
	SCOPED_LOCK(&taken->lock);
	taken->media++;
	taken->standing++;
	pthread_cond_broadcast(&taken->changed);
	while (taken->held)
		pthread_cond_wait(&taken->changed, &taken->lock);
	taken->standing--;
	return true;
}

static bool goes_on(void *context)
{
	struct taken *taken = context;
	SCOPED_LOCK(&taken->lock);
	return !taken->left;
}

static struct library_media_taker taker_of(struct taken *taken)
{
	return (struct library_media_taker){take, goes_on, taken};
}

static void await_standing(struct taken *taken, unsigned count)
{
	SCOPED_LOCK(&taken->lock);
	while (taken->standing < count)
		pthread_cond_wait(&taken->changed, &taken->lock);
}

static void let_go(struct taken *taken)
{
	SCOPED_LOCK(&taken->lock);
	taken->held = false;
	pthread_cond_broadcast(&taken->changed);
}

/* disc-00000 and so on, beside the three of the lab. */
static void add_many(struct lab *lab)
{
	lab_sql(lab,
		"WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 29999) "
		"INSERT INTO media (id, path, kind, format, file_system, volume_id, size, profile, "
		"profile_override, device, inode, file_size, mtime_sec, mtime_nsec, fault, added) "
		"SELECT printf('disc-%05d', i), printf('/srv/%05d/image.iso', i), 'disc', 'iso', "
		"'iso9660', '', 1, 16, 0, 1, i, 1, 0, 0, '', 0 FROM n");
	assert_ok(describe(lab, "a", &(struct library_media_words){.notes = "indexed by that"}));
}

static const struct library_media_query all = {.match = "o",
						.limit = 1000}, /* is in every ".iso" */
	nowhere = {.match = "~~", .limit = 1};                  /* so that all are looked at */

static void a_search_finds_page_by_page(void **state)
{
	struct lab *lab = *state;
	struct taken taken;
	taken_init(&taken);
	struct library_media_query query = {.match = "iso", .limit = 2};
	const struct library_media_taker taker = taker_of(&taken);
	const struct library_result *result = search(lab, &query, &taker);
	assert_ok(result);
	assert_int_equal(taken.media, 2);
	assert_string_equal(result->media_page.next, "b");
	assert_true(result->media_page.exact);
	assert_int_equal(result->media_page.at_least, 3);
	query.after = "b";
	result = search(lab, &query, &taker);
	assert_ok(result);
	assert_int_equal(taken.media, 3);
	assert_string_equal(result->media_page.next, "");
}

static void what_cannot_be_looked_for_is_refused(void **state)
{
	struct taken taken;
	taken_init(&taken);
	const struct library_media_query query = {.kind = "tapes", .limit = 2};
	const struct library_media_taker taker = taker_of(&taken);
	assert_error(search(*state, &query, &taker), ERROR_INVALID);
}

static void others_go_on_while_all_searches_stand_still(void **state)
{
	struct lab *lab = *state;
	struct operation *searches[SEARCHES_AT_ONCE];
	struct library_media_page page;
	struct taken taken, beside;
	taken_init(&taken);
	taken_init(&beside);
	taken.held = true;
	const struct library_media_taker taker = taker_of(&taken);
	for (unsigned i = 0; i < SEARCHES_AT_ONCE; i++)
		searches[i] = begin_search(lab, &all, &taker);
	await_standing(&taken, SEARCHES_AT_ONCE);
	assert_string_equal(see_medium(lab, "b").id, "b");
	assert_true(library_media_page(lab->library, &(struct library_media_query){.limit = 2},
		take, &beside, &page, NULL));
	assert_int_equal(beside.media, 2);
	assert_ok(load(lab, "dvd0", "a", 0));
	for (unsigned i = 0; i < SEARCHES_AT_ONCE; i++)
		assert_false(is_answered(searches[i]));
	let_go(&taken);
	for (unsigned i = 0; i < SEARCHES_AT_ONCE; i++)
		assert_ok(answer_of(searches[i]));
}

struct slow {
	struct lab *lab;
	unsigned asked;
};

/* It is asked before the search begins, and then while it goes on. */
static bool be_slow(void *context)
{
	struct slow *slow = context;
	if (++slow->asked == 2)
		lab_pass_hours(slow->lab, 1);
	return true;
}

/* So much that only a test which lets an hour pass takes too long. */
static void give_searches_time(struct lab *lab)
{
	lab_stop(lab);
	lab->config.search_ms = LAB_HOUR_MS / 2;
	lab_start(lab);
}

static void a_search_that_takes_too_long_is_ended(void **state)
{
	struct lab *lab = *state;
	give_searches_time(lab);
	struct taken taken;
	struct slow slow = {.lab = lab};
	taken_init(&taken);
	const struct library_media_taker taker = taker_of(&taken),
					 slow_one = {take, be_slow, &slow};
	add_many(lab);
	assert_ok(search(lab, &nowhere, &taker));
	const struct library_result *result = search(lab, &nowhere, &slow_one);
	assert_int_equal(slow.asked, 2);
	assert_error(result, ERROR_SEARCH_SLOW);
	assert_int_equal(error_http_status(result->error.code), 503);
	assert_non_null(strstr(result->error.remedy, "longer words"));
}

static void a_search_that_has_no_turn_is_not_begun(void **state)
{
	struct lab *lab = *state;
	give_searches_time(lab);
	struct operation *searches[SEARCHES_AT_ONCE];
	struct taken taken;
	taken_init(&taken);
	taken.held = true;
	const struct library_media_taker taker = taker_of(&taken);
	for (unsigned i = 0; i < SEARCHES_AT_ONCE; i++)
		searches[i] = begin_search(lab, &all, &taker);
	await_standing(&taken, SEARCHES_AT_ONCE);
	struct operation *late = begin_search(lab, &all, &taker);
	lab_pass_hours(lab, 1);
	let_go(&taken);
	assert_error(answer_of(late), ERROR_SEARCH_SLOW);
	assert_non_null(strstr(answer_of(late)->error.sentence, "not begun"));
	for (unsigned i = 0; i < SEARCHES_AT_ONCE; i++)
		answer_of(searches[i]);
}

static void a_search_that_nobody_waits_for_is_ended(void **state)
{
	struct lab *lab = *state;
	struct taken taken;
	taken_init(&taken);
	taken.left = true;
	const struct library_media_taker taker = taker_of(&taken);
	assert_error(search(lab, &all, &taker), ERROR_CANCELLED);
	assert_int_equal(taken.media, 0);
}

static bool stop_it(void *context)
{
	struct lab *lab = context;
	searches_stop(&lab->library->searches);
	return true;
}

static void a_stop_ends_the_search_that_is_under_way(void **state)
{
	struct lab *lab = *state;
	const struct library_media_taker taker = {take, stop_it, lab};
	add_many(lab);
	assert_error(search(lab, &nowhere, &taker), ERROR_STOPPING);
	assert_error(search(lab, &nowhere, &taker), ERROR_STOPPING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(a_search_finds_page_by_page),
		IN_LAB(what_cannot_be_looked_for_is_refused),
		IN_LAB(others_go_on_while_all_searches_stand_still),
		IN_LAB(a_search_that_takes_too_long_is_ended),
		IN_LAB(a_search_that_has_no_turn_is_not_begun),
		IN_LAB(a_search_that_nobody_waits_for_is_ended),
		IN_LAB(a_stop_ends_the_search_that_is_under_way),
	};
	return cmocka_run_group_tests_name("daemon/library_searches", tests, NULL, NULL);
}
