/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of a tape drive that are under way together: they are done in the order of their numbers
 * however their data comes, can be aborted as ARCHITECTURE.md, "Who owns a command", says, and take
 * no more memory than they may.
 */
#include "support.h"

#include "tape_host.h"
#include "task_management.h"

#include <stdlib.h>

enum { SMALL = 400, LARGE = 100000, QUEUED = 32, SESSIONS = 4, FIRST_BURST = 512 };
enum { COMPLETE = 0, SESSION_BYTES = 16 * MIB, SMALL_MEMORY = 4 * MIB };
enum { LONG_READ = 1000 /* blocks of a disc: more than gets memory in any case */ };

static const struct tape_keys keys = {.first_burst = FIRST_BURST};

static int begin(void **state)
{
	*state = fake_portal_create(&(struct fake_portal_setup){.tape = true});
	return 0;
}

/* All sessions together have the memory of two. */
static int begin_crowded(void **state)
{
	*state = fake_portal_create(&(struct fake_portal_setup){.tape = true,
		.limits = {.in_bytes = 2 * SESSION_BYTES, .out_bytes = 2 * SESSION_BYTES}});
	return 0;
}

static int begin_small(void **state)
{
	*state = fake_portal_create(
		&(struct fake_portal_setup){.tape = true, .limits = {.out_bytes = SMALL_MEMORY}});
	return 0;
}

static bool no_memory_is_used(struct fake_portal *fake)
{
	return portal_memory(fake->portal) == 0;
}

static int end(void **state)
{
	tape_unit_hold(fake_portal_tape(*state), false);
	assert_true(wait_until(no_memory_is_used, *state));
	fake_portal_destroy(*state);
	return 0;
}

/* ---- what is sent ---------------------------------------------------------------------------- */

static uint8_t zeros[BLOCK_MAX];

/* A block that says who it is. */
static const uint8_t *block_of(uint32_t length, uint32_t seed)
{
	static uint8_t block[LARGE];
	tape_block_fill(block, length, seed);
	put_be32(block, seed);
	return block;
}

static uint32_t length_of(uint32_t seed)
{
	return seed % 3 == 0 ? LARGE : SMALL;
}

static uint32_t send_write(struct tape_host *host, uint32_t seed)
{
	uint32_t length = length_of(seed);
	return tape_write_begin(host, length, block_of(length, seed), length);
}

static uint32_t send_mark(struct tape_host *host)
{
	static const uint8_t cdb[16] = {0x10, 0, 0, 0, 1};
	return raw_command(host->raw, 0, 0, cdb, 0, NULL, 0);
}

/* The next PDU is GOOD for `tag`. */
static void expect_good(struct tape_host *host, uint32_t tag)
{
	raw_expect(host->raw, PDU_SCSI_RESPONSE);
	tape_take_response(host);
	assert_int_equal(pdu_tag(host->raw->bhs), tag);
	assert_int_equal(host->status, GOOD);
}

static void expect_block(struct tape_host *host, uint32_t seed)
{
	uint32_t length = length_of(seed);
	tape_read(host, length, length, false);
	assert_int_equal(host->status, GOOD);
	assert_int_equal(host->moved, length);
	assert_memory_equal(host->data, block_of(length, seed), length);
}

static bool three_wait(struct fake_portal *fake)
{
	return tape_unit_tasks(fake_portal_tape(fake)) == 3;
}

static bool none_wait(struct fake_portal *fake)
{
	return tape_unit_tasks(fake_portal_tape(fake)) == 0;
}

static bool is_stuck(struct fake_portal *fake)
{
	return tape_unit_is_stuck(fake_portal_tape(fake));
}

/* ---- order ----------------------------------------------------------------------------------- */

/* The first needs data that is asked for; the others have theirs, or need none. */
static void whoever_has_its_data_waits_for_who_came_before(void **state)
{
	struct tape_host *host = tape_login(*state, &keys);
	uint32_t first = send_write(host, 0);
	raw_expect(host->raw, PDU_R2T);
	uint32_t second = send_write(host, 1), mark = send_mark(host), last = send_write(host, 2);
	assert_true(raw_silent(host->raw));
	tape_write_burst(host, block_of(LARGE, 0));
	expect_good(host, first);
	expect_good(host, second);
	expect_good(host, mark);
	expect_good(host, last);
	tape_rewind(host);
	expect_block(host, 0);
	expect_block(host, 1);
	tape_read(host, SMALL, SMALL, false);
	assert_tape_sense(host, 0, 0x0001);
	expect_block(host, 2);
	tape_logout(host);
}

