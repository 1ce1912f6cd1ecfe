/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workers that blocking reads of media are given to: a fixed number of threads and one queue,
 * first come first served. A source (scsi/source.h) may occupy only so many workers at a time; what
 * comes above waits in its lane and is queued, at the end, when one of the source's works is done.
 * So a file server that hangs takes away its share of the workers and no more. An idle pool does
 * not wake up.
 */
#pragma once

#include "scsi/executor.h"

struct error;
struct pool;

/* `workers` threads, of which one source may occupy `per_source` (both at least 1). */
struct pool *pool_create(unsigned workers, unsigned per_source, struct error *error);

/*
 * Runs everything that was submitted, then ends the workers. Only works may still submit while it
 * runs. NULL is allowed.
 */
void pool_destroy(struct pool *pool);

struct scsi_executor *pool_executor(struct pool *pool);
