/* SPDX-License-Identifier: Apache-2.0 */
/* Who is logged in, out of acls/NAME/info and dynamic_sessions. */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "iscsi_fixture.h"

/* As Debian 12's 6.1.0-56 wrote it (tests/system/facts). */
#define HEAD                                                                                       \
	"InitiatorName: " HOST_A "\n"                                                              \
	"InitiatorAlias: guest\n"
#define SESSION                                                                                    \
	"LIO Session ID: 5   ISID: 0x80 8c 52 4b 00 00  TSIH: 6  SessionType: Normal\n"            \
	"Session State: TARG_SESS_STATE_LOGGED_IN\n"                                               \
	"---------------------[iSCSI Session Values]-----------------------\n"                     \
	"  CmdSN/WR  :  CmdSN/WC  :  ExpCmdSN  :  MaxCmdSN  :     ITT    :     TTT\n"              \
	" 0x00000040   0x00000040   0x28219579   0x282195b8   0x3f83c440   0x00000001\n"           \
	"----------------------[iSCSI Connections]-------------------------\n"
#define ADDRESS           "   Address 127.0.0.1 TCP  StatSN: 0xeabfd11b\n"
#define CONNECTION(state) "CID: 0  Connection State: TARG_CONN_STATE_" state "\n" ADDRESS

static struct tcmu_iscsi_session session;

static bool parse(const char *info)
{
	memset(&session, 0, sizeof session);
	return kernel_session_parse(info, &session);
}

static void a_session_is_told_whole(void **state)
{
	assert_true(parse(HEAD SESSION CONNECTION("LOGGED_IN")));
	assert_int_equal(session.id, 5);
	assert_string_equal(session.isid, "0x808c524b0000");
	assert_string_equal(session.address, "127.0.0.1");
	assert_false(session.ending);
}

static void no_session_is_none(void **state)
{
	assert_false(parse("No active iSCSI Session for Initiator Endpoint: " HOST_A "\n"));
	assert_false(parse(""));
	assert_false(parse(HEAD));
}

static void one_whose_connections_are_gone_is_ending(void **state)
{
	assert_true(parse(HEAD SESSION CONNECTION("CLEANUP_WAIT")));
	assert_true(session.ending);
	assert_true(parse(HEAD SESSION));
	assert_true(session.ending);
	assert_string_equal(session.address, "");
	assert_true(parse(HEAD SESSION CONNECTION("CLEANUP_WAIT") CONNECTION("LOGGED_IN")));
	assert_false(session.ending);
}

static void one_on_its_way_in_or_out_is_not(void **state)
{
	assert_true(parse(HEAD SESSION CONNECTION("IN_LOGOUT")));
	assert_false(session.ending);
	assert_true(parse(HEAD SESSION CONNECTION("IN_LOGIN")));
	assert_false(session.ending);
}

static void an_address_may_be_of_ipv6(void **state)
{
	assert_true(parse(HEAD SESSION "CID: 0  Connection State: TARG_CONN_STATE_LOGGED_IN\n"
				       "   Address [fd00::7] TCP  StatSN: 0x1\n"));
	assert_string_equal(session.address, "[fd00::7]");
}

/* An initiator chooses its alias. */
static void an_alias_cannot_tell_of_another_session(void **state)
{
	assert_true(parse("InitiatorName: " HOST_A "\nInitiatorAlias: x\n"
			  "LIO Session ID: 99   ISID: 0x01 02 03 04 05 06  TSIH: 9  SessionType: "
			  "Normal\nCID: 0  Connection State: TARG_CONN_STATE_CLEANUP_WAIT\n"
			  "   Address 10.0.0.1 TCP\n" SESSION CONNECTION("LOGGED_IN")));
	assert_int_equal(session.id, 5);
	assert_string_equal(session.address, "127.0.0.1");
	assert_false(session.ending);
}

static void discovery_is_no_session(void **state)
{
	assert_false(parse("LIO Session ID: 5   ISID: 0x80 8c 52 4b 00 00  TSIH: 6  SessionType: "
			   "Discovery\n"));
}

