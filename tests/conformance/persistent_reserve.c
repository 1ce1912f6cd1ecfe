/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PERSISTENT RESERVE IN and OUT between two hosts, as cluster managers and LTFS use them (SPC-4
 * 5.12): every service action works, and refuses. What follows from them in detail is in
 * tests/unit/scsi.
 */
#include "conformance.h"
#include "util/bytes.h"

enum { REGISTER, RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_AND_ABORT, REGISTER_AND_IGNORE, MOVE };
enum { READ_KEYS, READ_RESERVATION, REPORT_CAPABILITIES, READ_FULL_STATUS };
enum { WRITE_EXCLUSIVE = 1, EXCLUSIVE_ACCESS = 3, EXCLUSIVE_ACCESS_REGISTRANTS = 6 };
enum { MODE_SENSE = 0x1a, LENGTH = 24, APTPL = 0x01, A = 0xa, B = 0xb };

static const struct fake_answer *out_flags(struct scsi_nexus *nexus, uint8_t action, uint8_t type,
	uint64_t key, uint64_t action_key, uint8_t flags)
{
	uint8_t list[LENGTH] = {[20] = flags};
	put_be64(list, key);
	put_be64(list + 8, action_key);
	return SEND_OUT(nexus, list, sizeof list, 0x5f, action, type, 0, 0, 0, 0, 0, LENGTH);
}

static const struct fake_answer *out(
	struct scsi_nexus *nexus, uint8_t action, uint8_t type, uint64_t key, uint64_t action_key)
{
	return out_flags(nexus, action, type, key, action_key, 0);
}

static const struct fake_answer *in(struct scsi_nexus *nexus, uint8_t action, uint8_t length)
{
	return SEND(nexus, length, 0x5e, action, 0, 0, 0, 0, 0, 0, length);
}

static struct scsi_nexus *another(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "another");
	settle(other);
	return other;
}

static struct scsi_nexus *both_registered(void **state)
{
	struct scsi_nexus *other = another(state);
	EXPECT_GOOD(out(BENCH(state).host, REGISTER, 0, 0, A));
	EXPECT_GOOD(out(other, REGISTER_AND_IGNORE, 0, 99, B));
	return other;
}

static const struct fake_answer *sense_page(struct scsi_nexus *nexus)
{
	return SEND(nexus, 12, MODE_SENSE, 0, 0x0a, 0, 12);
}

static void the_holder_is_served_and_others_are_not(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = both_registered(state);
	EXPECT_GOOD(out(host, RESERVE, EXCLUSIVE_ACCESS, A, 0));
	EXPECT_CONFLICT(sense_page(other));
	EXPECT_GOOD(sense_page(host));
	EXPECT_GOOD(TEST_UNIT_READY(other));
	EXPECT_CONFLICT(PREVENT(other, 1));
	EXPECT_GOOD(PREVENT(other, 0));
	EXPECT_GOOD(out(host, RELEASE, EXCLUSIVE_ACCESS, A, 0));
	EXPECT_GOOD(sense_page(other));
}

static void write_exclusive_lets_others_look(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = another(state);
	EXPECT_GOOD(out(host, REGISTER, 0, 0, A));
	EXPECT_GOOD(out(host, RESERVE, WRITE_EXCLUSIVE, A, 0));
	EXPECT_GOOD(sense_page(other));
	EXPECT_CONFLICT(PREVENT(other, 1));
}

static void registrants_are_served_together(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = both_registered(state);
	EXPECT_GOOD(out(host, RESERVE, EXCLUSIVE_ACCESS_REGISTRANTS, A, 0));
	EXPECT_GOOD(sense_page(other));
	EXPECT_GOOD(out(other, REGISTER, 0, B, 0));
	EXPECT_CONFLICT(sense_page(other));
}

