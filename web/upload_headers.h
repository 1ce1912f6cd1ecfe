/* SPDX-License-Identifier: Apache-2.0 */
/* The headers of tus 1.0.0, on both ways. */
#pragma once

#include "daemon/uploads.h"
#include "head.h"
#include "request.h"

#define TUS_VERSION "1.0.0"
#define TUS_EXTENSIONS                                                                             \
	"creation,creation-with-upload,creation-defer-length,termination,checksum,expiration"
#define TUS_CHECKSUMS "sha256,sha1"

/* Room for what a checksum is in hexadecimal. */
struct upload_checksums {
	char sha256[65], sha1[41];
};

/* UPLOAD_VERSION: not this version, or none. */
bool upload_headers_version(const struct head *head, struct error *error);
/* UNSUPPORTED_TYPE: a body that is not of application/offset+octet-stream. */
bool upload_headers_type(const struct head *head, struct error *error);
/* Of POST. INVALID. */
bool upload_headers_begin(
	const struct head *head, struct library_upload_begin *ret, struct error *error);
/* Of a piece: size, length and checksum, which points into `checksums`. INVALID. */
bool upload_headers_piece(const struct head *head, struct library_piece *ret,
	struct upload_checksums *checksums, struct error *error);
bool upload_headers_offset(const struct head *head, uint64_t *ret, struct error *error);

/* Of every answer. */
void upload_answer_version(struct answer *answer);
/* Upload-Offset and the others. */
void upload_answer_state(struct answer *answer, const struct library_upload *upload);
