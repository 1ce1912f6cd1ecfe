/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MAINTENANCE IN and OUT (A3h, A4h), for the tables of device types where these codes mean that (on
 * optical drives they are SEND KEY and REPORT KEY).
 */
#pragma once

#include "scsi/sense.h"

struct scsi_cmd;

enum scsi_sense_code scsi_report_supported_opcodes(struct scsi_cmd *cmd);    /* SPC-4 6.35 */
enum scsi_sense_code scsi_report_supported_management(struct scsi_cmd *cmd); /* SPC-4 6.36 */
enum scsi_sense_code scsi_report_timestamp(struct scsi_cmd *cmd);            /* SPC-4 6.38 */
enum scsi_sense_code scsi_set_timestamp(struct scsi_cmd *cmd);               /* SPC-4 6.45 */
