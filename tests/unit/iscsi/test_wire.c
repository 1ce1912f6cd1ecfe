/* SPDX-License-Identifier: Apache-2.0 */
/* What goes over the wire, field by field: numbers, sequences, R2T, messages nobody asked for. */
#include "support.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/crc32c.h"
#include "raw.h"

enum { ASYNC_DROPS = 3, MODE_LIST = 20, TASK_SET_FULL = 0x28, CHECK_CONDITION = 2 };

static const uint8_t mode_select[16] = {0x55, 0x10, 0, 0, 0, 0, 0, 0, MODE_LIST};
static const uint8_t mode_list[MODE_LIST] = {0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x0a, 0, 7};

static int begin(void **state)
{
	*state = fake_portal_create(NULL);
	return 0;
}

static int begin_small(void **state)
{
	*state = fake_portal_create(&(struct fake_portal_setup){
		.limits = {.tasks = 4, .session_out_bytes = 1500, .session_in_bytes = 300000}});
	return 0;
}

static int begin_hasty(void **state)
{
	*state = fake_portal_create(&(struct fake_portal_setup){.limits = {.ping_seconds = 3}});
	return 0;
}

static int end(void **state)
{
	fake_portal_destroy(*state);
	return 0;
}

static uint32_t stat_sn(const struct raw *raw)
{
	return get_be32(raw->bhs + BHS_STAT_SN);
}

/* ---- numbers ----------------------------------------------------------------------------------
 */

static void every_status_has_the_next_number(void **state)
{
	struct raw *raw = raw_login(*state);
	uint32_t before = stat_sn(raw);
	for (uint32_t i = 1; i <= 5; i++) {
		static const uint8_t inquiry[16] = {0x12, 0, 0, 0, 36};
		raw_command(raw, 0, 0, inquiry, 0, NULL, 0);
		raw_expect(raw, PDU_SCSI_RESPONSE);
		assert_int_equal(stat_sn(raw), before + i);
		assert_int_equal(get_be32(raw->bhs + BHS_EXP_CMD_SN), raw->cmd_sn);
		assert_int_equal(get_be32(raw->bhs + BHS_MAX_CMD_SN), raw->cmd_sn + 127);
	}
	raw_close(raw);
}

static void status_comes_with_the_last_data(void **state)
{
	struct raw *raw = raw_login(*state);
	raw_settle(raw);
	uint32_t before = stat_sn(raw);
	raw_read(raw, 3, 2);
	raw_expect(raw, PDU_DATA_IN);
	assert_int_equal(raw->bhs[BHS_FLAGS], FLAG_FINAL | FLAG_STATUS);
	assert_int_equal(raw->bhs[BHS_STATUS], 0);
	assert_int_equal(stat_sn(raw), before + 1);
	assert_int_equal(raw->length, 2 * LIBRARY_BLOCK);
	assert_int_equal(get_be32(raw->data), 3);
	assert_true(raw_silent(raw));
	raw_close(raw);
}

static void data_keeps_to_segments_and_bursts(void **state)
{
	struct raw *raw = RAW_LOGIN(*state,
		"MaxRecvDataSegmentLength=1000\0MaxBurstLength=1536\0FirstBurstLength=512\0");
	raw_settle(raw);
	raw_read(raw, 0, 2);
	static const struct {
		uint32_t offset, length;
		uint8_t flags;
	} wanted[] = {
		{0, 1000, 0},
		{1000, 536, FLAG_FINAL},
		{1536, 1000, 0},
		{2536, 536, FLAG_FINAL},
		{3072, 1000, 0},
		{4072, 24, FLAG_FINAL | FLAG_STATUS},
	};
	for (uint32_t i = 0; i < 6; i++) {
		raw_expect(raw, PDU_DATA_IN);
		assert_int_equal(get_be32(raw->bhs + BHS_BUFFER_OFFSET), wanted[i].offset);
		assert_int_equal(raw->length, wanted[i].length);
		assert_int_equal(raw->bhs[BHS_FLAGS], wanted[i].flags);
		assert_int_equal(get_be32(raw->bhs + BHS_DATA_SN), i);
	}
	raw_close(raw);
}

