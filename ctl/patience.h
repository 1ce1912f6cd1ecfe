/* SPDX-License-Identifier: Apache-2.0 */
/* How long the operator lets a command wait: --timeout. */
#pragma once

#include "cli.h"

struct patience {
	double until; /* seconds of the monotonic clock; 0: for ever */
};

/* Of --timeout, also when it was not given: what is waited for with --wait has an end. */
void patience_begin(struct patience *patience, const struct cli *cli);
/* For ever, unless --timeout was given. */
void patience_begin_long(struct patience *patience, const struct cli *cli);

bool patience_is_over(const struct patience *patience);

/* At least 1; 0: for ever. */
long patience_left_ms(const struct patience *patience);

/* Sleeps; a signal ends it early. */
void pause_ms(unsigned milliseconds);
