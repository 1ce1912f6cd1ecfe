/* SPDX-License-Identifier: Apache-2.0 */
#include "negotiate.h"

#include <stddef.h>
#include <string.h>

enum key_kind {
	KEY_DIGEST,   /* the first of None and CRC32C in the initiator's list */
	KEY_OR,       /* boolean: either wants it */
	KEY_AND,      /* boolean: both want it */
	KEY_MINIMUM,  /* the smaller number */
	KEY_MAXIMUM,  /* the larger number */
	KEY_DECLARED, /* the initiator's own; not answered */
	KEY_OURS,     /* only a target may say it, or it belongs elsewhere */
	KEY_FIXED,    /* a choice from a list of which we know one */
	KEY_TEXT,     /* text of the initiator; not answered */
	KEY_OBSOLETE, /* a size that goes with markers */
};

enum key_flags { IRRELEVANT_IN_DISCOVERY = 1, ALSO_IN_FULL = 2 };

enum { NOWHERE = -1, UNKNOWN_MAX = 32 };

struct key_row {
	const char *key;
	enum key_kind kind;
	uint32_t ours;
	uint32_t least, most; /* of a number */
	unsigned flags;
	int place; /* in struct parameters */
	const char *fixed;
};

#define PLACE(member) ((int)offsetof(struct parameters, member))

enum { SEGMENT_LEAST = 512, SEGMENT_MOST = 0xffffff, BURST_OURS = 1 << 20, FIRST_OURS = 1 << 18 };

static const struct key_row rows[] = {
	{"HeaderDigest", KEY_DIGEST, .place = PLACE(header_digest)},
	{"DataDigest", KEY_DIGEST, .place = PLACE(data_digest)},
	{"SendTargets", KEY_OURS},   /* in full feature phase, where it does not come here */
	{"InitiatorName", KEY_OURS}, /* in a login, where these do not come here */
	{"TargetName", KEY_OURS},
	{"SessionType", KEY_OURS},
	{"AuthMethod", KEY_OURS},
	{"MaxConnections", KEY_MINIMUM, 1, 1, 65535, IRRELEVANT_IN_DISCOVERY, NOWHERE},
	{"TargetAlias", KEY_OURS, .flags = ALSO_IN_FULL},
	{"InitiatorAlias", KEY_TEXT, .flags = ALSO_IN_FULL},
	{"TargetAddress", KEY_OURS, .flags = ALSO_IN_FULL},
	{"TargetPortalGroupTag", KEY_OURS},
	{"InitialR2T", KEY_OR, 0, 0, 0, IRRELEVANT_IN_DISCOVERY, PLACE(initial_r2t)},
	{"ImmediateData", KEY_AND, 1, 0, 0, IRRELEVANT_IN_DISCOVERY, PLACE(immediate_data)},
	{"MaxRecvDataSegmentLength", KEY_DECLARED, 0, SEGMENT_LEAST, SEGMENT_MOST, ALSO_IN_FULL,
		PLACE(max_send)},
	{"MaxBurstLength", KEY_MINIMUM, BURST_OURS, SEGMENT_LEAST, SEGMENT_MOST,
		IRRELEVANT_IN_DISCOVERY, PLACE(max_burst)},
	{"FirstBurstLength", KEY_MINIMUM, FIRST_OURS, SEGMENT_LEAST, SEGMENT_MOST,
		IRRELEVANT_IN_DISCOVERY, PLACE(first_burst)},
	{"DefaultTime2Wait", KEY_MAXIMUM, 2, 0, 3600, 0, PLACE(time2wait)},
	{"DefaultTime2Retain", KEY_MINIMUM, 0, 0, 3600, 0, PLACE(time2retain)},
	{"MaxOutstandingR2T", KEY_MINIMUM, 1, 1, 65535, IRRELEVANT_IN_DISCOVERY,
		PLACE(max_outstanding_r2t)},
	{"DataPDUInOrder", KEY_OR, 1, 0, 0, IRRELEVANT_IN_DISCOVERY, NOWHERE},
	{"DataSequenceInOrder", KEY_OR, 1, 0, 0, IRRELEVANT_IN_DISCOVERY, NOWHERE},
	{"ErrorRecoveryLevel", KEY_MINIMUM, 0, 0, 2, 0, NOWHERE},
	{"TaskReporting", KEY_FIXED, .flags = IRRELEVANT_IN_DISCOVERY, .place = NOWHERE,
		.fixed = "RFC3720"},
	{"iSCSIProtocolLevel", KEY_MINIMUM, 1, 0, 31, 0, NOWHERE},
	{"X#NodeArchitecture", KEY_TEXT, .flags = ALSO_IN_FULL},
	{"IFMarker", KEY_AND, 0, .place = NOWHERE},
	{"OFMarker", KEY_AND, 0, .place = NOWHERE},
	{"IFMarkInt", KEY_OBSOLETE},
	{"OFMarkInt", KEY_OBSOLETE},
};

