/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Linux st sends, and what it makes of the answers (drivers/scsi/st.c): open, read and write
 * with variable blocks, and the verbs of mt.
 */
#include "tape_bench.h"
#include "util/bytes.h"

/* ---- open (check_tape) -------------------------------------------------------------------------
 */

struct opened {
	uint32_t block_max, block_length;
	uint8_t density, buffered;
	bool write_protected;
};

/* test_ready retries at unit attentions. */
static void wait_until_ready(struct scsi_nexus *host)
{
	for (unsigned tries = 0; tries < 5; tries++) {
		const struct fake_answer *answer = TEST_UNIT_READY(host);
		if (answer->status == SCSI_STATUS_GOOD)
			return;
		assert_int_equal(scsi_sense_key(answer->sense.code), SENSE_KEY_UNIT_ATTENTION);
	}
	fail_msg("still not ready");
}

static struct opened st_open(struct scsi_nexus *host)
{
	wait_until_ready(host);
	const struct fake_answer *limits = SEND(host, 6, 0x05);
	EXPECT_LENGTH(limits, 6);
	const struct fake_answer *mode = SEND(host, 12, 0x1a, 0, 0, 0, 12);
	EXPECT_LENGTH(mode, 12);
	EXPECT_U8(mode, 3, 8); /* else it believes in no block descriptor */
	return (struct opened){
		.block_max = get_be24(limits->data + 1),
		.block_length = get_be24(mode->data + 9),
		.density = mode->data[4],
		.buffered = mode->data[2] >> 4 & 7,
		.write_protected = mode->data[2] & 0x80,
	};
}

static void open_learns_what_it_needs(void **state)
{
	struct opened opened = st_open(fake_nexus(BENCH(state).fake, "linux"));
	assert_int_equal(opened.block_max, BLOCK_MAX);
	assert_int_equal(opened.block_length, 0);
	assert_int_equal(opened.density, 0x5e);
	assert_int_equal(opened.buffered, 1);
	assert_false(opened.write_protected);
}

static void open_of_a_protected_tape(void **state)
{
	fake_tape_unload(BENCH(state).fake);
	fake_tape_load(BENCH(state).fake, true);
	assert_true(st_open(BENCH(state).host).write_protected);
}

/* ---- read and write (st_read, st_write; variable blocks) ----------------------------------------
 */

enum { END_OF_FILE = 0, NO_SPACE = -28, IO_ERROR = -5, NO_MEMORY = -12 };

static int st_write(struct scsi_nexus *host, uint32_t length, uint32_t seed)
{
	const struct fake_answer *answer = write_block(host, length, seed);
	if (answer->status == SCSI_STATUS_GOOD)
		return (int)length;
	/* NO SENSE and EOM: INFORMATION says what was not written. */
	if (answer->sense.end_of_medium && answer->sense.information_valid)
		return NO_SPACE;
	return IO_ERROR;
}

/* read_tape: FILEMARK before all; ILI with INFORMATION; a longer block is ENOMEM. */
static int st_read(struct scsi_nexus *host, uint32_t length, uint32_t seed)
{
	const struct fake_answer *answer = read_block(host, length, 0);
	int32_t left = (int32_t)answer->sense.information;
	if (answer->status == SCSI_STATUS_GOOD) {
		EXPECT_BYTES(answer, length, seed);
		return (int)length;
	}
	assert_true(answer->sense.information_valid);
	if (answer->sense.filemark || answer->sense.code == SENSE_END_OF_DATA)
		return END_OF_FILE;
	if (!answer->sense.incorrect_length)
		return IO_ERROR;
	if (left < 0)
		return NO_MEMORY;
	EXPECT_BYTES(answer, length - (uint32_t)left, seed);
	return (int)length - left;
}

/* What close does with a device that was written: a filemark, IMMED 0; then perhaps a rewind. */
static void st_close(struct scsi_nexus *host)
{
	EXPECT_GOOD(write_marks(host, 1, 0));
}

static void tar_writes_and_reads(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	st_open(host);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(st_write(host, 10240, i), 10240);
	st_close(host);
	EXPECT_GOOD(REWIND(host));
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(st_read(host, 10240, i), 10240);
	assert_int_equal(st_read(host, 10240, 0), END_OF_FILE);
	assert_int_equal(st_read(host, 10240, 0), END_OF_FILE); /* the end of the data */
}

static void dd_with_another_block_size(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	assert_int_equal(st_write(host, 1024, 1), 1024);
	assert_int_equal(st_write(host, 1024, 2), 1024);
	EXPECT_GOOD(REWIND(host));
	assert_int_equal(st_read(host, 65536, 1), 1024);
	assert_int_equal(st_read(host, 512, 2), NO_MEMORY);
}

/* One ENOSPC, then the program may go on writing; every one is told so again. */
static void the_end_of_the_tape(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	uint32_t count = 1;
	while (st_write(host, SHORT_BLOCK, count) != NO_SPACE)
		count++;
	assert_int_equal(st_write(host, 1024, 99), NO_SPACE);
	EXPECT_END(write_marks(host, 1, 0), SENSE_EARLY_WARNING, EOM, 0);
	EXPECT_GOOD(REWIND(host));
	for (uint32_t i = 1; i <= count; i++)
		assert_int_equal(st_read(host, SHORT_BLOCK, i), SHORT_BLOCK);
	assert_int_equal(st_read(host, SHORT_BLOCK, 99), 1024);
	assert_int_equal(st_read(host, SHORT_BLOCK, 0), END_OF_FILE);
}

/* ---- mt (st_int_ioctl) --------------------------------------------------------------------------
 */

