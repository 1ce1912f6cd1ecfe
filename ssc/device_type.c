/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tape drive as a device type: one row per command. What real LTO drives refuse (READ REVERSE,
 * RECOVER BUFFERED DATA, READ and WRITE(16), setmarks, third-party copy) has no row and is an
 * INVALID COMMAND OPERATION CODE.
 */
#include "drive_private.h"
#include "scsi/maintenance.h"
#include "scsi/spc.h"
#include "scsi/vpd.h"
#include "util/response.h"

enum {
	ANYTIME = OPCODE_WITHOUT_MEDIUM | OPCODE_SKIPS_ATTENTION | OPCODE_DESPITE_RESERVATION |
		  OPCODE_IMMEDIATE | OPCODE_DESPITE_PERSISTENT,
	EMPTY = OPCODE_WITHOUT_MEDIUM,
	LOOKS = OPCODE_DESPITE_WRITE_EXCLUSIVE,
	INFORMS = OPCODE_WITHOUT_MEDIUM | OPCODE_DESPITE_RESERVATION,
	INFORMS_ALL = INFORMS | OPCODE_DESPITE_PERSISTENT,
	WRITES_ON = OPCODE_WRITES | OPCODE_GOES_ON,
	FF = 0xff,
};

/*
 * Whatever moves the tape conflicts under every persistent reservation, READ and VERIFY too: a
 * writer's next block would land where another host has left the tape.
 */
