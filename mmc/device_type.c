/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The optical drive as a device type: one row per command. Byte 1 bits 7..5 were the LUN of SCSI-2
 * and are reserved since. What has no row (READ(6), READ(16), LOAD/UNLOAD MEDIUM; A3h is SEND KEY
 * here and not REPORT SUPPORTED OPERATION CODES) is an INVALID COMMAND OPERATION CODE.
 */
#include "private.h"
#include "scsi/spc.h"
#include "scsi/vpd.h"

enum {
	ANYTIME = OPCODE_WITHOUT_MEDIUM | OPCODE_SKIPS_ATTENTION | OPCODE_DESPITE_RESERVATION |
		  OPCODE_DESPITE_PERSISTENT,
	READS = OPCODE_DESPITE_WRITE_EXCLUSIVE,
	FF = 0xff,
};

static const struct scsi_opcode rows[] = {
	{"TEST UNIT READY", 0x00, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_DESPITE_PERSISTENT, {FF},
		scsi_test_unit_ready},
	{"REQUEST SENSE", 0x03, SCSI_ANY_ACTION, SCSI_DATA_IN, ANYTIME | OPCODE_IMMEDIATE,
		{FF, 0x01, 0, 0, FF}, scsi_request_sense},
	{"INQUIRY", 0x12, SCSI_ANY_ACTION, SCSI_DATA_IN, ANYTIME | OPCODE_IMMEDIATE,
		{FF, 0x01, FF, FF, FF}, scsi_inquiry},
	{"MODE SELECT(6)", 0x15, SCSI_ANY_ACTION, SCSI_DATA_OUT, OPCODE_WITHOUT_MEDIUM,
		{FF, 0x11, 0, 0, FF}, scsi_mode_select_6},
	{"RESERVE(6)", 0x16, SCSI_ANY_ACTION, SCSI_NO_DATA,
		OPCODE_WITHOUT_MEDIUM | OPCODE_DESPITE_PERSISTENT, {FF}, scsi_reserve},
	{"RELEASE(6)", 0x17, SCSI_ANY_ACTION, SCSI_NO_DATA,
		OPCODE_WITHOUT_MEDIUM | OPCODE_DESPITE_RESERVATION | OPCODE_DESPITE_PERSISTENT,
		{FF}, scsi_release},
	{"MODE SENSE(6)", 0x1a, SCSI_ANY_ACTION, SCSI_DATA_IN, OPCODE_WITHOUT_MEDIUM | READS,
		{FF, 0x08, FF, FF, FF}, scsi_mode_sense_6},
	{"START STOP UNIT", 0x1b, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_WITHOUT_MEDIUM,
		{FF, 0x01, 0, 0, 0xf7}, mmc_start_stop},
	{"PREVENT ALLOW MEDIUM REMOVAL", 0x1e, SCSI_ANY_ACTION, SCSI_NO_DATA,
		OPCODE_WITHOUT_MEDIUM | OPCODE_ALLOWS_REMOVAL, {FF, 0, 0, 0, 0x03},
		scsi_prevent_allow},
	{"READ FORMAT CAPACITIES", 0x23, SCSI_ANY_ACTION, SCSI_DATA_IN,
		OPCODE_WITHOUT_MEDIUM | READS, {FF, 0, 0, 0, 0, 0, 0, FF, FF},
		mmc_read_format_capacities},
	{"READ CAPACITY", 0x25, SCSI_ANY_ACTION, SCSI_DATA_IN, OPCODE_DESPITE_PERSISTENT, {FF},
		mmc_read_capacity},
	{"READ(10)", 0x28, SCSI_ANY_ACTION, SCSI_DATA_IN, READS,
		{FF, 0x18, FF, FF, FF, FF, 0, FF, FF}, mmc_read_10},
	{"SEEK(10)", 0x2b, SCSI_ANY_ACTION, SCSI_NO_DATA, 0, {FF, 0, FF, FF, FF, FF}, mmc_seek},
	/* BYTCHK is SBC-3's. Nothing of it needs a drive that writes. */
	{"VERIFY(10)", 0x2f, SCSI_ANY_ACTION, SCSI_DATA_OUT, READS,
		{FF, 0x12, FF, FF, FF, FF, 0, FF, FF}, mmc_verify_10},
	{"READ SUB-CHANNEL", 0x42, SCSI_ANY_ACTION, SCSI_DATA_IN, READS,
		{FF, 0x02, 0x40, FF, 0, 0, FF, FF, FF}, mmc_read_sub_channel},
	{"READ TOC/PMA/ATIP", 0x43, SCSI_ANY_ACTION, SCSI_DATA_IN, READS,
		{FF, 0x02, 0x0f, 0, 0, 0, FF, FF, FF, 0xc0}, mmc_read_toc},
	/* MMC-3's; programs that read CDs sector by sector still ask. */
	{"READ HEADER", 0x44, SCSI_ANY_ACTION, SCSI_DATA_IN, READS,
		{FF, 0x02, FF, FF, FF, FF, 0, FF, FF}, mmc_read_header},
	{"GET CONFIGURATION", 0x46, SCSI_ANY_ACTION, SCSI_DATA_IN, ANYTIME,
		{FF, 0x03, FF, FF, 0, 0, 0, FF, FF}, mmc_get_configuration},
	{"GET EVENT STATUS NOTIFICATION", 0x4a, SCSI_ANY_ACTION, SCSI_DATA_IN, ANYTIME,
		{FF, 0x01, 0, 0, FF, 0, 0, FF, FF}, mmc_get_event_status},
	{"LOG SELECT", 0x4c, SCSI_ANY_ACTION, SCSI_DATA_OUT, OPCODE_WITHOUT_MEDIUM,
		{FF, 0x03, FF, FF, 0, 0, 0, FF, FF}, scsi_log_select},
	{"LOG SENSE", 0x4d, SCSI_ANY_ACTION, SCSI_DATA_IN,
		OPCODE_WITHOUT_MEDIUM | OPCODE_DESPITE_PERSISTENT,
		{FF, 0x01, FF, FF, 0, FF, FF, FF, FF}, scsi_log_sense},
	{"READ DISC INFORMATION", 0x51, SCSI_ANY_ACTION, SCSI_DATA_IN, READS,
		{FF, 0x07, 0, 0, 0, 0, 0, FF, FF}, mmc_read_disc_information},
	{"READ TRACK INFORMATION", 0x52, SCSI_ANY_ACTION, SCSI_DATA_IN, READS,
		{FF, 0x03, FF, FF, FF, FF, 0, FF, FF}, mmc_read_track_information},
	{"MODE SELECT(10)", 0x55, SCSI_ANY_ACTION, SCSI_DATA_OUT, OPCODE_WITHOUT_MEDIUM,
		{FF, 0x11, 0, 0, 0, 0, 0, FF, FF}, scsi_mode_select_10},
	{"RESERVE(10)", 0x56, SCSI_ANY_ACTION, SCSI_NO_DATA,
		OPCODE_WITHOUT_MEDIUM | OPCODE_DESPITE_PERSISTENT, {FF}, scsi_reserve},
	{"RELEASE(10)", 0x57, SCSI_ANY_ACTION, SCSI_NO_DATA,
		OPCODE_WITHOUT_MEDIUM | OPCODE_DESPITE_RESERVATION | OPCODE_DESPITE_PERSISTENT,
		{FF}, scsi_release},
	{"MODE SENSE(10)", 0x5a, SCSI_ANY_ACTION, SCSI_DATA_IN, OPCODE_WITHOUT_MEDIUM | READS,
		{FF, 0x18, FF, FF, 0, 0, 0, FF, FF}, scsi_mode_sense_10},
	/* A real drive has none of these; ours is shared storage. */
	{"READ BUFFER CAPACITY", 0x5c, SCSI_ANY_ACTION, SCSI_DATA_IN, READS,
		{FF, 0x01, 0, 0, 0, 0, 0, FF, FF}, mmc_read_buffer_capacity},
	SCSI_PERSISTENT_ROWS,
	/*
	 * Not MMC, but what SCSI programs that know no device types ask every LUN (libiscsi's
	 * iscsi-readcapacity16). Linux' sr never does. It promises nothing: READ(16) stays out.
	 */
	{"READ CAPACITY(16)", 0x9e, 0x10, SCSI_DATA_IN, OPCODE_DESPITE_PERSISTENT,
		{FF, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, FF, FF, FF, FF}, mmc_read_capacity_16},
	{"REPORT LUNS", 0xa0, SCSI_ANY_ACTION, SCSI_DATA_IN, ANYTIME | OPCODE_IMMEDIATE,
		{FF, 0, FF, 0, 0, 0, FF, FF, FF, FF}, scsi_report_luns},
	{"SEND KEY", 0xa3, SCSI_ANY_ACTION, SCSI_DATA_OUT, OPCODE_WITHOUT_MEDIUM,
		{FF, 0, 0, 0, 0, 0, 0, FF, FF, FF, FF}, mmc_send_key},
	{"REPORT KEY", 0xa4, SCSI_ANY_ACTION, SCSI_DATA_IN, OPCODE_WITHOUT_MEDIUM | READS,
		{FF, 0, FF, FF, FF, FF, 0, FF, FF, FF, FF}, mmc_report_key},
	{"READ(12)", 0xa8, SCSI_ANY_ACTION, SCSI_DATA_IN, READS,
		{FF, 0x18, FF, FF, FF, FF, FF, FF, FF, FF, 0x80}, mmc_read_12},
	{"READ MEDIA SERIAL NUMBER", 0xab, 0x01, SCSI_DATA_IN, OPCODE_DESPITE_PERSISTENT,
		{FF, 0x01, 0, 0, 0, 0, FF, FF, FF, FF}, mmc_read_media_serial_number},
	{"GET PERFORMANCE", 0xac, SCSI_ANY_ACTION, SCSI_DATA_IN, READS,
		{FF, 0x1f, FF, FF, FF, FF, 0, 0, FF, FF, FF}, mmc_get_performance},
	{"READ DISC STRUCTURE", 0xad, SCSI_ANY_ACTION, SCSI_DATA_IN, READS,
		{FF, 0x0f, FF, FF, FF, FF, FF, FF, FF, FF, 0xc0}, mmc_read_disc_structure},
	{"SET STREAMING", 0xb6, SCSI_ANY_ACTION, SCSI_DATA_OUT, OPCODE_WITHOUT_MEDIUM,
		{FF, 0, 0, 0, 0, 0, 0, 0, FF, FF, FF}, mmc_set_streaming},
	{"READ CD MSF", 0xb9, SCSI_ANY_ACTION, SCSI_DATA_IN, READS,
		{FF, 0x1e, 0, FF, FF, FF, FF, FF, FF, 0xfe, 0x07}, mmc_read_cd_msf},
	{"SET CD SPEED", 0xbb, SCSI_ANY_ACTION, SCSI_NO_DATA, OPCODE_WITHOUT_MEDIUM,
		{FF, 0x03, FF, FF, FF, FF}, mmc_set_cd_speed},
	{"MECHANISM STATUS", 0xbd, SCSI_ANY_ACTION, SCSI_DATA_IN, OPCODE_WITHOUT_MEDIUM | READS,
		{FF, 0, 0, 0, 0, 0, 0, 0, FF, FF}, mmc_mechanism_status},
	{"READ CD", 0xbe, SCSI_ANY_ACTION, SCSI_DATA_IN, READS,
		{FF, 0x1e, FF, FF, FF, FF, FF, FF, FF, 0xfe, 0x07}, mmc_read_cd},
};

static const struct scsi_vpd_page vpd_pages[] = {
	{0x80, scsi_vpd_unit_serial},
	{0x83, scsi_vpd_identification},
	{0, NULL},
};

static void reset(struct scsi_lu *lu)
{
	mmc_drive_of_lu(lu)->speed_kb = 0;
	mmc_power_set(mmc_drive_of_lu(lu), POWER_ACTIVE);
}

const struct scsi_device_type mmc_device_type = {
	.name = "cd/dvd",
	.peripheral_type = 0x05,
	.removable = true,
	.forgives_nexus_loss = true,
	.opcodes = {.rows = rows, .count = sizeof rows / sizeof rows[0]},
	.mode_pages = mmc_mode_pages,
	.log_pages = mmc_log_pages,
	.vpd_pages = vpd_pages,
	.nexus_size = sizeof(struct mmc_nexus),
	.nexus_added = mmc_nexus_added,
	.refresh = mmc_refresh,
	.ready = mmc_ready,
	.reset = reset,
	.encode_lu = mmc_told_encode_lu,
	.decode_lu = mmc_told_decode_lu,
	.encode_nexus = mmc_told_encode_nexus,
	.decode_nexus = mmc_told_decode_nexus,
};