_Static_assert(sizeof rows / sizeof rows[0] <= 32, "negotiation.answered has a bit per row");

void negotiation_init(struct negotiation *negotiation)
{
	*negotiation = (struct negotiation){.parameters = {
						    .max_send = SEGMENT_DEFAULT,
						    .max_burst = 262144,
						    .first_burst = 65536,
						    .initial_r2t = 1,
						    .immediate_data = 1,
						    .max_outstanding_r2t = 1,
						    .time2wait = 2,
						    .time2retain = 20,
					    }};
}

static const struct key_row *find(const char *key)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (!strcmp(rows[i].key, key))
			return &rows[i];
	return NULL;
}

static void agree(struct parameters *parameters, const struct key_row *row, uint32_t value)
{
	if (row->place != NOWHERE)
		memcpy((char *)parameters + row->place, &value, sizeof value);
}

/* The list is in the initiator's order of preference, and may have names that we do not know. */
static const char *choose_digest(
	struct parameters *parameters, const struct key_row *row, const char *list)
{
	static const char *const names[] = {"None", "CRC32C"};
	int chosen = text_list_first(list, names, 2);
	if (chosen < 0)
		return "Reject";
	agree(parameters, row, (uint32_t)chosen);
	return names[chosen];
}

static const char *choose_boolean(
	struct parameters *parameters, const struct key_row *row, const char *value)
{
	bool yes = !strcmp(value, "Yes");
	if (!yes && strcmp(value, "No"))
		return "Reject";
	bool result = row->kind == KEY_OR ? yes || row->ours : yes && row->ours;
	agree(parameters, row, result);
	return result ? "Yes" : "No";
}

static void choose_number(struct parameters *parameters, const struct key_row *row,
	const char *value, struct text_writer *answer)
{
	uint32_t number;
	if (!text_number(value, &number) || number < row->least || number > row->most) {
		text_put(answer, row->key, "Reject");
		return;
	}
	bool theirs = row->kind == KEY_MAXIMUM ? number > row->ours : number < row->ours;
	if (row->kind != KEY_DECLARED && !theirs)
		number = row->ours;
	agree(parameters, row, number);
	if (row->kind != KEY_DECLARED)
		text_put_number(answer, row->key, number);
}

static void answer_row(struct parameters *parameters, const struct key_row *row, const char *value,
	struct text_writer *answer)
{
	switch (row->kind) {
	case KEY_DIGEST:
		text_put(answer, row->key, choose_digest(parameters, row, value));
		break;
	case KEY_OR:
	case KEY_AND:
		text_put(answer, row->key, choose_boolean(parameters, row, value));
		break;
	case KEY_MINIMUM:
	case KEY_MAXIMUM:
	case KEY_DECLARED:
		choose_number(parameters, row, value, answer);
		break;
	case KEY_FIXED:
		text_put(
			answer, row->key, text_list_has(value, row->fixed) ? row->fixed : "Reject");
		break;
	case KEY_OURS:
	case KEY_OBSOLETE:
		text_put(answer, row->key, "Reject");
		break;
	case KEY_TEXT:
		break;
	}
}

/* A key may be negotiated once, but declared again later in full feature phase. */
static bool first_time(struct negotiation *negotiation, const struct key_row *row, unsigned phase)
{
	uint32_t bit = 1u << (row - rows);
	bool before = negotiation->answered & bit;
	negotiation->answered |= bit;
	return !before || row->kind == KEY_TEXT || phase & NEGOTIATE_FULL;
}

bool negotiate(struct negotiation *negotiation, unsigned phase, const struct text_pair *pair,
	struct text_writer *answer)
{
	const struct key_row *row = find(pair->key);
	if (!row) {
		text_put(answer, pair->key, "NotUnderstood");
		return ++negotiation->unknown <= UNKNOWN_MAX;
	}
	if (!first_time(negotiation, row, phase))
		return false;
	if (phase & NEGOTIATE_FULL && !(row->flags & ALSO_IN_FULL))
		text_put(answer, row->key, "Reject");
	else if (phase & NEGOTIATE_DISCOVERY && row->flags & IRRELEVANT_IN_DISCOVERY)
		text_put(answer, row->key, "Irrelevant");
	else
		answer_row(&negotiation->parameters, row, pair->value, answer);
	/* FirstBurstLength MUST NOT exceed MaxBurstLength (RFC 7143 13.14). */
	struct parameters *p = &negotiation->parameters;
	if (p->first_burst > p->max_burst)
		p->first_burst = p->max_burst;
	return true;
}

void negotiate_declare(struct negotiation *negotiation, struct text_writer *answer)
{
	if (negotiation->declared_segment)
		return;
	negotiation->declared_segment = true;
	text_put_number(answer, "MaxRecvDataSegmentLength", SEGMENT_OURS);
}
