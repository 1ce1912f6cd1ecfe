/* SPDX-License-Identifier: Apache-2.0 */
/* Task attributes and task management (SAM-5 7, 8; RFC 7143 11.3.1, 11.5), on the wire. */
#include "support.h"

#include "raw.h"
#include "task_management.h"

enum { SIMPLE = 1, ORDERED = 2, HEAD = 3, ACA = 4, CHECK_CONDITION = 2, TASK_ABORTED = 0x40 };
enum {
	MODE_LIST = 1000,
	OTHER_LUN = 5,
	LARGE = 1500,
	LARGE_BYTES = LARGE * LIBRARY_BLOCK,
	CROWDED_BYTES = 4 << 20
};

static const uint8_t test_unit_ready[16] = {0};
static const uint8_t mode_select[16] = {0x55, 0x10, 0, 0, 0, 0, 0, MODE_LIST >> 8, MODE_LIST & 255};

/* Two sessions of a portal whose reads wait. */
struct scene {
	struct fake_portal *fake;
	struct raw *a, *b;
};

static int begin_with(void **state, const struct fake_portal_setup *setup)
{
	static struct scene scene;
	scene.fake = fake_portal_create(setup);
	scene.a = raw_login(scene.fake);
	scene.b = raw_login(scene.fake);
	raw_settle(scene.a);
	raw_settle(scene.b);
	fake_portal_hold(scene.fake, true);
	*state = &scene;
	return 0;
}

static int begin(void **state)
{
	return begin_with(state, NULL);
}

static int begin_small(void **state)
{
	return begin_with(state, &(struct fake_portal_setup){.limits = {.session_out_bytes = 1500,
								     .out_bytes = 1 << 20}});
}

/* Less than two reads of LARGE blocks. */
static int begin_crowded(void **state)
{
	return begin_with(
		state, &(struct fake_portal_setup){.limits = {.in_bytes = CROWDED_BYTES}});
}

static bool no_memory_is_used(struct fake_portal *fake)
{
	return portal_memory(fake->portal) == 0;
}

static int end(void **state)
{
	struct scene *scene = *state;
	fake_portal_hold(scene->fake, false);
	raw_close(scene->a);
	raw_close(scene->b);
	assert_true(wait_until(no_memory_is_used, scene->fake));
	fake_portal_destroy(scene->fake);
	return 0;
}

static uint32_t send_ready(struct raw *raw, uint8_t attribute, uint16_t lun)
{
	return raw_command(raw, attribute, lun, test_unit_ready, 0, NULL, 0);
}

static uint32_t send_read(struct raw *raw, uint8_t attribute)
{
	static const uint8_t read_10[16] = {0x28, 0, 0, 0, 0, 0, 0, 0, 1};
	return raw_command(raw, FLAG_READ | attribute, 0, read_10, LIBRARY_BLOCK, NULL, 0);
}

/* The next answer is this one's, with this status. */
static void expect_status(struct raw *raw, uint32_t tag, uint8_t status)
{
	do
		assert_true(raw_receive(raw));
	while (raw->bhs[BHS_OPCODE] == PDU_DATA_IN && !(raw->bhs[BHS_FLAGS] & FLAG_STATUS));
	assert_int_equal(pdu_tag(raw->bhs), tag);
	assert_int_equal(raw->bhs[BHS_STATUS], status);
}

/* Sent with the attribute "none", which is SIMPLE. */
static void expect_all_is_well(struct raw *raw)
{
	uint32_t tag = send_ready(raw, 0, 0);
	expect_status(raw, tag, 0);
}

/* ---- attributes -------------------------------------------------------------------------------
 */

static void simple_commands_overtake_each_other(void **state)
{
	struct scene *scene = *state;
	uint32_t read = send_read(scene->a, SIMPLE), ready = send_ready(scene->a, SIMPLE, 0);
	expect_status(scene->a, ready, 0);
	expect_all_is_well(scene->a);
	fake_portal_hold(scene->fake, false);
	expect_status(scene->a, read, 0);
}

static void an_ordered_command_waits_for_what_is_older(void **state)
{
	struct scene *scene = *state;
	uint32_t one = send_read(scene->a, SIMPLE), two = send_read(scene->a, SIMPLE);
	uint32_t ordered = send_ready(scene->a, ORDERED, 0);
	assert_true(raw_silent(scene->a));
	fake_portal_hold(scene->fake, false);
	/* The two are done by two workers. */
	for (unsigned i = 0; i < 2; i++) {
		raw_expect(scene->a, PDU_DATA_IN);
		assert_true(pdu_tag(scene->a->bhs) == one || pdu_tag(scene->a->bhs) == two);
	}
	expect_status(scene->a, ordered, 0);
}

