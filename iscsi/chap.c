/* SPDX-License-Identifier: Apache-2.0 */
#include "chap.h"

#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum chap_algorithm chap_choose(const char *list)
{
	while (*list) {
		char *end;
		unsigned long number = strtoul(list, &end, 10);
		if (end == list)
			return CHAP_NONE;
		if (number == CHAP_MD5 || number == CHAP_SHA256)
			return (enum chap_algorithm)number;
		list = *end == ',' ? end + 1 : end;
	}
	return CHAP_NONE;
}

bool chap_begin(struct chap *chap, enum chap_algorithm algorithm)
{
	uint8_t random[1 + CHAP_CHALLENGE_LENGTH];
	if (getrandom(random, sizeof random, 0) != sizeof random)
		return false;
	chap->algorithm = algorithm;
	chap->identifier = random[0];
	memcpy(chap->challenge, random + 1, sizeof chap->challenge);
	return true;
}

static size_t md5_response(uint8_t identifier, const char *secret, const uint8_t *challenge,
	size_t challenge_length, uint8_t *ret)
{
	struct md5_ctx md5;
	md5_init(&md5);
	md5_update(&md5, 1, &identifier);
	md5_update(&md5, strlen(secret), (const uint8_t *)secret);
	md5_update(&md5, challenge_length, challenge);
	md5_digest(&md5, MD5_DIGEST_SIZE, ret);
	return MD5_DIGEST_SIZE;
}

static size_t sha256_response(uint8_t identifier, const char *secret, const uint8_t *challenge,
	size_t challenge_length, uint8_t *ret)
{
	struct sha256_ctx sha;
	sha256_init(&sha);
	sha256_update(&sha, 1, &identifier);
	sha256_update(&sha, strlen(secret), (const uint8_t *)secret);
	sha256_update(&sha, challenge_length, challenge);
	sha256_digest(&sha, SHA256_DIGEST_SIZE, ret);
	return SHA256_DIGEST_SIZE;
}

size_t chap_response(enum chap_algorithm algorithm, uint8_t identifier, const char *secret,
	const uint8_t *challenge, size_t challenge_length, uint8_t ret[CHAP_RESPONSE_MAX])
{
	return algorithm == CHAP_MD5
		       ? md5_response(identifier, secret, challenge, challenge_length, ret)
		       : sha256_response(identifier, secret, challenge, challenge_length, ret);
}

bool chap_verify(
	const struct chap *chap, const char *secret, const uint8_t *response, size_t length)
{
	uint8_t wanted[CHAP_RESPONSE_MAX];
	size_t wanted_length = chap_response(chap->algorithm, chap->identifier, secret,
		chap->challenge, sizeof chap->challenge, wanted);
	return length == wanted_length && memeql_sec(wanted, response, length);
}

bool chap_may_answer(const struct chap *chap, const uint8_t *challenge, size_t length)
{
	bool ours =
		length == sizeof chap->challenge && memeql_sec(challenge, chap->challenge, length);
	return length > 0 && !ours;
}

bool chap_same_secret(const char *a, const char *b)
{
	size_t length = strlen(a);
	return length == strlen(b) && memeql_sec(a, b, length);
}
