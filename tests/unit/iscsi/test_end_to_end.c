/* SPDX-License-Identifier: Apache-2.0 */
/* The portal as an initiator library sees it: libiscsi over a real socket. */
#include "support.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include "library.h"

enum { PIECE_BLOCKS = 512, PIECE = PIECE_BLOCKS * LIBRARY_BLOCK };

/* ---- fixtures ---------------------------------------------------------------------------------
 */

static int begin(void **state)
{
	*state = fake_portal_create(NULL);
	return 0;
}

static int begin_chap(void **state)
{
	*state = fake_portal_create(&(struct fake_portal_setup){.chap = true, .mutual = true});
	return 0;
}

static int begin_many_targets(void **state)
{
	*state = fake_portal_create(&(struct fake_portal_setup){.more_targets = 600});
	return 0;
}

static int end(void **state)
{
	struct fake_portal *fake = *state;
	assert_int_equal(portal_memory(fake->portal), 0);
	fake_portal_destroy(fake);
	return 0;
}

static struct iscsi_context *prepare(const char *target)
{
	struct iscsi_context *iscsi = iscsi_create_context(INITIATOR);
	assert_non_null(iscsi);
	iscsi_set_session_type(iscsi, ISCSI_SESSION_NORMAL);
	iscsi_set_targetname(iscsi, target);
	iscsi_set_header_digest(iscsi, ISCSI_HEADER_DIGEST_NONE);
	iscsi_set_noautoreconnect(iscsi, 1);
	iscsi_set_timeout(iscsi, 60);
	return iscsi;
}

static void connect_to(struct iscsi_context *iscsi, struct fake_portal *fake)
{
	int result = iscsi_full_connect_sync(iscsi, fake->address, 0);
	if (result)
		print_message("%s\n", iscsi_get_error(iscsi));
	assert_int_equal(result, 0);
}

static struct iscsi_context *log_in(struct fake_portal *fake)
{
	struct iscsi_context *iscsi = prepare(TARGET_ONE);
	connect_to(iscsi, fake);
	return iscsi;
}

static void log_out(struct iscsi_context *iscsi)
{
	assert_int_equal(iscsi_logout_sync(iscsi), 0);
	iscsi_destroy_context(iscsi);
}

static void expect_status(struct scsi_task *task, int status)
{
	assert_non_null(task);
	assert_int_equal(task->status, status);
}

static void expect_pattern(const unsigned char *data, uint32_t lba, uint32_t blocks)
{
	for (uint32_t i = 0; i < blocks; i++) {
		const unsigned char *block = data + i * LIBRARY_BLOCK;
		uint32_t address = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 |
				   (uint32_t)block[2] << 8 | block[3];
		assert_int_equal(address, lba + i);
		assert_int_equal(block[4], 0x5a);
		assert_int_equal(block[LIBRARY_BLOCK - 1], 0x5a);
	}
}

static void read_all(struct iscsi_context *iscsi)
{
	for (uint32_t lba = 0; lba < DVD_BLOCKS; lba += PIECE_BLOCKS) {
		struct scsi_task *task =
			iscsi_read10_sync(iscsi, 0, lba, PIECE, LIBRARY_BLOCK, 0, 0, 0, 0, 0);
		expect_status(task, SCSI_STATUS_GOOD);
		assert_int_equal(task->datain.size, PIECE);
		assert_int_equal(task->residual_status, SCSI_RESIDUAL_NO_RESIDUAL);
		expect_pattern(task->datain.data, lba, PIECE_BLOCKS);
		scsi_free_scsi_task(task);
	}
}

/* Serves one context until `*flag`. */
static void serve_until(struct iscsi_context *iscsi, const int *flag)
{
	for (unsigned i = 0; !*flag && i < 20000; i++) {
		struct pollfd fd = {
			.fd = iscsi_get_fd(iscsi), .events = (short)iscsi_which_events(iscsi)};
		poll(&fd, 1, 10);
		if (iscsi_service(iscsi, fd.revents) < 0)
			break;
	}
	assert_true(*flag);
}

/* ---- sessions ---------------------------------------------------------------------------------
 */

