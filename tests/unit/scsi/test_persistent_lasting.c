/* SPDX-License-Identifier: Apache-2.0 */
/* What lasts: APTPL through the library, the told record, and records that were tampered with. */
#include "persistent.h"
#include "util/response.h"

/* ---- APTPL ------------------------------------------------------------------------------------
 */

static void a_lasting_change_counts_when_it_is_committed(void **state)
{
	struct drive *drive = *state;
	struct request *request = pr_out_flags(drive->a, REGISTER, 0, 0, 1, APTPL);
	assert_int_equal(request->completed, 0);
	assert_int_equal(drive->lu.persistent.count, 0);
	library_reserves(drive, true);
	assert_good(request);
	assert_int_equal(drive->lu.persistent.count, 1);
	assert_true(drive->committed_length > 0);
	assert_int_equal(pr_in(drive->a, REPORT_CAPABILITIES, 8)->data[3] & 1, 1);
}

static void what_cannot_be_committed_does_not_happen(void **state)
{
	struct drive *drive = *state;
	struct request *request = pr_out_flags(drive->a, REGISTER, 0, 0, 1, APTPL);
	library_reserves(drive, false);
	assert_sense(request, SENSE_INTERNAL_TARGET_FAILURE);
	assert_int_equal(drive->lu.persistent.count, 0);
	register_key(drive->a, 2); /* and it goes on */
}

static void register_lasting(struct drive *drive, struct scsi_nexus *nexus, uint64_t key)
{
	struct request *request = pr_out_flags(nexus, REGISTER_AND_IGNORE, 0, 0, key, APTPL);
	library_reserves(drive, true);
	assert_good(request);
}

static void every_later_change_is_committed_too(void **state)
{
	struct drive *drive = *state;
	register_lasting(drive, drive->a, 1);
	struct request *request = pr_out(drive->a, RESERVE, EA, 1, 0);
	assert_int_equal(request->completed, 0);
	library_reserves(drive, true);
	assert_good(request);
	assert_int_equal(drive->commits, 2);
	request = pr_out(drive->a, CLEAR, 0, 1, 0);
	library_reserves(drive, true);
	assert_good(request);
	assert_int_equal(drive->committed_length, 0); /* nothing is left to keep */
}

/* The command is itself one of the tasks of who it preempts, for it waits for the library. */
static void a_preempt_and_abort_of_the_own_key_does_not_end_itself(void **state)
{
	struct drive *drive = *state;
	register_lasting(drive, drive->b, 2);
	drive->medium->cached = 0;
	struct request *read = send_read(drive->b, 0, 4);
	struct request *request = pr_out(drive->b, PREEMPT_AND_ABORT, WE, 2, 2);
	library_reserves(drive, true);
	assert_good(request);
	assert_int_equal(read->cmd.status, SCSI_STATUS_TASK_ABORTED);
	assert_int_equal(drive->lu.persistent.count, 0);
	run_workers(drive);
}

static void the_last_register_decides(void **state)
{
	struct drive *drive = *state;
	register_lasting(drive, drive->a, 1);
	struct request *request = pr_out(drive->b, REGISTER, 0, 0, 2);
	library_reserves(drive, true);
	assert_good(request);
	assert_int_equal(drive->committed_length, 0);     /* it is taken out of the catalog */
	assert_good(pr_out(drive->a, RESERVE, WE, 1, 0)); /* and nothing is parked any more */
	assert_int_equal(pr_in(drive->a, REPORT_CAPABILITIES, 8)->data[3] & 1, 0);
}

static void what_is_wrong_is_said_at_once(void **state)
{
	struct drive *drive = *state;
	assert_conflict(pr_out_flags(drive->a, REGISTER, 0, 7, 1, APTPL));
	register_lasting(drive, drive->a, 1);
	assert_conflict(pr_out(drive->b, RESERVE, WE, 1, 0));
}

