/* SPDX-License-Identifier: Apache-2.0 */
/* Logins that come at the wrong time, in great number, or under strange names. */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bounded_log.h"
#include "log.h"
#include "portal_lab.h"
#include "raw_login.h"

/* Status-Class and Status-Detail (RFC 7143 11.13.5). */
enum {
	SUCCESS = 0x0000,
	INITIATOR_ERROR = 0x0200,
	AUTHENTICATION_FAILED = 0x0201,
	AUTHORIZATION_FAILED = 0x0202,
	NOT_FOUND = 0x0203,
	OUT_OF_RESOURCES = 0x0302,
};

#define TARGET "iqn.2026-01.local.tests:backup"

static unsigned log_in_raw(struct lab *lab, const char *initiator, const char *target)
{
	int fd = raw_connect(address_of(lab));
	unsigned status = raw_introduce(fd, RAW_TO_FULL, initiator, target);
	close(fd);
	return status;
}

/* ---- the log --------------------------------------------------------------------------------- */

static const char *begin_log(struct lab *lab)
{
	static char path[2 * PATH_MAX];
	snprintf(path, sizeof path, "%s/log", lab->directory);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(dup2(fd, 100), 100);
	close(fd);
	log_start(100, false);
	return path;
}

/* All of it, in a buffer that the next call reuses. */
static const char *end_log(const char *path)
{
	static char text[1 << 20];
	log_start(STDERR_FILENO, false);
	close(100);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t length = fread(text, 1, sizeof text - 1, file);
	text[length] = '\0';
	fclose(file);
	return text;
}

static unsigned count_of(const char *text, const char *word)
{
	unsigned count = 0;
	while ((text = strstr(text, word))) {
		count++;
		text++;
	}
	return count;
}

static void a_refusal_names_who_and_where(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("backup", "dvd0");
	add_rule(&put.initiators, "iqn.2001-04.com.example:*");
	assert_ok(export_put(lab, &put, true));
	const char *path = begin_log(lab);
	assert_int_equal(log_in_raw(lab, "iqn.2001-04.com.other:a", TARGET), AUTHORIZATION_FAILED);
	assert_int_equal(log_in_raw(lab, "iqn.2001-04.com.other:a", TARGET "x"), NOT_FOUND);
	const char *text = end_log(path);
	assert_non_null(strstr(text, "iqn.2001-04.com.other:a at 127.0.0.1"));
	assert_non_null(strstr(text, "may not log in to backup: its name is on no list"));
	assert_non_null(strstr(text, TARGET "x refused (0203)"));
}

static void a_flood_of_refusals_is_a_few_lines(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("backup", "dvd0");
	add_rule(&put.initiators, "iqn.2001-04.com.example:*");
	assert_ok(export_put(lab, &put, true));
	const char *path = begin_log(lab);
	for (unsigned i = 0; i < 300; i++)
		assert_int_equal(
			log_in_raw(lab, "iqn.2001-04.com.other:a", TARGET), AUTHORIZATION_FAILED);
	const char *text = end_log(path);
	unsigned lines = count_of(text, "\n");
	assert_true(lines >= BOUNDED_LOG_AT_ONCE);
	assert_true(lines < 3 * BOUNDED_LOG_AT_ONCE); /* however slow the machine is */
}

static void secrets_are_not_logged(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("backup", "dvd0");
	struct initiator_login right = {.user = "bob", .secret = "correct horse"};
	struct initiator_login wrong = {.user = "bob", .secret = "wrong battery"};
	log_set_level(LOG_LEVEL_DEBUG);
	const char *path = begin_log(lab);
	set_chap(&put, "bob", "correct horse");
	set_mutual(&put, "library", "short");
	assert_error(export_put(lab, &put, true), ERROR_INVALID);
	set_mutual(&put, "library", "correct staple");
	assert_ok(export_put(lab, &put, true));
	initiator_logout(login_as(lab, "backup", right));
	refused(lab, "backup", wrong, "Authentication");
	assert_ok(export_remove(lab, "backup"));
	await_sessions(lab, 0);
	const char *text = end_log(path);
	log_set_level(LOG_LEVEL_INFO);
	assert_non_null(strstr(text, "logged in to backup"));
	assert_non_null(strstr(text, "refused (0201)"));
	assert_null(strstr(text, "correct"));
	assert_null(strstr(text, "battery"));
	assert_null(strstr(text, "short"));
}

