/* SPDX-License-Identifier: Apache-2.0 */
/* Targets in the kernel's own iSCSI: what is changed, in which order, and who does not notice. */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "fake_iscsi.h"
#include "iscsi_fixture.h"

#define BASE "iscsi/" TARGET "/tpgt_1"

/* The index of the note that begins so; there must be one. */
static int when(const char *note)
{
	int index = fake_when(note);
	if (index < 0)
		fail_msg("there was no \"%s\"", note);
	return index;
}

static void assert_never(const char *part)
{
	for (int i = 0; i < fake_count(); i++) {
		if (strstr(fake_note(i), part))
			fail_msg("\"%s\" was not to be", fake_note(i));
	}
}

/* ---- it comes ------------------------------------------------------------------------------ */

static void every_wish_is_shown_from_nothing(void **state)
{
	for (enum wish wished = 0; wished < WISHES; wished++) {
		ASSERT_SHOWS(wished);
		assert_true(kernel_target_hide(&fake, TARGET, &error));
		assert_hidden();
	}
}

static void every_wish_is_shown_from_every_other(void **state)
{
	for (enum wish from = 0; from < WISHES; from++) {
		for (enum wish to = 0; to < WISHES; to++) {
			ASSERT_SHOWS(from);
			ASSERT_SHOWS(to);
			fake_forget();
		}
	}
}

static void what_is_as_wished_is_not_touched(void **state)
{
	for (enum wish wished = 0; wished < WISHES; wished++) {
		ASSERT_SHOWS(wished);
		fake_forget();
		ASSERT_SHOWS(wished);
		for (int i = 0; i < fake_count(); i++)
			assert_memory_equal(fake_note(i), "make iscsi", 10); /* EEXIST */
	}
}

static void nobody_logs_in_to_half_of_it(void **state)
{
	ASSERT_SHOWS(WITH_CHAP);
	int mark = when("write " BASE "/param/TargetAlias");
	int read_only = when("write " BASE "/attrib/demo_mode_write_protect 0");
	int lun = when("link " BASE "/lun/lun_0/device0");
	int acl = when("make " BASE "/acls/" HOST_A);
	int secret = when("write " BASE "/acls/" HOST_A "/auth/password secret-of-hosts");
	int mapped = when("link " BASE "/acls/" HOST_A "/lun_1/mapped");
	int depth = when("write " BASE "/acls/" HOST_A "/cmdsn_depth");
	int portal = when("make " BASE "/np/127.0.0.1:23261");
	int enabled = when("write " BASE "/enable 1");
	assert_true(mark < read_only && read_only < lun && lun < acl);
	assert_true(acl < secret && secret < mapped && mapped < depth && depth < portal);
	assert_true(portal < enabled);
	assert_int_equal(enabled, fake_count() - 1);
}

static void where_anybody_logs_in_nothing_is_read_only_before_the_first(void **state)
{
	ASSERT_SHOWS(ANYBODY);
	assert_true(when("write " BASE "/attrib/demo_mode_write_protect 0") <
		    when("write " BASE "/attrib/generate_node_acls 1"));
	fake_assert_file(GROUP "/attrib/cache_dynamic_acls", "1");
}

static void a_kernel_without_authentication_of_acls_will_do(void **state)
{
	fake_iscsi_old = true;
	ASSERT_SHOWS(WITH_CHAP);
	fake_iscsi_old = true;
	ASSERT_SHOWS(TWO_HOSTS);
}

static void an_acl_that_asks_for_no_secret_is_put_right(void **state)
{
	ASSERT_SHOWS(WITH_CHAP);
	fake_put(GROUP "/acls/" HOST_A "/attrib/authentication", "0");
	ASSERT_SHOWS(WITH_CHAP);
	fake_assert_file(GROUP "/acls/" HOST_A "/attrib/authentication", "-1");
}

/* ---- who does not notice ------------------------------------------------------------------- */

static void a_host_comes_and_the_other_does_not_notice(void **state)
{
	ASSERT_SHOWS(ONLY_A);
	fake_forget();
	ASSERT_SHOWS(TWO_HOSTS);
	assert_never(HOST_A);
	assert_never("lun_0/device0");
	assert_never("/enable");
	assert_never("unlink");
	assert_never("remove");
}

/* It may have logged in before its LUNs were there: it has to come again. */
static void a_host_that_comes_too_early_comes_again(void **state)
{
	ASSERT_SHOWS(ONLY_A);
	fake_forget();
	ASSERT_SHOWS(TWO_HOSTS);
	int depth = when("write " BASE "/acls/" HOST_B "/cmdsn_depth");
	assert_true(when("link " BASE "/acls/" HOST_B "/lun_0/mapped") < depth);
	assert_int_equal(depth, fake_count() - 1);
}

