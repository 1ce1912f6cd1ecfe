/* SPDX-License-Identifier: Apache-2.0 */
/* Every single change fails, and whoever makes it is killed before every single one. */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "iscsi_fixture.h"

static const char *const nothing[] = {NULL};

enum { FOR_EVER = 1 << 20 };

/* How many changes it takes from one wish to another. */
static int count_changes(enum wish from, enum wish to)
{
	ASSERT_SHOWS(from);
	fake_forget();
	ASSERT_SHOWS(to);
	int count = fake_count();
	assert_true(kernel_target_hide(&fake, TARGET, &error));
	fake_forget();
	return count;
}

/* From one wish to another, where `count` changes from the n-th on fail. */
static bool show_failing(enum wish from, enum wish to, int n, int count)
{
	ASSERT_SHOWS(from);
	fake_forget();
	error = (struct error){0};
	fake_fail_at(n, count, EIO);
	bool shown = kernel_target_show(&fake, wish(to), &error);
	fake_fail_at(0, 0, 0);
	assert_true(shown || error.code == ERROR_KERNEL_TARGET);
	return shown;
}

/* Those that mean other steps; the hosts of a kernel that forgets whom it let in are in them. */
static const enum wish ways[][2] = {
	{ONLY_A, TWO_HOSTS},
	{TWO_HOSTS, ONLY_B},
	{TWO_HOSTS, OTHER_A},
	{TWO_HOSTS, WITH_MUTUAL},
	{WITH_MUTUAL, TWO_HOSTS},
	{TWO_HOSTS, ELSEWHERE},
	{ANYBODY_CHAP, TWO_HOSTS},
	{TWO_HOSTS, ANYBODY_CHAP},
	{ANYBODY, ANYBODY_ELSE},
	{TWO_HOSTS, NOBODY},
};

enum { WAYS = sizeof ways / sizeof ways[0] };

/* The mildest kind of change: it is only a courtesy to the host. */
static bool is_courtesy(int n)
{
	return n < fake_count() && strstr(fake_note(n), "/cmdsn_depth ") &&
	       !strstr(fake_note(n), "/cmdsn_depth 48");
}

/* ---- from nothing -------------------------------------------------------------------------- */

static int count_first(enum wish wished)
{
	fake_forget();
	ASSERT_SHOWS(wished);
	int count = fake_count();
	assert_true(kernel_target_hide(&fake, TARGET, &error));
	fake_forget();
	return count;
}

/* Run for a wish of each kind. */
static const enum wish kinds[] = {WITH_MUTUAL, ANYBODY_CHAP};

static void a_failure_is_undone(void **state)
{
	for (int k = 0; k < 2; k++) {
		int count = count_first(kinds[k]);
		assert_true(count > 15);
		for (int n = 0; n < count; n++) {
			fake_fail_at(n, 1, EIO);
			assert_false(kernel_target_show(&fake, wish(kinds[k]), &error));
			assert_int_equal(error.code, ERROR_KERNEL_TARGET);
			fake_fail_at(0, 0, 0);
			assert_hidden();
			fake_forget();
		}
	}
}

/* What a killed one leaves: everything fails from then on. */
static void die_at(enum wish wished, int n)
{
	fake_fail_at(n, FOR_EVER, EIO);
	assert_false(kernel_target_show(&fake, wish(wished), &error));
	fake_fail_at(0, 0, 0);
	fake_forget();
}

static void what_a_killed_one_leaves_is_completed(void **state)
{
	for (int k = 0; k < 2; k++) {
		int count = count_first(kinds[k]);
		for (int n = 0; n < count; n++) {
			die_at(kinds[k], n);
			ASSERT_SHOWS(kinds[k]);
			assert_true(kernel_target_hide(&fake, TARGET, &error));
			fake_forget();
		}
	}
}

static void what_a_killed_one_leaves_can_become_anything(void **state)
{
	for (int k = 0; k < 2; k++) {
		int count = count_first(kinds[k]);
		for (int n = 0; n < count; n++) {
			die_at(kinds[k], n);
			ASSERT_SHOWS(n % 2 ? ANYBODY : OTHER_A);
			assert_true(kernel_target_hide(&fake, TARGET, &error));
			fake_forget();
		}
	}
}

