/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Proxmox Backup Server sends and insists on (pbs-tape, src/sg_tape.rs and beside it): exact
 * lengths, no sense for an exact SILI read, files found by number.
 */
#include "tape_bench.h"
#include "util/bytes.h"

enum { PBS_BLOCK = 256 * 1024 };

/* MODE SENSE(10) of a page with 4096 bytes of room: header, block descriptor of 8, the page, no
 * more. */
static const struct fake_answer *mode_sense(
	struct scsi_nexus *host, unsigned dbd, unsigned page, unsigned page_length)
{
	const struct fake_answer *answer = SEND(host, 4096, 0x5a, dbd, page, 0, 0, 0, 0, 16, 0);
	EXPECT_LENGTH(answer, (dbd ? 8 : 16) + 2 + page_length);
	EXPECT_BE16(answer, 0, (unsigned)answer->length - 2);
	EXPECT_BE16(answer, 6, dbd ? 0 : 8);
	return answer;
}

static void compression_page_with_block_descriptor(void **state)
{
	const struct fake_answer *answer = mode_sense(BENCH(state).host, 0, 0x0f, 0x0e);
	EXPECT_U8(answer, 16 + 1, 0x0e);
	EXPECT_U8(answer, 16 + 2, 0xc0);
}

static void medium_configuration_page_without(void **state)
{
	const struct fake_answer *answer = mode_sense(BENCH(state).host, 0x08, 0x1d, 0x1e);
	EXPECT_U8(answer, 8 + 1, 0x1e);
	EXPECT_U8(answer, 8 + 2, 0); /* no WORM */
}

/* set_drive_options: variable blocks, buffered, compression; by MODE SELECT(10). */
static void drive_options_are_set(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	set_block_length(host, 512);
	uint8_t list[32];
	memcpy(list, mode_sense(host, 0, 0x0f, 0x0e)->data, sizeof list);
	list[0] = list[1] = list[2] = 0;
	list[3] = 0x10;
	put_be24(list + 8 + 5, 0);
	list[16] &= 0x3f;
	EXPECT_GOOD(SEND_OUT(host, list, sizeof list, 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof list));
	EXPECT_BE24(mode_sense(host, 0, 0x0f, 0x0e), 13, 0);
}

struct position {
	uint32_t partition;
	uint64_t object, file;
};

static struct position read_position(struct scsi_nexus *host)
{
	const struct fake_answer *answer = SEND(host, 32, 0x34, 0x06);
	EXPECT_LENGTH(answer, 32);
	return (struct position){.partition = get_be32(answer->data + 4),
		.object = get_be64(answer->data + 8),
		.file = get_be64(answer->data + 16)};
}

/* Files of one block, each with a filemark behind it, IMMED as Proxmox writes them. */
static void write_archives(struct scsi_nexus *host, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		EXPECT_GOOD(write_block(host, PBS_BLOCK, i));
		EXPECT_GOOD(write_marks(host, 1, IMMED));
	}
	EXPECT_GOOD(write_marks(host, 0, 0));
	EXPECT_GOOD(REWIND(host));
}

/* It tries out whether a drive counts files from 0 or 1 (HP and IBM differ): this one from 0. */
static void locate_finds_a_file_and_the_position_tells_it(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_archives(host, 4);
	for (uint8_t file = 0; file < 4; file++) {
		EXPECT_GOOD(SEND(host, 0, 0x92, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, file));
		struct position position = read_position(host);
		assert_int_equal(position.partition, 0);
		assert_int_equal(position.file, file);
		assert_int_equal(position.object, 2 * file);
		EXPECT_BLOCK(read_block(host, PBS_BLOCK, SILI), PBS_BLOCK, file);
	}
}

static void an_archive_is_read_to_its_end(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_archives(host, 1);
	EXPECT_BLOCK(read_block(host, PBS_BLOCK, SILI), PBS_BLOCK, 0);
	const struct fake_answer *end = read_block(host, PBS_BLOCK, SILI);
	EXPECT_END(end, SENSE_FILEMARK, FILEMARK, PBS_BLOCK);
	assert_int_equal(end->length, 0);
	EXPECT_END(read_block(host, PBS_BLOCK, SILI), SENSE_END_OF_DATA, 0, PBS_BLOCK);
}

/* Back to the last archive: one filemark back, one block back is across the next: NO SENSE, 00/01.
 */
static void back_across_a_filemark(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_archives(host, 2);
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	EXPECT_END(space_6(host, BLOCKS, -1), SENSE_FILEMARK, FILEMARK, 1);
	assert_int_equal(read_position(host).object, 3);
}

static void a_tape_is_erased_quickly(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_archives(host, 2);
	EXPECT_GOOD(REWIND(host));
	EXPECT_GOOD(SEND(host, 0, 0x19, 0x00));
	EXPECT_GOOD(SEND(host, 0, 0x10, 0, 0, 0, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_END(read_block(host, PBS_BLOCK, SILI), SENSE_FILEMARK, FILEMARK, PBS_BLOCK);
	EXPECT_END(read_block(host, PBS_BLOCK, SILI), SENSE_END_OF_DATA, 0, PBS_BLOCK);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(compression_page_with_block_descriptor),
	ON_BLANK(medium_configuration_page_without),
	ON_BLANK(drive_options_are_set),
	ON_BLANK(locate_finds_a_file_and_the_position_tells_it),
	ON_BLANK(an_archive_is_read_to_its_end),
	ON_BLANK(back_across_a_filemark),
	ON_BLANK(a_tape_is_erased_quickly),
};
CONFORMANCE_SUITE("host-proxmox", tests)
