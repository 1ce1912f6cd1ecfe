/* SPDX-License-Identifier: Apache-2.0 */
/* REPORT KEY and SEND KEY (MMC-6 6.28, 6.36): the region, and no copy protection. */
#include "optical.h"

#define REPORT_KEY(nexus, format) SEND(nexus, 64, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 64, (format))
#define SEND_REGION(nexus, list, length)                                                           \
	SEND_OUT(nexus, list, length, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, (length), 6)

static void a_new_drive_has_no_region(void **state)
{
	EXPECT_DATA(REPORT_KEY(BENCH(state).host, 8), 0, 6, 0, 0, 0x25, 0xff, 1, 0);
}

static void a_region_is_set_five_times(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	uint8_t list[8] = {0, 6};
	static const uint8_t types[] = {0x64, 0x63, 0x62, 0xa1, 0xe0};
	for (unsigned i = 0; i < 5; i++) {
		list[4] = (uint8_t) ~(1 << i);
		EXPECT_GOOD(SEND_REGION(host, list, 8));
		EXPECT_DATA(REPORT_KEY(host, 8), 0, 6, 0, 0, types[i], list[4], 1, 0);
	}
	list[4] = 0xdf;
	EXPECT_SENSE(SEND_REGION(host, list, 8), SENSE_REGION_IS_PERMANENT);
	EXPECT_U8(REPORT_KEY(host, 8), 5, 0xef);
}

static void the_same_region_costs_nothing(void **state)
{
	const uint8_t list[8] = {0, 6, 0, 0, 0xfd};
	EXPECT_GOOD(SEND_REGION(BENCH(state).host, list, 8));
	EXPECT_GOOD(SEND_REGION(BENCH(state).host, list, 8));
	EXPECT_U8(REPORT_KEY(BENCH(state).host, 8), 4, 0x64);
}

static void a_region_is_one(void **state)
{
	static const uint8_t wrong[] = {0xff, 0x00, 0xfc};
	for (unsigned i = 0; i < sizeof wrong; i++) {
		const uint8_t list[8] = {0, 6, 0, 0, wrong[i]};
		EXPECT_SENSE(
			SEND_REGION(BENCH(state).host, list, 8), SENSE_INVALID_FIELD_IN_PARAMETERS);
	}
	const uint8_t long_list[8] = {0, 7, 0, 0, 0xfe};
	EXPECT_SENSE(
		SEND_REGION(BENCH(state).host, long_list, 8), SENSE_INVALID_FIELD_IN_PARAMETERS);
}

static void lists_of_other_lengths_are_refused(void **state)
{
	static const uint8_t list[16] = {0, 6, 0, 0, 0xfe};
	for (unsigned length = 0; length < 16; length++)
		if (length != 8)
			EXPECT_SENSE(SEND_REGION(BENCH(state).host, list, length),
				SENSE_PARAMETER_LIST_LENGTH);
	EXPECT_SENSE(SEND_OUT(BENCH(state).host, list, 5, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 8, 6),
		SENSE_PARAMETER_LIST_LENGTH);
}

/* A disc without CSS has no keys; programs (libdvdcss) ask the copyright information first. */
static void there_is_nothing_to_authenticate_for(void **state)
{
	static const uint8_t formats[] = {0, 1, 2, 4};
	for (unsigned i = 0; i < sizeof formats; i++)
		EXPECT_SENSE(REPORT_KEY(BENCH(state).host, formats[i]), SENSE_KEY_NOT_PRESENT);
	EXPECT_DATA(REPORT_KEY(BENCH(state).host, 5), 0, 6, 0, 0, 0, 0, 0, 0);
	EXPECT_LENGTH(REPORT_KEY(BENCH(state).host, 0x3f), 0);
}

static void other_formats_and_classes_are_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	static const uint8_t list[12];
	EXPECT_INVALID_CDB(REPORT_KEY(host, 3), 10, 5);
	EXPECT_INVALID_CDB(REPORT_KEY(host, 0x11), 10, 5);
	EXPECT_INVALID_CDB(SEND(host, 64, 0xa4, 0, 0, 0, 0, 0, 0, 2, 0, 64, 8), 7, 7);
	EXPECT_INVALID_CDB(SEND_OUT(host, list, 12, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 12, 1), 10, 5);
	EXPECT_INVALID_CDB(SEND_OUT(host, list, 8, 0xa3, 0, 0, 0, 0, 0, 0, 2, 0, 8, 6), 7, 7);
}

static void an_empty_drive_has_a_region_and_no_keys(void **state)
{
	EXPECT_SENSE(REPORT_KEY(BENCH(state).host, 0), SENSE_NO_MEDIUM_TRAY_CLOSED);
	EXPECT_LENGTH(REPORT_KEY(BENCH(state).host, 8), 8);
}

static void a_cd_has_no_keys(void **state)
{
	EXPECT_SENSE(REPORT_KEY(BENCH(state).host, 5), SENSE_INCOMPATIBLE_FORMAT);
}

static void a_cd_drive_does_not_know_of_them(void **state)
{
	struct fake_drive *fake =
		fake_optical_create(&(struct fake_optical_setup){.personality = "cd-rom"});
	struct scsi_nexus *host = fake_nexus(fake, "host");
	settle(host);
	EXPECT_SENSE(REPORT_KEY(host, 8), SENSE_INVALID_OPCODE);
	EXPECT_SENSE(SEND(host, 0, 0xa3), SENSE_INVALID_OPCODE);
	fake_drive_destroy(fake);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(a_new_drive_has_no_region),
	ON_DVD(a_region_is_set_five_times),
	ON_DVD(the_same_region_costs_nothing),
	ON_DVD(a_region_is_one),
	ON_DVD(lists_of_other_lengths_are_refused),
	ON_DVD(there_is_nothing_to_authenticate_for),
	ON_DVD(other_formats_and_classes_are_refused),
	ON_EMPTY(an_empty_drive_has_a_region_and_no_keys),
	ON_CD(a_cd_has_no_keys),
	cmocka_unit_test(a_cd_drive_does_not_know_of_them),
};
CONFORMANCE_SUITE("keys", tests)
