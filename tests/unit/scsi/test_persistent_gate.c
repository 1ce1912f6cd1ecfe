/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every type, every class of command, every relation to the holder. The answers are written out
 * here from the tables of SPC-4 5.12.1 (SCST's per-command flags WRITE_EXCL_ALLOWED and
 * EXCL_ACCESS_ALLOWED and LIO's core_scsi3_pr_seq_non_holder agree with them), not computed.
 */
#include "persistent.h"

enum who { HOLDER, REGISTERED, STRANGER, WHO_COUNT };

/* One letter a type, in the order WE EA WE_RO EA_RO WE_AR EA_AR: + allowed, - conflict. */
static const struct {
	const char *name;
	uint8_t cdb[6];
	const char *of[WHO_COUNT];
} commands[] = {
	{"TEST UNIT READY", {0x00}, {"++++++", "++++++", "++++++"}},
	{"REQUEST SENSE", {0x03, 0, 0, 0, 18}, {"++++++", "++++++", "++++++"}},
	{"INQUIRY", {0x12, 0, 0, 0, 36}, {"++++++", "++++++", "++++++"}},
	{"MODE SENSE(6)", {0x1a, 0, 0x0a, 0, 16}, {"++++++", "+-++++", "+-+-+-"}},
	{"ALLOW MEDIUM REMOVAL", {0x1e, 0, 0, 0, 0}, {"++++++", "++++++", "++++++"}},
	{"PREVENT MEDIUM REMOVAL", {0x1e, 0, 0, 0, 1}, {"++++++", "--++++", "------"}},
	{"READ(10)", {0x28}, {"++++++", "+-++++", "+-+-+-"}},
	{"MODE SELECT(6)", {0x15, 0x10}, {"++++++", "--++++", "------"}},
	{"a row without a flag", {0x9e, 0x12}, {"++++++", "--++++", "------"}},
	{"RESERVE(6)", {0x16}, {"------", "------", "------"}},
	{"RELEASE(6)", {0x17}, {"------", "------", "------"}},
	{"PERSISTENT RESERVE IN", {0x5e}, {"++++++", "++++++", "++++++"}},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void assert_row(struct scsi_nexus *nexus, unsigned command, enum who who, unsigned at)
{
	static const char *const names[] = {"the holder", "a registrant", "a stranger"};
	uint8_t cdb[16] = {0};
	memcpy(cdb, commands[command].cdb, sizeof commands[command].cdb);
	struct request *request = send_in(nexus, cdb, 64);
	bool allowed = request->cmd.status != SCSI_STATUS_RESERVATION_CONFLICT;
	if (allowed != (commands[command].of[who][at] == '+'))
		fail_msg("%s of %s under type %u", commands[command].name, names[who], at);
	assert_int_equal(request->completed, 1);
	if (allowed)
		assert_good(request);
}

static void the_tables(void **state)
{
	static const unsigned types[] = {WE, EA, WE_RO, EA_RO, WE_AR, EA_AR};
	struct drive *drive = *state;
	struct scsi_nexus *stranger = scsi_nexus_create(&drive->lu, "stranger");
	stranger->attentions = 0;
	register_key(drive->a, 1);
	register_key(drive->b, 2);
	for (unsigned at = 0; at < 6; at++) {
		assert_good(pr_out(drive->a, RESERVE, types[at], 1, 0));
		for (unsigned i = 0; i < COMMANDS; i++) {
			assert_row(drive->a, i, HOLDER, at);
			assert_row(drive->b, i, REGISTERED, at);
			assert_row(stranger, i, STRANGER, at);
		}
		assert_good(pr_out(drive->a, RELEASE, types[at], 1, 0));
		drive->b->attentions = 0;
	}
	scsi_nexus_destroy(stranger);
}

/* Registrations alone keep nobody out. */
static void without_a_reservation_all_is_allowed(void **state)
{
	struct drive *drive = *state;
	register_key(drive->a, 1);
	assert_good(send_read(drive->b, 0, 1));
	assert_good(send_none(drive->b, CDB(0x1e, 0, 0, 0, 1)));
}

/* SPC-4 table 68: what a stranger may say with PERSISTENT RESERVE OUT. */
static void anybody_may_register_under_any_type(void **state)
{
	static const unsigned types[] = {WE, EA, WE_RO, EA_RO, WE_AR, EA_AR};
	struct drive *drive = *state;
	register_key(drive->a, 1);
	for (unsigned i = 0; i < 6; i++) {
		assert_good(pr_out(drive->a, RESERVE, types[i], 1, 0));
		assert_good(pr_out(drive->b, REGISTER, 0, 0, 2));
		assert_good(pr_out(drive->b, REGISTER_AND_IGNORE, 0, 0, 0));
		assert_good(pr_out(drive->a, RELEASE, types[i], 1, 0));
	}
}

/* The gate's place: after the unit attention, before readiness. */
static void attention_before_and_readiness_after(void **state)
{
	struct drive *drive = *state;
	register_key(drive->a, 1);
	assert_good(pr_out(drive->a, RESERVE, EA, 1, 0));
	drive->not_ready = SENSE_NO_MEDIUM_TRAY_CLOSED;
	scsi_attention_raise(&drive->b->attentions, ATTENTION_MEDIUM_CHANGED);
	assert_sense(send_read(drive->b, 0, 1), SENSE_MEDIUM_CHANGED);
	assert_conflict(send_read(drive->b, 0, 1));
	assert_sense(send_read(drive->a, 0, 1), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static void attentions_come_once_and_in_order(void **state)
{
	struct drive *drive = *state;
	register_key(drive->a, 1);
	register_key(drive->b, 2);
	assert_good(pr_out(drive->a, RESERVE, WE_RO, 1, 0));
	assert_good(pr_out(drive->a, RELEASE, WE_RO, 1, 0));
	assert_good(pr_out(drive->a, PREEMPT, WE, 1, 2));
	assert_sense(send_none(drive->b, CDB(0x00)), SENSE_RESERVATIONS_RELEASED);
	assert_sense(send_none(drive->b, CDB(0x00)), SENSE_REGISTRATIONS_PREEMPTED);
	assert_good(send_none(drive->b, CDB(0x00)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(the_tables),
		drive_test(without_a_reservation_all_is_allowed),
		drive_test(anybody_may_register_under_any_type),
		drive_test(attention_before_and_readiness_after),
		drive_test(attentions_come_once_and_in_order),
	};
	return cmocka_run_group_tests_name("scsi/persistent_gate", tests, NULL, NULL);
}
