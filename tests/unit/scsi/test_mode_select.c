/* SPDX-License-Identifier: Apache-2.0 */
/* MODE SELECT: what it refuses and where it points, that it is all or nothing, and saving. */
#include "support.h"

#include "drive.h"

#define RECOVERY(b2, retries) 0x01, 0x0a, (b2), (retries), 0, 0, 0, 0, 0, 0, 0, 0
#define CONTROL(d_sense)      0x0a, 0x0a, (d_sense), 0, 0, 0, 0, 0, 0, 0, 0, 0
#define EXTENSION(value)      0x4a, 0x01, 0x00, 0x04, (value), 0, 0, 0

enum { PF = 0x10, SP = 0x01 };

static struct request *select_6(
	struct scsi_nexus *nexus, uint8_t flags, const uint8_t *list, size_t length)
{
	return send_out(nexus, CDB(0x15, flags, 0, 0, (uint8_t)length), list, length);
}

#define SELECT(nexus, flags, ...)                                                                  \
	select_6((nexus), (flags), (const uint8_t[]){0, 0, 0, 0, __VA_ARGS__},                     \
		sizeof((const uint8_t[]){0, 0, 0, 0, __VA_ARGS__}))

static uint8_t retries(struct drive *drive)
{
	return scsi_mode_current(&drive->lu, 0x01, 0)[3];
}

static void a_page_is_changed(void **state)
{
	struct drive *drive = *state;
	assert_good(SELECT(drive->a, PF, RECOVERY(0x30, 0x11)));
	assert_int_equal(retries(drive), 0x11);
	assert_int_equal(scsi_mode_current(&drive->lu, 0x01, 0)[2], 0x30);
}

static void select_10_has_a_longer_header(void **state)
{
	struct drive *drive = *state;
	const uint8_t list[] = {0, 0, 0, 0, 0, 0, 0, 0, RECOVERY(0, 0x12)};
	assert_good(send_out(
		drive->a, CDB(0x55, PF, 0, 0, 0, 0, 0, 0, sizeof list), list, sizeof list));
	assert_int_equal(retries(drive), 0x12);
}

static void a_page_goes_back_as_mode_sense_gave_it(void **state)
{
	struct drive *drive = *state;
	struct request *sense = send_in(drive->a, CDB(0x1a, 0, 0x3f, 0xff, 255), 255);
	size_t length = (size_t)sense->cmd.data_in_done;
	assert_good(select_6(drive->a, PF, sense->data, length));
	assert_int_equal(drive->b->attentions, 0);
}

static void a_block_descriptor_is_stepped_over(void **state)
{
	struct drive *drive = *state;
	const uint8_t list[] = {0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 8, 0, RECOVERY(0, 0x13)};
	assert_good(select_6(drive->a, PF, list, sizeof list));
	assert_int_equal(retries(drive), 0x13);
}

static void other_block_descriptor_lengths_are_refused(void **state)
{
	struct drive *drive = *state;
	assert_parameter_field(
		select_6(drive->a, PF, (const uint8_t[]){0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0}, 11), 3,
		7);
	const uint8_t ten[16] = {[6] = 0, [7] = 16};
	assert_parameter_field(
		send_out(drive->a, CDB(0x55, PF, 0, 0, 0, 0, 0, 0, 16), ten, 16), 6, 7);
}

static void an_empty_list_is_good(void **state)
{
	struct drive *drive = *state;
	assert_good(send_none(drive->a, CDB(0x15, PF)));
	assert_good(send_none(drive->a, CDB(0x55, PF)));
	assert_good(select_6(drive->a, PF, (const uint8_t[4]){0}, 4));
	assert_int_equal(drive->remembered, 0);
}

static void vendor_format_is_refused(void **state)
{
	struct drive *drive = *state;
	assert_cdb_field(SELECT(drive->a, 0, RECOVERY(0, 0x11)), 1, 4);
	assert_int_equal(retries(drive), 0x08);
}

static void a_list_cut_off_anywhere_is_a_length_error(void **state)
{
	struct drive *drive = *state;
	const uint8_t list[] = {0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, EXTENSION(1)};
	for (size_t length = 1; length < sizeof list; length++) {
		struct request *request = select_6(drive->a, PF, list, length);
		if (length == 12)
			assert_good(request);
		else
			assert_sense(request, SENSE_PARAMETER_LIST_LENGTH);
	}
	assert_int_equal(scsi_mode_current(&drive->lu, 0x0a, 1)[4], 0x55);
}

static void fewer_bytes_than_the_list_length_are_a_length_error(void **state)
{
	struct drive *drive = *state;
	const uint8_t list[] = {0, 0, 0, 0, RECOVERY(0, 0x11)};
	for (size_t sent = 0; sent < sizeof list; sent++)
		assert_sense(send_out(drive->a, CDB(0x15, PF, 0, 0, sizeof list), list, sent),
			SENSE_PARAMETER_LIST_LENGTH);
	assert_int_equal(retries(drive), 0x08);
}

