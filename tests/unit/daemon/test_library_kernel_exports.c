/* SPDX-License-Identifier: Apache-2.0 */
/* Exports that the kernel's own iSCSI shows, with a kernel of the tests' own. */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_exporter.h"
#include "library_lab.h"
#include "library_private.h"
#include "util/cleanup.h"

enum { PATIENCE = 12000 }; /* of 5 ms */

#define ALICE  "iqn.2001-04.com.example:alice"
#define BOB    "iqn.2001-04.com.example:bob"
#define CAROL  "eui.0123456789abcdef"
#define PREFIX "iqn.2026-01.local.tests"
#define BACKUP PREFIX ":backup"

static struct exporter exporter;
static const char *const listen_here[] = {"127.0.0.1:3261"};

static int setup(void **state)
{
	exporter = (struct exporter){.lock = PTHREAD_MUTEX_INITIALIZER};
	int r = lab_setup(state);
	struct lab *lab = *state;
	lab_stop(lab);
	lab->config.exporter = &exporter;
	lab->config.kernel_listen = listen_here;
	lab->config.kernel_listen_count = 1;
	lab->config.kernel_look_ms = 5;
	lab->config.portal_prefix = PREFIX;
	lab_start(lab);
	return r;
}

#define EVENTUALLY(condition)                                                                      \
	do {                                                                                       \
		for (unsigned i_ = 0; i_ < PATIENCE && !(condition); i_++)                         \
			usleep(5000);                                                              \
		assert_true(condition);                                                            \
	} while (0)

/* ---- the operator ---------------------------------------------------------------------------- */

static struct library_export_put wanted(const char *drive, const char *initiator)
{
	struct library_export_put put = {.name = "backup", .transport = "kernel", .lun_count = 1};
	snprintf(put.luns[0].drive, sizeof put.luns[0].drive, "%s", drive);
	put.initiators.count = initiator != NULL;
	put.open = !initiator;
	snprintf(put.initiators.rules[0], LIBRARY_RULE_MAX, "%s", initiator ? initiator : "");
	return put;
}

static void add_initiator(struct library_export_put *put, const char *name)
{
	snprintf(put->initiators.rules[put->initiators.count++], LIBRARY_RULE_MAX, "%s", name);
}

static void add_drive(struct library_export_put *put, const char *drive)
{
	put->luns[put->lun_count].lun = (uint16_t)put->lun_count;
	snprintf(put->luns[put->lun_count++].drive, LIBRARY_ID_MAX, "%s", drive);
}

/* ALICE and BOB, with dvd0 and dvd1. */
static struct library_export_put both(void)
{
	struct library_export_put put = wanted("dvd0", ALICE);
	add_initiator(&put, BOB);
	add_drive(&put, "dvd1");
	return put;
}

static const struct library_result *put_it(struct lab *lab, const struct library_export_put *put)
{
	return export_put(lab, put, false);
}

static struct library_export see(struct lab *lab)
{
	static struct library_export export;
	struct error error = {0};
	if (!library_export_get(lab->library, "backup", &export, &error))
		fail_msg("%s", error.sentence);
	return export;
}

static bool warns(struct lab *lab, const char *part)
{
	return strstr(see(lab).warning, part) != NULL;
}

/* ---- the kernel ------------------------------------------------------------------------------ */

/* As it is now: the control thread may be at it. */
static const struct fake_target *target(void)
{
	static struct fake_target copy;
	return fake_target_find(&exporter, BACKUP, &copy) ? &copy : NULL;
}

static const struct fake_host *host(const char *initiator)
{
	const struct fake_target *at = target();
	for (unsigned i = 0; at && i < at->host_count; i++)
		if (strcmp(at->hosts[i].initiator, initiator) == 0)
			return &at->hosts[i];
	return NULL;
}

static const char *device_of(const char *initiator, unsigned index)
{
	assert_non_null(host(initiator));
	assert_true(index < host(initiator)->lun_count);
	return host(initiator)->devices[index];
}

/* Where it stands in the trace. */
static size_t position(const char *what)
{
	const char *at = strstr(exporter.trace, what);
	if (!at)
		fail_msg("\"%s\" is not in \"%s\"", what, exporter.trace);
	return (size_t)(at - exporter.trace);
}