/* Other LUNs of the session do not wait. */
static void other_luns_go_on(void **state)
{
	static const uint8_t test_unit_ready[16] = {0};
	struct tape_host *host = tape_login(*state, &keys);
	send_write(host, 0);
	raw_expect(host->raw, PDU_R2T);
	uint32_t tag = raw_command(host->raw, 0, 1, test_unit_ready, 0, NULL, 0);
	raw_expect(host->raw, PDU_SCSI_RESPONSE);
	assert_int_equal(pdu_tag(host->raw->bhs), tag);
	tape_logout(host);
}

static void who_is_aborted_is_not_waited_for(void **state)
{
	struct tape_host *host = tape_login(*state, &keys);
	uint32_t first = send_write(host, 0);
	raw_expect(host->raw, PDU_R2T);
	uint32_t second = send_write(host, 1);
	assert_true(raw_silent(host->raw));
	raw_manage(host->raw, MANAGEMENT_ABORT_TASK, 0, first);
	bool managed = false, answered = false;
	for (unsigned i = 0; i < 2; i++) {
		assert_true(raw_receive(host->raw));
		managed |= host->raw->bhs[BHS_OPCODE] == PDU_TASK_MANAGEMENT_RESPONSE;
		answered |= host->raw->bhs[BHS_OPCODE] == PDU_SCSI_RESPONSE &&
			    pdu_tag(host->raw->bhs) == second;
	}
	assert_true(managed && answered);
	tape_rewind(host);
	expect_block(host, 1);
	assert_int_equal(tape_unit_eod(fake_portal_tape(*state)), 1);
	tape_logout(host);
}

/* `tags` of writes that were sent; `seed` is the first one's. They are answered in this order. */
static void serve_writes(struct tape_host *host, const uint32_t *tags, uint32_t seed)
{
	for (unsigned done = 0; done < QUEUED;) {
		assert_true(raw_receive(host->raw));
		if (host->raw->bhs[BHS_OPCODE] == PDU_R2T) {
			uint32_t n = seed;
			while (tags[n - seed] != pdu_tag(host->raw->bhs))
				n++;
			tape_write_burst(host, block_of(length_of(n), n));
			continue;
		}
		tape_take_response(host);
		assert_int_equal(host->status, GOOD);
		assert_int_equal(pdu_tag(host->raw->bhs), tags[done++]);
	}
}

/* Sessions on all network threads write at once; each finds its blocks in its order. */
static void every_session_keeps_its_order(void **state)
{
	struct fake_portal *fake = *state;
	struct tape_host *hosts[SESSIONS];
	uint32_t next[SESSIONS] = {0};
	for (unsigned i = 0; i < SESSIONS; i++)
		hosts[i] = tape_login(fake, &keys);
	tape_unit_hold(fake_portal_tape(fake), true);
	uint32_t tags[SESSIONS][QUEUED];
	for (unsigned n = 0; n < QUEUED; n++)
		for (unsigned i = 0; i < SESSIONS; i++)
			tags[i][n] = send_write(hosts[i], i * 1000 + n);
	tape_unit_hold(fake_portal_tape(fake), false);
	for (unsigned i = 0; i < SESSIONS; i++)
		serve_writes(hosts[i], tags[i], i * 1000);
	tape_rewind(hosts[0]);
	for (unsigned n = 0; n < QUEUED * SESSIONS; n++) {
		tape_read(hosts[0], LARGE, LARGE, true);
		uint32_t seed = get_be32(hosts[0]->data), i = seed / 1000;
		assert_in_range(i, 0, SESSIONS - 1);
		assert_int_equal(seed % 1000, next[i]++);
		assert_memory_equal(
			hosts[0]->data, block_of(length_of(seed), seed), length_of(seed));
	}
	for (unsigned i = 0; i < SESSIONS; i++)
		tape_logout(hosts[i]);
}

/* ---- task management ------------------------------------------------------------------------- */

static void a_write_that_waits_for_the_drive_is_aborted_at_once(void **state)
{
	struct tape_unit *tape = fake_portal_tape(*state);
	struct tape_host *host = tape_login(*state, &keys);
	tape_unit_hold(tape, true);
	uint32_t first = send_write(host, 1), second = send_write(host, 2),
		 third = send_write(host, 4);
	assert_true(wait_until(three_wait, *state));
	raw_manage(host->raw, MANAGEMENT_ABORT_TASK, 0, second);
	raw_expect_managed(host->raw, COMPLETE);
	tape_unit_hold(tape, false);
	expect_good(host, first);
	expect_good(host, third);
	tape_rewind(host);
	expect_block(host, 1);
	expect_block(host, 4);
	assert_int_equal(tape_unit_eod(tape), 2);
	tape_logout(host);
}

