/* SPDX-License-Identifier: Apache-2.0 */
#include "conditions.h"

#include <string.h>

#include "described.h"
#include "request.h"
#include "router.h"
#include "util/error.h"

static bool changes_something(const struct route *route)
{
	return strcmp(route->method, "GET") != 0 && strcmp(route->method, "OPTIONS") != 0;
}

static bool goes_by_if_match(const struct route *route)
{
	const struct described *described = described_find(route);
	return described && described->condition && !strcmp(described->condition, "If-Match");
}

bool conditions_judge(const struct request *request, struct error *error)
{
	if (!changes_something(request->route))
		return true;
	if (request->if_none_match)
		return error_set(error, ERROR_INVALID,
			"Leave it out; a POST makes only what is not there yet.",
			"If-None-Match is not taken by what changes something");
	if (!request->if_match || !strcmp(request->if_match, "*") ||
		goes_by_if_match(request->route))
		return true;
	return error_set(error, ERROR_CHANGED_MEANWHILE, "Leave If-Match out.",
		"there is no ETag at %.200s", request->path);
}
