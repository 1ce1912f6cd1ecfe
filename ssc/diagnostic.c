/* SPDX-License-Identifier: Apache-2.0 */
/* READ and WRITE BUFFER, SEND DIAGNOSTIC, RECEIVE DIAGNOSTIC RESULTS
 * (SPC-4 6.18, 6.49, 6.42, 6.32). */
#include <string.h>

#include "drive_private.h"
#include "util/bytes.h"
#include "util/response.h"

/* ---- buffers ------------------------------------------------------------------------------------
 */

/* The modes of LTO drives. Microcode cannot be loaded. */
enum { MODE_DATA = 0x02, MODE_DESCRIPTOR = 0x03, MODE_ECHO = 0x0a, MODE_ECHO_DESCRIPTOR = 0x0b };

enum { OVERWRITTEN_SUPPORTED = 0x01 /* EBOS: what a nexus reads is what it wrote itself */ };

static unsigned mode_of(const struct scsi_cmd *cmd)
{
	return cmd->cdb[1] & 0x1f;
}

static struct ssc_nexus *nexus_of(const struct scsi_cmd *cmd)
{
	return cmd->nexus->device;
}

/* There is one, number 0. Of others a descriptor says that they hold nothing. */
static enum scsi_sense_code buffer_descriptor(struct scsi_cmd *cmd)
{
	uint8_t data[4];
	struct response r;
	response_init(&r, data, sizeof data);
	response_u8(&r, 0); /* OFFSET BOUNDARY 2^0 */
	response_be24(&r, cmd->cdb[2] == 0 ? SSC_BUFFER_LENGTH : 0);
	return scsi_data_in(cmd, data, r.length, get_be24(cmd->cdb + 6));
}

static enum scsi_sense_code read_data(struct scsi_cmd *cmd)
{
	uint32_t offset = get_be24(cmd->cdb + 3);
	if (cmd->cdb[2] != 0)
		return scsi_invalid_cdb(cmd, 2, 7);
	if (offset > SSC_BUFFER_LENGTH)
		return scsi_invalid_cdb(cmd, 3, 7);
	return scsi_data_in(cmd, ssc_drive_of(cmd)->diagnostic + offset, SSC_BUFFER_LENGTH - offset,
		get_be24(cmd->cdb + 6));
}

static enum scsi_sense_code echo_descriptor(struct scsi_cmd *cmd)
{
	uint8_t data[4];
	struct response r;
	response_init(&r, data, sizeof data);
	response_u8(&r, OVERWRITTEN_SUPPORTED);
	response_be24(&r, SSC_ECHO_LENGTH);
	return scsi_data_in(cmd, data, r.length, get_be24(cmd->cdb + 6));
}

static enum scsi_sense_code read_echo(struct scsi_cmd *cmd)
{
	const struct ssc_nexus *nexus = nexus_of(cmd);
	if (nexus->echo_length == 0)
		return SENSE_COMMAND_SEQUENCE_ERROR;
	return scsi_data_in(cmd, nexus->echo, nexus->echo_length, get_be24(cmd->cdb + 6));
}

enum scsi_sense_code ssc_read_buffer(struct scsi_cmd *cmd)
{
	switch (mode_of(cmd)) {
	case MODE_DATA:
		return read_data(cmd);
	case MODE_DESCRIPTOR:
		return buffer_descriptor(cmd);
	case MODE_ECHO:
		return read_echo(cmd);
	case MODE_ECHO_DESCRIPTOR:
		return echo_descriptor(cmd);
	default:
		return scsi_invalid_cdb(cmd, 1, 4);
	}
}

/* The parameter list fits, and is there: nothing is taken of one that is too long or too short. */
static bool fits(struct scsi_cmd *cmd, uint32_t room)
{
	uint32_t length = get_be24(cmd->cdb + 6);
	cmd->data_wanted = length;
	return length <= room && length <= cmd->transfer_length;
}

static enum scsi_sense_code write_data(struct scsi_cmd *cmd)
{
	uint32_t offset = get_be24(cmd->cdb + 3);
	if (cmd->cdb[2] != 0)
		return scsi_invalid_cdb(cmd, 2, 7);
	if (offset > SSC_BUFFER_LENGTH)
		return scsi_invalid_cdb(cmd, 3, 7);
	if (!fits(cmd, SSC_BUFFER_LENGTH - offset))
		return scsi_invalid_cdb(cmd, 6, 7);
	scsi_data_out(cmd, ssc_drive_of(cmd)->diagnostic + offset, get_be24(cmd->cdb + 6));
	return SENSE_NONE;
}

