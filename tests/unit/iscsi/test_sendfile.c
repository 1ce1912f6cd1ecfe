/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long reads of files in the page cache are sent from there. A peer that does not read is a socket
 * pair here, whose buffers are much smaller than a read, and a thread that the test runs by hand.
 */
#include "support.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "connection.h"
#include "network.h"
#include "raw.h"

enum {
	LONG_BLOCKS = 512,
	LONG_LENGTH = LONG_BLOCKS * LIBRARY_BLOCK,
	THRESHOLD_BLOCKS = 16,
	SEGMENT = 262144,
	LUN_RESET = 5,
};

#define LONG_SEGMENTS "MaxRecvDataSegmentLength=262144\0"

static bool no_memory_is_used(struct fake_portal *fake)
{
	return portal_memory(fake->portal) == 0;
}

static void check_bytes(const uint8_t *bytes, uint64_t from, uint64_t length, uint8_t fill)
{
	for (uint64_t i = 0; i < length; i++) {
		uint64_t at = from + i, in_block = at % LIBRARY_BLOCK;
		uint32_t lba = (uint32_t)(at / LIBRARY_BLOCK);
		uint8_t wanted = in_block < 4 ? (uint8_t)(lba >> (8 * (3 - in_block))) : fill;
		if (bytes[i] != wanted)
			fail_msg("byte %ju is %02x and not %02x", (uintmax_t)at, bytes[i], wanted);
	}
}

/* Data-In PDUs until the status, which is GOOD; all of `length` bytes from block `lba`. */
static void expect_data(struct raw *raw, uint32_t tag, uint32_t lba, uint32_t length, uint8_t fill)
{
	uint32_t have = 0;
	do {
		raw_expect(raw, PDU_DATA_IN);
		assert_int_equal(pdu_tag(raw->bhs), tag);
		assert_int_equal(get_be32(raw->bhs + BHS_BUFFER_OFFSET), have);
		check_bytes(raw->data, (uint64_t)lba * LIBRARY_BLOCK + have, raw->length, fill);
		have += raw->length;
	} while (!(raw->bhs[BHS_FLAGS] & FLAG_STATUS));
	assert_int_equal(have, length);
	assert_int_equal(raw->bhs[BHS_STATUS], 0);
}

/* ---- what is sent ------------------------------------------------------------------------------
 */

static int begin(void **state)
{
	*state = fake_portal_create(&(struct fake_portal_setup){.files = true});
	return 0;
}

static int end(void **state)
{
	assert_true(wait_until(no_memory_is_used, *state));
	fake_portal_destroy(*state);
	return 0;
}

static void read_around_the_threshold(struct fake_portal *fake, struct raw *raw)
{
	static const uint32_t lbas[] = {0, 1, 3, 255, DVD_BLOCKS - 40};
	for (size_t i = 0; i < sizeof lbas / sizeof lbas[0]; i++)
		for (uint16_t blocks = 14; blocks <= 40; blocks++) {
			uint64_t before = fake_portal_sent_from_file(fake);
			uint32_t tag = raw_read(raw, lbas[i], blocks);
			expect_data(raw, tag, lbas[i], blocks * LIBRARY_BLOCK, LIBRARY_FILL);
			assert_int_equal(fake_portal_sent_from_file(fake) - before,
				blocks >= THRESHOLD_BLOCKS);
		}
	uint32_t tag = raw_read(raw, 0, LONG_BLOCKS);
	expect_data(raw, tag, 0, LONG_LENGTH, LIBRARY_FILL);
}

static void every_length_and_place_is_the_same_bytes(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *raws[] = {raw_login(fake), RAW_LOGIN(fake, LONG_SEGMENTS)};
	for (size_t i = 0; i < 2; i++) {
		raw_settle(raws[i]);
		read_around_the_threshold(fake, raws[i]);
		raw_close(raws[i]);
	}
}

