/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operational keys (RFC 7143 13): what each is, when it may be used, how a target answers it. One
 * row per key; the login and text phases handle what is not a number or a choice (names,
 * AuthMethod, SendTargets) and ask here for all the rest.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

enum { SEGMENT_DEFAULT = 8192, SEGMENT_OURS = 262144 };

/* What was agreed. */
struct parameters {
	uint32_t header_digest, data_digest; /* booleans: CRC32C */
	uint32_t max_send;                   /* the initiator's MaxRecvDataSegmentLength */
	uint32_t max_burst, first_burst;
	uint32_t initial_r2t, immediate_data; /* booleans */
	uint32_t max_outstanding_r2t;
	uint32_t time2wait, time2retain;
};

enum negotiate_phase {
	NEGOTIATE_LOGIN = 1,     /* the operational stage of a login */
	NEGOTIATE_FULL = 2,      /* text requests in full feature phase */
	NEGOTIATE_DISCOVERY = 4, /* beside one of the two: the session is for discovery */
};

struct negotiation {
	struct parameters parameters;
	uint32_t answered;     /* rows that were negotiated already */
	bool declared_segment; /* we have told our MaxRecvDataSegmentLength */
	unsigned unknown;      /* keys that we did not understand */
};

/* The defaults of RFC 7143. */
void negotiation_init(struct negotiation *negotiation);

/*
 * Answers one pair into `answer`. False: the initiator broke the rules (a key twice, too many
 * unknown ones); the login fails, or the text request is rejected.
 */
bool negotiate(struct negotiation *negotiation, unsigned phase, const struct text_pair *pair,
	struct text_writer *answer);

/* What the target says without being asked, once. */
void negotiate_declare(struct negotiation *negotiation, struct text_writer *answer);
