/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "chap.h"

/* H(07h, "secret", 00h 01h … 1Fh), by another implementation. */
static const uint8_t md5_wanted[16] = {0xd2, 0xba, 0x1c, 0x57, 0x19, 0x23, 0x77, 0xf2, 0xf6, 0xbf,
	0xd6, 0xcb, 0xf9, 0xb8, 0xe8, 0xcd};
static const uint8_t sha256_wanted[32] = {0x50, 0xca, 0x51, 0xc1, 0x76, 0xb8, 0x45, 0xab, 0x5b,
	0xb7, 0xda, 0xa1, 0x87, 0xda, 0x02, 0xdc, 0xec, 0x25, 0x4c, 0xe1, 0xaf, 0x45, 0xfe, 0x16,
	0x04, 0xc7, 0x6b, 0xaf, 0xe6, 0x02, 0xb2, 0x7c};

static void count_up(uint8_t challenge[CHAP_CHALLENGE_LENGTH])
{
	for (unsigned i = 0; i < CHAP_CHALLENGE_LENGTH; i++)
		challenge[i] = (uint8_t)i;
}

static void responses_are_those_of_others(void **state)
{
	uint8_t challenge[CHAP_CHALLENGE_LENGTH], response[CHAP_RESPONSE_MAX];
	count_up(challenge);
	assert_int_equal(chap_response(CHAP_MD5, 7, "secret", challenge, 32, response), 16);
	assert_memory_equal(response, md5_wanted, 16);
	assert_int_equal(chap_response(CHAP_SHA256, 7, "secret", challenge, 32, response), 32);
	assert_memory_equal(response, sha256_wanted, 32);
}

static void the_first_algorithm_that_we_have_is_chosen(void **state)
{
	assert_int_equal(chap_choose("7,5"), CHAP_SHA256);
	assert_int_equal(chap_choose("5,7"), CHAP_MD5);
	assert_int_equal(chap_choose("8,6,5"), CHAP_MD5);
	assert_int_equal(chap_choose("6"), CHAP_NONE);
	assert_int_equal(chap_choose(""), CHAP_NONE);
	assert_int_equal(chap_choose("x"), CHAP_NONE);
	assert_int_equal(chap_choose("55"), CHAP_NONE);
}

static void only_the_right_response_is_right(void **state)
{
	struct chap chap = {.algorithm = CHAP_MD5, .identifier = 7};
	uint8_t response[CHAP_RESPONSE_MAX];
	count_up(chap.challenge);
	memcpy(response, md5_wanted, 16);
	assert_true(chap_verify(&chap, "secret", response, 16));
	assert_false(chap_verify(&chap, "secreu", response, 16));
	assert_false(chap_verify(&chap, "secret", response, 15));
	assert_false(chap_verify(&chap, "secret", response, 0));
	response[15] ^= 1;
	assert_false(chap_verify(&chap, "secret", response, 16));
}

static void every_challenge_is_another(void **state)
{
	struct chap a, b;
	assert_true(chap_begin(&a, CHAP_MD5));
	assert_true(chap_begin(&b, CHAP_MD5));
	assert_memory_not_equal(a.challenge, b.challenge, sizeof a.challenge);
}

static void our_own_challenge_is_not_answered(void **state)
{
	struct chap chap;
	assert_true(chap_begin(&chap, CHAP_MD5));
	assert_false(chap_may_answer(&chap, chap.challenge, sizeof chap.challenge));
	assert_false(chap_may_answer(&chap, chap.challenge, 0));
	assert_true(chap_may_answer(&chap, sha256_wanted, sizeof sha256_wanted));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(responses_are_those_of_others),
		cmocka_unit_test(the_first_algorithm_that_we_have_is_chosen),
		cmocka_unit_test(only_the_right_response_is_right),
		cmocka_unit_test(every_challenge_is_another),
		cmocka_unit_test(our_own_challenge_is_not_answered),
	};
	return cmocka_run_group_tests_name("iscsi/chap", tests, NULL, NULL);
}
