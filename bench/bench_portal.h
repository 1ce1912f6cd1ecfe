/* SPDX-License-Identifier: Apache-2.0 */
/* A portal that shows logical units to everybody, and nothing else of the daemon. */
#pragma once

#include "scsi/lu.h"

enum { BENCH_LUNS_MAX = 256 };

struct bench_portal {
	const char *target;
	struct scsi_lu *luns[BENCH_LUNS_MAX]; /* 0 and up */
	unsigned lun_count;
};

/* Prints "address pid" and serves on 127.0.0.1 until the program's input ends. */
void bench_portal_serve(struct bench_portal *bench);
