/* SPDX-License-Identifier: Apache-2.0 */
/* Exports: what operators may ask for, and what initiators find. */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "portal_lab.h"

/* ---- reading --------------------------------------------------------------------------------- */

static void an_initiator_reads_the_disc(void **state)
{
	struct lab *lab = *state;
	make_export(lab, "backup", "dvd0");
	struct initiator *initiator = login_to(lab, "backup");
	assert_int_equal(initiator_ready(initiator, 0), POWER_ON);
	assert_int_equal(initiator_ready(initiator, 0), 0);
	assert_disc_a(initiator);
	initiator_logout(initiator);
}

static void the_luns_are_those_of_the_map(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("backup", "dvd0");
	put.lun_count = 2;
	put.luns[1].lun = 7;
	strcpy(put.luns[1].drive, "dvd1");
	assert_ok(export_put(lab, &put, true));
	struct initiator *initiator = login_to(lab, "backup");
	assert_int_equal(initiator_luns(initiator), 2);
	assert_int_equal(initiator_ready(initiator, 7), POWER_ON);
	assert_int_equal(initiator_ready(initiator, 7), 0x023a01);
	initiator_logout(initiator);
}

/* What it registers belongs to its name, its ISID and this export. */
static void its_nexus_has_the_ports_of_the_session(void **state)
{
	struct lab *lab = *state;
	char text[300];
	struct scsi_port seen = {0};
	char target_name[SCSI_TARGET_NAME_MAX] = "";
	make_export(lab, "other", "dvd0");
	make_export(lab, "backup", "dvd0");
	struct initiator *initiator = login_to(lab, "backup");
	initiator_ready(initiator, 0);
	struct scsi_lu *lu = nexus_of(lab, "dvd0")->lu;
	scsi_lu_lock(lu);
	list_for_each (node, &lu->nexuses) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (!strstr(nexus->name, "@backup"))
			continue;
		seen = nexus->port;
		memcpy(target_name, nexus->target_name, sizeof target_name);
	}
	scsi_lu_unlock(lu);
	scsi_port_text(&seen, text, sizeof text);
	assert_non_null(strstr(text, INITIATOR_NAME ",i,0x"));
	assert_int_equal(strlen(text), strlen(INITIATOR_NAME ",i,0x") + 12);
	assert_int_equal(seen.target, 3); /* the second export that was made */
	assert_string_equal(target_name, "iqn.2026-01.local.tests:backup,t,0x0001");
	initiator_logout(initiator);
}

static void a_swap_is_noticed(void **state)
{
	struct lab *lab = *state;
	make_export(lab, "backup", "dvd0");
	struct initiator *initiator = login_to(lab, "backup");
	initiator_ready(initiator, 0);
	struct operation *swap = begin_load(lab, "dvd0", "b", REPLACE);
	while (initiator_ready(initiator, 0) != NO_MEDIUM)
		sleep_ms(5);
	sleep_ms(2 * LAB_DWELL_MS);
	assert_int_equal(initiator_ready(initiator, 0), MEDIUM_CHANGED);
	assert_int_equal(initiator_ready(initiator, 0), 0);
	assert_ok(answer_of(swap));
	initiator_logout(initiator);
}

static void sessions_are_listed(void **state)
{
	struct lab *lab = *state;
	struct library_session session;
	make_export(lab, "backup", "dvd0");
	make_export(lab, "other", "dvd1");
	struct initiator *initiator = login_to(lab, "backup");
	assert_true(nth_session(lab->library, "backup", 0, &session));
	assert_string_equal(session.export, "backup");
	assert_string_equal(session.initiator, INITIATOR_NAME);
	assert_string_equal(session.address, "127.0.0.1");
	assert_memory_equal(session.isid, "0x40", 4);
	assert_true(session.since > 0);
	assert_true(nth_session(lab->library, "", 0, &session));
	assert_false(nth_session(lab->library, "", 1, &session));
	assert_false(nth_session(lab->library, "other", 0, &session));
	assert_int_equal(see_export(lab, "backup").session_count, 1);
	assert_int_equal(see_export(lab, "other").session_count, 0);
	assert_int_equal(see_drive(lab, "dvd0").host_count, 1);
	initiator_logout(initiator);
	await_sessions(lab, 0);
	assert_int_equal(see_drive(lab, "dvd0").host_count, 0);
}

