/* SPDX-License-Identifier: Apache-2.0 */
/* A file, or a part of it, as the answer to a request. */
#pragma once

#include "request.h"
#include "util/file_io.h"

struct download {
	int fd; /* owned: it is closed in any case */
	struct file_identity identity;
	uint64_t offset, length;
};

/* Or with a problem. What becomes of the file while it is sent, request->broken tells. */
void answer_download(struct request *request, struct answer *answer, int status,
	const char *content_type, const struct download *download);
