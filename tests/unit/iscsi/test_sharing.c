/* SPDX-License-Identifier: Apache-2.0 */
/* What one initiator does to the others of its network thread. Nothing here is about time. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"
#include "network.h"
#include "raw.h"

enum { SESSIONS = 64, READS = 100, BLOCKS = 8, READ_LENGTH = BLOCKS * LIBRARY_BLOCK };
enum { OTHER_LUN = 5, CHECK_CONDITION = 2, MEDIUM_ERROR = 3, INFORMATION = 3 };

static bool no_memory_is_used(struct fake_portal *fake)
{
	return portal_memory(fake->portal) == 0;
}

/* ---- a thread whose rounds are counted ---------------------------------------------------------
 */

struct crowd {
	struct fake_portal *fake;
	struct network_thread *thread;
	struct raw *raws[SESSIONS];
	uint64_t received[SESSIONS]; /* bytes, headers included */
};

static struct raw *join(struct crowd *crowd, unsigned number)
{
	static const char keys[] = "MaxRecvDataSegmentLength=262144\0TargetName=" TARGET_ONE;
	const struct sockaddr_storage nowhere = {.ss_family = AF_INET};
	char names[256];
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	struct connection *connection = connection_create(crowd->fake->portal, fds[1], &nowhere);
	atomic_fetch_add(&crowd->fake->portal->connections, 1);
	network_thread_hand_over(crowd->thread, connection);
	struct raw *raw = raw_adopt(fds[0]);
	int length = snprintf(names, sizeof names, "InitiatorName=iqn.2026-01.test:%u", number);
	memcpy(names + length + 1, keys, sizeof keys);
	raw_login_request(raw, names, (size_t)length + 1 + sizeof keys);
	while (network_thread_round(crowd->thread, 0))
		;
	raw_expect(raw, PDU_LOGIN_RESPONSE);
	assert_int_equal(get_be16(raw->bhs + BHS_LOGIN_STATUS), 0);
	return raw;
}

/* The attention of a new nexus is taken by a first command. */
static void take_attention(struct crowd *crowd, struct raw *raw)
{
	static const uint8_t test_unit_ready[16] = {0};
	do {
		raw_command(raw, 0, 0, test_unit_ready, 0, NULL, 0);
		while (network_thread_round(crowd->thread, 0))
			;
		raw_expect(raw, PDU_SCSI_RESPONSE);
	} while (raw->bhs[BHS_STATUS]);
}

static int gather(void **state)
{
	struct crowd *crowd = calloc(1, sizeof *crowd);
	assert_non_null(crowd);
	crowd->fake =
		fake_portal_create(&(struct fake_portal_setup){.by_hand = true, .threads = 1});
	crowd->thread = crowd->fake->portal->threads;
	network_thread_self = crowd->thread;
	for (unsigned i = 0; i < SESSIONS; i++) {
		crowd->raws[i] = join(crowd, i);
		take_attention(crowd, crowd->raws[i]);
	}
	*state = crowd;
	return 0;
}

static int scatter(void **state)
{
	struct crowd *crowd = *state;
	for (unsigned i = 0; i < SESSIONS; i++)
		raw_close(crowd->raws[i]);
	while (!list_empty(&crowd->thread->connections))
		network_thread_round(crowd->thread, 10);
	network_thread_self = NULL;
	fake_portal_destroy(crowd->fake);
	free(crowd);
	return 0;
}

