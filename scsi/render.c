/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data-In that is made of what lies on the medium, block by block (the raw sectors of a CD), after
 * the lock is released:
 *
 *	few blocks, in the page cache: read and made by the transport's own thread
 *	else, a local file: by a worker, piece by piece into the iovecs (BUSY: a cancel waits for
 *	  the piece)
 *	source that may hang: read by a worker into private memory while the command stays QUEUED,
 *	  and made of that if the command is still live
 *	nothing on the medium (headers, sub-channels): likewise by the transport's own thread or by
 *	  a worker, which may have more blocks before that takes as long
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "private.h"
#include "scsi/lu.h"
#include "util/file_io.h"

enum {
	PIECE_BLOCKS = 16,
	/* What a thread that serves others too may make: about half a millisecond. */
	INLINE_BLOCKS = 64,
	INLINE_BLOCKS_OF_NOTHING = 512,
};

uint64_t scsi_data_in_rendered(
	struct scsi_cmd *cmd, struct scsi_rendering *rendering, uint64_t first_lba, uint64_t count)
{
	uint64_t room = scsi_data_room(cmd), length = rendering->out_length;
	uint64_t fits = room / length + (room % length > 0);
	assert(length > 0 && length <= SCSI_RENDERED_MAX);
	assert(rendering->in_length <= SCSI_RENDERS_FROM_MAX);
	cmd->range_use = SCSI_RANGES_RENDER;
	cmd->rendering = rendering;
	cmd->data_wanted += count * length;
	scsi_data_in_blocks(cmd, first_lba, rendering->out_length);
	cmd->render_left = count < fits ? count : fits;
	return rendering->in_length > 0 ? cmd->render_left : 0;
}

void scsi_rendering_release(struct scsi_cmd *cmd)
{
	struct scsi_rendering *rendering = cmd->rendering;
	cmd->rendering = NULL;
	if (rendering)
		rendering->release(rendering);
}

/*
 * Bytes of the ranges from `offset` on; returns how many there are in `buffer`. *ret_result: 0, or
 * the -errno of the read that stopped it, -ENODATA where a source ended early.
 */
static size_t read_ranges(const struct scsi_range *ranges, int range_count, uint64_t offset,
	void *buffer, size_t length, unsigned flags, int *ret_result)
{
	size_t done = 0;
	*ret_result = 0;
	for (int i = 0; i < range_count && done < length; i++) {
		const struct scsi_range *range = &ranges[i];
		while (offset < range->length && done < length) {
			struct iovec iov = {(uint8_t *)buffer + done, length - done};
			if (iov.iov_len > range->length - offset)
				iov.iov_len = (size_t)(range->length - offset);
			ssize_t n =
				atomic_load_explicit(&range->source->faulted, memory_order_relaxed)
					? -EIO
					: range->source->ops->preadv(range->source, &iov, 1,
						  range->offset + offset, flags);
			if (n <= 0) {
				*ret_result = n < 0 ? (int)n : -ENODATA;
				return done;
			}
			done += (size_t)n;
			offset += (uint64_t)n;
		}
		offset -= offset < range->length ? offset : range->length;
	}
	return done;
}

/* The next `count` blocks. */
static void make(struct scsi_cmd *cmd, const uint8_t *data, uint64_t count)
{
	struct scsi_rendering *rendering = cmd->rendering;
	uint8_t block[SCSI_RENDERED_MAX];
	for (uint64_t i = 0; i < count; i++) {
		uint64_t lba = cmd->first_lba + cmd->rendered;
		rendering->block(rendering, lba, data, block);
		cmd->data_in_done +=
			scsi_copy_to_iov(cmd, cmd->data_in_done, block, rendering->out_length);
		cmd->rendered++;
		cmd->render_left--;
		data += rendering->in_length;
	}
}

