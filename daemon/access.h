/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may log in: iSCSI names and patterns of them, addresses and networks. Text in, answers out;
 * nothing is kept.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * An iSCSI name (RFC 7143 4.2.7): "iqn.", "eui." or "naa." and what belongs behind it, at most 223
 * bytes of a-z, 0-9, '-', '.' and ':'. Upper case letters are lower ones by then (RFC 3722).
 */
bool access_iscsi_name_valid(const char *name);
/* ASCII letters to lower case, in place. */
void access_iscsi_name_normalize(char *name);

/* A pattern: such characters and '*', which stands for any characters, or none. */
bool access_pattern_valid(const char *pattern);
/* Upper and lower case are the same. */
bool access_pattern_matches(const char *pattern, const char *name);

/* "10.0.0.0/8", "fd00::/8", or an address alone; bits behind the prefix must be zero. */
bool access_network_valid(const char *network);
/*
 * `address` is numeric, with or without the interface ("fe80::1%eth0"); an IPv4 address that came
 * over IPv6 ("::ffff:…") is an IPv4 address.
 */
bool access_network_contains(const char *network, const char *address);
bool access_address_is_loopback(const char *address);

/* The rule lets everybody in, or every IPv4 address: "*", "0.0.0.0/0", "::/0". */
bool access_rule_is_all(const char *rule);
