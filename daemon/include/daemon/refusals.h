/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that were refused, for the audit log. Part of the façade: see daemon/library.h. */
#pragma once

#include "daemon/library.h"

struct library_refusal {
	char who[LIBRARY_ID_MAX];   /* "token:ci", "address:192.0.2.7", "uid:1000" */
	char code[32];              /* of the error */
	char method[16];            /* of the first of them, as is */
	char route[LIBRARY_ID_MAX]; /* "/api/v1/drives/{id}"; "": none that there is */
	unsigned count;             /* that this one stands for */
};

/* Any thread; does not wait. What cannot be written is lost. */
void library_note_refusal(struct library *library, const struct library_refusal *refusal);
