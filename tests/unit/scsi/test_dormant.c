/* SPDX-License-Identifier: Apache-2.0 */
/* Initiators that leave and return: what they find, and what they are not while they are away. */
#include "support.h"

#include <stdio.h>

#include "drive.h"
#include "persistent.h"
#include "util/list.h"

/* The tests' device type, as an optical drive treats nexus loss. */
static struct scsi_device_type forgiving;

static struct drive *forgiving_drive(void **state)
{
	struct drive *drive = *state;
	forgiving = test_type;
	forgiving.forgives_nexus_loss = true;
	drive->lu.type = &forgiving;
	return drive;
}

/* Comes, and takes its 29/00. */
static struct scsi_nexus *host(struct drive *drive, const char *name)
{
	struct scsi_nexus *nexus = scsi_nexus_enter(&drive->lu, name);
	assert_non_null(nexus);
	assert_int_equal(nexus->attentions, 1u << ATTENTION_POWER_ON);
	assert_sense(send_none(nexus, CDB(0x00)), SENSE_POWER_ON);
	return nexus;
}

static void a_new_initiator_has_29_00(void **state)
{
	struct drive *drive = *state;
	struct scsi_nexus *nexus = host(drive, "iqn.a");
	assert_good(send_none(nexus, CDB(0x00)));
	scsi_nexus_destroy(nexus);
}

static void one_that_returns_to_a_forgiving_unit_hears_nothing(void **state)
{
	struct drive *drive = forgiving_drive(state);
	struct scsi_nexus *nexus = host(drive, "iqn.a");
	*(uint8_t *)nexus->device = 7;
	scsi_nexus_leave(nexus);
	nexus = scsi_nexus_enter(&drive->lu, "iqn.a");
	assert_good(send_none(nexus, CDB(0x00)));
	assert_int_equal(*(uint8_t *)nexus->device, 7);
	scsi_nexus_destroy(nexus);
}

static void one_that_returns_to_another_unit_has_29_07(void **state)
{
	struct drive *drive = *state;
	scsi_nexus_leave(host(drive, "iqn.a"));
	struct scsi_nexus *nexus = scsi_nexus_enter(&drive->lu, "iqn.a");
	assert_sense(send_none(nexus, CDB(0x00)), SENSE_NEXUS_LOSS);
	assert_good(send_none(nexus, CDB(0x00)));
	scsi_nexus_destroy(nexus);
}

static void what_was_pending_is_pending_still(void **state)
{
	struct drive *drive = forgiving_drive(state);
	struct scsi_nexus *nexus = host(drive, "iqn.a");
	scsi_attention_raise(&nexus->attentions, ATTENTION_MEDIUM_CHANGED);
	scsi_nexus_leave(nexus);
	nexus = scsi_nexus_enter(&drive->lu, "iqn.a");
	assert_sense(send_none(nexus, CDB(0x00)), SENSE_MEDIUM_CHANGED);
	assert_good(send_none(nexus, CDB(0x00)));
	scsi_nexus_destroy(nexus);
}

static void a_name_in_use_is_refused(void **state)
{
	struct drive *drive = *state;
	struct scsi_nexus *nexus = host(drive, "iqn.a");
	assert_null(scsi_nexus_enter(&drive->lu, "iqn.a"));
	assert_null(scsi_nexus_enter(&drive->lu, drive->a->name));
	scsi_nexus_destroy(nexus);
}

/* Two that differ only after 300 characters are two. */
static void long_names_are_told_apart(void **state)
{
	struct drive *drive = forgiving_drive(state);
	char first[310], second[310];
	memset(first, 'x', sizeof first - 1);
	first[sizeof first - 1] = '\0';
	memcpy(second, first, sizeof second);
	second[sizeof second - 2] = 'y';
	scsi_nexus_leave(host(drive, first));
	struct scsi_nexus *other = host(drive, second);
	assert_string_equal(other->name, second);
	scsi_nexus_destroy(other);
}

/* Of one family as far as the first five characters go. */
static bool same_family(const char *known, const char *name)
{
	return strncmp(known, name, 5) == 0;
}

