/* SPDX-License-Identifier: Apache-2.0 */
/* MODE SENSE: page control, page and subpage selection, allocation lengths. */
#include "support.h"

#include "drive.h"
#include "util/bytes.h"

enum { CURRENT = 0x00, CHANGEABLE = 0x40, DEFAULT = 0x80, SAVED = 0xc0 };

static struct request *sense_6(struct drive *drive, uint8_t page, uint8_t subpage)
{
	return send_in(drive->a, CDB(0x1a, 0, page, subpage, 255), 255);
}

static void set_retries(struct drive *drive, uint8_t retries)
{
	const uint8_t list[16] = {0, 0, 0, 0, 0x01, 0x0a, 0, retries};
	assert_good(send_out(drive->a, CDB(0x15, 0x10, 0, 0, 16), list, 16));
}

static void header_6_has_length_and_device_specific_parameter(void **state)
{
	struct request *request = sense_6(*state, 0x01, 0);
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 16);
	assert_memory_equal(request->data, "\x0f\x00\x80\x00", 4);
	assert_untouched_from(request, 16);
}

static void header_10_has_length_and_device_specific_parameter(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0x5a, 0x08, 0x01, 0, 0, 0, 0, 1, 0), 256);
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 20);
	assert_memory_equal(request->data, "\x00\x12\x00\x80\x00\x00\x00\x00\x81\x0a", 10);
}

static void current_values_follow_mode_select(void **state)
{
	set_retries(*state, 0x11);
	assert_int_equal(sense_6(*state, CURRENT | 0x01, 0)->data[7], 0x11);
	assert_int_equal(sense_6(*state, DEFAULT | 0x01, 0)->data[7], 0x08);
	assert_int_equal(sense_6(*state, SAVED | 0x01, 0)->data[7], 0x08);
}

static void current_values_follow_the_drive(void **state)
{
	struct drive *drive = *state;
	drive->state = 5;
	assert_int_equal(sense_6(drive, 0x2a, 0)->data[6], 5);
	assert_int_equal(sense_6(drive, DEFAULT | 0x2a, 0)->data[6], 0);
}

static void changeable_values_are_the_mask_under_a_whole_header(void **state)
{
	struct request *request = sense_6(*state, CHANGEABLE | 0x01, 0);
	assert_memory_equal(request->data + 4, "\x81\x0a\x37\xff\0\0\0\0\0\0\0\0", 12);
	request = sense_6(*state, CHANGEABLE | 0x0a, 0x01);
	assert_memory_equal(request->data + 4, "\x4a\x01\x00\x04\xff\0\0\0", 8);
}

static void ps_is_set_for_savable_pages_only(void **state)
{
	assert_int_equal(sense_6(*state, 0x01, 0)->data[4], 0x81);
	assert_int_equal(sense_6(*state, 0x0a, 0)->data[4], 0x0a);
}

static void saved_values_of_a_page_that_is_not_savable_are_refused(void **state)
{
	assert_sense(sense_6(*state, SAVED | 0x0a, 0), SENSE_SAVING_NOT_SUPPORTED);
}

static void all_saved_values_are_those_of_savable_pages(void **state)
{
	struct request *request = sense_6(*state, SAVED | 0x3f, 0xff);
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 4 + 12);
}

static void page_3f_is_every_page_without_subpages(void **state)
{
	struct request *request = sense_6(*state, 0x3f, 0);
	assert_int_equal(request->cmd.data_in_done, 4 + 12 + 12 + 8);
	assert_int_equal(request->data[4], 0x81);
	assert_int_equal(request->data[16], 0x0a);
	assert_int_equal(request->data[28], 0x2a);
}

static void page_3f_subpage_ff_is_everything(void **state)
{
	struct request *request = sense_6(*state, 0x3f, 0xff);
	assert_int_equal(request->cmd.data_in_done, 4 + 12 + 12 + 8 + 8);
	assert_int_equal(request->data[28], 0x4a);
}

static void page_3f_with_another_subpage_is_refused(void **state)
{
	assert_cdb_field(sense_6(*state, 0x3f, 0x01), 3, 7);
}

static void a_page_with_subpage_ff_is_the_page_and_its_subpages(void **state)
{
	struct request *request = sense_6(*state, 0x0a, 0xff);
	assert_int_equal(request->cmd.data_in_done, 4 + 12 + 8);
	assert_int_equal(request->data[4], 0x0a);
	assert_memory_equal(request->data + 16, "\x4a\x01\x00\x04\x55", 5);
}

static void a_subpage_alone(void **state)
{
	struct request *request = sense_6(*state, 0x0a, 0x01);
	assert_int_equal(request->cmd.data_in_done, 4 + 8);
	assert_memory_equal(request->data + 4, "\x4a\x01\x00\x04\x55", 5);
}

static void unknown_pages_and_subpages_are_pointed_to(void **state)
{
	assert_cdb_field(sense_6(*state, 0x02, 0), 2, 5);
	assert_cdb_field(sense_6(*state, 0x02, 0xff), 2, 5);
	assert_cdb_field(sense_6(*state, 0x0a, 0x02), 3, 7);
	assert_cdb_field(sense_6(*state, 0x01, 0x01), 3, 7);
}

