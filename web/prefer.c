/* SPDX-License-Identifier: Apache-2.0 */
#include "prefer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/jobs.h"
#include "head.h"
#include "util/cleanup.h"

/* "wait=5", perhaps with blanks around the sign and quotes around the number. */
static bool read_wait(const char *item, size_t length, unsigned *ret)
{
	static const char name[] = "wait";
	const char *end = item + length;
	if (length < strlen(name) || strncasecmp(item, name, strlen(name)))
		return false;
	item += strlen(name);
	item += strspn(item, " \t");
	if (item >= end || *item++ != '=')
		return false;
	item += strspn(item, " \t\"");
	if (item >= end || *item < '0' || *item > '9')
		return false;
	unsigned long seconds = strtoul(item, NULL, 10);
	*ret = seconds < PREFER_WAIT_MAX ? (unsigned)seconds : PREFER_WAIT_MAX;
	return true;
}

/* The first of its name counts (RFC 7240 2). */
unsigned prefer_wait(const char *prefer)
{
	unsigned seconds = 0;
	while (prefer && *prefer) {
		prefer += strspn(prefer, " \t,");
		size_t length = strcspn(prefer, ",;");
		if (read_wait(prefer, length, &seconds))
			break;
		prefer += strcspn(prefer, ",");
	}
	return seconds;
}

bool prefer_await_job(struct request *request, int64_t id, struct answer *answer)
{
	unsigned seconds = request->awaited ? 0 : prefer_wait(request->head->prefer);
	if (!seconds)
		return false;
	request->awaited = true;
	operation_release(steal(request->operation));
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_job_await(request->library, id, seconds * 1000, request->actor,
			operation_done, operation);
	return true;
}

void prefer_applied(const struct request *request, struct answer *answer)
{
	if (request->awaited)
		answer_header(answer, "Preference-Applied", "wait=%u",
			prefer_wait(request->head->prefer));
}
