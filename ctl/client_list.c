/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that come in pages, one behind the other. */
#include <stdio.h>
#include <string.h>

#include "client.h"

/* As long as the API makes them. */
#define PAGE "1000"

enum { KEY_TEXT_MAX = 24 };

/* The last key of a page, which is a name or a number; "" at the end. */
static const char *key_text(const json_t *page, char ret[KEY_TEXT_MAX])
{
	const json_t *next = json_object_get(page, "next");
	snprintf(ret, KEY_TEXT_MAX, "%" JSON_INTEGER_FORMAT, json_integer_value(next));
	return json_is_integer(next) ? ret : text_of(page, "next");
}

/* One page, appended; *path is that of the next one, "" at the end. */
static enum exit_code read_page(const struct cli *cli, const char *list, char path[CLIENT_PATH_MAX],
	json_t *items, struct failure *failure)
{
	json_t *page = NULL;
	enum exit_code code = client_try(cli, "GET", path, NULL, &page, failure);
	if (!code)
		json_array_extend(items, json_object_get(page, "items"));
	char number[KEY_TEXT_MAX];
	const char *next = key_text(page, number);
	bool more = !code && *next && json_array_size(json_object_get(page, "items"));
	snprintf(path, CLIENT_PATH_MAX, "%s", more ? list : "");
	if (more && (!client_query(path, "after", next) || !client_query(path, "limit", PAGE)))
		*path = '\0';
	json_decref(page);
	return code;
}

enum exit_code client_list_try(
	const struct cli *cli, const char *list, json_t **ret, struct failure *failure)
{
	char path[CLIENT_PATH_MAX];
	json_t *items = json_array();
	enum exit_code code = EXIT_OK;
	snprintf(path, sizeof path, "%s", list);
	client_query(path, "limit", PAGE);
	while (!code && *path)
		code = read_page(cli, list, path, items, failure);
	if (code)
		json_decref(items);
	else
		*ret = json_pack("{s:o}", "items", items);
	return code;
}

enum exit_code client_list(const struct cli *cli, const char *list, json_t **ret)
{
	struct failure failure;
	enum exit_code code = client_list_try(cli, list, ret, &failure);
	return code ? failure_complain(code, &failure) : EXIT_OK;
}
