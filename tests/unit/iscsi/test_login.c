/* SPDX-License-Identifier: Apache-2.0 */
/* The login phase without a socket. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "login.h"

enum { SECURITY_STAYS = 0x00, SECURITY_ON = 0x81, OPERATIONAL_ON = 0x87, OPERATIONAL_STAYS = 0x04 };

#define NAMES "InitiatorName=iqn.a\0TargetName=iqn.t\0"

struct bench {
	struct login login;
	struct login_answer answer;
	bool chap, mutual, same_secrets;
	enum portal_status status;
	unsigned admissions;
};

static void admit(void *context, const struct portal_login *login, struct portal_admission *ret)
{
	struct bench *bench = context;
	assert_string_equal(login->initiator, "iqn.a");
	bench->admissions++;
	ret->status = bench->status;
	ret->chap = bench->chap;
	strcpy(ret->user, "user");
	strcpy(ret->secret, "secret");
	strcpy(ret->own_user, bench->mutual ? "us" : "");
	strcpy(ret->own_secret, bench->same_secrets ? "secret" : "other");
}

static const struct portal_backend backend = {.admit = admit};

static int begin(void **state)
{
	struct bench *bench = calloc(1, sizeof *bench);
	login_init(&bench->login, &backend, bench, "192.0.2.9");
	*state = bench;
	return 0;
}

static int end(void **state)
{
	struct bench *bench = *state;
	login_finish(&bench->login);
	free(bench);
	return 0;
}

static enum login_result send(struct bench *bench, uint8_t flags, const char *text, size_t length)
{
	uint8_t bhs[BHS_LENGTH] = {PDU_LOGIN | PDU_IMMEDIATE, flags};
	put_be32(bhs + BHS_ITT, 5);
	return login_receive(&bench->login, bhs, text, (uint32_t)length, &bench->answer);
}

#define SEND(flags, text) send(bench, flags, text, sizeof(text) - 1)

static bool answered(const struct bench *bench, const char *pair)
{
	for (uint32_t at = 0; at < bench->answer.length;
		at += (uint32_t)strlen(bench->answer.text + at) + 1)
		if (!strcmp(bench->answer.text + at, pair))
			return true;
	return false;
}

static const char *value_of(const struct bench *bench, const char *key)
{
	size_t length = strlen(key);
	for (uint32_t at = 0; at < bench->answer.length;
		at += (uint32_t)strlen(bench->answer.text + at) + 1)
		if (!strncmp(bench->answer.text + at, key, length) &&
			bench->answer.text[at + length] == '=')
			return bench->answer.text + at + length + 1;
	fail_msg("no %s in the answer", key);
	return "";
}

#define EXPECT_REFUSED(result, why)                                                                \
	do {                                                                                       \
		assert_int_equal((result), LOGIN_ENDS);                                            \
		assert_int_equal(bench->answer.status, (why));                                     \
	} while (0)

static void one_request_may_be_all(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(SEND(OPERATIONAL_ON, NAMES "HeaderDigest=None\0"), LOGIN_ACCEPTED);
	assert_int_equal(bench->answer.flags, 0x87);
	assert_true(answered(bench, "TargetPortalGroupTag=1"));
	assert_true(answered(bench, "HeaderDigest=None"));
	assert_true(answered(bench, "MaxRecvDataSegmentLength=262144"));
	assert_int_equal(bench->admissions, 1);
}

static void stages_follow_each_other(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(SEND(SECURITY_ON, NAMES "AuthMethod=CHAP,None\0"), LOGIN_GOES_ON);
	assert_true(answered(bench, "AuthMethod=None"));
	assert_int_equal(bench->answer.flags, 0x81);
	assert_int_equal(SEND(OPERATIONAL_ON, "InitiatorName=iqn.a\0"), LOGIN_ACCEPTED);
	assert_int_equal(bench->admissions, 1);
}

static void a_name_that_changes_is_refused(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(SEND(SECURITY_ON, NAMES "AuthMethod=None\0"), LOGIN_GOES_ON);
	EXPECT_REFUSED(
		SEND(OPERATIONAL_ON, "InitiatorName=iqn.b\0"), PORTAL_STATUS_INITIATOR_ERROR);
}

static void text_may_come_in_parts(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(SEND(0x44, "InitiatorName=iq"), LOGIN_GOES_ON);
	assert_int_equal(bench->answer.flags, OPERATIONAL_STAYS);
	assert_int_equal(SEND(OPERATIONAL_ON, "n.a\0TargetName=iqn.t\0"), LOGIN_ACCEPTED);
}

static void missing_names_are_named(void **state)
{
	struct bench *bench = *state;
	EXPECT_REFUSED(
		SEND(OPERATIONAL_ON, "InitiatorName=iqn.a\0"), PORTAL_STATUS_MISSING_PARAMETER);
}

static void discovery_needs_no_target(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(SEND(OPERATIONAL_ON, "InitiatorName=iqn.a\0SessionType=Discovery\0"),
		LOGIN_ACCEPTED);
}

static void an_unknown_session_type_is_refused(void **state)
{
	struct bench *bench = *state;
	EXPECT_REFUSED(
		SEND(OPERATIONAL_ON, NAMES "SessionType=Boot\0"), PORTAL_STATUS_SESSION_TYPE);
}

static void the_backend_may_refuse(void **state)
{
	struct bench *bench = *state;
	bench->status = PORTAL_STATUS_NOT_FOUND;
	EXPECT_REFUSED(SEND(OPERATIONAL_ON, NAMES), PORTAL_STATUS_NOT_FOUND);
	assert_int_equal(bench->answer.length, 0);
}

static void stages_do_not_go_back_or_astray(void **state)
{
	static const uint8_t wrong[] = {0x80, 0x84, 0x85, 0x86, 0x82, 0x8c, 0x0c, 0xc7};
	for (size_t i = 0; i < sizeof wrong; i++) {
		struct bench *bench;
		begin((void **)&bench);
		EXPECT_REFUSED(SEND(wrong[i], NAMES), PORTAL_STATUS_INVALID_REQUEST);
		end((void **)&bench);
	}
	(void)state;
}

static void another_version_is_refused(void **state)
{
	struct bench *bench = *state;
	uint8_t bhs[BHS_LENGTH] = {PDU_LOGIN | PDU_IMMEDIATE, OPERATIONAL_ON, 1, 1};
	EXPECT_REFUSED(login_receive(&bench->login, bhs, NULL, 0, &bench->answer),
		PORTAL_STATUS_UNSUPPORTED_VERSION);
}

/* ---- CHAP -------------------------------------------------------------------------------------
 */