/* clang-format off */
static const struct scsi_opcode rows[] = {
	{"TEST UNIT READY", 0x00, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_DESPITE_PERSISTENT, {0x00},
		scsi_test_unit_ready, 1, 30},
	{"REWIND", 0x01, SCSI_ANY_ACTION, SCSI_NO_DATA, 0, {0x01, 0x01}, ssc_rewind, 1, 600},
	{"REQUEST SENSE", 0x03, SCSI_ANY_ACTION, SCSI_DATA_IN, ANYTIME,
		{0x03, 0x01, 0, 0, FF}, scsi_request_sense, 1, 30},
	{"READ BLOCK LIMITS", 0x05, SCSI_ANY_ACTION, SCSI_DATA_IN, EMPTY | OPCODE_DESPITE_PERSISTENT, {0x05},
		ssc_read_block_limits, 1, 30},
	{"READ(6)", 0x08, SCSI_ANY_ACTION, SCSI_DATA_IN, OPCODE_GOES_ON | OPCODE_TRIES_AT_HAND,
		{0x08, 0x03, FF, FF, FF},
		ssc_read_6, 1, 1200},
	{"WRITE(6)", 0x0a, SCSI_ANY_ACTION, SCSI_DATA_OUT, WRITES_ON, {0x0a, 0x01, FF, FF, FF},
		ssc_write_6, 1, 1200},
	{"WRITE FILEMARKS(6)", 0x10, SCSI_ANY_ACTION, SCSI_NO_DATA, WRITES_ON,
		{0x10, 0x01, FF, FF, FF}, ssc_write_filemarks, 1, 1200},
	{"SPACE(6)", 0x11, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_GOES_ON, {0x11, 0x07, FF, FF, FF},
		ssc_space_6, 1, 1200},
	{"INQUIRY", 0x12, SCSI_ANY_ACTION, SCSI_DATA_IN, ANYTIME, {0x12, 0x01, FF, FF, FF},
		scsi_inquiry, 1, 30},
	{"VERIFY(6)", 0x13, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_GOES_ON, {0x13, 0x01, FF, FF, FF},
		ssc_verify_6, 1, 1200},
	{"MODE SELECT(6)", 0x15, SCSI_ANY_ACTION, SCSI_DATA_OUT, EMPTY, {0x15, 0x11, 0, 0, FF},
		scsi_mode_select_6, 1, 60},
	{"RESERVE(6)", 0x16, SCSI_ANY_ACTION, SCSI_NO_DATA, EMPTY | OPCODE_DESPITE_PERSISTENT, {0x16}, scsi_reserve, 1, 30},
	{"RELEASE(6)", 0x17, SCSI_ANY_ACTION, SCSI_NO_DATA, INFORMS_ALL, {0x17}, scsi_release, 1, 30},
	{"ERASE(6)", 0x19, SCSI_ANY_ACTION, SCSI_NO_DATA, WRITES_ON, {0x19, 0x03},
		ssc_erase, 1, 1200},
	{"MODE SENSE(6)", 0x1a, SCSI_ANY_ACTION, SCSI_DATA_IN, EMPTY | LOOKS, {0x1a, 0x08, FF, FF, FF},
		scsi_mode_sense_6, 1, 60},
	{"LOAD UNLOAD", 0x1b, SCSI_ANY_ACTION, SCSI_NO_DATA, EMPTY, {0x1b, 0x01, 0, 0, 0x0f},
		ssc_load_unload, 1, 900},
	{"RECEIVE DIAGNOSTIC RESULTS", 0x1c, SCSI_ANY_ACTION, SCSI_DATA_IN, EMPTY | LOOKS,
		{0x1c, 0x01, FF, FF, FF}, ssc_receive_diagnostic, 1, 60},
	{"SEND DIAGNOSTIC", 0x1d, SCSI_ANY_ACTION, SCSI_DATA_OUT, EMPTY,
		{0x1d, 0xf7, 0, FF, FF}, ssc_send_diagnostic, 1, 60},
	{"PREVENT ALLOW MEDIUM REMOVAL", 0x1e, SCSI_ANY_ACTION, SCSI_NO_DATA, EMPTY | OPCODE_ALLOWS_REMOVAL,
		{0x1e, 0, 0, 0, 0x03}, scsi_prevent_allow, 1, 30},
	{"LOCATE(10)", 0x2b, SCSI_ANY_ACTION, SCSI_NO_DATA, 0,
		{0x2b, 0x07, 0, FF, FF, FF, FF, 0, FF}, ssc_locate_10, 1, 1200},
	{"READ POSITION", 0x34, 0x00, SCSI_DATA_IN, LOOKS, {0x34, 0x1f, 0, 0, 0, 0, 0, FF, FF},
		ssc_read_position, 1, 30},
	{"READ POSITION", 0x34, 0x01, SCSI_DATA_IN, LOOKS, {0x34, 0x1f, 0, 0, 0, 0, 0, FF, FF},
		ssc_read_position, 1, 30},
	{"READ POSITION", 0x34, 0x06, SCSI_DATA_IN, LOOKS, {0x34, 0x1f, 0, 0, 0, 0, 0, FF, FF},
		ssc_read_position, 1, 30},
	{"READ POSITION", 0x34, 0x08, SCSI_DATA_IN, LOOKS, {0x34, 0x1f, 0, 0, 0, 0, 0, FF, FF},
		ssc_read_position, 1, 30},
	{"WRITE BUFFER", 0x3b, SCSI_ANY_ACTION, SCSI_DATA_OUT, EMPTY,
		{0x3b, 0x1f, FF, FF, FF, FF, FF, FF, FF}, ssc_write_buffer, 1, 540},
	{"READ BUFFER", 0x3c, SCSI_ANY_ACTION, SCSI_DATA_IN, EMPTY | LOOKS,
		{0x3c, 0x1f, FF, FF, FF, FF, FF, FF, FF}, ssc_read_buffer, 1, 480},
	{"REPORT DENSITY SUPPORT", 0x44, SCSI_ANY_ACTION, SCSI_DATA_IN, EMPTY | OPCODE_DESPITE_PERSISTENT,
		{0x44, 0x03, 0, 0, 0, 0, 0, FF, FF}, ssc_report_density_support, 1, 30},
	{"LOG SELECT", 0x4c, SCSI_ANY_ACTION, SCSI_DATA_OUT, EMPTY,
		{0x4c, 0x03, FF, FF, 0, 0, 0, FF, FF}, scsi_log_select, 1, 60},
	{"LOG SENSE", 0x4d, SCSI_ANY_ACTION, SCSI_DATA_IN, INFORMS_ALL,
		{0x4d, 0x01, FF, FF, 0, FF, FF, FF, FF}, scsi_log_sense, 1, 60},
	{"MODE SELECT(10)", 0x55, SCSI_ANY_ACTION, SCSI_DATA_OUT, EMPTY,
		{0x55, 0x11, 0, 0, 0, 0, 0, FF, FF}, scsi_mode_select_10, 1, 60},
	{"RESERVE(10)", 0x56, SCSI_ANY_ACTION, SCSI_NO_DATA, EMPTY | OPCODE_DESPITE_PERSISTENT, {0x56}, scsi_reserve, 1, 30},
	{"RELEASE(10)", 0x57, SCSI_ANY_ACTION, SCSI_NO_DATA, INFORMS_ALL, {0x57}, scsi_release, 1, 30},
	{"MODE SENSE(10)", 0x5a, SCSI_ANY_ACTION, SCSI_DATA_IN, EMPTY | LOOKS,
		{0x5a, 0x18, FF, FF, 0, 0, 0, FF, FF}, scsi_mode_sense_10, 1, 60},
	SCSI_PERSISTENT_ROWS,
	{"READ ATTRIBUTE", 0x8c, SCSI_ANY_ACTION, SCSI_DATA_IN, INFORMS | LOOKS,
		{0x8c, 0x1f, 0, 0, 0, FF, 0, FF, FF, FF, FF, FF, FF, FF, 0x01}, ssc_read_attribute,
		1, 60},
	{"SPACE(16)", 0x91, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_GOES_ON,
		{0x91, 0x0f, 0, 0, FF, FF, FF, FF, FF, FF, FF, FF}, ssc_space_16, 1, 1200},
	{"LOCATE(16)", 0x92, SCSI_ANY_ACTION, SCSI_NO_DATA, 0,
		{0x92, 0x3b, 0, FF, FF, FF, FF, FF, FF, FF, FF, FF}, ssc_locate_16, 1, 1200},
	{"REPORT LUNS", 0xa0, SCSI_ANY_ACTION, SCSI_DATA_IN, ANYTIME,
		{0xa0, 0, FF, 0, 0, 0, FF, FF, FF, FF}, scsi_report_luns, 1, 30},
	{"REPORT SUPPORTED OPERATION CODES", 0xa3, 0x0c, SCSI_DATA_IN, INFORMS | LOOKS,
		{0xa3, 0x1f, 0x87, FF, FF, FF, FF, FF, FF, FF}, scsi_report_supported_opcodes, 1, 30},
	{"REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS", 0xa3, 0x0d, SCSI_DATA_IN, INFORMS | LOOKS,
		{0xa3, 0x1f, 0x80, 0, 0, 0, FF, FF, FF, FF}, scsi_report_supported_management, 1, 30},
	{"REPORT TIMESTAMP", 0xa3, 0x0f, SCSI_DATA_IN, INFORMS_ALL,
		{0xa3, 0x1f, 0, 0, 0, 0, FF, FF, FF, FF}, scsi_report_timestamp, 1, 30},
	{"SET TIMESTAMP", 0xa4, 0x0f, SCSI_DATA_OUT, EMPTY,
		{0xa4, 0x1f, 0, 0, 0, 0, FF, FF, FF, FF}, scsi_set_timestamp, 1, 30},
};
/* clang-format on */

