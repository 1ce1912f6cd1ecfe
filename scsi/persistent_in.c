/* SPDX-License-Identifier: Apache-2.0 */
/* PERSISTENT RESERVE IN (SPC-4 6.15). */
#include "persistent_private.h"
#include "scsi/lu.h"
#include "util/bytes.h"
#include "util/response.h"

enum {
	DESCRIPTOR_MAX = 24 + SCSI_TRANSPORT_ID_MAX,
	DATA_MAX = 8 + SCSI_REGISTRATIONS_MAX * DESCRIPTOR_MAX,
	RESERVATION_LENGTH = 16,
	CAPABILITIES_LENGTH = 8,
	SIP_C = 0x08,
	PTPL_C = 0x01,
	TMV = 0x80,
	ALLOW_COMMANDS = 0x10, /* 001b: TEST UNIT READY, and nothing is said of others */
	PTPL_A = 0x01,
	R_HOLDER = 0x01,
	TYPES = 0xea01, /* all six: WR_EX_AR, EX_AC_RO, WR_EX_RO, EX_AC, WR_EX; EX_AC_AR */
};

/* SPC-2 5.5.1: not even the holder of a RESERVE may look. */
static bool conflicts(const struct scsi_cmd *cmd)
{
	return cmd->nexus->lu->reserved_by;
}

static enum scsi_sense_code answer(struct scsi_cmd *cmd, const struct response *r)
{
	return scsi_data_in(cmd, r->data, r->length, get_be16(cmd->cdb + 7));
}

enum scsi_sense_code scsi_persistent_read_keys(struct scsi_cmd *cmd)
{
	const struct scsi_persistent *persistent = &cmd->nexus->lu->persistent;
	uint8_t data[8 + 8 * SCSI_REGISTRATIONS_MAX];
	struct response r;
	if (conflicts(cmd))
		return SCSI_RESERVATION_CONFLICT;
	response_init(&r, data, sizeof data);
	response_be32(&r, persistent->generation);
	response_be32(&r, 8 * persistent->count);
	for (unsigned i = 0; i < persistent->count; i++)
		response_be64(&r, persistent->rows[i].key);
	return answer(cmd, &r);
}

/* Of all registrants none is the holder: the key is 0 then (SPC-4 6.15.3.2). */
static uint64_t holder_key(const struct scsi_persistent *persistent)
{
	for (unsigned i = 0; i < persistent->count; i++)
		if (persistent->rows[i].holder)
			return persistent->rows[i].key;
	return 0;
}

enum scsi_sense_code scsi_persistent_read_reservation(struct scsi_cmd *cmd)
{
	const struct scsi_persistent *persistent = &cmd->nexus->lu->persistent;
	uint8_t data[8 + RESERVATION_LENGTH];
	struct response r;
	bool reserved = persistent->type != PERSISTENT_NONE;
	if (conflicts(cmd))
		return SCSI_RESERVATION_CONFLICT;
	response_init(&r, data, sizeof data);
	response_be32(&r, persistent->generation);
	response_be32(&r, reserved ? RESERVATION_LENGTH : 0);
	if (reserved) {
		response_be64(&r, holder_key(persistent));
		response_zero(&r, 5);
		response_u8(&r, persistent->type); /* scope: logical unit */
		response_zero(&r, 2);
	}
	return answer(cmd, &r);
}

enum scsi_sense_code scsi_persistent_report_capabilities(struct scsi_cmd *cmd)
{
	uint8_t data[CAPABILITIES_LENGTH];
	struct response r;
	if (conflicts(cmd))
		return SCSI_RESERVATION_CONFLICT;
	response_init(&r, data, sizeof data);
	response_be16(&r, CAPABILITIES_LENGTH);
	response_u8(&r, SIP_C | PTPL_C); /* neither CRH nor ATP_C */
	response_u8(&r, TMV | ALLOW_COMMANDS | (cmd->nexus->lu->persistent.aptpl ? PTPL_A : 0));
	response_be16(&r, TYPES);
	response_zero(&r, 2);
	return answer(cmd, &r);
}

/* Full status descriptor (SPC-4 6.15.5). */
static void append_status(const struct scsi_persistent *persistent,
	const struct scsi_registration *row, struct response *r)
{
	bool holds = persistent->type != PERSISTENT_NONE && scsi_persistent_holds(persistent, row);
	response_be64(r, row->key);
	response_zero(r, 4);
	response_u8(r, holds ? R_HOLDER : 0);
	response_u8(r, holds ? persistent->type : 0);
	response_zero(r, 4);
	response_be16(r, row->port.target);
	response_be32(r, row->port.length);
	response_bytes(r, row->port.id, row->port.length);
}

enum scsi_sense_code scsi_persistent_read_full_status(struct scsi_cmd *cmd)
{
	const struct scsi_persistent *persistent = &cmd->nexus->lu->persistent;
	uint8_t data[DATA_MAX];
	struct response r;
	if (conflicts(cmd))
		return SCSI_RESERVATION_CONFLICT;
	response_init(&r, data, sizeof data);
	response_be32(&r, persistent->generation);
	size_t length = response_length_open(&r, 4);
	for (unsigned i = 0; i < persistent->count; i++)
		append_status(persistent, &persistent->rows[i], &r);
	response_length_close(&r, length, 4, 0);
	return answer(cmd, &r);
}