static void what_is_younger_waits_for_an_ordered_command(void **state)
{
	struct scene *scene = *state;
	uint32_t read = send_read(scene->a, ORDERED);
	uint32_t simple = send_ready(scene->a, SIMPLE, 0),
		 ordered = send_ready(scene->a, ORDERED, 0);
	uint32_t untagged = send_ready(scene->a, 0, 0);
	assert_true(raw_silent(scene->a));
	fake_portal_hold(scene->fake, false);
	expect_status(scene->a, read, 0);
	expect_status(scene->a, simple, 0);
	expect_status(scene->a, ordered, 0);
	expect_status(scene->a, untagged, 0);
}

static void ordered_commands_alone_are_done_one_after_the_other(void **state)
{
	struct scene *scene = *state;
	uint32_t tags[20];
	fake_portal_hold(scene->fake, false);
	fake_portal_slow(scene->fake, true);
	for (unsigned i = 0; i < 20; i++)
		tags[i] = i % 3 ? send_read(scene->a, ORDERED) : send_ready(scene->a, ORDERED, 0);
	for (unsigned i = 0; i < 20; i++)
		expect_status(scene->a, tags[i], 0);
}

static void the_head_of_the_queue_waits_for_nobody(void **state)
{
	struct scene *scene = *state;
	uint32_t read = send_read(scene->a, SIMPLE), ordered = send_ready(scene->a, ORDERED, 0);
	uint32_t head = send_ready(scene->a, HEAD, 0);
	expect_status(scene->a, head, 0);
	assert_true(raw_silent(scene->a));
	fake_portal_hold(scene->fake, false);
	expect_status(scene->a, read, 0);
	expect_status(scene->a, ordered, 0);
}

static void everything_waits_for_the_head_of_the_queue(void **state)
{
	struct scene *scene = *state;
	uint32_t head = send_read(scene->a, HEAD);
	uint32_t simple = send_ready(scene->a, SIMPLE, 0),
		 ordered = send_ready(scene->a, ORDERED, 0);
	assert_true(raw_silent(scene->a));
	uint32_t second = send_ready(scene->a, HEAD, 0);
	expect_status(scene->a, second, 0);
	fake_portal_hold(scene->fake, false);
	expect_status(scene->a, head, 0);
	expect_status(scene->a, simple, 0);
	expect_status(scene->a, ordered, 0);
}

static void the_order_is_that_of_one_nexus(void **state)
{
	struct scene *scene = *state;
	uint32_t read = send_read(scene->a, ORDERED);
	assert_true(raw_silent(scene->a));
	expect_all_is_well(scene->b);
	uint32_t other;
	do { /* its unit attention */
		other = send_ready(scene->a, SIMPLE, OTHER_LUN);
		raw_expect(scene->a, PDU_SCSI_RESPONSE);
		assert_int_equal(pdu_tag(scene->a->bhs), other);
	} while (scene->a->bhs[BHS_STATUS] != 0);
	fake_portal_hold(scene->fake, false);
	expect_status(scene->a, read, 0);
}

/*
 * SAM-5 8: without ACA the attribute is refused. ILLEGAL REQUEST, INVALID MESSAGE ERROR is what
 * SCST says (scst_targ.c, queue_type >= ACA); LIO refuses too (target_core_transport.c,
 * transport_check_alloc_task_attr), with 24/00.
 */
static void aca_is_refused(void **state)
{
	struct scene *scene = *state;
	for (uint8_t attribute = ACA; attribute <= 7; attribute++) {
		uint32_t tag = send_ready(scene->a, attribute, 0);
		expect_status(scene->a, tag, CHECK_CONDITION);
		assert_int_equal(scene->a->data[2 + 2], 0x05);
		assert_int_equal(scene->a->data[2 + 12], 0x49);
	}
	expect_all_is_well(scene->a);
}

/* An ordered write that waits has brought its data; the head of the queue gets memory all the same.
 */
static void memory_of_who_waits_does_not_stop_what_it_waits_for(void **state)
{
	static const uint8_t list[MODE_LIST];
	struct scene *scene = *state;
	uint32_t read = send_read(scene->a, SIMPLE);
	uint32_t ordered = raw_command(
		scene->a, FLAG_WRITE | ORDERED, 0, mode_select, MODE_LIST, list, MODE_LIST);
	uint32_t head =
		raw_command(scene->a, FLAG_WRITE | HEAD, 0, mode_select, MODE_LIST, NULL, 0);
	raw_expect(scene->a, PDU_R2T);
	assert_int_equal(pdu_tag(scene->a->bhs), head);
	raw_data_out(
		scene->a, head, get_be32(scene->a->bhs + BHS_TTT), 0, 0, FLAG_FINAL, MODE_LIST);
	expect_status(scene->a, head, CHECK_CONDITION); /* a list of zeros is none */
	assert_true(raw_silent(scene->a));
	fake_portal_hold(scene->fake, false);
	expect_status(scene->a, read, 0);
	expect_status(scene->a, ordered, CHECK_CONDITION);
}