static void a_host_goes_and_the_other_does_not_notice(void **state)
{
	ASSERT_SHOWS(TWO_HOSTS);
	fake_forget();
	ASSERT_SHOWS(ONLY_B);
	assert_never(HOST_B);
	assert_never("device2");
	assert_never("/enable");
	/* Its sessions end before its LUNs go. */
	assert_true(when("write " BASE "/acls/" HOST_A "/cmdsn_depth") <
		    when("unlink " BASE "/acls/" HOST_A "/lun_0/mapped"));
	assert_true(when("remove " BASE "/acls/" HOST_A) < when("unlink " BASE "/lun/lun_0"));
}

static void a_host_with_other_luns_is_made_again_and_the_other_does_not_notice(void **state)
{
	ASSERT_SHOWS(TWO_HOSTS);
	fake_forget();
	ASSERT_SHOWS(OTHER_A);
	assert_never(HOST_B);
	assert_never("device2");
	assert_never("/enable");
	assert_true(
		when("remove " BASE "/acls/" HOST_A "/lun_0") < when("make " BASE "/acls/" HOST_A));
}

static void secrets_are_changed_and_nobody_notices(void **state)
{
	ASSERT_SHOWS(TWO_HOSTS);
	fake_forget();
	ASSERT_SHOWS(WITH_CHAP);
	/* Asked for only once they are there … */
	assert_true(when("write " BASE "/acls/" HOST_B "/auth/password") <
		    when("write " BASE "/attrib/authentication 1"));
	ASSERT_SHOWS(WITH_MUTUAL);
	fake_assert_file(GROUP "/acls/" HOST_A "/auth/userid_mutual", "me");
	ASSERT_SHOWS(WITH_CHAP);
	fake_assert_file(GROUP "/acls/" HOST_A "/auth/userid_mutual", "NULL");
	fake_assert_file(GROUP "/acls/" HOST_A "/auth/password_mutual", "NULL");
	ASSERT_SHOWS(TWO_HOSTS);
	/* … and taken away when they are asked for no more. */
	assert_true(when("write " BASE "/attrib/authentication 0") <
		    when("write " BASE "/acls/" HOST_A "/auth/password NULL"));
	assert_never("cmdsn_depth");
	assert_never("/lun");
	assert_never("/enable");
	assert_never("remove");
}

static void addresses_are_changed_and_nobody_notices(void **state)
{
	ASSERT_SHOWS(TWO_HOSTS);
	fake_forget();
	ASSERT_SHOWS(ELSEWHERE);
	assert_true(when("make " BASE "/np/127.0.0.1:23262") <
		    when("remove " BASE "/np/127.0.0.1:23261"));
	assert_never("acls");
	assert_never("/enable");
	assert_never("::1");
}

/* The kernel lets those in for ever that it once let in. */
static void where_anybody_could_log_in_all_is_made_again(void **state)
{
	ASSERT_SHOWS(ANYBODY);
	fake_forget();
	ASSERT_SHOWS(TWO_HOSTS);
	assert_true(when("write " BASE "/enable 0") < when("remove " BASE));
	assert_true(when("remove " BASE) < when("make " BASE));
	ASSERT_SHOWS(ANYBODY);
	fake_forget();
	ASSERT_SHOWS(ANYBODY_ELSE);
	when("write " BASE "/enable 0");
	when("remove " BASE);
	fake_put(GROUP "/attrib/demo_mode_write_protect", "1");
	fake_forget();
	ASSERT_SHOWS(ANYBODY_ELSE);
	when("remove " BASE);
}

/* ---- what an administrator did ------------------------------------------------------------- */

static void what_was_disabled_is_enabled(void **state)
{
	ASSERT_SHOWS(TWO_HOSTS);
	fake_put(GROUP "/enable", "0");
	fake_forget();
	ASSERT_SHOWS(TWO_HOSTS);
	assert_never("acls");
}

static void a_lun_that_was_made_read_only_is_made_again(void **state)
{
	ASSERT_SHOWS(TWO_HOSTS);
	fake_put(GROUP "/acls/" HOST_A "/lun_0/write_protect", "1");
	ASSERT_SHOWS(TWO_HOSTS);
	fake_assert_file(GROUP "/acls/" HOST_A "/lun_0/write_protect", "0");
}

static void make(const char *path)
{
	char absolute[CONFIGFS_PATH_MAX];
	configfs_path(absolute, "%s/%s", fake.target, path);
	assert_true(configfs_make(&fake, absolute, &error));
}

static void unmake(const char *path)
{
	char absolute[CONFIGFS_PATH_MAX];
	configfs_path(absolute, "%s/%s", fake.target, path);
	assert_true(configfs_remove(&fake, absolute, &error));
}

