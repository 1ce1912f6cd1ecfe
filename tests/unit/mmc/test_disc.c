/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "mmc/disc.h"
#include "msf.h"
#include "profile.h"
#include "util/response.h"

static void the_profile_follows_the_size(void **state)
{
	assert_int_equal(mmc_profile_for(1), PROFILE_CD_ROM);
	assert_int_equal(mmc_profile_for(405000), PROFILE_CD_ROM);
	assert_int_equal(mmc_profile_for(405001), PROFILE_DVD_ROM);
	assert_int_equal(mmc_profile_for(4173824), PROFILE_DVD_ROM);
	assert_int_equal(mmc_profile_for(4173825), PROFILE_BD_ROM);
	assert_int_equal(mmc_profile_for(62500864), PROFILE_BD_ROM);
	assert_int_equal(mmc_profile_for(62500865), PROFILE_NONE);
}

static void the_layers_follow_the_size(void **state)
{
	assert_int_equal(mmc_profile_layers(PROFILE_CD_ROM, 405000), 1);
	assert_int_equal(mmc_profile_layers(PROFILE_DVD_ROM, 2295104), 1);
	assert_int_equal(mmc_profile_layers(PROFILE_DVD_ROM, 2295105), 2);
	assert_int_equal(mmc_profile_layers(PROFILE_BD_ROM, 12219392), 1);
	assert_int_equal(mmc_profile_layers(PROFILE_BD_ROM, 12219393), 2);
	assert_int_equal(mmc_profile_layers(PROFILE_BD_ROM, 24438784), 2);
	assert_int_equal(mmc_profile_layers(PROFILE_BD_ROM, 24438785), 3);
	assert_int_equal(mmc_profile_layers(PROFILE_BD_ROM, 48878593), 4);
}

static void the_extent_of_a_block_is_found(void **state)
{
	const struct disc_extent extents[] = {{.first_lba = 0, .blocks = 10},
		{.first_lba = 10, .blocks = 5}, {.first_lba = 20, .blocks = 1}};
	const struct disc disc = {.extent_count = 3, .extents = extents};
	assert_ptr_equal(disc_extent_at(&disc, 0), &extents[0]);
	assert_ptr_equal(disc_extent_at(&disc, 9), &extents[0]);
	assert_ptr_equal(disc_extent_at(&disc, 10), &extents[1]);
	assert_null(disc_extent_at(&disc, 15));
	assert_null(disc_extent_at(&disc, 19));
	assert_ptr_equal(disc_extent_at(&disc, 20), &extents[2]);
	assert_null(disc_extent_at(&disc, 21));
	assert_null(disc_extent_at(&disc, UINT32_MAX));
}

static void recorded_blocks_end_at_a_gap(void **state)
{
	const struct disc_extent extents[] = {{.first_lba = 0, .blocks = 10},
		{.first_lba = 10, .blocks = 5}, {.first_lba = 20, .blocks = 1}};
	const struct disc disc = {.extent_count = 3, .extents = extents};
	assert_int_equal(disc_recorded(&disc, 0, 15), 15);
	assert_int_equal(disc_recorded(&disc, 0, 16), 15);
	assert_int_equal(disc_recorded(&disc, 9, 3), 3);
	assert_int_equal(disc_recorded(&disc, 14, UINT32_MAX), 1);
	assert_int_equal(disc_recorded(&disc, 15, 1), 0);
	assert_int_equal(disc_recorded(&disc, 19, 2), 0);
	assert_int_equal(disc_recorded(&disc, 20, 2), 1);
	assert_int_equal(disc_recorded(&disc, UINT32_MAX, UINT32_MAX), 0);
	assert_int_equal(disc_recorded(&disc, 3, 0), 0);
}

static void a_disc_in_memory_reads_as_given(void **state)
{
	uint8_t data[2 * 2048], read[2048];
	memset(data, 1, 2048);
	memset(data + 2048, 2, 2048);
	struct disc *disc = disc_in_memory(data, 2, PROFILE_DVD_ROM);
	struct scsi_source *source = disc->extents[0].source;
	struct iovec iov = {read, sizeof read};
	assert_int_equal(source->ops->preadv(source, &iov, 1, 2048, 0), 2048);
	assert_memory_equal(read, data + 2048, 2048);
	assert_int_equal(source->ops->preadv(source, &iov, 1, 3 * 2048, 0), 0);
	assert_false(disc_faulted(disc));
	disc_put(disc);
}

static void expect_msf(uint32_t lba, uint8_t minute, uint8_t second, uint8_t frame)
{
	uint8_t found[4];
	const uint8_t expected[4] = {0, minute, second, frame};
	struct response r;
	response_init(&r, found, sizeof found);
	msf_append(&r, lba);
	assert_memory_equal(found, expected, 4);
}

static void block_zero_is_two_seconds_in(void **state)
{
	expect_msf(0, 0, 2, 0);
	expect_msf(75 * 58, 1, 0, 0);
	expect_msf(404999, 90, 1, 74);
}

static void what_does_not_fit_is_the_largest_address(void **state)
{
	expect_msf(256 * 60 * 75 - 151, 255, 59, 74);
	expect_msf(256 * 60 * 75 - 150, 255, 59, 74);
	expect_msf(UINT32_MAX, 255, 59, 74);
}

static void msf_to_lba_is_the_inverse(void **state)
{
	uint32_t lba;
	assert_true(msf_to_lba((const uint8_t[]){0, 2, 0}, &lba));
	assert_int_equal(lba, 0);
	assert_true(msf_to_lba((const uint8_t[]){90, 1, 74}, &lba));
	assert_int_equal(lba, 404999);
	assert_false(msf_to_lba((const uint8_t[]){0, 1, 74}, &lba));
	assert_false(msf_to_lba((const uint8_t[]){0, 60, 0}, &lba));
	assert_false(msf_to_lba((const uint8_t[]){0, 2, 75}, &lba));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_profile_follows_the_size),
		cmocka_unit_test(the_layers_follow_the_size),
		cmocka_unit_test(the_extent_of_a_block_is_found),
		cmocka_unit_test(recorded_blocks_end_at_a_gap),
		cmocka_unit_test(a_disc_in_memory_reads_as_given),
		cmocka_unit_test(block_zero_is_two_seconds_in),
		cmocka_unit_test(what_does_not_fit_is_the_largest_address),
		cmocka_unit_test(msf_to_lba_is_the_inverse),
	};
	return cmocka_run_group_tests_name("mmc/disc", tests, NULL, NULL);
}
