/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exporter.h without a kernel, in place of daemon/exporter_*.c: it counts, and fails when it is
 * told to. What is left of an export after its drive is gone fails in AddressSanitizer.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "exporter.h"

struct exporter {
	atomic_bool refuse_show, refuse_drain, refuse_remove, hold;
	atomic_uint shown, drained, released, removed, orphans_kept, held;
	atomic_bool clean; /* of the last one that was shown */
};