/* READ POSITION in the vendor's short form, unless mt has said scsi2logical (get_location). */
static uint32_t tell(struct scsi_nexus *host, bool logical)
{
	const struct fake_answer *answer = SEND(host, 20, 0x34, logical ? 0 : 1);
	EXPECT_LENGTH(answer, 20);
	assert_int_equal(answer->data[0] & 0x04, 0); /* the position is known */
	return get_be32(answer->data + 4);
}

/* And so the block address type bit of LOCATE(10) (set_location). */
static void seek(struct scsi_nexus *host, uint8_t object, bool logical)
{
	EXPECT_GOOD(SEND(host, 0, 0x2b, logical ? 0 : 4, 0, 0, 0, 0, object));
}

static void mt_tell_and_seek(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	for (unsigned logical = 0; logical < 2; logical++) {
		seek(host, 6, logical);
		assert_int_equal(tell(host, logical), 6);
		assert_int_equal(st_read(host, FILES_BLOCK, 6), FILES_BLOCK);
		seek(host, 0, logical);
		assert_int_equal(tell(host, logical), 0);
	}
}

static void mt_fsf_bsf_fsr_bsr(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(space_6(host, MARKS, 1));
	assert_int_equal(tell(host, false), 3);
	EXPECT_GOOD(space_6(host, BLOCKS, 1));
	assert_int_equal(tell(host, false), 4);
	EXPECT_GOOD(space_6(host, BLOCKS, -1));
	assert_int_equal(tell(host, false), 3);
	EXPECT_GOOD(space_6(host, MARKS, -1));
	assert_int_equal(tell(host, false), 2);
	EXPECT_SENSE(space_6(host, MARKS, -1), SENSE_BEGINNING); /* none before it */
}

/* Without the option fast-eom MTEOM counts files: 7FFFFFh filemarks, less what is undone. */
static void mt_eod(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_END(space_6(host, MARKS, 0x7fffff), SENSE_END_OF_DATA, 0, 0x7fffff - FILES_MARKS);
	assert_int_equal(tell(host, false), FILES_EOD);
	EXPECT_GOOD(REWIND(host));
	EXPECT_GOOD(space_6(host, TO_EOD, 0));
	assert_int_equal(tell(host, false), FILES_EOD);
}

static void mt_setblk(void **state)
{
	/* The header as st makes it: buffered mode and density as they were. */
	static const uint8_t list[12] = {0, 0, 0x10, 8, 0x5e, [10] = 0x04};
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(SEND_OUT(host, list, 12, 0x15, 0x10, 0, 0, 12));
	assert_int_equal(st_open(host).block_length, 1024);
	EXPECT_GOOD(write_fixed(host, 10, 1024, 1));
	EXPECT_GOOD(REWIND(host));
	EXPECT_LENGTH(read_fixed(host, 10, 1024), 10240);
}

/* read_mode_page, write_mode_page: all that MODE SENSE gave, but for what is reserved in MODE
 * SELECT. */
static void mt_compression(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	const struct fake_answer *mode = SEND(host, 255, 0x1a, 0, 0x0f, 0, 255);
	EXPECT_LENGTH(mode, 4 + 8 + 16);
	uint8_t list[28];
	memcpy(list, mode->data, sizeof list);
	assert_int_equal(list[12 + 2] & 0x40, 0x40); /* DCC: the drive can do it */
	list[0] = list[1] = 0;
	list[2] &= 0x7f;
	list[12] &= 0x3f;
	list[12 + 2] &= 0x7f;
	EXPECT_GOOD(SEND_OUT(host, list, sizeof list, 0x15, 0x10, 0, 0, sizeof list));
	EXPECT_U8(SEND(host, 255, 0x1a, 0, 0x0f, 0, 255), 12 + 2, 0x40);
}

/* MTERASE with its argument is LONG. */
static void mt_erase_weof_rewind(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(SEND(host, 0, 0x19, 1));
	assert_int_equal(st_read(host, 100, 0), END_OF_FILE);
	EXPECT_GOOD(write_marks(host, 3, 0));
	assert_int_equal(tell(host, false), 3);
	EXPECT_GOOD(REWIND(host));
	assert_int_equal(tell(host, false), 0);
}

/* MTRETEN is LOAD UNLOAD with RETEN and LOAD; MTLOCK is PREVENT; MTOFFL unloads, MTLOAD loads. */
static void mt_retension_lock_offline_load(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	write_files(host);
	EXPECT_GOOD(locate(host, 4));
	EXPECT_GOOD(SEND(host, 0, 0x1b, 0, 0, 0, 0x03));
	assert_int_equal(tell(host, false), 0);
	EXPECT_GOOD(PREVENT(host, 1));
	EXPECT_SENSE(UNLOAD(host), SENSE_REMOVAL_PREVENTED);
	EXPECT_GOOD(PREVENT(host, 0));
	EXPECT_GOOD(UNLOAD(host));
	EXPECT_GOOD(LOAD(host));
	st_open(host);
	assert_int_equal(st_read(host, FILES_BLOCK, 0), FILES_BLOCK);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(open_learns_what_it_needs),
	ON_BLANK(open_of_a_protected_tape),
	ON_BLANK(tar_writes_and_reads),
	ON_BLANK(dd_with_another_block_size),
	ON_SHORT(the_end_of_the_tape),
	ON_BLANK(mt_tell_and_seek),
	ON_BLANK(mt_fsf_bsf_fsr_bsr),
	ON_BLANK(mt_eod),
	ON_BLANK(mt_setblk),
	ON_BLANK(mt_compression),
	ON_BLANK(mt_erase_weof_rewind),
	ON_BLANK(mt_retension_lock_offline_load),
};
CONFORMANCE_SUITE("host-linux-st", tests)
