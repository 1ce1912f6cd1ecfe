/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operation codes, against a golden file, and what must not be in it. */
#include "tape_bench.h"

static void the_operation_codes(void **state)
{
	expect_golden_opcodes("tape_opcodes.txt");
}

static void they_are_sorted_for_the_search(void **state)
{
	const struct scsi_opcode_table *table = &conformance_type->opcodes;
	for (size_t i = 1; i < table->count; i++) {
		const struct scsi_opcode *before = &table->rows[i - 1], *row = &table->rows[i];
		assert_true(before->opcode < row->opcode ||
			    (before->opcode == row->opcode &&
				    before->service_action < row->service_action));
	}
}

/*
 * READ REVERSE, RECOVER BUFFERED DATA, COPY, COMPARE, EXTENDED COPY: the timeout tables of LTFS
 * have them as not supported by any IBM LTO drive (ibm_tape.c).
 */
static void what_real_drives_refuse(void **state)
{
	static const uint8_t absent[] = {
		0x0f, 0x14, 0x18, 0x39, 0x3a, 0x40, 0x83, 0x84, 0xc0, 0xe3};
	for (size_t i = 0; i < sizeof absent; i++)
		EXPECT_SENSE(&fake_send(BENCH(state).host, &absent[i], 1, 0)->answer,
			SENSE_INVALID_OPCODE);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(the_operation_codes),
	ON_BLANK(they_are_sorted_for_the_search),
	ON_BLANK(all_other_opcodes_are_refused),
	ON_BLANK(what_real_drives_refuse),
};
CONFORMANCE_SUITE("golden-opcodes", tests)
