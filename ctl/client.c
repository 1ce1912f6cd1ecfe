/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"

enum { ANSWER_MAX = 64 << 20 }; /* of the largest answer that is believed */

struct bytes {
	char *data;
	size_t length;
};

static size_t take(char *data, size_t one, size_t count, void *context)
{
	struct bytes *bytes = context;
	if (bytes->length + count > ANSWER_MAX)
		return 0;
	char *grown = realloc(bytes->data, bytes->length + count);
	if (!grown)
		return 0;
	memcpy(grown + bytes->length, data, count);
	bytes->data = grown;
	bytes->length += count;
	return count;
}

static enum exit_code fail(
	struct failure *failure, enum exit_code code, const char *remedy, const char *sentence)
{
	failure->code[0] = '\0';
	snprintf(failure->sentence, sizeof failure->sentence, "%s", sentence);
	snprintf(failure->remedy, sizeof failure->remedy, "%s", remedy);
	return code;
}

/* ---- what went wrong ----------------------------------------------------------------------- */

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
		return fail(failure, EXIT_AUTH,
			"Use sudo, or ask to be added to the group of the socket.", sentence);
	}
	snprintf(sentence, sizeof sentence, "no daemon answers at %s", where(cli));
	return fail(failure, EXIT_UNREACHABLE,
		cli->url ? "Start carouseld, or correct the URL."
			 : "Start carouseld, or name its socket with --socket.",
		sentence);
}

static enum exit_code fail_transfer(
	const struct cli *cli, CURL *curl, CURLcode code, struct failure *failure)
{
	char sentence[512];
	if (code == CURLE_COULDNT_CONNECT)
		return fail_connect(cli, curl, failure);
	if (code == CURLE_OPERATION_TIMEDOUT) {
		snprintf(sentence, sizeof sentence, "no answer from %s within %ld s", where(cli),
			cli->timeout_s);
		return fail(failure, EXIT_TIMEOUT,
			"It may still be done: see carousel status. Wait longer with --timeout.",
			sentence);
	}
	if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
		snprintf(sentence, sizeof sentence, "\"%s\" cannot be the URL", where(cli));
		return fail(failure, EXIT_USAGE,
			"Use https://ADDRESS:PORT, http://ADDRESS:PORT or unix:PATH.", sentence);
	}
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
		snprintf(sentence, sizeof sentence, "%s does not prove who it is: %s", where(cli),
			curl_easy_strerror(code));
		return fail(failure, EXIT_UNREACHABLE,
			"Name the certificate of who signed the daemon's with --ca-file, and the "
			"daemon as its certificate does.",
			sentence);
	}
	snprintf(sentence, sizeof sentence, "cannot talk to %s: %s", where(cli),
		curl_easy_strerror(code));
	return fail(failure, EXIT_UNREACHABLE, "See what carouseld has logged.", sentence);
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
	fail(failure, EXIT_FAILED, text_of(answer, "remedy"),
		*text_of(answer, "detail") ? text_of(answer, "detail") : sentence);
	if (status == 401)
		snprintf(failure->remedy, sizeof failure->remedy,
			"Put a token into CAROUSEL_TOKEN, or name its file with --token-file.");
	snprintf(failure->code, sizeof failure->code, "%s", code);
	return exit_of(status, code);
}

enum exit_code failure_complain(enum exit_code code, const struct failure *failure)
{
	return *failure->sentence ? complain(code, failure->remedy, "%s", failure->sentence) : code;
}

/* ---- the request --------------------------------------------------------------------------- */

static struct curl_slist *make_headers(const struct cli *cli, const char *body)
{
	char line[512];
	struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
	if (body)
		headers = curl_slist_append(headers, "Content-Type: application/json");
	if (cli->url && cli->token) {
		snprintf(line, sizeof line, "Authorization: Bearer %s", cli->token);
		headers = curl_slist_append(headers, line);
	}
	return headers;
}

static void set_target(CURL *curl, const struct cli *cli, const char *path)
{
	char url[CLIENT_PATH_MAX + 512];
	snprintf(url, sizeof url, "%s%s", cli->url ? cli->url : "http://localhost", path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L); /* a drive may be called ".." */
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	if (cli->ca_file && *cli->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, cli->ca_file);
	if (!cli->url)
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, cli->socket);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
		cli->timeout_ms ? cli->timeout_ms : cli->timeout_s * 1000);
}

static CURLcode perform(CURL *curl, const struct cli *cli, const char *method, const char *body,
	struct bytes *answer)
{
	struct curl_slist *headers = make_headers(cli, body);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	if (body)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	CURLcode code = curl_easy_perform(curl);
	curl_slist_free_all(headers);
	return code;
}

