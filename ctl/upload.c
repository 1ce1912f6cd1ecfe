/* SPDX-License-Identifier: Apache-2.0 */
#include "upload.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "human.h"
#include "interrupt.h"
#include "jobs.h"
#include "patience.h"
#include "util/cleanup.h"

enum {
	ATTEMPTS = 6, /* without a byte more; the pauses between them are 1, 2, 4, 8 and 16 s */
	METADATA_MAX = 4096,
	LOOK_MS = 200,   /* for an interruption, while nothing happens */
	LEAVE_MS = 2000, /* that the daemon may take to say what has arrived */
};

struct upload {
	const struct cli *cli;
	int fd;
	bool is_stream; /* not a file: what was read cannot be read again */
	const char *name;
	long long size; /* -1: not known */
	long long sent; /* is there, or on its way */
	char metadata[METADATA_MAX];
	char path[CLIENT_PATH_MAX];
	struct progress progress;
	int failed; /* errno of reading */
};

/* ---- metadata ------------------------------------------------------------------------------ */

static void append_base64(char *to, size_t size, const char *text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t length = strlen(text), at = strlen(to);
	for (size_t i = 0; i < length && at + 5 < size; i += 3) {
		unsigned bits = 0;
		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (i + j < length ? (unsigned char)text[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			to[at++] = i + j > length ? '=' : digits[bits >> (18 - 6 * j) & 63];
		to[at] = '\0';
	}
}

static void add_word(struct upload *upload, const char *key, const char *value)
{
	char *to = upload->metadata;
	size_t length = strlen(to);
	if (!value || !*value)
		return;
	snprintf(to + length, METADATA_MAX - length, "%s%s ", length ? "," : "", key);
	append_base64(to, METADATA_MAX, value);
}

/* By which a file is known again whose upload was broken off. */
static void add_fingerprint(struct upload *upload, const struct stat *st)
{
	char text[128];
	snprintf(text, sizeof text, "%lld-%lld.%09ld-%llu", (long long)st->st_size,
		(long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec, (unsigned long long)st->st_ino);
	add_word(upload, "fingerprint", text);
}

static void describe(struct upload *upload, const struct stat *st)
{
	const struct cli *cli = upload->cli;
	add_word(upload, "filename", upload->name);
	add_word(upload, "id", option_value(cli, OPTION_ID));
	add_word(upload, "profile", option_value(cli, OPTION_PROFILE));
	add_word(upload, "sha256", option_value(cli, OPTION_SHA256));
	add_word(upload, "pool", option_value(cli, OPTION_POOL));
	if (!upload->is_stream)
		add_fingerprint(upload, st);
}

/* ---- requests ------------------------------------------------------------------------------ */

static void locate(struct upload *upload, const char *id)
{
	snprintf(upload->path, sizeof upload->path, "/api/v1/uploads/%s", id);
}

/* One that was begun before with the same file and the same words. */
static enum exit_code find(struct upload *upload)
{
	json_t *answer = NULL, *item;
	size_t i;
	enum exit_code code = client_call(upload->cli, "GET", "/api/v1/uploads", NULL, &answer);
	json_array_foreach(json_object_get(answer, "items"), i,
		item) if (!upload->is_stream && !number_of(item, "job") &&
			  !strcmp(text_of(item, "metadata"), upload->metadata))
		locate(upload, text_of(item, "id"));
	json_decref(answer);
	return code;
}

static enum exit_code begin(struct upload *upload)
{
	char length[64], metadata[METADATA_MAX + 32];
	const char *const headers[] = {length, metadata, NULL};
	const struct client_body none = {.headers = headers};
	struct failure failure;
	json_t *answer = NULL;
	snprintf(length, sizeof length, "Upload-Length: %lld", upload->size);
	if (upload->size < 0)
		snprintf(length, sizeof length, "Upload-Defer-Length: 1");
	snprintf(metadata, sizeof metadata, "Upload-Metadata: %s", upload->metadata);
	enum exit_code code =
		client_send(upload->cli, "POST", "/api/v1/uploads", &none, &answer, &failure);
	if (code)
		return failure_complain(code, &failure);
	locate(upload, text_of(answer, "id"));
	json_decref(answer);
	return EXIT_OK;
}

static bool goes_on(void *context)
{
	return !interrupted();
}

/* Who fills a pipe ends with us: what it has filled by then is not all. */
static bool has_more(const struct upload *upload)
{
	struct pollfd pipe = {.fd = upload->fd, .events = POLLIN};
	while (upload->is_stream && !interrupted() && poll(&pipe, 1, LOOK_MS) <= 0)
		;
	return !interrupted();
}

static ssize_t read_some(void *context, char *buffer, size_t size)
{
	struct upload *upload = context;
	ssize_t n;
	if (!has_more(upload))
		return -1;
	do
		n = read(upload->fd, buffer, size);
	while (n < 0 && errno == EINTR);
	upload->failed = n < 0 ? errno : 0;
	if (n == 0 && interrupted())
		return -1;
	if (n > 0)
		upload->sent += n;
	progress_update(&upload->progress, (uint64_t)upload->sent,
		upload->size > 0 ? (uint64_t)upload->size : 0);
	return n;
}

/* One whose job has failed already is not there any more, but the job is. */
static enum exit_code judge(enum exit_code code, const struct failure *failure, long long *ret_job)
{
	if (!code || !failure->job)
		return code;
	*ret_job = failure->job;
	return EXIT_OK;
}

/*
 * From where it is, as many bytes as there are; `length` NULL, or the header that says it all.
 * *ret_job: that of the upload, once it is complete.
 */
static enum exit_code send_piece(struct upload *upload, long long size, const char *length,
	long long *ret_job, struct failure *failure)
{
	char offset[64], location[CLIENT_PATH_MAX];
	const char *const headers[] = {
		"Content-Type: application/offset+octet-stream", offset, length, NULL};
	const struct client_body body = {.headers = headers,
		.read = read_some,
		.context = upload,
		.size = size,
		.goes_on = goes_on,
		.location = location};
	json_t *nothing = NULL;
	snprintf(offset, sizeof offset, "Upload-Offset: %lld", upload->sent);
	enum exit_code code =
		client_send(upload->cli, "PATCH", upload->path, &body, &nothing, failure);
	json_decref(nothing);
	if (!code)
		(void)sscanf(location, "/api/v1/jobs/%lld", ret_job);
	return judge(code, failure, ret_job);
}

/* ---- a file -------------------------------------------------------------------------------- */

/* How far it is; *ret_job is 0 until it is complete. */
static enum exit_code look(struct upload *upload, long long *ret_job, struct failure *failure)
{
	json_t *answer = NULL;
	enum exit_code code = client_try(upload->cli, "GET", upload->path, NULL, &answer, failure);
	if (!code) {
		upload->sent = number_of(answer, "offset");
		*ret_job = number_of(answer, "job");
	}
	json_decref(answer);
	return judge(code, failure, ret_job);
}

/* Another request may hold the upload that was ours, and is not known to be dead yet. */
static bool is_passing(enum exit_code code, const struct failure *failure)
{
	return code == EXIT_UNREACHABLE || !strcmp(failure->code, "under_way") ||
	       !strcmp(failure->code, "upload_offset");
}

static enum exit_code send_rest(struct upload *upload, long long *ret_job, struct failure *failure)
{
	enum exit_code code = look(upload, ret_job, failure);
	if (code || *ret_job)
		return code;
	if (lseek(upload->fd, upload->sent, SEEK_SET) < 0)
		upload->failed = errno;
	else
		code = send_piece(upload, upload->size - upload->sent, NULL, ret_job, failure);
	return code || *ret_job ? code : look(upload, ret_job, failure);
}

static enum exit_code stop(enum exit_code code, struct failure *failure)
{
	char remedy[512];
	snprintf(remedy, sizeof remedy, "%.300s%sThe same command goes on where this one ended.",
		failure->remedy, *failure->remedy ? " " : "");
	return complain(code, remedy, "%s", failure->sentence);
}

static void pause_s(unsigned seconds)
{
	for (unsigned ms = 0; ms < seconds * 1000 && !interrupted(); ms += LOOK_MS)
		pause_ms(LOOK_MS);
}

static enum exit_code send_file(struct upload *upload, long long *ret_job)
{
	struct failure failure = {0};
	for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
		long long before = upload->sent;
		enum exit_code code = send_rest(upload, ret_job, &failure);
		if (*ret_job || upload->failed || interrupted())
			return EXIT_OK;
		if (code && !is_passing(code, &failure))
			return stop(code, &failure);
		if (upload->sent > before)
			attempt = 0;
		if (attempt + 1 < ATTEMPTS)
			pause_s(1u << attempt);
	}
	return stop(EXIT_UNREACHABLE, &failure);
}

/* ---- a stream ------------------------------------------------------------------------------ */

static enum exit_code say_length(
	struct upload *upload, const char *length, long long *ret_job, struct failure *failure)
{
	enum exit_code code = send_piece(upload, 0, length, ret_job, failure);
	return *ret_job || (code && !is_passing(code, failure)) ? code
								: look(upload, ret_job, failure);
}

/* All of it was sent; that is said once more when the answer was lost. */
static enum exit_code end_stream(struct upload *upload, long long *ret_job, struct failure *failure)
{
	char length[64];
	enum exit_code code = EXIT_OK;
	long long all = upload->sent;
	snprintf(length, sizeof length, "Upload-Length: %lld", all);
	for (unsigned attempt = 0; upload->sent == all && attempt < ATTEMPTS; attempt++) {
		if (attempt)
			pause_s(1u << (attempt - 1));
		code = say_length(upload, length, ret_job, failure);
		if (*ret_job || interrupted() || (code && !is_passing(code, failure)))
			return code;
	}
	if (!code)
		failure->sentence[0] = '\0';
	return code ? code
		    : complain(EXIT_FAILED, "Send it again, from its beginning.",
			      "not all of stdin has arrived");
}

static enum exit_code send_stream(struct upload *upload, long long *ret_job)
{
	struct failure failure = {0};
	enum exit_code code = send_piece(upload, -1, NULL, ret_job, &failure);
	if (!code && !upload->failed && !interrupted())
		code = end_stream(upload, ret_job, &failure);
	if (interrupted())
		return EXIT_OK;
	return code ? failure_complain(code, &failure) : EXIT_OK;
}

/* ---- leaving ------------------------------------------------------------------------------- */

/* The daemon may not have noticed yet that nothing more comes. */
static bool remove_upload(const struct upload *upload, const struct cli *hasty)
{
	static const char *const no_headers[] = {NULL};
	const struct client_body none = {.headers = no_headers};
	struct failure failure = {.code = "under_way"};
	for (unsigned ms = 0; ms < LEAVE_MS && !strcmp(failure.code, "under_way"); ms += LOOK_MS) {
		json_t *nothing = NULL;
		enum exit_code code =
			client_send(hasty, "DELETE", upload->path, &none, &nothing, &failure);
		json_decref(nothing);
		if (!code)
			return true;
		pause_ms(LOOK_MS);
	}
	return false;
}

/* What is left of a stream is of no use to anybody. */
static enum exit_code leave_stream(const struct upload *upload, const struct cli *hasty)
{
	bool removed = remove_upload(upload, hasty);
	return complain(EXIT_FAILED, "Send it again, from its beginning.",
		"interrupted: what had arrived of stdin %s",
		removed ? "was removed" : "is of no use");
}

static enum exit_code leave_file(const struct upload *upload, const struct cli *hasty)
{
	static const char remedy[] = "The same command goes on where this one ended.";
	char arrived[32], whole[32];
	json_t *answer = NULL;
	struct failure failure;
	if (client_try(hasty, "GET", upload->path, NULL, &answer, &failure))
		return complain(EXIT_FAILED, remedy, "interrupted while %s was sent", upload->name);
	human_size(number_of(answer, "offset"), arrived, sizeof arrived);
	human_size(upload->size, whole, sizeof whole);
	json_decref(answer);
	return complain(EXIT_FAILED, remedy, "interrupted: %s of the %s of %s have arrived",
		arrived, whole, upload->name);
}

/* Somebody wants to go: the daemon is asked, but not waited for. */
static enum exit_code leave(const struct upload *upload)
{
	struct cli hasty = *upload->cli;
	hasty.timeout_ms = LEAVE_MS;
	hasty.leaving = true;
	return upload->is_stream ? leave_stream(upload, &hasty) : leave_file(upload, &hasty);
}

/* ---- all of it ----------------------------------------------------------------------------- */

static enum exit_code send_all(struct upload *upload)
{
	long long job = 0;
	enum exit_code code = find(upload);
	if (!code && !*upload->path)
		code = begin(upload);
	if (code)
		return code;
	interrupt_catch();
	progress_begin(&upload->progress, NULL, upload->cli->progress);
	code = upload->is_stream ? send_stream(upload, &job) : send_file(upload, &job);
	progress_erase(&upload->progress);
	if (!code && !job && interrupted())
		code = leave(upload);
	if (code)
		return code;
	if (upload->failed)
		return complain(EXIT_FAILED, "Look at the file.", "cannot read %s: %s",
			upload->name, strerror(upload->failed));
	return job_await_number(upload->cli, job);
}

static const char *name_of(const struct cli *cli, const char *file, bool is_stdin)
{
	const char *slash = strrchr(file, '/'), *name = option_value(cli, OPTION_NAME);
	return name ? name : is_stdin ? "" : slash ? slash + 1 : file;
}

enum exit_code upload_file(const struct cli *cli, const char *file)
{
	bool is_stdin = !strcmp(file, "-");
	struct stat st;
	_cleanup_close_ int fd = is_stdin ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		return complain(EXIT_NOT_FOUND, "Check the path.", "%s: %s", file, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return complain(EXIT_USAGE, "Name files.", "%s is a directory", file);
	bool is_stream = is_stdin || !S_ISREG(st.st_mode);
	struct upload upload = {.cli = cli,
		.fd = fd,
		.is_stream = is_stream,
		.name = name_of(cli, file, is_stdin),
		.size = is_stream ? -1 : st.st_size};
	if (strlen(upload.name) > 1024)
		return complain(EXIT_USAGE, "Use --name.", "the name of the file is too long");
	describe(&upload, &st);
	enum exit_code code = send_all(&upload);
	interrupt_end();
	return code;
}
