/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A portal that stops tells the backend which initiators have missed nothing: no request and no
 * task was under way, and they had acknowledged every status. It waits a second for them to get
 * there.
 */
#include "support.h"

#include "raw.h"

#include <pthread.h>
#include <time.h>

/* What waits for the end of its time has little of it; what is to be over before has plenty. */
enum { ASYNC_DROPS = 3, HASTY_MS = 1000, LATE_MS = 4000, PATIENT_MS = 60000 };

struct scene {
	struct fake_portal *fake;
	struct raw *raw;
	pthread_t stopper;
	struct timespec began;
};

/* What carries a StatSN of its own is acknowledged by the next request. */
static void note(struct raw *raw)
{
	raw->exp_stat_sn = get_be32(raw->bhs + BHS_STAT_SN) + 1;
}

static int begin_with(void **state, unsigned settle_ms)
{
	static struct scene scene;
	scene.fake =
		fake_portal_create(&(struct fake_portal_setup){.limits = {.settle_ms = settle_ms}});
	scene.raw = raw_login(scene.fake);
	raw_settle(scene.raw);
	note(scene.raw);
	*state = &scene;
	return 0;
}

static int begin(void **state)
{
	return begin_with(state, PATIENT_MS);
}

static int begin_late(void **state)
{
	return begin_with(state, LATE_MS);
}

static int begin_hasty(void **state)
{
	return begin_with(state, HASTY_MS);
}

static int end(void **state)
{
	struct scene *scene = *state;
	raw_close(scene->raw);
	fake_portal_destroy(scene->fake);
	return 0;
}

/* ---- stopping -------------------------------------------------------------------------------- */

static void *stop(void *argument)
{
	portal_stop(((struct fake_portal *)argument)->portal);
	return NULL;
}

static void begin_stop(struct scene *scene)
{
	clock_gettime(CLOCK_MONOTONIC, &scene->began);
	assert_int_equal(pthread_create(&scene->stopper, NULL, stop, scene->fake), 0);
}

/* Returns how long it took. */
static long end_stop(struct scene *scene)
{
	struct timespec now;
	pthread_join(scene->stopper, NULL);
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - scene->began.tv_sec) * 1000 +
	       (now.tv_nsec - scene->began.tv_nsec) / 1000000;
}

static void expect_ping(struct raw *raw)
{
	raw_expect(raw, PDU_NOP_IN);
	assert_int_not_equal(get_be32(raw->bhs + BHS_TTT), TAG_NONE);
}

static void expect_drop(struct raw *raw)
{
	raw_expect(raw, PDU_ASYNC);
	assert_int_equal(raw->bhs[BHS_ASYNC_EVENT], ASYNC_DROPS);
	raw_expect_closed(raw);
}

/* The answer to the ping that was received last, and what comes right behind it. */
static void answer_ping_and(struct raw *raw, const char *more, size_t length)
{
	uint8_t bytes[BHS_LENGTH + 8];
	pdu_begin(bytes, PDU_NOP_OUT | PDU_IMMEDIATE, TAG_NONE);
	put_be32(bytes + BHS_TTT, get_be32(raw->bhs + BHS_TTT));
	put_be32(bytes + BHS_CMD_SN, raw->cmd_sn);
	put_be32(bytes + BHS_EXP_STAT_SN, raw->exp_stat_sn);
	memcpy(bytes + BHS_LENGTH, more, length);
	raw_send_bytes(raw, bytes, BHS_LENGTH + length);
}

static void answer_ping(struct raw *raw)
{
	answer_ping_and(raw, "", 0);
}

static void log_out(struct raw *raw)
{
	uint8_t bhs[BHS_LENGTH];
	raw_begin(raw, bhs, PDU_LOGOUT | PDU_IMMEDIATE);
	raw->cmd_sn--;
	raw_send(raw, bhs, NULL, 0);
	raw_expect(raw, PDU_LOGOUT_RESPONSE);
	assert_int_equal(raw->bhs[BHS_RESPONSE], 0);
	raw_expect_closed(raw);
}

/* ---- who has missed nothing ------------------------------------------------------------------ */

