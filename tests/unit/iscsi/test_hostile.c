/* SPDX-License-Identifier: Apache-2.0 */
/* Initiators that mean harm, or are broken: they lose their session, and nobody else anything. */
#include "support.h"

#include <stdlib.h>

#include "raw.h"

enum { CROWD = 200, GREEDY_READS = 100 };

static const uint8_t mode_select[16] = {0x55, 0x10, 0, 0, 0, 0, 0, 0x0f, 0xff};

/* A portal, and a session of somebody who does no harm. */
struct scene {
	struct fake_portal *fake;
	struct raw *good;
};

static int begin_with(void **state, const struct fake_portal_setup *setup)
{
	struct scene *scene = calloc(1, sizeof *scene);
	scene->fake = fake_portal_create(setup);
	scene->good = raw_login(scene->fake);
	raw_settle(scene->good);
	*state = scene;
	return 0;
}

static int begin(void **state)
{
	return begin_with(state, NULL);
}

static int begin_hasty(void **state)
{
	return begin_with(state,
		&(struct fake_portal_setup){.limits = {.login_seconds = 4, .ping_seconds = 30}});
}

static int begin_narrow(void **state)
{
	return begin_with(state, &(struct fake_portal_setup){.limits = {.sessions = 2}});
}

static bool alone(struct fake_portal *fake)
{
	return portal_session_count(fake->portal) == 1 && portal_memory(fake->portal) == 0;
}

/* The other session is as it was, and memory is where it was. */
static int end(void **state)
{
	struct scene *scene = *state;
	assert_true(wait_until(alone, scene->fake));
	raw_read(scene->good, 5, 1);
	raw_expect(scene->good, PDU_DATA_IN);
	assert_int_equal(get_be32(scene->good->data), 5);
	raw_close(scene->good);
	fake_portal_destroy(scene->fake);
	free(scene);
	return 0;
}

#define FAKE(state) (((struct scene *)*(state))->fake)

static void finish(struct raw *raw)
{
	raw_expect_closed(raw);
	raw_close(raw);
}

/* ---- before the login -------------------------------------------------------------------------
 */

static void noise_is_dropped(void **state)
{
	uint8_t noise[4096];
	for (unsigned seed = 1; seed < 20; seed++) {
		struct raw *raw = raw_connect(FAKE(state));
		srandom(seed);
		for (size_t i = 0; i < sizeof noise; i++)
			noise[i] = (uint8_t)random();
		noise[0] = seed % 2 ? PDU_LOGIN | PDU_IMMEDIATE : noise[0];
		raw_send_bytes(raw, noise, sizeof noise);
		raw_close(raw);
	}
}

static void a_command_before_the_login_is_dropped(void **state)
{
	struct raw *raw = raw_connect(FAKE(state));
	raw_read(raw, 0, 1);
	finish(raw);
}

static void a_login_without_end_is_dropped(void **state)
{
	static char text[8192];
	struct raw *raw = raw_connect(FAKE(state));
	memset(text, 'x', sizeof text);
	for (unsigned i = 0; i < 3; i++) {
		uint8_t bhs[BHS_LENGTH] = {PDU_LOGIN | PDU_IMMEDIATE, FLAG_CONTINUE | 0x04};
		raw_send(raw, bhs, text, sizeof text);
	}
	raw_expect(raw, PDU_LOGIN_RESPONSE);
	raw_expect(raw, PDU_LOGIN_RESPONSE);
	raw_expect(raw, PDU_LOGIN_RESPONSE);
	assert_int_equal(raw->bhs[BHS_LOGIN_STATUS], 2);
	finish(raw);
}

static void a_login_segment_that_is_too_long_is_dropped(void **state)
{
	struct raw *raw = raw_connect(FAKE(state));
	uint8_t bhs[BHS_LENGTH] = {PDU_LOGIN | PDU_IMMEDIATE, 0x87};
	put_be24(bhs + BHS_DATA_LENGTH, 0xffffff);
	raw_send_bytes(raw, bhs, sizeof bhs);
	finish(raw);
}