static void kin_of_the_only_one_that_left_is_that_one_renamed(void **state)
{
	struct drive *drive = forgiving_drive(state);
	scsi_nexus_leave(host(drive, "iqn.a-1"));
	scsi_nexus_leave(host(drive, "iqn.b-1"));
	struct scsi_nexus *nexus = scsi_nexus_enter_kin(&drive->lu, "iqn.a-2", same_family);
	assert_string_equal(nexus->name, "iqn.a-2");
	assert_good(send_none(nexus, CDB(0x00)));
	scsi_nexus_leave(nexus);
	nexus = scsi_nexus_enter_kin(&drive->lu, "iqn.a-3", same_family);
	assert_good(send_none(nexus, CDB(0x00)));
	scsi_nexus_destroy(nexus);
}

static void kin_that_cannot_be_told_apart_are_new(void **state)
{
	struct drive *drive = forgiving_drive(state);
	struct scsi_nexus *first = host(drive, "iqn.a-1"), *second = host(drive, "iqn.a-2");
	scsi_nexus_leave(first);
	scsi_nexus_leave(second);
	struct scsi_nexus *nexus = scsi_nexus_enter_kin(&drive->lu, "iqn.a-3", same_family);
	assert_sense(send_none(nexus, CDB(0x00)), SENSE_POWER_ON);
	scsi_nexus_destroy(nexus);
	nexus = scsi_nexus_enter_kin(&drive->lu, "iqn.a-2", same_family);
	assert_good(send_none(nexus, CDB(0x00)));
	scsi_nexus_destroy(nexus);
}

static void kin_of_one_that_is_still_there_is_new(void **state)
{
	struct drive *drive = forgiving_drive(state);
	struct scsi_nexus *first = host(drive, "iqn.a-1");
	struct scsi_nexus *nexus = scsi_nexus_enter_kin(&drive->lu, "iqn.a-2", same_family);
	assert_sense(send_none(nexus, CDB(0x00)), SENSE_POWER_ON);
	scsi_nexus_destroy(nexus);
	scsi_nexus_destroy(first);
}

static void leaving_releases_what_was_held_and_says_so(void **state)
{
	struct drive *drive = forgiving_drive(state);
	struct scsi_nexus *nexus = host(drive, "iqn.a");
	assert_good(send_none(nexus, CDB(0x1e, 0, 0, 0, 1)));
	assert_good(send_none(nexus, CDB(0x1e, 0, 0, 0, 3)));
	assert_good(send_none(nexus, CDB(0x16)));
	unsigned allowed = drive->events[LIBRARY_EVENT_ALLOWED];
	unsigned told = drive->events[LIBRARY_EVENT_TOLD], remembered = drive->remembered;
	scsi_nexus_leave(nexus);
	assert_false(scsi_removal_prevented(&drive->lu, true));
	assert_null(drive->lu.reserved_by);
	assert_int_equal(drive->events[LIBRARY_EVENT_ALLOWED], allowed + 1);
	assert_int_equal(drive->events[LIBRARY_EVENT_TOLD], told + 1);
	assert_int_equal(drive->remembered, remembered + 1);
	assert_good(send_none(drive->a, CDB(0x16)));
	assert_good(send_none(drive->a, CDB(0x17)));
}

static void others_attentions_do_not_reach_who_is_away(void **state)
{
	struct drive *drive = forgiving_drive(state);
	scsi_nexus_leave(host(drive, "iqn.a"));
	scsi_lu_reset(&drive->lu, NULL);
	drive->a->attentions = drive->b->attentions = 0;
	struct scsi_nexus *nexus = scsi_nexus_enter(&drive->lu, "iqn.a");
	assert_good(send_none(nexus, CDB(0x00)));
	scsi_nexus_destroy(nexus);
}

static void who_never_asked_is_not_remembered(void **state)
{
	struct drive *drive = forgiving_drive(state);
	struct scsi_nexus *nexus = scsi_nexus_enter(&drive->lu, "iqn.scanner");
	assert_int_equal(send_in(nexus, CDB(0x12, 0, 0, 0, 36), 36)->cmd.status, SCSI_STATUS_GOOD);
	scsi_nexus_leave(nexus);
	assert_int_equal(drive->lu.dormant_count, 0);
	assert_true(list_empty(&drive->lu.dormant));
}

static void those_that_left_last_are_kept(void **state)
{
	struct drive *drive = forgiving_drive(state);
	char name[32];
	for (int i = 0; i <= SCSI_DORMANT_MAX; i++) {
		snprintf(name, sizeof name, "iqn.%d", i);
		scsi_nexus_leave(host(drive, name));
	}
	assert_int_equal(drive->lu.dormant_count, SCSI_DORMANT_MAX);
	struct scsi_nexus *second = scsi_nexus_enter(&drive->lu, "iqn.1");
	assert_int_equal(second->attentions, 0);
	struct scsi_nexus *first = host(drive, "iqn.0"); /* forgotten: new again */
	scsi_nexus_destroy(first);
	scsi_nexus_destroy(second);
}

