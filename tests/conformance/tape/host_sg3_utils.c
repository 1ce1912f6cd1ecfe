/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tools of sg3_utils send: a look at the length first, or room for all there could be, and
 * lengths inside the data that must be true.
 */
#include "tape_bench.h"
#include "util/bytes.h"

/* sg_inq asks for 36 bytes, then for what ADDITIONAL LENGTH says. */
static void sg_inq(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	const struct fake_answer *first = SEND(host, 36, 0x12, 0, 0, 0, 36);
	EXPECT_LENGTH(first, 36);
	unsigned whole = first->data[4] + 5u;
	EXPECT_LENGTH(SEND(host, whole, 0x12, 0, 0, 0, whole), whole);
}

/* sg_vpd: the list, then each page by its own length. */
static void sg_vpd(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	const struct fake_answer *list = SEND(host, 252, 0x12, 1, 0, 0, 252);
	EXPECT_LENGTH(list, 4u + get_be16(list->data + 2));
	for (size_t i = 4; i < list->length; i++) {
		const struct fake_answer *page = SEND(host, 252, 0x12, 1, list->data[i], 0, 252);
		EXPECT_U8(page, 1, list->data[i]);
		EXPECT_LENGTH(page, 4u + get_be16(page->data + 2));
	}
}

/* sg_modes -a: all pages and subpages by MODE SENSE(10). */
static void sg_modes(void **state)
{
	const struct fake_answer *answer =
		SEND(BENCH(state).host, 8192, 0x5a, 0, 0x3f, 0xff, 0, 0, 0, 0x20, 0);
	EXPECT_LENGTH(answer, 2u + get_be16(answer->data));
	size_t at = 8u + get_be16(answer->data + 6);
	while (at < answer->length)
		at += answer->data[at] & 0x40 ? 4u + get_be16(answer->data + at + 2)
					      : 2u + answer->data[at + 1];
	assert_int_equal(at, answer->length);
}

/* sg_logs asks for four bytes of a page, then for as many as they say. */
static void sg_logs(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	const struct fake_answer *list = SEND(host, 64, 0x4d, 0, 0x40, 0, 0, 0, 0, 0, 64);
	EXPECT_GOOD(list);
	for (size_t i = 4; i < list->length; i++) {
		unsigned page = list->data[i];
		const struct fake_answer *head =
			SEND(host, 4, 0x4d, 0, 0x40 | page, 0, 0, 0, 0, 0, 4);
		EXPECT_LENGTH(head, 4);
		unsigned whole = 4u + get_be16(head->data + 2);
		const struct fake_answer *answer = SEND(
			host, whole, 0x4d, 0, 0x40 | page, 0, 0, 0, 0, whole >> 8, whole & 0xff);
		EXPECT_LENGTH(answer, whole);
		size_t at = 4;
		while (page != 0 && at < whole)
			at += 4u + answer->data[at + 3];
		assert_int_equal(at, page ? whole : 4);
	}
}

/* sg_opcodes -T, with room for 8192 bytes. */
static void sg_opcodes(void **state)
{
	const struct fake_answer *answer =
		SEND(BENCH(state).host, 8192, 0xa3, 0x0c, 0x80, 0, 0, 0, 0, 0, 0x20, 0);
	EXPECT_LENGTH(answer, 4u + get_be32(answer->data));
}

static void sg_read_attr(void **state)
{
	const struct fake_answer *answer = SEND(BENCH(state).host, 8192, 0x8c, [12] = 0x20);
	EXPECT_LENGTH(answer, 4u + get_be32(answer->data));
	size_t at = 4;
	while (at < answer->length)
		at += 5u + get_be16(answer->data + at + 3);
	assert_int_equal(at, answer->length);
}

static void sg_rep_density_rbl_timestamp_luns(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	const struct fake_answer *answer = SEND(host, 8192, 0x44, 0, 0, 0, 0, 0, 0, 0x20, 0);
	EXPECT_LENGTH(answer, 2u + get_be16(answer->data));
	EXPECT_LENGTH(SEND(host, 6, 0x05), 6);
	EXPECT_LENGTH(SEND(host, 12, 0xa3, 0x0f, 0, 0, 0, 0, 0, 0, 0, 12), 12);
	answer = SEND(host, 8192, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0);
	EXPECT_LENGTH(answer, 8u + get_be32(answer->data));
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(sg_inq),
	ON_BLANK(sg_vpd),
	ON_BLANK(sg_modes),
	ON_BLANK(sg_logs),
	ON_BLANK(sg_opcodes),
	ON_BLANK(sg_read_attr),
	ON_BLANK(sg_rep_density_rbl_timestamp_luns),
};
CONFORMANCE_SUITE("host-sg3-utils", tests)
