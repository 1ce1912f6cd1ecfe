/* SPDX-License-Identifier: Apache-2.0 */
#include "login.h"

#include <stdio.h>

#include "login_security.h"

enum { FLAG_TRANSIT = 0x80, CURRENT_SHIFT = 2, STAGE_MASK = 3 };

void login_init(struct login *login, const struct portal_backend *backend, void *context,
	const char *address)
{
	memset(login, 0, sizeof *login);
	login->backend = backend;
	login->context = context;
	snprintf(login->address, sizeof login->address, "%s", address);
	login->who.address = login->address;
	negotiation_init(&login->negotiation);
}

void login_finish(struct login *login)
{
	explicit_bzero(&login->admission, sizeof login->admission);
	explicit_bzero(&login->chap, sizeof login->chap);
}

static enum login_result refuse(struct login_answer *ret, enum portal_status status)
{
	*ret = (struct login_answer){.status = status};
	return LOGIN_ENDS;
}

/* ---- the header ----------------------------------------------------------------------------- */

/* The first request says who it is; the later ones must be of the same login. */
static enum portal_status check_header(struct login *login, const uint8_t *bhs)
{
	if (bhs[BHS_VERSION_MIN] > 0)
		return PORTAL_STATUS_UNSUPPORTED_VERSION;
	if (!login->begun) {
		memcpy(login->who.isid, bhs + BHS_ISID, PORTAL_ISID_LENGTH);
		login->tsih = get_be16(bhs + BHS_TSIH);
		login->cid = get_be16(bhs + BHS_CID);
		login->itt = pdu_tag(bhs);
		login->cmd_sn = get_be32(bhs + BHS_CMD_SN);
		login->stage = bhs[BHS_FLAGS] >> CURRENT_SHIFT & STAGE_MASK;
		login->begun = true;
		/* A second connection of a session, which was negotiated away. */
		return login->tsih ? PORTAL_STATUS_NO_SESSION : PORTAL_STATUS_SUCCESS;
	}
	if (memcmp(login->who.isid, bhs + BHS_ISID, PORTAL_ISID_LENGTH) ||
		get_be16(bhs + BHS_TSIH) != login->tsih || get_be16(bhs + BHS_CID) != login->cid ||
		pdu_tag(bhs) != login->itt)
		return PORTAL_STATUS_INVALID_REQUEST;
	return PORTAL_STATUS_SUCCESS;
}

static enum portal_status check_stages(const struct login *login, uint8_t flags)
{
	unsigned current = flags >> CURRENT_SHIFT & STAGE_MASK, next = flags & STAGE_MASK;
	if (current != login->stage || current > STAGE_OPERATIONAL)
		return PORTAL_STATUS_INVALID_REQUEST;
	if (!(flags & FLAG_TRANSIT))
		return PORTAL_STATUS_SUCCESS;
	bool forward = next > current && next != 2;
	return forward && !(flags & FLAG_CONTINUE) ? PORTAL_STATUS_SUCCESS
						   : PORTAL_STATUS_INVALID_REQUEST;
}

/* ---- names ---------------------------------------------------------------------------------- */

/* iqn., eui. or naa. (RFC 7143 4.2.7.3), which is also what may go into a log line. */
static bool take_name(char *ret, const char *value)
{
	size_t length = strlen(value);
	if (ret[0]) /* said again, which some initiators do in the operational stage */
		return !strcmp(ret, value);
	if (length == 0 || length >= PORTAL_NAME_MAX)
		return false;
	for (const char *c = value; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c == 0x7f)
			return false;
	memcpy(ret, value, length + 1);
	return true;
}

static enum portal_status take_session_type(struct login *login, const char *value)
{
	bool discovery = !strcmp(value, "Discovery");
	if (!discovery && strcmp(value, "Normal"))
		return PORTAL_STATUS_SESSION_TYPE;
	if (login->admitted)
		return discovery == login->discovery ? PORTAL_STATUS_SUCCESS
						     : PORTAL_STATUS_INITIATOR_ERROR;
	login->discovery = discovery;
	return PORTAL_STATUS_SUCCESS;
}

/* The keys that come with the first request and say who wants what. */
static bool take_identity(
	struct login *login, const struct text_pair *pair, enum portal_status *status)
{
	bool good = true;
	if (!strcmp(pair->key, "InitiatorName"))
		good = take_name(login->initiator, pair->value);
	else if (!strcmp(pair->key, "TargetName"))
		good = take_name(login->target, pair->value);
	else if (!strcmp(pair->key, "SessionType"))
		*status = take_session_type(login, pair->value);
	else
		return false;
	if (!good)
		*status = PORTAL_STATUS_INITIATOR_ERROR;
	return true;
}