/* What the initiator expects ends where it likes; PDUs are padded. */
static void lengths_that_are_no_blocks_are_padded(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *raw = RAW_LOGIN(fake, LONG_SEGMENTS);
	raw_settle(raw);
	for (uint32_t expected = 32766; expected <= 32773; expected++) {
		uint8_t cdb[16] = {0x28, [8] = 20};
		uint64_t before = fake_portal_sent_from_file(fake);
		uint32_t tag = raw_command(raw, FLAG_READ, 0, cdb, expected, NULL, 0);
		expect_data(raw, tag, 0, expected, LIBRARY_FILL);
		assert_true(raw->bhs[BHS_FLAGS] & FLAG_OVERFLOW);
		assert_int_equal(get_be32(raw->bhs + BHS_RESIDUAL), 20 * LIBRARY_BLOCK - expected);
		assert_int_equal(fake_portal_sent_from_file(fake) - before, expected >= 32768);
	}
	raw_close(raw);
}

/* What is copied and what is sent share the queue; short reads may come from workers, later. */
static void short_and_long_ones_stay_whole_side_by_side(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *raw = RAW_LOGIN(fake, LONG_SEGMENTS);
	uint32_t first = 0;
	raw_settle(raw);
	for (uint16_t i = 0; i < 60; i++) {
		uint32_t tag = raw_read(raw, i, i % 3 ? 1 + i : 1);
		first = i == 0 ? tag : first;
	}
	for (uint16_t i = 0; i < 60; i++) {
		raw_expect(raw, PDU_DATA_IN);
		uint32_t lba = pdu_tag(raw->bhs) - first;
		assert_in_range(lba, 0, 59);
		assert_true(raw->bhs[BHS_FLAGS] & FLAG_STATUS);
		assert_int_equal(raw->length, (lba % 3 ? 1 + lba : 1) * LIBRARY_BLOCK);
		check_bytes(raw->data, (uint64_t)lba * LIBRARY_BLOCK, raw->length, LIBRARY_FILL);
	}
	raw_close(raw);
}

static void a_data_digest_wants_a_copy(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *raw = RAW_LOGIN(fake, LONG_SEGMENTS "DataDigest=CRC32C\0");
	raw->data_digest = true;
	raw_settle(raw);
	uint32_t tag = raw_read(raw, 5, 100);
	expect_data(raw, tag, 5, 100 * LIBRARY_BLOCK, LIBRARY_FILL);
	assert_int_equal(fake_portal_sent_from_file(fake), 0);
	raw_close(raw);
}

static void a_header_digest_does_not(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *raw = RAW_LOGIN(fake, LONG_SEGMENTS "HeaderDigest=CRC32C\0");
	raw->header_digest = true;
	raw_settle(raw);
	uint32_t tag = raw_read(raw, 5, 300);
	expect_data(raw, tag, 5, 300 * LIBRARY_BLOCK, LIBRARY_FILL);
	assert_int_equal(fake_portal_sent_from_file(fake), 1);
	raw_close(raw);
}

/* Otherwise every slow peer would be dropped. */
static void a_file_that_was_touched_is_copied(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *raw = RAW_LOGIN(fake, LONG_SEGMENTS);
	raw_settle(raw);
	fake_portal_touch(fake);
	uint32_t tag = raw_read(raw, 0, 100);
	expect_data(raw, tag, 0, 100 * LIBRARY_BLOCK, LIBRARY_FILL);
	assert_int_equal(fake_portal_sent_from_file(fake), 0);
	raw_close(raw);
}

/* sendfile(2) raises SIGPIPE. */
static void a_peer_that_is_gone_harms_nobody(void **state)
{
	struct fake_portal *fake = *state;
	for (unsigned i = 0; i < 50; i++) {
		struct raw *raw = RAW_LOGIN(fake, LONG_SEGMENTS);
		raw_settle(raw);
		for (unsigned k = 0; k < 15; k++)
			raw_read(raw, k, LONG_BLOCKS);
		if (i % 2)
			raw_receive(raw);
		raw_close(raw);
	}
	struct raw *raw = raw_login(fake);
	raw_settle(raw);
	raw_close(raw);
}

/* ---- a peer that does not read -----------------------------------------------------------------
 */

struct slow {
	struct fake_portal *fake;
	struct network_thread *thread;
	struct raw *raw;
};

static void run(struct slow *slow)
{
	while (network_thread_round(slow->thread, 0))
		;
}

