/* SPDX-License-Identifier: Apache-2.0 */
#include "upload_headers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base64.h"

bool upload_headers_version(const struct head *head, struct error *error)
{
	if (head->tus_resumable && !strcmp(head->tus_resumable, TUS_VERSION))
		return true;
	return error_set(error, ERROR_UPLOAD_VERSION, "Send \"Tus-Resumable: " TUS_VERSION "\".",
		"the request does not say that it is of tus " TUS_VERSION);
}

bool upload_headers_type(const struct head *head, struct error *error)
{
	static const char type[] = "application/offset+octet-stream";
	return (head->content_type && !strcasecmp(head->content_type, type)) ||
	       error_set(error, ERROR_UNSUPPORTED_TYPE,
		       "Send bytes with \"Content-Type: application/offset+octet-stream\".",
		       "the body is not declared as a piece of an upload");
}

static bool read_number(const char *name, const char *text, int64_t *ret, struct error *error)
{
	errno = 0;
	long long number = strtoll(text, NULL, 10);
	if (*text && strspn(text, "0123456789") == strlen(text) && !errno) {
		*ret = number;
		return true;
	}
	return error_set(error, ERROR_INVALID, "Send a number of bytes.", "%s cannot be \"%.64s\"",
		name, text);
}

static bool read_length(const struct head *head, int64_t *ret, struct error *error)
{
	*ret = -1;
	return !head->upload_length ||
	       read_number("Upload-Length", head->upload_length, ret, error);
}

bool upload_headers_begin(
	const struct head *head, struct library_upload_begin *ret, struct error *error)
{
	const char *metadata = head->upload_metadata ? head->upload_metadata : "";
	bool deferred = head->upload_defer_length && !strcmp(head->upload_defer_length, "1");
	if (deferred == (head->upload_length != NULL) || (head->upload_defer_length && !deferred))
		return error_set(error, ERROR_INVALID,
			"Send Upload-Length, or \"Upload-Defer-Length: 1\".",
			"the request says not, or twice, how long the upload is");
	if (strlen(metadata) >= sizeof ret->metadata)
		return error_set(error, ERROR_INVALID, "Use a shorter name.",
			"Upload-Metadata has %zu bytes; at most %zu are taken", strlen(metadata),
			sizeof ret->metadata - 1);
	snprintf(ret->metadata, sizeof ret->metadata, "%s", metadata);
	return read_length(head, &ret->length, error);
}

static bool to_hexadecimal(const char *base64, size_t size, char *ret)
{
	uint8_t digest[32];
	if (base64_decode(base64, digest, sizeof digest) != size)
		return false;
	for (size_t i = 0; i < size; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
	return true;
}

/* "sha256 BASE64" */
static bool read_checksum(const char *text, struct library_piece *ret,
	struct upload_checksums *checksums, struct error *error)
{
	if (!text)
		return true;
	if (!strncmp(text, "sha256 ", 7) && to_hexadecimal(text + 7, 32, checksums->sha256))
		ret->sha256 = checksums->sha256;
	else if (!strncmp(text, "sha1 ", 5) && to_hexadecimal(text + 5, 20, checksums->sha1))
		ret->sha1 = checksums->sha1;
	else
		return error_set(error, ERROR_INVALID, "Send \"sha256 BASE64\" or \"sha1 BASE64\".",
			"Upload-Checksum cannot be \"%.64s\"", text);
	return true;
}

bool upload_headers_piece(const struct head *head, struct library_piece *ret,
	struct upload_checksums *checksums, struct error *error)
{
	ret->size = head->has_body ? -1 : 0;
	return (!head->content_length ||
		       read_number("Content-Length", head->content_length, &ret->size, error)) &&
	       read_checksum(head->upload_checksum, ret, checksums, error);
}

bool upload_headers_offset(const struct head *head, uint64_t *ret, struct error *error)
{
	int64_t offset = 0;
	if (!head->upload_offset)
		return error_set(error, ERROR_INVALID, "Send Upload-Offset.",
			"the request does not say where the piece belongs");
	if (!read_number("Upload-Offset", head->upload_offset, &offset, error))
		return false;
	*ret = (uint64_t)offset;
	return true;
}

void upload_answer_version(struct answer *answer)
{
	answer_header(answer, "Tus-Resumable", "%s", TUS_VERSION);
}

void upload_answer_state(struct answer *answer, const struct library_upload *upload)
{
	char moment[64];
	struct tm tm;
	time_t expires = (time_t)upload->expires;
	answer_header(answer, "Upload-Offset", "%" PRIu64, upload->offset);
	if (upload->length >= 0)
		answer_header(answer, "Upload-Length", "%" PRId64, upload->length);
	else
		answer_header(answer, "Upload-Defer-Length", "1");
	if (*upload->metadata)
		answer_header(answer, "Upload-Metadata", "%s", upload->metadata);
	if (gmtime_r(&expires, &tm) && strftime(moment, sizeof moment, "%a, %d %b %Y %T GMT", &tm))
		answer_header(answer, "Upload-Expires", "%s", moment);
}