/* ---- task management --------------------------------------------------------------------------
 */

static void an_abort_reaches_who_waits(void **state)
{
	struct scene *scene = *state;
	uint32_t read = send_read(scene->a, SIMPLE), ordered = send_ready(scene->a, ORDERED, 0);
	uint32_t simple = send_ready(scene->a, SIMPLE, 0);
	assert_true(raw_silent(scene->a));
	raw_manage(scene->a, MANAGEMENT_ABORT_TASK, 0, ordered);
	raw_expect_managed(scene->a, MANAGEMENT_COMPLETE);
	expect_status(scene->a, simple, 0); /* nothing holds it any more */
	fake_portal_hold(scene->fake, false);
	expect_status(scene->a, read, 0);
	assert_true(raw_silent(scene->a));
}

static void an_abort_of_the_older_lets_the_ordered_one_go(void **state)
{
	struct scene *scene = *state;
	uint32_t read = send_read(scene->a, SIMPLE), ordered = send_ready(scene->a, ORDERED, 0);
	raw_manage(scene->a, MANAGEMENT_ABORT_TASK, 0, read);
	/* Either may come first: the task is over before both. */
	assert_true(raw_receive(scene->a));
	bool managed = scene->a->bhs[BHS_OPCODE] == PDU_TASK_MANAGEMENT_RESPONSE;
	if (managed)
		expect_status(scene->a, ordered, 0);
	else
		raw_expect_managed(scene->a, MANAGEMENT_COMPLETE);
}

static void an_abort_of_the_wrong_lun_finds_nothing(void **state)
{
	struct scene *scene = *state;
	uint32_t read = send_read(scene->a, SIMPLE);
	raw_manage(scene->a, MANAGEMENT_ABORT_TASK, OTHER_LUN, read);
	raw_expect_managed(scene->a, MANAGEMENT_NO_TASK);
	fake_portal_hold(scene->fake, false);
	expect_status(scene->a, read, 0);
}

/* The tasks of this nexus, waiting or not, and nobody else's: TST is 001b. */
static void expect_own_tasks_end(struct scene *scene, uint8_t function)
{
	uint32_t theirs = send_read(scene->b, SIMPLE);
	uint32_t theirs_too = send_ready(scene->b, ORDERED, 0);
	send_read(scene->a, SIMPLE);
	send_ready(scene->a, ORDERED, 0);
	send_ready(scene->a, SIMPLE, 0);
	raw_manage(scene->a, function, 0, TAG_NONE);
	raw_expect_managed(scene->a, MANAGEMENT_COMPLETE);
	expect_all_is_well(scene->a);
	assert_true(raw_silent(scene->b));
	fake_portal_hold(scene->fake, false);
	expect_status(scene->b, theirs, 0);
	expect_status(scene->b, theirs_too, 0);
}

static void a_task_set_is_aborted_whole(void **state)
{
	expect_own_tasks_end(*state, MANAGEMENT_ABORT_TASK_SET);
}

static void a_task_set_is_cleared_for_its_nexus_alone(void **state)
{
	expect_own_tasks_end(*state, MANAGEMENT_CLEAR_TASK_SET);
}

/* One reads, one waits for that, one waits for its data. */
static void expect_all_tasks_end(struct scene *scene, uint8_t function)
{
	uint32_t write = raw_command(scene->b, FLAG_WRITE, 0, mode_select, MODE_LIST, NULL, 0);
	raw_expect(scene->b, PDU_R2T);
	uint32_t ttt = get_be32(scene->b->bhs + BHS_TTT);
	uint32_t read = send_read(scene->b, SIMPLE), ordered = send_ready(scene->b, ORDERED, 0);
	assert_true(raw_silent(scene->b));
	raw_manage(scene->a, function, 0, TAG_NONE);
	raw_expect_managed(scene->a, MANAGEMENT_COMPLETE);
	expect_status(scene->b, read, TASK_ABORTED);
	raw_data_out(scene->b, write, ttt, 0, 0, FLAG_FINAL, MODE_LIST);
	expect_status(scene->b, write, TASK_ABORTED);
	expect_status(scene->b, ordered, TASK_ABORTED);
	uint32_t after = send_ready(scene->b, SIMPLE, 0);
	expect_status(scene->b, after, CHECK_CONDITION);
	assert_int_equal(scene->b->data[2 + 12], 0x29);
	expect_all_is_well(scene->b);
	expect_all_is_well(scene->a);
}

static void a_lun_reset_reaches_who_waits_in_other_sessions(void **state)
{
	expect_all_tasks_end(*state, MANAGEMENT_LUN_RESET);
}

