/* SPDX-License-Identifier: Apache-2.0 */
/* The device type of the tests: rows, mode pages, product data, and what a restart finds. */
#include "support.h"

#include "drive.h"
#include "util/bytes.h"
#include "util/reader.h"
#include "util/response.h"

static enum scsi_sense_code read_10(struct scsi_cmd *cmd)
{
	struct drive *drive = drive_of(cmd->nexus->lu);
	uint64_t lba = get_be32(cmd->cdb + 2), count = get_be16(cmd->cdb + 7);
	if (lba + count > MEDIUM_BLOCKS)
		return scsi_sense_at(cmd, SENSE_LBA_OUT_OF_RANGE, lba);
	uint64_t half = count / 2;
	struct scsi_source *source = &drive->medium->source;
	scsi_data_in_range(cmd, source, lba * BLOCK, half * BLOCK);
	scsi_data_in_range(cmd, source, (lba + half) * BLOCK, (count - half) * BLOCK);
	scsi_data_in_blocks(cmd, lba, BLOCK);
	return SENSE_NONE;
}

static enum scsi_sense_code start_stop(struct scsi_cmd *cmd)
{
	if (drive_of(cmd->nexus->lu)->cancel_in_handler)
		scsi_cmd_cancel(cmd);
	return scsi_library_request(cmd, LIBRARY_TRAY_OPEN);
}

static enum scsi_sense_code count_handled(struct scsi_cmd *cmd)
{
	drive_of(cmd->nexus->lu)->handled++;
	return SENSE_NONE;
}

enum {
	ALWAYS = OPCODE_WITHOUT_MEDIUM | OPCODE_SKIPS_ATTENTION | OPCODE_DESPITE_RESERVATION |
		 OPCODE_DESPITE_PERSISTENT,
};