static void damaged_ones_are_none(void **state)
{
	static const char *const damaged[] = {
		"LIO Session ID: ",
		"LIO Session ID: x   ISID: 0x80 8c 52 4b 00 00  SessionType: Normal\n",
		"LIO Session ID: 5",
		"LIO Session ID: 5   ISID: 0x80 8c 52 4b 00  TSIH: 5  SessionType: Normal\n",
		"LIO Session ID: 5   ISID: 80 8c 52 4b 00 00  TSIH: 5  SessionType: Normal\n",
		"LIO Session ID: -5   ISID: 0x80 8c 52 4b 00 00  TSIH: 5  SessionType: Normal\n",
		"LIO Session ID: 5   TSIH: 5  SessionType: Normal\nISID: 0x80 8c 52 4b 00 00\n",
		" LIO Session ID: 5   ISID: 0x80 8c 52 4b 00 00  TSIH: 5  SessionType: Normal\n",
	};
	for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++)
		assert_false(parse(damaged[i]));
}

/* Cut at every byte, in memory of just that size: nothing is read behind it. */
static void cut_anywhere_it_is_read_no_further(void **state)
{
	static const char whole[] = HEAD SESSION CONNECTION("LOGGED_IN");
	for (size_t length = 0; length < sizeof whole; length++) {
		char *cut = test_malloc(length + 1);
		memcpy(cut, whole, length);
		cut[length] = '\0';
		bool told = parse(cut);
		assert_true(!told || session.id == 5);
		test_free(cut);
	}
}

static void a_long_address_is_cut(void **state)
{
	char text[2048], address[1024];
	memset(address, 'f', sizeof address - 1);
	address[sizeof address - 1] = '\0';
	snprintf(text, sizeof text, SESSION "   Address %s TCP\n", address);
	assert_true(parse(text));
	assert_int_equal(strlen(session.address), sizeof session.address - 1);
}

/* ---- out of the tree ----------------------------------------------------------------------- */

static void it_is_found_by_its_names(void **state)
{
	struct tcmu_iscsi_session ret = {.id = 77};
	ASSERT_SHOWS(TWO_HOSTS);
	assert_int_equal(kernel_session(&fake, TARGET, HOST_A, &ret), 0);
	fake_put(GROUP "/acls/" HOST_A "/info", HEAD SESSION CONNECTION("LOGGED_IN"));
	fake_put(GROUP "/acls/" HOST_B "/info",
		"No active iSCSI Session for Initiator Endpoint: " HOST_B "\n");
	assert_int_equal(kernel_session(&fake, TARGET, HOST_B, &ret), 0);
	assert_int_equal(kernel_session(&fake, TARGET, "iqn.2020-01.org.example:unknown", &ret), 0);
	assert_int_equal(kernel_session(&fake, "iqn.2020-01.org.example:unknown", HOST_A, &ret), 0);
	assert_int_equal(kernel_session(&fake, TARGET, "../../x", &ret), 0);
	assert_int_equal(ret.id, 77);
	assert_int_equal(kernel_session(&fake, TARGET, HOST_A, &ret), 1);
	assert_int_equal(ret.id, 5);
	assert_string_equal(ret.initiator, HOST_A);
}

static void a_host_that_is_made_again_has_lost_its_session(void **state)
{
	struct tcmu_iscsi_session ret;
	ASSERT_SHOWS(TWO_HOSTS);
	fake_put(GROUP "/acls/" HOST_A "/info", HEAD SESSION CONNECTION("LOGGED_IN"));
	fake_put(GROUP "/acls/" HOST_B "/info", HEAD SESSION CONNECTION("LOGGED_IN"));
	ASSERT_SHOWS(OTHER_A);
	assert_int_equal(kernel_session(&fake, TARGET, HOST_A, &ret), 0);
	assert_int_equal(kernel_session(&fake, TARGET, HOST_B, &ret), 1);
}

