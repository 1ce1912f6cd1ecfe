/* SPDX-License-Identifier: Apache-2.0 */
/* What hosts were last told: a round trip, and records that were damaged. */
#include "support.h"

#include <stdio.h>

#include "drive.h"

struct record {
	uint8_t bytes[SCSI_TOLD_MAX];
	size_t length;
};

enum { FIRST_PAGE = 50, SECOND_FLAGS_FROM_END = 5 };

static void select_d_sense(struct scsi_nexus *nexus)
{
	const uint8_t list[] = {0, 0, 0, 0, 0x0a, 0x0a, 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	assert_good(send_out(nexus, CDB(0x15, 0x10, 0, 0, sizeof list), list, sizeof list));
}

/* Something of everything: a holds PREVENT and the reservation, b has a pending 28/00. */
static void tell(struct drive *drive)
{
	assert_good(send_none(drive->a, CDB(0x1e, 0, 0, 0, 1)));
	assert_good(send_none(drive->b, CDB(0x1e, 0, 0, 0, 3)));
	select_d_sense(drive->b);
	assert_good(send_none(drive->b, CDB(0x03)));
	assert_good(send_none(drive->a, CDB(0x03)));
	assert_good(send_none(drive->a, CDB(0x16)));
	scsi_attention_raise(&drive->b->attentions, ATTENTION_MEDIUM_CHANGED);
	drive->state = 3;
	*(uint8_t *)drive->a->device = 7;
	*(uint8_t *)drive->b->device = 8;
}

static void encode(struct drive *drive, struct record *ret)
{
	ret->length = scsi_told_encode(&drive->lu, ret->bytes, sizeof ret->bytes);
	assert_true(ret->length > 0);
}

static struct record *told_record(struct drive *drive)
{
	struct record *record = calloc(1, sizeof *record);
	assert_non_null(record);
	tell(drive);
	encode(drive, record);
	return record;
}

static void assert_new(const struct drive *drive)
{
	const struct scsi_nexus *nexuses[] = {drive->a, drive->b};
	assert_null(drive->lu.reserved_by);
	assert_false(drive->lu.mode.d_sense);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(nexuses[i]->attentions, 1u << ATTENTION_POWER_ON);
		assert_false(nexuses[i]->prevent || nexuses[i]->prevent_persistent);
		assert_int_equal(*(const uint8_t *)nexuses[i]->device, 1);
	}
	for (int i = 0; i < 4; i++) {
		const struct scsi_mode_page *row = &test_type.mode_pages[i];
		assert_memory_equal(drive->lu.mode.saved[i], row->defaults, row->length);
		assert_memory_equal(drive->lu.mode.current[i], row->defaults, row->length);
	}
}

static void a_restarted_daemon_knows_everything(void **state)
{
	struct record *record = told_record(*state);
	struct drive *again = drive_create();
	assert_true(scsi_told_decode(&again->lu, record->bytes, record->length));
	assert_int_equal(again->a->attentions, 0);
	assert_int_equal(again->b->attentions, 1u << ATTENTION_MEDIUM_CHANGED);
	assert_true(again->a->prevent);
	assert_false(again->a->prevent_persistent);
	assert_true(again->b->prevent_persistent);
	assert_ptr_equal(again->lu.reserved_by, again->a);
	assert_true(again->lu.mode.d_sense);
	assert_int_equal(again->state, 3);
	assert_int_equal(*(uint8_t *)again->a->device, 7);
	assert_int_equal(*(uint8_t *)again->b->device, 8);
	drive_destroy(again);
	free(record);
}

static void encoding_what_was_decoded_is_the_same_record(void **state)
{
	struct record *record = told_record(*state), *second = calloc(1, sizeof *second);
	struct drive *again = drive_create();
	assert_true(scsi_told_decode(&again->lu, record->bytes, record->length));
	encode(again, second);
	assert_int_equal(record->length, second->length);
	assert_memory_equal(record->bytes, second->bytes, record->length);
	drive_destroy(again);
	free(second);
	free(record);
}

