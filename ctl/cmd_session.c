/* SPDX-License-Identifier: Apache-2.0 */
/* carousel session ls. */
#include "exports.h"
#include "table.h"

void session_print_all(const struct cli *cli, const json_t *sessions, bool of_one)
{
	static const char *const headers[] = {
		"EXPORT", "!SINCE", "FROM", "ISID", "<INITIATOR", NULL};
	struct table table;
	size_t i;
	json_t *session;
	table_init(&table, headers);
	json_array_foreach(sessions, i, session)
	{
		table_add(&table, of_one ? "" : text_of(session, "export"));
		table_add(&table, text_of(session, "since"));
		table_add(&table, text_of(session, "address"));
		table_add(&table, text_of(session, "isid"));
		table_add(&table, text_of(session, "initiator"));
	}
	table_print(&table, cli);
	table_finish(&table);
}

enum exit_code run_session_list(struct cli *cli)
{
	char path[CLIENT_PATH_MAX] = "/api/v1/sessions";
	json_t *answer = NULL;
	if (cli->argument_count &&
		!client_path(path, "/api/v1/exports/", cli->arguments[0], "/sessions"))
		return EXIT_USAGE;
	enum exit_code code = client_list(cli, path, &answer);
	if (code)
		return code;
	const json_t *sessions = json_object_get(answer, "items");
	if (cli->json)
		print_json(cli, sessions);
	else if (json_array_size(sessions))
		session_print_all(cli, sessions, cli->argument_count);
	else
		tell("Nobody is logged in.");
	json_decref(answer);
	return EXIT_OK;
}