static void log_in(const char *initiator, uint64_t id)
{
	struct exporter_session session = {.id = id, .address = "192.0.2.7"};
	strcpy(session.isid, "0x00023d000001");
	fake_session_set(&exporter, BACKUP, initiator, &session);
}

static void log_out(const char *initiator)
{
	fake_session_set(&exporter, BACKUP, initiator, &(struct exporter_session){0});
}

/* ---- nexuses --------------------------------------------------------------------------------- */

/* lu->lock held. */
static struct scsi_nexus *find_nexus(struct scsi_lu *lu, const char *initiator)
{
	char name[512];
	snprintf(name, sizeof name, "%s@backup", initiator);
	list_for_each (node, &lu->nexuses) {
		struct scsi_nexus *nexus = container_of(node, struct scsi_nexus, link);
		if (strcmp(nexus->name, name) == 0)
			return nexus;
	}
	return NULL;
}

static struct scsi_nexus *nexus(struct lab *lab, const char *drive, const char *initiator)
{
	struct scsi_lu *lu = nexus_of(lab, drive)->lu;
	SCOPED_LOCK(&lu->lock);
	return find_nexus(lu, initiator);
}

/* As PREVENT ALLOW MEDIUM REMOVAL of that host does it. */
static void lock_by(struct lab *lab, const char *drive, const char *initiator)
{
	struct scsi_lu *lu = nexus_of(lab, drive)->lu;
	scsi_lu_lock(lu);
	find_nexus(lu, initiator)->prevent = true;
	find_nexus(lu, initiator)->attentions = 0;
	scsi_lu_remember(lu);
	scsi_lu_unlock(lu);
}

static bool has_host(struct lab *lab, const char *drive, const char *name)
{
	struct library_drive seen = see_drive(lab, drive);
	for (unsigned i = 0; i < seen.host_count; i++)
		if (strcmp(seen.hosts[i].name, name) == 0)
			return true;
	return false;
}

/* ---- showing --------------------------------------------------------------------------------- */

static void each_host_has_a_device_and_a_nexus_of_its_own(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = both();
	const struct library_result *result = put_it(lab, &put);
	assert_ok(result);
	assert_true(result->created);
	assert_string_equal(see(lab).transport, "kernel");
	assert_string_equal(see(lab).warning, "");
	assert_string_equal(target()->portal, "127.0.0.1:3261");
	assert_int_equal(target()->host_count, 2);
	assert_int_equal(fake_device_count(&exporter), 4);
	assert_memory_equal(device_of(ALICE, 0), "dvd0.", 5);
	assert_memory_equal(device_of(ALICE, 1), "dvd1.", 5);
	assert_int_equal(strlen(device_of(ALICE, 0)), strlen("dvd0.0123456789abcdef"));
	assert_string_not_equal(device_of(ALICE, 0), device_of(BOB, 0));
	assert_non_null(nexus(lab, "dvd0", ALICE));
	assert_non_null(nexus(lab, "dvd1", BOB));
	assert_ptr_not_equal(nexus(lab, "dvd0", ALICE), nexus(lab, "dvd0", BOB));
	assert_true(position(device_of(BOB, 1)) < position("show:"));
	for (unsigned i = 0; i < FAKE_DEVICES_MAX; i++)
		assert_string_equal(exporter.devices[i].serial, exporter.devices[i].name);
}

static void its_nexus_has_the_port_of_its_name_and_export(void **state)
{
	struct lab *lab = *state;
	char text[300];
	const struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	struct scsi_port port = nexus(lab, "dvd0", ALICE)->port;
	scsi_port_text(&port, text, sizeof text);
	assert_non_null(strstr(text, ALICE));
	assert_int_equal(port.target, 2); /* the first export that was made */
	assert_string_equal(nexus(lab, "dvd0", ALICE)->target_name, BACKUP ",t,0x0001");
}

static void secrets_go_with_it(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = both();
	strcpy(put.chap_user, "host");
	put.chap_secret = "a secret of a host";
	assert_ok(put_it(lab, &put));
	assert_string_equal(target()->chap_user, "host");
}