static void discovery_shows_targets_and_where_they_are(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *iscsi = iscsi_create_context(INITIATOR);
	iscsi_set_session_type(iscsi, ISCSI_SESSION_DISCOVERY);
	assert_int_equal(iscsi_connect_sync(iscsi, fake->address), 0);
	assert_int_equal(iscsi_login_sync(iscsi), 0);
	struct iscsi_discovery_address *found = iscsi_discovery_sync(iscsi);
	unsigned count = 0, ours = 0;
	char portal[96];
	snprintf(portal, sizeof portal, "%s,1", fake->address);
	for (struct iscsi_discovery_address *at = found; at; at = at->next) {
		count++;
		ours += !strcmp(at->target_name, TARGET_ONE);
		assert_string_equal(at->portals->portal, portal);
	}
	assert_int_equal(ours, 1);
	assert_true(count == 2 || count == 602);
	iscsi_free_discovery_data(iscsi, found);
	log_out(iscsi);
}

static void an_unknown_target_is_not_found(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *iscsi = prepare("iqn.2026-01.test:none");
	assert_int_not_equal(iscsi_full_connect_sync(iscsi, fake->address, 0), 0);
	assert_non_null(strstr(iscsi_get_error(iscsi), "Target not found"));
	iscsi_destroy_context(iscsi);
	assert_true(fake_portal_logged(fake, "refused (0203)"));
}

static void a_stranger_is_refused_and_logged_with_name_and_address(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *iscsi = iscsi_create_context("iqn.2026-01.elsewhere:x");
	iscsi_set_session_type(iscsi, ISCSI_SESSION_NORMAL);
	iscsi_set_targetname(iscsi, TARGET_ONE);
	assert_int_not_equal(iscsi_full_connect_sync(iscsi, fake->address, 0), 0);
	iscsi_destroy_context(iscsi);
	assert_true(fake_portal_logged(
		fake, "127.0.0.1: login of iqn.2026-01.elsewhere:x to " TARGET_ONE));
	assert_int_equal(fake_portal_opened(fake), 0);
}

static bool one_closed(struct fake_portal *fake)
{
	return fake_portal_closed(fake) == 1;
}

static void a_session_is_a_nexus_per_lun_until_logout(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *iscsi = log_in(fake);
	assert_int_equal(fake_portal_nexuses(fake), 1);
	assert_int_equal(portal_session_count(fake->portal), 1);
	log_out(iscsi);
	assert_true(wait_until(one_closed, fake));
	assert_int_equal(fake_portal_nexuses(fake), 0);
}

static void two_sessions_are_two_nexuses(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *a = log_in(fake), *b = log_in(fake);
	assert_int_equal(fake_portal_nexuses(fake), 2);
	read_all(b);
	read_all(a);
	log_out(a);
	read_all(b);
	log_out(b);
}

static void the_same_initiator_port_replaces_its_former_session(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *a = prepare(TARGET_ONE), *b = prepare(TARGET_ONE);
	iscsi_set_isid_random(a, 77, 1);
	iscsi_set_isid_random(b, 77, 1);
	connect_to(a, fake);
	connect_to(b, fake);
	assert_int_equal(fake_portal_closed(fake), 1);
	assert_int_equal(fake_portal_nexuses(fake), 1);
	read_all(b);
	iscsi_destroy_context(a);
	log_out(b);
}

static void another_target_is_another_session(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *a = prepare(TARGET_ONE), *b = prepare(TARGET_TWO);
	iscsi_set_isid_random(a, 77, 1);
	iscsi_set_isid_random(b, 77, 1);
	connect_to(a, fake);
	connect_to(b, fake);
	assert_int_equal(fake_portal_nexuses(fake), 2);
	log_out(a);
	log_out(b);
}

static void a_lost_connection_gives_back_what_the_nexus_held(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *iscsi = log_in(fake);
	struct scsi_task *task = iscsi_preventallow_sync(iscsi, 0, 1);
	expect_status(task, SCSI_STATUS_GOOD);
	scsi_free_scsi_task(task);
	assert_true(fake_portal_prevented(fake));
	iscsi_destroy_context(iscsi);
	assert_true(wait_until(one_closed, fake));
	assert_false(fake_portal_prevented(fake));
}

/* ---- CHAP -------------------------------------------------------------------------------------
 */

static void chap_lets_in_who_knows_the_secret(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *iscsi = prepare(TARGET_ONE);
	iscsi_set_initiator_username_pwd(iscsi, CHAP_USER, CHAP_SECRET);
	connect_to(iscsi, fake);
	log_out(iscsi);
}

