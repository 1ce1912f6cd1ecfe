/* SPDX-License-Identifier: Apache-2.0 */
/* carousel media show, add, set, rm. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client.h"
#include "drives.h"
#include "human.h"
#include "media.h"
#include "media_details.h"
#include "table.h"
#include "tapes.h"

/* ---- show ---------------------------------------------------------------------------------- */

/* "12 TB (12000000000000 bytes)". */
static void print_bytes(const char *label, long long bytes)
{
	char size[32], exact[64];
	snprintf(exact, sizeof exact, "%s (%lld bytes)", human_size(bytes, size, sizeof size),
		bytes);
	print_field(label, exact);
}

/* "DVD-ROM (set by the operator)". */
static void print_type(const json_t *medium)
{
	char type[64];
	snprintf(type, sizeof type, "%s%s", medium_type(medium),
		is_set(medium, "profile_set") ? " (set by the operator)" : "");
	print_field("type", type);
}

static void print_findings(const json_t *medium)
{
	char verified[128], tags[MEDIA_TAGS_MAX];
	snprintf(verified, sizeof verified, "%s: %s", text_of(medium, "verified"),
		text_of(medium, "verify_result"));
	if (strcmp(text_of(medium, "state"), "ok"))
		print_field("state", text_of(medium, "state"));
	print_field("system", text_of(medium, "os"));
	print_field("sha256", text_of(medium, "sha256"));
	print_field("verified", *text_of(medium, "verified") ? verified : "");
	print_field("tags", media_tags_line(json_object_get(medium, "tags"), tags));
	print_field("notes", text_of(medium, "notes"));
}

static void print_medium(const json_t *medium)
{
	print_field("medium", text_of(medium, "id"));
	print_field("barcode", text_of(medium, "barcode"));
	print_field("file", text_of(medium, "path"));
	print_type(medium);
	if (is_tape(medium)) {
		print_bytes("capacity", number_of(medium, "capacity"));
		print_field(
			"tab", is_set(medium, "write_protected") ? "write protected" : "writable");
	} else {
		print_bytes("size", number_of(medium, "size"));
	}
	print_field("format", text_of(medium, "format"));
	print_field("file system", text_of(medium, "file_system"));
	print_field("volume", text_of(medium, "volume_id"));
	print_field("added", text_of(medium, "added"));
	printf("%-12s %lld\n", "loads", number_of(medium, "loads"));
	print_field("drive", text_of(medium, "drive"));
	print_field("fault", text_of(medium, "fault"));
	print_findings(medium);
}

/* A daemon that cannot say is no reason to complain. */
static void show_details(const struct cli *cli, const json_t *medium)
{
	char path[CLIENT_PATH_MAX];
	struct failure failure;
	json_t *answer = NULL;
	if (!is_tape(medium) &&
		client_path(path, "/api/v1/media/", text_of(medium, "id"), "/details") &&
		!client_try(cli, "GET", path, NULL, &answer, &failure))
		media_details_print(json_object_get(answer, "details"));
	json_decref(answer);
}

/* Other media with the same bytes. */
static void print_twins(const json_t *medium, const json_t *twins)
{
	bool is_first = true;
	size_t i;
	json_t *twin;
	json_array_foreach(twins, i, twin)
	{
		if (!strcmp(text_of(twin, "id"), text_of(medium, "id")))
			continue;
		print_field(is_first ? "same bytes" : "", text_of(twin, "id"));
		is_first = false;
	}
}

static void show_twins(const struct cli *cli, const json_t *medium)
{
	char path[CLIENT_PATH_MAX] = "/api/v1/media?limit=100";
	struct failure failure;
	json_t *page = NULL;
	if (*text_of(medium, "sha256") && client_query(path, "sha256", text_of(medium, "sha256")) &&
		!client_try(cli, "GET", path, NULL, &page, &failure))
		print_twins(medium, json_object_get(page, "items"));
	json_decref(page);
}

enum exit_code run_media_show(struct cli *cli)
{
	char path[CLIENT_PATH_MAX];
	json_t *medium = NULL;
	if (!client_path(path, "/api/v1/media/", cli->arguments[0], ""))
		return EXIT_USAGE;
	enum exit_code code = client_call(cli, "GET", path, NULL, &medium);
	if (code)
		return code;
	if (cli->json)
		print_json(cli, medium);
	else {
		print_medium(medium);
		show_twins(cli, medium);
		show_details(cli, medium);
	}
	json_decref(medium);
	return EXIT_OK;
}

/* ---- add ----------------------------------------------------------------------------------- */

/* The daemon knows nothing of our working directory. NULL after a complaint. */
static char *absolute(const char *file)
{
	char *path = realpath(file, NULL);
	if (!path && errno == ENOENT)
		complain(EXIT_NOT_FOUND, "Check the path.", "%s: there is no such file here", file);
	else if (!path)
		complain(EXIT_NOT_FOUND, "Check the path, and that you may search its directories.",
			"%s: %s", file, strerror(errno));
	return path;
}

static enum exit_code post_medium(
	const struct cli *cli, const char *path, json_t **ret, struct failure *failure)
{
	json_t *body = json_pack("{s:s, s:s*, s:s*}", "path", path, "id",
		option_value(cli, OPTION_ID), "profile", option_value(cli, OPTION_PROFILE));
	if (!body) {
		*failure = (struct failure){.remedy = "Rename it."};
		snprintf(failure->sentence, sizeof failure->sentence,
			"the path, the id or the profile is not UTF-8");
		return EXIT_FAILED;
	}
	enum exit_code code = client_try(cli, "POST", "/api/v1/media", body, ret, failure);
	json_decref(body);
	return code;
}