static void the_same_again_disturbs_nobody(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	unsigned steps = exporter.steps;
	assert_ok(put_it(lab, &put));
	library_look_again(lab->library);
	assert_ok(put_it(lab, &put));
	assert_int_equal(exporter.steps, steps);
}

static void a_host_that_is_added_disturbs_nobody(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	log_in(ALICE, 7);
	add_initiator(&put, CAROL);
	assert_ok(put_it(lab, &put));
	assert_int_equal(target()->host_count, 3);
	assert_int_equal(host(ALICE)->made, 0);
	assert_int_equal(host(ALICE)->session.id, 7);
	assert_int_equal(fake_device_count(&exporter), 6);
}

static void a_host_that_goes_takes_its_devices_along(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	log_in(ALICE, 7);
	put.initiators.count = 1;
	assert_ok(put_it(lab, &put));
	assert_null(host(BOB));
	assert_int_equal(host(ALICE)->session.id, 7);
	assert_int_equal(fake_device_count(&exporter), 2);
	assert_null(nexus(lab, "dvd0", BOB));
	assert_true(position("show:") < position("-dvd0"));
}

static void upper_case_is_lower_case(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = wanted("dvd0", "IQN.2001-04.com.example:Alice");
	assert_ok(put_it(lab, &put));
	assert_non_null(host(ALICE));
}

/* ---- going ----------------------------------------------------------------------------------- */

static void one_that_is_removed_is_hidden_first(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	assert_ok(export_remove(lab, "backup"));
	assert_null(target());
	assert_int_equal(fake_device_count(&exporter), 0);
	assert_true(position("hide:") < position("-dvd0"));
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM exports"), 0);
	assert_null(nexus(lab, "dvd0", ALICE));
}

static void one_that_cannot_be_hidden_stays(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	exporter.refuse_targets = true;
	assert_error(export_remove(lab, "backup"), ERROR_KERNEL_TARGET);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM exports"), 1);
	exporter.refuse_targets = false;
	assert_ok(export_remove(lab, "backup"));
	assert_null(target());
}

static void another_target_name_is_another_target(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	strcpy(put.target, PREFIX ":other");
	assert_ok(put_it(lab, &put));
	assert_null(target());
	struct fake_target other;
	assert_true(fake_target_find(&exporter, PREFIX ":other", &other));
	assert_true(position("hide:" BACKUP) < position("show:" PREFIX ":other"));
	assert_string_equal(nexus(lab, "dvd0", ALICE)->target_name, PREFIX ":other,t,0x0001");
}

static void one_goes_to_the_portal_and_comes_back(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	strcpy(put.transport, "portal");
	assert_ok(put_it(lab, &put));
	assert_null(target());
	assert_int_equal(fake_device_count(&exporter), 0);
	assert_string_equal(see(lab).transport, "portal");
	strcpy(put.transport, "kernel");
	assert_ok(put_it(lab, &put));
	assert_int_equal(target()->host_count, 2);
}

/* ---- drives ---------------------------------------------------------------------------------- */

static void a_drive_that_goes_leaves_its_exports(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	assert_ok(drive_remove(lab, "dvd0", false));
	assert_int_equal(host(ALICE)->lun_count, 1);
	assert_int_equal(host(ALICE)->luns[0], 1);
	assert_int_equal(fake_device_count(&exporter), 2);
	assert_ok(drive_remove(lab, "dvd1", false));
	assert_null(target());
	assert_int_equal(fake_device_count(&exporter), 0);
	assert_true(warns(lab, "shows no drive"));
}

static void a_drive_that_cannot_go_is_shown_again(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	lab_refuse(lab, "DELETE ON drives");
	assert_error(drive_remove(lab, "dvd0", false), ERROR_CATALOG);
	EVENTUALLY(host(ALICE) && host(ALICE)->lun_count == 2);
}

/* ---- failures -------------------------------------------------------------------------------- */

static void what_the_kernel_refuses_is_told_and_tried_again(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = both();
	exporter.refuse_targets = true;
	assert_ok(put_it(lab, &put));
	assert_true(warns(lab, "target refused. Stop refusing."));
	assert_null(target());
	exporter.refuse_targets = false;
	assert_ok(put_it(lab, &put));
	assert_string_equal(see(lab).warning, "");
	assert_int_equal(target()->host_count, 2);
}

