/* SPDX-License-Identifier: Apache-2.0 */
/* Who may log in: lists, networks, and exports that nothing protects. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "directory.h"
#include "targets.h"
#include "util/error.h"

enum { REMOTE = 1, ALLOW_OPEN = 2, OPEN = 4, CHAP = 8 };

#define FRIEND   "iqn.2001-04.com.example:a"
#define STRANGER "iqn.2001-04.com.other:a"
#define RULE     "iqn.2001-04.com.example:*"

/* NULL lists are empty; `in` is whether initiator and address get in. */
static const struct {
	unsigned flags;
	const char *rule, *network;
	const char *initiator, *address;
	bool in;
} table[] = {
	/* on this machine alone */
	{0, NULL, NULL, STRANGER, "127.0.0.1", true},
	{0, RULE, NULL, STRANGER, "127.0.0.1", false},
	{0, RULE, NULL, FRIEND, "127.0.0.1", true},
	{0, NULL, "10.0.0.0/8", FRIEND, "127.0.0.1", false},
	/* both lists must be satisfied */
	{REMOTE, RULE, "10.0.0.0/8", FRIEND, "10.1.1.1", true},
	{REMOTE, RULE, "10.0.0.0/8", FRIEND, "::ffff:10.1.1.1", true},
	{REMOTE, RULE, "10.0.0.0/8", FRIEND, "11.1.1.1", false},
	{REMOTE, RULE, "10.0.0.0/8", STRANGER, "10.1.1.1", false},
	{REMOTE, RULE, "10.0.0.0/8", STRANGER, "11.1.1.1", false},
	{REMOTE, RULE, "10.0.0.0/8", FRIEND, "127.0.0.1", false},
	{REMOTE, RULE, NULL, FRIEND, "192.0.2.1", true},
	{REMOTE, RULE, NULL, STRANGER, "192.0.2.1", false},
	{REMOTE, RULE, NULL, "IQN.2001-04.COM.EXAMPLE:B", "192.0.2.1", true},
	{REMOTE, NULL, "fd00::/8", STRANGER, "fd00::1", true},
	{REMOTE, NULL, "fd00::/8", STRANGER, "fe80::1%eth0", false},
	{REMOTE, NULL, "fe80::/10", STRANGER, "fe80::1%eth0", true},
	/* nothing protects it: this machine alone, unless that was said twice */
	{REMOTE, NULL, NULL, FRIEND, "192.0.2.1", false},
	{REMOTE, NULL, NULL, FRIEND, "2001:db8::1", false},
	{REMOTE, NULL, NULL, FRIEND, "127.0.0.1", true},
	{REMOTE, NULL, NULL, FRIEND, "::1", true},
	{REMOTE, NULL, NULL, FRIEND, "::ffff:127.0.0.1", true},
	{REMOTE, "*", NULL, FRIEND, "192.0.2.1", false},
	{REMOTE, NULL, "0.0.0.0/0", FRIEND, "192.0.2.1", false},
	{REMOTE, NULL, "::/0", FRIEND, "2001:db8::1", false},
	{REMOTE | OPEN, NULL, NULL, FRIEND, "192.0.2.1", false},
	{REMOTE | ALLOW_OPEN, NULL, NULL, FRIEND, "192.0.2.1", false},
	{REMOTE | OPEN | ALLOW_OPEN, NULL, NULL, FRIEND, "192.0.2.1", true},
	{REMOTE | OPEN | ALLOW_OPEN, RULE, NULL, STRANGER, "192.0.2.1", false},
	{REMOTE | CHAP, NULL, NULL, FRIEND, "192.0.2.1", true},
	{REMOTE | CHAP, "*", "0.0.0.0/0", FRIEND, "192.0.2.1", true},
	{REMOTE | CHAP, RULE, NULL, STRANGER, "192.0.2.1", false},
	/* an address that cannot be understood is in no network, and not this machine */
	{REMOTE, NULL, "10.0.0.0/8", FRIEND, "", false},
	{REMOTE, NULL, NULL, FRIEND, "", false},
};

