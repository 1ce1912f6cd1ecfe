/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The login phase (RFC 7143 6.3, 11.12, 11.13): a state machine that is fed login requests and
 * gives login responses, without a socket.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "chap.h"
#include "iscsi/portal.h"
#include "negotiate.h"
#include "pdu.h"

enum { LOGIN_TEXT_MAX = 16384, LOGIN_ANSWER_MAX = SEGMENT_DEFAULT };

enum login_stage { STAGE_SECURITY = 0, STAGE_OPERATIONAL = 1, STAGE_FULL = 3 };

enum login_chap_step { CHAP_IDLE, CHAP_WANTS_LIST, CHAP_WANTS_RESPONSE, CHAP_DONE };

enum login_result {
	LOGIN_GOES_ON, /* send the answer */
	LOGIN_ENDS,    /* send the answer and close */
	LOGIN_ACCEPTED /* open the session, then send the answer */
};

struct login {
	const struct portal_backend *backend;
	void *context;
	struct portal_login who; /* points into this */
	char address[64];
	char initiator[PORTAL_NAME_MAX], target[PORTAL_NAME_MAX];
	bool discovery, admitted, begun, tag_told;
	uint16_t cid, tsih;
	uint32_t itt, cmd_sn;
	enum login_stage stage;
	uint8_t final_stage; /* flags of the response that ends the login */
	struct portal_admission admission;
	enum login_chap_step chap_step;
	struct chap chap;
	struct negotiation negotiation;
	uint32_t text_length; /* of requests with the Continue bit */
	char text[LOGIN_TEXT_MAX];
};

struct login_answer {
	uint8_t flags;
	enum portal_status status;
	uint32_t length;
	char text[LOGIN_ANSWER_MAX];
};

void login_init(struct login *login, const struct portal_backend *backend, void *context,
	const char *address);
/* With the secrets wiped. */
void login_finish(struct login *login);

/* One request; `data` is its data segment. ret->flags are those of the response. */
enum login_result login_receive(struct login *login, const uint8_t *bhs, const void *data,
	uint32_t length, struct login_answer *ret);
