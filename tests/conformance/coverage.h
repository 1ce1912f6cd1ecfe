/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows of the operation code table the suites have seen work, and seen refuse; and the
 * sense codes that they have seen. */
#pragma once

#include "scsi/opcode.h"

void coverage_good(const struct scsi_opcode *row);
void coverage_refused(const struct scsi_opcode *row);
/* A test has expected this one, and seen it. */
void coverage_sense(enum scsi_sense_code code);
/* Prints every row that lacks one of the two, and the sense codes amiss; returns how many. */
unsigned coverage_gaps(void);
