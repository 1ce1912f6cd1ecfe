/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <errno.h>
#include <stdlib.h>

#include "fake_file_io.h"
#include "image_fixture.h"
#include "mmc/disc.h"

enum { BLOCKS = 40 };

static uint8_t *image;
static struct fake_file file;
static struct error error;

static int begin(void **state)
{
	image = image_iso(BLOCKS, "OPEN");
	fake_file_init(&file, image, BLOCKS * 2048);
	error = (struct error){0};
	return 0;
}

static int end(void **state)
{
	assert_int_equal(file.opened, file.closed);
	free(image);
	return 0;
}

static struct disc *open_as(enum mmc_profile profile)
{
	return image_open(&file.io, "/x", profile, NULL, &error);
}

static ssize_t read_at(struct disc *disc, uint64_t offset, void *buffer, size_t length)
{
	struct iovec iov = {buffer, length};
	struct scsi_source *source = disc->extents[0].source;
	return source->ops->preadv(source, &iov, 1, offset, 0);
}

static void it_is_a_disc_of_one_data_track(void **state)
{
	struct disc *disc = open_as(PROFILE_NONE);
	assert_non_null(disc);
	assert_int_equal(disc->profile, PROFILE_CD_ROM);
	assert_int_equal(disc->session_count, 1);
	assert_int_equal(disc->track_count, 1);
	assert_int_equal(disc->tracks[0].control, 4);
	assert_int_equal(disc->tracks[0].blocks, BLOCKS);
	assert_int_equal(disc->lead_out, BLOCKS);
	assert_string_equal(disc->volume_id, "OPEN");
	assert_int_equal(disc->identity.size, BLOCKS * 2048);
	disc_put(disc);
}

static void the_file_stays_open_until_the_last_reference_is_gone(void **state)
{
	struct disc *disc = open_as(PROFILE_NONE);
	struct scsi_source *source = scsi_source_get(disc->extents[0].source);
	disc_put(disc_get(disc));
	disc_put(disc);
	assert_int_equal(file.closed, 0);
	scsi_source_put(source);
	assert_int_equal(file.closed, 1);
}

static void the_profile_can_be_chosen(void **state)
{
	struct disc *disc = open_as(PROFILE_BD_ROM);
	assert_int_equal(disc->profile, PROFILE_BD_ROM);
	disc_put(disc);
}

static void but_not_one_that_is_too_small(void **state)
{
	file.size = 405001ull * 2048;
	assert_null(open_as(PROFILE_CD_ROM));
	assert_int_equal(error.code, ERROR_MEDIUM_DOES_NOT_FIT);
}

static void another_file_than_in_the_catalog_is_refused(void **state)
{
	struct file_identity expected;
	file.io.identify(&file.io, 0, &expected);
	struct disc *disc = image_open(&file.io, "/x", PROFILE_NONE, &expected, &error);
	assert_non_null(disc);
	disc_put(disc);
	expected.mtime_sec++;
	assert_null(image_open(&file.io, "/x", PROFILE_NONE, &expected, &error));
	assert_int_equal(error.code, ERROR_IMAGE_CHANGED);
}

static void a_source_that_may_hang_says_so(void **state)
{
	file.may_hang = true;
	struct disc *disc = open_as(PROFILE_NONE);
	assert_true(disc->extents[0].source->may_hang);
	disc_put(disc);
}

static void the_end_of_the_last_block_is_zeros(void **state)
{
	uint8_t buffer[4096], zeros[100] = {0};
	file.size -= 100;
	struct disc *disc = open_as(PROFILE_NONE);
	memset(image + BLOCKS * 2048 - 100, 0xee, 100);
	memset(buffer, 0xff, sizeof buffer);
	assert_int_equal(read_at(disc, 38 * 2048, buffer, 4096), 4096);
	assert_memory_equal(buffer + 4096 - 100, zeros, 100);
	assert_memory_equal(buffer, image + 38 * 2048, 4096 - 100);
	disc_put(disc);
}

static void every_part_of_the_padding_can_be_read(void **state)
{
	uint8_t byte;
	file.size -= 100;
	struct disc *disc = open_as(PROFILE_NONE);
	for (unsigned i = 1; i <= 100; i++) {
		byte = 0xff;
		assert_int_equal(read_at(disc, BLOCKS * 2048 - i, &byte, 1), 1);
		assert_int_equal(byte, 0);
	}
	assert_int_equal(read_at(disc, BLOCKS * 2048, &byte, 1), 0);
	disc_put(disc);
}

static void a_read_behind_the_end_is_short(void **state)
{
	uint8_t buffer[4096];
	struct disc *disc = open_as(PROFILE_NONE);
	assert_int_equal(read_at(disc, 39 * 2048, buffer, 4096), 2048);
	disc_put(disc);
}

static void a_file_that_lost_its_end_reads_short(void **state)
{
	uint8_t buffer[4096];
	struct disc *disc = open_as(PROFILE_NONE);
	struct scsi_source *source = disc->extents[0].source;
	assert_false(source->ops->changed(source));
	file.cut_at = 39 * 2048;
	file.mtime++;
	assert_int_equal(read_at(disc, 38 * 2048, buffer, 4096), 2048);
	assert_true(source->ops->changed(source));
	disc_put(disc);
}

static void a_file_that_cannot_be_identified_any_more_counts_as_changed(void **state)
{
	struct disc *disc = open_as(PROFILE_NONE);
	struct scsi_source *source = disc->extents[0].source;
	file.identify_error = -EIO;
	assert_true(source->ops->changed(source));
	disc_put(disc);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILE(it_is_a_disc_of_one_data_track),
		WITH_FILE(the_file_stays_open_until_the_last_reference_is_gone),
		WITH_FILE(the_profile_can_be_chosen),
		WITH_FILE(but_not_one_that_is_too_small),
		WITH_FILE(another_file_than_in_the_catalog_is_refused),
		WITH_FILE(a_source_that_may_hang_says_so),
		WITH_FILE(the_end_of_the_last_block_is_zeros),
		WITH_FILE(every_part_of_the_padding_can_be_read),
		WITH_FILE(a_read_behind_the_end_is_short),
		WITH_FILE(a_file_that_lost_its_end_reads_short),
		WITH_FILE(a_file_that_cannot_be_identified_any_more_counts_as_changed),
	};
	return cmocka_run_group_tests_name("mmc/image_open", tests, NULL, NULL);
}