/* What was judged when it came is judged again when its turn comes. */
static void two_that_are_parked_see_each_other(void **state)
{
	struct drive *drive = *state;
	register_lasting(drive, drive->a, 1);
	register_lasting(drive, drive->b, 2);
	struct request *first = pr_out(drive->a, RESERVE, WE, 1, 0);
	struct request *second = pr_out(drive->b, RESERVE, WE, 2, 0);
	library_reserves(drive, true);
	library_reserves(drive, true);
	assert_good(first);
	assert_conflict(second);
	assert_int_equal(drive->commits, 3);
}

/* Between begin and end, with no lock held, nothing slips in. */
static void nothing_happens_beside_a_commit(void **state)
{
	struct drive *drive = *state;
	struct scsi_persistent_change *change = calloc(1, sizeof *change);
	assert_int_equal(scsi_persistent_begin(&drive->lu, NULL, change), SENSE_NONE);
	struct request *other = pr_out(drive->a, REGISTER, 0, 0, 1);
	assert_int_equal(other->completed, 0);
	struct request *reserve = send_none(drive->b, CDB(0x16));
	assert_int_equal(reserve->cmd.status, SCSI_STATUS_BUSY);
	assert_int_equal(scsi_persistent_end(&drive->lu, NULL, change, true), SENSE_NONE);
	library_reserves(drive, true);
	assert_good(other);
	assert_int_equal(drive->lu.persistent.count, 1);
	free(change);
}

static void a_command_that_was_given_up_is_not_performed(void **state)
{
	struct drive *drive = *state;
	struct request *request = pr_out_flags(drive->a, REGISTER, 0, 0, 1, APTPL);
	scsi_cmd_cancel(&request->cmd);
	assert_int_equal(request->cmd.status, SCSI_STATUS_TASK_ABORTED);
	library_reserves(drive, true);
	assert_int_equal(drive->lu.persistent.count, 0);
	register_key(drive->a, 3);
}

static void preempt_and_abort_through_the_library_aborts(void **state)
{
	struct drive *drive = *state;
	register_lasting(drive, drive->a, 1);
	register_lasting(drive, drive->b, 2);
	drive->medium->cached = 0;
	struct request *read = send_read(drive->a, 0, 4);
	struct request *request = pr_out(drive->b, PREEMPT_AND_ABORT, WE, 2, 1);
	library_reserves(drive, true);
	assert_good(request);
	assert_int_equal(read->cmd.status, SCSI_STATUS_TASK_ABORTED);
	run_workers(drive);
}

static void an_operator_releases_everything(void **state)
{
	struct drive *drive = *state;
	struct scsi_persistent_change *change = calloc(1, sizeof *change);
	register_lasting(drive, drive->a, 1);
	register_lasting(drive, drive->b, 2);
	assert_int_equal(scsi_persistent_begin(&drive->lu, NULL, change), SENSE_NONE);
	assert_int_equal(change->length, 0);
	assert_int_equal(scsi_persistent_end(&drive->lu, NULL, change, true), SENSE_NONE);
	assert_int_equal(drive->lu.persistent.count, 0);
	assert_sense(send_none(drive->a, CDB(0x00)), SENSE_RESERVATIONS_PREEMPTED);
	assert_sense(send_none(drive->b, CDB(0x00)), SENSE_RESERVATIONS_PREEMPTED);
	assert_good(send_none(drive->a, CDB(0x16)));
	assert_int_equal(scsi_persistent_begin(&drive->lu, NULL, change), SENSE_NONE);
	assert_int_equal(scsi_persistent_end(&drive->lu, NULL, change, true), SENSE_NONE);
	assert_null(drive->lu.reserved_by);
	free(change);
}

/* ---- power on ---------------------------------------------------------------------------------
 */

