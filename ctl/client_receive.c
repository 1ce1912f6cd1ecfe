/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that are taken piece by piece: files and streams of events. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client_private.h"
#include "interrupt.h"
#include "util/deadline.h"

struct receiving {
	CURL *curl;
	const struct client_sink *sink;
	bool begun, ended, silent;   /* ended: by the sink; silent: for too long */
	struct timespec silence_end; /* if nothing comes */
	struct client_bytes refusal; /* is not what was asked for */
};

/* ---- the head ------------------------------------------------------------------------------- */

/* "bytes 5-9/100" (RFC 9110 14.4). */
static void read_range(const char *text, struct client_head *ret)
{
	long long first, last, whole;
	if (sscanf(text, "bytes %lld-%lld/%lld", &first, &last, &whole) != 3 || first < 0 ||
		last < first || whole <= last)
		return;
	ret->offset = first;
	ret->whole = whole;
}

static void read_head(CURL *curl, struct client_head *ret)
{
	curl_off_t length = -1;
	long status = 0;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	*ret = (struct client_head){.status = (int)status, .whole = length};
	snprintf(ret->etag, sizeof ret->etag, "%s", client_header_of(curl, "ETag"));
	snprintf(ret->type, sizeof ret->type, "%s", client_header_of(curl, "Content-Type"));
	if (status == 206) {
		ret->offset = ret->whole = -1;
		read_range(client_header_of(curl, "Content-Range"), ret);
	}
}

static bool is_answer(CURL *curl)
{
	long status = 0;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return status >= 200 && status < 300;
}

/* ---- the content ---------------------------------------------------------------------------- */

static bool begin(struct receiving *receiving)
{
	struct client_head head;
	if (receiving->begun)
		return true;
	receiving->begun = true;
	read_head(receiving->curl, &head);
	receiving->ended = !receiving->sink->begin(receiving->sink->context, &head);
	return !receiving->ended;
}

/* curl's own bound, in bytes a second, takes heartbeats of a few bytes for silence. */
static void hear(struct receiving *receiving)
{
	receiving->silence_end = deadline_in_ms((unsigned)receiving->sink->silence_s * 1000);
}

static bool is_silent(const struct receiving *receiving)
{
	return receiving->sink->silence_s > 0 && deadline_is_over(&receiving->silence_end);
}

static size_t take(char *data, size_t one, size_t count, void *context)
{
	struct receiving *receiving = context;
	if (!is_answer(receiving->curl)) {
		hear(receiving);
		return client_collect(data, one, count, &receiving->refusal);
	}
	if (!begin(receiving))
		return CURL_WRITEFUNC_ERROR;
	receiving->ended = !receiving->sink->take(receiving->sink->context, data, one * count);
	hear(receiving); /* the sink may have been slow */
	return receiving->ended ? CURL_WRITEFUNC_ERROR : one * count;
}

static int look(void *context, curl_off_t in_all, curl_off_t in, curl_off_t out_all, curl_off_t out)
{
	struct receiving *receiving = context;
	if (receiving->sink->goes_on && !receiving->ended)
		receiving->ended = !receiving->sink->goes_on(receiving->sink->context);
	receiving->silent = is_silent(receiving);
	return receiving->ended || receiving->silent;
}

/* ---- the request ---------------------------------------------------------------------------- */

/* No bound on the whole unless the sink has one, but on silence. */
static void set_patience(CURL *curl, const struct cli *cli, const struct client_sink *sink)
{
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, sink->all_ms);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, cli->timeout_s);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
}

static void set_sink(struct receiving *receiving)
{
	curl_easy_setopt(receiving->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(receiving->curl, CURLOPT_WRITEDATA, receiving);
	curl_easy_setopt(receiving->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(receiving->curl, CURLOPT_XFERINFOFUNCTION, look);
	curl_easy_setopt(receiving->curl, CURLOPT_XFERINFODATA, receiving);
}

/* What refuses is a problem of the API, whatever became of the connection. */
static enum exit_code judge(
	const struct cli *cli, struct receiving *receiving, CURLcode code, struct failure *failure)
{
	json_t *nothing = NULL;
	long status = 0;
	curl_easy_getinfo(receiving->curl, CURLINFO_RESPONSE_CODE, &status);
	if (receiving->ended)
		return client_fail(failure, EXIT_FAILED, "", "");
	if (receiving->silent)
		code = CURLE_OPERATION_TIMEDOUT;
	if (code != CURLE_OK && status < 400)
		return client_fail_transfer(
			cli, receiving->curl, code, receiving->sink->silence_s, failure);
	if (is_answer(receiving->curl))
		return begin(receiving) ? EXIT_OK : client_fail(failure, EXIT_FAILED, "", "");
	enum exit_code result = client_judge(status, &receiving->refusal, &nothing, failure);
	json_decref(nothing);
	return result ? result : EXIT_FAILED;
}

enum exit_code client_receive(const struct cli *cli, const char *path,
	const struct client_sink *sink, struct failure *failure)
{
	struct receiving receiving = {.curl = curl_easy_init(), .sink = sink};
	if (!receiving.curl)
		return client_fail(failure, EXIT_FAILED, "", "out of memory");
	client_set_target(receiving.curl, cli, path);
	struct curl_slist *headers = client_headers(cli, NULL);
	for (const char *const *header = sink->headers; header && *header; header++)
		headers = curl_slist_append(headers, *header);
	curl_easy_setopt(receiving.curl, CURLOPT_HTTPHEADER, headers);
	set_patience(receiving.curl, cli, sink);
	set_sink(&receiving);
	hear(&receiving);
	enum exit_code code = judge(cli, &receiving, curl_easy_perform(receiving.curl), failure);
	curl_slist_free_all(headers);
	curl_easy_cleanup(receiving.curl);
	free(receiving.refusal.data);
	return code;
}

/* ---- into a file ---------------------------------------------------------------------------- */

struct file {
	int fd, error;
	long long length;
};

static bool begin_file(void *context, const struct client_head *head)
{
	return head->status == 200;
}

static bool goes_on(void *context)
{
	return !interrupted();
}

static bool write_piece(void *context, const char *data, size_t length)
{
	struct file *file = context;
	for (size_t at = 0; at < length;) {
		ssize_t written = write(file->fd, data + at, length - at);
		if (written < 0 && errno != EINTR) {
			file->error = errno;
			return false;
		}
		at += written > 0 ? (size_t)written : 0;
	}
	file->length += (long long)length;
	return true;
}

enum exit_code client_download(const struct cli *cli, const char *path, int fd,
	long long *ret_bytes, struct failure *failure)
{
	struct file file = {.fd = fd};
	const struct client_sink sink = {.begin = begin_file,
		.take = write_piece,
		.goes_on = goes_on,
		.context = &file,
		.silence_s = cli->timeout_s};
	char sentence[128];
	enum exit_code code = client_receive(cli, path, &sink, failure);
	*ret_bytes = file.length;
	if (!file.error)
		return code;
	snprintf(sentence, sizeof sentence, "the file cannot be written: %s", strerror(file.error));
	return client_fail(failure, EXIT_FAILED, "Make room for it.", sentence);
}
