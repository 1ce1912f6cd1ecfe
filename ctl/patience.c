/* SPDX-License-Identifier: Apache-2.0 */
#include "patience.h"

#include <time.h>

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void patience_begin(struct patience *patience, const struct cli *cli)
{
	patience->until = now_s() + (double)cli->timeout_s;
}

void patience_begin_long(struct patience *patience, const struct cli *cli)
{
	patience->until = cli->timeout_given ? now_s() + (double)cli->timeout_s : 0;
}

bool patience_is_over(const struct patience *patience)
{
	return patience->until != 0 && now_s() >= patience->until;
}

long patience_left_ms(const struct patience *patience)
{
	double left = (patience->until - now_s()) * 1000;
	if (patience->until == 0)
		return 0;
	return left > 0 ? (long)left + 2 : 1; /* it is over then, however clocks are rounded */
}

void pause_ms(unsigned milliseconds)
{
	const struct timespec time = {milliseconds / 1000, (milliseconds % 1000) * 1000000L};
	nanosleep(&time, NULL);
}