static void more_bytes_than_the_list_length_are_not_looked_at(void **state)
{
	struct drive *drive = *state;
	const uint8_t list[] = {0, 0, 0, 0, RECOVERY(0, 0x11), 0x3e, 0xff};
	assert_good(send_out(drive->a, CDB(0x15, PF, 0, 0, 16), list, sizeof list));
	assert_int_equal(retries(drive), 0x11);
}

static void a_list_longer_than_all_pages_is_a_length_error(void **state)
{
	struct drive *drive = *state;
	static const uint8_t list[4096];
	assert_sense(send_out(drive->a, CDB(0x55, PF, 0, 0, 0, 0, 0, 0x10, 0), list, sizeof list),
		SENSE_PARAMETER_LIST_LENGTH);
	assert_sense(send_out(drive->a, CDB(0x55, PF, 0, 0, 0, 0, 0, 0xff, 0xff), list, 100),
		SENSE_PARAMETER_LIST_LENGTH);
}

static void an_unknown_page_is_pointed_to(void **state)
{
	struct drive *drive = *state;
	assert_parameter_field(SELECT(drive->a, PF, 0x02, 0x00), 4, 5);
	assert_parameter_field(SELECT(drive->a, PF, 0x3f, 0x00), 4, 5);
	assert_parameter_field(SELECT(drive->a, PF, 0x4a, 0x02, 0, 0), 4, 5);
	assert_parameter_field(SELECT(drive->a, PF, RECOVERY(0, 8), 0x02, 0x00), 16, 5);
}

static void a_wrong_page_length_is_pointed_to(void **state)
{
	struct drive *drive = *state;
	assert_parameter_field(SELECT(drive->a, PF, 0x01, 0x0b, 0, 0), 5, 7);
	assert_parameter_field(SELECT(drive->a, PF, 0x4a, 0x01, 0xff, 0xff, 0, 0), 6, 7);
}

static void the_subpage_format_of_a_page_without_subpages_is_refused(void **state)
{
	struct drive *drive = *state;
	assert_parameter_field(
		SELECT(drive->a, PF, 0x41, 0x00, 0x00, 0x08, 0, 0, 0, 0, 0, 0, 0, 0), 4, 5);
}

static void a_bit_that_may_not_change_is_pointed_to(void **state)
{
	struct drive *drive = *state;
	assert_parameter_field(SELECT(drive->a, PF, RECOVERY(0x48, 8)), 6, 6);
	assert_parameter_field(SELECT(drive->a, PF, CONTROL(0x04), CONTROL(0x01)), 18, 0);
	assert_parameter_field(SELECT(drive->a, PF, 0x4a, 0x01, 0x00, 0x04, 0, 0, 0, 0x20), 11, 5);
}

static void a_page_that_follows_the_drive_is_compared_with_the_drive(void **state)
{
	struct drive *drive = *state;
	drive->state = 6;
	assert_parameter_field(SELECT(drive->a, PF, 0x2a, 0x06, 0, 0, 0, 0, 0, 0), 6, 2);
	assert_good(SELECT(drive->a, PF, 0x2a, 0x06, 6, 0, 0, 0, 0, 0));
	assert_int_equal(drive->b->attentions, 0);
}

static void a_value_the_page_refuses_is_pointed_to(void **state)
{
	struct drive *drive = *state;
	assert_parameter_field(SELECT(drive->a, PF, RECOVERY(0, 0x21)), 7, 7);
	assert_int_equal(retries(drive), 0x08);
}

static void nothing_changes_when_a_later_page_is_wrong(void **state)
{
	struct drive *drive = *state;
	assert_parameter_field(SELECT(drive->a, PF, RECOVERY(0, 0x11), CONTROL(0x80)), 18, 7);
	assert_int_equal(retries(drive), 0x08);
	assert_int_equal(drive->b->attentions, 0);
	assert_int_equal(drive->remembered, 0);
}

static void the_other_nexus_is_told_of_a_change(void **state)
{
	struct drive *drive = *state;
	assert_good(SELECT(drive->a, PF, RECOVERY(0, 0x11)));
	assert_good(send_none(drive->a, CDB(0x00)));
	assert_sense(send_none(drive->b, CDB(0x00)), SENSE_MODE_PARAMETERS_CHANGED);
	assert_int_equal(drive->remembered, 2); /* the change, and that b was told */
}

