/* SPDX-License-Identifier: Apache-2.0 */
#include "scsi/opcode.h"

#include "scsi/command.h"

unsigned scsi_cdb_length(uint8_t opcode)
{
	static const uint8_t by_group[8] = {6, 10, 10, 0, 16, 12, 0, 0};
	return by_group[opcode >> 5];
}

static int compare(const struct scsi_opcode *row, const uint8_t *cdb)
{
	if (row->opcode != cdb[0])
		return row->opcode < cdb[0] ? -1 : 1;
	if (row->service_action == SCSI_ANY_ACTION)
		return 0;
	return row->service_action - (cdb[1] & 0x1f);
}

const struct scsi_opcode *scsi_opcode_find(
	const struct scsi_opcode_table *table, const uint8_t *cdb)
{
	size_t low = 0, high = table->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(&table->rows[middle], cdb);
		if (order == 0)
			return &table->rows[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