static void what_was_committed_is_there_after_power_on(void **state)
{
	struct drive *drive = *state, *again = drive_create();
	register_lasting(drive, drive->a, 1);
	register_lasting(drive, drive->b, 2);
	pr_out(drive->b, RESERVE, EA, 2, 0);
	library_reserves(drive, true);
	assert_true(scsi_persistent_restore(&again->lu, drive->committed, drive->committed_length));
	again->a->attentions = again->b->attentions = 0;
	assert_conflict(send_read(again->a, 0, 1));
	assert_good(send_read(again->b, 0, 1));
	assert_int_equal(get_be32(pr_in(again->a, READ_KEYS, 64)->data), 0);
	drive_destroy(again);
}

/* ---- records that are not ours -----------------------------------------------------------------
 */

static size_t make_record(struct drive *drive, uint8_t *ret)
{
	struct response r;
	register_key(drive->a, 1);
	register_key(drive->b, 2);
	assert_good(pr_out(drive->b, RESERVE, EA, 2, 0));
	response_init(&r, ret, SCSI_PERSISTENT_RECORD_MAX);
	scsi_persistent_encode(&drive->lu.persistent, &r);
	assert_false(r.overflowed);
	return r.length;
}

static void a_truncated_record_is_refused(void **state)
{
	struct drive *drive = *state;
	uint8_t *record = malloc(SCSI_PERSISTENT_RECORD_MAX);
	size_t length = make_record(drive, record);
	for (size_t i = 0; i < length; i++) {
		assert_false(scsi_persistent_restore(&drive->lu, record, i));
		assert_int_equal(drive->lu.persistent.count, 0);
	}
	assert_true(scsi_persistent_restore(&drive->lu, record, length));
	record[length] = 0;
	assert_false(scsi_persistent_restore(&drive->lu, record, length + 1));
	free(record);
}

static void an_unsound_record_is_refused(void **state)
{
	struct drive *drive = *state;
	uint8_t *record = malloc(SCSI_PERSISTENT_RECORD_MAX);
	size_t length = make_record(drive, record);
	enum { ROW = 9, ROW_LENGTH = 13 + 24 };
	static const struct {
		size_t at;
		uint8_t value;
	} bad[] = {
		{0, 2},                /* version */
		{1, 2},                /* APTPL */
		{2, 2},                /* no type */
		{2, 0},                /* a holder of nothing */
		{2, WE_AR},            /* a holder among all registrants */
		{ROW, 1},              /* a second holder */
		{ROW, 2},              /* neither */
		{ROW + ROW_LENGTH, 0}, /* nobody holds it */
		{ROW + 8, 0},          /* key 0 */
		{ROW + 10, 0},         /* target port 0 */
		{ROW + 12, 23},        /* length of the TransportID */
		{ROW + 13, 0},         /* its protocol */
		{8, 1},                /* one row fewer than there are */
		{8, 3},                /* one more */
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		uint8_t before = record[bad[i].at];
		record[bad[i].at] = bad[i].value;
		assert_false(scsi_persistent_restore(&drive->lu, record, length));
		record[bad[i].at] = before;
	}
	memcpy(record + ROW + ROW_LENGTH + 11, record + ROW + 11, 2 + 24); /* the same port twice */
	assert_false(scsi_persistent_restore(&drive->lu, record, length));
	free(record);
}

