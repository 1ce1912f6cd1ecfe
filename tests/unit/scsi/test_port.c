/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TransportIDs (SPC-4 7.6.4). Evidence for the layouts, read beside the standard's text: LIO's
 * target_core_fabric_lib.c (iscsi_get_pr_transport_id, sas_get_pr_transport_id) and sg3_utils'
 * sg_lib decoder agree on protocol 5h with ",i,0x", NUL padded to four and at least 20 bytes, and
 * on protocol 6h with the address at byte 4 of 24.
 */
#include "support.h"

#include <string.h>

#include "scsi/port.h"
#include "util/bytes.h"

static const uint8_t isid[] = {0x00, 0x02, 0x3d, 0x00, 0x00, 0x0a};

static size_t make(uint8_t *ret, unsigned first, const char *text, size_t padded)
{
	memset(ret, 0, 4 + padded);
	ret[0] = (uint8_t)first;
	put_be16(ret + 2, (uint16_t)padded);
	memcpy(ret + 4, text, strlen(text));
	return 4 + padded;
}

static void an_iscsi_port_has_name_and_isid(void **state)
{
	struct scsi_port port;
	char text[300];
	scsi_port_iscsi(&port, "iqn.2001-04.com.example:Host", isid, 7);
	assert_int_equal(port.id[0], 0x45);
	assert_int_equal(port.length % 4, 0);
	assert_int_equal(get_be16(port.id + 2), port.length - 4);
	assert_string_equal(
		(const char *)port.id + 4, "iqn.2001-04.com.example:host,i,0x00023d00000a");
	assert_int_equal(port.target, 7);
	scsi_port_text(&port, text, sizeof text);
	assert_string_equal(text, "iqn.2001-04.com.example:host,i,0x00023d00000a");
}

static void a_sas_port_has_an_address(void **state)
{
	struct scsi_port port;
	char text[40];
	scsi_port_sas(&port, 0x5001405123456789u, 1);
	const uint8_t expected[24] = {6, 0, 0, 0, 0x50, 0x01, 0x40, 0x51, 0x23, 0x45, 0x67, 0x89};
	assert_int_equal(port.length, 24);
	assert_memory_equal(port.id, expected, 24);
	scsi_port_text(&port, text, sizeof text);
	assert_string_equal(text, "naa.5001405123456789");
}

static void what_we_make_is_what_we_parse(void **state)
{
	struct scsi_port made, parsed;
	char name[SCSI_TRANSPORT_NAME_MAX] = "iqn.";
	for (size_t length = 5; length < sizeof name; length++) {
		name[length - 1] = 'x';
		scsi_port_iscsi(&made, name, isid, 3);
		assert_int_equal(scsi_port_parse(made.id, made.length, 3, &parsed), made.length);
		assert_true(scsi_port_equal(&made, &parsed));
	}
	scsi_port_sas(&made, 42, 3);
	assert_int_equal(scsi_port_parse(made.id, made.length, 3, &parsed), 24);
	assert_true(scsi_port_equal(&made, &parsed));
}

/* One host with a name of its own kind must not make the record of all others unreadable. */
static void whatever_logs_in_can_be_read_again(void **state)
{
	static const char *const names[] = {"host1", "x", "abc.def", "IQN.a:b", "~!#$%^&*()"};
	struct scsi_port made, parsed;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		scsi_port_iscsi(&made, names[i], isid, 3);
		assert_int_equal(scsi_port_parse(made.id, made.length, 3, &parsed), made.length);
		assert_true(scsi_port_equal(&made, &parsed));
	}
}

static void ports_of_two_targets_differ(void **state)
{
	struct scsi_port a, b;
	scsi_port_iscsi(&a, "iqn.a", isid, 2);
	scsi_port_iscsi(&b, "iqn.a", isid, 3);
	assert_false(scsi_port_equal(&a, &b));
}

static void spellings_of_one_port_are_equal(void **state)
{
	uint8_t id[252];
	struct scsi_port made, parsed;
	scsi_port_iscsi(&made, "iqn.a:host", isid, 2);
	size_t length = make(id, 0x45, "IQN.A:Host,i,0x23D00000A", 40);
	assert_int_equal(scsi_port_parse(id, length, 2, &parsed), 44);
	assert_true(scsi_port_equal(&made, &parsed));
}