/* The first is a whole turn of its connection; of the second nothing but its header is there. */
static void of_commands_that_come_at_once_none_is_left_lying(void **state)
{
	enum { COMMANDS = 3, BLOCKS = 128 };
	struct raw *raw = RAW_LOGIN(*state, "MaxRecvDataSegmentLength=262144\0");
	uint8_t all[COMMANDS][BHS_LENGTH];
	raw_settle(raw);
	for (uint32_t i = 0; i < COMMANDS; i++) {
		raw_begin(raw, all[i], PDU_SCSI_COMMAND);
		all[i][BHS_FLAGS] |= FLAG_READ;
		put_be32(all[i] + BHS_EXPECTED_LENGTH, BLOCKS * LIBRARY_BLOCK);
		all[i][BHS_CDB] = 0x28;
		put_be32(all[i] + BHS_CDB + 2, i);
		put_be16(all[i] + BHS_CDB + 7, BLOCKS);
	}
	raw_send_bytes(raw, all, sizeof all);
	for (uint32_t i = 0; i < COMMANDS; i++) {
		raw_expect(raw, PDU_DATA_IN);
		assert_int_equal(raw->length, BLOCKS * LIBRARY_BLOCK);
		assert_int_equal(get_be32(raw->data), i);
	}
	raw_close(raw);
}

/* RFC 7143 11.4.5, 11.4.7: what could be read, then why the rest could not. */
static void data_and_sense_come_together(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *raw = raw_login(fake);
	raw_settle(raw);
	fake_portal_cut(fake, 12);
	raw_read(raw, 10, 4);
	raw_expect(raw, PDU_DATA_IN);
	assert_int_equal(raw->bhs[BHS_FLAGS], FLAG_FINAL);
	assert_int_equal(raw->length, 2 * LIBRARY_BLOCK);
	assert_int_equal(get_be32(raw->data + LIBRARY_BLOCK), 11);
	assert_int_equal(get_be32(raw->bhs + BHS_STAT_SN), 0);
	raw_expect(raw, PDU_SCSI_RESPONSE);
	assert_int_equal(raw->bhs[BHS_STATUS], CHECK_CONDITION);
	assert_int_equal(raw->bhs[BHS_FLAGS], FLAG_FINAL | FLAG_UNDERFLOW);
	assert_int_equal(get_be32(raw->bhs + BHS_RESIDUAL), 2 * LIBRARY_BLOCK);
	assert_int_equal(get_be32(raw->bhs + BHS_DATA_SN), 1); /* Data-In PDUs */
	assert_int_equal(get_be16(raw->data), raw->length - 2);
	assert_int_equal(raw->data[2] & 0x80, 0x80);
	assert_int_equal(raw->data[2 + 2], 0x03);
	assert_int_equal(get_be32(raw->data + 2 + 3), 12);
	assert_int_equal(get_be16(raw->data + 2 + 12), 0x1100);
	raw_close(raw);
}

/* Bytes 16 to 31 of a CDB, in an additional header that the digest covers (11.2.2). */
static void a_long_cdb_comes_in_two_parts(void **state)
{
	enum { AHS_WORDS = 5, AHS_BYTES = AHS_WORDS * 4, SPOILT = 2 };
	for (unsigned how = 0; how <= SPOILT; how++) {
		struct raw *raw = RAW_LOGIN(*state, "HeaderDigest=CRC32C\0");
		uint8_t header[BHS_LENGTH + AHS_BYTES + DIGEST_LENGTH] = {0};
		raw->header_digest = true;
		raw_settle(raw);
		raw_begin(raw, header, PDU_SCSI_COMMAND);
		header[BHS_AHS_LENGTH] = AHS_WORDS;
		header[BHS_CDB] = how == 0 ? 0x7f : 0x00;
		put_be16(header + BHS_LENGTH, 17); /* one reserved byte, 16 of the CDB */
		header[BHS_LENGTH + 2] = 1;        /* extended CDB */
		uint32_t crc = crc32c(0, header, BHS_LENGTH + AHS_BYTES);
		crc32c_put(header + BHS_LENGTH + AHS_BYTES, crc ^ (how == SPOILT));
		raw_send_bytes(raw, header, sizeof header);
		if (how == SPOILT) {
			raw_expect_closed(raw);
		} else {
			raw_expect(raw, PDU_SCSI_RESPONSE);
			assert_int_equal(raw->bhs[BHS_STATUS], how == 0 ? CHECK_CONDITION : 0);
			raw_settle(raw);
		}
		raw_close(raw);
	}
}

