/* SPDX-License-Identifier: Apache-2.0 */
/* TapeAlert flags in words (SSC-4 4.2.20 and annex A). */
#pragma once

#include <jansson.h>
#include <stdint.h>

enum { TAPE_ALERTS = 64 };

struct tape_alert {
	const char *name;
	const char *severity; /* "critical", "warning", "information"; NULL: none is defined */
};

/* Of flag 1 to TAPE_ALERTS; never NULL. */
const struct tape_alert *tape_alert(unsigned flag);

/* Of flags in a word, flag n in bit n-1: a list of objects, in ascending order. NULL without
 * memory. */
json_t *shape_tape_alerts(uint64_t flags);