static void one_that_returns_and_leaves_again_is_the_last(void **state)
{
	struct drive *drive = forgiving_drive(state);
	char name[32];
	scsi_nexus_leave(host(drive, "iqn.old"));
	scsi_nexus_leave(host(drive, "iqn.0"));
	scsi_nexus_leave(scsi_nexus_enter(&drive->lu, "iqn.old"));
	for (int i = 1; i < SCSI_DORMANT_MAX; i++) {
		snprintf(name, sizeof name, "iqn.%d", i);
		scsi_nexus_leave(host(drive, name));
	}
	struct scsi_nexus *old = scsi_nexus_enter(&drive->lu, "iqn.old");
	assert_int_equal(old->attentions, 0);
	scsi_nexus_destroy(old);
}

static void the_recorder_starts_anew(void **state)
{
	struct drive *drive = forgiving_drive(state);
	struct scsi_record records[4];
	struct scsi_nexus *nexus = host(drive, "iqn.a");
	assert_int_equal(scsi_recorder_read(&nexus->recorder, records, 4), 1);
	scsi_nexus_leave(nexus);
	nexus = scsi_nexus_enter(&drive->lu, "iqn.a");
	assert_int_equal(scsi_recorder_read(&nexus->recorder, records, 4), 0);
	send_none(nexus, CDB(0x00));
	assert_int_equal(scsi_recorder_read(&nexus->recorder, records, 4), 1);
	scsi_nexus_destroy(nexus);
}

/* ---- suspended at a clean stop ------------------------------------------------------------------
 */

static void one_that_was_suspended_hears_nothing(void **state)
{
	struct drive *drive = *state;
	scsi_nexus_suspend(host(drive, "iqn.a"));
	struct scsi_nexus *nexus = scsi_nexus_enter(&drive->lu, "iqn.a");
	assert_good(send_none(nexus, CDB(0x00)));
	scsi_nexus_leave(nexus); /* and that was once */
	nexus = scsi_nexus_enter(&drive->lu, "iqn.a");
	assert_sense(send_none(nexus, CDB(0x00)), SENSE_NEXUS_LOSS);
	scsi_nexus_destroy(nexus);
}

static void suspend_host_that(struct drive *drive, const uint8_t *cdb)
{
	struct scsi_nexus *nexus = host(drive, "iqn.a");
	assert_good(send_none(nexus, cdb));
	scsi_nexus_suspend(nexus);
	assert_false(scsi_removal_prevented(&drive->lu, true));
	assert_null(drive->lu.reserved_by);
	nexus = scsi_nexus_enter(&drive->lu, "iqn.a");
	assert_sense(send_none(nexus, CDB(0x00)), SENSE_NEXUS_LOSS);
	assert_good(send_none(nexus, CDB(0x00)));
	scsi_nexus_destroy(nexus);
}

static void what_one_that_was_suspended_held_is_gone_and_it_knows(void **state)
{
	suspend_host_that(*state, CDB(0x1e, 0, 0, 0, 1));
	suspend_host_that(*state, CDB(0x1e, 0, 0, 0, 3));
	suspend_host_that(*state, CDB(0x16));
}

static void one_that_was_suspended_holds_nobody_up(void **state)
{
	struct drive *drive = *state;
	struct scsi_nexus *nexus = host(drive, "iqn.a");
	assert_good(send_none(nexus, CDB(0x16)));
	scsi_nexus_suspend(nexus);
	assert_good(send_none(drive->a, CDB(0x16)));
	assert_good(send_none(drive->a, CDB(0x17)));
}

static void one_that_was_suspended_misses_no_reset(void **state)
{
	struct drive *drive = *state;
	scsi_nexus_suspend(host(drive, "iqn.a"));
	scsi_lu_reset(&drive->lu, drive->a);
	struct scsi_nexus *nexus = scsi_nexus_enter(&drive->lu, "iqn.a");
	assert_sense(send_none(nexus, CDB(0x00)), SENSE_DEVICE_RESET);
	assert_good(send_none(nexus, CDB(0x00)));
	scsi_nexus_destroy(nexus);
}

