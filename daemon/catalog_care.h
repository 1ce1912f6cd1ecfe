/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of a catalog that was closed in good order, beside the work: it reads all of the file,
 * which a start need not wait for. After a crash the catalog is checked before anything else.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"

struct catalog_care {
	const char *path;
	pthread_t thread;
	bool running;
	atomic_bool ending, damaged; /* `finding` is valid */
	struct error finding;
};

/* `path` stays the caller's. A thread that cannot be had is only logged. */
void catalog_care_start(struct catalog_care *care, const char *path);
/* Does not wait for its end. */
void catalog_care_stop(struct catalog_care *care);
/* What is wrong and what to do; false: nothing is known to be. */
bool catalog_care_warning(struct catalog_care *care, char *ret, size_t size);
