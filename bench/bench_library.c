/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_library.h"

#include <stdio.h>

#include "scsi/command.h"
#include "scsi/lu.h"

static void grant(struct scsi_work *work)
{
	struct scsi_cmd *cmd = container_of(work, struct scsi_cmd, work);
	if (scsi_cmd_claim(cmd))
		scsi_cmd_finish(cmd, SENSE_NONE);
	scsi_cmd_put(cmd);
}

static void request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request request)
{
	struct scsi_executor *executor = context;
	cmd->work.run = grant;
	executor->submit(executor, &cmd->work, NULL);
}

static void event(void *context, struct scsi_lu *lu, enum library_event event)
{
}

static void medium_fault(void *context, struct scsi_lu *lu, uint64_t lba)
{
	fprintf(stderr, "%s: block %llu cannot be read\n", lu->name, (unsigned long long)lba);
}

static void remember(void *context, struct scsi_lu *lu)
{
}

const struct library_ops bench_library = {
	.request = request, .event = event, .medium_fault = medium_fault, .remember = remember};
