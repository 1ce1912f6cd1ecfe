/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the engine of jobs (background.h) share among each other. */
#pragma once

#include "background.h"

/* Queued or running, or NULL; background->lock is held. */
struct background_job *background_job_find(struct background *background, int64_t id);

/* On a thread of the engine: from its beginning to its end. */
void background_run(struct background_job *job);

/* A second, before something is tried again; false: the daemon stops. */
bool background_pause(struct background_job *job);
