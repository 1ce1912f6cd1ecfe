/* SPDX-License-Identifier: Apache-2.0 */
#include "cd_check.h"
#include "optical.h"

enum { CD_SECTOR = 2352 };

#define READ_CD(nexus, type, lba, count, fields, sub)                                              \
	SEND(nexus, 8192, 0xbe, (type) << 2, 0, 0, (lba) >> 8, (lba)&0xff, 0, 0, (count),          \
		(fields), (sub), 0)
#define READ_CD_MSF(nexus, m1, s1, f1, m2, s2, f2)                                                 \
	SEND(nexus, 8192, 0xb9, 0, 0, m1, s1, f1, m2, s2, f2, 0x10, 0, 0)

static void user_data_of_mode_1(void **state)
{
	const struct fake_answer *answer = READ_CD(BENCH(state).host, 2, 40, 2, 0x10, 0);
	EXPECT_LENGTH(answer, 4096);
	EXPECT_BE32(answer, 2048, 41);
	EXPECT_LENGTH(READ_CD(BENCH(state).host, 0, 40, 2, 0x10, 0), 4096);
}

static void no_fields_are_no_data(void **state)
{
	EXPECT_LENGTH(READ_CD(BENCH(state).host, 0, 40, 2, 0x00, 0), 0);
}

static void addresses_as_minutes_seconds_frames(void **state)
{
	const struct fake_answer *answer = READ_CD_MSF(BENCH(state).host, 0, 2, 16, 0, 2, 18);
	EXPECT_LENGTH(answer, 4096);
	EXPECT_BE32(answer, 0, 16);
	EXPECT_BE32(answer, 2048, 17);
}

static void impossible_addresses_are_refused(void **state)
{
	EXPECT_INVALID_CDB(READ_CD_MSF(BENCH(state).host, 0, 1, 74, 0, 2, 18), 3, 7);
	EXPECT_INVALID_CDB(READ_CD_MSF(BENCH(state).host, 0, 60, 0, 0, 61, 0), 3, 7);
	EXPECT_INVALID_CDB(READ_CD_MSF(BENCH(state).host, 0, 3, 0, 0, 2, 0), 6, 7);
}

/* CD-DA, mode 2, and its forms 1 and 2. */
static void a_track_of_mode_1_is_of_no_other_type(void **state)
{
	static const uint8_t others[] = {1, 3, 4, 5};
	for (unsigned i = 0; i < sizeof others; i++)
		for (unsigned fields = 0x10; fields <= 0xf8; fields += 0xe8) {
			const struct fake_answer *answer =
				READ_CD(BENCH(state).host, others[i], 40, 1, fields, 0);
			EXPECT_SENSE(answer, SENSE_INVALID_TRACK_MODE);
			assert_int_equal(answer->sense.information, 40);
			assert_int_equal(answer->length, 0);
		}
}

static void reserved_types_are_refused(void **state)
{
	EXPECT_INVALID_CDB(READ_CD(BENCH(state).host, 6, 40, 1, 0x10, 0), 1, 4);
	EXPECT_INVALID_CDB(READ_CD(BENCH(state).host, 7, 40, 1, 0xf8, 0), 1, 4);
	EXPECT_INVALID_CDB(
		SEND(BENCH(state).host, 8192, 0xb9, 6 << 2, 0, 0, 2, 16, 0, 2, 18, 0x10), 1, 4);
}

/* DAP is for audio, where it hides errors; a track of data is the same with it. */
static void dap_changes_nothing(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	uint8_t whole[CD_SECTOR];
	memcpy(whole, EXPECT_GOOD(READ_CD(host, 0, 40, 1, 0xf8, 0))->data, CD_SECTOR);
	const struct fake_answer *answer =
		SEND(host, CD_SECTOR, 0xbe, 0x02, 0, 0, 0, 40, 0, 0, 1, 0xf8, 0, 0);
	EXPECT_LENGTH(answer, CD_SECTOR);
	assert_memory_equal(answer->data, whole, CD_SECTOR);
}