static void one_that_was_suspended_before_its_29_00_is_new(void **state)
{
	struct drive *drive = *state;
	scsi_nexus_suspend(scsi_nexus_enter(&drive->lu, "iqn.a"));
	assert_int_equal(drive->lu.dormant_count, 0);
	scsi_nexus_destroy(host(drive, "iqn.a"));
}

/* ---- across a restart ------------------------------------------------------------------------ */

/* A drive with the record of one that a, b, and the named hosts were on; the last one still is. */
static struct drive *after_restart(const char *const *names, bool forgives)
{
	struct drive *drive = drive_create(), *again = drive_create();
	static uint8_t record[SCSI_TOLD_MAX];
	forgiving = test_type;
	forgiving.forgives_nexus_loss = forgives;
	drive->lu.type = again->lu.type = &forgiving;
	struct scsi_nexus *last = NULL;
	for (; *names; names++) {
		scsi_nexus_leave(last);
		last = host(drive, *names);
		*(uint8_t *)last->device = 7;
	}
	assert_good(send_none(last, CDB(0x1e, 0, 0, 0, 1)));
	assert_good(send_none(last, CDB(0x16)));
	size_t length = scsi_told_encode(&drive->lu, record, sizeof record);
	assert_true(length > 0);
	scsi_nexus_destroy(last);
	drive_destroy(drive);
	assert_true(scsi_told_decode(&again->lu, record, length));
	return again;
}

static void a_restart_is_silent_for_who_was_there_and_who_was_away(void **state)
{
	struct drive *again = after_restart((const char *[]){"iqn.away", "iqn.here", NULL}, true);
	assert_int_equal(again->lu.dormant_count, 2);
	assert_null(again->lu.reserved_by);
	assert_false(scsi_removal_prevented(&again->lu, true));
	struct scsi_nexus *away = scsi_nexus_enter(&again->lu, "iqn.away");
	struct scsi_nexus *here = scsi_nexus_enter(&again->lu, "iqn.here");
	assert_good(send_none(away, CDB(0x00)));
	assert_good(send_none(here, CDB(0x00)));
	assert_int_equal(*(uint8_t *)here->device, 7);
	assert_good(send_none(away, CDB(0x16))); /* its reservation went with its session */
	scsi_nexus_destroy(away);
	scsi_nexus_destroy(here);
	drive_destroy(again);
}

static void set_port(struct scsi_nexus *nexus, const char *name)
{
	static const uint8_t isid[SCSI_ISID_LENGTH] = {0, 2, 0x3d, 0, 0, 1};
	struct scsi_port port;
	scsi_port_iscsi(&port, name, isid, 2);
	scsi_nexus_set_port(nexus, &port);
}

static struct scsi_nexus *at_port(struct drive *drive, const char *name)
{
	struct scsi_nexus *nexus = scsi_nexus_enter(&drive->lu, name);
	assert_non_null(nexus);
	set_port(nexus, name);
	return nexus;
}

/* What was registered by one that has not returned yet is taken from it by another. */
static void one_that_is_preempted_after_a_restart_is_told_when_it_returns(void **state)
{
	struct drive *drive = *state, *again = drive_create();
	static uint8_t record[SCSI_TOLD_MAX];
	forgiving = test_type;
	forgiving.forgives_nexus_loss = true;
	drive->lu.type = again->lu.type = &forgiving;
	struct scsi_nexus *first = host(drive, "iqn.first"), *second = host(drive, "iqn.second");
	set_port(first, "iqn.first");
	set_port(second, "iqn.second");
	register_key(first, 0xa);
	register_key(second, 0xb);
	size_t length = scsi_told_encode(&drive->lu, record, sizeof record);
	scsi_nexus_destroy(first);
	scsi_nexus_destroy(second);
	assert_true(scsi_told_decode(&again->lu, record, length));

	second = at_port(again, "iqn.second");
	assert_good(pr_out(second, PREEMPT, EA, 0xb, 0xa));
	first = at_port(again, "iqn.first");
	assert_sense(send_none(first, CDB(0x00)), SENSE_REGISTRATIONS_PREEMPTED);
	assert_good(send_none(first, CDB(0x00)));
	scsi_nexus_destroy(first);
	scsi_nexus_destroy(second);
	drive_destroy(again);
}

