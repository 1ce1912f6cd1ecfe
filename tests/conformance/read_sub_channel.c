/* SPDX-License-Identifier: Apache-2.0 */
/* READ SUB-CHANNEL (MMC-6 6.24) and READ HEADER (MMC-3 6.14). */
#include "optical.h"

#define READ_SUB_CHANNEL(nexus, msf, subq, format, track)                                          \
	SEND(nexus, 255, 0x42, msf, subq, format, 0, 0, track, 0, 255)
#define READ_HEADER(nexus, msf, lba)                                                               \
	SEND(nexus, 8, 0x44, msf, 0, 0, (lba) >> 8, (lba)&0xff, 0, 0, 8)

enum { LBA = 0x00, MSF = 0x02, SUBQ = 0x40, POSITION = 1, CATALOGUE_NUMBER = 2, ISRC = 3 };

static void the_position_follows_reads(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_GOOD(READ_10(host, 299, 2, 4096));
	EXPECT_DATA(READ_SUB_CHANNEL(host, LBA, SUBQ, POSITION, 0), 0, 0x15, 0, 12, 1, 0x14, 1, 1,
		0, 0, 1, 44, 0, 0, 1, 44);
	EXPECT_DATA(READ_SUB_CHANNEL(host, MSF, SUBQ, POSITION, 0), 0, 0x15, 0, 12, 1, 0x14, 1, 1,
		0, 0, 6, 0, 0, 0, 4, 0);
	EXPECT_GOOD(SEND(host, 0, 0x2b, 0, 0, 0, 0, 7));
	EXPECT_BE32(READ_SUB_CHANNEL(host, LBA, SUBQ, POSITION, 0), 8, 7);
	EXPECT_GOOD(SEND(host, 2352, 0xbe, 0, 0, 0, 0, 9, 0, 0, 1, 0xf8, 0, 0));
	EXPECT_BE32(READ_SUB_CHANNEL(host, LBA, SUBQ, POSITION, 0), 8, 9);
}

static void no_codes_are_on_the_disc(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_DATA(READ_SUB_CHANNEL(host, LBA, SUBQ, CATALOGUE_NUMBER, 0), 0, 0x15, 0, 20, 2, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_DATA(READ_SUB_CHANNEL(host, LBA, SUBQ, ISRC, 1), 0, 0x15, 0, 20, 3, 0x14, 1, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_INVALID_CDB(READ_SUB_CHANNEL(host, LBA, SUBQ, ISRC, 2), 6, 7);
}

static void without_subq_there_is_a_header(void **state)
{
	EXPECT_DATA(READ_SUB_CHANNEL(BENCH(state).host, LBA, 0, POSITION, 0), 0, 0x15, 0, 0);
}

static void other_formats_are_refused(void **state)
{
	EXPECT_INVALID_CDB(READ_SUB_CHANNEL(BENCH(state).host, LBA, SUBQ, 0, 0), 3, 7);
	EXPECT_INVALID_CDB(READ_SUB_CHANNEL(BENCH(state).host, LBA, SUBQ, 4, 0), 3, 7);
}

static void the_header_of_a_block(void **state)
{
	EXPECT_DATA(READ_HEADER(BENCH(state).host, LBA, 300), 1, 0, 0, 0, 0, 0, 1, 44);
	EXPECT_DATA(READ_HEADER(BENCH(state).host, MSF, 300), 1, 0, 0, 0, 0, 0, 6, 0);
	EXPECT_SENSE(READ_HEADER(BENCH(state).host, LBA, DISC_BLOCKS), SENSE_LBA_OUT_OF_RANGE);
}

static void a_dvd_has_neither(void **state)
{
	EXPECT_SENSE(READ_SUB_CHANNEL(BENCH(state).host, LBA, SUBQ, POSITION, 0),
		SENSE_INCOMPATIBLE_FORMAT);
	EXPECT_SENSE(READ_HEADER(BENCH(state).host, LBA, 0), SENSE_INCOMPATIBLE_FORMAT);
}

static const struct CMUnitTest tests[] = {
	ON_CD(the_position_follows_reads),
	ON_CD(no_codes_are_on_the_disc),
	ON_CD(without_subq_there_is_a_header),
	ON_CD(other_formats_are_refused),
	ON_CD(the_header_of_a_block),
	ON_DVD(a_dvd_has_neither),
};
CONFORMANCE_SUITE("read-sub-channel", tests)
