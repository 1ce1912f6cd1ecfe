/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operation codes, against tests/golden/opcodes.txt, and what must not be in it. */
#include "optical.h"

static void the_operation_codes(void **state)
{
	expect_golden_opcodes("opcodes.txt");
}

static void they_are_sorted_for_the_search(void **state)
{
	const struct scsi_opcode_table *table = &mmc_device_type.opcodes;
	for (size_t i = 1; i < table->count; i++) {
		const struct scsi_opcode *one = &table->rows[i - 1], *next = one + 1;
		assert_true(one->opcode < next->opcode ||
			    (one->opcode == next->opcode &&
				    one->service_action < next->service_action));
	}
}

/* A read-only drive without changer. */
static void what_must_not_be_there(void **state)
{
	static const uint8_t absent[] = {0x04, 0x08, 0x0a, 0x2a, 0x88, 0x8a, 0xa6, 0xaa};
	for (size_t i = 0; i < sizeof absent; i++)
		EXPECT_SENSE(&fake_send(BENCH(state).host, &absent[i], 1, 0)->answer,
			SENSE_INVALID_OPCODE);
}

/* A3h is SEND KEY on a CD drive, and no MAINTENANCE IN: that has REPORT SUPPORTED OPERATION CODES.
 */
static void it_cannot_be_asked_what_is_there(void **state)
{
	EXPECT_INVALID_CDB(
		SEND(BENCH(state).host, 255, 0xa3, 0x0c, 0, 0, 0, 0, 0, 0, 0, 255), 1, 3);
}

/* 9Eh is there for READ CAPACITY(16) alone (SPC-4 4.3.4: an unknown service action is a field). */
static void of_the_service_actions_in_only_one_is_there(void **state)
{
	for (uint8_t action = 0; action < 32; action++)
		if (action != 0x10)
			EXPECT_INVALID_CDB(SEND(BENCH(state).host, 32, 0x9e, action), 1, 4);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(the_operation_codes),
	ON_DVD(they_are_sorted_for_the_search),
	ON_DVD(all_other_opcodes_are_refused),
	ON_DVD(what_must_not_be_there),
	ON_DVD(it_cannot_be_asked_what_is_there),
	ON_DVD(of_the_service_actions_in_only_one_is_there),
};
CONFORMANCE_SUITE("golden-opcodes", tests)
