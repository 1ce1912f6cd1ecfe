/* SPDX-License-Identifier: Apache-2.0 */
#include "login_security.h"

enum { IDENTIFIER_MAX = 255 };

/* The security keys of one request; NULL: not there. */
struct security_keys {
	const char *method, *algorithms, *name, *response, *identifier, *challenge;
	bool twice;
};

static const char **key_place(struct security_keys *keys, const char *key)
{
	const struct {
		const char *key;
		const char **place;
	} places[] = {
		{"AuthMethod", &keys->method},
		{"CHAP_A", &keys->algorithms},
		{"CHAP_N", &keys->name},
		{"CHAP_R", &keys->response},
		{"CHAP_I", &keys->identifier},
		{"CHAP_C", &keys->challenge},
	};
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (!strcmp(key, places[i].key))
			return places[i].place;
	return NULL;
}

bool login_is_security_key(const char *key)
{
	struct security_keys keys;
	return key_place(&keys, key);
}

static struct security_keys collect(const struct login *login)
{
	struct security_keys keys = {0};
	struct text_reader reader;
	struct text_pair pair;
	text_reader_init(&reader, login->text, login->text_length);
	while (text_next(&reader, &pair)) {
		const char **place = key_place(&keys, pair.key);
		if (!place)
			continue;
		keys.twice |= *place != NULL;
		*place = pair.value;
	}
	return keys;
}

/* CHAP where it is required, and no method where it is not. */
static enum portal_status choose_method(
	struct login *login, const char *list, struct text_writer *answer)
{
	const char *method = login->admission.chap ? "CHAP" : "None";
	if (login->chap_step != CHAP_IDLE || !text_list_has(list, method))
		return PORTAL_STATUS_AUTHENTICATION_FAILED;
	text_put(answer, "AuthMethod", method);
	if (login->admission.chap)
		login->chap_step = CHAP_WANTS_LIST;
	return PORTAL_STATUS_SUCCESS;
}

static enum portal_status challenge(
	struct login *login, const char *algorithms, struct text_writer *answer)
{
	enum chap_algorithm algorithm = chap_choose(algorithms);
	if (login->chap_step != CHAP_WANTS_LIST || algorithm == CHAP_NONE)
		return PORTAL_STATUS_AUTHENTICATION_FAILED;
	if (!chap_begin(&login->chap, algorithm))
		return PORTAL_STATUS_OUT_OF_RESOURCES;
	text_put_number(answer, "CHAP_A", algorithm);
	text_put_number(answer, "CHAP_I", login->chap.identifier);
	text_put_bytes(answer, "CHAP_C", login->chap.challenge, sizeof login->chap.challenge);
	login->chap_step = CHAP_WANTS_RESPONSE;
	return PORTAL_STATUS_SUCCESS;
}

/* The initiator wants a proof of us. */
static enum portal_status answer_challenge(
	struct login *login, const struct security_keys *keys, struct text_writer *answer)
{
	uint8_t theirs[CHAP_CHALLENGE_MAX], response[CHAP_RESPONSE_MAX];
	uint32_t identifier;
	if (!keys->identifier && !keys->challenge)
		return PORTAL_STATUS_SUCCESS;
	if (!keys->identifier || !keys->challenge || !login->admission.own_user[0] ||
		!text_number(keys->identifier, &identifier) || identifier > IDENTIFIER_MAX)
		return PORTAL_STATUS_AUTHENTICATION_FAILED;
	size_t length = text_bytes(keys->challenge, theirs, sizeof theirs);
	if (!chap_may_answer(&login->chap, theirs, length))
		return PORTAL_STATUS_AUTHENTICATION_FAILED;
	length = chap_response(login->chap.algorithm, (uint8_t)identifier,
		login->admission.own_secret, theirs, length, response);
	text_put(answer, "CHAP_N", login->admission.own_user);
	text_put_bytes(answer, "CHAP_R", response, length);
	return PORTAL_STATUS_SUCCESS;
}

static enum portal_status verify(
	struct login *login, const struct security_keys *keys, struct text_writer *answer)
{
	uint8_t response[CHAP_RESPONSE_MAX];
	if (login->chap_step != CHAP_WANTS_RESPONSE || !keys->name || !keys->response)
		return PORTAL_STATUS_AUTHENTICATION_FAILED;
	size_t length = text_bytes(keys->response, response, sizeof response);
	bool right = chap_verify(&login->chap, login->admission.secret, response, length);
	if (!right || !chap_same_secret(keys->name, login->admission.user))
		return PORTAL_STATUS_AUTHENTICATION_FAILED;
	login->chap_step = CHAP_DONE;
	return answer_challenge(login, keys, answer);
}

enum portal_status login_security(struct login *login, struct text_writer *answer)
{
	struct security_keys keys = collect(login);
	bool any = keys.method || keys.algorithms || keys.name || keys.response ||
		   keys.identifier || keys.challenge;
	enum portal_status status = PORTAL_STATUS_SUCCESS;
	if (login->stage != STAGE_SECURITY) {
		bool proved = !login->admission.chap || login->chap_step == CHAP_DONE;
		return any      ? PORTAL_STATUS_INITIATOR_ERROR
		       : proved ? PORTAL_STATUS_SUCCESS
				: PORTAL_STATUS_AUTHENTICATION_FAILED;
	}
	if (keys.twice)
		return PORTAL_STATUS_INITIATOR_ERROR;
	if (keys.method)
		status = choose_method(login, keys.method, answer);
	if (status == PORTAL_STATUS_SUCCESS && keys.algorithms)
		status = challenge(login, keys.algorithms, answer);
	if (status == PORTAL_STATUS_SUCCESS && (keys.name || keys.response))
		status = verify(login, &keys, answer);
	return status;
}