static void reserved_bits_are_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_INVALID_CDB(SEND(host, 2048, 0xbe, 1, 0, 0, 0, 40, 0, 0, 1, 0x10), 1, 0);
	EXPECT_INVALID_CDB(SEND(host, 2048, 0xbe, 0, 0, 0, 0, 40, 0, 0, 1, 0x11), 9, 0);
	EXPECT_INVALID_CDB(SEND(host, 2048, 0xbe, 0, 0, 0, 0, 40, 0, 0, 1, 0x10, 8), 10, 3);
	EXPECT_INVALID_CDB(SEND(host, 2048, 0xb9, 0, 1, 0, 2, 40, 0, 2, 41, 0x10), 2, 0);
}

/* Synchronisation, MSF of block 40 (0:02:40) and mode, as ECMA-130 14 has them. */
static const uint8_t head_of_40[16] = {
	0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0x00, 0x02, 0x40, 0x01};

static void a_whole_raw_sector(void **state)
{
	const struct fake_answer *answer = READ_CD(BENCH(state).host, 0, 40, 2, 0xf8, 0);
	EXPECT_LENGTH(answer, 2 * 2352);
	assert_memory_equal(answer->data, head_of_40, sizeof head_of_40);
	EXPECT_BE32(answer, 16, 40);
	cd_check_sector(answer->data);
	cd_check_sector(answer->data + CD_SECTOR);
	EXPECT_BE32(answer, 2352 + 12, 0x00024101);
	EXPECT_BE32(answer, 2352 + 16, 41);
}

static void a_disc_without_errors_has_no_error_pointers(void **state)
{
	static const uint8_t none[296];
	const struct fake_answer *answer = READ_CD(BENCH(state).host, 0, 40, 2, 0x12, 0);
	EXPECT_LENGTH(answer, 2 * (2048 + 294));
	assert_memory_equal(answer->data + 2048, none, 294);
	EXPECT_BE32(answer, 2048 + 294, 41);
	answer = READ_CD(BENCH(state).host, 0, 40, 1, 0xfc, 0);
	EXPECT_LENGTH(answer, 2352 + 296);
	assert_memory_equal(answer->data + 2352, none, 296);
	EXPECT_INVALID_CDB(READ_CD(BENCH(state).host, 0, 40, 1, 0xfe, 0), 9, 2);
}

/* ECMA-130 22.3.3: the check value was computed with the definition of 22.3.2, bit by bit. */
static uint16_t inverted_crc(const uint8_t *data, unsigned length)
{
	uint32_t dividend = 0;
	for (unsigned i = 0; i < length * 8 + 16; i++) {
		unsigned bit = i < length * 8 ? data[i / 8] >> (7 - i % 8) & 1 : 0;
		dividend = dividend << 1 | bit;
		if (dividend & 0x10000)
			dividend ^= 0x11021;
	}
	return (uint16_t)~dividend;
}

static void the_q_sub_channel_has_the_position(void **state)
{
	static const uint8_t position[10] = {0x41, 0x01, 0x01, 0, 0, 0x40, 0, 0, 0x02, 0x40};
	const struct fake_answer *answer = READ_CD(BENCH(state).host, 0, 40, 2, 0x10, 2);
	EXPECT_LENGTH(answer, 2 * (2048 + 16));
	assert_memory_equal(answer->data + 2048, position, sizeof position);
	EXPECT_BE16(answer, 2058, inverted_crc(position, sizeof position));
	EXPECT_BE32(answer, 2060, 0); /* pad, and P */
	EXPECT_BE32(answer, 2064, 41);
}

static void the_sub_channel_alone(void **state)
{
	const struct fake_answer *answer = READ_CD(BENCH(state).host, 0, 74, 3, 0x00, 2);
	EXPECT_LENGTH(answer, 3 * 16);
	EXPECT_BE24(answer, 3, 0x000074);
	EXPECT_BE24(answer, 16 + 3, 0x000100);
	EXPECT_BE24(answer, 32 + 7, 0x000301);
}

/* The bits of Q are bit 6 of 96 bytes, the first bit first. */
static void the_raw_sub_channels_interleave(void **state)
{
	uint8_t q[16], gathered[12] = {0};
	memcpy(q, EXPECT_GOOD(READ_CD(BENCH(state).host, 0, 40, 1, 0, 2))->data, sizeof q);
	const struct fake_answer *answer = READ_CD(BENCH(state).host, 0, 40, 1, 0xf8, 1);
	EXPECT_LENGTH(answer, 2352 + 96);
	for (unsigned i = 0; i < 96; i++) {
		uint8_t byte = answer->data[2352 + i];
		assert_int_equal(byte & ~0x40, 0);
		gathered[i / 8] |= (uint8_t)((byte >> 6 & 1) << (7 - i % 8));
	}
	assert_memory_equal(gathered, q, sizeof gathered);
}

