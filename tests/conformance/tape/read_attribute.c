/* SPDX-License-Identifier: Apache-2.0 */
/* READ ATTRIBUTE (SPC-4 6.18, 7.4): the memory of the cartridge, as far as there is one. */
#include "tape_bench.h"
#include "util/bytes.h"

enum { VALUES = 0, LIST = 1, VOLUMES = 2, PARTITIONS = 3, SUPPORTED = 5 };

static const struct fake_answer *read_attributes(
	struct scsi_nexus *host, unsigned action, unsigned first, uint32_t length)
{
	return SEND(host, length, 0x8c, action, 0, 0, 0, 0, 0, 0, first >> 8, first & 0xff,
		length >> 24, length >> 16 & 0xff, length >> 8 & 0xff, length & 0xff);
}

/* The attribute's value in the list of values; NULL: it is not there. */
static const uint8_t *find(const struct fake_answer *answer, unsigned id, unsigned *ret_length)
{
	EXPECT_BE32(answer, 0, (unsigned)answer->length - 4);
	for (size_t at = 4; at + 5 <= answer->length; at += 5u + get_be16(answer->data + at + 3)) {
		*ret_length = get_be16(answer->data + at + 3);
		if (get_be16(answer->data + at) == id)
			return answer->data + at + 5;
	}
	return NULL;
}

static uint64_t number(struct scsi_nexus *host, unsigned id)
{
	unsigned length = 0;
	uint64_t value = 0;
	const uint8_t *at = find(read_attributes(host, VALUES, 0, 1024), id, &length);
	if (!at || length > 8)
		fail_msg("no attribute %04x", id);
	for (unsigned i = 0; i < length; i++)
		value = value << 8 | at[i];
	return value;
}

static void expect_text(struct scsi_nexus *host, unsigned id, const char *text, unsigned width)
{
	unsigned length = 0;
	const uint8_t *at = find(read_attributes(host, VALUES, 0, 1024), id, &length);
	assert_non_null(at);
	assert_int_equal(length, width);
	assert_memory_equal(at, text, strlen(text));
	for (unsigned i = (unsigned)strlen(text); i < width; i++)
		assert_int_equal(at[i], ' ');
}

/* SPC-4 7.4.2: capacities in MiB; the barcode is what libraries and backup programs look for. */
static void the_cartridge_is_described(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	assert_int_equal(number(host, 0x0001), CAPACITY >> 20);
	assert_int_equal(number(host, 0x0006), 0x5e);
	assert_int_equal(number(host, 0x0405), 0x5e);
	assert_int_equal(number(host, 0x0408), 0);
	expect_text(host, 0x0401, "ARC001L8", 32);
	expect_text(host, 0x0806, "ARC001L8", 32);
}

static void what_is_left_and_done_is_live(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	uint64_t left = number(host, 0x0000);
	for (uint32_t i = 0; i < 12; i++)
		EXPECT_GOOD(write_block(host, BLOCK_MAX, i));
	assert_in_range(left - number(host, 0x0000), 3, 4);
	assert_int_equal(number(host, 0x0220), 3);
	EXPECT_GOOD(REWIND(host));
	for (uint32_t i = 0; i < 4; i++)
		EXPECT_BLOCK(read_block(host, BLOCK_MAX, 0), BLOCK_MAX, i);
	assert_int_equal(number(host, 0x0221), 1);
}

/* The list has those that the values have, in ascending order (SPC-4 6.18.3, 6.18.6). */
static void the_lists_agree(void **state)
{
	static const unsigned actions[] = {LIST, SUPPORTED};
	struct scsi_nexus *host = BENCH(state).host;
	const struct fake_answer *values = read_attributes(host, VALUES, 0, 1024);
	for (unsigned i = 0; i < 2; i++) {
		const struct fake_answer *list = read_attributes(host, actions[i], 0, 1024);
		EXPECT_BE32(list, 0, (unsigned)list->length - 4);
		size_t at = 4;
		for (size_t item = 4; item < list->length; item += 2) {
			EXPECT_BE16(values, at, get_be16(list->data + item));
			assert_true(item == 4 ||
				    get_be16(list->data + item - 2) < get_be16(list->data + item));
			at += 5u + get_be16(values->data + at + 3);
		}
		assert_int_equal(at, values->length);
	}
}

static void first_attribute_leaves_out_what_is_below(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_BE16(read_attributes(host, VALUES, 0x0400, 1024), 4, 0x0400);
	EXPECT_BE16(read_attributes(host, LIST, 0x0402, 1024), 4, 0x0402);
	EXPECT_BE16(read_attributes(host, VALUES, 0x0806, 1024), 4, 0x0806);
}

static void one_volume_and_one_partition(void **state)
{
	EXPECT_DATA(read_attributes(BENCH(state).host, VOLUMES, 0, 64), 0, 2, 0, 1);
	EXPECT_DATA(read_attributes(BENCH(state).host, PARTITIONS, 0, 64), 0, 2, 0, 1);
}

static void others_are_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_INVALID_CDB(read_attributes(host, 6, 0, 64), 1, 4);
	EXPECT_INVALID_CDB(SEND(host, 64, 0x8c, 0, 0, 0, 0, 1, [13] = 64), 5, 7);
	EXPECT_INVALID_CDB(SEND(host, 64, 0x8c, 0, 0, 0, 0, 0, 0, 1, [13] = 64), 7, 7);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(the_cartridge_is_described),
	ON_BLANK(what_is_left_and_done_is_live),
	ON_BLANK(the_lists_agree),
	ON_BLANK(first_attribute_leaves_out_what_is_below),
	ON_BLANK(one_volume_and_one_partition),
	ON_BLANK(others_are_refused),
};
CONFORMANCE_SUITE("read-attribute", tests)