static void a_reload_tries_again(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = both();
	struct library_health health;
	exporter.no_iscsi = true;
	assert_ok(put_it(lab, &put));
	assert_true(warns(lab, "no iscsi_target_mod"));
	library_health(lab->library, &health);
	assert_string_equal(health.kernel, "");
	assert_string_equal(health.kernel_reason, "no iscsi_target_mod");
	exporter.no_iscsi = false;
	library_look_again(lab->library);
	EVENTUALLY(!see(lab).warning[0]);
	assert_int_equal(target()->host_count, 2);
	library_health(lab->library, &health);
	assert_string_equal(health.kernel, "127.0.0.1:3261");
	assert_string_equal(health.kernel_reason, "");
}

static void a_device_that_fails_keeps_the_others_from_nothing(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	add_drive(&put, "dvd2");
	put.initiators.count = 1;
	exporter.fail_from = exporter.steps + 1;
	assert_ok(put_it(lab, &put));
	assert_true(warns(lab, "refused"));
	exporter.fail_from = 0;
	library_look_again(lab->library);
	EVENTUALLY(!see(lab).warning[0]);
	assert_int_equal(host(ALICE)->lun_count, 3);
	assert_null(host(BOB));
}

/* Whatever was done when it stopped, the next daemon makes it as the catalog says. */
static void a_crash_at_any_step_is_mended_at_the_start(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = both();
	for (unsigned n = 1; n <= 6; n++) {
		exporter.fail_from = exporter.steps + n;
		assert_ok(put_it(lab, &put));
		exporter.fail_from = 1;
		lab_stop(lab);
		exporter.fail_from = 0;
		lab->config.clean = false;
		lab_start(lab);
		assert_string_equal(see(lab).warning, "");
		assert_int_equal(target()->host_count, put.initiators.count);
		assert_int_equal(host(ALICE)->lun_count, 2);
		assert_int_equal(fake_device_count(&exporter), 2 * put.initiators.count);
		put.initiators.count = put.initiators.count == 2 ? 1 : 2;
	}
}

static void a_ring_that_fails_is_served_again(void **state)
{
	struct lab *lab = *state;
	char device[64];
	const struct library_export_put put = wanted("dvd0", ALICE);
	assert_ok(put_it(lab, &put));
	snprintf(device, sizeof device, "%s", device_of(ALICE, 0));
	for (unsigned i = 1; i <= 3; i++) {
		fake_ring_fail(&exporter, device);
		EVENTUALLY(atomic_load(&exporter.released) == i);
		assert_string_equal(see(lab).warning, "");
	}
	fake_ring_fail(&exporter, device);
	EVENTUALLY(warns(lab, "failed again and again"));
}

/* To an export of both drives, and is seen there. */
static void alice_comes(struct lab *lab)
{
	const struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	log_in(ALICE, 7);
	EVENTUALLY(see(lab).session_count == 1);
}

/* ---- restarts -------------------------------------------------------------------------------- */

static void a_restart_disturbs_nobody(void **state)
{
	struct lab *lab = *state;
	alice_comes(lab);
	lock_by(lab, "dvd0", ALICE);
	unsigned steps = exporter.steps;
	lab_restart(lab);
	assert_int_equal(exporter.steps, steps);
	assert_true(atomic_load(&exporter.clean));
	EVENTUALLY(see(lab).session_count == 1);
	assert_true(see_drive(lab, "dvd0").locked);
	assert_int_equal(nexus(lab, "dvd0", ALICE)->attentions, 0);
	assert_int_equal(fake_device_count(&exporter), 4);
}

static void who_went_while_no_daemon_ran_lets_go(void **state)
{
	struct lab *lab = *state;
	alice_comes(lab);
	lock_by(lab, "dvd0", ALICE);
	lab->config.clean = lab_stop(lab);
	log_out(ALICE);
	lab_start(lab);
	EVENTUALLY(!see_drive(lab, "dvd0").locked);
	assert_int_equal(nexus(lab, "dvd0", ALICE)->attentions, 0);
}

