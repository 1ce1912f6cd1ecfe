/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows of the operation code table the suites have seen work, and seen refuse. */
#pragma once

#include "scsi/opcode.h"

void coverage_good(const struct scsi_opcode *row);
void coverage_refused(const struct scsi_opcode *row);
/* Prints every row that lacks one of the two; returns how many. */
unsigned coverage_gaps(void);
