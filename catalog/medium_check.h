/* SPDX-License-Identifier: Apache-2.0 */
/* What may be in the row of a medium, and the errors about it that are told in several places. */
#pragma once

#include <stdbool.h>

struct catalog_medium;
struct error;

/* "disc" or "tape", in static storage. NULL: there is no such kind. */
const char *medium_kind(const char *kind);

/* "ok", "missing", "changed". */
bool medium_state_is_valid(const char *state);

/* Looks at the row alone, not at the catalog. INVALID. */
bool medium_check(const struct catalog_medium *medium, struct error *error);

/* Always false: INVALID. */
bool medium_kind_unknown(const char *kind, struct error *error);
/* Always false: INVALID. */
bool medium_state_unknown(const char *state, struct error *error);
/* Always false: MEDIUM_NOT_FOUND. */
bool medium_not_found(const char *id, struct error *error);
