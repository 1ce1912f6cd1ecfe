/* SPDX-License-Identifier: Apache-2.0 */
#include "target.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Bytes; 0: it is a path. */
static size_t length_of_scheme(const char *target)
{
	static const char *const schemes[] = {"http://", "https://"};
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (!strncasecmp(target, schemes[i], strlen(schemes[i])))
			return strlen(schemes[i]);
	return 0;
}

bool target_read(const char *target, char **ret_path, char **ret_authority)
{
	size_t scheme = length_of_scheme(target);
	const char *authority = target + scheme;
	const char *path = scheme ? authority + strcspn(authority, "/") : target;
	*ret_authority = scheme ? strndup(authority, (size_t)(path - authority)) : NULL;
	*ret_path = strdup(*path ? path : "/");
	return *ret_path && (!scheme || *ret_authority);
}