/* Of what lies in the ranges. 0, or the -errno of the read that stopped it. */
static int render(struct scsi_cmd *cmd, unsigned flags)
{
	uint8_t piece[PIECE_BLOCKS * SCSI_RENDERS_FROM_MAX];
	uint32_t in_length = cmd->rendering->in_length;
	while (cmd->render_left > 0 && !scsi_cmd_is_aborted(cmd)) {
		uint64_t count = cmd->render_left < PIECE_BLOCKS ? cmd->render_left : PIECE_BLOCKS;
		int result;
		if (in_length == 0) {
			make(cmd, piece, count);
			continue;
		}
		size_t there = read_ranges(cmd->ranges, cmd->range_count, cmd->rendered * in_length,
			piece, count * in_length, flags, &result);
		make(cmd, piece, there / in_length);
		if (result != 0)
			return result;
	}
	return 0;
}

static void check_sources(const struct scsi_range *ranges, int count, int result)
{
	for (int i = 0; result != 0 && i < count; i++)
		scsi_data_check_source(ranges[i].source);
}

/* A worker makes it in the iovecs. */
static void run_direct(struct scsi_work *work)
{
	struct scsi_cmd *cmd = container_of(work, struct scsi_cmd, work);
	if (scsi_cmd_claim(cmd)) {
		int result = render(cmd, 0);
		check_sources(cmd->ranges, cmd->range_count, result);
		scsi_data_finish_read(cmd, result);
	}
	scsi_cmd_put(cmd);
}

/* What it is made of, read into private memory; the command may be cancelled and gone meanwhile. */
struct private_read {
	struct scsi_work work;
	struct scsi_cmd *cmd;                      /* counted */
	struct scsi_range ranges[SCSI_CMD_RANGES]; /* counted */
	int range_count;
	size_t length;
	uint8_t data[];
};

static void private_read_destroy(struct scsi_work *work)
{
	struct private_read *self = container_of(work, struct private_read, work);
	for (int i = 0; i < self->range_count; i++)
		scsi_source_put(self->ranges[i].source);
	free(self);
}

static void run_private(struct scsi_work *work)
{
	struct private_read *self = container_of(work, struct private_read, work);
	struct scsi_cmd *cmd = self->cmd;
	int result;
	size_t there = read_ranges(
		self->ranges, self->range_count, 0, self->data, self->length, 0, &result);
	check_sources(self->ranges, self->range_count, result);
	if (scsi_cmd_claim(cmd)) {
		make(cmd, self->data, there / cmd->rendering->in_length);
		scsi_data_finish_read(cmd, result);
	}
	scsi_cmd_put(cmd);
	private_read_destroy(work);
}

static struct scsi_work *private_read_create(struct scsi_cmd *cmd)
{
	size_t length = (size_t)(cmd->render_left * cmd->rendering->in_length);
	struct private_read *self = malloc(sizeof *self + length);
	if (!self)
		return NULL;
	*self = (struct private_read){.work.run = run_private, .cmd = cmd, .length = length};
	list_init(&self->work.link);
	for (int i = 0; i < cmd->range_count; i++) {
		self->ranges[self->range_count++] = cmd->ranges[i];
		scsi_source_get(cmd->ranges[i].source);
	}
	return &self->work;
}

static void submit(struct scsi_cmd *cmd)
{
	struct scsi_work *work = &cmd->work;
	cmd->work.run = run_direct;
	if (scsi_data_may_hang(cmd))
		work = private_read_create(cmd);
	scsi_data_submit(cmd, cmd->range_count > 0 ? cmd->ranges[0].source : cmd->rendering->source,
		work, private_read_destroy);
}

static bool takes_long(const struct scsi_cmd *cmd)
{
	if (cmd->range_count == 0)
		return cmd->render_left > INLINE_BLOCKS_OF_NOTHING;
	return cmd->render_left > INLINE_BLOCKS || scsi_data_may_hang(cmd);
}

void scsi_render_phase(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	bool reads = cmd->range_count > 0;
	if (takes_long(cmd)) {
		submit(cmd);
		return;
	}
	if (render(cmd, reads ? FILE_IO_NOWAIT : 0) != 0) {
		submit(cmd);
		return;
	}
	if (reads)
		atomic_fetch_add_explicit(&lu->inline_reads, 1, memory_order_relaxed);
	scsi_data_finish_read(cmd, 0);
}
