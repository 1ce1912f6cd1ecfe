/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VERIFY: a worker reads the ranges piece by piece into memory of its own, and compares them with a
 * copy of the Data-Out. The command stays QUEUED meanwhile, so that a cancel need not wait.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "scsi/library.h"
#include "scsi/lu.h"

enum { PIECE = 256 * 1024 };

struct verification {
	struct scsi_work work;
	struct scsi_cmd *cmd;                      /* counted */
	struct scsi_range ranges[SCSI_CMD_RANGES]; /* counted */
	int range_count;
	uint8_t *expected; /* NULL: nothing is compared */
	uint64_t done;     /* bytes that are as they should be */
	uint8_t piece[PIECE];
};

void scsi_verify(struct scsi_cmd *cmd, bool compare)
{
	cmd->range_use = compare ? SCSI_RANGES_COMPARE : SCSI_RANGES_CHECK;
}

/* Counts what is equal. */
static enum scsi_sense_code compare(struct verification *verification, size_t length)
{
	const uint8_t *expected = verification->expected;
	if (expected)
		expected += verification->done;
	if (!expected || memcmp(expected, verification->piece, length) == 0) {
		verification->done += length;
		return SENSE_NONE;
	}
	for (size_t i = 0; expected[i] == verification->piece[i]; i++)
		verification->done++;
	return SENSE_MISCOMPARE;
}

static bool is_cancelled(const struct scsi_cmd *cmd)
{
	return (atomic_load(&cmd->owner) & SCSI_CMD_OWNER_MASK) == SCSI_CMD_DONE;
}

static enum scsi_sense_code verify_range(
	struct verification *verification, const struct scsi_range *range)
{
	struct scsi_source *source = range->source;
	uint64_t at = 0;
	while (at < range->length) {
		struct iovec iov = {verification->piece, PIECE};
		if (range->length - at < PIECE)
			iov.iov_len = (size_t)(range->length - at);
		if (is_cancelled(verification->cmd))
			return SCSI_TASK_ABORTED;
		ssize_t n = atomic_load(&source->faulted)
				    ? -EIO
				    : source->ops->preadv(source, &iov, 1, range->offset + at, 0);
		if (n <= 0) {
			scsi_data_check_source(source);
			return SENSE_UNRECOVERED_READ_ERROR;
		}
		enum scsi_sense_code code = compare(verification, (size_t)n);
		if (code != SENSE_NONE)
			return code;
		at += (uint64_t)n;
	}
	return SENSE_NONE;
}

static void destroy(struct scsi_work *work)
{
	struct verification *verification = container_of(work, struct verification, work);
	for (int i = 0; i < verification->range_count; i++)
		scsi_source_put(verification->ranges[i].source);
	free(verification->expected);
	free(verification);
}

/* Claimed: the first block that is not as it should be goes into INFORMATION. */
static void finish(struct scsi_cmd *cmd, enum scsi_sense_code code, uint64_t done)
{
	struct scsi_lu *lu = cmd->nexus->lu;
	uint64_t lba = cmd->first_lba + done / cmd->block_length;
	if (code == SENSE_UNRECOVERED_READ_ERROR)
		lu->library->medium_fault(lu->library_context, lu, lba);
	scsi_cmd_finish(cmd, code == SENSE_NONE ? code : scsi_sense_at(cmd, code, lba));
}

static void run(struct scsi_work *work)
{
	struct verification *verification = container_of(work, struct verification, work);
	struct scsi_cmd *cmd = verification->cmd;
	enum scsi_sense_code code = SENSE_NONE;
	for (int i = 0; i < verification->range_count && code == SENSE_NONE; i++)
		code = verify_range(verification, &verification->ranges[i]);
	if (scsi_cmd_claim(cmd))
		finish(cmd, code, verification->done);
	scsi_cmd_put(cmd);
	destroy(work);
}

static uint8_t *copy_of_data_out(struct scsi_cmd *cmd)
{
	uint8_t *copy = malloc((size_t)cmd->range_length);
	if (copy)
		scsi_data_out_at(cmd, 0, copy, (size_t)cmd->range_length);
	return copy;
}

static struct scsi_work *create(struct scsi_cmd *cmd)
{
	bool compares = cmd->range_use == SCSI_RANGES_COMPARE;
	struct verification *verification = malloc(sizeof *verification);
	uint8_t *expected = compares ? copy_of_data_out(cmd) : NULL;
	if (!verification || (compares && !expected)) {
		free(expected);
		free(verification);
		return NULL;
	}
	verification->work.run = run;
	verification->cmd = cmd;
	verification->expected = expected;
	verification->done = 0;
	verification->range_count = cmd->range_count;
	for (int i = 0; i < cmd->range_count; i++) {
		verification->ranges[i] = cmd->ranges[i];
		scsi_source_get(cmd->ranges[i].source);
	}
	return &verification->work;
}

void scsi_verify_phase(struct scsi_cmd *cmd)
{
	scsi_data_submit(cmd, cmd->ranges[0].source, create(cmd), destroy);
}
