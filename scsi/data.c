/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data-In and Data-Out. Parameter data is copied while the handler runs; bulk data is read after
 *the lock is released:
 *
 *	in the page cache, long, and a transport that can send from files: left there
 *	in the page cache: read straight into the iovecs by the transport's own thread
 *	not cached, local file: by a worker, straight into the iovecs (BUSY: a cancel waits for it)
 *	source that may hang: by a worker, into a private buffer while the command stays QUEUED, so
 *	  that a cancel need not wait; copied if the command is still live
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "scsi/library.h"
#include "scsi/lu.h"
#include "util/cleanup.h"
#include "util/file_io.h"

enum { WINDOW_IOVS = 256 };

uint64_t scsi_data_room(const struct scsi_cmd *cmd)
{
	return cmd->transfer_length - cmd->data_in_done - cmd->range_length;
}

/* Copies between the command's buffer, from byte `skip`, and memory; returns what it moved. */
static size_t copy_iov(
	struct scsi_cmd *cmd, uint64_t skip, void *memory, size_t length, bool into_iov)
{
	size_t done = 0;
	for (int i = 0; i < cmd->iov_count && done < length; i++) {
		const struct iovec *iov = &cmd->iov[i];
		if (skip >= iov->iov_len) {
			skip -= iov->iov_len;
			continue;
		}
		size_t part = iov->iov_len - skip;
		if (part > length - done)
			part = length - done;
		uint8_t *there = (uint8_t *)iov->iov_base + skip, *here = (uint8_t *)memory + done;
		memcpy(into_iov ? there : here, into_iov ? here : there, part);
		done += part;
		skip = 0;
	}
	return done;
}

size_t scsi_copy_to_iov(struct scsi_cmd *cmd, uint64_t offset, const void *memory, size_t length)
{
	return copy_iov(cmd, offset, (void *)(uintptr_t)memory, length, true);
}

enum scsi_sense_code scsi_data_in(
	struct scsi_cmd *cmd, const void *data, size_t length, uint64_t allocation_length)
{
	uint64_t room = scsi_data_room(cmd);
	if (length > allocation_length)
		length = (size_t)allocation_length;
	cmd->data_wanted += length;
	if (length > room)
		length = (size_t)room;
	cmd->data_in_done +=
		copy_iov(cmd, cmd->data_in_done, (void *)(uintptr_t)data, length, true);
	return SENSE_NONE;
}

size_t scsi_data_out(struct scsi_cmd *cmd, void *buffer, size_t capacity)
{
	cmd->data_wanted = capacity;
	return scsi_data_out_at(cmd, 0, buffer, capacity);
}

size_t scsi_data_out_at(struct scsi_cmd *cmd, uint64_t offset, void *buffer, size_t capacity)
{
	uint64_t there = offset < cmd->transfer_length ? cmd->transfer_length - offset : 0;
	if (capacity > there)
		capacity = (size_t)there;
	return copy_iov(cmd, offset, buffer, capacity, false);
}

/* NULL: the bytes lie in more than one iovec, or beyond the last. */
static void *piece(const struct scsi_cmd *cmd, uint64_t skip, size_t length)
{
	for (int i = 0; i < cmd->iov_count; i++) {
		const struct iovec *iov = &cmd->iov[i];
		if (skip < iov->iov_len)
			return length <= iov->iov_len - skip ? (uint8_t *)iov->iov_base + skip
							     : NULL;
		skip -= iov->iov_len;
	}
	return NULL;
}

const void *scsi_data_out_piece(const struct scsi_cmd *cmd, uint64_t offset, size_t length)
{
	return piece(cmd, offset, length);
}

void *scsi_data_in_piece(const struct scsi_cmd *cmd, size_t length)
{
	return length <= scsi_data_room(cmd) ? piece(cmd, cmd->data_in_done, length) : NULL;
}

void scsi_data_in_placed(struct scsi_cmd *cmd, size_t length)
{
	cmd->data_wanted += length;
	cmd->data_in_done += length;
}

void scsi_data_in_blocks(struct scsi_cmd *cmd, uint64_t first_lba, uint32_t block_length)
{
	cmd->first_lba = first_lba;
	cmd->block_length = block_length;
}

void scsi_data_in_range(
	struct scsi_cmd *cmd, struct scsi_source *source, uint64_t offset, uint64_t length)
{
	uint64_t room = scsi_data_room(cmd);
	if (cmd->range_use == SCSI_RANGES_DATA_IN || cmd->range_use == SCSI_RANGES_COMPARE)
		cmd->data_wanted += length;
	if (cmd->range_use == SCSI_RANGES_DATA_IN && length > room)
		length = room;
	if (length == 0)
		return;
	assert(cmd->range_count < SCSI_CMD_RANGES);
	cmd->ranges[cmd->range_count++] = (struct scsi_range){
		.source = scsi_source_get(source), .offset = offset, .length = length};
	cmd->range_length += length;
}

