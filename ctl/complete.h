/* SPDX-License-Identifier: Apache-2.0 */
/* What can be typed next: of the same tables that the command line is read with. */
#pragma once

#include "cli.h"

/*
 * Prints what the last of `words` (those behind "carousel", the last one may be "") may become, a
 * candidate a line, with a tab and what it is where that is known; ":files" and ":directories"
 * stand for those that the shell knows. Asks the daemon for names, for as long as a person does not
 * notice, and stays silent when it does not answer.
 */
void complete(struct cli *cli, int count, char *const *words);
