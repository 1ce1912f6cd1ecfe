/* SPDX-License-Identifier: Apache-2.0 */
/* Parameter lists of PERSISTENT RESERVE OUT, and what PERSISTENT RESERVE IN answers byte by byte.
 */
#include <stdio.h>

#include "persistent.h"

static const uint8_t isids[][SCSI_ISID_LENGTH] = {{0, 2, 0x3d, 0, 0, 1}, {0, 2, 0x3d, 0, 0, 2}};

static unsigned registered(struct drive *drive)
{
	return drive->lu.persistent.count;
}

static void every_wrong_length_is_a_length_error(void **state)
{
	struct drive *drive = *state;
	uint8_t list[9000] = {[15] = 1};
	for (unsigned action = REGISTER; action <= REGISTER_AND_IGNORE; action++) {
		for (uint32_t length = 0; length < 64; length++)
			if (length != 24)
				assert_sense(
					pr_out_list(drive->a, action, WE, list, length, length),
					SENSE_PARAMETER_LIST_LENGTH);
		assert_sense(pr_out_list(drive->a, action, WE, list, UINT32_MAX, sizeof list),
			SENSE_PARAMETER_LIST_LENGTH);
		assert_sense(pr_out_list(drive->a, action, WE, list, 8193, 8193),
			SENSE_PARAMETER_LIST_LENGTH);
	}
	assert_int_equal(registered(drive), 0);
}

static void less_data_than_the_cdb_says_is_a_length_error(void **state)
{
	struct drive *drive = *state;
	uint8_t list[24] = {[15] = 1};
	for (size_t sent = 0; sent < sizeof list; sent++)
		assert_sense(pr_out_list(drive->a, REGISTER, 0, list, sizeof list, sent),
			SENSE_PARAMETER_LIST_LENGTH);
	assert_int_equal(registered(drive), 0);
}

static void register_and_move_is_not_there(void **state)
{
	struct drive *drive = *state;
	for (unsigned action = MOVE; action < 32; action++)
		assert_cdb_field(pr_out(drive->a, action, 0, 0, 1), 1, 4);
	for (unsigned action = READ_FULL_STATUS + 1; action < 32; action++)
		assert_cdb_field(pr_in(drive->a, action, 8), 1, 4);
}

static void all_target_ports_are_refused(void **state)
{
	struct drive *drive = *state;
	assert_parameter_field(pr_out_flags(drive->a, REGISTER, 0, 0, 1, ALL_TG_PT), 20, 2);
	assert_parameter_field(
		pr_out_flags(drive->a, REGISTER_AND_IGNORE, 0, 0, 1, ALL_TG_PT), 20, 2);
	assert_good(pr_out(drive->a, REGISTER, 0, 0, 1));
	assert_good(pr_out_flags(drive->a, RESERVE, WE, 1, 0, ALL_TG_PT)); /* not its bit */
}

/* ---- SPEC_I_PT --------------------------------------------------------------------------------
 */

struct id_list {
	uint8_t data[9000];
	uint32_t length;
};

static void list_begin(struct id_list *list, uint64_t key)
{
	memset(list, 0, sizeof *list);
	put_be64(list->data + 8, key);
	list->data[20] = SPEC_I_PT;
	list->length = 28;
}

static void list_add(struct id_list *list, const void *id, size_t length)
{
	memcpy(list->data + list->length, id, length);
	list->length += (uint32_t)length;
	put_be32(list->data + 24, list->length - 28);
}

static struct request *send_list(
	struct scsi_nexus *nexus, unsigned action, const struct id_list *list)
{
	return pr_out_list(nexus, action, 0, list->data, list->length, list->length);
}

static void others_are_registered_with_it(void **state)
{
	struct drive *drive = *state;
	struct scsi_port port;
	struct id_list list;
	list_begin(&list, 5);
	scsi_port_iscsi(&port, "iqn.a", isids[0], 1);
	list_add(&list, port.id, port.length);
	list_add(&list, drive->b->port.id, drive->b->port.length);
	assert_good(send_list(drive->a, REGISTER, &list));
	assert_int_equal(registered(drive), 3);
	assert_int_equal(drive->lu.persistent.generation, 1);
	assert_non_null(scsi_persistent_find(&drive->lu.persistent, &port));
	assert_good(pr_out(drive->b, RESERVE, EA, 5, 0));
	assert_conflict(send_read(drive->a, 0, 1));
}

