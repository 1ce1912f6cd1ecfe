/* SPDX-License-Identifier: Apache-2.0 */
#include "optical.h"

#define INQUIRY(nexus, length) SEND(nexus, 255, 0x12, 0, 0, 0, (length))

static void a_removable_cd_dvd_device(void **state)
{
	const struct fake_answer *answer = INQUIRY(BENCH(state).host, 36);
	EXPECT_LENGTH(answer, 36);
	EXPECT_U8(answer, 0, 0x05);
	EXPECT_U8(answer, 1, 0x80);
	EXPECT_U8(answer, 3, 0x02);
	assert_memory_equal(answer->data + 8, "CAROUSEL", 8);
}

static void each_personality_has_its_own_product(void **state)
{
	static const struct {
		const char *personality, *product;
	} rows[] = {
		{"cd-rom", "CD-ROM DRIVE    "},
		{"dvd-rom", "DVD-ROM DRIVE   "},
		{"bd-rom", "BD-ROM DRIVE    "},
	};
	for (size_t i = 0; i < 3; i++) {
		struct fake_drive *fake = fake_optical_create(
			&(struct fake_optical_setup){.personality = rows[i].personality});
		const struct fake_answer *answer = INQUIRY(fake_nexus(fake, "host"), 36);
		EXPECT_LENGTH(answer, 36);
		assert_memory_equal(answer->data + 16, rows[i].product, 16);
		fake_drive_destroy(fake);
	}
}

static void version_descriptors_name_sam_spc_and_mmc(void **state)
{
	const struct fake_answer *answer = INQUIRY(BENCH(state).host, 96);
	EXPECT_U8(answer, 4, 91);
	EXPECT_BE16(answer, 58, 0x00a0);
	EXPECT_BE16(answer, 60, 0x0460);
	EXPECT_BE16(answer, 62, 0x04e0);
	EXPECT_BE16(answer, 64, 0);
}

static void neither_reports_nor_clears_a_unit_attention(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	EXPECT_GOOD(INQUIRY(other, 36));
	EXPECT_SENSE(TEST_UNIT_READY(other), SENSE_POWER_ON);
}

static void works_without_medium_and_in_a_change(void **state)
{
	mmc_drive_begin_change(BENCH(state).fake->drive);
	EXPECT_LENGTH(INQUIRY(BENCH(state).host, 36), 36);
}

static void any_allocation_length_will_do(void **state)
{
	EXPECT_LENGTH(INQUIRY(BENCH(state).host, 0), 0);
	EXPECT_LENGTH(INQUIRY(BENCH(state).host, 5), 5);
	EXPECT_LENGTH(INQUIRY(BENCH(state).host, 255), 96);
}

static void a_page_code_without_evpd_is_refused(void **state)
{
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 36, 0x12, 0, 0x80, 0, 36), 2, 7);
}

static const struct CMUnitTest tests[] = {
	ON_DVD(a_removable_cd_dvd_device),
	ON_DVD(each_personality_has_its_own_product),
	ON_DVD(version_descriptors_name_sam_spc_and_mmc),
	ON_DVD(neither_reports_nor_clears_a_unit_attention),
	ON_EMPTY(works_without_medium_and_in_a_change),
	ON_DVD(any_allocation_length_will_do),
	ON_DVD(a_page_code_without_evpd_is_refused),
};
CONFORMANCE_SUITE("inquiry", tests)
