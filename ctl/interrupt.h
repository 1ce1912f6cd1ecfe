/* SPDX-License-Identifier: Apache-2.0 */
/* Ctrl-C and its like, when something must be cleared away first. */
#pragma once

#include <stdbool.h>

/*
 * From now on SIGINT, SIGTERM and SIGHUP are remembered instead of ending the program; a second one
 * of a kind ends it all the same. Those that were ignored stay so.
 */
void interrupt_catch(void);
bool interrupted(void);
/* Ends the program by the signal that came, as its parent expects. Returns when none did. */
void interrupt_end(void);
