/* SPDX-License-Identifier: Apache-2.0 */
/* The content of a disc: its file, whole or in part. */
#include <fcntl.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "byte_range.h"
#include "content.h"
#include "download.h"
#include "head.h"
#include "percent.h"
#include "routes.h"
#include "utf8.h"
#include "util/cleanup.h"

enum { NAME_MAX_BYTES = sizeof((struct library_content *)NULL)->name };

/* For clients that know RFC 6266 only in part: nothing that needs quoting. */
static void make_ascii(const char *name, char ret[NAME_MAX_BYTES])
{
	size_t length = 0;
	for (; *name && length < NAME_MAX_BYTES - 1; name++) {
		bool plain = (*name >= '0' && *name <= '9') || (*name >= 'A' && *name <= 'Z') ||
			     (*name >= 'a' && *name <= 'z') || strchr("._-+ ", *name);
		ret[length++] = plain ? *name : '_';
	}
	ret[length] = '\0';
}

/* RFC 6266, RFC 8187. */
static void add_disposition(const char *name, struct answer *answer)
{
	char ascii[NAME_MAX_BYTES], escaped[3 * 3 * NAME_MAX_BYTES];
	_cleanup_free_ char *valid = utf8_repair(name);
	make_ascii(name, ascii);
	percent_encode(valid ? valid : ascii, escaped, sizeof escaped);
	answer_header(answer, "Content-Disposition",
		"attachment; filename=\"%s\"; filename*=UTF-8''%s", ascii, escaped);
}

static void add_headers(const struct library_content *content, struct answer *answer)
{
	snprintf(answer->etag, sizeof answer->etag, "\"%s\"", content->tag);
	answer_header(answer, "Cache-Control", "private, no-cache");
	answer_header(answer, "Accept-Ranges", "bytes");
}

/* RFC 9110 13.1.5; a date is none of ours. HEAD has no part (14.2). */
static enum byte_range choose(const struct request *request, uint64_t size,
	const struct answer *answer, struct download *ret)
{
	const struct head *head = request->head;
	if (request->head_only || (head->if_range && strcmp(head->if_range, answer->etag) != 0))
		return BYTE_RANGE_ALL;
	return byte_range_read(head->range, size, &ret->offset, &ret->length);
}

static void refuse_range(const struct request *request, uint64_t size, struct answer *answer)
{
	struct error error;
	error_set(&error, ERROR_RANGE, "Ask for bytes that are there, or for all of it.",
		"%.64s has %" PRIu64 " bytes", request->id, size);
	request_problem(request, answer, &error);
	answer_header(answer, "Content-Range", "bytes */%" PRIu64, size);
}

static void send_file(
	struct request *request, const struct library_content *content, struct answer *answer)
{
	uint64_t size = content->identity.size;
	struct download part = {.identity = content->identity, .length = size};
	struct error error;
	enum byte_range range = choose(request, size, answer, &part);
	if (range == BYTE_RANGE_UNSATISFIABLE) {
		refuse_range(request, size, answer);
		return;
	}
	part.fd = fcntl(content->fd, F_DUPFD_CLOEXEC, 0);
	if (part.fd < 0) {
		error_set(&error, ERROR_INTERNAL, "Look at the limit on open files.",
			"too many files are open");
		request_problem(request, answer, &error);
		return;
	}
	answer_download(request, answer,
		range == BYTE_RANGE_ONE ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK,
		"application/octet-stream", &part);
	add_disposition(content->name, answer);
	if (range == BYTE_RANGE_ONE)
		answer_header(answer, "Content-Range", "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
			part.offset, part.offset + part.length - 1, size);
}

void answer_content(
	struct request *request, const struct library_content *content, struct answer *answer)
{
	struct error error;
	add_headers(content, answer);
	if (request->if_match && !etag_listed(request->if_match, answer->etag, false)) {
		error_set(&error, ERROR_CHANGED_MEANWHILE, "Fetch it from its beginning.",
			"%.64s is not what it was", request->id);
		request_problem(request, answer, &error);
	} else if (request->if_none_match &&
		   etag_listed(request->if_none_match, answer->etag, true)) {
		answer->status = MHD_HTTP_NOT_MODIFIED;
	} else {
		send_file(request, content, answer);
	}
	if (answer->problem)
		answer->etag[0] = '\0'; /* it is no version of the problem */
}

void get_content(struct request *request, struct answer *answer)
{
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_content_open(
			request->library, request->id, request->actor, operation_done, operation);
}
