/* SPDX-License-Identifier: Apache-2.0 */
#include "path.h"

#include <stdio.h>
#include <string.h>

#include "util/error.h"

bool path_in(const char *directory, const char *name, char ret[PATH_MAX], struct error *error)
{
	char path[PATH_MAX];
	if (!name[0] || name[0] == '.' || strchr(name, '/'))
		return error_set(error, ERROR_INVALID, "Use letters and digits.",
			"\"%.64s\" cannot be the name of a file", name);
	int length = snprintf(path, sizeof path, "%s/%s", directory, name);
	if (length < 0 || (size_t)length >= sizeof path)
		return error_set(error, ERROR_INVALID, "Use a shorter directory name.",
			"the path of %.64s in %.64s… is too long", name, directory);
	memcpy(ret, path, (size_t)length + 1);
	return true;
}