static void who_acknowledges_has_missed_nothing(void **state)
{
	struct scene *scene = *state;
	begin_stop(scene);
	expect_ping(scene->raw);
	answer_ping(scene->raw);
	expect_drop(scene->raw);
	assert_in_range(end_stop(scene), 0, PATIENT_MS - 1);
	assert_int_equal(fake_portal_quiet(scene->fake), 1);
}

static bool one_opened(struct fake_portal *fake)
{
	return fake_portal_opened(fake) == 1;
}

/* What it sent last has done it. */
static void who_has_acknowledged_is_not_asked(void **state)
{
	struct scene *scene = *state;
	uint8_t bhs[BHS_LENGTH];
	assert_true(wait_until(one_opened, scene->fake));
	pdu_begin(bhs, PDU_NOP_OUT | PDU_IMMEDIATE, TAG_NONE);
	put_be32(bhs + BHS_TTT, TAG_NONE);
	put_be32(bhs + BHS_CMD_SN, scene->raw->cmd_sn);
	put_be32(bhs + BHS_EXP_STAT_SN, scene->raw->exp_stat_sn);
	raw_send(scene->raw, bhs, NULL, 0);
	begin_stop(scene);
	assert_true(raw_receive(scene->raw));
	if (scene->raw->bhs[BHS_OPCODE] == PDU_NOP_IN) /* it was stopped before that was read */
		raw_expect(scene->raw, PDU_ASYNC);
	assert_int_equal(scene->raw->bhs[BHS_OPCODE], PDU_ASYNC);
	end_stop(scene);
	assert_int_equal(fake_portal_quiet(scene->fake), 1);
}

static void send_ready(struct raw *raw)
{
	static const uint8_t test_unit_ready[16] = {0};
	raw_command(raw, 0, 0, test_unit_ready, 0, NULL, 0);
}

/* Commands go on; what they were told is asked for again. */
static void nor_has_who_acknowledges_its_last_command(void **state)
{
	struct scene *scene = *state;
	begin_stop(scene);
	expect_ping(scene->raw);
	scene->raw->exp_stat_sn--; /* as if that was on its way */
	send_ready(scene->raw);
	raw_expect(scene->raw, PDU_SCSI_RESPONSE);
	assert_int_equal(scene->raw->bhs[BHS_STATUS], 0);
	note(scene->raw);
	expect_ping(scene->raw);
	answer_ping(scene->raw);
	expect_drop(scene->raw);
	end_stop(scene);
	assert_int_equal(fake_portal_quiet(scene->fake), 1);
}

static bool one_held(struct fake_portal *fake)
{
	return fake_portal_held(fake) == 1;
}

static void a_command_under_way_is_waited_for(void **state)
{
	struct scene *scene = *state;
	fake_portal_hold(scene->fake, true);
	raw_read(scene->raw, 0, 1);
	assert_true(wait_until(one_held, scene->fake));
	begin_stop(scene);
	assert_true(raw_silent(scene->raw));
	fake_portal_hold(scene->fake, false);
	raw_expect(scene->raw, PDU_DATA_IN);
	assert_int_equal(scene->raw->bhs[BHS_FLAGS], FLAG_FINAL | FLAG_STATUS);
	note(scene->raw);
	expect_ping(scene->raw);
	answer_ping(scene->raw);
	expect_drop(scene->raw);
	assert_in_range(end_stop(scene), 0, PATIENT_MS - 1);
	assert_int_equal(fake_portal_quiet(scene->fake), 1);
}

/* ---- who may have missed something ----------------------------------------------------------- */

static void who_says_nothing_may_have(void **state)
{
	struct scene *scene = *state;
	begin_stop(scene);
	expect_ping(scene->raw);
	expect_drop(scene->raw);
	assert_in_range(end_stop(scene), HASTY_MS, PATIENT_MS);
	assert_int_equal(fake_portal_closed(scene->fake), 1);
	assert_int_equal(fake_portal_quiet(scene->fake), 0);
}

