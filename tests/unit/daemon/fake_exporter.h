/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exporter.h without a kernel, in place of daemon/exporter_*.c: it counts, and fails when it is
 * told to. What is left of an export after its drive is gone fails in AddressSanitizer.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "exporter.h"

enum { FAKE_FOREIGN_MAX = 8 };

struct exporter {
	atomic_bool refuse_show, refuse_drain, refuse_remove, hold;
	atomic_uint shown, drained, released, removed, orphans_kept, held;
	atomic_bool clean; /* of the last one that was shown or attached */

	atomic_bool refuse_attach;
	atomic_uint attached, abandoned;
	pthread_mutex_t lock;
	struct exporter_foreign foreign[FAKE_FOREIGN_MAX]; /* free while device is "" */
	void (*changed)(void *context);
	void *context;
};

/* A device of another program comes, and goes. */
void fake_exporter_put(
	struct exporter *exporter, const char *device, const char *drive, const char *nexus);
void fake_exporter_take(struct exporter *exporter, const char *device);