/* Once it is known who wants what, and before any other key is looked at. */
static enum portal_status admit(struct login *login)
{
	if (login->admitted)
		return PORTAL_STATUS_SUCCESS;
	if (!login->initiator[0] || (!login->discovery && !login->target[0]))
		return PORTAL_STATUS_MISSING_PARAMETER;
	login->who.initiator = login->initiator;
	login->who.target = login->discovery ? NULL : login->target;
	login->backend->admit(login->context, &login->who, &login->admission);
	login->who.admission = &login->admission;
	login->admitted = true;
	if (login->admission.chap &&
		chap_same_secret(login->admission.secret, login->admission.own_secret))
		return PORTAL_STATUS_TARGET_ERROR;
	return login->admission.status;
}

/* ---- text ----------------------------------------------------------------------------------- */

static enum portal_status take_pair(
	struct login *login, const struct text_pair *pair, struct text_writer *answer)
{
	enum portal_status status = PORTAL_STATUS_SUCCESS;
	unsigned phase = NEGOTIATE_LOGIN | (login->discovery ? NEGOTIATE_DISCOVERY : 0);
	if (take_identity(login, pair, &status) || login_is_security_key(pair->key))
		return PORTAL_STATUS_SUCCESS; /* seen before, or looked at together */
	if (!negotiate(&login->negotiation, phase, pair, answer))
		return PORTAL_STATUS_INITIATOR_ERROR;
	return PORTAL_STATUS_SUCCESS;
}

static enum portal_status take_identities(struct login *login)
{
	enum portal_status status = PORTAL_STATUS_SUCCESS;
	struct text_reader reader;
	struct text_pair pair;
	text_reader_init(&reader, login->text, login->text_length);
	while (status == PORTAL_STATUS_SUCCESS && text_next(&reader, &pair))
		take_identity(login, &pair, &status);
	return reader.malformed ? PORTAL_STATUS_INITIATOR_ERROR : status;
}

static enum portal_status take_text(struct login *login, struct text_writer *answer)
{
	struct text_reader reader;
	struct text_pair pair;
	enum portal_status status = take_identities(login);
	if (status == PORTAL_STATUS_SUCCESS)
		status = admit(login);
	if (status == PORTAL_STATUS_SUCCESS && !login->discovery && !login->tag_told)
		text_put(answer, "TargetPortalGroupTag", "1");
	login->tag_told = true;
	if (status == PORTAL_STATUS_SUCCESS)
		status = login_security(login, answer);
	text_reader_init(&reader, login->text, login->text_length);
	while (status == PORTAL_STATUS_SUCCESS && text_next(&reader, &pair))
		status = take_pair(login, &pair, answer);
	if (status == PORTAL_STATUS_SUCCESS && login->stage == STAGE_OPERATIONAL)
		negotiate_declare(&login->negotiation, answer);
	return status == PORTAL_STATUS_SUCCESS && answer->overflowed ? PORTAL_STATUS_INITIATOR_ERROR
								     : status;
}

/* Stages go on when the initiator wants and, for security, when it has proved who it is. */
static enum login_result advance(struct login *login, uint8_t flags, struct login_answer *ret)
{
	enum login_stage current = login->stage, next = flags & STAGE_MASK;
	bool proved = !login->admission.chap || login->chap_step == CHAP_DONE;
	ret->flags = (uint8_t)(current << CURRENT_SHIFT);
	if (!(flags & FLAG_TRANSIT))
		return LOGIN_GOES_ON;
	if (!proved)
		return login->chap_step == CHAP_IDLE
			       ? refuse(ret, PORTAL_STATUS_AUTHENTICATION_FAILED)
			       : LOGIN_GOES_ON;
	ret->flags |= FLAG_TRANSIT | (uint8_t)next;
	login->stage = next;
	return next == STAGE_FULL ? LOGIN_ACCEPTED : LOGIN_GOES_ON;
}

static bool keep_text(struct login *login, const void *data, uint32_t length)
{
	if (length > sizeof login->text - login->text_length)
		return false;
	if (length > 0)
		memcpy(login->text + login->text_length, data, length);
	login->text_length += length;
	return true;
}

enum login_result login_receive(struct login *login, const uint8_t *bhs, const void *data,
	uint32_t length, struct login_answer *ret)
{
	uint8_t flags = bhs[BHS_FLAGS];
	struct text_writer answer;
	*ret = (struct login_answer){0};
	enum portal_status status = check_header(login, bhs);
	if (status == PORTAL_STATUS_SUCCESS)
		status = check_stages(login, flags);
	if (status == PORTAL_STATUS_SUCCESS && !keep_text(login, data, length))
		status = PORTAL_STATUS_INITIATOR_ERROR;
	if (status != PORTAL_STATUS_SUCCESS)
		return refuse(ret, status);
	if (flags & FLAG_CONTINUE) {
		ret->flags = (uint8_t)(login->stage << CURRENT_SHIFT);
		return LOGIN_GOES_ON;
	}
	text_writer_init(&answer, ret->text, sizeof ret->text);
	status = take_text(login, &answer);
	login->text_length = 0;
	if (status != PORTAL_STATUS_SUCCESS)
		return refuse(ret, status);
	ret->length = (uint32_t)answer.length;
	return advance(login, flags, ret);
}
