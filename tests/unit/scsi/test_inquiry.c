/* SPDX-License-Identifier: Apache-2.0 */
/* INQUIRY, its vital product data, and REPORT LUNS: shapes and allocation lengths. */
#include "support.h"

#include "drive.h"
#include "util/bytes.h"

static struct request *inquiry(struct drive *drive, uint8_t evpd, uint8_t page, uint8_t length)
{
	return send_in(drive->a, CDB(0x12, evpd, page, 0, length), 252);
}

static void standard_data(void **state)
{
	struct request *request = inquiry(*state, 0, 0, 252);
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 96);
	assert_memory_equal(request->data, "\x05\x80\x06\x02\x5b\x00\x00\x02", 8);
	assert_memory_equal(request->data + 8, "CAROUSELTest            1   ", 28);
	assert_int_equal(get_be16(request->data + 58), 0x0460);
	assert_int_equal(get_be16(request->data + 60), 0x04c0);
	assert_int_equal(get_be16(request->data + 62), 0);
	assert_untouched_from(request, 96);
}

static void standard_data_stops_at_the_allocation_length(void **state)
{
	struct request *request = inquiry(*state, 0, 0, 36);
	assert_int_equal(request->cmd.data_in_done, 36);
	assert_int_equal(request->data[4], 91); /* ADDITIONAL LENGTH is not adjusted */
	assert_untouched_from(request, 36);
}

static void an_allocation_length_of_zero_is_good(void **state)
{
	struct request *request = inquiry(*state, 0, 0, 0);
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 0);
	assert_untouched_from(request, 0);
}

static void the_allocation_length_has_two_bytes(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0x12, 0, 0, 1, 0), 252);
	assert_int_equal(request->cmd.data_in_done, 96);
}

static void a_short_buffer_is_not_overrun(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0x12, 0, 0, 0, 96), 7);
	assert_int_equal(request->cmd.data_in_done, 7);
	assert_untouched_from(request, 7);
}

static void a_page_code_without_evpd_is_refused(void **state)
{
	assert_cdb_field(inquiry(*state, 0, 0x80, 252), 2, 7);
}

static void an_unknown_page_is_refused(void **state)
{
	assert_cdb_field(inquiry(*state, 1, 0x81, 252), 2, 7);
}

static void page_00_lists_the_rows(void **state)
{
	struct request *request = inquiry(*state, 1, 0, 252);
	assert_int_equal(request->cmd.data_in_done, 7);
	assert_memory_equal(request->data, "\x05\x00\x00\x03\x00\x80\x83", 7);
}

static void page_80_is_the_serial_number(void **state)
{
	struct request *request = inquiry(*state, 1, 0x80, 252);
	assert_int_equal(request->cmd.data_in_done, 10);
	assert_memory_equal(request->data, "\x05\x80\x00\x06SN0001", 10);
}

static void page_83_has_two_designators_of_the_unit_and_one_of_the_port(void **state)
{
	struct request *request = inquiry(*state, 1, 0x83, 252);
	const uint8_t *vendor = request->data + 4, *naa = vendor + 4 + 30;
	assert_int_equal(get_be16(request->data + 2), 4 + 30 + 4 + 8 + 4 + 4);
	assert_int_equal(request->cmd.data_in_done, 58);
	assert_memory_equal(vendor, "\x02\x01\x00\x1e", 4);
	assert_memory_equal(vendor + 4, "CAROUSELTest            SN0001", 30);
	assert_memory_equal(naa, "\x01\x03\x00\x08", 4);
	assert_int_equal(naa[4] >> 4, 3);
	assert_memory_equal(naa + 12, "\x61\x94\x00\x04\0\0\0\x01", 8);
}

static void the_target_port_is_the_nexuses_own(void **state)
{
	struct drive *drive = *state;
	struct scsi_port port;
	scsi_port_iscsi(&port, "iqn.a", (const uint8_t[SCSI_ISID_LENGTH]){0}, 0x0203);
	scsi_nexus_set_port(drive->a, &port);
	struct request *request = inquiry(drive, 1, 0x83, 252);
	assert_memory_equal(request->data + 50, "\x51\x94\x00\x04\0\0\x02\x03", 8);
}