static void saved_mode_pages_stay_the_catalogs(void **state)
{
	struct record *record = told_record(*state);
	struct drive *again = drive_create();
	assert_true(scsi_told_decode(&again->lu, record->bytes, record->length));
	for (int i = 0; i < 4; i++)
		assert_memory_equal(again->lu.mode.saved[i], test_type.mode_pages[i].defaults,
			test_type.mode_pages[i].length);
	drive_destroy(again);
	free(record);
}

static void a_nexus_the_record_does_not_know_is_new(void **state)
{
	struct record *record = told_record(*state);
	struct drive *again = drive_create();
	struct scsi_nexus *third = scsi_nexus_create(&again->lu, "ab");
	assert_true(scsi_told_decode(&again->lu, record->bytes, record->length));
	assert_int_equal(third->attentions, 1u << ATTENTION_POWER_ON);
	scsi_nexus_destroy(third);
	drive_destroy(again);
	free(record);
}

static void a_nexus_that_is_gone_is_dropped(void **state)
{
	struct record *record = told_record(*state);
	struct drive *again = drive_create();
	scsi_nexus_destroy(again->a);
	again->a = scsi_nexus_create(&again->lu, "other");
	assert_true(scsi_told_decode(&again->lu, record->bytes, record->length));
	assert_null(again->lu.reserved_by);
	assert_int_equal(again->b->attentions, 1u << ATTENTION_MEDIUM_CHANGED);
	drive_destroy(again);
	free(record);
}

static void a_record_of_another_drive_is_refused(void **state)
{
	struct record *record = told_record(*state);
	struct drive *again = drive_create();
	snprintf(again->lu.serial, sizeof again->lu.serial, "SN0002");
	assert_false(scsi_told_decode(&again->lu, record->bytes, record->length));
	assert_new(again);
	drive_destroy(again);
	free(record);
}

/* Of the logical unit alone. */
static size_t bare_length(void)
{
	struct drive *drive = drive_create();
	uint8_t bytes[SCSI_TOLD_MAX];
	scsi_nexus_destroy(drive->a);
	scsi_nexus_destroy(drive->b);
	drive->a = drive->b = NULL;
	size_t length = scsi_told_encode(&drive->lu, bytes, sizeof bytes);
	drive_destroy(drive);
	return length;
}

static void a_buffer_too_small_for_the_logical_unit_is_refused(void **state)
{
	struct drive *drive = *state;
	uint8_t small[SCSI_TOLD_MAX];
	size_t bare = bare_length();
	assert_true(bare > FIRST_PAGE);
	for (size_t capacity = 0; capacity < bare; capacity++)
		assert_int_equal(scsi_told_encode(&drive->lu, small, capacity), 0);
	assert_int_equal(scsi_told_encode(&drive->lu, small, bare), bare);
}

/* Whoever finds no room is new after a restart; the others are as they were. */
static void nexuses_that_find_no_room_are_left_out(void **state)
{
	struct drive *drive = *state;
	uint8_t small[SCSI_TOLD_MAX];
	struct record *record = told_record(drive);
	size_t length = scsi_told_encode(&drive->lu, small, record->length - 1);
	assert_in_range(length, bare_length() + 1, record->length - 1);
	assert_int_equal(scsi_told_encode(&drive->lu, small, record->length), record->length);

	struct drive *again = drive_create();
	length = scsi_told_encode(&drive->lu, small, record->length - 1);
	assert_true(scsi_told_decode(&again->lu, small, length));
	assert_ptr_equal(again->lu.reserved_by, again->a);
	assert_int_equal(again->b->attentions, 1u << ATTENTION_POWER_ON);
	drive_destroy(again);
	free(record);
}

/* In memory of exactly its length, so that a read past the end is seen by AddressSanitizer. */
static bool decode_exactly(struct drive *drive, const uint8_t *bytes, size_t length)
{
	uint8_t *exact = malloc(length ? length : 1);
	assert_non_null(exact);
	memcpy(exact, bytes, length);
	bool result = scsi_told_decode(&drive->lu, exact, length);
	free(exact);
	return result;
}