static void there_are_no_graphics(void **state)
{
	static const uint8_t none[96];
	const struct fake_answer *answer = READ_CD(BENCH(state).host, 0, 40, 1, 0x10, 4);
	EXPECT_LENGTH(answer, 2048 + 96);
	assert_memory_equal(answer->data + 2048, none, sizeof none);
	EXPECT_INVALID_CDB(READ_CD(BENCH(state).host, 0, 40, 1, 0x10, 3), 10, 2);
	EXPECT_INVALID_CDB(READ_CD(BENCH(state).host, 0, 40, 1, 0x10, 5), 10, 2);
}

/* More blocks than the transport's own thread makes: a worker does. */
static void many_raw_sectors(void **state)
{
	const struct fake_answer *answer =
		SEND(BENCH(state).host, 200 * 2352, 0xbe, 0, 0, 0, 0, 100, 0, 0, 200, 0xf8, 0, 0);
	EXPECT_LENGTH(answer, 200 * 2352);
	for (unsigned i = 0; i < 200; i++)
		EXPECT_BE32(answer, i * 2352u + 16, 100 + i);
}

/*
 * Nothing is read for headers and sub-channels, but a thousand of them are made by a worker, or all
 * other hosts of the transport's thread would wait.
 */
static void many_headers_come_from_a_worker(void **state)
{
	struct bench *bench = &BENCH(state);
	bench->fake->manual_work = true;
	const struct fake_answer *answer = SEND(bench->host, DISC_BLOCKS * 4, 0xbe, 0, 0, 0, 0, 0,
		0, DISC_BLOCKS >> 8, DISC_BLOCKS & 0xff, 0x20, 0, 0);
	assert_false(answer->done);
	fake_run_works(bench->fake);
	EXPECT_LENGTH(answer, DISC_BLOCKS * 4);
	EXPECT_BE32(answer, 0, 0x00020001);
	EXPECT_BE32(answer, 999 * 4, 0x00152401);
}

static void a_drive_changes_discs_behind_many_sub_channels(void **state)
{
	struct bench *bench = &BENCH(state);
	bench->fake->manual_work = true;
	const struct fake_answer *answer = SEND(bench->host, DISC_BLOCKS * 16, 0xbe, 0, 0, 0, 0, 0,
		0, DISC_BLOCKS >> 8, DISC_BLOCKS & 0xff, 0, 2, 0);
	assert_false(mmc_drive_begin_change(bench->fake->drive));
	fake_run_works(bench->fake);
	EXPECT_LENGTH(answer, DISC_BLOCKS * 16);
	EXPECT_BE24(answer, 999 * 16 + 7, 0x001524);
	assert_int_equal(bench->fake->drained_events, 1);
	mmc_drive_cancel_change(bench->fake->drive);
}

static void many_sub_channels_can_be_ended_while_they_wait(void **state)
{
	ONLY_IN_PROCESS("a task that is aborted has no answer; see tests/unit/iscsi/test_tasks.c");
	struct bench *bench = &BENCH(state);
	const uint8_t cdb[] = {
		0xbe, 0, 0, 0, 0, 0, 0, DISC_BLOCKS >> 8, DISC_BLOCKS & 0xff, 0, 1, 0};
	bench->fake->manual_work = true;
	struct fake_command *command = fake_send(bench->host, cdb, sizeof cdb, DISC_BLOCKS * 96);
	assert_false(command->answer.done);
	scsi_cmd_cancel(&command->cmd);
	assert_int_equal(command->answer.status, SCSI_STATUS_TASK_ABORTED);
	fake_run_works(bench->fake);
	assert_true(command->released);
}

/* The host has room for one sector and a part of the next. */
static void a_short_buffer_takes_what_fits(void **state)
{
	uint8_t whole[3 * CD_SECTOR];
	memcpy(whole, EXPECT_GOOD(READ_CD(BENCH(state).host, 0, 40, 3, 0xf8, 0))->data,
		sizeof whole);
	const struct fake_answer *answer =
		SEND(BENCH(state).host, 3000, 0xbe, 0, 0, 0, 0, 40, 0, 0, 3, 0xf8, 0, 0);
	EXPECT_LENGTH(answer, 3000);
	assert_memory_equal(answer->data, whole, 3000);
}