/* Four bytes at a time (Quantum LTO-4 reference guide, WRITE BUFFER). */
static enum scsi_sense_code write_echo(struct scsi_cmd *cmd)
{
	struct ssc_nexus *nexus = nexus_of(cmd);
	uint32_t length = get_be24(cmd->cdb + 6);
	if (!fits(cmd, SSC_ECHO_LENGTH) || length % 4 != 0)
		return scsi_invalid_cdb(cmd, 6, 7);
	if (length > 0)
		nexus->echo_length = (uint8_t)scsi_data_out(cmd, nexus->echo, length);
	return SENSE_NONE;
}

enum scsi_sense_code ssc_write_buffer(struct scsi_cmd *cmd)
{
	switch (mode_of(cmd)) {
	case MODE_DATA:
		return write_data(cmd);
	case MODE_ECHO:
		return write_echo(cmd);
	default:
		return scsi_invalid_cdb(cmd, 1, 4);
	}
}

/* ---- diagnostics --------------------------------------------------------------------------------
 */

enum {
	SELF_TEST = 0x04,
	PAGE_FORMAT = 0x10,
	PAGE_HEADER = 4,
	CODE_NONE = 0,
	CODE_BACKGROUND_SHORT = 1,
	CODE_BACKGROUND_EXTENDED = 2,
	CODE_ABORT_BACKGROUND = 4,
	CODE_FOREGROUND_SHORT = 5,
	CODE_FOREGROUND_EXTENDED = 6,
};

/* Self tests have nothing to look at but this program: they pass, and are over at once. */
static enum scsi_sense_code self_test(struct scsi_cmd *cmd, unsigned code)
{
	if (get_be16(cmd->cdb + 3) != 0)
		return scsi_invalid_cdb(cmd, 3, 7);
	switch (code) {
	case CODE_NONE: /* SELFTEST: the default one */
	case CODE_BACKGROUND_SHORT:
	case CODE_BACKGROUND_EXTENDED:
	case CODE_FOREGROUND_SHORT:
	case CODE_FOREGROUND_EXTENDED:
		return SENSE_NONE;
	case CODE_ABORT_BACKGROUND: /* there is none under way, ever */
	default:
		return scsi_invalid_cdb(cmd, 1, 7);
	}
}

/* The only page there is asks for the list of pages, and has nothing in it. */
static enum scsi_sense_code take_page(struct scsi_cmd *cmd)
{
	uint8_t page[PAGE_HEADER] = {0};
	uint16_t length = get_be16(cmd->cdb + 3);
	if (length == 0)
		return SENSE_NONE;
	cmd->data_wanted = length;
	if (length < PAGE_HEADER || cmd->transfer_length < length)
		return SENSE_PARAMETER_LIST_LENGTH;
	scsi_data_out_at(cmd, 0, page, sizeof page);
	if (page[0] != 0)
		return scsi_invalid_parameter(cmd, 0, 7);
	if (get_be16(page + 2) != 0)
		return scsi_invalid_parameter(cmd, 2, 7);
	return length == PAGE_HEADER ? SENSE_NONE : SENSE_PARAMETER_LIST_LENGTH;
}

/* SPC-4 6.42: one of SELFTEST, a self-test code, or pages. */
enum scsi_sense_code ssc_send_diagnostic(struct scsi_cmd *cmd)
{
	unsigned code = cmd->cdb[1] >> 5;
	bool tests = cmd->cdb[1] & SELF_TEST, pages = cmd->cdb[1] & PAGE_FORMAT;
	if (tests && code != CODE_NONE)
		return scsi_invalid_cdb(cmd, 1, 7);
	if (tests || code != CODE_NONE)
		return self_test(cmd, code);
	if (!pages && get_be16(cmd->cdb + 3) != 0)
		return scsi_invalid_cdb(cmd, 1, 4);
	return take_page(cmd);
}

/* The list of pages that there are: itself. */
enum scsi_sense_code ssc_receive_diagnostic(struct scsi_cmd *cmd)
{
	static const uint8_t supported[] = {0, 0, 0, 1, 0};
	if (cmd->cdb[1] & 0x01 && cmd->cdb[2] != 0)
		return scsi_invalid_cdb(cmd, 2, 7);
	return scsi_data_in(cmd, supported, sizeof supported, get_be16(cmd->cdb + 3));
}