static void allocation_lengths_zero_one_and_short(void **state)
{
	static const uint8_t lengths[] = {0, 1, 4, 11};
	struct drive *drive = *state;
	for (size_t i = 0; i < sizeof lengths; i++) {
		struct request *request =
			send_in(drive->a, CDB(0x1a, 0, 0x3f, 0xff, lengths[i]), 255);
		assert_good(request);
		assert_int_equal(request->cmd.data_in_done, lengths[i]);
		if (lengths[i] > 0)
			assert_int_equal(request->data[0], 43); /* as if all had been asked for */
		assert_untouched_from(request, lengths[i]);
	}
}

static void allocation_length_10_has_two_bytes(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0x5a, 0, 0x3f, 0xff, 0, 0, 0, 0, 9), 512);
	assert_int_equal(request->cmd.data_in_done, 9);
	request = send_in(drive->a, CDB(0x5a, 0, 0x3f, 0xff, 0, 0, 0, 1, 0), 512);
	assert_int_equal(request->cmd.data_in_done, 8 + 40);
	assert_int_equal(get_be16(request->data), 46);
}

static void restore_sets_saved_and_current(void **state)
{
	struct drive *drive = *state;
	const uint8_t page[12] = {0x81, 0x0a, 0x30, 0x03};
	assert_true(scsi_mode_restore(&drive->lu, page, sizeof page));
	assert_memory_equal(sense_6(drive, SAVED | 0x01, 0)->data + 4, page, 12);
	assert_memory_equal(sense_6(drive, CURRENT | 0x01, 0)->data + 4, page, 12);
}

static void restore_takes_only_bits_that_may_change(void **state)
{
	struct drive *drive = *state;
	const uint8_t page[12] = {0x01, 0x0a, 0xff, 0x03, 0xff, 0xff};
	assert_true(scsi_mode_restore(&drive->lu, page, sizeof page));
	assert_memory_equal(sense_6(drive, SAVED | 0x01, 0)->data + 4, "\x81\x0a\x37\x03\0\0", 6);
}

static void restore_refuses_what_is_malformed_or_unknown(void **state)
{
	struct drive *drive = *state;
	const uint8_t unknown[12] = {0x02, 0x0a}, bad_length[12] = {0x01, 0x0b};
	const uint8_t refused[12] = {0x01, 0x0a, 0, 0x21}, format[12] = {0x41, 0x00, 0x00, 0x08};
	const uint8_t whole[12] = {0x01, 0x0a, 0x01};
	assert_false(scsi_mode_restore(&drive->lu, unknown, 12));
	assert_false(scsi_mode_restore(&drive->lu, bad_length, 12));
	assert_false(scsi_mode_restore(&drive->lu, refused, 12));
	assert_false(scsi_mode_restore(&drive->lu, format, 12));
	for (size_t length = 0; length < 12; length++)
		assert_false(scsi_mode_restore(&drive->lu, whole, length));
	assert_memory_equal(sense_6(drive, SAVED | 0x01, 0)->data + 4, "\x81\x0a\x00\x08", 4);
	assert_memory_equal(sense_6(drive, CURRENT | 0x01, 0)->data + 4, "\x81\x0a\x00\x08", 4);
}

static void current_is_null_for_an_unknown_page(void **state)
{
	struct drive *drive = *state;
	assert_null(scsi_mode_current(&drive->lu, 0x0a, 0x02));
	assert_non_null(scsi_mode_current(&drive->lu, 0x0a, 0x01));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(header_6_has_length_and_device_specific_parameter),
		drive_test(header_10_has_length_and_device_specific_parameter),
		drive_test(current_values_follow_mode_select),
		drive_test(current_values_follow_the_drive),
		drive_test(changeable_values_are_the_mask_under_a_whole_header),
		drive_test(ps_is_set_for_savable_pages_only),
		drive_test(saved_values_of_a_page_that_is_not_savable_are_refused),
		drive_test(all_saved_values_are_those_of_savable_pages),
		drive_test(page_3f_is_every_page_without_subpages),
		drive_test(page_3f_subpage_ff_is_everything),
		drive_test(page_3f_with_another_subpage_is_refused),
		drive_test(a_page_with_subpage_ff_is_the_page_and_its_subpages),
		drive_test(a_subpage_alone),
		drive_test(unknown_pages_and_subpages_are_pointed_to),
		drive_test(allocation_lengths_zero_one_and_short),
		drive_test(allocation_length_10_has_two_bytes),
		drive_test(restore_sets_saved_and_current),
		drive_test(restore_takes_only_bits_that_may_change),
		drive_test(restore_refuses_what_is_malformed_or_unknown),
		drive_test(current_is_null_for_an_unknown_page),
	};
	return cmocka_run_group_tests_name("scsi/mode-sense", tests, NULL, NULL);
}