/* A host that has no room for a hundred million sectors gets an answer. */
static void nothing_is_made_for_nobody(void **state)
{
	EXPECT_SENSE(SEND(BENCH(state).host, 4, 0xbe, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x20, 0, 0),
		SENSE_LBA_OUT_OF_RANGE);
	EXPECT_LENGTH(SEND(BENCH(state).host, 0, 0xbe, 0, 0, 0, 0, 40, 0, 0, 3, 0xf8, 0, 0), 0);
	EXPECT_LENGTH(READ_CD(BENCH(state).host, 0, 40, 0, 0xf8, 2), 0);
}

static void expect_out_of_range(const struct fake_answer *answer, uint64_t first)
{
	EXPECT_SENSE(answer, SENSE_LBA_OUT_OF_RANGE);
	assert_int_equal(answer->sense.information, first);
	assert_int_equal(answer->length, 0);
}

/* Whatever is asked for: user data alone, a whole sector, headers, or the sub-channel alone. */
static void out_of_range(void **state)
{
	static const uint8_t fields[][2] = {{0x10, 0}, {0xf8, 1}, {0x20, 0}, {0, 2}};
	struct scsi_nexus *host = BENCH(state).host;
	for (unsigned i = 0; i < sizeof fields / sizeof *fields; i++) {
		const uint8_t *f = fields[i];
		expect_out_of_range(READ_CD(host, 0, DISC_BLOCKS - 1, 2, f[0], f[1]), DISC_BLOCKS);
		expect_out_of_range(READ_CD(host, 0, DISC_BLOCKS, 1, f[0], f[1]), DISC_BLOCKS);
		expect_out_of_range(
			READ_CD(host, 0, DISC_BLOCKS + 1, 0, f[0], f[1]), DISC_BLOCKS + 1);
		EXPECT_LENGTH(READ_CD(host, 0, DISC_BLOCKS, 0, f[0], f[1]), 0);
		expect_out_of_range(SEND(host, 8192, 0xbe, 0, 0xff, 0xff, 0xff, 0x6a, 0, 0, 1, f[0],
					    f[1]), /* the pregap of the first track */
			0xffffff6a);
		/* 00:15:24 is the last block, 999 */
		expect_out_of_range(SEND(host, 8192, 0xb9, 0, 0, 0, 15, 24, 0, 15, 26, f[0], f[1]),
			DISC_BLOCKS);
		EXPECT_GOOD(SEND(host, 8192, 0xb9, 0, 0, 0, 15, 24, 0, 15, 25, f[0], f[1]));
		EXPECT_LENGTH(SEND(host, 8192, 0xb9, 0, 0, 0, 9, 9, 0, 9, 9, f[0], f[1]), 0);
	}
}

static void a_dvd_is_no_cd(void **state)
{
	EXPECT_SENSE(READ_CD(BENCH(state).host, 0, 40, 1, 0x10, 0), SENSE_INCOMPATIBLE_FORMAT);
}

static const struct CMUnitTest tests[] = {
	ON_CD(user_data_of_mode_1),
	ON_CD(no_fields_are_no_data),
	ON_CD(addresses_as_minutes_seconds_frames),
	ON_CD(impossible_addresses_are_refused),
	ON_CD(a_track_of_mode_1_is_of_no_other_type),
	ON_CD(reserved_types_are_refused),
	ON_CD(dap_changes_nothing),
	ON_CD(reserved_bits_are_refused),
	ON_CD(a_whole_raw_sector),
	ON_CD(a_disc_without_errors_has_no_error_pointers),
	ON_CD(the_q_sub_channel_has_the_position),
	ON_CD(the_sub_channel_alone),
	ON_CD(the_raw_sub_channels_interleave),
	ON_CD(there_are_no_graphics),
	ON_CD(many_raw_sectors),
	ON_CD(many_headers_come_from_a_worker),
	ON_CD(a_drive_changes_discs_behind_many_sub_channels),
	ON_CD(many_sub_channels_can_be_ended_while_they_wait),
	ON_CD(a_short_buffer_takes_what_fits),
	ON_CD(nothing_is_made_for_nobody),
	ON_CD(out_of_range),
	ON_DVD(a_dvd_is_no_cd),
};
CONFORMANCE_SUITE("read-cd", tests)
