/* SPDX-License-Identifier: Apache-2.0 */
#include "source_file.h"

#include <stdlib.h>
#include <string.h>

#include "util/list.h"
#include "util/residency.h"

struct file_source {
	struct scsi_source source;
	const struct file_io *io;
	int fd;
	struct file_identity identity;
	struct residency residency; /* of what can be sent from the file */
	uint64_t padded;            /* identity.size, rounded up to whole blocks */
};

static struct file_source *of(struct scsi_source *source)
{
	return container_of(source, struct file_source, source);
}

/* Zeros from byte `skip` of the iovecs on, `length` of them or as many as fit; returns how many. */
static uint64_t zero_iov(const struct iovec *iov, int count, uint64_t skip, uint64_t length)
{
	uint64_t done = 0;
	for (int i = 0; i < count && done < length; i++) {
		if (skip >= iov[i].iov_len) {
			skip -= iov[i].iov_len;
			continue;
		}
		uint64_t part = iov[i].iov_len - skip;
		if (part > length - done)
			part = length - done;
		memset((uint8_t *)iov[i].iov_base + skip, 0, part);
		done += part;
		skip = 0;
	}
	return done;
}

static ssize_t file_preadv(struct scsi_source *source, const struct iovec *iov, int iov_count,
	uint64_t offset, unsigned flags)
{
	struct file_source *file = of(source);
	uint64_t size = file->identity.size;
	ssize_t n = file->io->preadv(file->io, file->fd, iov, iov_count, offset, flags);
	if (n < 0 || offset + (uint64_t)n < size || offset >= file->padded)
		return n;
	/* The end of the file as we know it: what is missing of its last block is zeros. */
	uint64_t real = offset < size ? size - offset : 0;
	return (ssize_t)(real + zero_iov(iov, iov_count, real, file->padded - offset - real));
}

static bool file_changed(struct scsi_source *source)
{
	struct file_source *file = of(source);
	struct file_identity now;
	return file->io->identify(file->io, file->fd, &now) < 0 ||
	       !file_identity_equal(&now, &file->identity);
}

/* What pads the last block is in no file. */
static int file_descriptor(struct scsi_source *source, uint64_t offset, uint64_t length)
{
	const struct file_source *file = of(source);
	if (!file->io->sendable || !residency_of(&file->residency, offset, length) ||
		file_changed(source))
		return -1;
	return file->fd;
}

static void file_destroy(struct scsi_source *source)
{
	struct file_source *file = of(source);
	residency_close(&file->residency);
	file->io->close(file->io, file->fd);
	free(file);
}

static const struct scsi_source_ops file_ops = {
	.preadv = file_preadv,
	.changed = file_changed,
	.descriptor = file_descriptor,
	.destroy = file_destroy,
};

struct scsi_source *source_file_create(
	const struct file_io *io, int fd, const struct file_identity *identity, uint32_t block)
{
	struct file_source *file = calloc(1, sizeof *file);
	if (!file) {
		io->close(io, fd);
		return NULL;
	}
	scsi_source_init(&file->source, &file_ops, io->may_hang(io, fd));
	file->io = io;
	file->fd = fd;
	file->identity = *identity;
	file->padded = (identity->size + block - 1) / block * block;
	if (io->sendable && !file->source.may_hang)
		residency_open(&file->residency, fd, identity->size);
	return &file->source;
}
