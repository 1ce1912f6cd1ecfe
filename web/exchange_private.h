/* SPDX-License-Identifier: Apache-2.0 */
/* An exchange, to the files that share its work: exchange.c and judge.c. */
#pragma once

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer.h"
#include "head.h"
#include "idempotency.h"
#include "request.h"
#include "send.h"

struct listener;

struct exchange {
	struct listener *listener;
	struct MHD_Connection *connection;
	char *path, *authority; /* authority: NULL when only a path was asked for */
	struct head head;
	struct request request;
	struct answer answer;
	struct sent sent;
	bool streams; /* and counts as such */
	char *body;
	bool waits_for_body;  /* a body_receiver has waited for something before */
	unsigned retry_after; /* seconds; 0: not said */
	size_t body_length;   /* received; only BODY_MAX bytes of it are kept */
	uint64_t cut_ms;      /* when who was answered early and still sends is cut off; 0: never */
	struct idempotency idempotency;
};