static void hosts_addresses_and_luns_of_others_go(void **state)
{
	ASSERT_SHOWS(TWO_HOSTS);
	make(BASE "/acls/iqn.2020-01.org.example:stranger");
	make(BASE "/acls/iqn.2020-01.org.example:stranger/lun_7");
	make(BASE "/np/0.0.0.0:23263");
	make(BASE "/lun/lun_0x99");
	ASSERT_SHOWS(TWO_HOSTS);
}

/* ---- what must be ours --------------------------------------------------------------------- */

static void link_foreign(const char *lun)
{
	char to[CONFIGFS_PATH_MAX], path[CONFIGFS_PATH_MAX];
	fake_put_backstore("user_0", "theirs", "other/thing", true);
	make("iscsi");
	make("iscsi/" TARGET);
	make(BASE);
	configfs_path(path, BASE "/lun/%s", lun);
	make(path);
	configfs_path(to, "%s/core/user_0/theirs", fake.target);
	configfs_path(path, "%s/" BASE "/lun/%s/link", fake.target, lun);
	assert_true(configfs_link(&fake, to, path, &error));
	fake_forget();
}

static void a_target_of_others_is_refused_and_not_touched(void **state)
{
	const char *const nothing[] = {NULL};
	link_foreign("lun_0");
	assert_false(kernel_target_show(&fake, wish(TWO_HOSTS), &error));
	assert_int_equal(error.code, ERROR_EXISTS);
	assert_int_equal(kernel_target_remove_orphans(&fake, nothing), 0);
	assert_int_equal(fake_count(), 0);
}

/* Or an export whose name somebody else has taken could never be removed, nor get another name. */
static void there_is_nothing_of_ours_to_hide_in_it(void **state)
{
	link_foreign("lun_0");
	if (!kernel_target_hide(&fake, TARGET, &error))
		fail_msg("%s", error.sentence);
	assert_int_equal(fake_count(), 0);
	assert_true(fake_has(GROUP "/lun/lun_0/link"));
}

/* What targetcli has made of a target so far: an address, a host, no LUN. */
static void one_that_others_have_begun_is_not_taken(void **state)
{
	static const char *const begun[] = {
		BASE "/np/0.0.0.0:23263", BASE "/acls/iqn.2020-01.org.example:stranger"};
	make("iscsi");
	for (int i = 0; i < 2; i++) {
		make("iscsi/" TARGET);
		make(BASE);
		make(begun[i]);
		fake_forget();
		error = (struct error){0};
		assert_false(kernel_target_show(&fake, wish(TWO_HOSTS), &error));
		assert_int_equal(error.code, ERROR_EXISTS);
		assert_true(kernel_target_hide(&fake, TARGET, &error));
		assert_int_equal(fake_count(), 0);
		unmake(begun[i]);
	}
}

static void so_is_one_with_one_lun_of_others_among_ours(void **state)
{
	const char *const nothing[] = {NULL};
	ASSERT_SHOWS(TWO_HOSTS);
	link_foreign("lun_9");
	assert_false(kernel_target_show(&fake, wish(OTHER_A), &error));
	assert_int_equal(error.code, ERROR_EXISTS);
	assert_false(kernel_target_hide(&fake, TARGET, &error));
	assert_int_equal(error.code, ERROR_EXISTS);
	assert_int_equal(kernel_target_remove_orphans(&fake, nothing), 0);
	assert_int_equal(fake_count(), 0);
}

static void so_is_one_with_another_portal_group(void **state)
{
	ASSERT_SHOWS(TWO_HOSTS);
	make("iscsi/" TARGET "/tpgt_2");
	fake_forget();
	assert_false(kernel_target_show(&fake, wish(OTHER_A), &error));
	assert_int_equal(error.code, ERROR_EXISTS);
	assert_int_equal(fake_count(), 0);
}

static void an_empty_one_is_taken(void **state)
{
	make("iscsi");
	make("iscsi/" TARGET);
	make(BASE);
	ASSERT_SHOWS(TWO_HOSTS);
}

static void a_device_is_as_a_shared_drive_needs_it_before_it_is_linked(void **state)
{
	static const char *const wrong[][2] = {
		{"pgr_support", "1"}, {"cmd_time_out", "30"}, {"tmr_notification", "0"}};
	for (int i = 0; i < 3; i++) {
		char path[CONFIGFS_PATH_MAX], right[16];
		configfs_path(path, "%s/attrib", devices[2].path);
		assert_int_equal(configfs_read(path, wrong[i][0], right, sizeof right), 0);
		assert_true(configfs_write(&fake, path, wrong[i][0], wrong[i][1], &error));
		assert_false(kernel_target_show(&fake, wish(TWO_HOSTS), &error));
		assert_int_equal(error.code, ERROR_KERNEL_TARGET);
		assert_non_null(strstr(error.sentence, wrong[i][0]));
		assert_true(configfs_write(&fake, path, wrong[i][0], right, &error));
		assert_hidden();
	}
}