static void a_record_cut_off_anywhere_leaves_a_new_drive(void **state)
{
	struct record *record = told_record(*state);
	struct drive *again = drive_create();
	for (size_t length = 0; length < record->length; length++) {
		assert_false(decode_exactly(again, record->bytes, length));
		assert_new(again);
	}
	drive_destroy(again);
	free(record);
}

static void a_longer_record_leaves_a_new_drive(void **state)
{
	struct record *record = told_record(*state);
	struct drive *again = drive_create();
	assert_false(decode_exactly(again, record->bytes, record->length + 1));
	assert_new(again);
	drive_destroy(again);
	free(record);
}

/* Either it is still a record that we could have written, or nothing of it was taken over. */
static void a_flipped_bit_anywhere_is_refused_whole_or_makes_sense(void **state)
{
	struct record *record = told_record(*state);
	unsigned refused = 0;
	for (size_t bit = 0; bit < record->length * 8; bit++) {
		struct drive *again = drive_create();
		record->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (decode_exactly(again, record->bytes, record->length)) {
			assert_true(again->a->attentions < 1u << ATTENTION_COUNT);
			assert_true(scsi_mode_current(&again->lu, 0x01, 0)[3] <= 0x20);
			assert_true(again->state <= 9);
		} else {
			assert_new(again);
			refused++;
		}
		record->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		drive_destroy(again);
	}
	assert_true(refused > FIRST_PAGE * 8); /* the header, and then some */
	free(record);
}

static void unknown_flags_and_an_odd_end_are_refused(void **state)
{
	struct record *record = told_record(*state);
	struct drive *again = drive_create();
	uint8_t *flags = record->bytes + record->length - SECOND_FLAGS_FROM_END;
	assert_int_equal(*flags, 2); /* b holds 11b */
	*flags |= 0x80;
	assert_false(decode_exactly(again, record->bytes, record->length));
	assert_new(again);
	*flags = 2 | 4; /* both hold the reservation */
	assert_false(decode_exactly(again, record->bytes, record->length));
	assert_new(again);
	*flags = 2;
	record->bytes[record->length - 1] = 2;
	assert_false(decode_exactly(again, record->bytes, record->length));
	assert_new(again);
	drive_destroy(again);
	free(record);
}

static void a_mode_value_that_select_refuses_is_refused(void **state)
{
	struct record *record = told_record(*state);
	struct drive *again = drive_create();
	assert_int_equal(record->bytes[FIRST_PAGE], 12);
	assert_int_equal(record->bytes[FIRST_PAGE + 1], 0x01);
	record->bytes[FIRST_PAGE + 1 + 3] = 0x21;
	assert_false(decode_exactly(again, record->bytes, record->length));
	assert_new(again);
	drive_destroy(again);
	free(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(a_restarted_daemon_knows_everything),
		drive_test(encoding_what_was_decoded_is_the_same_record),
		drive_test(saved_mode_pages_stay_the_catalogs),
		drive_test(a_nexus_the_record_does_not_know_is_new),
		drive_test(a_nexus_that_is_gone_is_dropped),
		drive_test(a_record_of_another_drive_is_refused),
		drive_test(a_buffer_too_small_for_the_logical_unit_is_refused),
		drive_test(nexuses_that_find_no_room_are_left_out),
		drive_test(a_record_cut_off_anywhere_leaves_a_new_drive),
		drive_test(a_longer_record_leaves_a_new_drive),
		drive_test(a_flipped_bit_anywhere_is_refused_whole_or_makes_sense),
		drive_test(unknown_flags_and_an_odd_end_are_refused),
		drive_test(a_mode_value_that_select_refuses_is_refused),
	};
	return cmocka_run_group_tests_name("scsi/told", tests, NULL, NULL);
}
