/* SPDX-License-Identifier: Apache-2.0 */
/* MODE SENSE: header, block descriptor and pages (SSC-4 8.3), against a golden file. */
#include <stdio.h>
#include <stdlib.h>

#include "tape_bench.h"

#define SENSE_6(nexus, dbd, page, subpage, length)                                                 \
	SEND(nexus, (length), 0x1a, (dbd), (page), (subpage), (length))

/* ---- header and block descriptor --------------------------------------------------------------
 */

/* Linux st asks for page 00h, twelve bytes of it (st.c, read_mode_page and st_open). */
static void page_0_is_header_and_block_descriptor(void **state)
{
	EXPECT_DATA(SENSE_6(BENCH(state).host, 0, 0, 0, 12), 11, 0x88, 0x10, 8, 0x5e, 0, 0, 0, 0, 0,
		0, 0);
}

static void it_follows_mode_select(void **state)
{
	static const uint8_t unbuffered[12] = {0, 0, 0x00, 8, [9] = 0x01, [10] = 0x02, [11] = 0x03};
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(SEND_OUT(host, unbuffered, 12, 0x15, 0x10, 0, 0, 12));
	EXPECT_DATA(
		SENSE_6(host, 0, 0, 0, 12), 11, 0x88, 0x00, 8, 0x5e, 0, 0, 0, 0, 0x01, 0x02, 0x03);
}

/* DBD leaves the block descriptor away. */
static void without_block_descriptor(void **state)
{
	EXPECT_DATA(SENSE_6(BENCH(state).host, 0x08, 0, 0, 12), 3, 0x88, 0x10, 0);
}

static void the_ten_byte_form(void **state)
{
	EXPECT_DATA(SEND(BENCH(state).host, 16, 0x5a, 0, 0, 0, 0, 0, 0, 0, 16), 0, 14, 0x88, 0x10,
		0, 0, 0, 8, 0x5e, 0, 0, 0, 0, 0, 0, 0);
}

/* Nothing is known of a cartridge that is not there; the density is what would be written. */
static void without_a_cartridge(void **state)
{
	EXPECT_DATA(SENSE_6(BENCH(state).host, 0, 0, 0, 12), 11, 0x00, 0x10, 8, 0x5e, 0, 0, 0, 0, 0,
		0, 0);
}

/* ---- pages ------------------------------------------------------------------------------------
 */

static void print_page(FILE *out, const uint8_t *page, size_t length)
{
	for (size_t i = 0; i < length; i++)
		fprintf(out, "%s%02x", i ? " " : "  ", page[i]);
	fprintf(out, "\n");
}

static size_t page_length(const uint8_t *page)
{
	return page[0] & 0x40 ? 4u + (size_t)(page[2] << 8 | page[3]) : 2u + page[1];
}

static void print_pages(FILE *out, struct scsi_nexus *host, unsigned control, const char *title)
{
	const struct fake_answer *answer =
		SEND(host, 512, 0x5a, 0x08, control << 6 | 0x3f, 0xff, 0, 0, 0, 512 >> 8, 0);
	EXPECT_BE16(answer, 0, (unsigned)answer->length - 2);
	fprintf(out, "%s\n", title);
	for (size_t at = 8; at < answer->length; at += page_length(answer->data + at)) {
		assert_true(at + page_length(answer->data + at) <= answer->length);
		print_page(out, answer->data + at, page_length(answer->data + at));
	}
}

static void the_pages(void **state)
{
	static const char *const titles[] = {"current", "changeable", "default", "saved"};
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	for (unsigned control = 0; control < 4; control++)
		print_pages(out, BENCH(state).host, control, titles[control]);
	fclose(out);
	expect_golden("tape_mode_pages.txt", text);
	free(text);
}

/* Both forms, one page or all of them: the same bytes. */
static void a_page_alone_is_as_among_all(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	const struct fake_answer *all =
		SEND(host, 512, 0x5a, 0x08, 0x3f, 0xff, 0, 0, 0, 512 >> 8, 0);
	for (size_t at = 8; at < all->length; at += page_length(all->data + at)) {
		const uint8_t *page = all->data + at;
		unsigned subpage = page[0] & 0x40 ? page[1] : 0;
		const struct fake_answer *one = SENSE_6(host, 0x08, page[0] & 0x3f, subpage, 255);
		EXPECT_LENGTH(one, 4 + page_length(page));
		assert_memory_equal(one->data + 4, page, page_length(page));
	}
}

static void pages_that_are_not_there_are_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_INVALID_CDB(SENSE_6(host, 0, 0x05, 0, 255), 2, 5);
	EXPECT_INVALID_CDB(SENSE_6(host, 0, 0x10, 0x77, 255), 3, 7);
	EXPECT_INVALID_CDB(SENSE_6(host, 0, 0x3f, 0x05, 255), 3, 7);
	EXPECT_INVALID_CDB(SEND(host, 255, 0x5a, 0, 0x05, 0, 0, 0, 0, 0, 255), 2, 5);
}

/* Page 1Dh tells of the cartridge: there is nothing to save. */
static void what_cannot_be_saved_has_no_saved_values(void **state)
{
	EXPECT_SENSE(
		SENSE_6(BENCH(state).host, 0, 0xc0 | 0x1d, 0, 255), SENSE_SAVING_NOT_SUPPORTED);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(page_0_is_header_and_block_descriptor),
	ON_BLANK(it_follows_mode_select),
	ON_BLANK(without_block_descriptor),
	ON_BLANK(the_ten_byte_form),
	ON_NO_TAPE(without_a_cartridge),
	ON_BLANK(the_pages),
	ON_BLANK(a_page_alone_is_as_among_all),
	ON_BLANK(pages_that_are_not_there_are_refused),
	ON_BLANK(what_cannot_be_saved_has_no_saved_values),
};
CONFORMANCE_SUITE("mode-sense", tests)
