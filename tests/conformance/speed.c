/* SPDX-License-Identifier: Apache-2.0 */
/* SET CD SPEED, SET STREAMING and GET PERFORMANCE (MMC-6 6.39, 6.41, 6.8). */
#include "optical.h"

#define SET_CD_SPEED(nexus, control, kilobytes)                                                    \
	SEND(nexus, 0, 0xbb, (control), (kilobytes) >> 8, (kilobytes)&0xff, 0xff, 0xff)
#define GET_PERFORMANCE(nexus, data_type, start, count, type)                                      \
	SEND(nexus, 64, 0xac, (data_type), 0, 0, (start) >> 8, (start)&0xff, 0, 0, 0, (count),     \
		(type))
#define SET_STREAMING(nexus, descriptor, length)                                                   \
	SEND_OUT(nexus, descriptor, length, 0xb6, 0, 0, 0, 0, 0, 0, 0, 0, 0, (length))

enum { DVD_16X = 22160, CD_48X = 8467, BD_12X = 53940 };

static unsigned current_speed(struct scsi_nexus *host)
{
	const struct fake_answer *answer =
		EXPECT_GOOD(SEND(host, 64, 0x5a, 0x08, 0x2a, 0, 0, 0, 0, 0, 64));
	return (unsigned)answer->data[8 + 14] << 8 | answer->data[8 + 15];
}

static void the_nominal_performance(void **state)
{
	EXPECT_DATA(GET_PERFORMANCE(BENCH(state).host, 0x10, 0, 1, 0), 0, 0, 0, 20, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, DVD_16X >> 8, DVD_16X & 0xff, 0, 0, 0x03, 0xe7, 0, 0, DVD_16X >> 8,
		DVD_16X & 0xff);
	EXPECT_BE32(GET_PERFORMANCE(BENCH(state).host, 0x10, 7, 1, 0), 8, 7);
}

static void there_are_no_exceptions(void **state)
{
	EXPECT_DATA(GET_PERFORMANCE(BENCH(state).host, 0x11, 0, 5, 0), 0, 0, 0, 4, 1, 0, 0, 0);
}

static void no_descriptors_are_none(void **state)
{
	EXPECT_DATA(GET_PERFORMANCE(BENCH(state).host, 0x10, 0, 0, 0), 0, 0, 0, 4, 0, 0, 0, 0);
}

static void what_is_about_writing_is_refused(void **state)
{
	EXPECT_INVALID_CDB(GET_PERFORMANCE(BENCH(state).host, 0x14, 0, 1, 0), 1, 2);
	for (unsigned type = 1; type < 6; type++)
		EXPECT_INVALID_CDB(GET_PERFORMANCE(BENCH(state).host, 0x10, 0, 1, type), 10, 7);
	EXPECT_SENSE(GET_PERFORMANCE(BENCH(state).host, 0x10, DISC_BLOCKS, 1, 0),
		SENSE_LBA_OUT_OF_RANGE);
}

static void a_host_slows_the_drive_down(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	assert_int_equal(current_speed(host), CD_48X);
	EXPECT_GOOD(SET_CD_SPEED(host, 0, 1411));
	assert_int_equal(current_speed(host), 1411);
	EXPECT_BE32(GET_PERFORMANCE(host, 0x10, 0, 1, 0), 12, 1411);
	EXPECT_GOOD(SET_CD_SPEED(host, 1, 0));
	assert_int_equal(current_speed(host), 176);
	EXPECT_GOOD(SET_CD_SPEED(host, 0, 0xffff));
	assert_int_equal(current_speed(host), CD_48X);
	EXPECT_INVALID_CDB(SET_CD_SPEED(host, 2, 1411), 1, 1);
}

static void a_new_medium_is_read_at_full_speed(void **state)
{
	struct bench *bench = &BENCH(state);
	EXPECT_GOOD(SET_CD_SPEED(bench->host, 0, 1411));
	fake_load(bench->fake, DISC_BLOCKS, PROFILE_CD_ROM);
	assert_int_equal(current_speed(bench->host), CD_48X);
}

/* Performance descriptor: flags, start and end LBA, read size and time, write size and time. */
static void streaming_asks_for_a_rate(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	uint8_t descriptor[28] = {[10] = 3, [11] = 0xe7, [14] = 0x10, [18] = 0x03, [19] = 0xe8};
	EXPECT_GOOD(SET_STREAMING(host, descriptor, 28)); /* 4096 kB in 1000 ms */
	assert_int_equal(current_speed(host), 4096);
	descriptor[0] = 0x04;
	EXPECT_GOOD(SET_STREAMING(host, descriptor, 28));
	assert_int_equal(current_speed(host), DVD_16X);
}

static void expect_invalid_parameter(const struct fake_answer *answer, unsigned byte)
{
	EXPECT_SENSE(answer, SENSE_INVALID_FIELD_IN_PARAMETERS);
	assert_int_equal(answer->sense.field, byte);
}

static void a_rate_that_is_none_is_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	uint8_t descriptor[28] = {[11] = 9, [15] = 1};
	expect_invalid_parameter(SET_STREAMING(host, descriptor, 28), 16);
	descriptor[7] = 10;
	expect_invalid_parameter(SET_STREAMING(host, descriptor, 28), 8);
	const uint8_t exact[28] = {0x02, [11] = 9, [12] = 0xff, [19] = 1};
	expect_invalid_parameter(SET_STREAMING(host, exact, 28), 12);
	assert_int_equal(current_speed(host), DVD_16X);
}

static void lists_of_other_lengths_are_refused(void **state)
{
	static const uint8_t descriptor[64];
	for (unsigned length = 1; length < 64; length++)
		if (length != 28)
			EXPECT_SENSE(SET_STREAMING(BENCH(state).host, descriptor, length),
				SENSE_PARAMETER_LIST_LENGTH);
	EXPECT_SENSE(
		SEND_OUT(BENCH(state).host, descriptor, 20, 0xb6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 28),
		SENSE_PARAMETER_LIST_LENGTH);
	EXPECT_GOOD(SEND(BENCH(state).host, 0, 0xb6));
	EXPECT_INVALID_CDB(
		SEND_OUT(BENCH(state).host, descriptor, 28, 0xb6, 0, 0, 0, 0, 0, 0, 0, 5, 0, 28), 8,
		7);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(the_nominal_performance),
	ON_DVD(there_are_no_exceptions),
	ON_DVD(no_descriptors_are_none),
	ON_DVD(what_is_about_writing_is_refused),
	ON_CD(a_host_slows_the_drive_down),
	ON_CD(a_new_medium_is_read_at_full_speed),
	ON_DVD(streaming_asks_for_a_rate),
	ON_DVD(a_rate_that_is_none_is_refused),
	ON_DVD(lists_of_other_lengths_are_refused),
};
CONFORMANCE_SUITE("speed", tests)