/* ---- it goes ------------------------------------------------------------------------------- */

static void sessions_end_before_anything_goes(void **state)
{
	ASSERT_SHOWS(TWO_HOSTS);
	fake_forget();
	assert_true(kernel_target_hide(&fake, TARGET, &error));
	assert_int_equal(when("write " BASE "/enable 0"), 0);
	assert_true(when("remove " BASE "/acls/" HOST_B) < when("unlink " BASE "/lun/lun_0"));
	assert_true(when("remove " BASE "/lun/lun_0") < when("remove " BASE "/np/127.0.0.1"));
	assert_string_equal(fake_note(fake_count() - 2), "remove " BASE);
	assert_string_equal(fake_note(fake_count() - 1), "remove iscsi/" TARGET);
	assert_true(fake_has(FAKE_TARGET "/iscsi"));
	assert_hidden();
}

static void what_is_not_there_is_hidden_already(void **state)
{
	assert_true(kernel_target_hide(&fake, TARGET, &error));
	assert_true(kernel_target_hide(&fake, "iqn.2003-01.org.example:other", &error));
	assert_false(kernel_target_hide(&fake, "../core", &error));
	assert_int_equal(error.code, ERROR_INVALID);
}

static void orphans_are_those_that_nobody_keeps(void **state)
{
	const char *const keep[] = {"iqn.2003-01.org.example:other", TARGET, NULL};
	const char *const nothing[] = {NULL};
	ASSERT_SHOWS(TWO_HOSTS);
	make("iscsi/iqn.2003-01.org.example:somebodys");
	make("iscsi/iqn.2003-01.org.example:somebodys/tpgt_1");
	fake_put(FAKE_TARGET "/iscsi/discovery_auth/userid", "");
	fake_forget();
	assert_int_equal(kernel_target_remove_orphans(&fake, keep), 0);
	assert_int_equal(fake_count(), 0);
	assert_int_equal(kernel_target_remove_orphans(&fake, nothing), 1);
	assert_hidden();
	assert_true(fake_has(FAKE_TARGET "/iscsi/iqn.2003-01.org.example:somebodys/tpgt_1"));
	assert_true(fake_has(FAKE_TARGET "/iscsi/discovery_auth"));
}

/* Nobody answers what its hosts have under way: the kernel has to, before it is disabled. */
static void commands_of_orphans_are_ended_first(void **state)
{
	const char *const nothing[] = {NULL};
	ASSERT_SHOWS(TWO_HOSTS);
	fake_forget();
	assert_int_equal(kernel_target_remove_orphans(&fake, nothing), 1);
	int enabled = when("write " BASE "/enable 0");
	for (int i = 0; i < 3; i++) {
		char block[128], reset[128];
		const char *path = devices[i].path + strlen(fake.target) + 1;
		snprintf(block, sizeof block, "write %s/action/block_dev 1", path);
		snprintf(reset, sizeof reset, "write %s/action/reset_ring 2", path);
		assert_true(when(block) < when(reset) && when(reset) < enabled);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, iscsi_setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_wish_is_shown_from_nothing),
		TEST(every_wish_is_shown_from_every_other),
		TEST(what_is_as_wished_is_not_touched),
		TEST(nobody_logs_in_to_half_of_it),
		TEST(where_anybody_logs_in_nothing_is_read_only_before_the_first),
		TEST(a_kernel_without_authentication_of_acls_will_do),
		TEST(an_acl_that_asks_for_no_secret_is_put_right),
		TEST(a_host_comes_and_the_other_does_not_notice),
		TEST(a_host_that_comes_too_early_comes_again),
		TEST(a_host_goes_and_the_other_does_not_notice),
		TEST(a_host_with_other_luns_is_made_again_and_the_other_does_not_notice),
		TEST(secrets_are_changed_and_nobody_notices),
		TEST(addresses_are_changed_and_nobody_notices),
		TEST(where_anybody_could_log_in_all_is_made_again),
		TEST(what_was_disabled_is_enabled),
		TEST(a_lun_that_was_made_read_only_is_made_again),
		TEST(hosts_addresses_and_luns_of_others_go),
		TEST(a_target_of_others_is_refused_and_not_touched),
		TEST(there_is_nothing_of_ours_to_hide_in_it),
		TEST(one_that_others_have_begun_is_not_taken),
		TEST(so_is_one_with_one_lun_of_others_among_ours),
		TEST(so_is_one_with_another_portal_group),
		TEST(an_empty_one_is_taken),
		TEST(a_device_is_as_a_shared_drive_needs_it_before_it_is_linked),
		TEST(sessions_end_before_anything_goes),
		TEST(what_is_not_there_is_hidden_already),
		TEST(orphans_are_those_that_nobody_keeps),
		TEST(commands_of_orphans_are_ended_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