static void a_login_without_names_is_refused(void **state)
{
	struct raw *raw = raw_connect(FAKE(state));
	raw_login_request(raw, "", 0);
	raw_expect(raw, PDU_LOGIN_RESPONSE);
	assert_int_equal(get_be16(raw->bhs + BHS_LOGIN_STATUS), 0x0207);
	finish(raw);
}

static void a_slow_login_is_dropped(void **state)
{
	struct raw *raw = raw_connect(FAKE(state));
	raw_send_bytes(raw, "\x43\x87", 2);
	finish(raw);
}

static void a_crowd_that_says_nothing_is_no_harm(void **state)
{
	struct raw *crowd[CROWD];
	for (unsigned i = 0; i < CROWD; i++)
		crowd[i] = raw_connect(FAKE(state));
	struct raw *raw = raw_login(FAKE(state));
	raw_settle(raw);
	raw_close(raw);
	for (unsigned i = 0; i < CROWD; i++)
		raw_close(crowd[i]);
}

/* ---- in full feature phase --------------------------------------------------------------------
 */

static void a_segment_that_is_too_long_is_rejected(void **state)
{
	struct raw *raw = raw_login(FAKE(state));
	uint8_t bhs[BHS_LENGTH];
	raw_begin(raw, bhs, PDU_NOP_OUT);
	put_be24(bhs + BHS_DATA_LENGTH, 0xffffff);
	raw_send_bytes(raw, bhs, sizeof bhs);
	raw_expect_reject(raw, REJECT_PROTOCOL_ERROR);
	finish(raw);
}

static void a_wrong_header_digest_ends_the_connection(void **state)
{
	struct raw *raw = RAW_LOGIN(FAKE(state), "HeaderDigest=CRC32C\0");
	raw->header_digest = raw->spoil_header_digest = true;
	raw_read(raw, 0, 1);
	finish(raw);
}

static void a_wrong_data_digest_is_rejected(void **state)
{
	struct raw *raw = RAW_LOGIN(FAKE(state), "DataDigest=CRC32C\0");
	raw->data_digest = raw->spoil_data_digest = true;
	raw_command(raw, FLAG_WRITE, 0, mode_select, 4, "abcd", 4);
	raw_expect_reject(raw, REJECT_DATA_DIGEST);
	finish(raw);
}

static void numbers_outside_of_the_window_are_ignored(void **state)
{
	struct raw *raw = raw_login(FAKE(state));
	uint32_t right = raw->cmd_sn;
	raw_settle(raw);
	right = raw->cmd_sn;
	raw->cmd_sn = right - 1;
	raw_read(raw, 0, 1);
	raw->cmd_sn = right + 128;
	raw_read(raw, 0, 1);
	raw->cmd_sn = right + 0x7fffffff;
	raw_read(raw, 0, 1);
	assert_true(raw_silent(raw));
	raw->cmd_sn = right;
	raw_settle(raw);
	raw_close(raw);
}

static void a_skipped_number_is_rejected(void **state)
{
	struct raw *raw = raw_login(FAKE(state));
	raw->cmd_sn++;
	raw_read(raw, 0, 1);
	raw_expect_reject(raw, REJECT_PROTOCOL_ERROR);
	finish(raw);
}

static void a_tag_in_use_is_rejected(void **state)
{
	struct raw *raw = RAW_LOGIN(FAKE(state), "ImmediateData=No\0");
	raw_settle(raw);
	raw->next_tag = raw_command(raw, FLAG_WRITE, 0, mode_select, 4095, NULL, 0);
	raw_expect(raw, PDU_R2T);
	raw_read(raw, 0, 1);
	raw_expect_reject(raw, REJECT_PROTOCOL_ERROR);
	finish(raw);
}

static void immediate_data_that_was_not_agreed_upon_is_rejected(void **state)
{
	struct raw *raw = RAW_LOGIN(FAKE(state), "ImmediateData=No\0");
	raw_command(raw, FLAG_WRITE, 0, mode_select, 4, "abcd", 4);
	raw_expect_reject(raw, REJECT_PROTOCOL_ERROR);
	finish(raw);
}

static void more_immediate_data_than_expected_is_rejected(void **state)
{
	struct raw *raw = raw_login(FAKE(state));
	raw_command(raw, FLAG_WRITE, 0, mode_select, 3, "abcd", 4);
	raw_expect_reject(raw, REJECT_PROTOCOL_ERROR);
	finish(raw);
}