static void what_nobody_wants_any_more_goes_at_the_start(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	lab_stop(lab);
	lab_sql(lab, "DELETE FROM exports");
	lab_start(lab);
	assert_null(target());
	assert_int_equal(fake_device_count(&exporter), 0);
}

/* ---- sessions -------------------------------------------------------------------------------- */

static void who_is_logged_in_is_listed(void **state)
{
	struct lab *lab = *state;
	struct library_session session;
	struct library_health health;
	const struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	EVENTUALLY(!has_host(lab, "dvd0", BOB "@backup"));
	assert_false(nth_session(lab->library, "backup", 0, &session));
	log_in(BOB, 3);
	EVENTUALLY(nth_session(lab->library, "backup", 0, &session));
	assert_string_equal(session.initiator, BOB);
	assert_string_equal(session.address, "192.0.2.7");
	assert_string_equal(session.isid, "0x00023d000001");
	assert_string_equal(session.export, "backup");
	assert_true(session.since > 0);
	assert_true(nth_session(lab->library, NULL, 0, &session));
	assert_false(nth_session(lab->library, NULL, 1, &session));
	assert_false(nth_session(lab->library, "other", 0, &session));
	library_health(lab->library, &health);
	assert_int_equal(health.sessions, 1);
	assert_true(has_host(lab, "dvd0", BOB "@backup"));
	assert_false(has_host(lab, "dvd0", ALICE "@backup"));
}

static void who_vanishes_lets_go_and_hears_nothing(void **state)
{
	struct lab *lab = *state;
	alice_comes(lab);
	lock_by(lab, "dvd0", ALICE);
	assert_true(see_drive(lab, "dvd0").locked);
	log_out(ALICE);
	EVENTUALLY(!see_drive(lab, "dvd0").locked);
	assert_int_equal(nexus(lab, "dvd0", ALICE)->attentions, 0);
	assert_int_equal(see(lab).session_count, 0);
}

/* Long enough for several looks. */
static void look_on(struct lab *lab)
{
	usleep(50000);
	(void)lab;
}

static void who_cannot_be_seen_is_not_lost(void **state)
{
	struct lab *lab = *state;
	alice_comes(lab);
	lock_by(lab, "dvd0", ALICE);
	fake_sight_set(&exporter, -EMFILE);
	look_on(lab);
	assert_true(see_drive(lab, "dvd0").locked);
	assert_int_equal(see(lab).session_count, 1);
	fake_sight_set(&exporter, 0);
	look_on(lab);
	assert_true(see_drive(lab, "dvd0").locked);
	log_out(ALICE);
	EVENTUALLY(!see_drive(lab, "dvd0").locked);
}

static void who_went_unseen_is_lost_when_it_is_seen(void **state)
{
	struct lab *lab = *state;
	alice_comes(lab);
	lock_by(lab, "dvd0", ALICE);
	fake_sight_set(&exporter, -ENOMEM);
	log_out(ALICE);
	look_on(lab);
	assert_true(see_drive(lab, "dvd0").locked);
	fake_sight_set(&exporter, 0);
	EVENTUALLY(!see_drive(lab, "dvd0").locked);
}

static void another_session_is_a_loss_too(void **state)
{
	struct lab *lab = *state;
	alice_comes(lab);
	lock_by(lab, "dvd0", ALICE);
	log_in(ALICE, 8);
	EVENTUALLY(!see_drive(lab, "dvd0").locked);
	EVENTUALLY(has_host(lab, "dvd0", ALICE "@backup"));
}

/* It was back before anybody looked. */
static void what_the_next_session_locked_stays_locked(void **state)
{
	struct lab *lab = *state;
	alice_comes(lab);
	lock_by(lab, "dvd0", ALICE);
	lock_by(lab, "dvd1", ALICE);
	fake_sight_set(&exporter, -EMFILE);
	log_in(ALICE, 8);
	assert_good(await(
		begin_send_as(lab, nexus(lab, "dvd0", ALICE), CDB(0x1e, 0, 0, 0, 1), NULL, 0)));
	fake_sight_set(&exporter, 0);
	EVENTUALLY(!see_drive(lab, "dvd1").locked);
	assert_true(see_drive(lab, "dvd0").locked);
	log_out(ALICE);
	EVENTUALLY(!see_drive(lab, "dvd0").locked);
}

