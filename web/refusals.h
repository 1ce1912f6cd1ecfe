/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who was refused, for the audit log. The first refusal of a caller is written down at once, those
 * that follow are counted and written as one a minute, and callers beyond the first
 * REFUSALS_CALLERS_MAX of that time as "others": whoever tries again and again does not fill the
 * catalog.
 */
#pragma once

#include <stdint.h>

#include "util/error.h"

struct library;
struct refusals;

enum {
	REFUSALS_CALLERS_MAX = 16,
	REFUSALS_SECONDS = 60,
};

struct refusals *refusals_create(struct library *library);
void refusals_destroy(struct refusals *refusals); /* NULL is allowed */

/* Any thread. `route` is a pattern of the route table, "" for none; `now_s` never goes back. */
void refusals_note(struct refusals *refusals, const char *who, enum error_code code,
	const char *method, const char *route, uint64_t now_s);
/* Writes what has been counted for long enough. With each request. */
void refusals_settle(struct refusals *refusals, uint64_t now_s);