/* ---- names ----------------------------------------------------------------------------------- */

static void strange_names_do_not_get_in(void **state)
{
	static const struct {
		const char *name;
		unsigned status;
	} strange[] = {
		{"", INITIATOR_ERROR},
		{"iqn.a\x1b[2J", INITIATOR_ERROR},
		{"iqn.a\nforged", INITIATOR_ERROR},
		{"iqn.a b", INITIATOR_ERROR},
		{"iqn.a,i,0x400000000000", AUTHORIZATION_FAILED},
		{"iqn.a@backup", AUTHORIZATION_FAILED},
		{"iqn.a\xc2\x9b", AUTHORIZATION_FAILED},
	};
	struct lab *lab = *state;
	make_export(lab, "backup", "dvd0");
	const char *path = begin_log(lab);
	for (unsigned i = 0; i < sizeof strange / sizeof strange[0]; i++)
		assert_int_equal(log_in_raw(lab, strange[i].name, TARGET), strange[i].status);
	const char *text = end_log(path);
	assert_null(strchr(text, 0x1b));
	assert_null(strstr(text, "\nforged"));
	assert_null(strstr(text, "\xc2\x9b"));
	assert_int_equal(see_export(lab, "backup").session_count, 0);
}

/* RFC 3722: there are no capitals in an iSCSI name, whatever an initiator writes. */
static void capitals_are_small_letters(void **state)
{
	struct lab *lab = *state;
	struct library_session session;
	struct initiator_login capitals = {.qualifier = 1, .name = "IQN.2001-04.com.Example:A"};
	struct initiator_login small = {.qualifier = 1, .name = "iqn.2001-04.com.example:a"};
	make_export(lab, "backup", "dvd0");
	struct initiator *first = login_as(lab, "BACKUP", capitals);
	assert_int_equal(initiator_ready(first, 0), POWER_ON);
	assert_true(nth_session(lab->library, "backup", 0, &session));
	assert_string_equal(session.initiator, small.name);
	struct initiator *second = login_as(lab, "backup", small); /* takes its place */
	assert_int_equal(initiator_ready(second, 0), 0);
	assert_int_equal(initiator_ready(first, 0), -1);
	initiator_vanish(first);
	initiator_logout(second);
}

static void a_target_in_capitals_is_closed_too(void **state)
{
	struct lab *lab = *state;
	struct initiator_login login = {.qualifier = 1};
	make_export(lab, "backup", "dvd1");
	struct initiator *initiator = login_as(lab, "Backup", login);
	assert_ok(drive_remove(lab, "dvd1", 0));
	await_sessions(lab, 0);
	initiator_vanish(initiator);
	initiator = login_as(lab, "Backup", login);
	assert_ok(export_remove(lab, "backup"));
	await_sessions(lab, 0);
	initiator_vanish(initiator);
}

/* ---- changes in the middle of a login -------------------------------------------------------- */

/* Begins a login, lets the operator have a word, and ends it. */
static unsigned log_in_around(
	struct lab *lab, const struct library_export_put *before, struct library_export_put *after)
{
	assert_ok(export_put(lab, before, false));
	int fd = raw_connect(address_of(lab));
	assert_int_equal(raw_introduce(fd, RAW_STAY, "iqn.2001-04.com.example:a", TARGET), SUCCESS);
	if (after)
		assert_ok(export_put(lab, after, false));
	else
		assert_ok(export_remove(lab, "backup"));
	unsigned status = raw_request(fd, RAW_TO_FULL, "", 0);
	close(fd);
	await_sessions(lab, 0);
	return status;
}

