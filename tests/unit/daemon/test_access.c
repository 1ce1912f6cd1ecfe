/* SPDX-License-Identifier: Apache-2.0 */
/* iSCSI names and patterns, addresses and networks. */
#include "support.h"

#include "access.h"

static void names_have_one_of_three_forms(void **state)
{
	static const char *const good[] = {"iqn.1993-08.org.debian:01:abc",
		"iqn.2001-04.com.example", "iqn.2001-04.com.example:storage.disk-2",
		"eui.02004567a425678d", "naa.52004567ba64678d",
		"naa.62004567ba64678d0123456789abcdef"};
	static const char *const bad[] = {"", "iqn.", "iqn.2001.com.example", "iqn.2001-04.",
		"iqn.2001-04.:x", "IQN.2001-04.com.example", "iqn.2001-04.com.example:a b",
		"iqn.2001-04.com.example:a_b", "eui.02004567a425678", "eui.02004567a425678g",
		"naa.52004567ba64678d0", "disk.1", "iqn.2001-04.com.example:\xc3\xa4"};
	for (unsigned i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!access_iscsi_name_valid(good[i]))
			fail_msg("%s", good[i]);
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (access_iscsi_name_valid(bad[i]))
			fail_msg("%s", bad[i]);
}

static void names_have_at_most_223_bytes(void **state)
{
	char name[300] = "iqn.2001-04.com.example:";
	memset(name + strlen(name), 'x', 223 - strlen(name));
	assert_true(access_iscsi_name_valid(name));
	name[223] = 'x';
	assert_false(access_iscsi_name_valid(name));
}

static void letters_become_small(void **state)
{
	char name[] = "IQN.2001-04.Com.Example:Z";
	access_iscsi_name_normalize(name);
	assert_string_equal(name, "iqn.2001-04.com.example:z");
}

static const struct {
	const char *pattern, *name;
	bool matches;
} patterns[] = {
	{"iqn.a:b", "iqn.a:b", true},
	{"iqn.a:b", "iqn.a:bc", false},
	{"iqn.a:b", "iqn.a:", false},
	{"*", "iqn.a", true},
	{"iqn.a:*", "iqn.a:", true},
	{"iqn.a:*", "iqn.a:x*y", true},
	{"iqn.a:*", "iqn.b:x", false},
	{"*:x", "iqn.a:x:x", true},
	{"*:x", "iqn.a:x:y", false},
	{"iqn.*:*:z", "iqn.a:b:c:z", true},
	{"iqn.*b*c", "iqn.abbc", true},
	{"iqn.*b*c", "iqn.acb", false},
	{"IQN.A:*", "iqn.a:X", true},
	{"**", "", true},
};