/* A daemon that has run out of descriptors knows nothing of anybody. */
static void what_cannot_be_read_is_no_logout(void **state)
{
	struct tcmu_iscsi_session ret = {.id = 77};
	struct rlimit limit, none;
	ASSERT_SHOWS(TWO_HOSTS);
	fake_put(GROUP "/acls/" HOST_A "/info", HEAD SESSION CONNECTION("LOGGED_IN"));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	int one = kernel_session(&fake, TARGET, HOST_A, &ret);
	int all = kernel_dynamic_sessions(&fake, TARGET, NULL, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(one, -EMFILE);
	assert_int_equal(all, -EMFILE);
	assert_int_equal(ret.id, 77);
	fake_put(GROUP "/acls/" HOST_A "/info", "LIO Session ID: \n");
	assert_int_equal(kernel_session(&fake, TARGET, HOST_A, &ret), -EBADMSG);
}

static void put_dynamic_sessions(const char *bytes, size_t length)
{
	char path[CONFIGFS_PATH_MAX];
	configfs_path(path, "%s/" GROUP "/dynamic_sessions", fake.root);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	fclose(file);
}

/* target_show_dynamic_sessions "includes the NULL terminator" of each line; seen on 6.1 too. */
static void each_line_of_it_ends_in_nul(void **state)
{
	static const char bytes[] = HOST_A "\n\0" HOST_B "\n";
	char names[2][TCMU_ISCSI_NAME_MAX];
	ASSERT_SHOWS(ANYBODY);
	put_dynamic_sessions(bytes, sizeof bytes);
	assert_int_equal(kernel_dynamic_sessions(&fake, TARGET, names, 2), 2);
	assert_string_equal(names[0], HOST_A);
	assert_string_equal(names[1], HOST_B);
}

static void whoever_is_logged_in_to_a_target_for_anybody(void **state)
{
	char names[2][TCMU_ISCSI_NAME_MAX];
	ASSERT_SHOWS(ANYBODY);
	assert_int_equal(kernel_dynamic_sessions(&fake, TARGET, names, 2), 0);
	/* A line for each session. */
	fake_put(GROUP "/dynamic_sessions", HOST_A "\n" HOST_B "\n" HOST_A);
	assert_int_equal(kernel_dynamic_sessions(&fake, TARGET, names, 2), 2);
	assert_string_equal(names[0], HOST_A);
	assert_string_equal(names[1], HOST_B);
	fake_put(GROUP "/dynamic_sessions", "a\nab\nb\na\nabc");
	assert_int_equal(kernel_dynamic_sessions(&fake, TARGET, names, 2), 4);
	assert_string_equal(names[1], "ab");
	assert_int_equal(kernel_dynamic_sessions(&fake, TARGET, NULL, 0), 4);
	assert_int_equal(kernel_dynamic_sessions(&fake, "..", names, 2), 0);
}

static void names_of_anybody_are_fit_to_print(void **state)
{
	char names[1][TCMU_ISCSI_NAME_MAX], text[600];
	ASSERT_SHOWS(ANYBODY);
	fake_put(GROUP "/dynamic_sessions", "iqn.\x1b[2J\x07 \xff");
	assert_int_equal(kernel_dynamic_sessions(&fake, TARGET, names, 1), 1);
	assert_string_equal(names[0], "iqn.?[2J???");
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	fake_put(GROUP "/dynamic_sessions", text);
	assert_int_equal(kernel_dynamic_sessions(&fake, TARGET, names, 1), 1);
	assert_int_equal(strlen(names[0]), TCMU_ISCSI_NAME_MAX - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, iscsi_setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_is_told_whole),
		cmocka_unit_test(no_session_is_none),
		cmocka_unit_test(one_whose_connections_are_gone_is_ending),
		cmocka_unit_test(one_on_its_way_in_or_out_is_not),
		cmocka_unit_test(an_address_may_be_of_ipv6),
		cmocka_unit_test(an_alias_cannot_tell_of_another_session),
		cmocka_unit_test(discovery_is_no_session),
		cmocka_unit_test(damaged_ones_are_none),
		cmocka_unit_test(cut_anywhere_it_is_read_no_further),
		cmocka_unit_test(a_long_address_is_cut),
		TEST(it_is_found_by_its_names),
		TEST(a_host_that_is_made_again_has_lost_its_session),
		TEST(what_cannot_be_read_is_no_logout),
		TEST(each_line_of_it_ends_in_nul),
		TEST(whoever_is_logged_in_to_a_target_for_anybody),
		TEST(names_of_anybody_are_fit_to_print),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
