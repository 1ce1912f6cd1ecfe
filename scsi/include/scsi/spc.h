/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of the primary commands, for the tables of the device types. */
#pragma once

#include "scsi/sense.h"

struct scsi_cmd;

enum scsi_sense_code scsi_test_unit_ready(struct scsi_cmd *cmd); /* SPC-4 6.47 */
enum scsi_sense_code scsi_request_sense(struct scsi_cmd *cmd);   /* SPC-4 6.39 */
enum scsi_sense_code scsi_report_luns(struct scsi_cmd *cmd);     /* SPC-4 6.33 */
enum scsi_sense_code scsi_prevent_allow(struct scsi_cmd *cmd);   /* MMC-6 6.12, SPC-4 6.16 */
enum scsi_sense_code scsi_reserve(struct scsi_cmd *cmd); /* SPC-2 7.21, 7.22: RESERVE(6) and (10) */
enum scsi_sense_code scsi_release(struct scsi_cmd *cmd); /* SPC-2 7.17, 7.18 */
