/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of the API, with names in them that may be anything. */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "client.h"

static bool append(
	char path[CLIENT_PATH_MAX], const char *before, const char *name, const char *after)
{
	char *escaped = curl_easy_escape(NULL, name, (int)strlen(name));
	size_t length = strlen(path);
	int count = snprintf(path + length, CLIENT_PATH_MAX - length, "%s%s%s", before,
		escaped ? escaped : "", after);
	bool fits = escaped && count >= 0 && (size_t)count < CLIENT_PATH_MAX - length;
	curl_free(escaped);
	if (!fits)
		complain(EXIT_USAGE, "Give a shorter one.", "the name %.64s… is too long", name);
	return fits;
}

bool client_path(char ret[CLIENT_PATH_MAX], const char *before, const char *name, const char *after)
{
	ret[0] = '\0';
	if (!*name)
		complain(EXIT_USAGE, "Give a name: carousel status lists them.",
			"the name is empty");
	return *name && append(ret, before, name, after);
}

bool client_query(char path[CLIENT_PATH_MAX], const char *name, const char *value)
{
	char before[64];
	snprintf(before, sizeof before, "%c%s=", strchr(path, '?') ? '&' : '?', name);
	return append(path, before, value, "");
}