static void who_is_registered_already_keeps_its_key(void **state)
{
	struct drive *drive = *state;
	struct id_list list;
	register_key(drive->b, 9);
	list_begin(&list, 5);
	list_add(&list, drive->b->port.id, drive->b->port.length);
	list_add(&list, drive->a->port.id, drive->a->port.length); /* itself */
	assert_good(send_list(drive->a, REGISTER, &list));
	assert_int_equal(registered(drive), 2);
	assert_good(pr_out(drive->b, RESERVE, EA, 9, 0));
}

static void a_list_that_fails_registers_nobody(void **state)
{
	struct drive *drive = *state;
	struct id_list list;
	list_begin(&list, 5);
	list_add(&list, drive->b->port.id, drive->b->port.length);
	list_add(&list, (const uint8_t[24]){0x00, 0, 0, 1}, 24); /* Fibre Channel */
	assert_parameter_field(send_list(drive->a, REGISTER, &list), 28 + 24, 7);
	assert_int_equal(registered(drive), 0);
	assert_int_equal(drive->lu.persistent.generation, 0);
}

static void a_name_without_isid_is_every_port_of_that_name(void **state)
{
	struct drive *drive = *state;
	struct scsi_port port;
	struct id_list list;
	uint8_t id[24] = {0x05, 0, 0, 20};
	snprintf((char *)id + 4, 20, "iqn.a");
	list_begin(&list, 5);
	list_add(&list, id, sizeof id);
	assert_parameter_field(send_list(drive->a, REGISTER, &list), 28, 7); /* nobody is known */
	scsi_port_iscsi(&port, "iqn.a", isids[0], SCSI_TARGET_PORT_LOOPBACK);
	scsi_nexus_set_port(drive->b, &port);
	struct scsi_nexus *c = scsi_nexus_enter(&drive->lu, "c");
	scsi_port_iscsi(&port, "iqn.a", isids[1], SCSI_TARGET_PORT_LOOPBACK);
	scsi_nexus_set_port(c, &port);
	c->attentions = 0;
	scsi_nexus_leave(c); /* known still */
	assert_good(send_list(drive->a, REGISTER, &list));
	assert_int_equal(registered(drive), 3);
	assert_non_null(scsi_persistent_find(&drive->lu.persistent, &port));
}

static void lengths_of_transport_ids_are_checked(void **state)
{
	struct drive *drive = *state;
	struct id_list list;
	list_begin(&list, 5);
	list_add(&list, drive->b->port.id, 24);
	for (uint32_t said = 0; said < 64; said++) {
		put_be32(list.data + 24, said);
		if (said != 24)
			assert_parameter_field(send_list(drive->a, REGISTER, &list), 24, 7);
	}
	put_be32(list.data + 24, UINT32_MAX);
	assert_parameter_field(send_list(drive->a, REGISTER, &list), 24, 7);
	for (uint32_t length = 24; length < 28; length++)
		assert_sense(pr_out_list(drive->a, REGISTER, 0, list.data, length, length),
			SENSE_PARAMETER_LIST_LENGTH);
	for (uint32_t length = 29; length < 28 + 24; length++) {
		put_be32(list.data + 24, length - 28);
		assert_parameter_field(
			pr_out_list(drive->a, REGISTER, 0, list.data, length, length), 28, 7);
	}
	assert_int_equal(registered(drive), 0);
	put_be32(list.data + 24, 24);
	assert_good(send_list(drive->a, REGISTER, &list));
}

static void ports_are_named_in_register_only_and_once(void **state)
{
	struct drive *drive = *state;
	struct id_list list;
	list_begin(&list, 5);
	list_add(&list, drive->b->port.id, 24);
	for (unsigned action = RESERVE; action <= REGISTER_AND_IGNORE; action++)
		assert_parameter_field(send_list(drive->a, action, &list), 20, 3);
	assert_good(pr_out(drive->a, REGISTER, 0, 0, 7));
	put_be64(list.data, 7);
	assert_parameter_field(send_list(drive->a, REGISTER, &list), 20, 3);
	assert_int_equal(registered(drive), 1);
}

static void too_many_ports_are_too_many(void **state)
{
	struct drive *drive = *state;
	struct id_list list;
	struct scsi_port port;
	list_begin(&list, 5);
	for (unsigned i = 0; i < SCSI_REGISTRATIONS_MAX; i++) {
		scsi_port_sas(&port, i + 1, 1);
		list_add(&list, port.id, port.length);
	}
	assert_sense(send_list(drive->a, REGISTER, &list), SENSE_INSUFFICIENT_REGISTRATIONS);
	assert_int_equal(registered(drive), 0);
}

