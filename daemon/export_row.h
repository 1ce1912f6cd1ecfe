/* SPDX-License-Identifier: Apache-2.0 */
/* An export as the catalog has it: made of what an operator asked for, and shown to readers. */
#pragma once

#include "catalog/catalog.h"
#include "daemon/library.h"

/*
 * What is not said is as in `old` (the target, secrets of the same user), or by default where there
 * is none (NULL). Nothing is checked: see export_check.h.
 */
void export_row_make(struct library *library, const struct library_export_put *put,
	const struct catalog_export *old, struct catalog_export *row);
bool export_row_same(const struct catalog_export *a, const struct catalog_export *b);
/* With its warning and how many sessions there are; without its secrets. */
void export_row_show(
	struct library *library, const struct catalog_export *row, struct library_export *ret);

/* EXPORT_NOT_FOUND; false. */
bool export_not_found(const char *name, struct error *error);