static struct catalog_export *row_of(unsigned i)
{
	struct catalog_export *row = calloc(1, sizeof *row);
	assert_non_null(row);
	strcpy(row->name, "backup");
	row->open = table[i].flags & OPEN;
	if (table[i].flags & CHAP)
		strcpy(row->chap_user, "bob");
	if (table[i].rule)
		strcpy(row->initiators[row->initiator_count++], table[i].rule);
	if (table[i].network)
		strcpy(row->networks[row->network_count++], table[i].network);
	return row;
}

static struct targets_policy policy_of(unsigned i)
{
	return (struct targets_policy){
		.remote = table[i].flags & REMOTE, .allow_open = table[i].flags & ALLOW_OPEN};
}

static void rules_let_in_and_keep_out(void **state)
{
	for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct catalog_export *row = row_of(i);
		struct targets_policy policy = policy_of(i);
		const char *why =
			target_refuses(&policy, row, table[i].initiator, table[i].address);
		if (!why != table[i].in)
			fail_msg("row %u: %s at %s: %s", i, table[i].initiator, table[i].address,
				why ? why : "gets in");
		free(row);
	}
}

/* There is a warning exactly where others than this machine can never get in. */
static void the_warning_says_what_happens(void **state)
{
	for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
		char warning[LIBRARY_TEXT_MAX];
		struct catalog_export *row = row_of(i);
		struct targets_policy policy = policy_of(i);
		target_warning(&policy, row, warning);
		bool open = row->open && policy.allow_open;
		assert_int_equal(
			warning[0] != '\0', policy.remote && target_is_unprotected(row) && !open);
		if (warning[0])
			assert_non_null(strstr(warning, row->open ? "allow_open" : "not open"));
		free(row);
	}
}

static void one_rule_of_several_is_enough(void **state)
{
	struct targets_policy policy = {.remote = true};
	struct catalog_export *row = calloc(1, sizeof *row);
	assert_non_null(row);
	strcpy(row->initiators[row->initiator_count++], "iqn.none");
	strcpy(row->initiators[row->initiator_count++], RULE);
	strcpy(row->networks[row->network_count++], "10.0.0.0/8");
	strcpy(row->networks[row->network_count++], "192.0.2.7");
	assert_null(target_refuses(&policy, row, FRIEND, "192.0.2.7"));
	assert_non_null(target_refuses(&policy, row, FRIEND, "192.0.2.8"));
	assert_non_null(target_refuses(&policy, row, STRANGER, "192.0.2.7"));
	/* One that lets everybody in makes the others of its list worth nothing. */
	assert_false(target_is_unprotected(row));
	strcpy(row->initiators[row->initiator_count++], "*");
	assert_false(target_is_unprotected(row));
	strcpy(row->networks[row->network_count++], "::/0");
	assert_true(target_is_unprotected(row));
	free(row);
}

/* ---- the published list ---------------------------------------------------------------------- */

static void put(struct catalog *catalog, const char *name, const char *target)
{
	struct error error = {0};
	struct catalog_export *row = calloc(1, sizeof *row);
	assert_non_null(row);
	snprintf(row->name, sizeof row->name, "%s", name);
	snprintf(row->target, sizeof row->target, "%s", target);
	if (!catalog_export_put(catalog, row, "uid 0", &error))
		fail_msg("%s", error.sentence);
	free(row);
}

