/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header section of a request, judged before anything else: the HTTP library is lenient where
 * two readers of one request could disagree about where it ends (RFC 9112 6.3, 11.2).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

struct MHD_Connection;

enum {
	HEAD_BYTES_MAX = 16 << 10,
	HEAD_LINES_MAX = 100,
	BODY_MAX = 1 << 20,
};

struct head {
	/* Each NULL when absent; valid while the request lasts. */
	const char *host;
	const char *origin;
	const char *fetch_site;
	const char *authorization;
	const char *if_match, *if_none_match;
	const char *range, *if_range;
	const char *last_event_id;
	const char *idempotency_key;
	const char *prefer; /* the first, when there are several */
	const char *tus_resumable, *upload_offset, *upload_length, *upload_defer_length;
	const char *upload_metadata, *upload_checksum;
	const char *content_type;
	const char *content_length;
	const char *transfer_encoding;
	bool has_body;

	const char *twice; /* a header that may not come twice and did */
	unsigned bytes, lines;
};

/* False with *error: the connection cannot be trusted to be in step and has to be closed. */
bool head_read(struct MHD_Connection *connection, struct head *ret, struct error *error);

/* Whether the body may be read as JSON at all: its type and, if told, its length. */
bool head_promises_json(const struct head *head, struct error *error);
