/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "scsi/sense.h"
#include "util/bytes.h"

static uint8_t buffer[SCSI_SENSE_MAX];

static size_t encode(struct scsi_sense sense, bool descriptor)
{
	memset(buffer, 0xee, sizeof buffer);
	return scsi_sense_encode(&sense, descriptor, buffer);
}

static void assert_zero(size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		assert_int_equal(buffer[i], 0);
}

static void fixed_format_has_key_asc_and_length(void **state)
{
	size_t length = encode((struct scsi_sense){.code = SENSE_NO_MEDIUM_TRAY_OPEN}, false);
	assert_int_equal(length, 18);
	assert_int_equal(buffer[0], 0x70);
	assert_int_equal(buffer[2], 0x02);
	assert_int_equal(buffer[7], 10);
	assert_int_equal(buffer[12], 0x3a);
	assert_int_equal(buffer[13], 0x02);
	assert_zero(14, sizeof buffer);
}

static void descriptor_format_without_descriptors_is_eight_bytes(void **state)
{
	size_t length = encode((struct scsi_sense){.code = SENSE_MEDIUM_CHANGED}, true);
	assert_int_equal(length, 8);
	assert_memory_equal(buffer, "\x72\x06\x28\x00", 4);
	assert_zero(4, sizeof buffer);
}

static void a_zeroed_sense_is_no_sense(void **state)
{
	encode((struct scsi_sense){0}, false);
	assert_int_equal(buffer[2] | buffer[12] | buffer[13], 0);
}

static void fixed_field_pointer_into_the_cdb(void **state)
{
	encode((struct scsi_sense){.code = SENSE_INVALID_FIELD_IN_CDB,
		       .field_valid = true,
		       .field_in_cdb = true,
		       .bit_valid = true,
		       .bit = 6,
		       .field = 0x102},
		false);
	assert_memory_equal(buffer + 15, "\xce\x01\x02", 3);
}

static void fixed_field_pointer_into_the_parameter_list_without_bit(void **state)
{
	encode((struct scsi_sense){.code = SENSE_INVALID_FIELD_IN_PARAMETERS,
		       .field_valid = true,
		       .bit = 5,
		       .field = 9},
		false);
	assert_memory_equal(buffer + 15, "\x80\x00\x09", 3);
}

static void fixed_progress(void **state)
{
	encode(
		(struct scsi_sense){
			.code = SENSE_BECOMING_READY, .progress_valid = true, .progress = 0x8001},
		false);
	assert_memory_equal(buffer + 15, "\x80\x80\x01", 3);
}

static void fixed_information_up_to_32_bits(void **state)
{
	encode((struct scsi_sense){.code = SENSE_UNRECOVERED_READ_ERROR,
		       .information_valid = true,
		       .information = UINT32_MAX},
		false);
	assert_int_equal(buffer[0], 0xf0);
	assert_int_equal(get_be32(buffer + 3), UINT32_MAX);
}

static void fixed_information_beyond_32_bits_is_not_valid(void **state)
{
	encode((struct scsi_sense){.code = SENSE_UNRECOVERED_READ_ERROR,
		       .information_valid = true,
		       .information = 1ull << 32},
		false);
	assert_int_equal(buffer[0], 0x70);
	assert_int_equal(get_be32(buffer + 3), 0);
}

static void fixed_stream_bits_stand_beside_the_key(void **state)
{
	struct scsi_sense sense = {.code = SENSE_WRITE_PROTECTED};
	sense.filemark = true;
	encode(sense, false);
	assert_int_equal(buffer[2], 0x87);
	sense = (struct scsi_sense){.code = SENSE_WRITE_PROTECTED, .end_of_medium = true};
	encode(sense, false);
	assert_int_equal(buffer[2], 0x47);
	sense = (struct scsi_sense){.code = SENSE_WRITE_PROTECTED, .incorrect_length = true};
	encode(sense, false);
	assert_int_equal(buffer[2], 0x27);
}

static void a_negative_residue_is_in_both_formats(void **state)
{
	uint8_t encoded[SCSI_SENSE_MAX];
	const struct scsi_sense residue = {.code = SENSE_INCORRECT_LENGTH,
		.information_valid = true,
		.information = (uint64_t)-200};
	scsi_sense_encode(&residue, false, encoded);
	assert_int_equal(encoded[0], 0xf0);
	assert_memory_equal(encoded + 3, "\xff\xff\xff\x38", 4);
	scsi_sense_encode(&residue, true, encoded);
	assert_memory_equal(encoded + 12, "\xff\xff\xff\xff\xff\xff\xff\x38", 8);
}

