/* SPDX-License-Identifier: Apache-2.0 */
/* A file as a source of Data-In. */
#pragma once

#include "scsi/source.h"
#include "util/file_io.h"

/*
 * Takes over fd, also on failure (NULL: out of memory). `identity` is what was recognised; when the
 * file turns out to be another, changed() says so.
 *
 * The source is a whole number of `block` bytes long: a last block that the file holds only in part
 * is filled up with zeros.
 */
struct scsi_source *source_file_create(
	const struct file_io *io, int fd, const struct file_identity *identity, uint32_t block);