static void a_reset_ends_all_that_wait_for_the_drive(void **state)
{
	static const uint8_t read[16] = {0x08, 0, 0, 1, 0};
	struct tape_unit *tape = fake_portal_tape(*state);
	struct tape_host *host = tape_login(*state, &keys);
	tape_unit_hold(tape, true);
	send_write(host, 1);
	send_write(host, 2);
	raw_command(host->raw, FLAG_READ, 0, read, 256, NULL, 0);
	assert_true(wait_until(three_wait, *state));
	raw_manage(host->raw, MANAGEMENT_LUN_RESET, 0, TAG_NONE);
	raw_expect_managed(host->raw, COMPLETE);
	tape_unit_hold(tape, false);
	assert_true(wait_until(none_wait, *state));
	raw_settle(host->raw);
	tape_rewind(host);
	assert_int_equal(tape_unit_eod(tape), 0);
	tape_logout(host);
}

/* The mechanism is at it: task management is answered when it is done (SAM-5 7.2). */
static void a_write_that_the_drive_is_at_is_waited_for(void **state)
{
	struct tape_unit *tape = fake_portal_tape(*state);
	struct tape_host *host = tape_login(*state, &keys);
	tape_unit_stick(tape, true);
	uint32_t first = send_write(host, 1);
	assert_true(wait_until(is_stuck, *state));
	raw_manage(host->raw, MANAGEMENT_ABORT_TASK, 0, first);
	assert_true(raw_silent(host->raw));
	tape_unit_stick(tape, false);
	raw_expect_managed(host->raw, COMPLETE);
	tape_rewind(host);
	tape_logout(host);
}

/* ---- memory ---------------------------------------------------------------------------------- */

enum { ROUNDS_MAX = 1000 };

/* The next PDU, which was received: an R2T is fulfilled. True: it was an answer. */
static bool serve_one(struct tape_host *host)
{
	assert_true(raw_receive(host->raw));
	if (host->raw->bhs[BHS_OPCODE] == PDU_R2T) {
		tape_write_burst(host, zeros);
		return false;
	}
	tape_take_response(host);
	return true;
}

/* Until so many were answered, with this. */
static void serve_answers(struct tape_host *host, unsigned count, uint8_t status)
{
	while (count > 0) {
		bool answered = serve_one(host);
		if (answered)
			assert_int_equal(host->status, status);
		count -= answered;
	}
}

/* R2Ts, until the drive has so many tasks; nothing is answered. */
static void serve_until_queued(
	struct fake_portal *fake, struct tape_host *const *hosts, unsigned count, unsigned tasks)
{
	for (unsigned i = 0; tape_unit_tasks(fake_portal_tape(fake)) != tasks; i++) {
		assert_in_range(i, 0, ROUNDS_MAX);
		while (!raw_silent(hosts[i % count]->raw))
			assert_false(serve_one(hosts[i % count]));
	}
}

static void writes_that_are_queued_take_16_mib_of_a_session(void **state)
{
	struct fake_portal *fake = *state;
	struct tape_host *host =
		tape_login(fake, &(struct tape_keys){.no_immediate = true, .initial_r2t = true});
	tape_unit_hold(fake_portal_tape(fake), true);
	for (unsigned i = 0; i < QUEUED; i++)
		tape_write_begin(host, BLOCK_MAX, zeros, BLOCK_MAX);
	serve_until_queued(fake, &host, 1, 2);
	assert_true(raw_silent(host->raw)); /* nothing more is asked for */
	assert_int_equal(portal_memory(fake->portal), SESSION_BYTES);
	tape_unit_hold(fake_portal_tape(fake), false);
	serve_answers(host, QUEUED, GOOD);
	assert_int_equal(tape_unit_eod(fake_portal_tape(fake)), QUEUED);
	tape_logout(host);
}

/* Data that comes unasked cannot wait for memory: its command is to be sent again. */
static void writes_that_bring_data_beyond_that_are_refused_for_now(void **state)
{
	struct fake_portal *fake = *state;
	struct tape_host *host = tape_login(fake, NULL);
	tape_unit_hold(fake_portal_tape(fake), true);
	for (unsigned i = 0; i < QUEUED; i++)
		tape_write_begin(host, BLOCK_MAX, zeros, BLOCK_MAX);
	serve_answers(host, QUEUED - 2, TASK_SET_FULL);
	serve_until_queued(fake, &host, 1, 2);
	assert_int_equal(portal_memory(fake->portal), SESSION_BYTES);
	tape_unit_hold(fake_portal_tape(fake), false);
	serve_answers(host, 2, GOOD);
	tape_logout(host);
}