static void mutual_chap_proves_the_target(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *iscsi = prepare(TARGET_ONE);
	iscsi_set_initiator_username_pwd(iscsi, CHAP_USER, CHAP_SECRET);
	iscsi_set_target_username_pwd(iscsi, TARGET_USER, TARGET_SECRET);
	connect_to(iscsi, fake);
	log_out(iscsi);
}

static void expect_refused(struct fake_portal *fake, const char *user, const char *secret)
{
	struct iscsi_context *iscsi = prepare(TARGET_ONE);
	if (user)
		iscsi_set_initiator_username_pwd(iscsi, user, secret);
	assert_int_not_equal(iscsi_full_connect_sync(iscsi, fake->address, 0), 0);
	iscsi_destroy_context(iscsi);
	assert_int_equal(fake_portal_opened(fake), 0);
	assert_true(fake_portal_logged(fake, "refused (0201)"));
}

static void a_wrong_secret_is_refused(void **state)
{
	expect_refused(*state, CHAP_USER, "not the secret of it");
}

static void a_wrong_user_is_refused(void **state)
{
	expect_refused(*state, "nobody", CHAP_SECRET);
}

static void no_secret_is_refused(void **state)
{
	expect_refused(*state, NULL, NULL);
}

/* ---- commands ---------------------------------------------------------------------------------
 */

static void a_disc_is_read_back_in_large_pieces(void **state)
{
	struct iscsi_context *iscsi = log_in(*state);
	read_all(iscsi);
	log_out(iscsi);
}

static void header_digests_change_nothing(void **state)
{
	struct iscsi_context *iscsi = prepare(TARGET_ONE);
	iscsi_set_header_digest(iscsi, ISCSI_HEADER_DIGEST_CRC32C);
	connect_to(iscsi, *state);
	read_all(iscsi);
	log_out(iscsi);
}

static void report_luns_shows_the_map_of_the_session(void **state)
{
	struct iscsi_context *iscsi = log_in(*state);
	struct scsi_task *task = iscsi_reportluns_sync(iscsi, 0, 256);
	expect_status(task, SCSI_STATUS_GOOD);
	struct scsi_reportluns_list *list = scsi_datain_unmarshall(task);
	assert_int_equal(list->num, 2);
	assert_int_equal(list->luns[0], 0);
	assert_int_equal(list->luns[1], 5);
	scsi_free_scsi_task(task);
	log_out(iscsi);
}

static void inquiry_of_both_luns(void **state)
{
	struct iscsi_context *iscsi = log_in(*state);
	const int luns[] = {0, 5};
	for (unsigned i = 0; i < 2; i++) {
		struct scsi_task *task = iscsi_inquiry_sync(iscsi, luns[i], 0, 0, 96);
		expect_status(task, SCSI_STATUS_GOOD);
		struct scsi_inquiry_standard *data = scsi_datain_unmarshall(task);
		assert_int_equal(data->device_type, 5);
		assert_int_equal(data->qualifier, 0);
		scsi_free_scsi_task(task);
	}
	log_out(iscsi);
}

static void a_lun_that_is_not_there_says_so(void **state)
{
	struct iscsi_context *iscsi = log_in(*state);
	struct scsi_task *task = iscsi_inquiry_sync(iscsi, 3, 0, 0, 96);
	expect_status(task, SCSI_STATUS_GOOD);
	assert_int_equal(task->datain.data[0], 0x7f);
	assert_int_equal(task->residual_status, SCSI_RESIDUAL_UNDERFLOW);
	scsi_free_scsi_task(task);
	task = iscsi_testunitready_sync(iscsi, 3);
	expect_status(task, SCSI_STATUS_CHECK_CONDITION);
	assert_int_equal(task->sense.key, SCSI_SENSE_ILLEGAL_REQUEST);
	assert_int_equal(task->sense.ascq, 0x2500);
	scsi_free_scsi_task(task);
	log_out(iscsi);
}

static struct scsi_task *read_one(struct iscsi_context *iscsi, uint32_t lba, int expected)
{
	struct scsi_task *task = scsi_cdb_read10(lba, LIBRARY_BLOCK, LIBRARY_BLOCK, 0, 0, 0, 0, 0);
	task->expxferlen = expected;
	task->xfer_dir = expected ? SCSI_XFER_READ : SCSI_XFER_NONE;
	assert_ptr_equal(iscsi_scsi_command_sync(iscsi, 0, task, NULL), task);
	return task;
}

