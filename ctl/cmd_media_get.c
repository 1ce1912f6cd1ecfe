/* SPDX-License-Identifier: Apache-2.0 */
/* carousel media get: the content of a disc, gone on with after anything. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client.h"
#include "human.h"
#include "interrupt.h"
#include "partial_file.h"
#include "patience.h"
#include "progress.h"

enum { ATTEMPTS = 6, FIRST_PAUSE_MS = 500 };

struct fetch {
	const struct cli *cli;
	json_t *medium;
	char path[CLIENT_PATH_MAX]; /* of the content */
	struct partial_file file;
	struct progress progress;
	long long whole;     /* bytes that there are; -1: not known yet */
	bool overlaps;       /* the byte that comes next is there already */
	struct error failed; /* what ended it here */
};

/* ---- one request ----------------------------------------------------------------------------- */

/* One byte that is there is asked for again, so that there always is something to ask for. */
static bool begin_part(struct fetch *fetch, const struct client_head *head)
{
	if (head->offset == fetch->file.length - 1 && !strcmp(head->etag, fetch->file.etag)) {
		fetch->overlaps = true;
		return true;
	}
	return error_set(&fetch->failed, ERROR_INTERNAL,
		"Remove what is there, and fetch it again.",
		"the daemon sent another part than was asked for");
}

static bool begin(void *context, const struct client_head *head)
{
	struct fetch *fetch = context;
	fetch->whole = head->whole;
	if (head->status == 206)
		return begin_part(fetch, head);
	if (fetch->file.length && fetch->file.path)
		tell("%s has changed since a part of it was fetched; from its beginning",
			text_of(fetch->medium, "id"));
	return partial_file_restart(&fetch->file, head->etag, &fetch->failed);
}

static bool take(void *context, const char *data, size_t length)
{
	struct fetch *fetch = context;
	size_t known = fetch->overlaps && length ? 1 : 0;
	fetch->overlaps = fetch->overlaps && !known;
	if (!partial_file_append(&fetch->file, data + known, length - known, &fetch->failed))
		return false;
	if (fetch->whole > 0)
		progress_update(
			&fetch->progress, (uint64_t)fetch->file.length, (uint64_t)fetch->whole);
	return true;
}

static bool goes_on(void *context)
{
	return !interrupted();
}

static enum exit_code ask(struct fetch *fetch, struct failure *failure)
{
	char range[64], if_range[CLIENT_TAG_MAX + 16];
	const char *const headers[] = {range, if_range, NULL};
	struct client_sink sink = {.begin = begin,
		.take = take,
		.goes_on = goes_on,
		.context = fetch,
		.silence_s = fetch->cli->timeout_s};
	snprintf(range, sizeof range, "Range: bytes=%lld-", fetch->file.length - 1);
	snprintf(if_range, sizeof if_range, "If-Range: %s", fetch->file.etag);
	if (fetch->file.length && *fetch->file.etag)
		sink.headers = headers;
	return client_receive(fetch->cli, fetch->path, &sink, failure);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static enum exit_code refuse(const struct error *error)
{
	return complain(error->code == ERROR_UNDER_WAY ? EXIT_BUSY : EXIT_FAILED, error->remedy,
		"%s", error->sentence);
}

/* More is there than there is: it was something else. */
static bool is_longer(const struct failure *failure)
{
	return !strcmp(failure->code, "range_not_satisfiable");
}

static bool is_passing(const struct fetch *fetch, enum exit_code code)
{
	return !fetch->failed.sentence[0] && !interrupted() &&
	       (code == EXIT_UNREACHABLE || code == EXIT_TIMEOUT);
}

static enum exit_code leave(const struct fetch *fetch, enum exit_code code, struct failure *failure)
{
	char remedy[512];
	bool stays = fetch->file.path && fetch->file.length;
	if (fetch->failed.sentence[0])
		return refuse(&fetch->failed);
	if (interrupted()) {
		if (stays)
			tell("%s is kept; the same command goes on there", fetch->file.part);
		else if (fetch->file.path)
			tell("nothing of %s has come yet", text_of(fetch->medium, "id"));
		return EXIT_FAILED;
	}
	snprintf(remedy, sizeof remedy, "%.300s%s%s", failure->remedy,
		stays && *failure->remedy ? " " : "",
		stays ? "The same command goes on where this one ended." : "");
	return complain(code, remedy, "%s", failure->sentence);
}

/* A connection that is lost is made again; what has come counts as patience. */
static enum exit_code receive(struct fetch *fetch)
{
	struct failure failure = {0};
	enum exit_code code = EXIT_OK;
	for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
		long long before = fetch->file.length;
		code = ask(fetch, &failure);
		if (!code)
			return EXIT_OK;
		if (is_longer(&failure) && before &&
			partial_file_restart(&fetch->file, "", &fetch->failed))
			continue;
		if (!is_passing(fetch, code))
			break;
		if (fetch->file.length > before)
			attempt = 0;
		pause_ms(FIRST_PAUSE_MS << attempt);
	}
	return leave(fetch, code, &failure);
}

