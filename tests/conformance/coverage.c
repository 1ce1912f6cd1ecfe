/* SPDX-License-Identifier: Apache-2.0 */
#include "coverage.h"

#include "conformance.h"

enum { ROWS_MAX = 256 };

static bool good[ROWS_MAX], refused[ROWS_MAX], seen[SENSE_CODE_COUNT];

static const struct scsi_opcode_table *table(void)
{
	return &conformance_type->opcodes;
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

void coverage_sense(enum scsi_sense_code code)
{
	seen[code] = true;
}

static bool may_return(enum scsi_sense_code code)
{
	for (const enum scsi_sense_code *one = conformance_senses; *one != SENSE_NONE; one++)
		if (*one == code)
			return true;
	return false;
}

static unsigned sense_gaps(void)
{
	unsigned gaps = 0;
	for (unsigned i = SENSE_NONE + 1; i < SENSE_CODE_COUNT; i++) {
		enum scsi_sense_code code = (enum scsi_sense_code)i;
		if (may_return(code) == seen[code])
			continue;
		gaps++;
		print_error("%s (%x/%02x/%02x): %s\n", scsi_sense_text(code), scsi_sense_key(code),
			scsi_sense_asc(code), scsi_sense_ascq(code),
			seen[code] ? "nobody expects it of such a drive" : "no test has seen it");
	}
	return gaps;
}

unsigned coverage_gaps(void)
{
	unsigned gaps = conformance_senses ? sense_gaps() : 0;
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
