/* SPDX-License-Identifier: Apache-2.0 */
/*
 * READ(6) of one block (SSC-4, READ(6), FIXED 0). Data comes with the sense of a wrong length:
 * Linux st copies what was transferred, and takes the rest from INFORMATION (st.c,
 * read_tape). A real LTO drive's sense for a block that is too long is f0 00 20 and the negative
 * difference, with ASC 00/00.
 */
#include "tape_bench.h"

static void blocks_come_back_as_they_were(void **state)
{
	static const uint32_t lengths[] = {1, 1000, 4097, 64448, BLOCK_MAX};
	struct scsi_nexus *host = BENCH(state).host;
	for (uint32_t i = 0; i < 5; i++)
		EXPECT_GOOD(write_block(host, lengths[i], i));
	EXPECT_GOOD(REWIND(host));
	for (uint32_t i = 0; i < 5; i++)
		EXPECT_BLOCK(read_block(host, lengths[i], 0), lengths[i], i);
	EXPECT_POSITION(host, 5);
}

static void a_shorter_block_is_data_and_a_positive_difference(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 1024, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_BYTES(
		EXPECT_END(read_block(host, 65536, 0), SENSE_INCORRECT_LENGTH, ILI, 65536 - 1024),
		1024, 1);
	EXPECT_POSITION(host, 1);
}

static void a_longer_block_is_data_and_a_negative_difference(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 5000, 1));
	EXPECT_GOOD(write_block(host, 100, 2));
	EXPECT_GOOD(REWIND(host));
	const struct fake_answer *answer = read_block(host, 1000, 0);
	EXPECT_END(answer, SENSE_INCORRECT_LENGTH, ILI, 1000 - 5000);
	EXPECT_BYTES(answer, 1000, 1);
	EXPECT_BLOCK(read_block(host, 100, 0), 100, 2); /* the rest of it is passed over */
}

static void a_longer_block_than_the_host_has_room_for_at_all(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, BLOCK_MAX, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_BYTES(EXPECT_END(read_block(host, 1, 0), SENSE_INCORRECT_LENGTH, ILI, 1 - BLOCK_MAX),
		1, 1);
}

/* Proxmox reads like this and takes any sense for an error (pbs-tape, sg_tape.rs). */
static void with_sili_an_exact_length_is_good(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, BLOCK_MAX, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_BLOCK(read_block(host, BLOCK_MAX, SILI), BLOCK_MAX, 1);
}

static void with_sili_a_shorter_block_is_good_and_its_length_known(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 1024, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_BLOCK(read_block(host, 65536, SILI), 1024, 1);
}

static void sili_hides_neither_filemark_nor_end_of_data(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_marks(host, 1, 0));
	EXPECT_GOOD(REWIND(host));
	EXPECT_END(read_block(host, 100, SILI), SENSE_FILEMARK, FILEMARK, 100);
	EXPECT_END(read_block(host, 100, SILI), SENSE_END_OF_DATA, 0, 100);
}

/* st.c: FILEMARK, VALID and the whole length in INFORMATION; the tape is behind it. */
static void a_filemark_is_passed_and_told(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(locate(host, 2));
	const struct fake_answer *answer = read_block(host, 4096, 0);
	EXPECT_END(answer, SENSE_FILEMARK, FILEMARK, 4096);
	assert_int_equal(answer->length, 0);
	EXPECT_POSITION(host, 3);
	EXPECT_BLOCK(read_block(host, FILES_BLOCK, 0), FILES_BLOCK, 3);
}

/* 8/00/05: Proxmox and btape depend on it. The tape stays there. */
static void the_end_of_data_is_a_blank_check(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 100, 1));
	for (unsigned i = 0; i < 2; i++) {
		const struct fake_answer *answer = read_block(host, 4096, 0);
		EXPECT_END(answer, SENSE_END_OF_DATA, 0, 4096);
		assert_int_equal(answer->length, 0);
		EXPECT_POSITION(host, 1);
	}
}

static void a_length_of_zero_reads_and_moves_nothing(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 100, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_GOOD(read_block(host, 0, 0));
	EXPECT_GOOD(read_block(host, 0, SILI));
	EXPECT_POSITION(host, 0);
}

/* The CDB says more than the host has room for, and less: nothing is written past either. */
static void a_buffer_of_another_length_than_the_cdb_says(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 1000, 1));
	EXPECT_GOOD(REWIND(host));
	const struct fake_answer *answer = SEND(host, 400, 0x08, 0, 0, 1000 >> 8, 1000 & 0xff);
	EXPECT_BLOCK(answer, 400, 1);
	EXPECT_GOOD(REWIND(host));
	EXPECT_BLOCK(SEND(host, 2000, 0x08, 0, 0, 1000 >> 8, 1000 & 0xff), 1000, 1);
}

/* A host that sends no buffer at all loses the block, and nothing else. */
static void no_buffer_at_all(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 1000, 1));
	EXPECT_GOOD(write_block(host, 1000, 2));
	EXPECT_GOOD(REWIND(host));
	SEND(host, 0, 0x08, 0, 0, 1000 >> 8, 1000 & 0xff);
	EXPECT_POSITION(host, 1);
	EXPECT_BLOCK(read_block(host, 1000, 0), 1000, 2);
}

/* D_SENSE: the flags are in a stream commands descriptor, INFORMATION in its own (SPC-4 4.5.2). */
static void in_descriptor_format_too(void **state)
{
	static const uint8_t control[] = {
		0, 0, 0x10, 0, 0x0a, 0x0a, 0x04, 0x10, 0, 0, 0, 0, 0, 0, 0, 0};
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(write_block(host, 1024, 1));
	EXPECT_GOOD(write_marks(host, 1, 0));
	EXPECT_GOOD(SEND_OUT(host, control, sizeof control, 0x15, 0x10, 0, 0, sizeof control));
	EXPECT_GOOD(REWIND(host));
	EXPECT_BYTES(
		EXPECT_END(read_block(host, 2000, 0), SENSE_INCORRECT_LENGTH, ILI, 976), 1024, 1);
	EXPECT_END(read_block(host, 2000, 0), SENSE_FILEMARK, FILEMARK, 2000);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(blocks_come_back_as_they_were),
	ON_BLANK(a_shorter_block_is_data_and_a_positive_difference),
	ON_BLANK(a_longer_block_is_data_and_a_negative_difference),
	ON_BLANK(a_longer_block_than_the_host_has_room_for_at_all),
	ON_BLANK(with_sili_an_exact_length_is_good),
	ON_BLANK(with_sili_a_shorter_block_is_good_and_its_length_known),
	ON_BLANK(sili_hides_neither_filemark_nor_end_of_data),
	ON_BLANK(a_filemark_is_passed_and_told),
	ON_BLANK(the_end_of_data_is_a_blank_check),
	ON_BLANK(a_length_of_zero_reads_and_moves_nothing),
	ON_BLANK(a_buffer_of_another_length_than_the_cdb_says),
	ON_BLANK(no_buffer_at_all),
	ON_BLANK(in_descriptor_format_too),
};
CONFORMANCE_SUITE("read-variable", tests)