static void who_looks_keeps_what_it_found(void **state)
{
	struct targets targets;
	struct error error = {0};
	struct catalog *catalog = catalog_open(in_directory(state, "catalog.db"), &error);
	assert_non_null(catalog);
	targets_init(&targets);
	put(catalog, "b", "iqn.2001-04.com.example:b");
	put(catalog, "a", "iqn.2001-04.com.example:a");
	assert_null(targets_find(&targets, "a")); /* not published */
	assert_true(targets_reload(&targets, catalog, &error));
	struct target *first = targets_at(&targets, 0);
	struct target *same = targets_find_by_target(&targets, "IQN.2001-04.com.example:A");
	assert_ptr_equal(first, same);
	assert_null(targets_at(&targets, 2));
	assert_true(catalog_export_remove(catalog, "a", "uid 0", &error));
	assert_true(targets_reload(&targets, catalog, &error));
	assert_null(targets_find(&targets, "a"));
	assert_string_equal(first->row.name, "a"); /* still there for who has it */
	target_put(&targets, first);
	target_put(&targets, same);
	target_put(&targets, NULL);
	targets_finish(&targets);
	catalog_close(catalog);
}

/* ---- sessions -------------------------------------------------------------------------------- */

enum { SESSIONS = 10000 };

static struct target_session *log_in(struct targets *targets, const char *export_name)
{
	struct target_session *session = calloc(1, sizeof *session);
	assert_non_null(session);
	snprintf(session->about.export, sizeof session->about.export, "%s", export_name);
	assert_true(targets_add_session(targets, session));
	return session;
}

static void log_out(struct targets *targets, struct target_session *session)
{
	targets_remove_session(targets, session);
	free(session);
}

static void sessions_are_listed_in_the_order_of_logins(void **state)
{
	struct target_session **all = calloc(SESSIONS, sizeof *all);
	struct library_session session = {.number = 0};
	struct targets targets;
	unsigned count = 0;
	assert_non_null(all);
	targets_init(&targets);
	for (unsigned i = 0; i < SESSIONS; i++)
		all[i] = log_in(&targets, i % 100 ? "backup" : "few");
	while (targets_session_after(&targets, "", session.number, &session))
		assert_int_equal(session.number, ++count);
	assert_int_equal(count, SESSIONS);
	assert_int_equal(targets_session_count(&targets, "few"), SESSIONS / 100);
	assert_true(targets_session_after(&targets, "few", 5000, &session));
	assert_int_equal(session.number, 5001);
	assert_true(targets_session_after(&targets, "few", 5001, &session));
	assert_int_equal(session.number, 5101);
	assert_false(targets_session_after(&targets, "few", 9901, &session));
	for (unsigned i = 0; i < SESSIONS; i++)
		log_out(&targets, all[i]);
	assert_false(targets_session_after(&targets, "", 0, &session));
	targets_finish(&targets);
	free(all);
}

static void who_leaves_in_the_middle_of_a_page_is_no_loss(void **state)
{
	struct library_session session;
	struct targets targets;
	targets_init(&targets);
	struct target_session *first = log_in(&targets, "a"), *second = log_in(&targets, "a"),
			      *third = log_in(&targets, "a");
	log_out(&targets, second);
	assert_true(targets_session_after(&targets, "a", 2, &session)); /* behind who left */
	assert_int_equal(session.number, 3);
	log_out(&targets, third);
	assert_int_equal(targets_session_number(&targets), 4); /* one of the kernel's */
	third = log_in(&targets, "a");
	assert_true(targets_session_after(&targets, NULL, 1, &session));
	assert_int_equal(session.number, 5); /* no number comes again */
	log_out(&targets, first);
	log_out(&targets, third);
	targets_finish(&targets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_let_in_and_keep_out),
		cmocka_unit_test(the_warning_says_what_happens),
		cmocka_unit_test(one_rule_of_several_is_enough),
		IN_DIRECTORY(who_looks_keeps_what_it_found),
		cmocka_unit_test(sessions_are_listed_in_the_order_of_logins),
		cmocka_unit_test(who_leaves_in_the_middle_of_a_page_is_no_loss),
	};
	return cmocka_run_group_tests_name("daemon/targets", tests, NULL, NULL);
}