/* Tape sessions have all memory that they get, and their drive does not move. */
static void tapes_do_not_starve_a_disc(void **state)
{
	static uint8_t read[16] = {0x08, 0, BLOCK_MAX >> 16 & 0xff};
	struct fake_portal *fake = *state;
	struct tape_host *hosts[SESSIONS];
	const struct tape_keys asked = {.no_immediate = true, .initial_r2t = true};
	for (unsigned i = 0; i < SESSIONS; i++)
		hosts[i] = tape_login(fake, &asked);
	tape_unit_hold(fake_portal_tape(fake), true);
	for (unsigned i = 0; i < SESSIONS; i++)
		for (unsigned n = 0; n < QUEUED / 2; n++) {
			if (i % 2)
				raw_command(hosts[i]->raw, FLAG_READ, 0, read, BLOCK_MAX, NULL, 0);
			else
				tape_write_begin(hosts[i], BLOCK_MAX, zeros, BLOCK_MAX);
		}
	/* Three quarters of the memory of two sessions each way. */
	serve_until_queued(fake, hosts, SESSIONS, 3 + 3);
	assert_true(raw_silent(hosts[0]->raw) && raw_silent(hosts[2]->raw));
	assert_int_equal(portal_memory(fake->portal), 6 * BLOCK_MAX);
	struct raw *disc = raw_login(fake);
	raw_settle(disc);
	for (unsigned i = 0; i < 100; i++) {
		raw_read(disc, i, LONG_READ);
		for (uint32_t moved = 0; moved < LONG_READ * LIBRARY_BLOCK; moved += disc->length) {
			raw_expect(disc, PDU_DATA_IN);
			if (moved == 0)
				assert_int_equal(get_be32(disc->data), i);
		}
	}
	static const uint8_t select[16] = {0x55, 0x10, 0, 0, 0, 0, 0, 0, 8}, list[8] = {0};
	raw_command(disc, FLAG_WRITE, 0, select, sizeof list, list, sizeof list);
	raw_expect(disc, PDU_SCSI_RESPONSE);
	assert_int_equal(disc->bhs[BHS_STATUS], GOOD);
	raw_close(disc);
	for (unsigned i = 0; i < SESSIONS; i++)
		tape_logout(hosts[i]);
}

/* An initiator that may send data at once, and does not. */
static void send_write_without_data(struct tape_host *host, uint32_t length)
{
	uint8_t cdb[16] = {0x0a};
	put_be24(cdb + 2, length);
	raw_command(host->raw, FLAG_WRITE, 0, cdb, length, NULL, 0);
}

/*
 * Each session has a WRITE that waits for memory, and behind it one that brings its data. If that
 * one had any memory it would wait for the first, which would wait for the memory of all of them.
 */
static void nobody_waits_for_each_other(void **state)
{
	enum { CROWD = 6, FIRST = 2 * MIB, SECOND = MIB };
	struct fake_portal *fake = *state;
	struct tape_host *blocker = tape_login(fake, NULL), *hosts[CROWD];
	for (unsigned i = 0; i < CROWD; i++)
		hosts[i] = tape_login(fake, NULL);
	tape_unit_hold(fake_portal_tape(fake), true);
	tape_write_begin(blocker, SMALL_MEMORY, zeros, SMALL_MEMORY);
	serve_until_queued(fake, &blocker, 1, 1);
	for (unsigned i = 0; i < CROWD; i++) {
		send_write_without_data(hosts[i], FIRST);
		tape_write_begin(hosts[i], SECOND, zeros, SECOND);
		raw_expect(hosts[i]->raw, PDU_SCSI_RESPONSE);
		assert_int_equal(hosts[i]->raw->bhs[BHS_STATUS], TASK_SET_FULL);
	}
	tape_unit_hold(fake_portal_tape(fake), false);
	serve_answers(blocker, 1, GOOD);
	unsigned good = 0;
	for (unsigned i = 0; good < CROWD; i++) {
		assert_in_range(i, 0, ROUNDS_MAX);
		while (!raw_silent(hosts[i % CROWD]->raw))
			good += serve_one(hosts[i % CROWD]);
	}
	for (unsigned i = 0; i < CROWD; i++)
		tape_logout(hosts[i]);
	tape_logout(blocker);
}

#define tape_test(test)    cmocka_unit_test_setup_teardown(test, begin, end)
#define small_test(test)   cmocka_unit_test_setup_teardown(test, begin_small, end)
#define crowded_test(test) cmocka_unit_test_setup_teardown(test, begin_crowded, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		tape_test(whoever_has_its_data_waits_for_who_came_before),
		tape_test(other_luns_go_on),
		tape_test(who_is_aborted_is_not_waited_for),
		tape_test(every_session_keeps_its_order),
		tape_test(a_write_that_waits_for_the_drive_is_aborted_at_once),
		tape_test(a_reset_ends_all_that_wait_for_the_drive),
		tape_test(a_write_that_the_drive_is_at_is_waited_for),
		tape_test(writes_that_are_queued_take_16_mib_of_a_session),
		tape_test(writes_that_bring_data_beyond_that_are_refused_for_now),
		crowded_test(tapes_do_not_starve_a_disc),
		small_test(nobody_waits_for_each_other),
	};
	return cmocka_run_group_tests_name("iscsi/tape order", tests, NULL, NULL);
}
