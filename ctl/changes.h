/* SPDX-License-Identifier: Apache-2.0 */
/* What an event of the history changed, for people. */
#pragma once

#include <jansson.h>

enum { CHANGES_TEXT_MAX = 1024 };

/* "tags: lab -> lab rescue; notes: none -> for the lab"; "" when the event says nothing. Returns
 * ret. */
const char *changes_text(const json_t *event, char ret[CHANGES_TEXT_MAX]);