/* The look that a lock asks for finds the session that has it. */
static void a_lock_is_looked_at_at_once(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = both();
	lab_stop(lab);
	lab->config.kernel_look_ms = 3600 * 1000;
	lab_start(lab);
	assert_ok(put_it(lab, &put));
	log_in(ALICE, 7);
	lock_by(lab, "dvd0", ALICE);
	assert_good(await(
		begin_send_as(lab, nexus(lab, "dvd0", ALICE), CDB(0x1e, 0, 0, 0, 1), NULL, 0)));
	EVENTUALLY(see(lab).session_count == 1);
}

static void a_tape_drive_tells_of_the_loss(void **state)
{
	struct lab *lab = *state;
	assert_ok(drive_add(lab, "lto0", "lto-8", false));
	const struct library_export_put put = wanted("lto0", ALICE);
	assert_ok(put_it(lab, &put));
	log_in(ALICE, 7);
	EVENTUALLY(see(lab).session_count == 1);
	lock_by(lab, "lto0", ALICE);
	log_out(ALICE);
	EVENTUALLY(!see_drive(lab, "lto0").locked);
	assert_int_equal(nexus(lab, "lto0", ALICE)->attentions, 1u << ATTENTION_NEXUS_LOSS);
}

static void nobody_waits_for_a_host_that_is_not_there(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = wanted("dvd0", ALICE);
	struct mmc_drive_status status;
	assert_ok(put_it(lab, &put));
	EVENTUALLY(!has_host(lab, "dvd0", ALICE "@backup"));
	assert_ok(load(lab, "dvd0", "a", 0));
	mmc_drive_status(drive_find(lab->library, "dvd0")->mmc, &status);
	disc_put(status.disc);
	for (unsigned i = 0; i < status.nexus_count; i++)
		assert_string_not_equal(status.nexuses[i].name, ALICE "@backup");
}

/* A READ of ALICE that waits behind two others, whose file does not answer. */
static struct request *begin_stuck_read(struct lab *lab, struct request *others[2])
{
	const struct library_export_put put = wanted("dvd0", ALICE);
	assert_ok(load(lab, "dvd0", "a", 0));
	settle(lab, "dvd0");
	assert_ok(put_it(lab, &put));
	log_in(ALICE, 7);
	EVENTUALLY(see(lab).session_count == 1);
	lock_by(lab, "dvd0", ALICE);
	lab->no_cache = true;
	lab_hold_reads(lab, true);
	for (unsigned i = 0; i < 2; i++)
		others[i] = begin_host_read(lab, "dvd0", (uint8_t)i, 1);
	lab_await_held(lab, 2);
	return begin_send_as(
		lab, nexus(lab, "dvd0", ALICE), CDB(0x28, 0, 0, 0, 0, 9, 0, 0, 1), NULL, 2048);
}

/* Its worker, which has not begun, lets go of it later. */
static bool is_completed(struct request *request)
{
	SCOPED_LOCK(&request->lab->lock);
	return request->completed > 0;
}

static void end_stuck_reads(struct lab *lab, struct request *read, struct request *others[2])
{
	lab_hold_reads(lab, false);
	await(read);
	for (unsigned i = 0; i < 2; i++)
		assert_good(await(others[i]));
}

static void commands_that_a_vanished_host_left_are_ended(void **state)
{
	struct lab *lab = *state;
	struct request *others[2], *read = begin_stuck_read(lab, others);
	struct exporter_session ending = {.id = 7, .ending = true};
	fake_session_set(&exporter, BACKUP, ALICE, &ending);
	EVENTUALLY(is_completed(read));
	assert_int_equal(read->cmd.status, SCSI_STATUS_TASK_ABORTED);
	end_stuck_reads(lab, read, others);
}

