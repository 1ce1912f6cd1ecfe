/* SPDX-License-Identifier: Apache-2.0 */
/*
 * REPORT SUPPORTED OPERATION CODES (SPC-4 6.35) against the table itself, task management
 * functions, timestamps. LTFS takes its timeouts from here.
 */
#include "tape_bench.h"
#include "util/bytes.h"

#define RSOC(nexus, options, opcode, action, length)                                               \
	SEND(nexus, (length), 0xa3, 0x0c, (options), (opcode), 0, (action), 0, 0, (length) >> 8,   \
		(length)&0xff)

enum { ALL = 0, OPCODE = 1, ACTION = 2, EITHER = 3, RCTD = 0x80, LENGTH = 2048 };

static const struct scsi_opcode_table *table(void)
{
	return &ssc_device_type.opcodes;
}

static bool has_action(const struct scsi_opcode *row)
{
	return row->service_action != SCSI_ANY_ACTION;
}

static void expect_timeouts(
	const struct fake_answer *answer, size_t at, const struct scsi_opcode *row)
{
	EXPECT_BE16(answer, at, 10);
	EXPECT_BE32(answer, at + 4, row->nominal_s);
	EXPECT_BE32(answer, at + 8, row->timeout_s);
}

static void all_commands(struct scsi_nexus *host, bool timeouts)
{
	size_t width = timeouts ? 20 : 8;
	const struct fake_answer *answer = RSOC(host, timeouts ? RCTD : ALL, 0, 0, LENGTH);
	EXPECT_LENGTH(answer, 4 + table()->count * width);
	EXPECT_BE32(answer, 0, (unsigned)(table()->count * width));
	for (size_t i = 0; i < table()->count; i++) {
		const struct scsi_opcode *row = &table()->rows[i];
		size_t at = 4 + i * width;
		EXPECT_U8(answer, at, row->opcode);
		EXPECT_BE16(answer, at + 2, has_action(row) ? (unsigned)row->service_action : 0);
		EXPECT_U8(answer, at + 5, (timeouts ? 2 : 0) | has_action(row));
		EXPECT_BE16(answer, at + 6, scsi_cdb_length(row->opcode));
		if (timeouts)
			expect_timeouts(answer, at + 8, row);
	}
}

static void all_of_them(void **state)
{
	all_commands(BENCH(state).host, false);
}

static void all_of_them_with_timeouts(void **state)
{
	all_commands(BENCH(state).host, true);
}

static const struct fake_answer *ask_for(
	struct scsi_nexus *host, const struct scsi_opcode *row, unsigned more)
{
	unsigned action = has_action(row) ? (unsigned)row->service_action : 0;
	return RSOC(host, (has_action(row) ? ACTION : OPCODE) | more, row->opcode, action, 64);
}

/* CDB USAGE DATA: the operation code, the service action and what may be set besides. */
static void each_of_them(void **state)
{
	for (size_t i = 0; i < table()->count; i++) {
		const struct scsi_opcode *row = &table()->rows[i];
		unsigned length = scsi_cdb_length(row->opcode);
		const struct fake_answer *answer = ask_for(BENCH(state).host, row, 0);
		EXPECT_LENGTH(answer, 4 + length);
		EXPECT_U8(answer, 1, 3); /* SUPPORT: as a standard says */
		EXPECT_BE16(answer, 2, length);
		EXPECT_U8(answer, 4, row->opcode);
		EXPECT_U8(answer, 5,
			has_action(row) ? (row->usage[1] & 0xe0) | row->service_action
					: row->usage[1]);
		for (unsigned byte = 2; byte < length; byte++)
			EXPECT_U8(answer, 4 + byte, row->usage[byte]);
	}
}

static void each_of_them_with_timeouts(void **state)
{
	for (size_t i = 0; i < table()->count; i++) {
		const struct scsi_opcode *row = &table()->rows[i];
		const struct fake_answer *answer = ask_for(BENCH(state).host, row, RCTD);
		EXPECT_U8(answer, 1, 0x80 | 3);
		expect_timeouts(answer, 4 + scsi_cdb_length(row->opcode), row);
	}
}

/* Nobody waits for a drive for ever, or gives up before it can be done. */
static void every_command_has_a_timeout(void **state)
{
	for (size_t i = 0; i < table()->count; i++) {
		const struct scsi_opcode *row = &table()->rows[i];
		if (row->nominal_s == 0 || row->timeout_s < 30 || row->timeout_s < row->nominal_s)
			fail_msg(
				"%s: %u and %u seconds", row->name, row->nominal_s, row->timeout_s);
	}
}

