/* SPDX-License-Identifier: Apache-2.0 */
#include "head.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char **slot(struct head *head, const char *name)
{
	const struct {
		const char *name;
		const char **value;
	} known[] = {
		{"Host", &head->host},
		{"Origin", &head->origin},
		{"Sec-Fetch-Site", &head->fetch_site},
		{"Authorization", &head->authorization},
		{"If-Match", &head->if_match},
		{"If-None-Match", &head->if_none_match},
		{"Range", &head->range},
		{"If-Range", &head->if_range},
		{"Last-Event-ID", &head->last_event_id},
		{"Idempotency-Key", &head->idempotency_key},
		{"Prefer", &head->prefer},
		{"Tus-Resumable", &head->tus_resumable},
		{"Upload-Offset", &head->upload_offset},
		{"Upload-Length", &head->upload_length},
		{"Upload-Defer-Length", &head->upload_defer_length},
		{"Upload-Metadata", &head->upload_metadata},
		{"Upload-Checksum", &head->upload_checksum},
		{"Content-Type", &head->content_type},
		{"Content-Length", &head->content_length},
		{"Transfer-Encoding", &head->transfer_encoding},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcasecmp(known[i].name, name))
			return known[i].value;
	return NULL;
}

static enum MHD_Result note(
	void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct head *head = context;
	const char **into = slot(head, name);
	head->lines++;
	head->bytes += (unsigned)(strlen(name) + (value ? strlen(value) : 0) + 4);
	if (into && *into)
		head->twice = into == &head->prefer ? head->twice : name;
	else if (into)
		*into = value ? value : "";
	return MHD_YES;
}

static bool judge_framing(const struct head *head, struct error *error)
{
	const char *remedy = "Send each request with one Content-Length, or chunked.";
	if (head->twice)
		return error_set(error, ERROR_INVALID, "Send it once.",
			"the header %.64s comes more than once", head->twice);
	if (head->transfer_encoding && head->content_length)
		return error_set(error, ERROR_INVALID, remedy,
			"the request has both Transfer-Encoding and Content-Length");
	if (head->transfer_encoding && strcasecmp(head->transfer_encoding, "chunked"))
		return error_set(error, ERROR_INVALID, remedy,
			"the transfer encoding %.64s is not known", head->transfer_encoding);
	return true;
}

bool head_read(struct MHD_Connection *connection, struct head *ret, struct error *error)
{
	*ret = (struct head){0};
	MHD_get_connection_values(connection, MHD_HEADER_KIND, note, ret);
	ret->has_body = ret->transfer_encoding ||
			(ret->content_length &&
				strspn(ret->content_length, "0") != strlen(ret->content_length));
	if (ret->lines > HEAD_LINES_MAX || ret->bytes > HEAD_BYTES_MAX)
		return error_set(error, ERROR_HEADERS, "Send fewer and shorter headers.",
			"the headers have %u lines and %u bytes; the limits are %d and %d",
			ret->lines, ret->bytes, HEAD_LINES_MAX, HEAD_BYTES_MAX);
	return judge_framing(ret, error);
}

static bool is_json(const char *type)
{
	static const char json[] = "application/json";
	size_t length = strcspn(type, "; \t");
	return length == strlen(json) && !strncasecmp(type, json, length);
}

bool head_promises_json(const struct head *head, struct error *error)
{
	if (!head->content_type || !is_json(head->content_type))
		return error_set(error, ERROR_UNSUPPORTED_TYPE,
			"Send JSON with \"Content-Type: application/json\".",
			"the body is not declared as JSON");
	if (head->content_length && strtoull(head->content_length, NULL, 10) > BODY_MAX)
		return error_set(error, ERROR_TOO_LARGE, "Send less.",
			"the body is longer than %d bytes", BODY_MAX);
	return true;
}
