/* SPDX-License-Identifier: Apache-2.0 */
#include "tape_bench.h"

#define SELECT_6(nexus, list, length) SEND_OUT(nexus, list, length, 0x15, 0x10, 0, 0, (length))
#define SELECT_10(nexus, list, length)                                                             \
	SEND_OUT(nexus, list, length, 0x55, 0x10, 0, 0, 0, 0, 0, 0, (length))
#define EXPECT_BLOCK_LENGTH(nexus, length)                                                         \
	EXPECT_BE24(SEND(nexus, 12, 0x1a, 0, 0, 0, 12), 9, (length))

static void a_block_length_is_taken_by_both_forms(void **state)
{
	static const uint8_t ten[16] = {0, 0, 0, 0x10, [7] = 8, [14] = 0x04};
	struct scsi_nexus *host = BENCH(state).host;
	set_block_length(host, 512);
	EXPECT_BLOCK_LENGTH(host, 512);
	EXPECT_GOOD(SELECT_10(host, ten, 16));
	EXPECT_BLOCK_LENGTH(host, 1024);
	set_block_length(host, 0);
	EXPECT_BLOCK_LENGTH(host, 0);
}

static void a_block_length_above_the_limit_is_refused(void **state)
{
	static const uint8_t list[12] = {
		0, 0, 0x10, 8, [9] = 0x80, [11] = 0x01}; /* 8 MiB and one */
	EXPECT_INVALID_LIST(SELECT_6(BENCH(state).host, list, 12), 9);
	EXPECT_BLOCK_LENGTH(BENCH(state).host, 0);
}

/* 00h is the default, 7Fh no change, and the drive's own; LTO drives know no other. */
static void densities(void **state)
{
	static const uint8_t good[] = {0x00, 0x7f, 0x5e};
	struct scsi_nexus *host = BENCH(state).host;
	uint8_t list[12] = {0, 0, 0x10, 8};
	for (unsigned i = 0; i < sizeof good; i++) {
		list[4] = good[i];
		EXPECT_GOOD(SELECT_6(host, list, 12));
		EXPECT_U8(SEND(host, 12, 0x1a, 0, 0, 0, 12), 4, 0x5e);
	}
	list[4] = 0x5a;
	EXPECT_INVALID_LIST(SELECT_6(host, list, 12), 4);
}

static void buffered_mode(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	uint8_t list[4] = {0, 0, 0x00, 0};
	EXPECT_GOOD(SELECT_6(host, list, 4));
	EXPECT_U8(SEND(host, 12, 0x1a, 0, 0, 0, 12), 2, 0x00);
	list[2] = 0x10;
	EXPECT_GOOD(SELECT_6(host, list, 4));
	EXPECT_U8(SEND(host, 12, 0x1a, 0, 0, 0, 12), 2, 0x10);
	list[2] = 0x20;
	EXPECT_INVALID_LIST(SELECT_6(host, list, 4), 2);
}

static void a_header_without_descriptor_leaves_the_block_length(void **state)
{
	static const uint8_t list[4] = {0, 0, 0x10, 0};
	set_block_length(BENCH(state).host, 512);
	EXPECT_GOOD(SELECT_6(BENCH(state).host, list, 4));
	EXPECT_BLOCK_LENGTH(BENCH(state).host, 512);
}

/* SPC-4 6.9: a unit attention for the others, and only when something changed. */
static void a_change_is_told_to_the_other_host(void **state)
{
	struct scsi_nexus *host = BENCH(state).host, *other = other_host(state);
	set_block_length(host, 512);
	EXPECT_GOOD(TEST_UNIT_READY(host));
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_MODE_PARAMETERS_CHANGED);
	EXPECT_GOOD(TEST_UNIT_READY(other));
	set_block_length(host, 512);
	EXPECT_GOOD(TEST_UNIT_READY(other));
}

static void compression_is_switched(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	set_compression(host, false);
	EXPECT_U8(SEND(host, 20, 0x1a, 0x08, 0x0f, 0, 20), 4 + 2, 0x40);
	set_compression(host, true);
	EXPECT_U8(SEND(host, 20, 0x1a, 0x08, 0x0f, 0, 20), 4 + 2, 0xc0);
}