static void both_digests_are_right_both_ways(void **state)
{
	struct raw *raw = RAW_LOGIN(*state, "HeaderDigest=CRC32C\0DataDigest=CRC32C,None\0");
	raw->header_digest = raw->data_digest = true;
	raw_settle(raw);
	raw_read(raw, 9, 4);
	raw_expect(raw, PDU_DATA_IN);
	assert_int_equal(get_be32(raw->data), 9);
	raw_command(raw, FLAG_WRITE, 0, mode_select, MODE_LIST, mode_list, MODE_LIST);
	raw_expect(raw, PDU_SCSI_RESPONSE);
	assert_int_equal(raw->bhs[BHS_STATUS], 0);
	raw_close(raw);
}

/* ---- Data-Out ---------------------------------------------------------------------------------
 */

static void solicited_data_comes_burst_by_burst(void **state)
{
	struct raw *raw =
		RAW_LOGIN(*state, "ImmediateData=No\0MaxBurstLength=512\0FirstBurstLength=512\0");
	raw_settle(raw);
	uint32_t tag = raw_command(raw, FLAG_WRITE, 0, mode_select, 1200, NULL, 0);
	for (uint32_t at = 0, number = 0; at < 1200; at += 512, number++) {
		uint32_t burst = 1200 - at < 512 ? 1200 - at : 512;
		raw_expect(raw, PDU_R2T);
		assert_int_equal(get_be32(raw->bhs + BHS_BUFFER_OFFSET), at);
		assert_int_equal(get_be32(raw->bhs + BHS_DESIRED_LENGTH), burst);
		assert_int_equal(get_be32(raw->bhs + BHS_DATA_SN), number);
		uint32_t ttt = get_be32(raw->bhs + BHS_TTT);
		raw_data_out(raw, tag, ttt, 0, at, 0, 100);
		raw_data_out(raw, tag, ttt, 1, at + 100, FLAG_FINAL, burst - 100);
	}
	raw_expect(raw, PDU_SCSI_RESPONSE);
	assert_int_equal(get_be32(raw->bhs + BHS_DATA_SN), 3); /* R2Ts */
	raw_close(raw);
}

static void a_write_that_wants_less_than_was_sent_has_a_residual(void **state)
{
	uint8_t more[MODE_LIST + 40] = {0};
	struct raw *raw = raw_login(*state);
	raw_settle(raw);
	memcpy(more, mode_list, MODE_LIST);
	raw_command(raw, FLAG_WRITE, 0, mode_select, sizeof more, more, sizeof more);
	raw_expect(raw, PDU_SCSI_RESPONSE);
	assert_int_equal(raw->bhs[BHS_STATUS], 0);
	assert_int_equal(raw->bhs[BHS_FLAGS], FLAG_FINAL | FLAG_UNDERFLOW);
	assert_int_equal(get_be32(raw->bhs + BHS_RESIDUAL), 40);
	raw_close(raw);
}

static void data_out_waits_for_memory_of_its_lun_only(void **state)
{
	struct raw *raw = RAW_LOGIN(*state, "ImmediateData=No\0");
	raw_settle(raw);
	uint32_t first = raw_command(raw, FLAG_WRITE, 0, mode_select, 1000, NULL, 0);
	raw_expect(raw, PDU_R2T);
	uint32_t ttt = get_be32(raw->bhs + BHS_TTT);
	uint32_t second = raw_command(raw, FLAG_WRITE, 0, mode_select, 1000, NULL, 0);
	assert_true(raw_silent(raw));
	raw_settle(raw); /* the window is open all the same */
	raw_data_out(raw, first, ttt, 0, 0, FLAG_FINAL, 1000);
	raw_expect(raw, PDU_SCSI_RESPONSE);
	assert_int_equal(pdu_tag(raw->bhs), first);
	raw_expect(raw, PDU_R2T);
	assert_int_equal(pdu_tag(raw->bhs), second);
	raw_close(raw);
}