static void residuals_are_exact_both_ways(void **state)
{
	struct iscsi_context *iscsi = log_in(*state);
	struct scsi_task *task = read_one(iscsi, 7, 10000);
	expect_status(task, SCSI_STATUS_GOOD);
	assert_int_equal(task->residual_status, SCSI_RESIDUAL_UNDERFLOW);
	assert_int_equal(task->residual, 10000 - LIBRARY_BLOCK);
	assert_int_equal(task->datain.size, LIBRARY_BLOCK);
	scsi_free_scsi_task(task);
	task = read_one(iscsi, 7, 200);
	expect_status(task, SCSI_STATUS_GOOD);
	assert_int_equal(task->residual_status, SCSI_RESIDUAL_OVERFLOW);
	assert_int_equal(task->residual, LIBRARY_BLOCK - 200);
	assert_int_equal(task->datain.size, 200);
	scsi_free_scsi_task(task);
	log_out(iscsi);
}

static void a_failed_read_has_sense_and_residual(void **state)
{
	struct iscsi_context *iscsi = log_in(*state);
	struct scsi_task *task = iscsi_read10_sync(
		iscsi, 0, DVD_BLOCKS, LIBRARY_BLOCK, LIBRARY_BLOCK, 0, 0, 0, 0, 0);
	expect_status(task, SCSI_STATUS_CHECK_CONDITION);
	assert_int_equal(task->sense.key, SCSI_SENSE_ILLEGAL_REQUEST);
	assert_int_equal(task->sense.ascq, 0x2100);
	assert_int_equal(task->residual, LIBRARY_BLOCK);
	scsi_free_scsi_task(task);
	log_out(iscsi);
}

/* Page 01h with eight bytes of header and a read retry count. */
static void select_mode(struct iscsi_context *iscsi, int immediate_data, int initial_r2t)
{
	unsigned char list[] = {0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x0a, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0};
	struct iscsi_data data = {.size = sizeof list, .data = list};
	unsigned char cdb[10] = {0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof list, 0};
	struct scsi_task *task = scsi_create_task(10, cdb, SCSI_XFER_WRITE, sizeof list);
	assert_ptr_equal(iscsi_scsi_command_sync(iscsi, 0, task, &data), task);
	expect_status(task, SCSI_STATUS_GOOD);
	assert_int_equal(task->residual_status, SCSI_RESIDUAL_NO_RESIDUAL);
	scsi_free_scsi_task(task);
	task = iscsi_modesense10_sync(iscsi, 0, 0, 1, 0, 0x01, 0, 255);
	expect_status(task, SCSI_STATUS_GOOD);
	assert_int_equal(task->datain.data[8 + 3], 9);
	scsi_free_scsi_task(task);
}

static void data_out_arrives_immediate_unsolicited_and_solicited(void **state)
{
	for (int how = 0; how < 4; how++) {
		struct iscsi_context *iscsi = prepare(TARGET_ONE);
		iscsi_set_immediate_data(iscsi, how & 1);
		iscsi_set_initial_r2t(iscsi, how >> 1);
		connect_to(iscsi, *state);
		select_mode(iscsi, how & 1, how >> 1);
		log_out(iscsi);
	}
}

static void what_the_library_decides_is_answered_too(void **state)
{
	struct iscsi_context *iscsi = log_in(*state);
	struct scsi_task *task = iscsi_startstopunit_sync(iscsi, 0, 0, 0, 0, 0, 1, 0);
	expect_status(task, SCSI_STATUS_GOOD);
	scsi_free_scsi_task(task);
	log_out(iscsi);
}

static void nop_comes_back(void **state)
{
	struct iscsi_context *iscsi = log_in(*state);
	unsigned char ping[] = "are you there";
	assert_int_equal(iscsi_nop_out_async(iscsi, NULL, ping, sizeof ping, NULL), 0);
	read_all(iscsi);
	assert_int_equal(iscsi_get_nops_in_flight(iscsi), 0);
	log_out(iscsi);
}

/* ---- task management and trouble --------------------------------------------------------------
 */

static int last_status;

static void command_back(struct iscsi_context *iscsi, int status, void *data, void *flag)
{
	last_status = status;
	*(int *)flag = 1;
}