static void nobody_is_told_when_nothing_changed(void **state)
{
	struct drive *drive = *state;
	assert_good(SELECT(drive->a, PF, RECOVERY(0, 8), CONTROL(0), EXTENSION(0x55)));
	assert_int_equal(drive->b->attentions, 0);
	assert_int_equal(drive->remembered, 0);
}

static void nobody_is_told_of_a_change_and_back_in_one_list(void **state)
{
	struct drive *drive = *state;
	assert_good(SELECT(drive->a, PF, RECOVERY(0, 9), RECOVERY(0, 8)));
	assert_int_equal(drive->b->attentions, 0);
	assert_int_equal(retries(drive), 8);
}

static void the_last_of_a_page_given_twice_counts(void **state)
{
	struct drive *drive = *state;
	assert_good(SELECT(drive->a, PF, RECOVERY(0, 9), RECOVERY(0, 10)));
	assert_int_equal(retries(drive), 10);
}

static void sp_with_a_page_that_is_not_savable_is_refused_and_changes_nothing(void **state)
{
	struct drive *drive = *state;
	assert_cdb_field(SELECT(drive->a, PF | SP, RECOVERY(0, 0x11), CONTROL(0x04)), 1, 0);
	assert_int_equal(retries(drive), 0x08);
	assert_false(drive->lu.mode.d_sense);
}

struct collected {
	uint8_t page[SCSI_MODE_PAGE_MAX];
	unsigned count;
};

static void collect(void *context, const uint8_t *page, size_t length)
{
	struct collected *collected = context;
	memcpy(collected->page, page, length);
	collected->count++;
}

static void sp_is_answered_when_the_library_has_saved(void **state)
{
	struct drive *drive = *state;
	struct collected collected = {0};
	struct request *request = SELECT(drive->a, PF | SP, RECOVERY(0, 0x11));
	assert_int_equal(request->completed, 0);
	assert_int_equal(drive->requested, LIBRARY_SAVE_MODE_PAGES);
	scsi_mode_each_savable(&drive->lu, collect, &collected);
	assert_int_equal(collected.count, 1);
	assert_int_equal(collected.page[3], 0x11);
	assert_int_equal(drive->lu.mode.saved[0][3], 0x08);
	scsi_mode_saved(&drive->lu);
	assert_int_equal(drive->lu.mode.saved[0][3], 0x11);
	assert_true(library_answers(drive, SENSE_NONE));
	assert_good(request);
}

static void a_change_during_the_commit_is_not_saved(void **state)
{
	struct drive *drive = *state;
	struct collected collected = {0};
	SELECT(drive->a, PF | SP, RECOVERY(0, 0x11));
	scsi_mode_each_savable(&drive->lu, collect, &collected);
	assert_sense(SELECT(drive->b, PF, RECOVERY(0, 0x12)), SENSE_MODE_PARAMETERS_CHANGED);
	assert_good(SELECT(drive->b, PF, RECOVERY(0, 0x12)));
	scsi_mode_saved(&drive->lu);
	assert_int_equal(drive->lu.mode.saved[0][3], 0x11);
	assert_int_equal(retries(drive), 0x12);
	library_answers(drive, SENSE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(a_page_is_changed),
		drive_test(select_10_has_a_longer_header),
		drive_test(a_page_goes_back_as_mode_sense_gave_it),
		drive_test(a_block_descriptor_is_stepped_over),
		drive_test(other_block_descriptor_lengths_are_refused),
		drive_test(an_empty_list_is_good),
		drive_test(vendor_format_is_refused),
		drive_test(a_list_cut_off_anywhere_is_a_length_error),
		drive_test(fewer_bytes_than_the_list_length_are_a_length_error),
		drive_test(more_bytes_than_the_list_length_are_not_looked_at),
		drive_test(a_list_longer_than_all_pages_is_a_length_error),
		drive_test(an_unknown_page_is_pointed_to),
		drive_test(a_wrong_page_length_is_pointed_to),
		drive_test(the_subpage_format_of_a_page_without_subpages_is_refused),
		drive_test(a_bit_that_may_not_change_is_pointed_to),
		drive_test(a_page_that_follows_the_drive_is_compared_with_the_drive),
		drive_test(a_value_the_page_refuses_is_pointed_to),
		drive_test(nothing_changes_when_a_later_page_is_wrong),
		drive_test(the_other_nexus_is_told_of_a_change),
		drive_test(nobody_is_told_when_nothing_changed),
		drive_test(nobody_is_told_of_a_change_and_back_in_one_list),
		drive_test(the_last_of_a_page_given_twice_counts),
		drive_test(sp_with_a_page_that_is_not_savable_is_refused_and_changes_nothing),
		drive_test(sp_is_answered_when_the_library_has_saved),
		drive_test(a_change_during_the_commit_is_not_saved),
	};
	return cmocka_run_group_tests_name("scsi/mode-select", tests, NULL, NULL);
}