static void a_warm_reset_does_so_on_every_lun(void **state)
{
	expect_all_tasks_end(*state, MANAGEMENT_TARGET_WARM_RESET);
}

/* RFC 7143 11.5.1: then every connection of the target ends. */
static void a_cold_reset_is_answered_and_ends_the_connections(void **state)
{
	struct scene *scene = *state;
	send_read(scene->a, SIMPLE);
	send_ready(scene->a, ORDERED, 0);
	raw_manage(scene->a, MANAGEMENT_TARGET_COLD_RESET, 0, TAG_NONE);
	raw_expect_managed(scene->a, MANAGEMENT_COMPLETE);
	raw_expect_closed(scene->a);
	raw_expect_closed(scene->b);
}

static void what_is_not_there_is_refused(void **state)
{
	static const struct {
		uint8_t function, lun, response;
	} rows[] = {
		{MANAGEMENT_CLEAR_ACA, 0, MANAGEMENT_NOT_SUPPORTED},
		{MANAGEMENT_TASK_REASSIGN, 0, MANAGEMENT_NO_REASSIGN},
		{0, 0, MANAGEMENT_NOT_SUPPORTED},
		{9, 0, MANAGEMENT_NOT_SUPPORTED},
		{0x7f, 0, MANAGEMENT_NOT_SUPPORTED},
		{MANAGEMENT_ABORT_TASK_SET, 9, MANAGEMENT_NO_LUN},
		{MANAGEMENT_CLEAR_TASK_SET, 9, MANAGEMENT_NO_LUN},
		{MANAGEMENT_LUN_RESET, 9, MANAGEMENT_NO_LUN},
	};
	struct scene *scene = *state;
	uint32_t read = send_read(scene->a, SIMPLE);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		raw_manage(scene->a, rows[i].function, rows[i].lun, read);
		raw_expect_managed(scene->a, rows[i].response);
	}
	fake_portal_hold(scene->fake, false);
	expect_status(scene->a, read, 0);
}

/* ---- memory -----------------------------------------------------------------------------------
 */

static bool one_held(struct fake_portal *fake)
{
	return fake_portal_held(fake) == 1;
}

static bool a_small_one_is_beyond(struct fake_portal *fake)
{
	return portal_memory(fake->portal) == LARGE_BYTES + (1 << 20);
}

/* Sessions do not take a large buffer each beyond what there is for all; small reads get on. */
static void a_large_read_waits_for_memory_that_another_session_has(void **state)
{
	struct scene *scene = *state;
	uint32_t first = raw_read(scene->a, 0, LARGE);
	assert_true(wait_until(one_held, scene->fake));
	uint32_t second = raw_read(scene->b, 0, LARGE);
	expect_all_is_well(scene->b);
	assert_int_equal(portal_memory(scene->fake->portal), LARGE_BYTES);
	struct raw *third = raw_login(scene->fake);
	raw_settle(third);
	raw_read(third, 0, 512);
	assert_true(wait_until(a_small_one_is_beyond, scene->fake));
	fake_portal_hold(scene->fake, false);
	expect_status(scene->a, first, 0);
	expect_status(scene->b, second, 0);
	raw_close(third);
}

#define CROWDED(test) cmocka_unit_test_setup_teardown(test, begin_crowded, end)
#define TEST(test)    cmocka_unit_test_setup_teardown(test, begin, end)
#define SMALL(test)   cmocka_unit_test_setup_teardown(test, begin_small, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(simple_commands_overtake_each_other),
		TEST(an_ordered_command_waits_for_what_is_older),
		TEST(what_is_younger_waits_for_an_ordered_command),
		TEST(ordered_commands_alone_are_done_one_after_the_other),
		TEST(the_head_of_the_queue_waits_for_nobody),
		TEST(everything_waits_for_the_head_of_the_queue),
		TEST(the_order_is_that_of_one_nexus),
		TEST(aca_is_refused),
		SMALL(memory_of_who_waits_does_not_stop_what_it_waits_for),
		TEST(an_abort_reaches_who_waits),
		TEST(an_abort_of_the_older_lets_the_ordered_one_go),
		TEST(an_abort_of_the_wrong_lun_finds_nothing),
		TEST(a_task_set_is_aborted_whole),
		TEST(a_task_set_is_cleared_for_its_nexus_alone),
		TEST(a_lun_reset_reaches_who_waits_in_other_sessions),
		TEST(a_warm_reset_does_so_on_every_lun),
		TEST(a_cold_reset_is_answered_and_ends_the_connections),
		TEST(what_is_not_there_is_refused),
		CROWDED(a_large_read_waits_for_memory_that_another_session_has),
	};
	return cmocka_run_group_tests_name("iscsi/tasks", tests, NULL, NULL);
}
