/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of who may log in, and what they are compared with: two texts, split by a newline. The
 * matcher of patterns is compared with one that is obviously right, on texts that are short.
 */
#include "support.h"

#include <stdlib.h>

#include "access.h"

enum { SHORT = 12 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool matches(const char *pattern, const char *name)
{
	if (*pattern == '*')
		return matches(pattern + 1, name) || (*name && matches(pattern, name + 1));
	if (!*pattern || !*name)
		return !*pattern && !*name;
	return small(*pattern) == small(*name) && matches(pattern + 1, name + 1);
}

static void check_pattern(const char *pattern, const char *name)
{
	bool answer = access_pattern_matches(pattern, name);
	if (strlen(pattern) <= SHORT && strlen(name) <= SHORT)
		assert_int_equal(answer, matches(pattern, name));
	if (access_iscsi_name_valid(name)) {
		assert_true(access_pattern_valid(name));
		assert_true(access_pattern_matches(name, name));
	}
}

static void check_network(const char *network, const char *address)
{
	/* What lets everybody in lets everybody in that has an IPv4 address. */
	if (network[0] != '*' && access_network_valid(network) && access_rule_is_all(network) &&
		access_network_contains("0.0.0.0/0", address))
		assert_true(access_network_contains(network, address));
	/* An address is in itself. */
	if (access_network_valid(network) && !strchr(network, '/'))
		assert_true(access_network_contains(network, network));
	if (access_address_is_loopback(address))
		assert_true(access_network_contains("::/0", address));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	char *second = strchr(text, '\n');
	if (second)
		*second++ = '\0';
	char *exact = strdup(second ? second : ""); /* so that a byte too many is seen */
	check_pattern(text, exact);
	check_network(text, exact);
	access_iscsi_name_normalize(exact);
	free(exact);
	free(text);
	return 0;
}