static void a_restart_of_another_unit_is_29_00(void **state)
{
	struct drive *again = after_restart((const char *[]){"iqn.away", "iqn.here", NULL}, false);
	assert_int_equal(again->lu.dormant_count, 0);
	struct scsi_nexus *away = host(again, "iqn.away"), *here = host(again, "iqn.here");
	scsi_nexus_destroy(away);
	scsi_nexus_destroy(here);
	drive_destroy(again);
}

/* The next daemon's drive, with the record of this one. */
static struct drive *next_of(struct drive *drive)
{
	static uint8_t record[SCSI_TOLD_MAX];
	struct drive *next = drive_create();
	size_t length = scsi_told_encode(&drive->lu, record, sizeof record);
	assert_true(length > 0);
	assert_true(scsi_told_decode(&next->lu, record, length));
	return next;
}

static void one_that_was_suspended_returns_after_any_number_of_restarts(void **state)
{
	struct drive *drive = *state;
	struct scsi_nexus *left = host(drive, "iqn.left");
	scsi_nexus_suspend(host(drive, "iqn.a"));
	scsi_nexus_leave(left);
	struct drive *second = next_of(drive), *third = next_of(second);
	assert_int_equal(third->lu.dormant_count, 1);
	struct scsi_nexus *nexus = scsi_nexus_enter(&third->lu, "iqn.a");
	assert_good(send_none(nexus, CDB(0x00)));
	scsi_nexus_destroy(nexus);
	scsi_nexus_destroy(host(third, "iqn.left")); /* 29/00 */
	drive_destroy(second);
	drive_destroy(third);
}

static void one_that_was_suspended_misses_no_reset_of_the_next_daemon(void **state)
{
	struct drive *drive = *state;
	scsi_nexus_suspend(host(drive, "iqn.a"));
	struct drive *next = next_of(drive);
	scsi_lu_reset(&next->lu, NULL);
	struct scsi_nexus *nexus = scsi_nexus_enter(&next->lu, "iqn.a");
	assert_sense(send_none(nexus, CDB(0x00)), SENSE_DEVICE_RESET);
	scsi_nexus_destroy(nexus);
	drive_destroy(next);
}

static void one_that_has_a_deferred_error_coming_is_new_after_a_restart(void **state)
{
	struct drive *drive = *state;
	const struct scsi_sense sense = {.code = SENSE_UNRECOVERED_READ_ERROR};
	struct scsi_nexus *nexus = host(drive, "iqn.a");
	scsi_nexus_suspend(nexus);
	scsi_lu_lock(&drive->lu);
	scsi_defer(nexus, &sense);
	scsi_lu_unlock(&drive->lu);
	struct drive *next = next_of(drive);
	scsi_nexus_destroy(host(next, "iqn.a")); /* 29/00 */
	drive_destroy(next);
	nexus = scsi_nexus_enter(&drive->lu, "iqn.a"); /* or it returns to this one, and hears */
	struct request *request = send_none(nexus, CDB(0x00));
	assert_sense(request, SENSE_UNRECOVERED_READ_ERROR);
	assert_true(request->cmd.sense.deferred);
	scsi_nexus_destroy(nexus);
}

static void a_second_restart_finds_the_same_in_the_same_order(void **state)
{
	static uint8_t first[SCSI_TOLD_MAX], second[SCSI_TOLD_MAX];
	struct drive *drive = forgiving_drive(state), *again = drive_create();
	again->lu.type = &forgiving;
	scsi_nexus_leave(host(drive, "iqn.first"));
	scsi_nexus_leave(host(drive, "iqn.second"));
	size_t length = scsi_told_encode(&drive->lu, first, sizeof first);
	assert_true(scsi_told_decode(&again->lu, first, length));
	assert_int_equal(scsi_told_encode(&again->lu, second, sizeof second), length);
	assert_memory_equal(first, second, length);
	drive_destroy(again);
}

static void a_damaged_record_leaves_nobody_dormant(void **state)
{
	static uint8_t record[SCSI_TOLD_MAX];
	struct drive *drive = forgiving_drive(state), *again = drive_create();
	again->lu.type = &forgiving;
	scsi_nexus_leave(host(drive, "iqn.first"));
	size_t length = scsi_told_encode(&drive->lu, record, sizeof record);
	record[length - 1] = 9; /* odd end, after all nexuses were taken */
	assert_false(scsi_told_decode(&again->lu, record, length));
	assert_int_equal(again->lu.dormant_count, 0);
	assert_true(list_empty(&again->lu.dormant));
	drive_destroy(again);
}