static void commands_of_a_host_that_is_taken_away_are_ended(void **state)
{
	struct lab *lab = *state;
	struct request *others[2], *read = begin_stuck_read(lab, others);
	atomic_store(&exporter.hold, true);
	struct operation *removal = begin_export_remove(lab, "backup");
	EVENTUALLY(is_completed(read));
	assert_int_equal(read->cmd.status, SCSI_STATUS_TASK_ABORTED);
	assert_false(is_answered(removal));
	atomic_store(&exporter.hold, false);
	assert_ok(answer_of(removal));
	end_stuck_reads(lab, read, others);
}

static void those_that_share_a_nexus_are_told_so(void **state)
{
	struct lab *lab = *state;
	struct library_session session;
	const struct library_export_put put = wanted("dvd0", NULL);
	assert_ok(put_it(lab, &put));
	assert_int_equal(target()->host_count, 1);
	assert_string_equal(target()->hosts[0].initiator, "");
	assert_non_null(nexus(lab, "dvd0", "anybody"));
	assert_true(warns(lab, "All initiators that log in share one nexus"));
	assert_string_equal(nexus(lab, "dvd0", "anybody")->target_name, BACKUP ",t,0x0001");
	fake_strangers_set(&exporter, BACKUP, 2);
	EVENTUALLY(warns(lab, "2 initiators are logged in and share one nexus"));
	assert_true(nth_session(lab->library, "backup", 1, &session));
	assert_string_equal(session.initiator, "iqn.2001-04.com.example:1");
	uint64_t number = session.number;
	assert_true(nth_session(lab->library, "backup", 0, &session));
	assert_true(session.number > 0 && session.number < number);
	number = session.number;
	lock_by(lab, "dvd0", "anybody");
	fake_strangers_set(&exporter, BACKUP, 1);
	EVENTUALLY(see(lab).session_count == 1);
	assert_true(nth_session(lab->library, "backup", 0, &session));
	assert_int_equal(session.number, number);   /* who is still there */
	assert_true(see_drive(lab, "dvd0").locked); /* whose it is nobody knows */
	fake_strangers_set(&exporter, BACKUP, 0);
	EVENTUALLY(!see_drive(lab, "dvd0").locked);
}

/* ---- who may log in -------------------------------------------------------------------------- */

static void bad_input_is_refused(void **state)
{
	struct lab *lab = *state;
	struct library_export_put put = wanted("dvd0", "iqn.2001-04.com.example:*");
	assert_error(put_it(lab, &put), ERROR_INVALID);
	put = wanted("dvd0", "alice");
	assert_error(put_it(lab, &put), ERROR_INVALID);
	put = wanted("dvd0", "eui.0123");
	assert_error(put_it(lab, &put), ERROR_INVALID);
	put = wanted("dvd0", ALICE);
	add_initiator(&put, "IQN.2001-04.COM.EXAMPLE:ALICE");
	assert_error(put_it(lab, &put), ERROR_INVALID);
	put = wanted("dvd0", ALICE);
	put.networks.count = 1;
	strcpy(put.networks.rules[0], "10.0.0.0/8");
	assert_error(put_it(lab, &put), ERROR_INVALID);
	put = wanted("dvd0", ALICE);
	put.luns[0].lun = 256;
	assert_error(put_it(lab, &put), ERROR_INVALID);
	put = wanted("dvd0", ALICE);
	strcpy(put.chap_user, "host");
	put.chap_secret = "NULL and void, as ever";
	assert_error(put_it(lab, &put), ERROR_INVALID);
	put.chap_secret = "too short";
	assert_error(put_it(lab, &put), ERROR_INVALID);
	put = wanted("dvd0", NULL);
	put.open = false;
	assert_error(put_it(lab, &put), ERROR_EXPORT_UNPROTECTED);
	put = wanted("dvd0", ALICE);
	strcpy(put.transport, "fibre");
	assert_error(put_it(lab, &put), ERROR_INVALID);
	put = wanted("nowhere", ALICE);
	assert_error(put_it(lab, &put), ERROR_DRIVE_NOT_FOUND);
	assert_int_equal(exporter.steps, 0);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM exports"), 0);
}

