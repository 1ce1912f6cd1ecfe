/* SPDX-License-Identifier: Apache-2.0 */
#include "router.h"

#include <stdio.h>
#include <string.h>

#include "percent.h"

static size_t segment_length(const char *at)
{
	return strcspn(at, "/");
}

/* Segments are compared as they were sent, so that an encoded slash never makes two of one. */
static bool path_matches(const char *pattern, const char *path, char ret_id[LIBRARY_ID_MAX])
{
	for (;;) {
		size_t wanted = segment_length(pattern), given = segment_length(path);
		bool hole = wanted == 4 && !memcmp(pattern, "{id}", 4);
		if (hole ? !given || !percent_decode(path, given, ret_id, LIBRARY_ID_MAX)
			 : wanted != given || memcmp(pattern, path, given))
			return false;
		pattern += wanted;
		path += given;
		if (!*pattern || !*path)
			return *pattern == *path;
		pattern++;
		path++;
	}
}

static bool method_matches(const struct route *route, const char *method)
{
	return !strcmp(route->method, method) ||
	       (!strcmp(method, "HEAD") && !strcmp(route->method, "GET"));
}

static void allow(const struct route *route, char *ret, size_t size)
{
	size_t length = strlen(ret);
	snprintf(ret + length, size - length, "%s%s%s", length ? ", " : "", route->method,
		strcmp(route->method, "GET") ? "" : ", HEAD");
}

const struct route *router_find(const char *method, const char *path, char ret_id[LIBRARY_ID_MAX],
	char *ret_allow, size_t allow_size, struct error *error)
{
	*ret_allow = '\0';
	for (size_t i = 0; i < routes_count; i++) {
		if (!path_matches(routes[i].pattern, path, ret_id))
			continue;
		if (method_matches(&routes[i], method)) {
			*ret_allow = '\0';
			return &routes[i];
		}
		allow(&routes[i], ret_allow, allow_size);
	}
	if (*ret_allow)
		error_set(error, ERROR_METHOD_NOT_ALLOWED,
			"Use one of the methods that Allow names.", "%.200s does not take %.16s",
			path, method);
	else
		error_set(error, ERROR_NOT_FOUND, "GET /api/v1 lists what is here.",
			"there is nothing at %.200s", path);
	return NULL;
}

bool router_takes_parameter(const struct route *route, const char *name)
{
	for (const char *const *known = route->query; known && *known; known++)
		if (!strcmp(*known, name))
			return true;
	return false;
}
