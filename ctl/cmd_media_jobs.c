/* SPDX-License-Identifier: Apache-2.0 */
/* carousel media import, scan, verify. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "jobs.h"
#include "upload.h"
#include "util/cleanup.h"

enum { SECONDS_A_DAY = 86400 };

/* A job for a body, which is taken over; NULL: a word of it is not UTF-8. */
static enum exit_code run_with(const struct cli *cli, const char *path, json_t *body)
{
	if (!body)
		return complain(
			EXIT_USAGE, "Rename it.", "a name on the command line is not UTF-8");
	enum exit_code code = job_run(cli, path, body);
	json_decref(body);
	return code;
}

static enum exit_code import_one(const struct cli *cli, const char *file)
{
	if (!strcmp(file, "-"))
		return upload_file(cli, file);
	_cleanup_free_ char *path = realpath(file, NULL);
	if (!path)
		return complain(EXIT_NOT_FOUND, "Check the path.", "%s: %s", file, strerror(errno));
	json_t *body = json_pack("{s:s, s:s*, s:s*, s:s*, s:s*, s:b}", "path", path, "id",
		option_value(cli, OPTION_ID), "profile", option_value(cli, OPTION_PROFILE),
		"sha256", option_value(cli, OPTION_SHA256), "pool", option_value(cli, OPTION_POOL),
		"copy", (cli->options & (OPTION_COPY | OPTION_POOL)) != 0);
	return run_with(cli, "/api/v1/imports", body);
}

enum exit_code run_media_import(struct cli *cli)
{
	enum exit_code worst = EXIT_OK;
	if (cli->options & (OPTION_ID | OPTION_SHA256) && cli->argument_count > 1)
		return complain(EXIT_USAGE, "Import the files one by one.",
			"--id and --sha256 are of one file, but there are %d", cli->argument_count);
	for (int i = 0; i < cli->argument_count; i++) {
		enum exit_code code = import_one(cli, cli->arguments[i]);
		worst = code ? code : worst;
	}
	return worst;
}

enum exit_code run_media_scan(struct cli *cli)
{
	_cleanup_free_ char *pool = cli->argument_count ? realpath(cli->arguments[0], NULL) : NULL;
	if (cli->argument_count && !pool)
		return complain(EXIT_NOT_FOUND, "Check the path.", "%s: %s", cli->arguments[0],
			strerror(errno));
	return run_with(cli, "/api/v1/scans", json_pack("{s:s*}", "pool", pool));
}

/* An empty name would be all of them. */
static enum exit_code verify_one(const struct cli *cli, const char *id)
{
	if (!*id)
		return complain(EXIT_USAGE, "Give a name: carousel media ls lists them.",
			"the name is empty");
	return run_with(cli, "/api/v1/verifications", json_pack("{s:s}", "medium", id));
}

enum exit_code run_media_verify(struct cli *cli)
{
	enum exit_code worst = EXIT_OK;
	long long days = 0;
	if (!option_number(cli, OPTION_OLDER_THAN, "older-than", 1, 36500, &days))
		return EXIT_USAGE;
	bool all = (cli->options & OPTION_ALL) || days;
	if (all == (cli->argument_count > 0))
		return complain(EXIT_USAGE, "Name media, or say --all or --older-than DAYS.",
			"which media shall be verified?");
	if (all)
		return run_with(cli, "/api/v1/verifications",
			json_pack("{s:I}", "older_than", (json_int_t)(days * SECONDS_A_DAY)));
	for (int i = 0; i < cli->argument_count; i++) {
		enum exit_code code = verify_one(cli, cli->arguments[i]);
		worst = code ? code : worst;
	}
	return worst;
}
