/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "private.h"

enum scsi_sense_code mmc_reply(
	struct scsi_cmd *cmd, const struct response *r, uint64_t allocation_length)
{
	assert(!r->overflowed);
	return scsi_data_in(cmd, r->data, r->length, allocation_length);
}
