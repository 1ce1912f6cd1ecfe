/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that comes bit by bit, over several runs if need be: PATH.part, with PATH.part.etag that
 * says of which version it is. It gets its name when it is whole. Or stdout, which cannot go back.
 */
#pragma once

#include <nettle/sha2.h>
#include <stdbool.h>

#include "client.h"
#include "util/error.h"

struct partial_file {
	const char *path; /* the caller's; NULL: stdout */
	char *part, *tag;
	int fd;
	long long length;          /* bytes that are there */
	char etag[CLIENT_TAG_MAX]; /* of what they are a part of, with its quotes; "" */
	struct sha256_ctx hash;    /* of them */
};

/*
 * `path` NULL or "-": stdout. What is there already is read, to go on with. EXISTS (a file of that
 * name, unless `replace`), FILE_TYPE (something else of that name, in any case), UNDER_WAY (another
 * program has it), PERMISSION.
 */
bool partial_file_open(
	struct partial_file *ret, const char *path, bool replace, struct error *error);

/* All of it anew, of another version. */
bool partial_file_restart(struct partial_file *file, const char *etag, struct error *error);
bool partial_file_append(
	struct partial_file *file, const char *data, size_t length, struct error *error);
/* In hexadecimal; nothing is appended afterwards. */
void partial_file_digest(struct partial_file *file, char ret[2 * SHA256_DIGEST_SIZE + 1]);

/* It is whole, and gets its name, durably. */
bool partial_file_keep(struct partial_file *file, bool replace, struct error *error);
/* It is of no use. */
void partial_file_discard(struct partial_file *file);
/* What was not kept stays, to be gone on with. Zeroed is allowed. */
void partial_file_close(struct partial_file *file);
