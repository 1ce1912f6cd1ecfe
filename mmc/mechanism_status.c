/* SPDX-License-Identifier: Apache-2.0 */
/* MECHANISM STATUS (MMC-6 6.9): a drive without changer, never in the middle of playing. */
#include "private.h"
#include "util/bytes.h"

enum { DOOR_OPEN = 0x10 };

enum scsi_sense_code mmc_mechanism_status(struct scsi_cmd *cmd)
{
	uint8_t buffer[8];
	struct response r;
	response_init(&r, buffer, sizeof buffer);
	response_u8(&r, 0);
	response_u8(&r, mmc_visibly_open(cmd->nexus) ? DOOR_OPEN : 0);
	response_zero(&r, 3 + 1 + 2); /* current address, number and length of slot tables */
	return mmc_reply(cmd, &r, get_be16(cmd->cdb + 8));
}