/* What the catalog knows: NULL, when it does not. */
static const char *known_digest(const struct fetch *fetch)
{
	const char *digest = text_of(fetch->medium, "sha256");
	return *digest ? digest : NULL;
}

static enum exit_code verify(struct fetch *fetch, char digest[2 * SHA256_DIGEST_SIZE + 1])
{
	const char *known = known_digest(fetch);
	partial_file_digest(&fetch->file, digest);
	if (!known || !strcmp(known, digest))
		return EXIT_OK;
	partial_file_discard(&fetch->file);
	return complain(EXIT_FAILED, "Read the disc whole with carousel media verify.",
		"what came of %s has another digest than the catalog knows, and is not kept",
		text_of(fetch->medium, "id"));
}

static void report(const struct fetch *fetch, const char *digest)
{
	char size[32];
	const char *file = fetch->file.path ? fetch->file.path : "stdout";
	if (fetch->cli->json && fetch->file.path) {
		json_t *answer = json_pack("{s:s, s:I, s:s, s:b}", "file", file, "bytes",
			(json_int_t)fetch->file.length, "sha256", digest, "verified",
			known_digest(fetch) != NULL);
		print_json(fetch->cli, answer);
		json_decref(answer);
		return;
	}
	tell("%s has %s (%s), %s", file, text_of(fetch->medium, "id"),
		human_size(fetch->file.length, size, sizeof size),
		known_digest(fetch) ? "with the digest that the catalog knows"
				    : "whose digest the catalog does not know");
}

static enum exit_code finish(struct fetch *fetch)
{
	char digest[2 * SHA256_DIGEST_SIZE + 1];
	struct error error;
	enum exit_code code = verify(fetch, digest);
	if (code)
		return code;
	if (!partial_file_keep(&fetch->file, fetch->cli->options & OPTION_FORCE, &error))
		return refuse(&error);
	report(fetch, digest);
	return EXIT_OK;
}

/* ---- into which file ------------------------------------------------------------------------- */

/* The daemon's word is no path. */
static const char *name_of(const json_t *medium)
{
	const char *path = text_of(medium, "path"), *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	for (const char *at = name; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return "";
	return *name == '.' ? "" : name;
}

static enum exit_code choose_file(const struct fetch *fetch, char ret[PATH_MAX])
{
	struct stat st;
	const char *said = option_value(fetch->cli, OPTION_OUTPUT_FILE);
	const char *name = name_of(fetch->medium);
	bool directory = said && stat(said, &st) == 0 && S_ISDIR(st.st_mode);
	int length = said && !directory ? snprintf(ret, PATH_MAX, "%s", said)
					: snprintf(ret, PATH_MAX, "%s%s%s", directory ? said : "",
						  directory ? "/" : "", name);
	if (((!said || directory) && !*name) || !*ret || length >= PATH_MAX)
		return complain(EXIT_USAGE, "Name a file with -O.",
			"there is no good name for the file of %s", text_of(fetch->medium, "id"));
	return EXIT_OK;
}

static enum exit_code fetch_into(struct fetch *fetch, const char *name)
{
	struct error error;
	if (!partial_file_open(&fetch->file, name, fetch->cli->options & OPTION_FORCE, &error))
		return refuse(&error);
	interrupt_catch();
	progress_begin(&fetch->progress, NULL, fetch->cli->progress);
	enum exit_code code = receive(fetch);
	progress_erase(&fetch->progress);
	if (code && !fetch->file.length)
		partial_file_discard(&fetch->file);
	return code ? code : finish(fetch);
}

enum exit_code run_media_get(struct cli *cli)
{
	struct fetch fetch = {.cli = cli, .whole = -1};
	char about[CLIENT_PATH_MAX], name[PATH_MAX];
	if (!client_path(about, "/api/v1/media/", cli->arguments[0], ""))
		return EXIT_USAGE;
	enum exit_code code = client_call(cli, "GET", about, NULL, &fetch.medium);
	if (!code &&
		!client_path(fetch.path, "/api/v1/media/", text_of(fetch.medium, "id"), "/content"))
		code = EXIT_USAGE;
	if (!code)
		code = choose_file(&fetch, name);
	if (!code)
		code = fetch_into(&fetch, name);
	partial_file_close(&fetch.file);
	json_decref(fetch.medium);
	interrupt_end();
	return code;
}