static struct scsi_task *start_read(struct iscsi_context *iscsi, int *flag)
{
	*flag = 0;
	struct scsi_task *task = iscsi_read10_task(
		iscsi, 0, 0, PIECE, LIBRARY_BLOCK, 0, 0, 0, 0, 0, command_back, flag);
	assert_non_null(task);
	return task;
}

static bool one_held(struct fake_portal *fake)
{
	return fake_portal_held(fake) >= 1;
}

static void send_now(struct iscsi_context *iscsi, struct fake_portal *fake)
{
	while (iscsi_out_queue_length(iscsi) > 0)
		iscsi_service(iscsi, POLLOUT);
	assert_true(wait_until(one_held, fake));
}

static void management_back(struct iscsi_context *iscsi, int status, void *data, void *flag)
{
	last_status = data ? (int)*(uint32_t *)data : -1;
	*(int *)flag = 1;
}

static void abort_ends_a_task_that_waits(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *iscsi = log_in(fake);
	int read = 0, aborted = 0;
	fake_portal_hold(fake, true);
	struct scsi_task *task = start_read(iscsi, &read);
	send_now(iscsi, fake);
	assert_int_equal(
		iscsi_task_mgmt_abort_task_async(iscsi, task, management_back, &aborted), 0);
	serve_until(iscsi, &aborted);
	assert_int_equal(last_status, ISCSI_TMR_FUNC_COMPLETE);
	iscsi_scsi_cancel_task(iscsi, task);
	scsi_free_scsi_task(task);
	fake_portal_hold(fake, false);
	read_all(iscsi);
	log_out(iscsi);
}

static void abort_of_nothing_says_so(void **state)
{
	struct iscsi_context *iscsi = log_in(*state);
	int done = 0;
	assert_int_equal(iscsi_task_mgmt_async(
				 iscsi, 0, ISCSI_TM_ABORT_TASK, 0x7777, 0, management_back, &done),
		0);
	serve_until(iscsi, &done);
	assert_int_equal(last_status, ISCSI_TMR_TASK_DOES_NOT_EXIST);
	log_out(iscsi);
}

static void a_lun_reset_ends_the_tasks_and_is_told_to_others(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *a = log_in(fake), *b = log_in(fake);
	int read = 0, reset = 0;
	fake_portal_hold(fake, true);
	struct scsi_task *task = start_read(b, &read);
	send_now(b, fake);
	assert_int_equal(iscsi_task_mgmt_lun_reset_async(a, 0, management_back, &reset), 0);
	serve_until(a, &reset);
	assert_int_equal(last_status, ISCSI_TMR_FUNC_COMPLETE);
	serve_until(b, &read);
	assert_int_equal(last_status, SCSI_STATUS_TASK_ABORTED);
	scsi_free_scsi_task(task);
	fake_portal_hold(fake, false);
	task = iscsi_testunitready_sync(b, 0);
	expect_status(task, SCSI_STATUS_CHECK_CONDITION);
	assert_int_equal(task->sense.ascq, 0x2903);
	scsi_free_scsi_task(task);
	task = iscsi_testunitready_sync(a, 0);
	expect_status(task, SCSI_STATUS_GOOD);
	scsi_free_scsi_task(task);
	log_out(a);
	log_out(b);
}

static void a_disconnect_in_mid_transfer_ends_the_session_at_once(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *iscsi = log_in(fake);
	int read = 0;
	fake_portal_hold(fake, true);
	struct scsi_task *task = start_read(iscsi, &read);
	send_now(iscsi, fake);
	iscsi_destroy_context(iscsi);
	scsi_free_scsi_task(task);
	assert_true(wait_until(one_closed, fake));
	assert_int_equal(portal_memory(fake->portal), 0);
	fake_portal_hold(fake, false);
	iscsi = log_in(fake);
	read_all(iscsi);
	log_out(iscsi);
}

static void closing_a_target_leaves_the_others(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *a = prepare(TARGET_ONE), *b = prepare(TARGET_TWO);
	connect_to(a, fake);
	connect_to(b, fake);
	portal_close_target(fake->portal, TARGET_ONE);
	assert_true(wait_until(one_closed, fake));
	read_all(b);
	log_out(b);
	iscsi_destroy_context(a);
}

