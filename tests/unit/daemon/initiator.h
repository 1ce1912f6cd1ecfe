/* SPDX-License-Identifier: Apache-2.0 */
/* An iSCSI initiator (libiscsi), one call at a time. Apart from the library: names clash. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct initiator;

struct initiator_login {
	const char *address; /* of the portal */
	const char *target;
	const char *name;          /* NULL: the usual one */
	unsigned qualifier;        /* of the ISID; the same again is the same initiator port */
	bool random_isid;          /* made up, as libiscsi does by itself */
	const char *user, *secret; /* NULL: no CHAP */
	const char *target_user, *target_secret; /* NULL: the target need not prove itself */
};

#define INITIATOR_NAME "iqn.1993-08.org.debian:01:tests"

/* NULL: refused, and ret_why is what libiscsi says of it. */
struct initiator *initiator_login(const struct initiator_login *login, char *ret_why, size_t size);
/* By logout; NULL is allowed. */
void initiator_logout(struct initiator *initiator);
/* Without a word: the connection is gone. */
void initiator_vanish(struct initiator *initiator);

/* 0 is GOOD, else sense key, ASC and ASCQ (0x062900); -1: there is no session any more. */
int initiator_ready(struct initiator *initiator, int lun);
int initiator_prevent(struct initiator *initiator, int lun, bool prevent);
/* The first byte of the block too. */
int initiator_read(struct initiator *initiator, int lun, uint32_t lba, uint8_t *ret_first);
/* How many LUNs it is told of. */
unsigned initiator_luns(struct initiator *initiator);

/* Names of the targets, each with a space behind it. */
void initiator_discover(const char *address, const char *name, char *ret, size_t size);