static void a_star_stands_for_any_characters(void **state)
{
	for (unsigned i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
		if (access_pattern_matches(patterns[i].pattern, patterns[i].name) !=
			patterns[i].matches)
			fail_msg("%s and %s", patterns[i].pattern, patterns[i].name);
}

/* What takes exponential time in careless matchers. */
static void many_stars_take_no_time(void **state)
{
	char pattern[224], name[224];
	for (unsigned i = 0; i < 222; i++)
		pattern[i] = i % 2 ? '*' : 'a';
	pattern[222] = 'b';
	pattern[223] = '\0';
	memset(name, 'a', 223);
	name[223] = '\0';
	for (unsigned i = 0; i < 1000; i++)
		assert_false(access_pattern_matches(pattern, name));
}

static void patterns_have_the_characters_of_names(void **state)
{
	assert_true(access_pattern_valid("iqn.1993-08.org.debian:*"));
	assert_true(access_pattern_valid("*"));
	assert_true(access_pattern_valid("IQN.X"));
	assert_false(access_pattern_valid(""));
	assert_false(access_pattern_valid("iqn.[ab]"));
	assert_false(access_pattern_valid("iqn.a b"));
	assert_false(access_pattern_valid("iqn.a?"));
}

static const struct {
	const char *network, *address;
	bool contains;
} networks[] = {
	{"10.0.0.0/8", "10.255.0.1", true},
	{"10.0.0.0/8", "11.0.0.0", false},
	{"10.0.0.0/8", "::ffff:10.1.2.3", true},
	{"192.168.1.128/25", "192.168.1.128", true},
	{"192.168.1.128/25", "192.168.1.127", false},
	{"192.168.1.7", "192.168.1.7", true},
	{"192.168.1.7", "192.168.1.6", false},
	{"0.0.0.0/0", "8.8.8.8", true},
	{"0.0.0.0/0", "2001:db8::1", false},
	{"::/0", "2001:db8::1", true},
	{"fd00::/8", "fdff::1", true},
	{"fd00::/8", "fe80::1", false},
	{"2001:db8::/33", "2001:db8:7fff::", true},
	{"2001:db8::/33", "2001:db8:8000::", false},
	{"2001:db8::5", "2001:db8::5", true},
	{"fe80::/10", "fe80::1%eth0", true},
	{"fe80::1", "fe80::1%a-name-of-an-interface", true},
	{"fe80::/10", "%eth0", false},
	{"10.0.0.0/8", "no address", false},
};

static void networks_contain_addresses(void **state)
{
	for (unsigned i = 0; i < sizeof networks / sizeof networks[0]; i++)
		if (access_network_contains(networks[i].network, networks[i].address) !=
			networks[i].contains)
			fail_msg("%s and %s", networks[i].network, networks[i].address);
}

static void malformed_networks_are_refused(void **state)
{
	static const char *const bad[] = {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1",
		"10.0.0.0/8x", "10.0.0/8", "10.0.0.1/8", "fd00::1/8", "::/129", "host",
		"10.0.0.0/+8", "10.0.0.0/0008"};
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (access_network_valid(bad[i]))
			fail_msg("%s", bad[i]);
	for (unsigned i = 0; i + 1 < sizeof networks / sizeof networks[0]; i++)
		assert_true(access_network_valid(networks[i].network));
}

static void loopback_is_known(void **state)
{
	assert_true(access_address_is_loopback("127.0.0.1"));
	assert_true(access_address_is_loopback("127.9.9.9"));
	assert_true(access_address_is_loopback("::1"));
	assert_true(access_address_is_loopback("::ffff:127.0.0.1"));
	assert_false(access_address_is_loopback("0.0.0.0"));
	assert_false(access_address_is_loopback("::"));
	assert_false(access_address_is_loopback("10.0.0.1"));
}

static void rules_that_let_all_in_are_known(void **state)
{
	assert_true(access_rule_is_all("*"));
	assert_true(access_rule_is_all("**"));
	assert_true(access_rule_is_all("0.0.0.0/0"));
	assert_true(access_rule_is_all("::/0"));
	assert_true(access_rule_is_all("::ffff:0.0.0.0/96"));
	assert_true(access_rule_is_all("::/1"));
	assert_false(access_rule_is_all("8000::/1"));
	assert_false(access_rule_is_all("::ffff:0.0.0.0/97"));
	assert_false(access_rule_is_all("iqn.*"));
	assert_false(access_rule_is_all("10.0.0.0/8"));
	assert_false(access_rule_is_all("0.0.0.0"));
	assert_false(access_rule_is_all("2001:db8:1:2:3:4::/96")); /* as long as that of all IPv4 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_one_of_three_forms),
		cmocka_unit_test(names_have_at_most_223_bytes),
		cmocka_unit_test(letters_become_small),
		cmocka_unit_test(a_star_stands_for_any_characters),
		cmocka_unit_test(many_stars_take_no_time),
		cmocka_unit_test(patterns_have_the_characters_of_names),
		cmocka_unit_test(networks_contain_addresses),
		cmocka_unit_test(malformed_networks_are_refused),
		cmocka_unit_test(loopback_is_known),
		cmocka_unit_test(rules_that_let_all_in_are_known),
	};
	return cmocka_run_group_tests_name("daemon/access", tests, NULL, NULL);
}