static void a_buffer_of_the_wrong_direction_is_none(void **state)
{
	struct raw *raw = raw_login(*state);
	raw_settle(raw);
	raw_command(raw, FLAG_READ, 0, mode_select, MODE_LIST, NULL, 0);
	raw_expect(raw, PDU_SCSI_RESPONSE);
	assert_int_equal(raw->bhs[BHS_STATUS], CHECK_CONDITION);
	assert_int_equal(raw->data[2 + 12], 0x1a); /* PARAMETER LIST LENGTH ERROR */
	raw_close(raw);
}

static void data_for_no_logical_unit_is_not_asked_for(void **state)
{
	struct raw *raw = RAW_LOGIN(*state, "ImmediateData=No\0");
	raw_command(raw, FLAG_WRITE, 7, mode_select, MODE_LIST, NULL, 0);
	raw_expect(raw, PDU_SCSI_RESPONSE);
	assert_int_equal(raw->bhs[BHS_STATUS], CHECK_CONDITION);
	assert_int_equal(raw->data[2 + 12], 0x25);
	assert_int_equal(get_be32(raw->bhs + BHS_RESIDUAL), MODE_LIST);
	raw_close(raw);
}

static void a_bidirectional_command_is_refused(void **state)
{
	struct raw *raw = raw_login(*state);
	raw_settle(raw);
	raw_command(raw, FLAG_READ | FLAG_WRITE, 0, mode_select, MODE_LIST, mode_list, MODE_LIST);
	raw_expect(raw, PDU_SCSI_RESPONSE);
	assert_int_equal(raw->bhs[BHS_STATUS], CHECK_CONDITION);
	assert_int_equal(raw->data[2 + 12], 0x20);
	raw_close(raw);
}

/* ---- limits -----------------------------------------------------------------------------------
 */

static bool four_held(struct fake_portal *fake)
{
	return fake_portal_held(fake) == 4;
}

/* Announces unsolicited data that never comes. */
static uint32_t write_without_data(struct raw *raw)
{
	uint8_t bhs[BHS_LENGTH];
	raw_begin(raw, bhs, PDU_SCSI_COMMAND);
	bhs[BHS_FLAGS] = FLAG_WRITE;
	put_be32(bhs + BHS_EXPECTED_LENGTH, MODE_LIST);
	memcpy(bhs + BHS_CDB, mode_select, sizeof mode_select);
	raw_send(raw, bhs, NULL, 0);
	return pdu_tag(bhs);
}

/* Nobody can have us keep any number of commands by not sending what belongs to them. */
static void commands_without_their_data_are_answered_when_there_are_too_many(void **state)
{
	enum { KEPT = 4 + 128, TOO_MANY = 500 };
	struct raw *raw = RAW_LOGIN(
		*state, "InitiatorName=" INITIATOR "\0TargetName=" TARGET_ONE "\0InitialR2T=No\0");
	uint32_t tag = 0;
	for (unsigned i = 0; i < KEPT; i++)
		write_without_data(raw);
	assert_true(raw_silent(raw));
	for (unsigned i = 0; i < TOO_MANY; i++) {
		tag = write_without_data(raw);
		raw_expect(raw, PDU_SCSI_RESPONSE);
		assert_int_equal(pdu_tag(raw->bhs), tag);
		assert_int_equal(raw->bhs[BHS_STATUS], TASK_SET_FULL);
	}
	/* What comes after all is dropped, and the session goes on. */
	raw_data_out(raw, tag, TAG_NONE, 0, 0, FLAG_FINAL, MODE_LIST);
	static const uint8_t inquiry[16] = {0x12, 0, 0, 0, 36};
	tag = raw_command(raw, FLAG_READ, 9, inquiry, 36, NULL, 0);
	raw_expect(raw, PDU_SCSI_RESPONSE);
	assert_int_equal(pdu_tag(raw->bhs), tag);
	raw_close(raw);
}