static void a_lock_goes_with_the_connection(void **state)
{
	struct lab *lab = *state;
	make_export(lab, "backup", "dvd0");
	struct initiator *initiator = login_to(lab, "backup");
	initiator_ready(initiator, 0);
	assert_int_equal(initiator_prevent(initiator, 0, true), 0);
	assert_true(see_drive(lab, "dvd0").locked);
	struct operation *ejecting = begin_eject(lab, "dvd0", 0);
	initiator_vanish(initiator);
	assert_ok(answer_of(ejecting));
}

/* As after a move to the kernel; without one here it is shown by nobody. */
static void one_of_the_kernels_is_not_the_portals(void **state)
{
	struct lab *lab = *state;
	make_export(lab, "backup", "dvd0");
	initiator_logout(login_to(lab, "backup"));
	lab_stop(lab);
	lab_sql(lab, "UPDATE exports SET transport = 'kernel'");
	lab_start(lab);
	refused(lab, "backup", (struct initiator_login){0}, "not found");
	assert_non_null(strstr(see_export(lab, "backup").warning, "The kernel does not show it"));
}

/* ---- returning ------------------------------------------------------------------------------- */

static void one_that_returns_hears_nothing(void **state)
{
	struct lab *lab = *state;
	make_export(lab, "backup", "dvd0");
	struct initiator *initiator = login_to(lab, "backup");
	initiator_ready(initiator, 0);
	initiator_vanish(initiator);
	initiator = login_to(lab, "backup");
	assert_disc_a(initiator);
	initiator_logout(initiator);
}

static void one_with_another_isid_is_new(void **state)
{
	struct lab *lab = *state;
	make_export(lab, "backup", "dvd0");
	struct initiator *initiator = login_to(lab, "backup");
	initiator_ready(initiator, 0);
	initiator_logout(initiator);
	initiator = login_as(lab, "backup", (struct initiator_login){.qualifier = 2});
	assert_int_equal(initiator_ready(initiator, 0), POWER_ON);
	initiator_logout(initiator);
}

static void one_with_a_new_random_isid_is_known(void **state)
{
	struct lab *lab = *state;
	make_export(lab, "backup", "dvd0");
	for (int i = 0; i < 4; i++) {
		struct initiator *initiator =
			login_as(lab, "backup", (struct initiator_login){.random_isid = true});
		assert_int_equal(initiator_ready(initiator, 0), i == 0 ? POWER_ON : 0);
		initiator_vanish(initiator);
		await_sessions(lab, 0);
	}
	struct initiator *other = login_as(lab, "backup",
		(struct initiator_login){.random_isid = true, .name = "iqn.2001-04.com.example:x"});
	assert_int_equal(initiator_ready(other, 0), POWER_ON);
	initiator_logout(other);
}

static void a_second_session_of_one_port_ends_the_first(void **state)
{
	struct lab *lab = *state;
	make_export(lab, "backup", "dvd0");
	struct initiator *first = login_to(lab, "backup");
	initiator_ready(first, 0);
	struct initiator *second = login_to(lab, "backup");
	assert_disc_a(second);
	await_sessions(lab, 1);
	assert_int_equal(initiator_ready(first, 0), -1);
	initiator_vanish(first);
	initiator_logout(second);
}

static void a_restart_is_silent(void **state)
{
	struct lab *lab = *state;
	make_export(lab, "backup", "dvd0");
	struct initiator *initiator = login_to(lab, "backup");
	initiator_ready(initiator, 0);
	lab_restart(lab);
	initiator_vanish(initiator);
	initiator = login_to(lab, "backup");
	assert_disc_a(initiator);
	struct initiator *stranger =
		login_as(lab, "backup", (struct initiator_login){.qualifier = 2});
	assert_int_equal(initiator_ready(stranger, 0), POWER_ON);
	initiator_logout(stranger);
	initiator_logout(initiator);
}