static void receive(struct slow *slow)
{
	run(slow);
	assert_true(raw_receive(slow->raw));
	run(slow);
}

static int begin_slow(void **state)
{
	static const char keys[] =
		"InitiatorName=" INITIATOR "\0TargetName=" TARGET_ONE "\0" LONG_SEGMENTS;
	static const struct sockaddr_storage nowhere = {.ss_family = AF_INET};
	struct slow *slow = calloc(1, sizeof *slow);
	int fds[2];
	assert_non_null(slow);
	signal(SIGPIPE, SIG_IGN); /* the test is the network thread */
	slow->fake = fake_portal_create(
		&(struct fake_portal_setup){.by_hand = true, .threads = 1, .files = true});
	slow->thread = slow->fake->portal->threads;
	network_thread_self = slow->thread;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	struct connection *connection = connection_create(slow->fake->portal, fds[1], &nowhere);
	atomic_fetch_add(&slow->fake->portal->connections, 1);
	network_thread_hand_over(slow->thread, connection);
	slow->raw = raw_adopt(fds[0]);
	raw_login_request(slow->raw, keys, sizeof keys - 1);
	receive(slow);
	do {
		static const uint8_t test_unit_ready[16] = {0};
		raw_command(slow->raw, 0, 0, test_unit_ready, 0, NULL, 0);
		receive(slow);
	} while (slow->raw->bhs[BHS_STATUS]);
	*state = slow;
	return 0;
}

static int end_slow(void **state)
{
	struct slow *slow = *state;
	raw_close(slow->raw);
	while (!list_empty(&slow->thread->connections))
		network_thread_round(slow->thread, 10);
	assert_int_equal(portal_memory(slow->fake->portal), 0);
	network_thread_self = NULL;
	fake_portal_destroy(slow->fake);
	free(slow);
	signal(SIGPIPE, SIG_DFL);
	return 0;
}

/* Everything that comes until the portal has no more, or has closed (`ret_closed`). */
static uint64_t drain(struct slow *slow, uint8_t *ret, uint64_t room, bool *ret_closed)
{
	uint64_t have = 0;
	ssize_t n;
	*ret_closed = false;
	for (unsigned idle = 0; idle < 2 && !*ret_closed; idle++) {
		run(slow);
		while ((n = recv(slow->raw->fd, ret + have, room - have, MSG_DONTWAIT)) > 0) {
			have += (uint64_t)n;
			idle = 0;
			run(slow);
		}
		*ret_closed = n == 0;
	}
	return have;
}

/* The Data-In of a long read of block `lba`, as far as it is there, without its headers. */
static uint64_t check_long(const uint8_t *bytes, uint64_t have, uint32_t lba, uint8_t fill)
{
	uint64_t at = 0, checked = 0;
	while (at + BHS_LENGTH <= have && checked < LONG_LENGTH) {
		assert_int_equal(bytes[at], PDU_DATA_IN);
		uint64_t part = pdu_data_length(bytes + at);
		at += BHS_LENGTH;
		assert_int_equal(part, SEGMENT);
		part = part < have - at ? part : have - at;
		check_bytes(bytes + at, (uint64_t)lba * LIBRARY_BLOCK + checked, part, fill);
		at += part;
		checked += part;
	}
	return at;
}

static void start_long_read(struct slow *slow, uint32_t lba)
{
	uint64_t before = fake_portal_sent_from_file(slow->fake);
	raw_read(slow->raw, lba, LONG_BLOCKS);
	run(slow);
	assert_int_equal(fake_portal_sent_from_file(slow->fake), before + 1);
	assert_int_equal(portal_memory(slow->fake->portal), LONG_LENGTH);
}

static void what_a_file_has_lost_drops_the_connection(void **state)
{
	static uint8_t bytes[2 * LONG_LENGTH];
	struct slow *slow = *state;
	bool closed;
	start_long_read(slow, 0);
	fake_portal_cut(slow->fake, LONG_BLOCKS / 2 + 100);
	uint64_t have = drain(slow, bytes, sizeof bytes, &closed);
	assert_true(closed);
	assert_in_range(have, BHS_LENGTH + 1, LONG_LENGTH - 1);
	assert_int_equal(check_long(bytes, have, 0, LIBRARY_FILL), have);
	assert_true(fake_portal_logged(slow->fake, "an image changed while it was being sent"));
	assert_int_equal(portal_memory(slow->fake->portal), 0);
}