/* At byte 58, behind the relative target port identifier. */
static const uint8_t *name_string(struct drive *drive, const char *target, uint16_t group)
{
	scsi_nexus_set_target_name(drive->a, target, group);
	return send_in(drive->a, CDB(0x12, 1, 0x83, 2, 0), 512)->data;
}

static void a_target_port_of_iscsi_has_a_name_string(void **state)
{
	static const char name[] = "iqn.2001-04.com.example:dvd,t,0x0001";
	const uint8_t *page = name_string(*state, "iqn.2001-04.com.example:DVD", 1);
	assert_memory_equal(page + 50, "\x51\x94\x00\x04\0\0\0\x01", 8); /* iSCSI here, too */
	assert_memory_equal(page + 58, "\x53\x98\x00\x28", 4);
	assert_memory_equal(page + 62, name, sizeof name);
	assert_int_equal(get_be16(page + 2), 54 + 4 + 40);
}

static void a_name_string_is_padded_to_a_multiple_of_four(void **state)
{
	char target[] = "iqn.2001-04.com.example:dvd";
	for (size_t length = strlen(target); length > 10; length--) {
		target[length] = '\0';
		const uint8_t *page = name_string(*state, target, 0x0a0b);
		size_t size = length + strlen(",t,0x0a0b"), padded = page[61];
		assert_int_equal(padded % 4, 0);
		assert_in_range(padded, size + 1, size + 4);
		assert_memory_equal(page + 62 + size - 9, ",t,0x0a0b", 10);
		for (size_t i = size; i < padded; i++)
			assert_int_equal(page[62 + i], 0);
		assert_int_equal(get_be16(page + 2), 54 + 4 + padded);
	}
}

static void the_longest_name_string_is_whole(void **state)
{
	struct drive *drive = *state;
	char target[SCSI_TRANSPORT_NAME_MAX + 8];
	memset(target, 'x', sizeof target - 1);
	target[sizeof target - 1] = '\0';
	const uint8_t *page = name_string(drive, target, 0xffff);
	assert_int_equal(page[61], 236);
	assert_memory_equal(page + 62 + 223, ",t,0xffff\0\0\0\0", 13);
	assert_int_equal(get_be16(page + 2), 54 + 4 + 236);
	assert_int_equal(inquiry(drive, 1, 0x83, 252)->cmd.data_in_done, 252);
}

static void report_luns_lists_lun_0(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16), 16);
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 16);
	assert_memory_equal(request->data, "\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0", 16);
}

static void report_luns_has_no_well_known_ones(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0xa0, 0, 1, 0, 0, 0, 0, 0, 1, 0), 256);
	assert_int_equal(request->cmd.data_in_done, 8);
	assert_memory_equal(request->data, "\0\0\0\0\0\0\0\0", 8);
}

static void report_luns_refuses_other_reports_and_short_allocation(void **state)
{
	struct drive *drive = *state;
	assert_cdb_field(send_in(drive->a, CDB(0xa0, 0, 3, 0, 0, 0, 0, 0, 0, 16), 16), 2, 7);
	assert_cdb_field(send_in(drive->a, CDB(0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 15), 16), 6, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(standard_data),
		drive_test(standard_data_stops_at_the_allocation_length),
		drive_test(an_allocation_length_of_zero_is_good),
		drive_test(the_allocation_length_has_two_bytes),
		drive_test(a_short_buffer_is_not_overrun),
		drive_test(a_page_code_without_evpd_is_refused),
		drive_test(an_unknown_page_is_refused),
		drive_test(page_00_lists_the_rows),
		drive_test(page_80_is_the_serial_number),
		drive_test(page_83_has_two_designators_of_the_unit_and_one_of_the_port),
		drive_test(the_target_port_is_the_nexuses_own),
		drive_test(a_target_port_of_iscsi_has_a_name_string),
		drive_test(a_name_string_is_padded_to_a_multiple_of_four),
		drive_test(the_longest_name_string_is_whole),
		drive_test(report_luns_lists_lun_0),
		drive_test(report_luns_has_no_well_known_ones),
		drive_test(report_luns_refuses_other_reports_and_short_allocation),
	};
	return cmocka_run_group_tests_name("scsi/inquiry", tests, NULL, NULL);
}
