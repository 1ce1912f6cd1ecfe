/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Initiators that come, read, lock, go and vanish, while operators change the exports, load, eject,
 * and make and remove a drive that is shown; and a stop in the middle. Every operation is answered
 * once, what is read is right, and it ends.
 *
 * The random numbers follow STRESS_SEED (1), the interleaving does not: run it under
 * ThreadSanitizer.
 */
#include "support.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "crowd.h"
#include "log.h"
#include "portal_lab.h"

enum { INITIATORS = 4, OPERATORS = 3, READERS = 2, RUN_MS = 1500, ROUNDS = 2 };

struct crowd {
	struct lab *lab;
	unsigned seed;
	char address[LIBRARY_TEXT_MAX];
	atomic_bool stop;
	atomic_uint logins, reads, wrong, operations;
};

static const char *const names[] = {"one", "two", "three"};
static const char *const drives[] = {"dvd0", "dvd1", "dvd2", "extra"};
static const char *const media[] = {"a", "b", "c"};

/* ---- initiators ------------------------------------------------------------------------------ */

static struct initiator *come(struct member *member)
{
	char target[LIBRARY_ISCSI_NAME_MAX], why[LIBRARY_TEXT_MAX];
	struct initiator_login login = {
		.address = member->crowd->address,
		.target = target,
		.qualifier = pick(member, 3), /* others have it too */
		.random_isid = pick(member, 4) == 0,
		.user = "bob",
		.secret = "correct horse",
	};
	snprintf(target, sizeof target, "iqn.2026-01.local.tests:%s", names[pick(member, 3)]);
	return initiator_login(&login, why, sizeof why);
}

/* False: the session is over. All discs begin their volume descriptors alike. */
static bool act(struct member *member, struct initiator *initiator)
{
	struct crowd *crowd = member->crowd;
	uint8_t first = 0;
	int lun = (int)pick(member, 2), result;
	switch (pick(member, 8)) {
	case 0:
		return initiator_prevent(initiator, lun, pick(member, 2)) >= 0;
	case 1:
		return initiator_luns(initiator) > 0;
	case 2:
		return initiator_ready(initiator, lun) >= 0;
	default:
		result = initiator_read(initiator, lun, 16, &first);
		atomic_fetch_add(&crowd->reads, result == 0);
		atomic_fetch_add(&crowd->wrong, result == 0 && first != 0x01);
		return result >= 0;
	}
}

static void *initiate(void *argument)
{
	struct member *member = argument;
	struct crowd *crowd = member->crowd;
	while (!atomic_load(&crowd->stop)) {
		struct initiator *initiator = come(member);
		if (!initiator) {
			sleep_ms(5); /* refused, or changed meanwhile */
			continue;
		}
		atomic_fetch_add(&crowd->logins, 1);
		bool alive = true;
		for (unsigned left = pick(member, 40); alive && left > 0; left--)
			alive = act(member, initiator);
		if (alive && pick(member, 2))
			initiator_logout(initiator);
		else
			initiator_vanish(initiator);
	}
	return NULL;
}

/* ---- operators ------------------------------------------------------------------------------- */

static struct operation *put_one(struct member *member)
{
	struct library_export_put put = wanted(names[pick(member, 3)], drives[pick(member, 2)]);
	if (pick(member, 2)) {
		put.lun_count = 2;
		put.luns[1].lun = 1;
		strcpy(put.luns[1].drive, drives[2 + pick(member, 2)]);
	}
	if (pick(member, 2))
		set_chap(&put, "bob", "correct horse");
	if (pick(member, 4) == 0)
		add_rule(&put.initiators, "iqn.1993-08.org.debian:*");
	return begin_export_put(member->crowd->lab, &put, false);
}