/* A write whose R2T has come. */
static struct raw *solicited(void **state, uint32_t *ret_tag, uint32_t *ret_ttt)
{
	struct raw *raw = RAW_LOGIN(
		FAKE(state), "ImmediateData=No\0MaxBurstLength=1024\0FirstBurstLength=512\0");
	raw_settle(raw);
	*ret_tag = raw_command(raw, FLAG_WRITE, 0, mode_select, 4095, NULL, 0);
	raw_expect(raw, PDU_R2T);
	*ret_ttt = get_be32(raw->bhs + BHS_TTT);
	return raw;
}

struct data_out {
	uint32_t ttt_change, data_sn, offset, length;
	uint8_t flags;
};

static void expect_rejected_data(void **state, const struct data_out *what)
{
	uint32_t tag, ttt;
	struct raw *raw = solicited(state, &tag, &ttt);
	raw_data_out(raw, tag, ttt + what->ttt_change, what->data_sn, what->offset, what->flags,
		what->length);
	raw_expect_reject(raw, REJECT_PROTOCOL_ERROR);
	finish(raw);
}

static void data_that_does_not_fit_is_rejected(void **state)
{
	static const struct data_out wrong[] = {
		{.length = 1028, .flags = FLAG_FINAL},                  /* beyond the burst */
		{.length = 0x20000, .flags = FLAG_FINAL},               /* beyond everything */
		{.length = 100, .offset = 0xffffff00},                  /* wraps around */
		{.length = 100, .offset = 4},                           /* a hole */
		{.length = 1024, .ttt_change = 1, .flags = FLAG_FINAL}, /* not asked for */
		{.length = 100, .data_sn = 1},                          /* one is missing */
		{.length = 100, .flags = FLAG_FINAL},                   /* too little */
		{.length = 1024},                                       /* no end */
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		expect_rejected_data(state, &wrong[i]);
}

static void data_for_no_task_is_dropped_in_silence(void **state)
{
	struct raw *raw = raw_login(FAKE(state));
	raw_data_out(raw, 0x12345, 7, 0, 0, FLAG_FINAL, 70000);
	raw_settle(raw);
	raw_close(raw);
}

static void a_discovery_session_has_no_commands(void **state)
{
	static const char keys[] = "InitiatorName=" INITIATOR "\0SessionType=Discovery";
	struct raw *raw = raw_connect(FAKE(state));
	raw_login_request(raw, keys, sizeof keys);
	raw_expect(raw, PDU_LOGIN_RESPONSE);
	raw_read(raw, 0, 1);
	raw_expect_reject(raw, REJECT_NOT_SUPPORTED);
	raw_close(raw);
}

static void unknown_requests_are_rejected(void **state)
{
	struct raw *raw = raw_login(FAKE(state));
	uint8_t bhs[BHS_LENGTH];
	pdu_begin(bhs, PDU_SNACK, 1);
	raw_send(raw, bhs, NULL, 0);
	raw_expect_reject(raw, REJECT_NOT_SUPPORTED);
	pdu_begin(bhs, (enum pdu_opcode)0x1c, 1);
	raw_send(raw, bhs, "data", 4);
	raw_expect_reject(raw, REJECT_NOT_SUPPORTED);
	pdu_begin(bhs, PDU_LOGIN, 1);
	raw_send(raw, bhs, NULL, 0);
	raw_expect_reject(raw, REJECT_PROTOCOL_ERROR);
	raw_settle(raw);
	raw_close(raw);
}

static void text_that_is_none_is_rejected(void **state)
{
	struct raw *raw = raw_login(FAKE(state));
	uint8_t bhs[BHS_LENGTH];
	raw_begin(raw, bhs, PDU_TEXT);
	put_be32(bhs + BHS_TTT, TAG_NONE);
	raw_send(raw, bhs, "no equals sign", 14);
	raw_expect_reject(raw, REJECT_PROTOCOL_ERROR);
	raw_settle(raw);
	raw_close(raw);
}

static void a_huge_expected_length_takes_no_huge_memory(void **state)
{
	static const uint8_t inquiry[16] = {0x12, 0, 0, 0, 36};
	struct raw *raw = raw_login(FAKE(state));
	raw_command(raw, FLAG_READ, 0, inquiry, 0xffffffff, NULL, 0);
	raw_expect(raw, PDU_DATA_IN);
	assert_int_equal(raw->length, 36);
	assert_int_equal(get_be32(raw->bhs + BHS_RESIDUAL), 0xffffffff - 36);
	raw_command(raw, FLAG_WRITE, 0, mode_select, 0xffffffff, NULL, 0);
	raw_expect(raw, PDU_SCSI_RESPONSE);
	assert_int_equal(raw->bhs[BHS_STATUS], 2);
	raw_close(raw);
}

static void who_does_not_read_holds_up_nobody(void **state)
{
	struct scene *scene = *state;
	struct raw *greedy = raw_login(scene->fake);
	raw_settle(greedy);
	for (unsigned i = 0; i < GREEDY_READS; i++)
		raw_read(greedy, i, 512);
	for (unsigned i = 0; i < 50; i++) {
		raw_read(scene->good, i, 4);
		raw_expect(scene->good, PDU_DATA_IN);
		assert_int_equal(get_be32(scene->good->data), i);
	}
	assert_true(portal_memory(scene->fake->portal) <= 17u << 20);
	raw_close(greedy);
}

static void a_flood_of_pings_that_nobody_reads_is_bounded(void **state)
{
	struct raw *raw = raw_login(FAKE(state));
	uint8_t bhs[BHS_LENGTH];
	for (unsigned i = 0; i < 20000; i++) {
		raw_begin(raw, bhs, PDU_NOP_OUT);
		raw_send(raw, bhs, "ping", 4);
	}
	for (unsigned i = 0; i < 20000; i++)
		raw_expect(raw, PDU_NOP_IN);
	raw_close(raw);
}

static bool refusal_is_logged(struct fake_portal *fake)
{
	return fake_portal_logged(fake, "a connection was refused: 4 at most");
}

/* As many again as may be logged in, so that a limit of sessions is one that can be reached. */
static void connections_are_twice_the_sessions(void **state)
{
	struct scene *scene = *state;
	struct raw *others[3];
	for (unsigned i = 0; i < 3; i++)
		others[i] = raw_connect(scene->fake);
	struct raw *one_too_many = raw_connect(scene->fake);
	raw_expect_closed(one_too_many);
	assert_true(wait_until(refusal_is_logged, scene->fake));
	for (unsigned i = 0; i < 3; i++)
		raw_close(others[i]);
	raw_close(one_too_many);
}

#define NARROW(test) cmocka_unit_test_setup_teardown(test, begin_narrow, end)
#define TEST(test)   cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(noise_is_dropped),
		TEST(a_command_before_the_login_is_dropped),
		TEST(a_login_without_end_is_dropped),
		TEST(a_login_segment_that_is_too_long_is_dropped),
		TEST(a_login_without_names_is_refused),
		cmocka_unit_test_setup_teardown(a_slow_login_is_dropped, begin_hasty, end),
		TEST(a_crowd_that_says_nothing_is_no_harm),
		TEST(a_segment_that_is_too_long_is_rejected),
		TEST(a_wrong_header_digest_ends_the_connection),
		TEST(a_wrong_data_digest_is_rejected),
		TEST(numbers_outside_of_the_window_are_ignored),
		TEST(a_skipped_number_is_rejected),
		TEST(a_tag_in_use_is_rejected),
		TEST(immediate_data_that_was_not_agreed_upon_is_rejected),
		TEST(more_immediate_data_than_expected_is_rejected),
		TEST(data_that_does_not_fit_is_rejected),
		TEST(data_for_no_task_is_dropped_in_silence),
		TEST(a_discovery_session_has_no_commands),
		TEST(unknown_requests_are_rejected),
		TEST(text_that_is_none_is_rejected),
		TEST(a_huge_expected_length_takes_no_huge_memory),
		TEST(who_does_not_read_holds_up_nobody),
		NARROW(connections_are_twice_the_sessions),
		TEST(a_flood_of_pings_that_nobody_reads_is_bounded),
	};
	return cmocka_run_group_tests_name("iscsi/hostile", tests, NULL, NULL);
}
