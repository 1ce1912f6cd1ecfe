/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 223, ADDRESS_BYTES = 16, V4_OFFSET = 12, V4_BITS = 96, TEXT_MAX = 64 };

/* ---- names ----------------------------------------------------------------------------------- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

static bool is_name_character(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == ':';
}

static bool all(const char *text, bool (*is)(char))
{
	while (*text && is(*text))
		text++;
	return *text == '\0';
}

/* "iqn.YYYY-MM.": when the naming authority had its domain. */
static bool has_date(const char *text)
{
	static const char shape[] = "dddd-dd.";
	for (unsigned i = 0; shape[i]; i++)
		if (shape[i] == 'd' ? !is_digit(text[i]) : text[i] != shape[i])
			return false;
	return text[8] && text[8] != ':' && text[8] != '.';
}

static bool is_hex_of(const char *text, size_t length, size_t other_length)
{
	size_t n = strlen(text);
	return (n == length || n == other_length) && all(text, is_hex);
}

bool access_iscsi_name_valid(const char *name)
{
	if (strlen(name) > NAME_MAX_LENGTH || !all(name, is_name_character))
		return false;
	if (strncmp(name, "iqn.", 4) == 0)
		return has_date(name + 4);
	if (strncmp(name, "eui.", 4) == 0)
		return is_hex_of(name + 4, 16, 16);
	return strncmp(name, "naa.", 4) == 0 && is_hex_of(name + 4, 16, 32);
}

void access_iscsi_name_normalize(char *name)
{
	for (; *name; name++)
		*name = lower(*name);
}

static bool is_pattern_character(char c)
{
	return c == '*' || is_name_character(lower(c));
}

bool access_pattern_valid(const char *pattern)
{
	return pattern[0] && strlen(pattern) <= NAME_MAX_LENGTH &&
	       all(pattern, is_pattern_character);
}

/* Goes back to the last star only: the time is the product of both lengths at most. */
bool access_pattern_matches(const char *pattern, const char *name)
{
	const char *star = NULL, *resume = NULL;
	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			resume = name;
		} else if (lower(*pattern) == lower(*name)) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

/* ---- addresses ------------------------------------------------------------------------------- */

static const uint8_t v4_prefix[V4_OFFSET] = {[10] = 0xff, [11] = 0xff};

/* IPv4 as ::ffff:a.b.c.d, so that there is one family. */
static bool parse_address(const char *text, uint8_t ret[ADDRESS_BYTES], bool *ret_v4)
{
	memcpy(ret, v4_prefix, sizeof v4_prefix);
	*ret_v4 = inet_pton(AF_INET, text, ret + V4_OFFSET) == 1;
	return *ret_v4 || inet_pton(AF_INET6, text, ret) == 1;
}

/* 0 to `max`, digits only. */
static bool parse_bits(const char *text, unsigned max, unsigned *ret)
{
	size_t length = strlen(text);
	if (length < 1 || length > 3 || !all(text, is_digit))
		return false;
	*ret = (unsigned)strtoul(text, NULL, 10);
	return *ret <= max;
}

struct network {
	uint8_t address[ADDRESS_BYTES];
	unsigned bits;
};

static bool parse_network(const char *text, struct network *ret)
{
	char address[TEXT_MAX];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	bool v4;
	if (length >= sizeof address)
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (!parse_address(address, ret->address, &v4))
		return false;
	unsigned max = v4 ? 32 : 128;
	ret->bits = max;
	if (slash && !parse_bits(slash + 1, max, &ret->bits))
		return false;
	ret->bits += v4 ? V4_BITS : 0;
	return true;
}

static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	uint8_t mask = (uint8_t)(0xff00 >> bits % 8);
	return memcmp(a, b, bits / 8) == 0 &&
	       (bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0);
}

static bool ends_in_zeros(const struct network *network)
{
	for (unsigned bit = network->bits; bit < ADDRESS_BYTES * 8; bit++)
		if (network->address[bit / 8] & 0x80 >> bit % 8)
			return false;
	return true;
}

bool access_network_valid(const char *text)
{
	struct network network;
	return parse_network(text, &network) && ends_in_zeros(&network);
}

/* Of a peer. A link-local one has its interface behind a '%', which is no part of a network. */
static bool parse_peer(const char *text, uint8_t ret[ADDRESS_BYTES])
{
	char address[TEXT_MAX];
	size_t length = strcspn(text, "%");
	bool v4;
	if (length >= sizeof address)
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	return parse_address(address, ret, &v4);
}

bool access_network_contains(const char *text, const char *address)
{
	struct network network;
	uint8_t bytes[ADDRESS_BYTES];
	return parse_network(text, &network) && parse_peer(address, bytes) &&
	       same_prefix(network.address, bytes, network.bits);
}

bool access_address_is_loopback(const char *address)
{
	return access_network_contains("127.0.0.0/8", address) ||
	       access_network_contains("::1", address);
}

bool access_rule_is_all(const char *rule)
{
	struct network network;
	if (rule[0] == '*')
		return strspn(rule, "*") == strlen(rule);
	return parse_network(rule, &network) && network.bits <= V4_BITS &&
	       same_prefix(network.address, v4_prefix, network.bits);
}