static void it_is_said_who_is_there(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	both_registered(state);
	EXPECT_GOOD(out(host, RESERVE, EXCLUSIVE_ACCESS, A, 0));
	EXPECT_DATA(in(host, READ_KEYS, 24), 0, 0, 0, 2, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, A, 0, 0,
		0, 0, 0, 0, 0, B);
	EXPECT_DATA(in(host, READ_RESERVATION, 24), 0, 0, 0, 2, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, A,
		0, 0, 0, 0, 0, EXCLUSIVE_ACCESS, 0, 0);
	const struct fake_answer *status = in(host, READ_FULL_STATUS, 200);
	EXPECT_BE64(status, 8, A);
	EXPECT_U8(status, 20, 0x01);
	EXPECT_U8(status, 21, EXCLUSIVE_ACCESS);
	EXPECT_BE16(status, 26, 1);
	EXPECT_DATA(in(host, REPORT_CAPABILITIES, 8), 0, 8, 0x09, 0x90, 0xea, 0x01, 0, 0);
}

static void it_conflicts_with_reserve(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = another(state);
	EXPECT_GOOD(SEND(host, 0, 0x16));
	for (uint8_t action = READ_KEYS; action <= READ_FULL_STATUS; action++) {
		EXPECT_CONFLICT(in(host, action, 8));
		EXPECT_CONFLICT(in(other, action, 8));
	}
	EXPECT_CONFLICT(out(host, REGISTER, 0, 0, A));
	EXPECT_GOOD(SEND(host, 0, 0x17));
	EXPECT_GOOD(out(host, REGISTER, 0, 0, A));
	EXPECT_CONFLICT(SEND(host, 0, 0x56));
	EXPECT_CONFLICT(SEND(host, 0, 0x57));
}

static void strangers_conflict(void **state)
{
	for (uint8_t action = RESERVE; action <= PREEMPT_AND_ABORT; action++)
		EXPECT_CONFLICT(out(BENCH(state).host, action, WRITE_EXCLUSIVE, A, B));
	EXPECT_CONFLICT(out(BENCH(state).host, REGISTER, 0, A, B));
}

static void lists_of_other_lengths_are_refused(void **state)
{
	static const uint8_t list[25];
	struct scsi_nexus *host = BENCH(state).host;
	for (uint8_t action = REGISTER; action <= REGISTER_AND_IGNORE; action++) {
		EXPECT_SENSE(SEND_OUT(host, list, 23, 0x5f, action, 0, 0, 0, 0, 0, 0, 23),
			SENSE_PARAMETER_LIST_LENGTH);
		EXPECT_SENSE(SEND_OUT(host, list, 25, 0x5f, action, 0, 0, 0, 0, 0, 0, 25),
			SENSE_PARAMETER_LIST_LENGTH);
	}
}

static void reserved_bits_and_unknown_actions_are_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	for (uint8_t action = READ_KEYS; action <= READ_FULL_STATUS; action++)
		EXPECT_INVALID_CDB(SEND(host, 8, 0x5e, action, 1, 0, 0, 0, 0, 0, 8), 2, 0);
	EXPECT_INVALID_CDB(in(host, READ_FULL_STATUS + 1, 8), 1, 4);
	EXPECT_INVALID_CDB(out(host, MOVE, 0, 0, A), 1, 4);
}

static void a_wrong_release_is_said_so(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(out(host, REGISTER, 0, 0, A));
	EXPECT_GOOD(out(host, RESERVE, EXCLUSIVE_ACCESS, A, 0));
	EXPECT_SENSE(out(host, RELEASE, WRITE_EXCLUSIVE, A, 0), SENSE_INVALID_RELEASE);
}

static void who_loses_something_is_told(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = both_registered(state);
	EXPECT_GOOD(out(host, RESERVE, EXCLUSIVE_ACCESS_REGISTRANTS, A, 0));
	EXPECT_GOOD(out(host, RELEASE, EXCLUSIVE_ACCESS_REGISTRANTS, A, 0));
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_RESERVATIONS_RELEASED);
	EXPECT_GOOD(out(other, PREEMPT, WRITE_EXCLUSIVE, B, A));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_REGISTRATIONS_PREEMPTED);
	EXPECT_GOOD(out(host, REGISTER, 0, 0, A));
	EXPECT_GOOD(out(other, PREEMPT_AND_ABORT, WRITE_EXCLUSIVE, B, A));
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_REGISTRATIONS_PREEMPTED);
	EXPECT_GOOD(out(host, REGISTER, 0, 0, A));
	EXPECT_GOOD(out(host, CLEAR, 0, A, 0));
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_RESERVATIONS_PREEMPTED);
	EXPECT_GOOD(TEST_UNIT_READY(other));
	EXPECT_GOOD(TEST_UNIT_READY(host));
}