static void so_may_who_lacks_a_status(void **state)
{
	struct scene *scene = *state;
	begin_stop(scene);
	expect_ping(scene->raw);
	scene->raw->exp_stat_sn--;
	answer_ping(scene->raw);
	expect_ping(scene->raw); /* and once more */
	expect_drop(scene->raw);
	end_stop(scene);
	assert_int_equal(fake_portal_quiet(scene->fake), 0);
}

static void so_may_who_has_a_command_under_way(void **state)
{
	struct scene *scene = *state;
	fake_portal_hold(scene->fake, true);
	raw_read(scene->raw, 0, 1);
	assert_true(wait_until(one_held, scene->fake));
	begin_stop(scene);
	expect_drop(scene->raw);
	assert_in_range(end_stop(scene), HASTY_MS, PATIENT_MS);
	assert_int_equal(fake_portal_quiet(scene->fake), 0);
}

/* Half a request is one that it believes to have sent. */
static void so_may_who_has_sent_half_a_request(void **state)
{
	struct scene *scene = *state;
	begin_stop(scene);
	expect_ping(scene->raw);
	answer_ping_and(scene->raw, "half", 4);
	expect_drop(scene->raw);
	end_stop(scene);
	assert_int_equal(fake_portal_quiet(scene->fake), 0);
}

static void so_may_who_logs_out_meanwhile(void **state)
{
	struct scene *scene = *state;
	begin_stop(scene);
	expect_ping(scene->raw);
	log_out(scene->raw);
	end_stop(scene);
	assert_int_equal(fake_portal_quiet(scene->fake), 0);
}

static bool one_closed(struct fake_portal *fake)
{
	return fake_portal_closed(fake) == 1;
}

/* The portal goes on: whoever comes back then has left. */
static void so_may_who_leaves_by_itself(void **state)
{
	struct scene *scene = *state;
	log_out(scene->raw);
	assert_true(wait_until(one_closed, scene->fake));
	assert_int_equal(fake_portal_quiet(scene->fake), 0);
}

static void so_may_who_is_sent_away(void **state)
{
	struct scene *scene = *state;
	portal_close_target(scene->fake->portal, TARGET_ONE);
	expect_drop(scene->raw);
	assert_true(wait_until(one_closed, scene->fake));
	assert_int_equal(fake_portal_quiet(scene->fake), 0);
}

/* ---- who comes now --------------------------------------------------------------------------- */

static void nobody_logs_in_any_more(void **state)
{
	struct scene *scene = *state;
	struct raw *late = raw_connect(scene->fake);
	begin_stop(scene);
	expect_ping(scene->raw);
	raw_expect_closed(late);
	raw_close(late);
	answer_ping(scene->raw);
	expect_drop(scene->raw);
	end_stop(scene);
	assert_int_equal(fake_portal_opened(scene->fake), 1);
}

static void nobody_is_waited_for_when_nobody_is_here(void **state)
{
	struct scene *scene = *state;
	log_out(scene->raw);
	assert_true(wait_until(one_closed, scene->fake));
	begin_stop(scene);
	assert_in_range(end_stop(scene), 0, PATIENT_MS - 1);
}

#define TEST(test)  cmocka_unit_test_setup_teardown(test, begin, end)
#define LATE(test)  cmocka_unit_test_setup_teardown(test, begin_late, end)
#define HASTY(test) cmocka_unit_test_setup_teardown(test, begin_hasty, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_acknowledges_has_missed_nothing),
		TEST(who_has_acknowledged_is_not_asked),
		TEST(nor_has_who_acknowledges_its_last_command),
		TEST(a_command_under_way_is_waited_for),
		HASTY(who_says_nothing_may_have),
		LATE(so_may_who_lacks_a_status),
		HASTY(so_may_who_has_a_command_under_way),
		LATE(so_may_who_has_sent_half_a_request),
		TEST(so_may_who_logs_out_meanwhile),
		TEST(so_may_who_leaves_by_itself),
		TEST(so_may_who_is_sent_away),
		TEST(nobody_logs_in_any_more),
		TEST(nobody_is_waited_for_when_nobody_is_here),
	};
	return cmocka_run_group_tests_name("iscsi/stop", tests, NULL, NULL);
}