void scsi_data_release(struct scsi_cmd *cmd)
{
	for (int i = 0; i < cmd->range_count; i++)
		scsi_source_put(cmd->ranges[i].source);
	cmd->range_count = 0;
	scsi_rendering_release(cmd);
}

/* The iovecs for up to `length` bytes from byte `skip`; returns their number. */
static int window(const struct scsi_cmd *cmd, uint64_t skip, uint64_t length, struct iovec *ret,
	uint64_t *ret_length)
{
	int count = 0;
	*ret_length = 0;
	for (int i = 0; i < cmd->iov_count && length > 0 && count < WINDOW_IOVS; i++) {
		const struct iovec *iov = &cmd->iov[i];
		if (skip >= iov->iov_len) {
			skip -= iov->iov_len;
			continue;
		}
		size_t part = iov->iov_len - skip;
		if (part > length)
			part = (size_t)length;
		ret[count++] = (struct iovec){(uint8_t *)iov->iov_base + skip, part};
		length -= part;
		*ret_length += part;
		skip = 0;
	}
	return count;
}

/*
 * Reads on from data_in_done into the iovecs, to the end of the ranges. 0, or the -errno of the
 * read that stopped it; -ENODATA where a source ended early. data_in_done counts what arrived.
 */
static int read_ranges(struct scsi_cmd *cmd, unsigned flags)
{
	uint64_t start = 0;
	for (int i = 0; i < cmd->range_count; i++) {
		const struct scsi_range *range = &cmd->ranges[i];
		uint64_t end = start + range->length;
		if (atomic_load_explicit(&range->source->faulted, memory_order_relaxed))
			return -EIO;
		while (cmd->data_in_done < end) {
			struct iovec iov[WINDOW_IOVS];
			uint64_t wanted, at = cmd->data_in_done - start;
			int count =
				window(cmd, cmd->data_in_done, range->length - at, iov, &wanted);
			ssize_t n = range->source->ops->preadv(
				range->source, iov, count, range->offset + at, flags);
			if (n <= 0)
				return n < 0 ? (int)n : -ENODATA;
			cmd->data_in_done += (uint64_t)n;
		}
		start = end;
	}
	return 0;
}

void scsi_data_check_source(struct scsi_source *source)
{
	if (!atomic_load(&source->faulted) && source->ops->changed(source))
		atomic_store(&source->faulted, true);
}

/* A worker's read: it waits. The sources of a read that failed are checked. */
static int read_waiting(struct scsi_cmd *cmd)
{
	int result = read_ranges(cmd, 0);
	for (int i = 0; result != 0 && i < cmd->range_count; i++)
		scsi_data_check_source(cmd->ranges[i].source);
	return result;
}

/* A read failed: whole blocks count, the first bad one goes into INFORMATION. */
static enum scsi_sense_code read_error(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	uint32_t block = cmd->block_length ? cmd->block_length : 1;
	uint64_t lba = cmd->first_lba + cmd->data_in_done / block;
	cmd->data_in_done -= cmd->data_in_done % block;
	lu->library->medium_fault(lu->library_context, lu, lba);
	return scsi_sense_at(cmd, SENSE_UNRECOVERED_READ_ERROR, lba);
}

void scsi_data_finish_read(struct scsi_cmd *cmd, int result)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	enum scsi_sense_code code = result == 0 ? SENSE_NONE : read_error(cmd);
	atomic_fetch_add_explicit(&lu->bytes_read, cmd->data_in_done, memory_order_relaxed);
	scsi_cmd_finish(cmd, code);
}

/* A worker reads straight into the iovecs. */
static void run_direct(struct scsi_work *work)
{
	struct scsi_cmd *cmd = container_of(work, struct scsi_cmd, work);
	if (scsi_cmd_claim(cmd))
		scsi_data_finish_read(cmd, read_waiting(cmd));
	scsi_cmd_put(cmd);
}

/* A read into private memory; the command may be cancelled and gone meanwhile. */
struct bounce {
	struct scsi_work work;
	struct scsi_cmd *cmd;   /* counted */
	struct scsi_cmd shadow; /* ranges and iovec of the private read; never executed */
	struct iovec iov;
};

static void bounce_destroy(struct scsi_work *work)
{
	struct bounce *bounce = container_of(work, struct bounce, work);
	scsi_data_release(&bounce->shadow);
	free(bounce->iov.iov_base);
	free(bounce);
}

