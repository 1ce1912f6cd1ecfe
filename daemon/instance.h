/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One carouseld per state directory and per runtime directory: the directories are made, and each
 * is locked by a file "lock" in it that names the process. A lock ends with its process, however it
 * ends.
 */
#pragma once

#include <stdbool.h>

struct error;

struct instance {
	int state_lock, runtime_lock; /* -1: not held */
};

/*
 * Makes STATE_DIR (0750), RUNTIME_DIR (0755) and RUNTIME_DIR/told (0700), their last component
 * only. STATE_IN_USE names the process that holds a lock. PERMISSION: cannot be made, or is a
 * directory that others may write to.
 */
bool instance_start(struct instance *instance, const char *state_dir, const char *runtime_dir,
	struct error *error);
void instance_finish(struct instance *instance);