/* What is in the file by then may be anything. */
static void what_was_written_to_is_not_sent(void **state)
{
	static uint8_t bytes[2 * LONG_LENGTH];
	struct slow *slow = *state;
	bool closed;
	start_long_read(slow, 0);
	fake_portal_touch(slow->fake);
	uint64_t have = drain(slow, bytes, sizeof bytes, &closed);
	assert_true(closed);
	assert_in_range(have, BHS_LENGTH + 1, LONG_LENGTH - 1);
	assert_true(fake_portal_logged(slow->fake, "an image changed while it was being sent"));
}

/* The read was over before; the change waits for nobody who does not take its answer. */
static void a_swap_does_not_wait_and_the_answer_is_of_the_old_disc(void **state)
{
	static uint8_t bytes[2 * LONG_LENGTH];
	struct slow *slow = *state;
	bool closed;
	start_long_read(slow, 7);
	fake_portal_swap(slow->fake);
	raw_read(slow->raw, 7, LONG_BLOCKS);
	uint64_t have = drain(slow, bytes, sizeof bytes, &closed);
	assert_false(closed);
	uint64_t at = check_long(bytes, have, 7, LIBRARY_FILL);
	/* And then it is told. */
	assert_int_equal(at, LONG_LENGTH + LONG_LENGTH / SEGMENT * BHS_LENGTH);
	assert_int_equal(bytes[at], PDU_SCSI_RESPONSE);
	assert_int_equal(bytes[at + BHS_STATUS], 2);
	assert_int_equal(portal_memory(slow->fake->portal), 0);
	for (unsigned i = 0; i < 1000; i++) {
		raw_read(slow->raw, 7, LONG_BLOCKS);
		have = drain(slow, bytes, sizeof bytes, &closed);
		if (bytes[0] == PDU_DATA_IN)
			break;
	}
	at = check_long(bytes, have, 7, LIBRARY_FILL + 1);
	assert_int_equal(at, have);
}

/* RFC 7143 4.2.3.3: what was answered before is delivered before. */
static void a_reset_comes_after_what_was_answered(void **state)
{
	static uint8_t bytes[2 * LONG_LENGTH];
	struct slow *slow = *state;
	bool closed;
	start_long_read(slow, 7);
	raw_manage(slow->raw, LUN_RESET, 0, TAG_NONE);
	uint64_t have = drain(slow, bytes, sizeof bytes, &closed);
	assert_false(closed);
	uint64_t at = check_long(bytes, have, 7, LIBRARY_FILL);
	assert_int_equal(at + BHS_LENGTH, have);
	assert_int_equal(bytes[at], PDU_TASK_MANAGEMENT_RESPONSE);
	assert_int_equal(bytes[at + BHS_RESPONSE], 0);
}

static void who_leaves_in_the_middle_leaves_nothing(void **state)
{
	struct slow *slow = *state;
	start_long_read(slow, 7);
	raw_read(slow->raw, 9, LONG_BLOCKS);
	run(slow);
	/* end_slow closes, and looks. */
}

#define SLOW(test) cmocka_unit_test_setup_teardown(test, begin_slow, end_slow)
#define FAST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAST(every_length_and_place_is_the_same_bytes),
		FAST(lengths_that_are_no_blocks_are_padded),
		FAST(short_and_long_ones_stay_whole_side_by_side),
		FAST(a_data_digest_wants_a_copy),
		FAST(a_header_digest_does_not),
		FAST(a_file_that_was_touched_is_copied),
		FAST(a_peer_that_is_gone_harms_nobody),
		SLOW(what_a_file_has_lost_drops_the_connection),
		SLOW(what_was_written_to_is_not_sent),
		SLOW(a_swap_does_not_wait_and_the_answer_is_of_the_old_disc),
		SLOW(a_reset_comes_after_what_was_answered),
		SLOW(who_leaves_in_the_middle_leaves_nothing),
	};
	return cmocka_run_group_tests_name("iscsi/sendfile", tests, NULL, NULL);
}