static void any_flipped_bit_is_refused_or_harmless(void **state)
{
	struct drive *drive = *state;
	uint8_t *record = malloc(SCSI_PERSISTENT_RECORD_MAX);
	size_t length = make_record(drive, record);
	for (size_t i = 0; i < 8 * length; i++) {
		record[i / 8] ^= (uint8_t)(1 << i % 8);
		bool taken = scsi_persistent_restore(&drive->lu, record, length);
		assert_int_equal(drive->lu.persistent.count, taken ? 2 : 0);
		record[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	free(record);
}

/* ---- the told record ---------------------------------------------------------------------------
 */

static void a_restart_changes_nothing(void **state)
{
	struct drive *drive = *state, *again = drive_create();
	static uint8_t record[SCSI_TOLD_MAX];
	register_key(drive->a, 1);
	register_key(drive->b, 2);
	assert_good(pr_out(drive->b, RESERVE, EA, 2, 0));
	size_t length = scsi_told_encode(&drive->lu, record, sizeof record);
	assert_true(scsi_told_decode(&again->lu, record, length));
	assert_conflict(send_read(again->a, 0, 1));
	assert_good(send_read(again->b, 0, 1));
	assert_int_equal(get_be32(pr_in(again->a, READ_KEYS, 64)->data), 2);
	drive_destroy(again);
}

static void who_was_fenced_off_stays_so_when_the_rest_is_not_recalled(void **state)
{
	struct drive *drive = *state, *again = drive_create();
	static uint8_t record[SCSI_TOLD_MAX];
	register_key(drive->b, 2);
	assert_good(pr_out(drive->b, RESERVE, EA, 2, 0));
	size_t length = scsi_told_encode(&drive->lu, record, sizeof record);
	assert_true(scsi_told_decode_persistent(&again->lu, record, length));
	assert_sense(send_none(again->a, CDB(0x00)), SENSE_POWER_ON);
	assert_conflict(send_read(again->a, 0, 1));
	drive_destroy(again);
}

static void a_told_record_that_is_damaged_leaves_nobody_registered(void **state)
{
	struct drive *drive = *state;
	static uint8_t record[SCSI_TOLD_MAX];
	register_key(drive->a, 1);
	size_t length = scsi_told_encode(&drive->lu, record, sizeof record);
	assert_false(scsi_told_decode(&drive->lu, record, length - 1));
	assert_int_equal(drive->lu.persistent.count, 0);
}

static void the_largest_finds_room_in_the_told_record(void **state)
{
	struct drive *drive = *state;
	static uint8_t record[SCSI_TOLD_MAX];
	struct scsi_port port;
	uint8_t isid[SCSI_ISID_LENGTH] = {0};
	char name[SCSI_TRANSPORT_NAME_MAX] = "iqn.";
	memset(name + 4, 'x', sizeof name - 5);
	for (unsigned i = 0; i < SCSI_REGISTRATIONS_MAX; i++) {
		isid[5] = (uint8_t)i;
		scsi_port_iscsi(&port, name, isid, 1);
		scsi_nexus_set_port(drive->a, &port);
		register_key(drive->a, i + 1);
	}
	size_t length = scsi_told_encode(&drive->lu, record, sizeof record);
	assert_true(length > SCSI_REGISTRATIONS_MAX * SCSI_TRANSPORT_ID_MAX);
	assert_true(scsi_told_decode(&drive->lu, record, length));
	assert_int_equal(drive->lu.persistent.count, SCSI_REGISTRATIONS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(a_lasting_change_counts_when_it_is_committed),
		drive_test(what_cannot_be_committed_does_not_happen),
		drive_test(every_later_change_is_committed_too),
		drive_test(a_preempt_and_abort_of_the_own_key_does_not_end_itself),
		drive_test(the_last_register_decides),
		drive_test(what_is_wrong_is_said_at_once),
		drive_test(two_that_are_parked_see_each_other),
		drive_test(nothing_happens_beside_a_commit),
		drive_test(a_command_that_was_given_up_is_not_performed),
		drive_test(preempt_and_abort_through_the_library_aborts),
		drive_test(an_operator_releases_everything),
		drive_test(what_was_committed_is_there_after_power_on),
		drive_test(a_truncated_record_is_refused),
		drive_test(an_unsound_record_is_refused),
		drive_test(any_flipped_bit_is_refused_or_harmless),
		drive_test(a_restart_changes_nothing),
		drive_test(who_was_fenced_off_stays_so_when_the_rest_is_not_recalled),
		drive_test(a_told_record_that_is_damaged_leaves_nobody_registered),
		drive_test(the_largest_finds_room_in_the_told_record),
	};
	return cmocka_run_group_tests_name("scsi/persistent_lasting", tests, NULL, NULL);
}
