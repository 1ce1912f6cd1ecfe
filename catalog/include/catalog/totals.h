/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many media and jobs there are of each kind and state. They are kept while rows change, so
 * that asking costs the same in a catalog of any size. See catalog.h for what is true of all
 * functions.
 */
#pragma once

#include "catalog/catalog.h"

struct catalog_total {
	char kind[16], state[16];
	uint64_t count;
	uint64_t bytes; /* of media: the sum of their sizes */
	int64_t ended;  /* of jobs: when the last one ended, also one that is forgotten; 0: never */
};

/* In the order of kind and state; what there was once is there with a count of 0. */
bool catalog_media_totals(struct catalog *catalog,
	bool (*each)(void *context, const struct catalog_total *total), void *context,
	struct error *error);
bool catalog_job_totals(struct catalog *catalog,
	bool (*each)(void *context, const struct catalog_total *total), void *context,
	struct error *error);
