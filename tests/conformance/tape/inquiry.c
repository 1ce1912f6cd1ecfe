/* SPDX-License-Identifier: Apache-2.0 */
/* INQUIRY and its vital product data pages, against a golden file. */
#include <stdio.h>
#include <stdlib.h>

#include "tape_bench.h"

#define INQUIRY(nexus, evpd, page, length) SEND(nexus, (length), 0x12, (evpd), (page), 0, (length))

static void print(FILE *out, const char *title, const struct fake_answer *answer)
{
	EXPECT_GOOD(answer);
	fprintf(out, "%s\n", title);
	for (size_t i = 0; i < answer->length; i++)
		fprintf(out, "%s%02x%s", i % 16 ? " " : "  ", answer->data[i],
			i % 16 == 15 || i + 1 == answer->length ? "\n" : "");
}

static void all_of_it(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	char *text = NULL, title[32];
	size_t length;
	FILE *out = open_memstream(&text, &length);
	print(out, "standard", INQUIRY(host, 0, 0, 252));
	const struct fake_answer *list = INQUIRY(host, 1, 0x00, 252);
	EXPECT_BE16(list, 2, (unsigned)list->length - 4);
	for (size_t i = 4; i < list->length; i++) {
		snprintf(title, sizeof title, "page %02xh", list->data[i]);
		print(out, title, INQUIRY(host, 1, list->data[i], 252));
	}
	fclose(out);
	expect_golden("tape_inquiry.txt", text);
	free(text);
}

/* What Linux binds st by: peripheral device type 01h, removable. */
static void a_tape_drive(void **state)
{
	const struct fake_answer *answer = INQUIRY(BENCH(state).host, 0, 0, 36);
	EXPECT_LENGTH(answer, 36);
	EXPECT_U8(answer, 0, 0x01);
	EXPECT_U8(answer, 1, 0x80);
	EXPECT_U8(answer, 3, 0x02);
}

/* It says the same whatever is in the drive, and is never refused for a unit attention. */
static void at_any_time(void **state)
{
	struct scsi_nexus *host = fake_nexus(BENCH(state).fake, "new");
	EXPECT_U8(INQUIRY(host, 0, 0, 36), 0, 0x01);
	EXPECT_SENSE(TEST_UNIT_READY(host), SENSE_POWER_ON);
}

static void unknown_pages_are_refused(void **state)
{
	EXPECT_INVALID_CDB(INQUIRY(BENCH(state).host, 1, 0xff, 252), 2, 7);
	EXPECT_INVALID_CDB(INQUIRY(BENCH(state).host, 0, 0x80, 252), 2, 7);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(all_of_it),
	ON_BLANK(a_tape_drive),
	ON_NO_TAPE(at_any_time),
	ON_BLANK(unknown_pages_are_refused),
};
CONFORMANCE_SUITE("inquiry", tests)