/* A block of zeros takes less of the tape only with compression. */
static uint64_t used_by_zeros(void **state)
{
	static const uint8_t zeros[65536];
	struct scsi_nexus *host = BENCH(state).host;
	struct ssc_drive_status before, after;
	struct ssc_drive *drive = BENCH(state).fake->tape->drive;
	ssc_drive_status(drive, &before);
	EXPECT_GOOD(SEND_OUT(host, zeros, sizeof zeros, 0x0a, 0, 1, 0, 0));
	ssc_drive_status(drive, &after);
	return after.cartridge.used - before.cartridge.used;
}

static void compression_is_done(void **state)
{
	set_compression(BENCH(state).host, false);
	assert_true(used_by_zeros(state) >= 65536);
	set_compression(BENCH(state).host, true);
	assert_true(used_by_zeros(state) < 8192);
}

static void what_may_not_change_is_refused_with_a_pointer(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	uint8_t list[4 + 16];
	EXPECT_LENGTH(SEND(host, 20, 0x1a, 0x08, 0x0f, 0, 20), 20);
	memcpy(list, SEND(host, 20, 0x1a, 0x08, 0x0f, 0, 20)->data, 20);
	list[0] = list[1] = 0;
	list[4] &= 0x3f;
	list[4 + 3] ^= 0x80; /* DDE */
	EXPECT_INVALID_LIST(SELECT_6(host, list, 20), 4 + 3);
}

static void lists_that_are_cut_are_refused(void **state)
{
	static const uint8_t list[12] = {0, 0, 0x10, 8, [10] = 0x02};
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_SENSE(SELECT_6(host, list, 3), SENSE_PARAMETER_LIST_LENGTH);
	EXPECT_SENSE(SELECT_6(host, list, 11), SENSE_PARAMETER_LIST_LENGTH);
	EXPECT_SENSE(SEND_OUT(host, list, 8, 0x15, 0x10, 0, 0, 12), SENSE_PARAMETER_LIST_LENGTH);
	EXPECT_SENSE(SELECT_10(host, list, 7), SENSE_PARAMETER_LIST_LENGTH);
	EXPECT_BLOCK_LENGTH(host, 0);
}

static void no_list_is_no_change(void **state)
{
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x15, 0x10));
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0x55, 0x10));
}

static void other_lengths_of_descriptors_are_refused(void **state)
{
	static const uint8_t list[20] = {0, 0, 0x10, 16};
	EXPECT_INVALID_LIST(SELECT_6(BENCH(state).host, list, 20), 3);
}

static void unknown_pages_are_refused(void **state)
{
	static const uint8_t list[] = {0, 0, 0x10, 0, 0x05, 0x00};
	EXPECT_INVALID_LIST(SELECT_6(BENCH(state).host, list, 6), 4);
}

/* SP goes through the library, which writes it down. */
static void saving_goes_through_the_library(void **state)
{
	uint8_t list[4 + 16];
	struct scsi_nexus *host = BENCH(state).host;
	memcpy(list, SEND(host, 20, 0x1a, 0x08, 0x0f, 0, 20)->data, 20);
	list[0] = list[1] = 0;
	list[4] &= 0x3f;
	EXPECT_GOOD(SEND_OUT(host, list, 20, 0x15, 0x11, 0, 0, 20));
	assert_int_equal(BENCH(state).fake->requests, 1);
}

static void a_reset_goes_back(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	set_compression(host, false);
	scsi_lu_reset(BENCH(state).fake->lu, NULL);
	settle(host);
	EXPECT_U8(SEND(host, 20, 0x1a, 0x08, 0x0f, 0, 20), 4 + 2, 0xc0);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(a_block_length_is_taken_by_both_forms),
	ON_BLANK(a_block_length_above_the_limit_is_refused),
	ON_BLANK(densities),
	ON_BLANK(buffered_mode),
	ON_BLANK(a_header_without_descriptor_leaves_the_block_length),
	ON_BLANK(a_change_is_told_to_the_other_host),
	ON_BLANK(compression_is_switched),
	ON_BLANK(compression_is_done),
	ON_BLANK(what_may_not_change_is_refused_with_a_pointer),
	ON_BLANK(lists_that_are_cut_are_refused),
	ON_BLANK(no_list_is_no_change),
	ON_BLANK(other_lengths_of_descriptors_are_refused),
	ON_BLANK(unknown_pages_are_refused),
	ON_BLANK(saving_goes_through_the_library),
	ON_BLANK(a_reset_goes_back),
};
CONFORMANCE_SUITE("mode-select", tests)
