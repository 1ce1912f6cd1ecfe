/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile login: each request is one byte of flags, two of length and that much text, until it
 * ends. The first byte says whether CHAP is required. Nobody gets in without the secret.
 */
#include "support.h"

#include <stdlib.h>

#include "login.h"
#include "util/reader.h"

enum { REQUESTS_MAX = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void admit(void *context, const struct portal_login *login, struct portal_admission *ret)
{
	ret->chap = *(const bool *)context;
	strcpy(ret->user, "user");
	strcpy(ret->secret, "nobody can guess this");
	strcpy(ret->own_user, "us");
	strcpy(ret->own_secret, "nor this");
}

static const struct portal_backend backend = {.admit = admit};

static enum login_result send_one(
	struct login *login, struct reader *reader, struct login_answer *answer)
{
	static uint8_t text[65536];
	uint8_t bhs[BHS_LENGTH] = {PDU_LOGIN | PDU_IMMEDIATE, reader_u8(reader)};
	size_t length = reader_be16(reader);
	if (length > reader->left)
		length = reader->left;
	reader_bytes(reader, text, length);
	/* A copy of its own, so that a byte too many is seen. */
	void *exact = malloc(length);
	if (length > 0)
		memcpy(exact, text, length);
	enum login_result result = login_receive(login, bhs, exact, (uint32_t)length, answer);
	free(exact);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct login login;
	static struct login_answer answer;
	enum login_result result = LOGIN_GOES_ON;
	struct reader reader;
	reader_init(&reader, data, size);
	bool chap = reader_u8(&reader) & 1;
	login_init(&login, &backend, &chap, "192.0.2.1");
	for (int i = 0; i < REQUESTS_MAX && reader.left > 0 && result == LOGIN_GOES_ON; i++) {
		result = send_one(&login, &reader, &answer);
		assert_true(answer.length <= sizeof answer.text);
	}
	assert_false(result == LOGIN_ACCEPTED && chap);
	assert_true(login.negotiation.parameters.max_send >= 512);
	assert_true(
		login.negotiation.parameters.first_burst <= login.negotiation.parameters.max_burst);
	login_finish(&login);
	return 0;
}