static void report_refusals(const json_t *answer)
{
	const json_t *first = json_object_get(answer, "first_refusal");
	if (number_of(answer, "refused"))
		complain(EXIT_FAILED, text_of(first, "remedy"),
			"%lld refused, the first because %s", number_of(answer, "refused"),
			text_of(first, "detail"));
}

static enum exit_code report_added(const struct cli *cli, const json_t *answer)
{
	char brief[512];
	bool medium = *text_of(answer, "id");
	if (cli->json)
		print_json(cli, answer);
	else if (medium)
		tell("in the catalog: %s", medium_brief(answer, brief, sizeof brief));
	else
		tell("%lld added, %lld known already", number_of(answer, "added"),
			number_of(answer, "known"));
	report_refusals(answer);
	return number_of(answer, "refused") ? EXIT_FAILED : EXIT_OK;
}

static enum exit_code add_one(const struct cli *cli, const char *file)
{
	struct failure failure;
	json_t *answer = NULL;
	char *path = absolute(file);
	if (!path)
		return EXIT_NOT_FOUND;
	enum exit_code code = post_medium(cli, path, &answer, &failure);
	free(path);
	if (code)
		return failure_complain(code, &failure);
	code = report_added(cli, answer);
	json_decref(answer);
	return code;
}

enum exit_code run_media_add(struct cli *cli)
{
	enum exit_code worst = EXIT_OK;
	if (cli->options & OPTION_ID && cli->argument_count > 1)
		return complain(EXIT_USAGE, "Add the files one by one.",
			"--id names one medium, but there are %d files", cli->argument_count);
	for (int i = 0; i < cli->argument_count; i++) {
		enum exit_code code = add_one(cli, cli->arguments[i]);
		worst = code ? code : worst;
	}
	return worst;
}

/* The medium that is this file already. */
static enum exit_code find_by_path(const struct cli *cli, const char *path, char ret[MEDIUM_ID_MAX])
{
	const char *name = strrchr(path, '/') + 1;
	json_t *media = NULL, *medium;
	size_t i;
	ret[0] = '\0';
	enum exit_code code =
		media_read_all(cli, "", strlen(name) < MEDIA_MATCH_MAX ? name : "", &media);
	json_array_foreach(media, i, medium) if (!strcmp(text_of(medium, "path"), path))
		snprintf(ret, MEDIUM_ID_MAX, "%s", text_of(medium, "id"));
	json_decref(media);
	return code;
}

static enum exit_code ensure_path(const struct cli *cli, const char *path, char ret[MEDIUM_ID_MAX])
{
	struct failure failure;
	json_t *answer = NULL;
	char brief[512];
	enum exit_code found = find_by_path(cli, path, ret);
	if (found || *ret)
		return found;
	enum exit_code code = post_medium(cli, path, &answer, &failure);
	if (code)
		return failure_complain(code, &failure);
	snprintf(ret, MEDIUM_ID_MAX, "%s", text_of(answer, "id"));
	tell("added %s", medium_brief(answer, brief, sizeof brief));
	json_decref(answer);
	return EXIT_OK;
}

enum exit_code media_ensure(const struct cli *cli, const char *file, char ret[MEDIUM_ID_MAX])
{
	struct stat st;
	if (!stat(file, &st) && S_ISDIR(st.st_mode))
		return complain(EXIT_USAGE,
			"Give an image file, or add all of it with carousel media add.",
			"%s is a directory", file);
	char *path = absolute(file);
	if (!path)
		return EXIT_NOT_FOUND;
	enum exit_code code = ensure_path(cli, path, ret);
	free(path);
	return code;
}

/* ---- set ----------------------------------------------------------------------------------- */

static enum exit_code set_one(const struct cli *cli, const char *id)
{
	char path[CLIENT_PATH_MAX], brief[512];
	json_t *answer = NULL;
	if (!client_path(path, "/api/v1/media/", id, "/profile"))
		return EXIT_USAGE;
	json_t *body = json_pack("{s:s}", "profile", option_value(cli, OPTION_PROFILE));
	if (!body)
		return complain(EXIT_USAGE, "Use cd-rom, dvd-rom, bd-rom or auto.",
			"the profile is not UTF-8");
	enum exit_code code = client_call(cli, "PUT", path, body, &answer);
	json_decref(body);
	if (!code && cli->json)
		print_json(cli, answer);
	else if (!code)
		tell("%s", medium_brief(answer, brief, sizeof brief));
	json_decref(answer);
	return code;
}

enum exit_code run_media_set(struct cli *cli)
{
	enum exit_code worst = EXIT_OK;
	if (!option_value(cli, OPTION_PROFILE))
		return complain(EXIT_USAGE, "Say --profile cd-rom, dvd-rom, bd-rom or auto.",
			"what shall be set?");
	for (int i = 0; i < cli->argument_count; i++) {
		enum exit_code code = set_one(cli, cli->arguments[i]);
		worst = code ? code : worst;
	}
	return worst;
}

/* ---- rm ------------------------------------------------------------------------------------ */

static enum exit_code remove_one(const struct cli *cli, const char *id)
{
	char path[CLIENT_PATH_MAX];
	json_t *answer = NULL;
	if (!client_path(path, "/api/v1/media/", id, ""))
		return EXIT_USAGE;
	enum exit_code code = client_call(cli, "DELETE", path, NULL, &answer);
	if (!code && !cli->json)
		tell("forgot %s; its file stays", id);
	json_decref(answer);
	return code;
}

enum exit_code run_media_remove(struct cli *cli)
{
	enum exit_code worst = EXIT_OK;
	for (int i = 0; i < cli->argument_count; i++) {
		enum exit_code code = remove_one(cli, cli->arguments[i]);
		worst = code ? code : worst;
	}
	return worst;
}