static void what_a_killed_one_leaves_is_hidden(void **state)
{
	for (int k = 0; k < 2; k++) {
		int count = count_first(kinds[k]);
		for (int n = 0; n < count; n++) {
			die_at(kinds[k], n);
			assert_true(kernel_target_hide(&fake, TARGET, &error));
			assert_hidden();
			fake_forget();
		}
	}
}

/* But for directories that nothing was written to: they may be somebody else's. */
static void what_a_killed_one_leaves_is_an_orphan(void **state)
{
	for (int k = 0; k < 2; k++) {
		int count = count_first(kinds[k]);
		for (int n = 4; n < count; n++) {
			die_at(kinds[k], n);
			assert_int_equal(kernel_target_remove_orphans(&fake, nothing), 1);
			assert_hidden();
			fake_forget();
		}
	}
}

/* ---- from one to another ------------------------------------------------------------------- */

static void a_failed_change_is_made_by_the_next_attempt(void **state)
{
	for (int way = 0; way < WAYS; way++) {
		int count = count_changes(ways[way][0], ways[way][1]);
		for (int n = 3; n < count; n++) {
			bool shown = show_failing(ways[way][0], ways[way][1], n, 1);
			if (shown != is_courtesy(n))
				fail_msg("way %d: \"%s\" failed, and it was %sshown", way,
					fake_note(n), shown ? "" : "not ");
			ASSERT_SHOWS(ways[way][1]);
		}
	}
}

static void a_failed_change_can_be_taken_back(void **state)
{
	for (int way = 0; way < WAYS; way++) {
		int count = count_changes(ways[way][0], ways[way][1]);
		for (int n = 3; n < count; n++) {
			(void)show_failing(ways[way][0], ways[way][1], n, 1);
			ASSERT_SHOWS(ways[way][0]);
		}
	}
}

static void a_change_cut_short_is_completed_or_hidden(void **state)
{
	for (int way = 0; way < WAYS; way++) {
		int count = count_changes(ways[way][0], ways[way][1]);
		for (int n = 3; n < count; n++) {
			(void)show_failing(ways[way][0], ways[way][1], n, FOR_EVER);
			ASSERT_SHOWS(ways[way][1]);
			(void)show_failing(ways[way][0], ways[way][1], n, FOR_EVER);
			assert_true(kernel_target_hide(&fake, TARGET, &error));
			assert_hidden();
			fake_forget();
		}
	}
}

/* The host that stays keeps its ACL and its LUN, whatever fails around it. */
static void whoever_stays_does_not_notice_failures(void **state)
{
	static const enum wish stays[][2] = {{ONLY_B, TWO_HOSTS}, {TWO_HOSTS, ONLY_B},
		{TWO_HOSTS, OTHER_A}, {TWO_HOSTS, ELSEWHERE}};
	for (int way = 0; way < 4; way++) {
		int count = count_changes(stays[way][0], stays[way][1]);
		for (int n = 3; n < count; n++) {
			(void)show_failing(stays[way][0], stays[way][1], n, 1);
			for (int i = 0; i < fake_count(); i++) {
				assert_null(strstr(fake_note(i), HOST_B));
				assert_null(strstr(fake_note(i), "device2"));
				assert_null(strstr(fake_note(i), "/enable"));
			}
		}
	}
}

/* A new host whose making failed is not left with some of its LUNs. */
static void a_host_that_fails_is_gone(void **state)
{
	int count = count_changes(ONLY_B, TWO_HOSTS);
	for (int n = 3; n < count; n++) {
		assert_false(show_failing(ONLY_B, TWO_HOSTS, n, 1));
		assert_shown(ONLY_B);
	}
}

/* ---- secrets that cannot be asked for ------------------------------------------------------ */

