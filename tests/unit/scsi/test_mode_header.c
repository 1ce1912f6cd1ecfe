/* SPDX-License-Identifier: Apache-2.0 */
/* Header and block descriptor of MODE SENSE and MODE SELECT on types that have one. */
#include "support.h"

#include "drive.h"

static struct scsi_mode_header now;
static struct scsi_device_type streamer;

static void get(struct scsi_lu *lu, struct scsi_mode_header *ret)
{
	*ret = now;
}

/* The medium type, and density codes above 5Ah. */
static int refuses(struct scsi_lu *lu, const struct scsi_mode_header *wanted)
{
	if (wanted->medium_type != now.medium_type)
		return 0;
	if (wanted->device_specific & 0x0f)
		return 1;
	return wanted->descriptor[0] > 0x5a ? 2 : -1;
}

static bool set(struct scsi_lu *lu, const struct scsi_mode_header *wanted)
{
	bool changed = memcmp(wanted->descriptor, now.descriptor, 8) != 0 ||
		       wanted->device_specific != now.device_specific;
	now = *wanted;
	return changed;
}

static const struct scsi_mode_header_ops ops = {.get = get, .refuses = refuses, .set = set};

static int setup(void **state)
{
	drive_setup(state);
	streamer = test_type;
	streamer.mode_header = &ops;
	((struct drive *)*state)->lu.type = &streamer;
	now = (struct scsi_mode_header){.medium_type = 0x58,
		.device_specific = 0x10,
		.has_descriptor = true,
		.descriptor = {0x5a, 0, 0, 0, 0, 0, 0x02, 0}};
	return 0;
}

#define header_test(test) cmocka_unit_test_setup_teardown(test, setup, drive_teardown)

static void sense_6_has_the_descriptor(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0x1a, 0, 0x01, 0, 255), 255);
	const uint8_t expected[] = {23, 0x58, 0x10, 8, 0x5a, 0, 0, 0, 0, 0, 0x02, 0, 0x81, 0x0a};
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 24);
	assert_memory_equal(request->data, expected, sizeof expected);
}

static void sense_10_has_the_descriptor(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0x5a, 0, 0x01, 0, 0, 0, 0, 0, 255), 255);
	const uint8_t expected[] = {
		0, 26, 0x58, 0x10, 0, 0, 0, 8, 0x5a, 0, 0, 0, 0, 0, 0x02, 0, 0x81, 0x0a};
	assert_good(request);
	assert_memory_equal(request->data, expected, sizeof expected);
}

static void dbd_leaves_it_out(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0x1a, 0x08, 0x01, 0, 255), 255);
	const uint8_t expected[] = {15, 0x58, 0x10, 0, 0x81, 0x0a};
	assert_memory_equal(request->data, expected, sizeof expected);
}

/* As Linux's st asks when a tape is opened. */
static void page_0_is_the_header_alone(void **state)
{
	struct drive *drive = *state;
	struct request *request = send_in(drive->a, CDB(0x1a, 0, 0, 0, 12), 12);
	const uint8_t expected[] = {11, 0x58, 0x10, 8, 0x5a, 0, 0, 0, 0, 0, 0x02, 0};
	assert_good(request);
	assert_int_equal(request->cmd.data_in_done, 12);
	assert_memory_equal(request->data, expected, sizeof expected);
}

static struct request *select_6(struct scsi_nexus *nexus, const uint8_t *list, uint8_t length)
{
	return send_out(nexus, CDB(0x15, 0x10, 0, 0, length), list, length);
}

static void a_descriptor_is_set_and_others_are_told(void **state)
{
	struct drive *drive = *state;
	const uint8_t list[] = {0, 0x58, 0x10, 8, 0x58, 0, 0, 0, 0, 0x01, 0, 0};
	assert_good(select_6(drive->a, list, sizeof list));
	assert_int_equal(now.descriptor[0], 0x58);
	assert_int_equal(now.descriptor[5], 0x01);
	assert_sense(send_none(drive->b, CDB(0x00)), SENSE_MODE_PARAMETERS_CHANGED);
	assert_good(send_none(drive->a, CDB(0x00)));
}

static void a_list_without_a_descriptor_sets_the_header(void **state)
{
	struct drive *drive = *state;
	const uint8_t list[] = {0, 0x58, 0, 0};
	assert_good(select_6(drive->a, list, sizeof list));
	assert_int_equal(now.device_specific, 0);
	assert_int_equal(now.descriptor[0], 0x5a);
}

static void the_same_again_changes_nothing(void **state)
{
	struct drive *drive = *state;
	const uint8_t list[] = {0, 0x58, 0x10, 8, 0x5a, 0, 0, 0, 0, 0, 0x02, 0};
	assert_good(select_6(drive->a, list, sizeof list));
	assert_good(send_none(drive->b, CDB(0x00)));
}

static void what_is_refused_is_pointed_to(void **state)
{
	struct drive *drive = *state;
	const uint8_t medium[] = {0, 0x18, 0x10, 0}, specific[] = {0, 0x58, 0x11, 0};
	const uint8_t density[] = {0, 0x58, 0x10, 8, 0x5e, 0, 0, 0, 0, 0, 0x02, 0};
	const uint8_t ten[] = {0, 0, 0x58, 0x11, 0, 0, 0, 0};
	assert_parameter_field(select_6(drive->a, medium, sizeof medium), 1, 7);
	assert_parameter_field(select_6(drive->a, specific, sizeof specific), 2, 7);
	assert_parameter_field(select_6(drive->a, density, sizeof density), 4, 7);
	assert_parameter_field(
		send_out(drive->a, CDB(0x55, 0x10, 0, 0, 0, 0, 0, 0, 8), ten, 8), 3, 7);
}

/* All or nothing. */
static void a_bad_page_leaves_the_header_as_it_was(void **state)
{
	struct drive *drive = *state;
	const uint8_t list[] = {0, 0x58, 0, 0, 0x3e, 0x01, 0x00};
	assert_parameter_field(select_6(drive->a, list, sizeof list), 4, 5);
	assert_int_equal(now.device_specific, 0x10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		header_test(sense_6_has_the_descriptor),
		header_test(sense_10_has_the_descriptor),
		header_test(dbd_leaves_it_out),
		header_test(page_0_is_the_header_alone),
		header_test(a_descriptor_is_set_and_others_are_told),
		header_test(a_list_without_a_descriptor_sets_the_header),
		header_test(the_same_again_changes_nothing),
		header_test(what_is_refused_is_pointed_to),
		header_test(a_bad_page_leaves_the_header_as_it_was),
	};
	return cmocka_run_group_tests_name("scsi/mode header", tests, NULL, NULL);
}
