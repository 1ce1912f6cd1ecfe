/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong with a request, in words and as what the program exits with. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client_private.h"

enum exit_code client_fail(
	struct failure *failure, enum exit_code code, const char *remedy, const char *sentence)
{
	failure->code[0] = '\0';
	failure->job = 0;
	snprintf(failure->sentence, sizeof failure->sentence, "%s", sentence);
	snprintf(failure->remedy, sizeof failure->remedy, "%s", remedy);
	return code;
}

static const char *where(const struct cli *cli)
{
	return cli->url ? cli->url : cli->socket;
}

static enum exit_code fail_connect(const struct cli *cli, CURL *curl, struct failure *failure)
{
	char sentence[512];
	long error = 0;
	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
	if (error == EACCES || error == EPERM) {
		snprintf(sentence, sizeof sentence, "you may not use %s", cli->socket);
		return client_fail(failure, EXIT_AUTH,
			"Use sudo, or ask to be added to the group of the socket.", sentence);
	}
	snprintf(sentence, sizeof sentence, "no daemon answers at %s", where(cli));
	return client_fail(failure, EXIT_UNREACHABLE,
		cli->url ? "Start carouseld, or correct the URL."
			 : "Start carouseld, or name its socket with --socket.",
		sentence);
}

/* Whoever speaks TLS says nothing to who does not, and the other way round. */
static const char *what_to_look_at(const struct cli *cli, CURLcode code)
{
	if (cli->url && code == CURLE_GOT_NOTHING && !strncmp(cli->url, "http:", 5))
		return "If it serves TLS, begin the URL with https. Else see what carouseld has "
		       "logged.";
	if (code == CURLE_SSL_CONNECT_ERROR)
		return "If it serves no TLS, begin the URL with http. Else see what carouseld has "
		       "logged.";
	return "See what carouseld has logged.";
}

enum exit_code client_fail_transfer(
	const struct cli *cli, CURL *curl, CURLcode code, long seconds, struct failure *failure)
{
	char sentence[512];
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return client_fail(failure, EXIT_FAILED, "", "");
	if (code == CURLE_COULDNT_CONNECT)
		return fail_connect(cli, curl, failure);
	if (code == CURLE_OPERATION_TIMEDOUT) {
		snprintf(sentence, sizeof sentence, "no answer from %s within %ld s", where(cli),
			seconds);
		return client_fail(failure, EXIT_TIMEOUT,
			"It may still be done: see carousel status. Wait longer with --timeout.",
			sentence);
	}
	if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
		snprintf(sentence, sizeof sentence, "\"%s\" cannot be the URL", where(cli));
		return client_fail(failure, EXIT_USAGE,
			"Use https://ADDRESS:PORT, http://ADDRESS:PORT or unix:PATH.", sentence);
	}
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
		snprintf(sentence, sizeof sentence, "%s does not prove who it is: %s", where(cli),
			curl_easy_strerror(code));
		return client_fail(failure, EXIT_UNREACHABLE,
			"Name the certificate of who signed the daemon's with --ca-file, and the "
			"daemon as its certificate does.",
			sentence);
	}
	snprintf(sentence, sizeof sentence, "cannot talk to %s: %s", where(cli),
		curl_easy_strerror(code));
	return client_fail(failure, EXIT_UNREACHABLE, what_to_look_at(cli, code), sentence);
}

static enum exit_code exit_of(long status, const char *code)
{
	static const char *const busy[] = {
		"drive_full", "drive_busy", "removal_prevented", "medium_in_use"};
	for (size_t i = 0; i < sizeof busy / sizeof *busy; i++)
		if (!strcmp(code, busy[i]))
			return EXIT_BUSY;
	switch (status) {
	case 400:
		return EXIT_USAGE;
	case 401:
	case 403:
		return EXIT_AUTH;
	case 404:
		return EXIT_NOT_FOUND;
	case 503:
		return EXIT_UNREACHABLE;
	default:
		return EXIT_FAILED;
	}
}

static enum exit_code fail_status(long status, const json_t *answer, struct failure *failure)
{
	char sentence[64];
	const char *code = text_of(answer, "code");
	snprintf(sentence, sizeof sentence, "the daemon answered with HTTP status %ld", status);
	client_fail(failure, EXIT_FAILED,
		*code ? text_of(answer, "remedy")
		      : "See whether it is carouseld that answers there.",
		*text_of(answer, "detail") ? text_of(answer, "detail") : sentence);
	if (status == 401)
		snprintf(failure->remedy, sizeof failure->remedy,
			"Put a token into CAROUSEL_TOKEN, or name its file with --token-file.");
	snprintf(failure->code, sizeof failure->code, "%s", code);
	failure->job = number_of(answer, "job");
	return exit_of(status, code);
}

enum exit_code failure_complain(enum exit_code code, const struct failure *failure)
{
	return *failure->sentence ? complain(code, failure->remedy, "%s", failure->sentence) : code;
}

enum exit_code client_judge(
	long status, const struct client_bytes *bytes, json_t **ret, struct failure *failure)
{
	json_t *answer = bytes->length ? json_loadb(bytes->data, bytes->length, 0, NULL) : NULL;
	if (status >= 200 && status < 300 && (answer || !bytes->length)) {
		*ret = answer;
		return EXIT_OK;
	}
	enum exit_code code = fail_status(status, answer, failure);
	json_decref(answer);
	return code;
}