static void run_bounce(struct scsi_work *work)
{
	struct bounce *bounce = container_of(work, struct bounce, work);
	struct scsi_cmd *cmd = bounce->cmd;
	int result = read_waiting(&bounce->shadow);
	if (scsi_cmd_claim(cmd)) {
		size_t length = (size_t)bounce->shadow.data_in_done;
		cmd->data_in_done = copy_iov(cmd, 0, bounce->iov.iov_base, length, true);
		scsi_data_finish_read(cmd, result);
	}
	scsi_cmd_put(cmd);
	bounce_destroy(work);
}

static struct scsi_work *bounce_create(struct scsi_cmd *cmd)
{
	struct bounce *bounce = calloc(1, sizeof *bounce);
	void *buffer = malloc((size_t)cmd->range_length);
	if (!bounce || !buffer) {
		free(buffer);
		free(bounce);
		return NULL;
	}
	bounce->work.run = run_bounce;
	bounce->cmd = cmd;
	bounce->iov = (struct iovec){buffer, (size_t)cmd->range_length};
	bounce->shadow.iov = &bounce->iov;
	bounce->shadow.iov_count = 1;
	bounce->shadow.transfer_length = cmd->range_length;
	for (int i = 0; i < cmd->range_count; i++)
		scsi_data_in_range(&bounce->shadow, cmd->ranges[i].source, cmd->ranges[i].offset,
			cmd->ranges[i].length);
	return &bounce->work;
}

bool scsi_data_may_hang(const struct scsi_cmd *cmd)
{
	for (int i = 0; i < cmd->range_count; i++)
		if (cmd->ranges[i].source->may_hang)
			return true;
	return false;
}

void scsi_data_submit(struct scsi_cmd *cmd, struct scsi_source *source, struct scsi_work *work,
	void (*forget)(struct scsi_work *work))
{
	struct scsi_lu *lu = cmd->nexus->lu;
	if (!work) {
		scsi_cmd_finish(cmd, SCSI_BUSY);
		return;
	}
	atomic_fetch_add_explicit(&lu->pool_reads, 1, memory_order_relaxed);
	scsi_source_get(source);
	scsi_cmd_get(cmd);
	scsi_lu_lock(lu);
	bool parked = scsi_cmd_park(cmd);
	scsi_lu_unlock(lu);
	if (parked) {
		lu->executor->submit(lu->executor, work, source);
	} else {
		if (work != &cmd->work)
			forget(work);
		scsi_cmd_finish(cmd, SCSI_TASK_ABORTED);
		scsi_cmd_put(cmd);
	}
	scsi_source_put(source);
}

/* Hands the rest of the read to a worker. */
static void submit(struct scsi_cmd *cmd)
{
	struct scsi_work *work = &cmd->work;
	cmd->work.run = run_direct;
	if (scsi_data_may_hang(cmd))
		work = bounce_create(cmd);
	scsi_data_submit(cmd, cmd->ranges[0].source, work, bounce_destroy);
}

/*
 * The Data-In stays where it is: one file that cannot hang, all of it at hand. The command is over
 * with that, as it is when the bytes are in a buffer; the source is held until they are sent.
 */
static bool leave_in_file(struct scsi_cmd *cmd)
{
	const struct scsi_range *range = &cmd->ranges[0];
	struct scsi_source *source = range->source;
	if (cmd->sends_from == 0 || cmd->range_count != 1 || range->length < cmd->sends_from ||
		!source->ops->descriptor || atomic_load(&source->faulted))
		return false;
	cmd->sent_from = source->ops->descriptor(source, range->offset, range->length);
	if (cmd->sent_from < 0)
		return false;
	cmd->data_in_done = range->length;
	atomic_fetch_add_explicit(&cmd->nexus->lu->sent_reads, 1, memory_order_relaxed);
	return true;
}

void scsi_data_phase(struct scsi_cmd *cmd)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	if (cmd->range_use == SCSI_RANGES_RENDER) {
		scsi_render_phase(cmd);
		return;
	}
	if (cmd->range_use != SCSI_RANGES_DATA_IN) {
		scsi_verify_phase(cmd);
		return;
	}
	if (scsi_data_may_hang(cmd)) {
		submit(cmd);
		return;
	}
	int result = leave_in_file(cmd) ? 0 : read_ranges(cmd, FILE_IO_NOWAIT);
	if (result == 0) {
		atomic_fetch_add_explicit(&lu->inline_reads, 1, memory_order_relaxed);
		scsi_data_finish_read(cmd, 0);
		return;
	}
	/*
	 * Only a read that waited proves a medium error: Linux 5.9 and 5.10 return 0 with NOWAIT
	 * in the middle of a file (preadv2(2), BUGS).
	 */
	if (result == -EOPNOTSUPP)
		atomic_fetch_add_explicit(&lu->nowait_refused, 1, memory_order_relaxed);
	submit(cmd);
}
