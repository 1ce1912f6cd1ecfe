/* SPDX-License-Identifier: Apache-2.0 */
#include "caller_limits.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

bool limits_init(struct limits *limits, unsigned per_second, struct error *error)
{
	return (rate_init(&limits->requests, per_second, 2.0 * per_second) &&
		       rate_init(&limits->failures, 1.0 / FAILURE_SECONDS, FAILURES_BURST)) ||
	       error_set(error, ERROR_NO_MEMORY, "Free some memory.",
		       "no memory for the HTTP server");
}

void limits_finish(struct limits *limits)
{
	rate_finish(&limits->requests);
	rate_finish(&limits->failures);
}

uint64_t limits_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool limits_request(struct limits *limits, const char *who, unsigned *ret_wait, struct error *error)
{
	return rate_take(&limits->requests, who, limits_now_ms(), ret_wait) ||
	       error_set(error, ERROR_TOO_MANY, "Wait as long as Retry-After says.",
		       "%s asks more than %.0f times a second", who, limits->requests.per_second);
}

bool limits_failure(
	struct limits *limits, const char *address, unsigned *ret_wait, struct error *error)
{
	return rate_take(&limits->failures, address, limits_now_ms(), ret_wait) ||
	       error_set(error, ERROR_TOO_MANY, "Wait as long as Retry-After says.",
		       "%s came with too many tokens that are not the right one", address);
}

void limits_name(const struct peer *peer, char ret[RATE_NAME_MAX])
{
	struct in6_addr network;
	snprintf(ret, RATE_NAME_MAX, "address:%s", peer ? peer->address : "");
	if (!peer || inet_pton(AF_INET6, peer->address, &network) != 1)
		return;
	memset(&network.s6_addr[8], 0, 8);
	size_t length = strlen("address:");
	inet_ntop(AF_INET6, &network, ret + length, RATE_NAME_MAX - (socklen_t)length);
}
