/* SPDX-License-Identifier: Apache-2.0 */
/* carousel token create, ls, rm. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "table.h"

/* ---- create ------------------------------------------------------------------------------------
 */

/* "90d": seconds, of a number and one of s, m, h, d, w. 0: it is none. */
static long long parse_lifetime(const char *text)
{
	static const struct {
		char unit;
		long seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	char *end;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || number < 1 || number > 1000000000 || !*end ||
		end[1])
		return 0;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (*end == units[i].unit)
			return number * units[i].seconds;
	return 0;
}

static bool add_lifetime(const struct cli *cli, json_t *body)
{
	const char *text = option_value(cli, OPTION_EXPIRES);
	if (!text)
		return true;
	long long seconds = parse_lifetime(text);
	if (seconds)
		return !json_object_set_new(body, "expires_in", json_integer(seconds));
	complain(EXIT_USAGE, "Use a number and s, m, h, d or w: 12h, 30d.",
		"--expires cannot be \"%s\"", text);
	return false;
}

/* The text alone is on stdout, so that it can go where it is kept. */
static void print_token(const json_t *token)
{
	const char *expires = text_of(token, "expires");
	puts(text_of(token, "token"));
	tell("token %s (%s%s%s) was made; it is not shown again", text_of(token, "name"),
		text_of(token, "scope"), *expires ? ", until " : "", expires);
}

enum exit_code run_token_create(struct cli *cli)
{
	const char *scope = option_value(cli, OPTION_SCOPE);
	json_t *token = NULL, *body = json_pack("{s:s, s:s}", "name", cli->arguments[0], "scope",
				      scope ? scope : "read");
	enum exit_code code = EXIT_USAGE;
	if (!body)
		complain(EXIT_USAGE, "Use a-z, 0-9, '.', '_' and '-'.", "the name is not UTF-8");
	else if (add_lifetime(cli, body))
		code = client_call(cli, "POST", "/api/v1/tokens", body, &token);
	if (!code && cli->json)
		print_json(cli, token);
	else if (!code)
		print_token(token);
	json_decref(token);
	json_decref(body);
	return code;
}

/* ---- ls and rm ---------------------------------------------------------------------------------
 */

static void print_tokens(const struct cli *cli, const json_t *tokens)
{
	static const char *const headers[] = {
		"TOKEN", "SCOPE", "+!CREATED", "BY", "!EXPIRES", "!LAST USED", NULL};
	struct table table;
	size_t i;
	json_t *token;
	table_init(&table, headers);
	json_array_foreach(tokens, i, token)
	{
		table_add(&table, text_of(token, "name"));
		table_add(&table, text_of(token, "scope"));
		table_add(&table, text_of(token, "created"));
		table_add(&table, text_of(token, "created_by"));
		table_add(&table, text_of(token, "expires"));
		table_add(&table, text_of(token, "last_used"));
	}
	table_print(&table, cli);
	table_finish(&table);
}

enum exit_code run_token_list(struct cli *cli)
{
	json_t *answer = NULL;
	enum exit_code code = client_list(cli, "/api/v1/tokens", &answer);
	const json_t *tokens = json_object_get(answer, "items");
	if (!code && cli->json)
		print_json(cli, tokens);
	else if (!code && json_array_size(tokens))
		print_tokens(cli, tokens);
	else if (!code)
		tell("There are no tokens. carousel token create makes one.");
	json_decref(answer);
	return code;
}

enum exit_code run_token_remove(struct cli *cli)
{
	enum exit_code worst = EXIT_OK;
	for (int i = 0; i < cli->argument_count; i++) {
		char path[CLIENT_PATH_MAX];
		json_t *answer = NULL;
		enum exit_code code = EXIT_USAGE;
		if (client_path(path, "/api/v1/tokens/", cli->arguments[i], ""))
			code = client_call(cli, "DELETE", path, NULL, &answer);
		json_decref(answer);
		if (!code)
			tell("token %s opens nothing any more", cli->arguments[i]);
		worst = code ? code : worst;
	}
	return worst;
}
