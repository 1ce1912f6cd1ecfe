/* SPDX-License-Identifier: Apache-2.0 */
/* INQUIRY and its vital product data pages as rows (SPC-4 6.6, 7.8). */
#pragma once

#include <stdint.h>

#include "scsi/sense.h"

struct response;
struct scsi_cmd;
struct scsi_nexus;

struct scsi_vpd_page {
	uint8_t page;
	/* Appends what follows the four header bytes. */
	void (*build)(const struct scsi_nexus *nexus, struct response *r);
};

/* Pages every device type has: 80h unit serial number, 83h device identification. */
void scsi_vpd_unit_serial(const struct scsi_nexus *nexus, struct response *r);
void scsi_vpd_identification(const struct scsi_nexus *nexus, struct response *r);

enum scsi_sense_code scsi_inquiry(struct scsi_cmd *cmd); /* page 00h is made of the rows */