static void so_many_ports_are_too_many(void **state)
{
	uint8_t list[28 + 24 * SCSI_REGISTRATIONS_MAX] = {[15] = A, [20] = 0x08};
	put_be32(list + 24, sizeof list - 28);
	for (uint32_t i = 0; i < SCSI_REGISTRATIONS_MAX; i++) {
		list[28 + 24 * i] = 0x06;
		put_be32(list + 28 + 24 * i + 8, i);
	}
	EXPECT_SENSE(SEND_OUT(BENCH(state).host, list, sizeof list, 0x5f, REGISTER, 0, 0, 0, 0, 0,
			     sizeof list >> 8, sizeof list & 0xff),
		SENSE_INSUFFICIENT_REGISTRATIONS);
	EXPECT_DATA(in(BENCH(state).host, READ_KEYS, 8), 0, 0, 0, 0, 0, 0, 0, 0);
}

static void what_shall_outlive_power_loss_is_the_librarys(void **state)
{
	struct fake_drive *fake = BENCH(state).fake;
	struct scsi_nexus *host = BENCH(state).host, *other = another(state);
	EXPECT_GOOD(out_flags(host, REGISTER, 0, 0, A, APTPL));
	assert_int_equal(fake->requests, 1);
	assert_true(fake->reservations_length > 0);
	EXPECT_DATA(in(host, REPORT_CAPABILITIES, 8), 0, 8, 0x09, 0x91, 0xea, 0x01, 0, 0);
	EXPECT_GOOD(out(host, RESERVE, EXCLUSIVE_ACCESS, A, 0));
	assert_int_equal(fake->requests, 2);
	EXPECT_CONFLICT(sense_page(other));
	fake->library_answer = SENSE_INTERNAL_TARGET_FAILURE;
	const struct fake_answer *failed = out(host, RELEASE, EXCLUSIVE_ACCESS, A, 0);
	assert_int_equal(failed->sense.code, SENSE_INTERNAL_TARGET_FAILURE);
	fake->library_answer = SENSE_NONE;
	EXPECT_CONFLICT(sense_page(other));
	EXPECT_GOOD(out(host, CLEAR, 0, A, 0));
	assert_int_equal(fake->reservations_length, 0);
	EXPECT_GOOD(sense_page(other));
}

/* Not by a reset, and not by the end of a session. */
static void it_stays_with_a_host_that_leaves(void **state)
{
	struct scsi_nexus *guest = fake_enter(BENCH(state).fake, "iqn.guest");
	settle(guest);
	EXPECT_GOOD(out(guest, REGISTER, 0, 0, A));
	EXPECT_GOOD(out(guest, RESERVE, EXCLUSIVE_ACCESS, A, 0));
	scsi_lu_reset(BENCH(state).fake->lu, NULL);
	settle(guest);
	settle(BENCH(state).host);
	fake_leave(guest);
	EXPECT_CONFLICT(sense_page(BENCH(state).host));
	guest = fake_enter(BENCH(state).fake, "iqn.guest");
	settle(guest);
	EXPECT_GOOD(sense_page(guest));
	EXPECT_GOOD(out(guest, REGISTER, 0, A, 0));
	EXPECT_GOOD(sense_page(BENCH(state).host));
}

static const struct CMUnitTest tests[] = {
	ON_READY(the_holder_is_served_and_others_are_not),
	ON_READY(write_exclusive_lets_others_look),
	ON_READY(registrants_are_served_together),
	ON_READY(it_is_said_who_is_there),
	ON_READY(it_conflicts_with_reserve),
	ON_READY(strangers_conflict),
	ON_READY(lists_of_other_lengths_are_refused),
	ON_READY(reserved_bits_and_unknown_actions_are_refused),
	ON_READY(a_wrong_release_is_said_so),
	ON_READY(who_loses_something_is_told),
	ON_READY(so_many_ports_are_too_many),
	ON_READY(what_shall_outlive_power_loss_is_the_librarys),
	ON_READY(it_stays_with_a_host_that_leaves),
};
CONFORMANCE_SUITE("persistent-reserve", tests)
