/* SPDX-License-Identifier: Apache-2.0 */
/* A row of the history as an event of a stream (WHATWG HTML 9.2.6), and who wants to see it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/library.h"

struct event_text {
	int64_t number;
	char drive[LIBRARY_ID_MAX], medium[LIBRARY_ID_MAX];
	char kind[16];                /* of the subject; "" */
	char subject[LIBRARY_ID_MAX]; /* "" */
	char *text;                   /* owned; NULL: it was refused, and is shown to nobody */
};

/* "" is all. */
struct event_filter {
	char drive[LIBRARY_ID_MAX], medium[LIBRARY_ID_MAX];
	char kind[16]; /* "drive" and "medium": whatever concerns one; or the kind of the subject */
};

/* What `kind` may be; ends in NULL. */
extern const char *const event_kinds[];

/* False without memory. */
bool event_text_make(const struct library_history_entry *entry, struct event_text *ret);
void event_text_finish(struct event_text *event);

bool event_filter_wants(const struct event_filter *filter, const struct event_text *event);