/* The response to the challenge in the last answer. */
static size_t respond(struct bench *bench, const char *secret, char *ret, size_t size)
{
	uint8_t challenge[CHAP_CHALLENGE_MAX], response[CHAP_RESPONSE_MAX];
	struct text_writer writer;
	uint32_t identifier;
	size_t length = text_bytes(value_of(bench, "CHAP_C"), challenge, sizeof challenge);
	assert_int_equal(length, CHAP_CHALLENGE_LENGTH);
	assert_true(text_number(value_of(bench, "CHAP_I"), &identifier));
	length = chap_response(
		CHAP_SHA256, (uint8_t)identifier, secret, challenge, length, response);
	text_writer_init(&writer, ret, size);
	text_put(&writer, "CHAP_N", "user");
	text_put_bytes(&writer, "CHAP_R", response, length);
	return writer.length;
}

static void challenge(struct bench *bench)
{
	bench->chap = true;
	assert_int_equal(SEND(SECURITY_ON, NAMES "AuthMethod=CHAP,None\0"), LOGIN_GOES_ON);
	assert_true(answered(bench, "AuthMethod=CHAP"));
	assert_int_equal(bench->answer.flags, 0); /* not yet */
	assert_int_equal(SEND(SECURITY_STAYS, "CHAP_A=7,5\0"), LOGIN_GOES_ON);
	assert_true(answered(bench, "CHAP_A=7"));
}

static void the_right_secret_gets_on(void **state)
{
	struct bench *bench = *state;
	char text[512];
	challenge(bench);
	size_t length = respond(bench, "secret", text, sizeof text);
	assert_int_equal(send(bench, SECURITY_ON, text, length), LOGIN_GOES_ON);
	assert_int_equal(bench->answer.flags, 0x81);
	assert_int_equal(SEND(OPERATIONAL_ON, ""), LOGIN_ACCEPTED);
}

static void the_wrong_secret_does_not(void **state)
{
	struct bench *bench = *state;
	char text[512];
	challenge(bench);
	size_t length = respond(bench, "Secret", text, sizeof text);
	EXPECT_REFUSED(send(bench, SECURITY_ON, text, length), PORTAL_STATUS_AUTHENTICATION_FAILED);
}

static void chap_cannot_be_passed_by(void **state)
{
	static const struct {
		uint8_t flags;
		const char *text;
		size_t length;
	} ways[] = {
		{OPERATIONAL_ON, NAMES, sizeof NAMES - 1},
		{SECURITY_ON, NAMES "AuthMethod=None\0", sizeof NAMES + 16},
		{0x83, NAMES, sizeof NAMES - 1},
		{SECURITY_ON, NAMES "CHAP_N=user\0CHAP_R=0x00\0", sizeof NAMES + 24},
	};
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		struct bench *bench;
		begin((void **)&bench);
		bench->chap = true;
		EXPECT_REFUSED(send(bench, ways[i].flags, ways[i].text, ways[i].length),
			PORTAL_STATUS_AUTHENTICATION_FAILED);
		end((void **)&bench);
	}
	(void)state;
}

static void our_challenge_is_not_answered_to_ourselves(void **state)
{
	struct bench *bench = *state;
	char text[1024];
	bench->mutual = true;
	challenge(bench);
	size_t length = respond(bench, "secret", text, sizeof text);
	length += (size_t)sprintf(text + length, "CHAP_I=1") + 1;
	length += (size_t)sprintf(text + length, "CHAP_C=%s", value_of(bench, "CHAP_C")) + 1;
	EXPECT_REFUSED(send(bench, SECURITY_ON, text, length), PORTAL_STATUS_AUTHENTICATION_FAILED);
}

static void one_secret_for_both_ways_is_refused(void **state)
{
	struct bench *bench = *state;
	bench->chap = bench->same_secrets = bench->mutual = true;
	EXPECT_REFUSED(SEND(SECURITY_ON, NAMES "AuthMethod=CHAP\0"), PORTAL_STATUS_TARGET_ERROR);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_request_may_be_all),
		TEST(stages_follow_each_other),
		TEST(a_name_that_changes_is_refused),
		TEST(text_may_come_in_parts),
		TEST(missing_names_are_named),
		TEST(discovery_needs_no_target),
		TEST(an_unknown_session_type_is_refused),
		TEST(the_backend_may_refuse),
		cmocka_unit_test(stages_do_not_go_back_or_astray),
		TEST(another_version_is_refused),
		TEST(the_right_secret_gets_on),
		TEST(the_wrong_secret_does_not),
		cmocka_unit_test(chap_cannot_be_passed_by),
		TEST(our_challenge_is_not_answered_to_ourselves),
		TEST(one_secret_for_both_ways_is_refused),
	};
	return cmocka_run_group_tests_name("iscsi/login", tests, NULL, NULL);
}