static void descriptor_information_has_64_bits(void **state)
{
	size_t length = encode((struct scsi_sense){.code = SENSE_UNRECOVERED_READ_ERROR,
				       .information_valid = true,
				       .information = 0x123456789abcull},
		true);
	assert_int_equal(length, 20);
	assert_int_equal(buffer[7], 12);
	assert_memory_equal(buffer + 8, "\x00\x0a\x80\x00", 4);
	assert_int_equal(get_be64(buffer + 12), 0x123456789abcull);
}

static void descriptor_field_pointer(void **state)
{
	size_t length = encode((struct scsi_sense){.code = SENSE_INVALID_FIELD_IN_CDB,
				       .field_valid = true,
				       .field_in_cdb = true,
				       .bit_valid = true,
				       .bit = 0,
				       .field = 4},
		true);
	assert_int_equal(length, 16);
	assert_memory_equal(buffer + 8, "\x02\x06\x00\x00\xc8\x00\x04\x00", 8);
}

static void descriptor_stream_bits(void **state)
{
	size_t length =
		encode((struct scsi_sense){.filemark = true, .incorrect_length = true}, true);
	assert_int_equal(length, 12);
	assert_memory_equal(buffer + 8, "\x04\x02\x00\xa0", 4);
}

static void all_descriptors_follow_each_other(void **state)
{
	size_t length = encode((struct scsi_sense){.code = SENSE_BECOMING_READY,
				       .information_valid = true,
				       .information = 1,
				       .progress_valid = true,
				       .progress = 7,
				       .end_of_medium = true},
		true);
	assert_int_equal(length, 32);
	assert_int_equal(buffer[7], 24);
	assert_int_equal(buffer[20], 0x02);
	assert_memory_equal(buffer + 24, "\x80\x00\x07", 3);
	assert_memory_equal(buffer + 28, "\x04\x02\x00\x40", 4);
}

static void every_code_has_a_text_and_pseudo_codes_have_no_sense(void **state)
{
	for (int code = 0; code < SENSE_CODE_COUNT; code++)
		assert_true(strlen(scsi_sense_text((enum scsi_sense_code)code)) > 0);
	assert_int_equal(scsi_sense_key(SCSI_PENDING), 0);
	assert_int_equal(scsi_sense_asc(SCSI_TASK_ABORTED), 0);
	assert_int_equal(scsi_sense_ascq((enum scsi_sense_code)9999), 0);
}

/* But for the one whose bits say it all (ILI), and whose code must not be GOOD. */
static void no_two_codes_are_the_same(void **state)
{
	for (int a = 0; a < SENSE_CODE_COUNT; a++) {
		for (int b = a == SENSE_INCORRECT_LENGTH ? a : 0; b < a; b++) {
			enum scsi_sense_code x = (enum scsi_sense_code)a;
			enum scsi_sense_code y = (enum scsi_sense_code)b;
			assert_false(scsi_sense_key(x) == scsi_sense_key(y) &&
				     scsi_sense_asc(x) == scsi_sense_asc(y) &&
				     scsi_sense_ascq(x) == scsi_sense_ascq(y));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_format_has_key_asc_and_length),
		cmocka_unit_test(descriptor_format_without_descriptors_is_eight_bytes),
		cmocka_unit_test(a_zeroed_sense_is_no_sense),
		cmocka_unit_test(fixed_field_pointer_into_the_cdb),
		cmocka_unit_test(fixed_field_pointer_into_the_parameter_list_without_bit),
		cmocka_unit_test(fixed_progress),
		cmocka_unit_test(fixed_information_up_to_32_bits),
		cmocka_unit_test(fixed_information_beyond_32_bits_is_not_valid),
		cmocka_unit_test(fixed_stream_bits_stand_beside_the_key),
		cmocka_unit_test(a_negative_residue_is_in_both_formats),
		cmocka_unit_test(descriptor_information_has_64_bits),
		cmocka_unit_test(descriptor_field_pointer),
		cmocka_unit_test(descriptor_stream_bits),
		cmocka_unit_test(all_descriptors_follow_each_other),
		cmocka_unit_test(every_code_has_a_text_and_pseudo_codes_have_no_sense),
		cmocka_unit_test(no_two_codes_are_the_same),
	};
	return cmocka_run_group_tests_name("scsi/sense", tests, NULL, NULL);
}
