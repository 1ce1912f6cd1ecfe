/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CHAP (RFC 1994, RFC 7143 12.1.3) with MD5 and SHA-256, one way and mutual. Every exchange has its
 * own random challenge; an initiator that hands ours back as its own is refused.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHAP_CHALLENGE_LENGTH = 32, CHAP_CHALLENGE_MAX = 1024, CHAP_RESPONSE_MAX = 32 };

enum chap_algorithm { CHAP_NONE = 0, CHAP_MD5 = 5, CHAP_SHA256 = 7 };

struct chap {
	enum chap_algorithm algorithm;
	uint8_t identifier;
	uint8_t challenge[CHAP_CHALLENGE_LENGTH];
};

/* The first of the initiator's list ("7,5") that we have; CHAP_NONE when there is none. */
enum chap_algorithm chap_choose(const char *list);
/* A fresh challenge. False: the system has no random numbers. */
bool chap_begin(struct chap *chap, enum chap_algorithm algorithm);

/* The response to a challenge; returns its length. */
size_t chap_response(enum chap_algorithm algorithm, uint8_t identifier, const char *secret,
	const uint8_t *challenge, size_t challenge_length, uint8_t ret[CHAP_RESPONSE_MAX]);

/* The initiator's answer to our challenge is right. Constant time. */
bool chap_verify(
	const struct chap *chap, const char *secret, const uint8_t *response, size_t length);
/* The initiator's challenge may be answered: it is not our own, nor as good as none. */
bool chap_may_answer(const struct chap *chap, const uint8_t *challenge, size_t length);
/* Two secrets, in constant time. */
bool chap_same_secret(const char *a, const char *b);
