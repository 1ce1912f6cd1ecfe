/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints how many kHz this machine's time stamp counter has, which is the emulated one's too. On a
 * busy host the guest's kernel measures it wrong, and its clock goes several times too fast.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

enum { TRIES = 100, PAUSE_NS = 100000000 };

struct moment {
	uint64_t ticks;
	int64_t ns;
};

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Both clocks at once: of several tries, the one with the least between them. */
static struct moment look(void)
{
	struct moment best = {0};
	int64_t least = INT64_MAX;
	for (int i = 0; i < TRIES; i++) {
		int64_t before = now_ns();
		uint64_t ticks = __rdtsc();
		int64_t after = now_ns();
		if (after - before < least) {
			least = after - before;
			best = (struct moment){ticks, before + (after - before) / 2};
		}
	}
	return best;
}

int main(void)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	struct moment first = look();
	nanosleep(&pause, NULL);
	struct moment last = look();
	printf("%llu\n", (unsigned long long)((last.ticks - first.ticks) * 1000000 /
					      (uint64_t)(last.ns - first.ns)));
	return 0;
}
