/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that come one after the other; all zero, there are none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct growing_text {
	char *bytes; /* owned, with a NUL behind them; NULL: nothing was appended */
	size_t length, room;
};

/* False without memory: nothing has changed. */
bool growing_text_append(struct growing_text *text, const char *bytes, size_t length);
