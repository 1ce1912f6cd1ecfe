/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand for the words in capitals of a synopsis: MEDIUM, DRIVE, FILE. */
#pragma once

#include "cli.h"

/* One candidate, if it begins with `typed`; `what` may be "". `before` is put in front of it. */
struct completion {
	struct cli *cli;
	const char *before; /* "--drive=" */
	const char *typed;
	bool dashes; /* what begins with '-' is no option here */
};

void offer(const struct completion *completion, const char *candidate, const char *what);

/* All that `word` of a synopsis stands for: "[DRIVE|any]", "FILE.tap", "[[LUN:]DRIVE]...". */
void offer_values(const struct completion *completion, const char *word);
