/* SPDX-License-Identifier: Apache-2.0 */
#include "coverage.h"

#include "conformance.h"

enum { ROWS_MAX = 256 };

static bool good[ROWS_MAX], refused[ROWS_MAX];

static const struct scsi_opcode_table *table(void)
{
	return &mmc_device_type.opcodes;
}

void coverage_good(const struct scsi_opcode *row)
{
	if (row)
		good[row - table()->rows] = true;
}

void coverage_refused(const struct scsi_opcode *row)
{
	if (row)
		refused[row - table()->rows] = true;
}

unsigned coverage_gaps(void)
{
	unsigned gaps = 0;
	for (size_t i = 0; i < table()->count; i++) {
		if (good[i] && refused[i])
			continue;
		gaps++;
		print_error("%s: %s%s\n", table()->rows[i].name,
			good[i] ? "" : "no test looks at what it answers; ",
			refused[i] ? "" : "no test looks at how it refuses");
	}
	return gaps;
}