/* clang-format off */
static const struct scsi_opcode rows[] = {
	{"TEST UNIT READY", 0x00, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_DESPITE_PERSISTENT,
		{0x00}, scsi_test_unit_ready},
	{"REQUEST SENSE", 0x03, SCSI_ANY_ACTION, SCSI_DATA_IN, ALWAYS,
		{0x03, 0x01, 0, 0, 0xff}, scsi_request_sense},
	{"INQUIRY", 0x12, SCSI_ANY_ACTION, SCSI_DATA_IN, ALWAYS,
		{0x12, 0x01, 0xff, 0xff, 0xff}, scsi_inquiry},
	{"MODE SELECT(6)", 0x15, SCSI_ANY_ACTION, SCSI_DATA_OUT, OPCODE_WITHOUT_MEDIUM,
		{0x15, 0x11, 0, 0, 0xff}, scsi_mode_select_6},
	{"RESERVE(6)", 0x16, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_WITHOUT_MEDIUM | OPCODE_DESPITE_PERSISTENT,
		{0x16}, scsi_reserve},
	{"RELEASE(6)", 0x17, SCSI_ANY_ACTION, SCSI_NO_DATA,
		OPCODE_WITHOUT_MEDIUM | OPCODE_DESPITE_RESERVATION | OPCODE_DESPITE_PERSISTENT, {0x17}, scsi_release},
	{"MODE SENSE(6)", 0x1a, SCSI_ANY_ACTION, SCSI_DATA_IN, OPCODE_WITHOUT_MEDIUM | OPCODE_DESPITE_WRITE_EXCLUSIVE,
		{0x1a, 0x08, 0xff, 0xff, 0xff}, scsi_mode_sense_6},
	{"START STOP UNIT", 0x1b, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_WITHOUT_MEDIUM,
		{0x1b, 0x01, 0, 0, 0x03}, start_stop},
	{"PREVENT ALLOW MEDIUM REMOVAL", 0x1e, SCSI_ANY_ACTION, SCSI_NO_DATA,
		OPCODE_WITHOUT_MEDIUM | OPCODE_ALLOWS_REMOVAL, {0x1e, 0, 0, 0, 0x03}, scsi_prevent_allow},
	{"READ(10)", 0x28, SCSI_ANY_ACTION, SCSI_DATA_IN, OPCODE_DESPITE_WRITE_EXCLUSIVE,
		{0x28, 0x18, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff}, read_10},
	{"MODE SELECT(10)", 0x55, SCSI_ANY_ACTION, SCSI_DATA_OUT, OPCODE_WITHOUT_MEDIUM,
		{0x55, 0x11, 0, 0, 0, 0, 0, 0xff, 0xff}, scsi_mode_select_10},
	{"RESERVE(10)", 0x56, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_WITHOUT_MEDIUM | OPCODE_DESPITE_PERSISTENT,
		{0x56}, scsi_reserve},
	{"RELEASE(10)", 0x57, SCSI_ANY_ACTION, SCSI_NO_DATA,
		OPCODE_WITHOUT_MEDIUM | OPCODE_DESPITE_RESERVATION | OPCODE_DESPITE_PERSISTENT, {0x57}, scsi_release},
	{"MODE SENSE(10)", 0x5a, SCSI_ANY_ACTION, SCSI_DATA_IN, OPCODE_WITHOUT_MEDIUM | OPCODE_DESPITE_WRITE_EXCLUSIVE,
		{0x5a, 0x18, 0xff, 0xff, 0, 0, 0, 0xff, 0xff}, scsi_mode_sense_10},
	SCSI_PERSISTENT_ROWS,
	{"FIRST ACTION", 0x9e, 0x10, SCSI_NO_DATA, 0,
		{0x9e, 0x1f, 0xff, 0x3c}, count_handled},
	{"SECOND ACTION", 0x9e, 0x12, SCSI_NO_DATA, 0,
		{0x9e, 0x1f}, count_handled},
	{"REPORT LUNS", 0xa0, SCSI_ANY_ACTION, SCSI_DATA_IN, ALWAYS,
		{0xa0, 0, 0xff, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, scsi_report_luns},
};

static const uint8_t recovery[12] = {0x01, 0x0a, 0x00, 0x08};
static const uint8_t recovery_mask[12] = {0, 0, 0x37, 0xff};
static const uint8_t control[12] = {0x0a, 0x0a};
static const uint8_t control_mask[12] = {0, 0, 0x04};
static const uint8_t extension[8] = {0x4a, 0x01, 0x00, 0x04, 0x55};
static const uint8_t extension_mask[8] = {0, 0, 0, 0, 0xff};
static const uint8_t status[8] = {0x2a, 0x06};
static const uint8_t status_mask[8];
/* clang-format on */

static void status_current(struct scsi_lu *lu, uint8_t *page)
{
	page[2] = drive_of(lu)->state;
}

/* The retry count ends at 20h. */
static int recovery_refuses(struct scsi_lu *lu, const uint8_t *page)
{
	return page[3] > 0x20 ? 3 : -1;
}

static const struct scsi_mode_page mode_pages[] = {
	{0x01, 0x00, 12, true, recovery, recovery_mask, NULL, recovery_refuses},
	{0x0a, 0x00, 12, false, control, control_mask, NULL, NULL},
	{0x0a, 0x01, 8, false, extension, extension_mask, NULL, NULL},
	{0x2a, 0x00, 8, false, status, status_mask, status_current, NULL},
	{0},
};

static const struct scsi_vpd_page vpd_pages[] = {
	{0x80, scsi_vpd_unit_serial},
	{0x83, scsi_vpd_identification},
	{0},
};

static void refresh(struct scsi_nexus *nexus)
{
	drive_of(nexus->lu)->refreshed++;
}

static enum scsi_sense_code ready(struct scsi_cmd *cmd)
{
	struct drive *drive = drive_of(cmd->nexus->lu);
	drive->ready_asked++;
	cmd->sense.progress_valid = drive->progress > 0;
	cmd->sense.progress = drive->progress;
	return drive->not_ready;
}

static void get_header(struct scsi_lu *lu, struct scsi_mode_header *ret)
{
	ret->device_specific = 0x80;
}

static const struct scsi_mode_header_ops header_ops = {.get = get_header};

static void reset(struct scsi_lu *lu)
{
	drive_of(lu)->resets++;
}

/* What the device keeps per nexus is one digit; a new nexus has 1. */
static void nexus_added(struct scsi_nexus *nexus)
{
	*(uint8_t *)nexus->device = (uint8_t)(*(uint8_t *)nexus->device + 1);
}

static void encode_lu(struct scsi_lu *lu, struct response *r)
{
	response_u8(r, drive_of(lu)->state);
}

static bool decode_lu(struct scsi_lu *lu, struct reader *reader)
{
	uint8_t state = reader_u8(reader);
	if (state > 9)
		return false;
	drive_of(lu)->state = state;
	return true;
}

static void encode_nexus(struct scsi_nexus *nexus, struct response *r)
{
	response_u8(r, *(uint8_t *)nexus->device);
}

static bool decode_nexus(struct scsi_nexus *nexus, struct reader *reader)
{
	uint8_t digit = reader_u8(reader);
	if (digit > 9)
		return false;
	*(uint8_t *)nexus->device = digit;
	return true;
}

const struct scsi_device_type test_type = {
	.name = "test",
	.peripheral_type = 0x05,
	.removable = true,
	.opcodes = {rows, sizeof rows / sizeof rows[0]},
	.mode_pages = mode_pages,
	.vpd_pages = vpd_pages,
	.nexus_size = 1,
	.nexus_added = nexus_added,
	.refresh = refresh,
	.ready = ready,
	.mode_header = &header_ops,
	.reset = reset,
	.encode_lu = encode_lu,
	.decode_lu = decode_lu,
	.encode_nexus = encode_nexus,
	.decode_nexus = decode_nexus,
};

const struct scsi_personality test_personality = {
	.name = "test",
	.vendor = "CAROUSEL",
	.product = "Test",
	.revision = "1",
	.version = 0x06,
	.descriptors = {0x0460, 0x04c0},
};
