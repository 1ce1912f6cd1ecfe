/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators and hosts at the same time over three drives, with a fourth that comes and goes, and a
 * stop in the middle. Every operation is answered once, every command completed once, and it ends.
 *
 * The random numbers follow STRESS_SEED (1), the interleaving does not: run it under
 * ThreadSanitizer.
 */
#include "support.h"

#include <stdatomic.h>
#include <stdio.h>

#include "crowd.h"
#include "fake_exporter.h"
#include "library_lab.h"

enum { OPERATORS = 4, HOSTS = 3, READERS = 2, RUN_MS = 1200, ROUNDS = 2, IN_FLIGHT = 32 };

struct crowd {
	struct lab *lab;
	unsigned seed;
	atomic_bool hosts_stop, operators_stop;
	atomic_uint operations, commands, good;
};

static const char *const drives[] = {"dvd0", "dvd1", "dvd2"};
static const char *const media[] = {"a", "b", "c", "nothing"};

/* ---- operators ------------------------------------------------------------------------------- */

static struct operation *operate(struct member *member)
{
	struct lab *lab = member->crowd->lab;
	const char *drive = drives[pick(member, 3)], *medium = media[pick(member, 4)];
	unsigned flags = pick(member, 4);
	char path[2 * PATH_MAX];
	switch (pick(member, 10)) {
	case 0:
	case 1:
		return begin_eject(lab, drive, flags);
	case 2:
		return begin_load(lab, "any", medium, flags);
	case 3:
		snprintf(path, sizeof path, "%s", lab->media_dir);
		return begin_add(lab, path, "");
	case 4:
		return begin_forget(lab, medium);
	case 5:
		return begin_drive_add(lab, "extra", "", true);
	case 6:
		return begin_drive_remove(lab, "extra", flags);
	default:
		return begin_load(lab, drive, medium, flags);
	}
}

static void *operator(void *argument)
{
	struct member *member = argument;
	struct crowd *crowd = member->crowd;
	while (!atomic_load(&crowd->operators_stop)) {
		struct operation *operation = operate(member);
		atomic_fetch_add(&crowd->operations, 1);
		if (pick(member, 4) == 0)
			sleep_ms(pick(member, 20)); /* lets the next one overtake it */
		else
			while (!is_answered(operation) && !atomic_load(&crowd->operators_stop))
				sleep_ms(1);
	}
	return NULL;
}

/* ---- hosts ----------------------------------------------------------------------------------- */

static struct request *command(struct member *member, const char *drive)
{
	struct lab *lab = member->crowd->lab;
	switch (pick(member, 12)) {
	case 0:
		return begin_host_eject(lab, drive);
	case 1:
		return begin_send(lab, drive, CDB(0x1b, 0, 0, 0, 3), NULL, 0);
	case 2:
		return begin_send(lab, drive, CDB(0x1e, 0, 0, 0, 1), NULL, 0);
	case 3:
	case 4:
		return begin_send(lab, drive, CDB(0x1e, 0, 0, 0, 0), NULL, 0);
	case 5:
	case 6:
		return begin_send(lab, drive, CDB(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8), NULL, 8);
	case 7:
	case 8:
		return begin_send(lab, drive, CDB(0x00), NULL, 0);
	default:
		return begin_host_read(lab, drive, (uint8_t)pick(member, 60), 4);
	}
}

/* A host is bound to a drive that stays; its commands may be cancelled. */
static void *host(void *argument)
{
	struct member *member = argument;
	struct crowd *crowd = member->crowd;
	struct request *sent[IN_FLIGHT];
	while (!atomic_load(&crowd->hosts_stop)) {
		unsigned count = 1 + pick(member, IN_FLIGHT);
		for (unsigned i = 0; i < count; i++)
			sent[i] = command(member, drives[member->number]);
		for (unsigned i = 0; i < count; i++) {
			await(sent[i]);
			atomic_fetch_add(&crowd->good, sent[i]->cmd.status == SCSI_STATUS_GOOD);
		}
		atomic_fetch_add(&crowd->commands, count);
		if (pick(member, 50) == 0)
			scsi_lu_reset(sent[0]->cmd.nexus->lu, NULL);
		sleep_ms(1);
	}
	return NULL;
}

/* ---- readers --------------------------------------------------------------------------------- */

static bool ignore_entry(void *context, const struct library_trace_entry *entry)
{
	return true;
}

static bool ignore_medium(void *context, const struct library_medium *medium)
{
	return true;
}

static void *reader(void *argument)
{
	struct member *member = argument;
	struct library *library = member->crowd->lab->library;
	struct library_drive drive;
	struct library_health health;
	struct library_media_page page;
	while (!atomic_load(&member->crowd->hosts_stop)) {
		for (unsigned i = 0; library_drive_at(library, i, &drive); i++)
			;
		library_drive_get(library, "extra", &drive, NULL);
		library_trace(library, "extra", NULL, 10, ignore_entry, NULL, NULL);
		library_trace(library, "dvd0", NULL, 10, ignore_entry, NULL, NULL);
		library_media_page(library, &(struct library_media_query){.limit = 2},
			ignore_medium, NULL, &page, NULL);
		library_health(library, &health);
		sleep_ms(1);
	}
	return NULL;
}

/* ---- the run --------------------------------------------------------------------------------- */

/* Hosts go first, as when their rings are drained; the operators are in the middle of it. */
static void run(struct crowd *crowd)
{
	struct member operators[OPERATORS], hosts[HOSTS], readers[READERS];
	group_start(operators, OPERATORS, crowd, crowd->seed + 100, operator);
	group_start(hosts, HOSTS, crowd, crowd->seed + 200, host);
	group_start(readers, READERS, crowd, crowd->seed + 300, reader);
	sleep_ms(RUN_MS);
	for (unsigned i = 0; i < LAB_PATIENCE_S * 1000 && !(crowd->operations && crowd->good); i++)
		sleep_ms(1);
	atomic_store(&crowd->hosts_stop, true);
	group_join(hosts, HOSTS);
	library_stop(crowd->lab->library);
	sleep_ms(10);
	atomic_store(&crowd->operators_stop, true);
	group_join(operators, OPERATORS);
	group_join(readers, READERS);
}

static void test_everything_at_once(void **state)
{
	struct lab *lab = *state;
	struct exporter exporter = {0};
	unsigned seed = crowd_seed();
	lab_stop(lab);
	lab->config.exporter = &exporter;
	lab->config.eject_wait_ms = 20;
	lab->config.told_wait_ms = 20;
	lab->config.dwell_ms = 1;
	lab->no_cache = true;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct crowd crowd = {.lab = lab, .seed = seed + 1000 * i};
		lab_start(lab);
		run(&crowd);
		lab_stop(lab);
		assert_true(crowd.operations > 0);
		assert_true(crowd.good > 0);
	}
	assert_int_equal(exporter.shown, exporter.removed + exporter.released);
	assert_int_equal(lab_number(lab, "PRAGMA foreign_key_check"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(test_everything_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