/* ---- PERSISTENT RESERVE IN --------------------------------------------------------------------
 */

static void capabilities(void **state)
{
	struct drive *drive = *state;
	/* SIP_C, PTPL_C; TMV, ALLOW COMMANDS 001b; six types. As LIO, but for CRH and ATP_C. */
	const uint8_t expected[8] = {0, 8, 0x09, 0x90, 0xea, 0x01};
	struct request *request = pr_in(drive->a, REPORT_CAPABILITIES, 8);
	assert_good(request);
	assert_memory_equal(request->data, expected, 8);
}

static void full_status_shows_every_port(void **state)
{
	struct drive *drive = *state;
	struct scsi_port port;
	scsi_port_iscsi(&port, "iqn.2001-04.com.example:b", isids[0], 0x0102);
	scsi_nexus_set_port(drive->b, &port);
	register_key(drive->a, 0xa);
	register_key(drive->b, 0xb0b1b2b3b4b5b6b7);
	assert_good(pr_out(drive->b, RESERVE, EA_RO, 0xb0b1b2b3b4b5b6b7, 0));
	struct request *request = pr_in(drive->a, READ_FULL_STATUS, 4096);
	assert_good(request);
	const uint8_t *d = request->data;
	assert_int_equal(get_be32(d), 2);
	assert_int_equal(get_be32(d + 4), 24 + 24 + 24 + port.length);
	assert_int_equal(get_be64(d + 8), 0xa);
	assert_int_equal(d[20], 0);
	assert_int_equal(d[21], 0);
	assert_int_equal(get_be16(d + 26), SCSI_TARGET_PORT_LOOPBACK);
	assert_int_equal(get_be32(d + 28), 24);
	assert_memory_equal(d + 32, drive->a->port.id, 24);
	d += 32 + 24;
	assert_int_equal(get_be64(d), 0xb0b1b2b3b4b5b6b7);
	assert_int_equal(d[12], 0x01); /* R_HOLDER */
	assert_int_equal(d[13], EA_RO);
	assert_int_equal(get_be16(d + 18), 0x0102);
	assert_int_equal(get_be32(d + 20), port.length);
	assert_memory_equal(d + 24, port.id, port.length);
	assert_int_equal(request->cmd.data_in_done, (size_t)(d - request->data) + 24 + port.length);
}

static void everybody_holds_what_is_all_registrants(void **state)
{
	struct drive *drive = *state;
	register_key(drive->a, 0xa);
	register_key(drive->b, 0xb);
	assert_good(pr_out(drive->b, RESERVE, WE_AR, 0xb, 0));
	struct request *request = pr_in(drive->a, READ_FULL_STATUS, 4096);
	assert_int_equal(request->data[20], 0x01);
	assert_int_equal(request->data[21], WE_AR);
	assert_int_equal(request->data[20 + 48], 0x01);
	assert_int_equal(request->data[21 + 48], WE_AR);
}

static void a_short_allocation_length_truncates_and_says_all(void **state)
{
	struct drive *drive = *state;
	register_key(drive->a, 0xa);
	register_key(drive->b, 0xb);
	for (uint16_t length = 0; length < 24; length++) {
		struct request *request = pr_in(drive->a, READ_KEYS, length);
		assert_good(request);
		assert_int_equal(request->cmd.data_in_done, length);
		if (length >= 8)
			assert_int_equal(get_be32(request->data + 4), 16);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		drive_test(every_wrong_length_is_a_length_error),
		drive_test(less_data_than_the_cdb_says_is_a_length_error),
		drive_test(register_and_move_is_not_there),
		drive_test(all_target_ports_are_refused),
		drive_test(others_are_registered_with_it),
		drive_test(who_is_registered_already_keeps_its_key),
		drive_test(a_list_that_fails_registers_nobody),
		drive_test(a_name_without_isid_is_every_port_of_that_name),
		drive_test(lengths_of_transport_ids_are_checked),
		drive_test(ports_are_named_in_register_only_and_once),
		drive_test(too_many_ports_are_too_many),
		drive_test(capabilities),
		drive_test(full_status_shows_every_port),
		drive_test(everybody_holds_what_is_all_registrants),
		drive_test(a_short_allocation_length_truncates_and_says_all),
	};
	return cmocka_run_group_tests_name("scsi/persistent_list", tests, NULL, NULL);
}