static enum exit_code judge(
	long status, const struct bytes *bytes, json_t **ret, struct failure *failure)
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

enum exit_code client_try(const struct cli *cli, const char *method, const char *path,
	const json_t *body, json_t **ret, struct failure *failure)
{
	_cleanup_free_ char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct bytes bytes = {0};
	long status = 0;
	CURL *curl = curl_easy_init();
	if (!curl || (body && !text))
		return fail(failure, EXIT_FAILED, "", "out of memory, or a name that is not UTF-8");
	set_target(curl, cli, path);
	CURLcode code = perform(curl, cli, method, text, &bytes);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	enum exit_code result = code == CURLE_OK ? judge(status, &bytes, ret, failure)
						 : fail_transfer(cli, curl, code, failure);
	curl_easy_cleanup(curl);
	free(bytes.data);
	return result;
}

static size_t give(char *buffer, size_t one, size_t count, void *context)
{
	const struct client_body *body = context;
	ssize_t length = body->read(body->context, buffer, one * count);
	return length < 0 ? CURL_READFUNC_ABORT : (size_t)length;
}

static void set_body(CURL *curl, const struct client_body *body)
{
	if (!body->read)
		return;
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(curl, CURLOPT_READDATA, body);
	curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)body->size);
	curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 512L << 10);
}

enum exit_code client_send(const struct cli *cli, const char *method, const char *path,
	const struct client_body *body, json_t **ret, struct failure *failure)
{
	struct bytes bytes = {0};
	long status = 0;
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = make_headers(cli, NULL);
	if (!curl)
		return fail(failure, EXIT_FAILED, "", "out of memory");
	headers = curl_slist_append(headers, "Tus-Resumable: 1.0.0");
	for (const char *const *header = body->headers; *header; header++)
		headers = curl_slist_append(headers, *header);
	set_target(curl, cli, path);
	set_body(curl, body);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 0L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 0L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &bytes);
	CURLcode code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	enum exit_code result = code == CURLE_OK || status >= 400
					? judge(status, &bytes, ret, failure)
					: fail_transfer(cli, curl, code, failure);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	free(bytes.data);
	return result;
}

enum exit_code client_call(const struct cli *cli, const char *method, const char *path,
	const json_t *body, json_t **ret)
{
	struct failure failure;
	enum exit_code code = client_try(cli, method, path, body, ret, &failure);
	return code ? failure_complain(code, &failure) : EXIT_OK;
}

/* ---- files --------------------------------------------------------------------------------- */

/* A refusal is not what was asked for. */
struct download {
	CURL *curl;
	int fd;
	long long length;
	struct bytes refusal;
};

static size_t take_piece(char *data, size_t one, size_t count, void *context)
{
	struct download *download = context;
	long status = 0;
	curl_easy_getinfo(download->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return take(data, one, count, &download->refusal);
	for (size_t at = 0; at < count;) {
		ssize_t written = write(download->fd, data + at, count - at);
		if (written < 0)
			return 0;
		at += (size_t)written;
	}
	download->length += (long long)count;
	return count;
}

static enum exit_code judge_download(
	const struct cli *cli, struct download *download, CURLcode code, struct failure *failure)
{
	long status = 0;
	json_t *nothing = NULL;
	curl_easy_getinfo(download->curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_WRITE_ERROR)
		return fail(
			failure, EXIT_FAILED, "Make room for it.", "the file cannot be written");
	if (code != CURLE_OK)
		return fail_transfer(cli, download->curl, code, failure);
	if (status == 200)
		return EXIT_OK;
	enum exit_code result = judge(status, &download->refusal, &nothing, failure);
	json_decref(nothing);
	return result ? result : EXIT_FAILED;
}

enum exit_code client_download(const struct cli *cli, const char *path, int fd,
	long long *ret_bytes, struct failure *failure)
{
	struct download download = {.curl = curl_easy_init(), .fd = fd};
	if (!download.curl)
		return fail(failure, EXIT_FAILED, "", "out of memory");
	set_target(download.curl, cli, path);
	struct curl_slist *headers = make_headers(cli, NULL);
	curl_easy_setopt(download.curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(download.curl, CURLOPT_WRITEFUNCTION, take_piece);
	curl_easy_setopt(download.curl, CURLOPT_WRITEDATA, &download);
	enum exit_code code =
		judge_download(cli, &download, curl_easy_perform(download.curl), failure);
	curl_slist_free_all(headers);
	curl_easy_cleanup(download.curl);
	free(download.refusal.data);
	*ret_bytes = download.length;
	return code;
}

/* ---- paths --------------------------------------------------------------------------------- */

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