static struct operation *operate(struct member *member)
{
	struct lab *lab = member->crowd->lab;
	switch (pick(member, 12)) {
	case 0:
		return begin_export_remove(lab, names[pick(member, 3)]);
	case 1:
		return begin_drive_remove(lab, "extra", FORCE);
	case 2:
	case 3:
		return begin_drive_add(lab, "extra", "", false);
	case 4:
		return begin_eject(lab, drives[pick(member, 4)], FORCE);
	case 5:
	case 6:
	case 7:
		return begin_load(lab, drives[pick(member, 4)], media[pick(member, 3)],
			REPLACE | (pick(member, 2) ? FORCE : 0u));
	default:
		return put_one(member);
	}
}

static void *operator(void *argument)
{
	struct member *member = argument;
	struct crowd *crowd = member->crowd;
	while (!atomic_load(&crowd->stop)) {
		struct operation *operation = operate(member);
		atomic_fetch_add(&crowd->operations, 1);
		while (!is_answered(operation) && !atomic_load(&crowd->stop))
			sleep_ms(1);
		sleep_ms(pick(member, 20));
	}
	return NULL;
}

static void *reader(void *argument)
{
	struct member *member = argument;
	struct library *library = member->crowd->lab->library;
	struct library_export *export = malloc(sizeof *export);
	struct library_drive *drive = malloc(sizeof *drive);
	struct library_session session;
	struct library_health health;
	while (export && drive && !atomic_load(&member->crowd->stop)) {
		for (unsigned i = 0; library_export_at(library, i, export); i++)
			;
		for (unsigned i = 0; nth_session(library, "one", i, &session); i++)
			;
		for (unsigned i = 0; library_drive_at(library, i, drive); i++)
			;
		library_allow_open(library, pick(member, 2));
		library_health(library, &health);
		sleep_ms(1);
	}
	free(export);
	free(drive);
	return NULL;
}

/* ---- the run --------------------------------------------------------------------------------- */

/* Everybody has got somewhere. */
static bool is_over(const struct crowd *crowd)
{
	return crowd->logins > 0 && crowd->reads > 0 && crowd->operations > 0;
}

static void run(struct crowd *crowd)
{
	struct member initiators[INITIATORS], operators[OPERATORS], readers[READERS];
	group_start(initiators, INITIATORS, crowd, crowd->seed + 100, initiate);
	group_start(operators, OPERATORS, crowd, crowd->seed + 200, operator);
	group_start(readers, READERS, crowd, crowd->seed + 300, reader);
	sleep_ms(RUN_MS);
	for (unsigned i = 0; i < LAB_PATIENCE_S * 1000 && !is_over(crowd); i++)
		sleep_ms(1);
	library_stop(crowd->lab->library);
	sleep_ms(10);
	atomic_store(&crowd->stop, true);
	group_join(initiators, INITIATORS);
	group_join(operators, OPERATORS);
	group_join(readers, READERS);
}

static void everything_at_once(void **state)
{
	struct lab *lab = *state;
	unsigned seed = crowd_seed();
	lab_stop(lab);
	lab->config.eject_wait_ms = 20;
	lab->config.told_wait_ms = 20;
	lab->config.dwell_ms = 1;
	lab->no_cache = true;
	log_set_level(LOG_LEVEL_ERROR);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct crowd crowd = {.lab = lab, .seed = seed + 1000 * i};
		lab_start(lab);
		for (unsigned j = 0; j < 3; j++) {
			struct library_export_put put = wanted(names[j], drives[j]);
			assert_ok(export_put(lab, &put, false));
		}
		snprintf(crowd.address, sizeof crowd.address, "%s", address_of(lab));
		run(&crowd);
		assert_false(nth_session(lab->library, "", 0, &(struct library_session){0}));
		lab_stop(lab);
		assert_int_equal(crowd.wrong, 0);
		assert_true(crowd.logins > 0);
		assert_true(crowd.reads > 0);
		assert_true(crowd.operations > 0);
		print_message("%u logins, %u reads, %u operations\n", crowd.logins, crowd.reads,
			crowd.operations);
	}
	log_set_level(LOG_LEVEL_INFO);
	assert_int_equal(lab_number(lab, "PRAGMA foreign_key_check"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PORTAL(everything_at_once),
	};
	return cmocka_run_group_tests_name("daemon/library exports stress", tests, NULL, NULL);
}