static void more_tasks_than_the_limit_are_task_set_full(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *raw = raw_login(fake);
	raw_settle(raw);
	fake_portal_hold(fake, true);
	for (uint32_t i = 0; i < 4; i++)
		raw_read(raw, i, 1);
	assert_true(wait_until(four_held, fake));
	uint32_t fifth = raw_read(raw, 4, 1);
	raw_expect(raw, PDU_SCSI_RESPONSE);
	assert_int_equal(pdu_tag(raw->bhs), fifth);
	assert_int_equal(raw->bhs[BHS_STATUS], TASK_SET_FULL);
	fake_portal_hold(fake, false);
	for (uint32_t i = 0; i < 4; i++)
		raw_expect(raw, PDU_DATA_IN);
	raw_close(raw);
}

static void reads_beyond_the_memory_of_the_session_wait_their_turn(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *raw = raw_login(fake);
	raw_settle(raw);
	fake_portal_hold(fake, true);
	for (uint32_t i = 0; i < 4; i++)
		raw_read(raw, i, 64);
	assert_true(raw_silent(raw));
	assert_int_equal(fake_portal_held(fake), 2); /* of 128 KiB each */
	assert_true(portal_memory(fake->portal) <= 300000);
	fake_portal_hold(fake, false);
	for (uint32_t done = 0; done < 4; done += (raw->bhs[BHS_FLAGS] & FLAG_STATUS) != 0)
		raw_expect(raw, PDU_DATA_IN);
	raw_close(raw);
}

/* ---- NOP, logout, messages --------------------------------------------------------------------
 */

static void a_ping_is_answered_with_its_data(void **state)
{
	struct raw *raw = raw_login(*state);
	uint8_t bhs[BHS_LENGTH];
	raw_begin(raw, bhs, PDU_NOP_OUT);
	put_be32(bhs + BHS_TTT, TAG_NONE);
	raw_send(raw, bhs, "hello", 5);
	raw_expect(raw, PDU_NOP_IN);
	assert_int_equal(pdu_tag(raw->bhs), pdu_tag(bhs));
	assert_int_equal(raw->length, 5);
	assert_memory_equal(raw->data, "hello", 5);
	raw_close(raw);
}

static void silence_is_asked_about_and_then_over(void **state)
{
	struct raw *raw = raw_login(*state);
	raw_expect(raw, PDU_NOP_IN);
	assert_int_equal(pdu_tag(raw->bhs), TAG_NONE);
	assert_int_not_equal(get_be32(raw->bhs + BHS_TTT), TAG_NONE);
	raw_expect_closed(raw);
	raw_close(raw);
}

static bool not_listening_is_logged(struct fake_portal *fake)
{
	return fake_portal_logged(fake, "the initiator does not take its answers");
}

static void who_talks_but_does_not_listen_is_dropped(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *raw = raw_login(fake);
	uint8_t bhs[BHS_LENGTH];
	raw_settle(raw);
	for (uint32_t i = 0; i < 32; i++)
		raw_read(raw, i, 512);
	for (unsigned i = 0; i < 600 && !not_listening_is_logged(fake); i++) {
		raw_begin(raw, bhs, PDU_NOP_OUT);
		put_be32(bhs + BHS_TTT, TAG_NONE);
		(void)send(raw->fd, bhs, sizeof bhs, MSG_NOSIGNAL);
		usleep(100000);
	}
	assert_true(not_listening_is_logged(fake));
	raw_close(raw);
}