static size_t copy_told(struct lab *lab, const char *drive, void *bytes, size_t size, bool write_it)
{
	char path[2 * PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", lab->told_dir, drive);
	int fd = open(path, write_it ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY, 0600);
	assert_true(fd >= 0);
	ssize_t length = write_it ? write(fd, bytes, size) : read(fd, bytes, size);
	assert_true(length > 0);
	close(fd);
	return (size_t)length;
}

/* What the told record said while the session was there is what a killed daemon leaves. */
static void a_killed_daemon_is_silent(void **state)
{
	static uint8_t told[1 << 20];
	struct lab *lab = *state;
	make_export(lab, "backup", "dvd0");
	struct initiator *initiator = login_to(lab, "backup");
	initiator_ready(initiator, 0);
	assert_int_equal(initiator_prevent(initiator, 0, true), 0);
	size_t length = copy_told(lab, "dvd0", told, sizeof told, false);
	lab_stop(lab);
	copy_told(lab, "dvd0", told, length, true);
	lab->config.clean = false;
	lab_start(lab);
	initiator_vanish(initiator);
	assert_false(see_drive(lab, "dvd0").locked); /* with its session */
	initiator = login_to(lab, "backup");
	assert_disc_a(initiator);
	initiator_logout(initiator);
}

static void a_swap_while_it_was_away_is_told(void **state)
{
	struct lab *lab = *state;
	make_export(lab, "backup", "dvd0");
	struct initiator *initiator = login_to(lab, "backup");
	initiator_ready(initiator, 0);
	initiator_logout(initiator);
	await_sessions(lab, 0);
	assert_ok(load(lab, "dvd0", "b", REPLACE));
	initiator = login_to(lab, "backup");
	assert_int_equal(initiator_ready(initiator, 0), NO_MEDIUM);
	sleep_ms(2 * LAB_DWELL_MS);
	assert_int_equal(initiator_ready(initiator, 0), MEDIUM_CHANGED);
	assert_int_equal(initiator_ready(initiator, 0), 0);
	initiator_logout(initiator);
}

/* ---- who may log in -------------------------------------------------------------------------- */

static void rules_are_kept(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("backup", "dvd0");
	struct initiator_login friend = {.name = "iqn.2001-04.com.example:a"};
	struct initiator_login stranger = {.name = "iqn.2001-04.com.other:a"};
	add_rule(&put.initiators, "iqn.2001-04.com.example:*");
	assert_ok(export_put(lab, &put, true));
	refused(lab, "backup", stranger, "Authorization");
	initiator_logout(login_as(lab, "backup", friend));
	add_rule(&put.networks, "192.0.2.0/24");
	assert_ok(export_put(lab, &put, false));
	refused(lab, "backup", friend, "Authorization");
	add_rule(&put.networks, "127.0.0.0/8");
	assert_ok(export_put(lab, &put, false));
	initiator_logout(login_as(lab, "backup", friend));
	refused(lab, "nowhere", friend, "not found");
}

static void discovery_shows_what_one_may_see(void **state)
{
	struct lab *lab = *state;
	char found[1024];
	struct library_export_put put = wanted("backup", "dvd0");
	add_rule(&put.initiators, "iqn.2001-04.com.example:*");
	assert_ok(export_put(lab, &put, true));
	make_export(lab, "all", "dvd0");
	initiator_discover(address_of(lab), "iqn.2001-04.com.example:a", found, sizeof found);
	assert_non_null(strstr(found, "tests:all "));
	assert_non_null(strstr(found, "tests:backup "));
	initiator_discover(address_of(lab), "iqn.2001-04.com.other:a", found, sizeof found);
	assert_string_equal(found, "iqn.2026-01.local.tests:all ");
}

static void chap_is_asked_for(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("backup", "dvd0");
	set_chap(&put, "bob", "correct horse");
	assert_ok(export_put(lab, &put, true));
	refused(lab, "backup", (struct initiator_login){0}, "uth");
	refused(lab, "backup", (struct initiator_login){.user = "bob", .secret = "wrong secret!"},
		"Authentication");
	struct initiator_login right = {.user = "bob", .secret = "correct horse"};
	initiator_logout(login_as(lab, "backup", right));
}

static void the_target_proves_itself(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("backup", "dvd0");
	set_chap(&put, "bob", "correct horse");
	set_mutual(&put, "library", "battery staple");
	assert_ok(export_put(lab, &put, true));
	struct initiator_login login = {.user = "bob",
		.secret = "correct horse",
		.target_user = "library",
		.target_secret = "battery staple"};
	initiator_logout(login_as(lab, "backup", login));
	char why[LIBRARY_TEXT_MAX];
	login.target_secret = "another secret";
	assert_null(try_login(lab, "backup", login, why));
}

static void a_secret_that_is_not_said_again_stays(void **state)
{
	struct lab *lab = *state;
	struct initiator_login right = {.user = "bob", .secret = "correct horse"};
	struct library_export_put put = wanted("backup", "dvd0");
	set_chap(&put, "bob", "correct horse");
	assert_ok(export_put(lab, &put, true));
	put.chap_secret = NULL;
	put.luns[0].lun = 3;
	assert_ok(export_put(lab, &put, false));
	initiator_logout(login_as(lab, "backup", right));
	set_chap(&put, "eve", NULL);
	assert_error(export_put(lab, &put, false), ERROR_INVALID);
	set_chap(&put, "", NULL);
	assert_ok(export_put(lab, &put, false));
	assert_int_equal(
		lab_number(lab, "SELECT count(*) FROM exports WHERE chap_secret != ''"), 0);
}

static void secrets_are_in_no_answer_and_in_no_history(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("backup", "dvd0");
	set_chap(&put, "bob", "correct horse");
	set_mutual(&put, "library", "battery staple");
	assert_ok(export_put(lab, &put, true));
	struct library_export seen = see_export(lab, "backup");
	assert_null(memmem(&seen, sizeof seen, "horse", 5));
	assert_null(memmem(&seen, sizeof seen, "staple", 6));
	assert_string_equal(seen.chap_user, "bob");
	assert_string_equal(seen.mutual_user, "library");
	assert_int_equal(
		lab_number(lab, "SELECT count(*) FROM history WHERE subject = 'backup'"), 1);
	assert_int_equal(
		lab_number(lab, "SELECT count(*) FROM history WHERE "
				"actor || verb || drive || medium || detail LIKE '%horse%'"),
		0);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void assert_refused(
	struct lab *lab, const struct library_export_put *put, enum error_code code)
{
	const struct library_result *result = export_put(lab, put, false);
	assert_error(result, code);
	assert_true(result->error.remedy[0]);
}

static void malformed_exports_are_refused(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("Backup", "dvd0");
	assert_refused(lab, &put, ERROR_INVALID);
	put = wanted("backup", "dvd9");
	assert_refused(lab, &put, ERROR_DRIVE_NOT_FOUND);
	put = wanted("backup", "dvd0");
	strcpy(put.target, "backup");
	assert_refused(lab, &put, ERROR_INVALID);
	put = wanted("backup", "dvd0");
	put.luns[0].lun = 16384;
	assert_refused(lab, &put, ERROR_INVALID);
	put = wanted("backup", "dvd0");
	put.lun_count = 2;
	put.luns[1] = put.luns[0];
	assert_refused(lab, &put, ERROR_INVALID);
	put.luns[1].lun = 1;
	assert_refused(lab, &put, ERROR_INVALID); /* one drive twice */
	put = wanted("backup", "dvd0");
	add_rule(&put.initiators, "iqn.a b");
	assert_refused(lab, &put, ERROR_INVALID);
	put = wanted("backup", "dvd0");
	add_rule(&put.networks, "10.0.0.1/8");
	assert_refused(lab, &put, ERROR_INVALID);
	put = wanted("backup", "dvd0");
	put.lun_count = LIBRARY_EXPORT_LUNS_MAX + 1;
	assert_refused(lab, &put, ERROR_INVALID);
	assert_false(library_export_at(lab->library, 0, &(struct library_export){0}));
}

static void malformed_secrets_are_refused(void **state)
{
	struct lab *lab = *state;
	static char long_secret[400];
	memset(long_secret, 'x', sizeof long_secret - 1);
	static const struct {
		const char *user, *secret, *mutual, *mutual_secret;
	} bad[] = {
		{"bob", NULL, "", NULL},
		{"bob", "", "", NULL},
		{"bob", "eleven byte", "", NULL},
		{"bob", long_secret, "", NULL},
		{"", "correct horse", "", NULL},
		{"b ob", "correct horse", "", NULL},
		{"", NULL, "lib", "battery staple"},
		{"bob", "correct horse", "lib", "correct horse"},
		{"bob", "correct horse", "lib", NULL},
	};
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct library_export_put put = wanted("backup", "dvd0");
		set_chap(&put, bad[i].user, bad[i].secret);
		set_mutual(&put, bad[i].mutual, bad[i].mutual_secret);
		assert_refused(lab, &put, ERROR_INVALID);
	}
}

static void names_are_unique(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("backup", "dvd0");
	strcpy(put.target, "IQN.2001-04.com.example:One");
	assert_ok(export_put(lab, &put, true));
	assert_string_equal(see_export(lab, "backup").target, "iqn.2001-04.com.example:one");
	assert_error(export_put(lab, &put, true), ERROR_EXISTS);
	strcpy(put.name, "other");
	assert_error(export_put(lab, &put, true), ERROR_EXISTS);
	assert_error(export_remove(lab, "nix"), ERROR_EXPORT_NOT_FOUND);
}

static void an_unprotected_export_is_refused_beyond_this_machine(void **state)
{
	struct lab *lab = *state;
	make_export(lab, "old", "dvd1"); /* while the portal was local */
	lab->config.portal_remote = true;
	lab_restart(lab);
	struct library_export_put put = wanted("backup", "dvd0");
	assert_refused(lab, &put, ERROR_EXPORT_UNPROTECTED);
	put.open = true;
	assert_refused(lab, &put, ERROR_EXPORT_UNPROTECTED);
	library_allow_open(lab->library, true);
	assert_ok(export_put(lab, &put, false));
	assert_string_equal(see_export(lab, "backup").warning, "");
	struct initiator *inside = login_to(lab, "backup");
	library_allow_open(lab->library, false);
	assert_true(see_export(lab, "backup").warning[0]);
	await_sessions(lab, 0); /* those that came in while it was open */
	initiator_vanish(inside);
	put.open = false;
	add_rule(&put.initiators, "*");
	assert_refused(lab, &put, ERROR_EXPORT_UNPROTECTED); /* that is no rule */
	put.initiators.count = 0;
	add_rule(&put.networks, "192.0.2.0/24");
	assert_ok(export_put(lab, &put, false));
	put.networks.count = 0;
	set_chap(&put, "bob", "correct horse");
	assert_ok(export_put(lab, &put, false));
	assert_true(see_export(lab, "old").warning[0]);
	initiator_logout(login_to(lab, "old")); /* from this machine */
}

/* ---- changes under initiators ---------------------------------------------------------------- */

static void the_same_again_disturbs_nobody(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("backup", "dvd0");
	assert_ok(export_put(lab, &put, true));
	struct initiator *initiator = login_to(lab, "backup");
	initiator_ready(initiator, 0);
	assert_ok(export_put(lab, &put, false));
	make_export(lab, "other", "dvd1");
	assert_ok(export_remove(lab, "other"));
	assert_disc_a(initiator);
	initiator_logout(initiator);
}

static void a_change_closes_its_sessions_and_no_others(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("backup", "dvd0");
	assert_ok(export_put(lab, &put, true));
	make_export(lab, "other", "dvd0");
	struct initiator *changed = login_to(lab, "backup"), *other = login_to(lab, "other");
	initiator_ready(changed, 0);
	initiator_ready(other, 0);
	put.luns[0].lun = 4;
	assert_ok(export_put(lab, &put, false));
	await_sessions(lab, 1);
	assert_disc_a(other);
	initiator_vanish(changed);
	changed = login_to(lab, "backup");
	assert_int_equal(initiator_ready(changed, 4), 0); /* it knows the drive */
	initiator_logout(changed);
	initiator_logout(other);
}

static void an_export_that_is_removed_is_gone(void **state)
{
	struct lab *lab = *state;
	make_export(lab, "backup", "dvd0");
	struct initiator *initiator = login_to(lab, "backup");
	assert_ok(export_remove(lab, "backup"));
	await_sessions(lab, 0);
	initiator_vanish(initiator);
	refused(lab, "backup", (struct initiator_login){0}, "not found");
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM exports"), 0);
}

static void a_drive_goes_from_under_its_initiators(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("backup", "dvd0");
	put.lun_count = 2;
	put.luns[1].lun = 1;
	strcpy(put.luns[1].drive, "dvd1");
	assert_ok(export_put(lab, &put, true));
	struct initiator *initiator = login_to(lab, "backup");
	initiator_ready(initiator, 0);
	assert_ok(drive_remove(lab, "dvd1", 0));
	initiator_vanish(initiator);
	assert_int_equal(see_export(lab, "backup").lun_count, 1);
	initiator = login_to(lab, "backup");
	assert_int_equal(initiator_luns(initiator), 1);
	assert_disc_a(initiator);
	initiator_logout(initiator);
}

static void *read_one(void *argument)
{
	uint8_t first;
	initiator_read(argument, 0, 20, &first);
	return NULL;
}

static void a_drive_that_reads_is_waited_for(void **state)
{
	struct lab *lab = *state;
	pthread_t reader;
	make_export(lab, "backup", "dvd0");
	struct initiator *initiator = login_to(lab, "backup");
	initiator_ready(initiator, 0);
	lab->no_cache = true;
	lab_hold_reads(lab, true);
	assert_int_equal(pthread_create(&reader, NULL, read_one, initiator), 0);
	lab_await_held(lab, 1);
	struct operation *removing = begin_drive_remove(lab, "dvd0", FORCE);
	sleep_ms(50);
	assert_false(is_answered(removing));
	lab_hold_reads(lab, false);
	assert_ok(answer_of(removing));
	pthread_join(reader, NULL);
	initiator_vanish(initiator);
}

static void exports_survive_a_restart(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("backup", "dvd0");
	add_rule(&put.initiators, "iqn.1993-08.org.debian:*");
	set_chap(&put, "bob", "correct horse");
	assert_ok(export_put(lab, &put, true));
	lab_restart(lab);
	initiator_logout(login_as(
		lab, "backup", (struct initiator_login){.user = "bob", .secret = "correct horse"}));
}

static void an_address_in_use_ends_the_start(void **state)
{
	struct lab *lab = *state;
	struct error error = {0};
	char address[LIBRARY_TEXT_MAX];
	const char *const taken[] = {address};
	struct lab *second;
	strcpy(address, address_of(lab));
	lab_setup((void **)&second);
	second->config.portal.listen = taken;
	second->config.portal.listen_count = 1;
	lab_stop(second);
	assert_false(lab_try_start(second, &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	assert_non_null(strstr(error.sentence, address));
	assert_true(error.remedy[0]);
	assert_int_equal(lab_teardown((void **)&second), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PORTAL(an_initiator_reads_the_disc),
		WITH_PORTAL(the_luns_are_those_of_the_map),
		WITH_PORTAL(its_nexus_has_the_ports_of_the_session),
		WITH_PORTAL(a_swap_is_noticed),
		WITH_PORTAL(sessions_are_listed),
		WITH_PORTAL(a_lock_goes_with_the_connection),
		WITH_PORTAL(one_of_the_kernels_is_not_the_portals),
		WITH_PORTAL(one_that_returns_hears_nothing),
		WITH_PORTAL(one_with_another_isid_is_new),
		WITH_PORTAL(one_with_a_new_random_isid_is_known),
		WITH_PORTAL(a_second_session_of_one_port_ends_the_first),
		WITH_PORTAL(a_restart_is_silent),
		WITH_PORTAL(a_killed_daemon_is_silent),
		WITH_PORTAL(a_swap_while_it_was_away_is_told),
		WITH_PORTAL(rules_are_kept),
		WITH_PORTAL(discovery_shows_what_one_may_see),
		WITH_PORTAL(chap_is_asked_for),
		WITH_PORTAL(the_target_proves_itself),
		WITH_PORTAL(a_secret_that_is_not_said_again_stays),
		WITH_PORTAL(secrets_are_in_no_answer_and_in_no_history),
		WITH_PORTAL(malformed_exports_are_refused),
		WITH_PORTAL(malformed_secrets_are_refused),
		WITH_PORTAL(names_are_unique),
		WITH_PORTAL(an_unprotected_export_is_refused_beyond_this_machine),
		WITH_PORTAL(the_same_again_disturbs_nobody),
		WITH_PORTAL(a_change_closes_its_sessions_and_no_others),
		WITH_PORTAL(an_export_that_is_removed_is_gone),
		WITH_PORTAL(a_drive_goes_from_under_its_initiators),
		WITH_PORTAL(a_drive_that_reads_is_waited_for),
		WITH_PORTAL(exports_survive_a_restart),
		WITH_PORTAL(an_address_in_use_ends_the_start),
	};
	return cmocka_run_group_tests_name("daemon/library exports", tests, NULL, NULL);
}
