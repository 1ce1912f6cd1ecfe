/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "negotiate.h"

struct asked {
	struct negotiation negotiation;
	unsigned phase;
	char answer[256];
	bool good;
};

static void ask(struct asked *asked, const char *key, const char *value)
{
	struct text_pair pair = {.value = value};
	struct text_writer writer;
	snprintf(pair.key, sizeof pair.key, "%s", key);
	memset(asked->answer, 0, sizeof asked->answer);
	text_writer_init(&writer, asked->answer, sizeof asked->answer - 1);
	asked->good = negotiate(&asked->negotiation, asked->phase, &pair, &writer);
}

static void begin(struct asked *asked, unsigned phase)
{
	negotiation_init(&asked->negotiation);
	asked->phase = phase;
}

struct exchange {
	const char *key, *offered, *answer; /* "": no answer */
};

static void expect(const struct exchange *exchange, unsigned phase)
{
	struct asked asked;
	char wanted[256] = "";
	begin(&asked, phase);
	ask(&asked, exchange->key, exchange->offered);
	assert_true(asked.good);
	if (*exchange->answer)
		snprintf(wanted, sizeof wanted, "%s=%s", exchange->key, exchange->answer);
	assert_string_equal(asked.answer, wanted);
}

static void every_key_is_answered_by_its_kind(void **state)
{
	static const struct exchange exchanges[] = {
		{"HeaderDigest", "None,CRC32C", "None"},
		{"HeaderDigest", "CRC32C,None", "CRC32C"},
		{"HeaderDigest", "X-org.example.sum,None,CRC32C", "None"},
		{"DataDigest", "CRC32C", "CRC32C"},
		{"DataDigest", "MD5", "Reject"},
		{"MaxConnections", "8", "1"},
		{"InitialR2T", "No", "No"},
		{"InitialR2T", "Yes", "Yes"},
		{"ImmediateData", "Yes", "Yes"},
		{"ImmediateData", "No", "No"},
		{"ImmediateData", "Maybe", "Reject"},
		{"MaxRecvDataSegmentLength", "65536", ""},
		{"MaxRecvDataSegmentLength", "511", "Reject"},
		{"MaxRecvDataSegmentLength", "16777216", "Reject"},
		{"MaxBurstLength", "262144", "262144"},
		{"MaxBurstLength", "16776192", "1048576"},
		{"FirstBurstLength", "65536", "65536"},
		{"DefaultTime2Wait", "0", "2"},
		{"DefaultTime2Wait", "20", "20"},
		{"DefaultTime2Retain", "20", "0"},
		{"DefaultTime2Retain", "3601", "Reject"},
		{"MaxOutstandingR2T", "16", "1"},
		{"DataPDUInOrder", "No", "Yes"},
		{"DataSequenceInOrder", "No", "Yes"},
		{"ErrorRecoveryLevel", "2", "0"},
		{"IFMarker", "Yes", "No"},
		{"OFMarker", "No", "No"},
		{"OFMarkInt", "2048~8192", "Reject"},
		{"InitiatorAlias", "a host", ""},
		{"X#NodeArchitecture", "x", ""},
		{"TaskReporting", "FastAbort,RFC3720", "RFC3720"},
		{"TaskReporting", "FastAbort", "Reject"},
		{"iSCSIProtocolLevel", "2", "1"},
		{"TargetAlias", "x", "Reject"},
		{"TargetPortalGroupTag", "1", "Reject"},
		{"TargetAddress", "1.2.3.4", "Reject"},
		{"SendTargets", "All", "Reject"},
		{"X-org.example.foo", "1", "NotUnderstood"},
	};
	for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++)
		expect(&exchanges[i], NEGOTIATE_LOGIN);
}

static void data_keys_are_irrelevant_for_discovery(void **state)
{
	static const struct exchange exchanges[] = {
		{"InitialR2T", "No", "Irrelevant"},
		{"MaxBurstLength", "1024", "Irrelevant"},
		{"MaxConnections", "1", "Irrelevant"},
		{"HeaderDigest", "CRC32C", "CRC32C"},
		{"ErrorRecoveryLevel", "1", "0"},
	};
	for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++)
		expect(&exchanges[i], NEGOTIATE_LOGIN | NEGOTIATE_DISCOVERY);
}

static void login_keys_are_rejected_later(void **state)
{
	static const struct exchange exchanges[] = {
		{"HeaderDigest", "None", "Reject"},
		{"MaxBurstLength", "1024", "Reject"},
		{"InitiatorName", "iqn.x", "Reject"},
		{"TargetName", "iqn.x", "Reject"},
		{"SessionType", "Normal", "Reject"},
		{"AuthMethod", "None", "Reject"},
		{"MaxRecvDataSegmentLength", "1024", ""},
	};
	for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++)
		expect(&exchanges[i], NEGOTIATE_FULL);
}

static void what_was_agreed_is_kept(void **state)
{
	struct asked asked;
	const struct parameters *agreed = &asked.negotiation.parameters;
	begin(&asked, NEGOTIATE_LOGIN);
	assert_int_equal(agreed->max_send, 8192);
	assert_int_equal(agreed->max_burst, 262144);
	assert_int_equal(agreed->first_burst, 65536);
	assert_true(agreed->initial_r2t && agreed->immediate_data);
	ask(&asked, "MaxRecvDataSegmentLength", "4096");
	ask(&asked, "MaxBurstLength", "2048");
	ask(&asked, "HeaderDigest", "CRC32C");
	ask(&asked, "InitialR2T", "No");
	assert_int_equal(agreed->max_send, 4096);
	assert_int_equal(agreed->max_burst, 2048);
	assert_int_equal(agreed->first_burst, 2048); /* never above the burst */
	assert_true(agreed->header_digest && !agreed->data_digest && !agreed->initial_r2t);
}

static void what_is_rejected_changes_nothing(void **state)
{
	struct asked asked;
	begin(&asked, NEGOTIATE_LOGIN);
	ask(&asked, "MaxBurstLength", "1");
	ask(&asked, "MaxRecvDataSegmentLength", "x");
	assert_int_equal(asked.negotiation.parameters.max_burst, 262144);
	assert_int_equal(asked.negotiation.parameters.max_send, 8192);
}

static void a_key_is_negotiated_once(void **state)
{
	struct asked asked;
	begin(&asked, NEGOTIATE_LOGIN);
	ask(&asked, "MaxBurstLength", "4096");
	assert_true(asked.good);
	ask(&asked, "MaxBurstLength", "4096");
	assert_false(asked.good);
}

static void unknown_keys_are_understood_to_be_an_attack_at_some_point(void **state)
{
	struct asked asked;
	unsigned count = 0;
	begin(&asked, NEGOTIATE_LOGIN);
	do {
		ask(&asked, "X-y", "1");
		count++;
	} while (asked.good && count < 1000);
	assert_int_equal(count, 33);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_answered_by_its_kind),
		cmocka_unit_test(data_keys_are_irrelevant_for_discovery),
		cmocka_unit_test(login_keys_are_rejected_later),
		cmocka_unit_test(what_was_agreed_is_kept),
		cmocka_unit_test(what_is_rejected_changes_nothing),
		cmocka_unit_test(a_key_is_negotiated_once),
		cmocka_unit_test(unknown_keys_are_understood_to_be_an_attack_at_some_point),
	};
	return cmocka_run_group_tests_name("iscsi/negotiate", tests, NULL, NULL);
}
