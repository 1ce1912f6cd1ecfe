/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The marker RUNTIME_DIR/clean: the carouseld before this one drained its rings and stopped on
 * purpose, so the next one may go on where it was. Without it, it was killed.
 */
#pragma once

#include <stdbool.h>

struct error;

bool clean_stop_mark(const char *runtime_dir, struct error *error);
/* Takes the marker away and tells whether it was there: it is good for one start. */
bool clean_stop_take(const char *runtime_dir);
