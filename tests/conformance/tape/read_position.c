/* SPDX-License-Identifier: Apache-2.0 */
/*
 * READ POSITION in its forms. BOP at object 0 and nowhere else (mhVTL's issues 4 and 123 tell what
 * hosts make of it elsewhere); nothing is unknown, and nothing is buffered.
 */
#include "tape_bench.h"

#define SHORT_FORM(nexus)  SEND(nexus, 20, 0x34, 0x00)
#define VENDOR_FORM(nexus) SEND(nexus, 20, 0x34, 0x01)
#define LONG_FORM(nexus)   SEND(nexus, 32, 0x34, 0x06)
#define EXTENDED(nexus)    SEND(nexus, 32, 0x34, 0x08, 0, 0, 0, 0, 0, 0, 32)

enum { BOP = 0x80, EOP = 0x40, BPEW = 0x01 };

static void expect_forms(struct scsi_nexus *host, uint8_t flags, uint8_t object, uint8_t file)
{
	EXPECT_DATA(SHORT_FORM(host), flags, 0, 0, 0, 0, 0, 0, object, 0, 0, 0, object, 0, 0, 0, 0,
		0, 0, 0, 0);
	EXPECT_DATA(VENDOR_FORM(host), flags, 0, 0, 0, 0, 0, 0, object, 0, 0, 0, object, 0, 0, 0, 0,
		0, 0, 0, 0);
	EXPECT_DATA(LONG_FORM(host), flags, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, object, 0, 0,
		0, 0, 0, 0, 0, file, 0, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_DATA(EXTENDED(host), flags, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, object, 0, 0,
		0, 0, 0, 0, 0, object, 0, 0, 0, 0, 0, 0, 0, 0);
}

static void at_the_beginning(void **state)
{
	expect_forms(BENCH(state).host, BOP, 0, 0);
	write_files(BENCH(state).host);
	expect_forms(BENCH(state).host, BOP, 0, 0);
}

static void in_the_middle(void **state)
{
	write_files(BENCH(state).host);
	EXPECT_GOOD(locate(BENCH(state).host, 1));
	expect_forms(BENCH(state).host, 0, 1, 0);
}

static void before_and_behind_a_filemark(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(locate(host, 2));
	expect_forms(host, 0, 2, 0);
	EXPECT_GOOD(space_6(host, MARKS, 1));
	expect_forms(host, 0, 3, 1);
	EXPECT_GOOD(space_6(host, MARKS, 2));
	expect_forms(host, 0, 6, 3);
}

static void at_the_end_of_data(void **state)
{
	write_files(BENCH(state).host);
	EXPECT_GOOD(space_6(BENCH(state).host, TO_EOD, 0));
	expect_forms(BENCH(state).host, 0, FILES_EOD, FILES_MARKS);
}

static void right_after_writing(void **state)
{
	EXPECT_GOOD(write_block(BENCH(state).host, 100, 1));
	expect_forms(BENCH(state).host, 0, 1, 0);
	EXPECT_GOOD(write_marks(BENCH(state).host, 2, 0));
	expect_forms(BENCH(state).host, 0, 3, 2);
}

/* BPEW there, when no programmable early warning was set: implementations differ. */
static uint8_t flags_in_early_warning(struct scsi_nexus *host)
{
	const struct fake_answer *answer = SHORT_FORM(host);
	EXPECT_LENGTH(answer, 20);
	assert_int_equal(answer->data[0] & ~BPEW, EOP);
	return answer->data[0];
}

/* EOP: between early warning and the end of the partition (SSC-4, READ POSITION; Holo
 * sets it so too). */
static void in_the_early_warning_zone(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	unsigned count = write_to_early_warning(host);
	expect_forms(host, flags_in_early_warning(host), (uint8_t)count, 0);
	EXPECT_GOOD(locate(host, 1));
	expect_forms(host, 0, 1, 0);
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	expect_forms(host, flags_in_early_warning(host), (uint8_t)count, 0);
}

/*
 * BPEW: beyond programmable early warning, when there is one (the same bit in all forms: FreeBSD
 * sa(4), CERN's tape server).
 */
static void in_the_programmable_zone(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	unsigned count = 0;
	set_programmable_warning(host, 1);
	while (write_block(host, SHORT_BLOCK, count++)->status == SCSI_STATUS_GOOD)
		;
	expect_forms(host, BPEW, (uint8_t)count, 0);
	while (write_block(host, SHORT_BLOCK, count++)->status == SCSI_STATUS_GOOD)
		;
	expect_forms(host, EOP | BPEW, (uint8_t)count, 0);
}

/* Only the extended form has an ALLOCATION LENGTH that counts. */
static void an_allocation_length_cuts_the_extended_form(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_DATA(SEND(host, 32, 0x34, 0x08, 0, 0, 0, 0, 0, 0, 4), BOP, 0, 0, 28);
	EXPECT_LENGTH(SEND(host, 20, 0x34, 0, 0, 0, 0, 0, 0, 0, 4), 20);
}

static void other_forms_are_refused(void **state)
{
	static const uint8_t actions[] = {2, 3, 4, 5, 7, 9, 31};
	for (unsigned i = 0; i < sizeof actions; i++)
		EXPECT_INVALID_CDB(SEND(BENCH(state).host, 32, 0x34, actions[i]), 1, 4);
}

static void a_short_buffer_gets_what_fits(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 4, 0x34), BOP, 0, 0, 0);
	EXPECT_DATA(SEND(BENCH(state).host, 2, 0x34, 0x06), BOP, 0);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(at_the_beginning),
	ON_BLANK(in_the_middle),
	ON_BLANK(before_and_behind_a_filemark),
	ON_BLANK(at_the_end_of_data),
	ON_BLANK(right_after_writing),
	ON_SHORT(in_the_early_warning_zone),
	ON_SHORT(in_the_programmable_zone),
	ON_BLANK(an_allocation_length_cuts_the_extended_form),
	ON_BLANK(other_forms_are_refused),
	ON_BLANK(a_short_buffer_gets_what_fits),
};
CONFORMANCE_SUITE("read-position", tests)