static void without_a_kernel_target_it_says_why(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = wanted("dvd0", ALICE);
	struct library_health health;
	lab_stop(lab);
	lab->config.exporter = NULL;
	lab_start(lab);
	const struct library_result *result = put_it(lab, &put);
	assert_error(result, ERROR_KERNEL_TARGET);
	assert_non_null(strstr(result->error.sentence, "none in this test"));
	library_health(lab->library, &health);
	assert_non_null(strstr(health.kernel_reason, "none in this test"));
}

static void one_that_is_not_permitted_any_more_is_hidden(void **state)
{
	struct lab *lab = *state;
	const struct library_export_put put = wanted("dvd0", NULL);
	lab_stop(lab);
	lab->config.kernel_remote = lab->config.portal_allow_open = true;
	lab_start(lab);
	assert_ok(put_it(lab, &put));
	assert_non_null(target());
	library_allow_open(lab->library, false);
	EVENTUALLY(!target());
	assert_true(warns(lab, "Nobody may log in"));
	library_allow_open(lab->library, true);
	EVENTUALLY(target());
	library_allow_open(lab->library, false);
	struct library_export_put other = put;
	strcpy(other.name, "other");
	assert_error(put_it(lab, &other), ERROR_EXPORT_UNPROTECTED);
}

static void many_changes_at_once_end_well(void **state)
{
	struct lab *lab = *state;
	struct operation *last = NULL;
	for (unsigned i = 0; i < 60; i++) {
		struct library_export_put put = both();
		put.initiators.count = 1 + i % 2;
		if (i % 3 == 0)
			strcpy(put.transport, "portal");
		if (i % 7 == 0)
			begin_export_remove(lab, "backup");
		last = begin_export_put(lab, &put, false);
		if (i % 5 == 0)
			library_look_again(lab->library);
	}
	assert_ok(answer_of(last));
	const struct library_export_put put = both();
	assert_ok(put_it(lab, &put));
	EVENTUALLY(target() && target()->host_count == 2 && fake_device_count(&exporter) == 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_host_has_a_device_and_a_nexus_of_its_own),
		TEST(its_nexus_has_the_port_of_its_name_and_export),
		TEST(secrets_go_with_it),
		TEST(the_same_again_disturbs_nobody),
		TEST(a_host_that_is_added_disturbs_nobody),
		TEST(a_host_that_goes_takes_its_devices_along),
		TEST(upper_case_is_lower_case),
		TEST(one_that_is_removed_is_hidden_first),
		TEST(one_that_cannot_be_hidden_stays),
		TEST(another_target_name_is_another_target),
		TEST(one_goes_to_the_portal_and_comes_back),
		TEST(a_drive_that_goes_leaves_its_exports),
		TEST(a_drive_that_cannot_go_is_shown_again),
		TEST(what_the_kernel_refuses_is_told_and_tried_again),
		TEST(a_reload_tries_again),
		TEST(a_device_that_fails_keeps_the_others_from_nothing),
		TEST(a_crash_at_any_step_is_mended_at_the_start),
		TEST(a_ring_that_fails_is_served_again),
		TEST(a_restart_disturbs_nobody),
		TEST(who_went_while_no_daemon_ran_lets_go),
		TEST(what_nobody_wants_any_more_goes_at_the_start),
		TEST(who_is_logged_in_is_listed),
		TEST(who_vanishes_lets_go_and_hears_nothing),
		TEST(who_cannot_be_seen_is_not_lost),
		TEST(who_went_unseen_is_lost_when_it_is_seen),
		TEST(another_session_is_a_loss_too),
		TEST(what_the_next_session_locked_stays_locked),
		TEST(a_lock_is_looked_at_at_once),
		TEST(a_tape_drive_tells_of_the_loss),
		TEST(nobody_waits_for_a_host_that_is_not_there),
		TEST(commands_that_a_vanished_host_left_are_ended),
		TEST(commands_of_a_host_that_is_taken_away_are_ended),
		TEST(those_that_share_a_nexus_are_told_so),
		TEST(bad_input_is_refused),
		TEST(without_a_kernel_target_it_says_why),
		TEST(one_that_is_not_permitted_any_more_is_hidden),
		TEST(many_changes_at_once_end_well),
	};
	return cmocka_run_group_tests_name("daemon/library kernel exports", tests, NULL, NULL);
}
