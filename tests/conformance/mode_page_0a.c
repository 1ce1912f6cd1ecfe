/* SPDX-License-Identifier: Apache-2.0 */
/* The control mode page (SPC-4 7.5.8): what is true of the drive, and what a host may change. */
#include "optical.h"

#define CONTROL_PAGE(nexus, control) SEND(nexus, 255, 0x5a, 0, (control) | 0x0a, 0, 0, 0, 0, 0, 255)

enum { CHANGEABLE = 0x40, PAGE_AT = 8, D_SENSE = 0x04, SWP = 0x08 };

static const struct fake_answer *select_control(
	struct scsi_nexus *nexus, uint8_t byte_2, uint8_t byte_4)
{
	const uint8_t list[] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0x0a, 0x0a, byte_2, 0x10, byte_4, 0x40, 0, 0, 0, 0, 0, 0};
	return SEND_OUT(nexus, list, sizeof list, 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof list);
}

/* TST 001b, QUEUE ALGORITHM MODIFIER 1, QERR 0, TAS. */
static void it_says_how_tasks_are_treated(void **state)
{
	const struct fake_answer *answer = CONTROL_PAGE(BENCH(state).host, 0);
	EXPECT_LENGTH(answer, PAGE_AT + 12);
	EXPECT_BE32(answer, PAGE_AT, 0x0a0a2010);
	EXPECT_BE32(answer, PAGE_AT + 4, 0x00400000);
	EXPECT_BE32(answer, PAGE_AT + 8, 0);
}

static void only_the_sense_format_may_be_changed(void **state)
{
	const struct fake_answer *answer = CONTROL_PAGE(BENCH(state).host, CHANGEABLE);
	EXPECT_BE32(answer, PAGE_AT, 0x0a0a0400);
	EXPECT_BE32(answer, PAGE_AT + 4, 0);
	EXPECT_BE32(answer, PAGE_AT + 8, 0);
}

static void the_sense_format_is_changed_and_changed_back(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(select_control(host, 0x20 | D_SENSE, 0));
	EXPECT_U8(CONTROL_PAGE(host, 0), PAGE_AT + 2, 0x20 | D_SENSE);
	EXPECT_SENSE(SEND(host, 0, 0x2a), SENSE_INVALID_OPCODE);
	EXPECT_GOOD(select_control(host, 0x20, 0));
	EXPECT_U8(CONTROL_PAGE(host, 0), PAGE_AT + 2, 0x20);
	EXPECT_SENSE(SEND(host, 0, 0x2a), SENSE_INVALID_OPCODE);
}

static void a_host_cannot_write_protect_what_is_read_only(void **state)
{
	const struct fake_answer *answer = select_control(BENCH(state).host, 0x20, SWP);
	EXPECT_SENSE(answer, SENSE_INVALID_FIELD_IN_PARAMETERS);
	assert_int_equal(answer->sense.field, PAGE_AT + 4);
	assert_int_equal(answer->sense.bit, 3);
	EXPECT_U8(CONTROL_PAGE(BENCH(state).host, 0), PAGE_AT + 4, 0);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(it_says_how_tasks_are_treated),
	ON_DVD(only_the_sense_format_may_be_changed),
	ON_DVD(the_sense_format_is_changed_and_changed_back),
	ON_DVD(a_host_cannot_write_protect_what_is_read_only),
};
CONFORMANCE_SUITE("mode-page-0a", tests)