static void many_reads_at_once_come_back_whole(void **state)
{
	struct iscsi_context *iscsi = log_in(*state);
	enum { DEPTH = 64 };
	int done[DEPTH] = {0};
	struct scsi_task *tasks[DEPTH];
	for (unsigned i = 0; i < DEPTH; i++)
		tasks[i] = iscsi_read10_task(iscsi, 0, i * 32, 32 * LIBRARY_BLOCK, LIBRARY_BLOCK, 0,
			0, 0, 0, 0, command_back, &done[i]);
	for (unsigned i = 0; i < DEPTH; i++) {
		serve_until(iscsi, &done[i]);
		expect_status(tasks[i], SCSI_STATUS_GOOD);
		expect_pattern(tasks[i]->datain.data, i * 32, 32);
		scsi_free_scsi_task(tasks[i]);
	}
	log_out(iscsi);
}

/* ---- all at once ------------------------------------------------------------------------------
 */

enum { STORM_ROUNDS = 60, STORM_READS = 8 };

static void *read_on(void *argument)
{
	struct iscsi_context *iscsi = argument;
	for (unsigned i = 0; i < 6; i++)
		read_all(iscsi);
	return NULL;
}

/* Reads, of which one is aborted, wherever it may be by then. */
static void storm(struct iscsi_context *iscsi)
{
	struct scsi_task *tasks[STORM_READS];
	int done[STORM_READS], aborted = 0;
	for (unsigned i = 0; i < STORM_READS; i++)
		tasks[i] = start_read(iscsi, &done[i]);
	iscsi_task_mgmt_abort_task_async(iscsi, tasks[0], management_back, &aborted);
	for (unsigned i = 1; i < STORM_READS; i++)
		serve_until(iscsi, &done[i]);
	serve_until(iscsi, &aborted);
	if (!done[0])
		iscsi_scsi_cancel_task(iscsi, tasks[0]);
	for (unsigned i = 0; i < STORM_READS; i++)
		scsi_free_scsi_task(tasks[i]);
}

/* Half of the time what is read is not at hand, so that workers read it. */
static void an_abort_storm_disturbs_nobody(void **state)
{
	struct fake_portal *fake = *state;
	struct iscsi_context *reader = log_in(fake), *stormy = log_in(fake);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, read_on, reader), 0);
	for (unsigned i = 0; i < STORM_ROUNDS; i++) {
		fake_portal_slow(fake, i % 2);
		storm(stormy);
	}
	fake_portal_slow(fake, false);
	pthread_join(thread, NULL);
	log_out(reader);
	log_out(stormy);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
#define CHAP(test) cmocka_unit_test_setup_teardown(test, begin_chap, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(discovery_shows_targets_and_where_they_are),
		cmocka_unit_test_setup_teardown(
			discovery_shows_targets_and_where_they_are, begin_many_targets, end),
		TEST(an_unknown_target_is_not_found),
		TEST(a_stranger_is_refused_and_logged_with_name_and_address),
		TEST(a_session_is_a_nexus_per_lun_until_logout),
		TEST(two_sessions_are_two_nexuses),
		TEST(the_same_initiator_port_replaces_its_former_session),
		TEST(another_target_is_another_session),
		TEST(a_lost_connection_gives_back_what_the_nexus_held),
		CHAP(chap_lets_in_who_knows_the_secret),
		CHAP(mutual_chap_proves_the_target),
		CHAP(a_wrong_secret_is_refused),
		CHAP(a_wrong_user_is_refused),
		CHAP(no_secret_is_refused),
		TEST(a_disc_is_read_back_in_large_pieces),
		TEST(header_digests_change_nothing),
		TEST(report_luns_shows_the_map_of_the_session),
		TEST(inquiry_of_both_luns),
		TEST(a_lun_that_is_not_there_says_so),
		TEST(residuals_are_exact_both_ways),
		TEST(a_failed_read_has_sense_and_residual),
		TEST(data_out_arrives_immediate_unsolicited_and_solicited),
		TEST(what_the_library_decides_is_answered_too),
		TEST(nop_comes_back),
		TEST(abort_ends_a_task_that_waits),
		TEST(abort_of_nothing_says_so),
		TEST(a_lun_reset_ends_the_tasks_and_is_told_to_others),
		TEST(a_disconnect_in_mid_transfer_ends_the_session_at_once),
		TEST(closing_a_target_leaves_the_others),
		TEST(many_reads_at_once_come_back_whole),
		TEST(an_abort_storm_disturbs_nobody),
	};
	return cmocka_run_group_tests_name("iscsi/end to end", tests, NULL, NULL);
}