static void more_than_can_be_remembered_are_dropped(void **state)
{
	static uint8_t record[SCSI_TOLD_MAX];
	struct drive *drive = forgiving_drive(state), *again = drive_create();
	struct scsi_nexus *here[2 * SCSI_DORMANT_MAX];
	again->lu.type = &forgiving;
	for (int i = 0; i < 2 * SCSI_DORMANT_MAX; i++) {
		char name[32];
		snprintf(name, sizeof name, "iqn.%d", i);
		here[i] = host(drive, name);
	}
	size_t length = scsi_told_encode(&drive->lu, record, sizeof record);
	assert_true(length > 0);
	assert_true(scsi_told_decode(&again->lu, record, length));
	assert_int_equal(again->lu.dormant_count, SCSI_DORMANT_MAX);
	for (int i = 0; i < 2 * SCSI_DORMANT_MAX; i++)
		scsi_nexus_destroy(here[i]);
	drive_destroy(again);
}

/* ---- a path that stays while its initiator comes and goes ------------------------------------ */

static void who_is_away_lets_go_and_is_back_with_a_command(void **state)
{
	struct drive *drive = forgiving_drive(state);
	struct scsi_nexus *nexus = host(drive, "iqn.a");
	nexus->prevent = true;
	drive->lu.reserved_by = nexus;
	scsi_nexus_away(nexus, false);
	assert_true(nexus->away);
	assert_false(nexus->prevent);
	assert_null(drive->lu.reserved_by);
	assert_int_equal(nexus->attentions, 0);
	assert_good(send_none(nexus, CDB(0x00)));
	assert_false(nexus->away);
	scsi_nexus_away(nexus, false);
	scsi_nexus_back(nexus);
	assert_false(nexus->away);
	scsi_nexus_destroy(nexus);
}

static void where_loss_matters_who_was_there_is_told(void **state)
{
	struct drive *drive = *state;
	struct scsi_nexus *nexus = host(drive, "iqn.a");
	scsi_nexus_away(nexus, true);
	assert_good(send_none(nexus, CDB(0x00)));
	nexus->prevent = true;
	scsi_nexus_away(nexus, true);
	assert_sense(send_none(nexus, CDB(0x00)), SENSE_NEXUS_LOSS);
	scsi_nexus_away(nexus, false);
	assert_sense(send_none(nexus, CDB(0x00)), SENSE_NEXUS_LOSS);
	assert_good(send_none(nexus, CDB(0x00)));
	scsi_nexus_destroy(nexus);
}

/* What a look finds. */
static void look_and(struct scsi_nexus *nexus, void (*found)(struct scsi_nexus *nexus))
{
	scsi_nexus_look(nexus);
	found(nexus);
}

static void prevent(struct scsi_nexus *nexus)
{
	assert_good(send_none(nexus, CDB(0x1e, 0, 0, 0, 1)));
}

static struct scsi_nexus *watched(struct drive *drive)
{
	struct scsi_nexus *nexus = host(drive, "iqn.a");
	scsi_nexus_watch(nexus);
	return nexus;
}

/* A host that is back between two looks, and has opened the drive again by then. */
static void what_the_next_session_took_stays(void **state)
{
	struct drive *drive = forgiving_drive(state);
	struct scsi_nexus *nexus = watched(drive);
	look_and(nexus, scsi_nexus_same);
	prevent(nexus);
	assert_int_equal(drive->events[LIBRARY_EVENT_TAKEN], 1);
	look_and(nexus, scsi_nexus_replaced);
	assert_true(nexus->prevent);
	look_and(nexus, scsi_nexus_same);
	look_and(nexus, scsi_nexus_replaced); /* and that one has gone, too */
	assert_false(nexus->prevent);
	scsi_nexus_destroy(nexus);
}

static void what_the_former_had_goes(void **state)
{
	struct drive *drive = forgiving_drive(state);
	struct scsi_nexus *nexus = watched(drive);
	assert_good(send_none(nexus, CDB(0x16)));
	prevent(nexus);
	look_and(nexus, scsi_nexus_same);
	prevent(nexus); /* the next one says it again */
	assert_int_equal(drive->events[LIBRARY_EVENT_TAKEN], 3);
	look_and(nexus, scsi_nexus_replaced);
	assert_true(nexus->prevent);
	assert_null(drive->lu.reserved_by);
	scsi_nexus_destroy(nexus);
}