static void logout_is_answered_after_the_tasks_have_ended(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *raw = raw_login(fake);
	uint8_t bhs[BHS_LENGTH];
	raw_settle(raw);
	fake_portal_hold(fake, true);
	raw_read(raw, 0, 1);
	raw_begin(raw, bhs, PDU_LOGOUT);
	raw_send(raw, bhs, NULL, 0);
	raw_expect(raw, PDU_LOGOUT_RESPONSE);
	assert_int_equal(raw->bhs[BHS_RESPONSE], 0);
	raw_expect_closed(raw);
	raw_close(raw);
	fake_portal_hold(fake, false);
}

static void send_logout(struct raw *raw, uint8_t reason, uint16_t cid)
{
	uint8_t bhs[BHS_LENGTH];
	raw_begin(raw, bhs, PDU_LOGOUT);
	bhs[BHS_FLAGS] = FLAG_FINAL | reason;
	put_be16(bhs + BHS_CID, cid);
	raw_send(raw, bhs, NULL, 0);
}

/* RFC 7143 11.14, 11.15: reason 0 the session, 1 a connection, 2 a connection for recovery. */
static void a_logout_that_closes_nothing_says_why(void **state)
{
	enum { NO_SUCH_CONNECTION = 1, NO_RECOVERY = 2 };
	struct raw *raw = raw_login(*state);
	send_logout(raw, 1, 7);
	raw_expect(raw, PDU_LOGOUT_RESPONSE);
	assert_int_equal(raw->bhs[BHS_RESPONSE], NO_SUCH_CONNECTION);
	send_logout(raw, 2, 0);
	raw_expect(raw, PDU_LOGOUT_RESPONSE);
	assert_int_equal(raw->bhs[BHS_RESPONSE], NO_RECOVERY);
	send_logout(raw, 3, 0);
	raw_expect_reject(raw, REJECT_INVALID_FIELD);
	raw_settle(raw);
	send_logout(raw, 1, 0);
	raw_expect(raw, PDU_LOGOUT_RESPONSE);
	assert_int_equal(raw->bhs[BHS_RESPONSE], 0);
	assert_int_equal(get_be16(raw->bhs + BHS_TIME2WAIT), 2);
	raw_expect_closed(raw);
	raw_close(raw);
}

static void send_text(struct raw *raw, uint8_t flags, uint32_t ttt, const char *text, size_t length)
{
	uint8_t bhs[BHS_LENGTH];
	raw_begin(raw, bhs, PDU_TEXT);
	bhs[BHS_FLAGS] = flags;
	put_be32(bhs + BHS_TTT, ttt);
	raw_send(raw, bhs, text, (uint32_t)length);
}

/* RFC 7143 11.11.1: no final answer to a request that is not final. */
static void a_text_that_is_not_final_goes_on(void **state)
{
	static const char one[] = "InitiatorAlias=a", two[] = "X-org.example.y=1";
	struct raw *raw = raw_login(*state);
	send_text(raw, 0, TAG_NONE, one, sizeof one);
	raw_expect(raw, PDU_TEXT_RESPONSE);
	assert_int_equal(raw->bhs[BHS_FLAGS], 0);
	uint32_t ttt = get_be32(raw->bhs + BHS_TTT);
	assert_int_not_equal(ttt, TAG_NONE);
	send_text(raw, FLAG_FINAL, ttt, two, sizeof two);
	raw_expect(raw, PDU_TEXT_RESPONSE);
	assert_int_equal(raw->bhs[BHS_FLAGS], FLAG_FINAL);
	assert_int_equal(get_be32(raw->bhs + BHS_TTT), TAG_NONE);
	assert_string_equal((char *)raw->data, "X-org.example.y=NotUnderstood");
	send_text(raw, FLAG_FINAL, ttt, two, sizeof two);
	raw_expect_reject(raw, REJECT_PROTOCOL_ERROR);
	raw_close(raw);
}