static void a_login_meets_what_is_asked_when_it_ends(void **state)
{
	struct lab *lab = *state;
	struct library_export_put plain = wanted("backup", "dvd0");
	struct library_export_put same = plain, chap = plain, names = plain, other = plain;
	assert_int_equal(log_in_around(lab, &plain, &same), SUCCESS);
	strcpy(other.luns[0].drive, "dvd1");
	assert_int_equal(log_in_around(lab, &plain, &other), SUCCESS);
	set_chap(&chap, "bob", "correct horse");
	assert_int_equal(log_in_around(lab, &plain, &chap), AUTHENTICATION_FAILED);
	add_rule(&names.initiators, "iqn.2001-04.com.other:*");
	assert_int_equal(log_in_around(lab, &plain, &names), AUTHORIZATION_FAILED);
	assert_int_equal(log_in_around(lab, &plain, NULL), NOT_FOUND);
}

/* ---- many ------------------------------------------------------------------------------------ */

static void a_drive_lists_64_hosts_of_more(void **state)
{
	enum { MANY = 70 };
	struct lab *lab = *state;
	struct initiator *all[MANY];
	struct library_session session;
	make_export(lab, "backup", "dvd0");
	for (unsigned i = 0; i < MANY; i++)
		all[i] = login_as(lab, "backup", (struct initiator_login){.qualifier = i});
	assert_int_equal(see_export(lab, "backup").session_count, MANY);
	assert_true(nth_session(lab->library, "backup", MANY - 1, &session));
	assert_false(nth_session(lab->library, "backup", MANY, &session));
	assert_int_equal(see_drive(lab, "dvd0").host_count, LIBRARY_NEXUSES_MAX);
	for (unsigned i = 0; i < MANY; i++)
		initiator_logout(all[i]);
	await_sessions(lab, 0);
}

static void no_more_sessions_than_configured(void **state)
{
	struct lab *lab = *state;
	lab->config.portal.sessions = 2;
	lab_restart(lab);
	make_export(lab, "backup", "dvd0");
	struct initiator *first = login_as(lab, "backup", (struct initiator_login){.qualifier = 2});
	struct initiator *second =
		login_as(lab, "backup", (struct initiator_login){.qualifier = 3});
	assert_int_equal(log_in_raw(lab, INITIATOR_NAME, TARGET), OUT_OF_RESOURCES);
	initiator_logout(first);
	await_sessions(lab, 1);
	assert_int_equal(log_in_raw(lab, INITIATOR_NAME, TARGET), SUCCESS);
	initiator_logout(second);
}

static void every_address_is_served(void **state)
{
	static const char *const two[] = {"127.0.0.1:0", "127.0.0.2:0"};
	struct lab *lab = *state;
	char addresses[LIBRARY_TEXT_MAX];
	lab->config.portal.listen = two;
	lab->config.portal.listen_count = 2;
	lab_restart(lab);
	make_export(lab, "backup", "dvd0");
	snprintf(addresses, sizeof addresses, "%s", address_of(lab));
	char *second = strchr(addresses, ' ');
	assert_non_null(second);
	*second++ = '\0';
	assert_null(strchr(second, ' '));
	int fds[2] = {raw_connect(addresses), raw_connect(second)};
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(
			raw_introduce(fds[i], RAW_TO_FULL, i ? "iqn.a:x" : "iqn.a:y", TARGET),
			SUCCESS);
	}
	assert_int_equal(see_export(lab, "backup").session_count, 2);
	close(fds[0]);
	close(fds[1]);
}

static void after_the_stop_nobody_waits(void **state)
{
	struct lab *lab = *state;
	library_stop(lab->library);
	assert_true(raw_is_refused(address_of(lab)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PORTAL(a_refusal_names_who_and_where),
		WITH_PORTAL(a_flood_of_refusals_is_a_few_lines),
		WITH_PORTAL(secrets_are_not_logged),
		WITH_PORTAL(strange_names_do_not_get_in),
		WITH_PORTAL(capitals_are_small_letters),
		WITH_PORTAL(a_target_in_capitals_is_closed_too),
		WITH_PORTAL(a_login_meets_what_is_asked_when_it_ends),
		WITH_PORTAL(a_drive_lists_64_hosts_of_more),
		WITH_PORTAL(no_more_sessions_than_configured),
		WITH_PORTAL(every_address_is_served),
		WITH_PORTAL(after_the_stop_nobody_waits),
	};
	return cmocka_run_group_tests_name("daemon/library logins", tests, NULL, NULL);
}
