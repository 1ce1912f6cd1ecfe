/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "disc_simple.h"
#include "util/list.h"

struct memory_source {
	struct scsi_source source;
	size_t length;
	uint8_t bytes[];
};

static ssize_t memory_preadv(struct scsi_source *source, const struct iovec *iov, int iov_count,
	uint64_t offset, unsigned flags)
{
	struct memory_source *memory = container_of(source, struct memory_source, source);
	ssize_t done = 0;
	for (int i = 0; i < iov_count && offset < memory->length; i++) {
		size_t part = memory->length - (size_t)offset;
		if (part > iov[i].iov_len)
			part = iov[i].iov_len;
		memcpy(iov[i].iov_base, memory->bytes + offset, part);
		offset += part;
		done += (ssize_t)part;
	}
	return done;
}

static bool memory_changed(struct scsi_source *source)
{
	return false;
}

static void memory_destroy(struct scsi_source *source)
{
	free(container_of(source, struct memory_source, source));
}

static const struct scsi_source_ops memory_ops = {
	.preadv = memory_preadv,
	.changed = memory_changed,
	.destroy = memory_destroy,
};

struct disc *disc_in_memory(const void *data, uint32_t blocks, enum mmc_profile profile)
{
	size_t length = (size_t)blocks * DISC_BLOCK;
	struct memory_source *memory = calloc(1, sizeof *memory + length);
	if (!memory)
		return NULL;
	scsi_source_init(&memory->source, &memory_ops, false);
	memory->length = length;
	memcpy(memory->bytes, data, length);
	return disc_simple_create(&memory->source, blocks, profile);
}
