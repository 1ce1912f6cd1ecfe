/* SPDX-License-Identifier: Apache-2.0 */
#include "rate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 8, MS = 1000 };

bool rate_init(struct rate *rate, double per_second, double burst)
{
	*rate = (struct rate){.per_second = per_second, .burst = burst};
	rate->buckets = per_second > 0 ? calloc(RATE_NAMES_MAX, sizeof *rate->buckets) : NULL;
	return rate->buckets || !(per_second > 0);
}

void rate_finish(struct rate *rate)
{
	free(rate->buckets);
	rate->buckets = NULL;
}

/* FNV-1a; who makes names collide pushes out buckets that are as quiet as any. */
static unsigned hash(const char *name)
{
	uint32_t value = 2166136261u;
	for (unsigned i = 0; name[i] && i < RATE_NAME_MAX - 1; i++)
		value = (value ^ (unsigned char)name[i]) * 16777619u;
	return value;
}

/* That of the name, or the one of its row that was quiet for the longest time, made full. */
static struct rate_bucket *find(struct rate *rate, const char *name)
{
	struct rate_bucket *row = &rate->buckets[hash(name) % (RATE_NAMES_MAX / WAYS) * WAYS];
	struct rate_bucket *oldest = row;
	for (unsigned i = 0; i < WAYS; i++) {
		if (!strncmp(row[i].name, name, RATE_NAME_MAX - 1))
			return &row[i];
		if (row[i].seen_ms < oldest->seen_ms)
			oldest = &row[i];
	}
	*oldest = (struct rate_bucket){.left = rate->burst};
	snprintf(oldest->name, sizeof oldest->name, "%s", name);
	return oldest;
}

static void fill(const struct rate *rate, struct rate_bucket *bucket, uint64_t now_ms)
{
	double passed = bucket->seen_ms ? (double)(now_ms - bucket->seen_ms) / MS : 0;
	bucket->left += passed * rate->per_second;
	if (bucket->left > rate->burst)
		bucket->left = rate->burst;
	bucket->seen_ms = now_ms;
}

bool rate_take(struct rate *rate, const char *name, uint64_t now_ms, unsigned *ret_wait)
{
	if (!rate->buckets)
		return true;
	struct rate_bucket *bucket = find(rate, name);
	fill(rate, bucket, now_ms);
	if (bucket->left >= 1) {
		bucket->left--;
		return true;
	}
	*ret_wait = 1 + (unsigned)((1 - bucket->left) / rate->per_second);
	return false;
}