/* B0h: sequential-access device capabilities; no WORM yet (SSC-4 8.6.2). */
static void capabilities(const struct scsi_nexus *nexus, struct response *r)
{
	response_zero(r, 2);
}

static const struct scsi_vpd_page vpd_pages[] = {
	{0x80, scsi_vpd_unit_serial},
	{0x83, scsi_vpd_identification},
	{0xb0, capabilities},
	{0, NULL},
};

static enum scsi_sense_code ready(struct scsi_cmd *cmd)
{
	return ssc_readiness(ssc_drive_of(cmd));
}

/*
 * Nothing protects a cartridge that failed: it is the next write that fails too. One that is
 * damaged is read-only, but its tab is not what is to be looked at.
 */
static enum scsi_sense_code writable(struct scsi_cmd *cmd)
{
	struct ssc_drive *drive = ssc_drive_of(cmd);
	bool protected = ssc_is_protected(drive);
	const struct cartridge_status *cartridge = &drive->snapshot.cartridge;
	if (!protected && !cartridge->failed)
		return ssc_lost_bearings(cmd) ? SENSE_COMMAND_SEQUENCE_ERROR : SENSE_NONE;
	if (cartridge->failed || (cartridge->damaged && !drive->write_protected))
		ssc_alert_write_failure(drive, true);
	else
		ssc_alert_write_protect(drive);
	return protected ? SENSE_WRITE_PROTECTED : SENSE_WRITE_ERROR;
}

/* Header and block descriptor are as after power on, as the mode pages are (SPC-4 5.1). */
static void reset(struct scsi_lu *lu)
{
	ssc_drive_of_lu(lu)->mode = (struct ssc_mode){.buffered = true};
}

const struct scsi_device_type ssc_device_type = {
	.name = "tape",
	.peripheral_type = 0x01,
	.removable = true,
	.queued = true,
	.nexus_size = sizeof(struct ssc_nexus),
	.opcodes = {.rows = rows, .count = sizeof rows / sizeof rows[0]},
	.mode_pages = ssc_mode_pages,
	.mode_header = &ssc_mode_header,
	.log_pages = ssc_log_pages,
	.vpd_pages = vpd_pages,
	.attention_reported = ssc_attention_reported,
	.ready = ready,
	.writable = writable,
	.reset = reset,
	.encode_lu = ssc_told_encode_lu,
	.decode_lu = ssc_told_decode_lu,
	.encode_nexus = ssc_told_encode_nexus,
	.decode_nexus = ssc_told_decode_nexus,
};

/* ---- personalities ------------------------------------------------------------------------------
 */

static const struct ssc_personality lto_8 = {
	.scsi = {.name = "lto-8",
		.vendor = "CAROUSEL",
		.product = "ULTRIUM-TD8",
		.revision = "0.1",
		.version = 0x06,
		.descriptors = {0x00a0, 0x0460, 0x0500}}, /* SAM-5, SPC-4, SSC-4 */
	.medium = "LTO-8",
	.density = "U-832",
	.description = "Ultrium 8/32T",
	.density_code = 0x5e,
	.medium_type = 0x88,
	.bits_per_mm = 20668,
	.tracks = 6656,
	.capacity_mb = 12000000,
	.block_max = 8 << 20,
};

const struct ssc_personality *const ssc_personalities[] = {&lto_8, NULL};

const struct ssc_personality *ssc_personality_find(const char *name)
{
	for (const struct ssc_personality *const *one = ssc_personalities; *one; one++)
		if (__builtin_strcmp((*one)->scsi.name, name) == 0)
			return *one;
	return NULL;
}