static void looks_that_see_nothing_change_nothing(void **state)
{
	struct drive *drive = forgiving_drive(state);
	struct scsi_nexus *nexus = watched(drive);
	look_and(nexus, scsi_nexus_same);
	assert_good(send_none(nexus, CDB(0x16)));
	scsi_nexus_look(nexus);
	scsi_nexus_look(nexus);
	look_and(nexus, scsi_nexus_replaced);
	assert_ptr_equal(drive->lu.reserved_by, nexus);
	scsi_nexus_look(nexus);
	scsi_nexus_away(nexus, false);
	assert_null(drive->lu.reserved_by);
	scsi_nexus_destroy(nexus);
}

static void commands_of_the_next_session_go_on(void **state)
{
	struct drive *drive = forgiving_drive(state);
	struct scsi_nexus *nexus = watched(drive);
	drive->medium->cached = 0;
	struct request *former = send_read(nexus, 0, 4);
	look_and(nexus, scsi_nexus_same);
	struct request *next = send_read(nexus, 0, 4);
	look_and(nexus, scsi_nexus_replaced);
	assert_int_equal(former->cmd.status, SCSI_STATUS_TASK_ABORTED);
	assert_int_equal(next->completed, 0);
	run_workers(drive);
	assert_good(next);
	scsi_nexus_destroy(nexus);
}

static void where_loss_matters_the_next_session_is_told(void **state)
{
	struct drive *drive = *state;
	struct scsi_nexus *nexus = watched(drive);
	look_and(nexus, scsi_nexus_same);
	prevent(nexus);
	look_and(nexus, scsi_nexus_replaced);
	assert_sense(send_none(nexus, CDB(0x00)), SENSE_NEXUS_LOSS);
	assert_true(nexus->prevent);
	scsi_nexus_destroy(nexus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(a_new_initiator_has_29_00),
		drive_test(one_that_returns_to_a_forgiving_unit_hears_nothing),
		drive_test(one_that_returns_to_another_unit_has_29_07),
		drive_test(who_is_away_lets_go_and_is_back_with_a_command),
		drive_test(where_loss_matters_who_was_there_is_told),
		drive_test(what_the_next_session_took_stays),
		drive_test(what_the_former_had_goes),
		drive_test(looks_that_see_nothing_change_nothing),
		drive_test(commands_of_the_next_session_go_on),
		drive_test(where_loss_matters_the_next_session_is_told),
		drive_test(what_was_pending_is_pending_still),
		drive_test(a_name_in_use_is_refused),
		drive_test(long_names_are_told_apart),
		drive_test(kin_of_the_only_one_that_left_is_that_one_renamed),
		drive_test(kin_that_cannot_be_told_apart_are_new),
		drive_test(kin_of_one_that_is_still_there_is_new),
		drive_test(leaving_releases_what_was_held_and_says_so),
		drive_test(others_attentions_do_not_reach_who_is_away),
		drive_test(who_never_asked_is_not_remembered),
		drive_test(those_that_left_last_are_kept),
		drive_test(one_that_returns_and_leaves_again_is_the_last),
		drive_test(the_recorder_starts_anew),
		cmocka_unit_test(a_restart_is_silent_for_who_was_there_and_who_was_away),
		cmocka_unit_test(a_restart_of_another_unit_is_29_00),
		drive_test(one_that_was_suspended_hears_nothing),
		drive_test(what_one_that_was_suspended_held_is_gone_and_it_knows),
		drive_test(one_that_was_suspended_holds_nobody_up),
		drive_test(one_that_was_suspended_misses_no_reset),
		drive_test(one_that_was_suspended_before_its_29_00_is_new),
		drive_test(one_that_was_suspended_returns_after_any_number_of_restarts),
		drive_test(one_that_was_suspended_misses_no_reset_of_the_next_daemon),
		drive_test(one_that_is_preempted_after_a_restart_is_told_when_it_returns),
		drive_test(one_that_has_a_deferred_error_coming_is_new_after_a_restart),
		drive_test(a_second_restart_finds_the_same_in_the_same_order),
		drive_test(a_damaged_record_leaves_nobody_dormant),
		drive_test(more_than_can_be_remembered_are_dropped),
	};
	return cmocka_run_group_tests_name("scsi/dormant", tests, NULL, NULL);
}