static void a_name_alone_is_a_device(void **state)
{
	uint8_t id[252];
	struct scsi_port device, port, longer;
	size_t length = make(id, 0x05, "iqn.a:host", 20);
	assert_int_equal(scsi_port_parse(id, length, 2, &device), 24);
	assert_true(scsi_port_is_device(&device));
	scsi_port_iscsi(&port, "iqn.a:host", isid, 2);
	scsi_port_iscsi(&longer, "iqn.a:host2", isid, 2);
	assert_false(scsi_port_is_device(&port));
	assert_true(scsi_port_belongs_to(&port, &device));
	assert_false(scsi_port_belongs_to(&longer, &device));
	port.target = 3;
	assert_false(scsi_port_belongs_to(&port, &device));
}

static void whatever_else_is_refused(void **state)
{
	static const struct {
		unsigned first;
		const char *text;
		size_t padded;
	} bad[] = {
		{0x45, "iqn.a:host,i,0x1", 16},              /* less than 20 */
		{0x45, "iqn.a:host,i,0x1", 22},              /* not a multiple of four */
		{0x45, "iqn.a:host,i,0x1", 248},             /* longer than any name */
		{0x45, "iqn.a:host,i,0x00000000000000", 40}, /* more than twelve digits */
		{0x45, "iqn.a:host,i,0x", 20},
		{0x45, "iqn.a:host,i,0xg", 20},
		{0x45, "iqn.a:host", 20}, /* format 01b without an ISID */
		{0x45, ",i,0x1", 20},
		{0x45, "iqn.a,host,i,0x1", 20},
		{0x45, "iqn.a host,i,0x1", 20},
		{0x45, "iqn.a:1234567,i,0x1", 16},
		{0x05, "iqn.a:host,i,0x1", 20}, /* format 00b with one */
		{0x05, "", 20},
		{0x05, "iqn.", 20},
		{0x05, "iqn.a:45678901234567", 20}, /* no NUL */
		{0x85, "iqn.a:host", 20},
		{0x00, "iqn.a:host", 20}, /* Fibre Channel */
		{0x46, "", 20},
		{0x0f, "iqn.a:host", 20},
	};
	uint8_t id[300];
	struct scsi_port port;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		size_t length = make(id, bad[i].first, bad[i].text, bad[i].padded);
		assert_int_equal(scsi_port_parse(id, length, 1, &port), 0);
	}
	size_t length = make(id, 0x05, "iqn.a:host", 24);
	id[4 + 20] = 'x'; /* behind the NUL */
	assert_int_equal(scsi_port_parse(id, length, 1, &port), 0);
}

static void a_truncated_one_is_refused(void **state)
{
	uint8_t id[252];
	struct scsi_port port;
	size_t length = make(id, 0x45, "iqn.a:host,i,0x1", 40);
	for (size_t i = 0; i < length; i++)
		assert_int_equal(scsi_port_parse(id, i, 1, &port), 0);
	assert_int_equal(scsi_port_parse(id, length, 1, &port), length);
}

static void invented_ones_depend_on_the_name(void **state)
{
	struct scsi_port a, again, b;
	scsi_port_invent(&a, "a");
	scsi_port_invent(&again, "a");
	scsi_port_invent(&b, "b");
	assert_true(scsi_port_equal(&a, &again));
	assert_false(scsi_port_equal(&a, &b));
	assert_int_equal(a.id[4] >> 4, 3); /* NAA locally assigned */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_iscsi_port_has_name_and_isid),
		cmocka_unit_test(a_sas_port_has_an_address),
		cmocka_unit_test(what_we_make_is_what_we_parse),
		cmocka_unit_test(whatever_logs_in_can_be_read_again),
		cmocka_unit_test(ports_of_two_targets_differ),
		cmocka_unit_test(spellings_of_one_port_are_equal),
		cmocka_unit_test(a_name_alone_is_a_device),
		cmocka_unit_test(whatever_else_is_refused),
		cmocka_unit_test(a_truncated_one_is_refused),
		cmocka_unit_test(invented_ones_depend_on_the_name),
	};
	return cmocka_run_group_tests_name("scsi/port", tests, NULL, NULL);
}
