/* SPDX-License-Identifier: Apache-2.0 */
/* What operators may ask of an export. */
#pragma once

#include <stdbool.h>

struct catalog_export;
struct error;
struct library;

/* INVALID: neither "" nor the name of one. */
bool export_check_transport(const char *transport, struct error *error);
/*
 * Worker. Sorts the LUNs. INVALID: a name, a rule, a LUN or CHAP; DRIVE_NOT_FOUND;
 * EXPORT_UNPROTECTED.
 */
bool export_check(struct library *library, struct catalog_export *row, struct error *error);