static void drain(struct crowd *crowd)
{
	static uint8_t bytes[1 << 20];
	ssize_t n;
	for (unsigned i = 0; i < SESSIONS; i++)
		while ((n = recv(crowd->raws[i]->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
			crowd->received[i] += (uint64_t)n;
}

static uint64_t spread(const struct crowd *crowd)
{
	uint64_t least = UINT64_MAX, most = 0;
	for (unsigned i = 0; i < SESSIONS; i++) {
		least = crowd->received[i] < least ? crowd->received[i] : least;
		most = crowd->received[i] > most ? crowd->received[i] : most;
	}
	return most - least;
}

static void sixty_four_that_want_everything_get_the_same(void **state)
{
	const uint64_t all = (uint64_t)READS * (BHS_LENGTH + READ_LENGTH);
	struct crowd *crowd = *state;
	unsigned rounds = 0;
	for (unsigned i = 0; i < SESSIONS; i++)
		for (uint32_t k = 0; k < READS; k++)
			raw_read(crowd->raws[i], k * BLOCKS, BLOCKS);
	while (crowd->received[0] < all || spread(crowd) > 0) {
		network_thread_round(crowd->thread, 0);
		drain(crowd);
		assert_in_range(spread(crowd), 0, 2 * TURN_BYTES);
		rounds++;
	}
	assert_int_equal(crowd->received[0], all);
	assert_true(rounds > all / TURN_BYTES);
}

static void who_wants_little_waits_for_one_turn_of_the_others(void **state)
{
	struct crowd *crowd = *state;
	for (uint32_t k = 0; k < READS; k++)
		raw_read(crowd->raws[0], k * BLOCKS, BLOCKS);
	for (unsigned i = 1; i < SESSIONS; i++)
		raw_read(crowd->raws[i], i, 1);
	network_thread_round(crowd->thread, 0);
	/* One event of the many may be the thread's own: the bell. */
	network_thread_round(crowd->thread, 0);
	for (unsigned i = 1; i < SESSIONS; i++) {
		raw_expect(crowd->raws[i], PDU_DATA_IN);
		assert_int_equal(get_be32(crowd->raws[i]->data), i);
	}
	/* And of the other's data no more than a turn or two was read. */
	assert_in_range(portal_memory(crowd->fake->portal), 0, 2 * TURN_BYTES);
	drain(crowd);
	assert_in_range(crowd->received[0], 1, 3 * TURN_BYTES);
	while (crowd->received[0] < (uint64_t)READS * (BHS_LENGTH + READ_LENGTH)) {
		network_thread_round(crowd->thread, 0);
		drain(crowd);
	}
}

/* ---- media that are not at hand, or not whole --------------------------------------------------
 */

static int begin(void **state)
{
	*state = fake_portal_create(&(struct fake_portal_setup){.threads = 1});
	return 0;
}

static int end(void **state)
{
	assert_true(wait_until(no_memory_is_used, *state));
	fake_portal_destroy(*state);
	return 0;
}

static uint32_t read_lun(struct raw *raw, uint16_t lun, uint32_t lba)
{
	uint8_t cdb[16] = {0x28, [8] = 1};
	put_be32(cdb + 2, lba);
	return raw_command(raw, FLAG_READ, lun, cdb, LIBRARY_BLOCK, NULL, 0);
}

static void settle_lun(struct raw *raw, uint16_t lun)
{
	static const uint8_t test_unit_ready[16] = {0};
	do {
		raw_command(raw, 0, lun, test_unit_ready, 0, NULL, 0);
		raw_expect(raw, PDU_SCSI_RESPONSE);
	} while (raw->bhs[BHS_STATUS]);
}

static void expect_block(struct raw *raw, uint32_t tag, uint32_t lba)
{
	raw_expect(raw, PDU_DATA_IN);
	assert_int_equal(pdu_tag(raw->bhs), tag);
	assert_int_equal(get_be32(raw->data), lba);
}

/* All is one thread's; a read that waited on it would make everybody wait. */
static void a_read_of_what_is_not_at_hand_holds_nobody_up(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *slow = raw_login(fake), *other = raw_login(fake);
	raw_settle(slow);
	settle_lun(slow, OTHER_LUN);
	settle_lun(other, OTHER_LUN);
	fake_portal_hold(fake, true);
	uint32_t held = read_lun(slow, 0, 7);
	for (uint32_t lba = 0; lba < 100; lba++) {
		expect_block(other, read_lun(other, OTHER_LUN, lba), lba);
		expect_block(slow, read_lun(slow, OTHER_LUN, lba), lba);
	}
	assert_true(raw_silent(slow));
	fake_portal_hold(fake, false);
	expect_block(slow, held, 7);
	raw_close(slow);
	raw_close(other);
}

/*
 * The length of a PDU is only promised when its data is there. What the file has lost is a medium
 * error, with a line in the log, and the buffer's former contents stay where they are.
 */
static void what_a_truncated_file_has_lost_is_never_sent(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *raw = raw_login(fake);
	raw_settle(raw);
	raw_read(raw, 100, 3);
	raw_expect(raw, PDU_DATA_IN);
	fake_portal_cut(fake, 101);
	uint32_t tag = raw_read(raw, 100, 3);
	raw_expect(raw, PDU_DATA_IN);
	assert_int_equal(raw->length, LIBRARY_BLOCK);
	assert_int_equal(get_be32(raw->data), 100);
	assert_int_equal(raw->bhs[BHS_FLAGS] & FLAG_STATUS, 0);
	raw_expect(raw, PDU_SCSI_RESPONSE);
	assert_int_equal(pdu_tag(raw->bhs), tag);
	assert_int_equal(raw->bhs[BHS_STATUS], CHECK_CONDITION);
	assert_int_equal(get_be32(raw->bhs + BHS_RESIDUAL), 2 * LIBRARY_BLOCK);
	assert_int_equal(raw->data[2 + 2] & 0xf, MEDIUM_ERROR);
	assert_int_equal(get_be32(raw->data + 2 + INFORMATION), 101);
	assert_true(fake_portal_logged(fake, "block 101 is bad"));
	raw_settle(raw);
	raw_close(raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			sixty_four_that_want_everything_get_the_same, gather, scatter),
		cmocka_unit_test_setup_teardown(
			who_wants_little_waits_for_one_turn_of_the_others, gather, scatter),
		cmocka_unit_test_setup_teardown(
			a_read_of_what_is_not_at_hand_holds_nobody_up, begin, end),
		cmocka_unit_test_setup_teardown(
			what_a_truncated_file_has_lost_is_never_sent, begin, end),
	};
	return cmocka_run_group_tests_name("iscsi/sharing", tests, NULL, NULL);
}
