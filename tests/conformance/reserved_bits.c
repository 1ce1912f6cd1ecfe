/* SPDX-License-Identifier: Apache-2.0 */
/* Every reserved bit of every CDB, one at a time: refused, with a pointer to it. */
#include "conformance.h"

/* Neither the vendor specific bits of CONTROL nor a service action are reserved. */
static bool is_reserved(const struct scsi_opcode *row, unsigned byte, unsigned bit)
{
	unsigned length = scsi_cdb_length(row->opcode);
	if (byte == length - 1 && bit >= 6)
		return false;
	if (byte == 1 && bit < 5 && row->service_action != SCSI_ANY_ACTION)
		return false;
	return !(row->usage[byte] & 1u << bit);
}

static void check_row(struct scsi_nexus *host, const struct scsi_opcode *row)
{
	for (unsigned byte = 1; byte < scsi_cdb_length(row->opcode); byte++)
		for (unsigned bit = 0; bit < 8; bit++) {
			uint8_t cdb[16] = {row->opcode};
			if (!is_reserved(row, byte, bit))
				continue;
			if (row->service_action != SCSI_ANY_ACTION)
				cdb[1] = (uint8_t)row->service_action;
			cdb[byte] |= (uint8_t)(1u << bit);
			EXPECT_INVALID_CDB(
				&fake_send(host, cdb, scsi_cdb_length(cdb[0]), 64)->answer, byte,
				bit);
		}
}

static void each_is_refused(void **state)
{
	const struct scsi_opcode_table *table = &conformance_type->opcodes;
	for (size_t i = 0; i < table->count; i++)
		check_row(BENCH(state).host, &table->rows[i]);
}

static void naca_and_link_are_refused(void **state)
{
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 0, 0x00, 0, 0, 0, 0, 0x04), 5, 2);
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 0, 0x00, 0, 0, 0, 0, 0x01), 5, 0);
}

static const struct CMUnitTest tests[] = {
	ON_READY(each_is_refused),
	ON_READY(naca_and_link_are_refused),
};
CONFORMANCE_SUITE("reserved-bits", tests)