/* Not enabled, or nobody gets in without a secret. */
static void assert_guarded(const char *note)
{
	char text[8] = "0", asked[8] = "";
	char group[CONFIGFS_PATH_MAX];
	configfs_path(group, "%s/" GROUP, fake.root);
	(void)configfs_read(group, "enable", text, sizeof text);
	(void)configfs_read(group, "attrib/authentication", asked, sizeof asked);
	if (strcmp(text, "1") == 0 && strcmp(asked, "1") != 0)
		fail_msg("\"%s\" failed, and whoever comes needs no secret", note);
}

static void whatever_fails_nobody_gets_in_without_the_new_secret(void **state)
{
	static const enum wish secured[][2] = {{TWO_HOSTS, WITH_CHAP}, {TWO_HOSTS, WITH_MUTUAL},
		{ANYBODY, ANYBODY_CHAP}, {ONLY_B, WITH_CHAP}};
	for (int way = 0; way < 4; way++) {
		int count = count_changes(secured[way][0], secured[way][1]);
		for (int n = 0; n < count; n++) {
			(void)show_failing(secured[way][0], secured[way][1], n, 1);
			assert_guarded(fake_note(n));
			ASSERT_SHOWS(secured[way][1]);
		}
	}
}

static void a_target_that_cannot_ask_for_the_new_secret_is_not_enabled(void **state)
{
	ASSERT_SHOWS(ANYBODY);
	fake_fail("write iscsi/" TARGET "/tpgt_1/attrib/authentication", EIO);
	assert_false(kernel_target_show(&fake, wish(ANYBODY_CHAP), &error));
	assert_non_null(strstr(error.sentence, "attrib/authentication"));
	fake_fail(NULL, 0);
	assert_hidden();
}

/* ---- taking down --------------------------------------------------------------------------- */

static void a_failed_end_is_finished_or_shown_again(void **state)
{
	for (int k = 0; k < 2; k++) {
		ASSERT_SHOWS(kinds[k]);
		fake_forget();
		assert_true(kernel_target_hide(&fake, TARGET, &error));
		int count = fake_count();
		for (int n = 0; n < count; n++) {
			ASSERT_SHOWS(kinds[k]);
			fake_forget();
			fake_fail_at(n, n % 2 ? 1 : FOR_EVER, EIO);
			error = (struct error){0};
			assert_false(kernel_target_hide(&fake, TARGET, &error));
			assert_int_equal(error.code, ERROR_KERNEL_TARGET);
			fake_fail_at(0, 0, 0);
			if (n % 3 == 0) {
				assert_true(kernel_target_hide(&fake, TARGET, &error));
				assert_hidden();
			} else {
				ASSERT_SHOWS(kinds[k]);
			}
		}
	}
}

static void a_secret_is_in_no_error(void **state)
{
	int count = count_first(WITH_MUTUAL);
	for (int n = 0; n < count; n++) {
		fake_fail_at(n, 1, EIO);
		assert_false(kernel_target_show(&fake, wish(WITH_MUTUAL), &error));
		fake_fail_at(0, 0, 0);
		fake_forget();
		assert_null(strstr(error.sentence, "another-secret"));
		assert_null(strstr(error.sentence, "secret-of-ours"));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, iscsi_setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_failure_is_undone),
		TEST(what_a_killed_one_leaves_is_completed),
		TEST(what_a_killed_one_leaves_can_become_anything),
		TEST(what_a_killed_one_leaves_is_hidden),
		TEST(what_a_killed_one_leaves_is_an_orphan),
		TEST(a_failed_change_is_made_by_the_next_attempt),
		TEST(a_failed_change_can_be_taken_back),
		TEST(a_change_cut_short_is_completed_or_hidden),
		TEST(whoever_stays_does_not_notice_failures),
		TEST(a_host_that_fails_is_gone),
		TEST(whatever_fails_nobody_gets_in_without_the_new_secret),
		TEST(a_target_that_cannot_ask_for_the_new_secret_is_not_enabled),
		TEST(a_failed_end_is_finished_or_shown_again),
		TEST(a_secret_is_in_no_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