/* RFC 7143 Appendix C: All is for discovery; a session may always ask about its own target. */
static void a_session_may_ask_where_its_target_is(void **state)
{
	static const char all[] = "SendTargets=All", own[] = "SendTargets=";
	static const char answer[] = "TargetName=" TARGET_ONE;
	struct fake_portal *fake = *state;
	struct raw *raw = raw_login(fake);
	char address[96];
	send_text(raw, FLAG_FINAL, TAG_NONE, all, sizeof all);
	raw_expect(raw, PDU_TEXT_RESPONSE);
	assert_string_equal((char *)raw->data, "SendTargets=Reject");
	send_text(raw, FLAG_FINAL, TAG_NONE, own, sizeof own);
	raw_expect(raw, PDU_TEXT_RESPONSE);
	assert_string_equal((char *)raw->data, answer);
	snprintf(address, sizeof address, "TargetAddress=%s,1", fake->address);
	assert_string_equal((char *)raw->data + sizeof answer, address);
	assert_int_equal(raw->length, sizeof answer + strlen(address) + 1);
	raw_close(raw);
}

static void a_target_that_goes_says_so(void **state)
{
	struct fake_portal *fake = *state;
	struct raw *raw = raw_login(fake);
	uint32_t before = stat_sn(raw);
	portal_close_target(fake->portal, TARGET_ONE);
	raw_expect(raw, PDU_ASYNC);
	assert_int_equal(raw->bhs[BHS_ASYNC_EVENT], ASYNC_DROPS);
	assert_int_equal(get_be16(raw->bhs + BHS_ASYNC_PARAMETER2), 2);
	assert_int_equal(stat_sn(raw), before + 1);
	raw_expect_closed(raw);
	raw_close(raw);
}

static void a_second_connection_of_a_session_is_refused(void **state)
{
	static const char names[] = "InitiatorName=" INITIATOR "\0TargetName=" TARGET_ONE;
	struct raw *first = raw_login(*state), *second = raw_connect(*state);
	uint8_t bhs[BHS_LENGTH] = {PDU_LOGIN | PDU_IMMEDIATE, 0x87};
	memcpy(bhs + BHS_ISID, first->bhs + BHS_ISID, 8); /* with the TSIH */
	raw_send(second, bhs, names, sizeof names);
	raw_expect(second, PDU_LOGIN_RESPONSE);
	assert_int_equal(get_be16(second->bhs + BHS_LOGIN_STATUS), 0x020a);
	raw_expect_closed(second);
	raw_close(second);
	raw_settle(first);
	raw_close(first);
}

#define TEST(test)  cmocka_unit_test_setup_teardown(test, begin, end)
#define SMALL(test) cmocka_unit_test_setup_teardown(test, begin_small, end)
#define HASTY(test) cmocka_unit_test_setup_teardown(test, begin_hasty, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_status_has_the_next_number),
		TEST(status_comes_with_the_last_data),
		TEST(data_keeps_to_segments_and_bursts),
		TEST(of_commands_that_come_at_once_none_is_left_lying),
		TEST(data_and_sense_come_together),
		TEST(a_long_cdb_comes_in_two_parts),
		TEST(both_digests_are_right_both_ways),
		TEST(solicited_data_comes_burst_by_burst),
		TEST(a_write_that_wants_less_than_was_sent_has_a_residual),
		SMALL(data_out_waits_for_memory_of_its_lun_only),
		TEST(a_buffer_of_the_wrong_direction_is_none),
		TEST(data_for_no_logical_unit_is_not_asked_for),
		TEST(a_bidirectional_command_is_refused),
		SMALL(more_tasks_than_the_limit_are_task_set_full),
		SMALL(commands_without_their_data_are_answered_when_there_are_too_many),
		SMALL(reads_beyond_the_memory_of_the_session_wait_their_turn),
		TEST(a_ping_is_answered_with_its_data),
		HASTY(silence_is_asked_about_and_then_over),
		HASTY(who_talks_but_does_not_listen_is_dropped),
		TEST(logout_is_answered_after_the_tasks_have_ended),
		TEST(a_logout_that_closes_nothing_says_why),
		TEST(a_text_that_is_not_final_goes_on),
		TEST(a_session_may_ask_where_its_target_is),
		TEST(a_target_that_goes_says_so),
		TEST(a_second_connection_of_a_session_is_refused),
	};
	return cmocka_run_group_tests_name("iscsi/wire", tests, NULL, NULL);
}