/* SUPPORT 001b, and no CDB. */
static void what_is_not_there(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_DATA(RSOC(host, OPCODE, 0x0f, 0, 64), 0, 1, 0, 0);
	EXPECT_DATA(RSOC(host, ACTION, 0x34, 0x1f, 64), 0, 1, 0, 0);
	EXPECT_DATA(RSOC(host, EITHER, 0x00, 1, 64), 0, 1, 0, 0);
	EXPECT_U8(RSOC(host, EITHER, 0x00, 0, 64), 1, 3);
	EXPECT_U8(RSOC(host, EITHER, 0x34, 6, 64), 1, 3);
}

/* SPC-4 6.35.1, table: with actions where there are none, and without where there are. */
static void options_that_do_not_go_with_the_code_are_refused(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_INVALID_CDB(RSOC(host, OPCODE, 0x34, 0, 64), 2, 2);
	EXPECT_INVALID_CDB(RSOC(host, ACTION, 0x00, 0, 64), 2, 2);
	EXPECT_INVALID_CDB(RSOC(host, 5, 0x00, 0, 64), 2, 2);
}

/* ---- task management functions (SPC-4 6.36) ----------------------------------------------------
 */

static void task_management_functions(void **state)
{
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_DATA(SEND(host, 4, 0xa3, 0x0d, 0, 0, 0, 0, 0, 0, 0, 4), 0xe8, 0, 0, 0);
	EXPECT_DATA(SEND(host, 16, 0xa3, 0x0d, 0x80, 0, 0, 0, 0, 0, 0, 16), 0xe8, 0, 0, 0x0c, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_INVALID_CDB(SEND(host, 3, 0xa3, 0x0d, 0, 0, 0, 0, 0, 0, 0, 3), 6, 7);
}

/* ---- timestamps (SPC-4 5.13): Proxmox and LTFS set them ---------------------------------------
 */

#define REPORT_TIMESTAMP(nexus) SEND(nexus, 12, 0xa3, 0x0f, 0, 0, 0, 0, 0, 0, 0, 12)

static void a_timestamp_is_kept_and_runs(void **state)
{
	static const uint8_t list[12] = {[4] = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06};
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_U8(REPORT_TIMESTAMP(host), 2, 0); /* since power on */
	EXPECT_GOOD(SEND_OUT(host, list, 12, 0xa4, 0x0f, 0, 0, 0, 0, 0, 0, 0, 12));
	EXPECT_DATA(REPORT_TIMESTAMP(host), 0, 10, 2, 0, 1, 2, 3, 4, 5, 6, 0, 0);
	fake_sleep_ms(BENCH(state).fake, 0x10);
	EXPECT_DATA(REPORT_TIMESTAMP(host), 0, 10, 2, 0, 1, 2, 3, 4, 5, 0x16, 0, 0);
}

static void a_short_timestamp_is_refused(void **state)
{
	static const uint8_t list[12] = {0};
	struct scsi_nexus *host = BENCH(state).host;
	EXPECT_SENSE(SEND_OUT(host, list, 11, 0xa4, 0x0f, 0, 0, 0, 0, 0, 0, 0, 11),
		SENSE_PARAMETER_LIST_LENGTH);
	EXPECT_SENSE(SEND_OUT(host, list, 4, 0xa4, 0x0f, 0, 0, 0, 0, 0, 0, 0, 12),
		SENSE_PARAMETER_LIST_LENGTH);
	EXPECT_U8(REPORT_TIMESTAMP(host), 2, 0);
}

static void other_service_actions_are_refused(void **state)
{
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 64, 0xa3, 0x05), 1, 4);
	EXPECT_INVALID_CDB(SEND(BENCH(state).host, 0, 0xa4, 0x06), 1, 4);
}

static const struct CMUnitTest tests[] = {
	ON_BLANK(all_of_them),
	ON_BLANK(all_of_them_with_timeouts),
	ON_BLANK(each_of_them),
	ON_BLANK(each_of_them_with_timeouts),
	ON_BLANK(every_command_has_a_timeout),
	ON_BLANK(what_is_not_there),
	ON_BLANK(options_that_do_not_go_with_the_code_are_refused),
	ON_BLANK(task_management_functions),
	ON_BLANK(a_timestamp_is_kept_and_runs),
	ON_BLANK(a_short_timestamp_is_refused),
	ON_BLANK(other_service_actions_are_refused),
};
CONFORMANCE_SUITE("maintenance", tests)
