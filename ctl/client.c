/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, and answers that are taken as a whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client_private.h"
#include "interrupt.h"
#include "util/cleanup.h"

enum { ANSWER_MAX = 64 << 20 }; /* of the largest answer that is believed */

size_t client_collect(char *data, size_t one, size_t count, void *context)
{
	struct client_bytes *bytes = context;
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

const char *client_header_of(CURL *curl, const char *name)
{
	struct curl_header *header;
	return curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK
		       ? header->value
		       : "";
}

struct curl_slist *client_headers(const struct cli *cli, const char *body)
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

void client_set_target(CURL *curl, const struct cli *cli, const char *path)
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

static int look_up(
	void *context, curl_off_t in_all, curl_off_t in, curl_off_t out_all, curl_off_t out)
{
	const struct cli *cli = context;
	return interrupted() && !cli->leaving;
}

static CURLcode perform(CURL *curl, const struct cli *cli, const char *method, const char *body,
	struct client_bytes *answer)
{
	struct curl_slist *headers = client_headers(cli, body);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	if (body)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, client_collect);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_up);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, cli);
	CURLcode code = curl_easy_perform(curl);
	curl_slist_free_all(headers);
	return code;
}

enum exit_code client_try(const struct cli *cli, const char *method, const char *path,
	const json_t *body, json_t **ret, struct failure *failure)
{
	_cleanup_free_ char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct client_bytes bytes = {0};
	long status = 0;
	CURL *curl = curl_easy_init();
	if (!curl || (body && !text))
		return client_fail(
			failure, EXIT_FAILED, "", "out of memory, or a name that is not UTF-8");
	client_set_target(curl, cli, path);
	CURLcode code = perform(curl, cli, method, text, &bytes);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	enum exit_code result =
		code == CURLE_OK ? client_judge(status, &bytes, ret, failure)
				 : client_fail_transfer(cli, curl, code, cli->timeout_s, failure);
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

static int look(void *context, curl_off_t in_all, curl_off_t in, curl_off_t out_all, curl_off_t out)
{
	const struct client_body *body = context;
	return !body->goes_on(body->context);
}

static void set_body(CURL *curl, const struct client_body *body)
{
	if (!body->read)
		return;
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, body->goes_on ? 0L : 1L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, body);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(curl, CURLOPT_READDATA, body);
	curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)body->size);
	curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 512L << 10);
}

enum exit_code client_send(const struct cli *cli, const char *method, const char *path,
	const struct client_body *body, json_t **ret, struct failure *failure)
{
	struct client_bytes bytes = {0};
	long status = 0;
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = client_headers(cli, NULL);
	if (!curl)
		return client_fail(failure, EXIT_FAILED, "", "out of memory");
	headers = curl_slist_append(headers, "Tus-Resumable: 1.0.0");
	for (const char *const *header = body->headers; *header; header++)
		headers = curl_slist_append(headers, *header);
	client_set_target(curl, cli, path);
	set_body(curl, body);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, cli->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, client_collect);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &bytes);
	CURLcode code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (body->location)
		snprintf(body->location, CLIENT_PATH_MAX, "%s", client_header_of(curl, "Location"));
	enum exit_code result =
		code == CURLE_OK || status >= 400
			? client_judge(status, &bytes, ret, failure)
			: client_fail_transfer(cli, curl, code, cli->timeout_s, failure);
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
