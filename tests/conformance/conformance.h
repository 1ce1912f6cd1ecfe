/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of the conformance suite: send a command, expect what a host may rely on. One file per
 * command and aspect; every file ends with CONFORMANCE_SUITE. One program runs them all, and its
 * last test fails for every operation code that was not both seen to work (its data looked at) and
 * seen to refuse (its sense looked at).
 */
#pragma once

#include "support.h"

#include "fake_transport.h"

/* What a test starts with: a drive, one nexus, no unit attention pending. */
struct bench {
	struct fake_drive *fake;
	struct scsi_nexus *host;
};

#define BENCH(state) (*(struct bench *)*(state))

/* ---- what every type of drive brings -----------------------------------------------------------
 */

extern const struct scsi_device_type *const conformance_type;
/*
 * The sense codes that it may return, ending with SENSE_NONE: a run of all suites fails when one of
 * them was never seen, and when another one was. NULL: nobody counts.
 */
extern const enum scsi_sense_code *const conformance_senses;

/* Fixtures: *state is a struct bench. */
int bench_ready(void **state); /* a medium is in place */
int bench_end(void **state);
#define ON_READY(test) cmocka_unit_test_setup_teardown(test, bench_ready, bench_end)

/* A test: what the table has no row of is an INVALID COMMAND OPERATION CODE. */
void all_other_opcodes_are_refused(void **state);

/* Reports away what is pending: unit attentions and events. */
void settle(struct scsi_nexus *nexus);

/* ---- transports ---------------------------------------------------------------------------------
 */

/* A test that needs the command itself is skipped where a transport has it, and says why. */
#define ONLY_IN_PROCESS(reason)                                                                    \
	do                                                                                         \
		if (fake_over_iscsi || fake_over_ring) {                                           \
			print_message("only in one process: %s\n", (reason));                      \
			skip();                                                                    \
		}                                                                                  \
	while (0)

/* ---- sending --------------------------------------------------------------------------------- */

#define CDB_(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* SEND(nexus, expected length, CDB bytes …): the rest of the CDB is zeros. */
#define SEND(nexus, expected, ...) answer_of(fake_send((nexus), CDB_(__VA_ARGS__), (expected)))
#define SEND_OUT(nexus, data, length, ...)                                                         \
	answer_of(fake_send_out((nexus), CDB_(__VA_ARGS__), (data), (length)))

static inline const struct fake_answer *answer_of(const struct fake_command *command)
{
	return &command->answer;
}

/* ---- expecting ------------------------------------------------------------------------------- */

/* GOOD. A command without Data-In is covered by that. Evaluates to the answer. */
#define EXPECT_GOOD(answer) expect_good((answer), __FILE__, __LINE__)
/* CHECK CONDITION with this code. Evaluates to the answer. */
#define EXPECT_SENSE(answer, code) expect_sense((answer), (code), __FILE__, __LINE__)
/* INVALID FIELD IN CDB that points to a byte and bit. */
#define EXPECT_INVALID_CDB(answer, byte, bit)                                                      \
	expect_invalid_cdb((answer), (byte), (bit), __FILE__, __LINE__)
#define EXPECT_CONFLICT(answer) expect_conflict((answer), __FILE__, __LINE__)

/* GOOD, and the Data-In is exactly these bytes. */
#define EXPECT_DATA(answer, ...) expect_data((answer), CDB_(__VA_ARGS__), __FILE__, __LINE__)
/* GOOD, and so many bytes of Data-In. */
#define EXPECT_LENGTH(answer, bytes) expect_length((answer), (bytes), __FILE__, __LINE__)
/* A field of the Data-In, counted from byte 0. */
#define EXPECT_U8(answer, offset, value)                                                           \
	expect_field((answer), (offset), 1, (value), __FILE__, __LINE__)
#define EXPECT_BE16(answer, offset, value)                                                         \
	expect_field((answer), (offset), 2, (value), __FILE__, __LINE__)
#define EXPECT_BE24(answer, offset, value)                                                         \
	expect_field((answer), (offset), 3, (value), __FILE__, __LINE__)
#define EXPECT_BE32(answer, offset, value)                                                         \
	expect_field((answer), (offset), 4, (value), __FILE__, __LINE__)
#define EXPECT_BE64(answer, offset, value)                                                         \
	expect_field((answer), (offset), 8, (value), __FILE__, __LINE__)

const struct fake_answer *expect_good(const struct fake_answer *answer, const char *file, int line);
const struct fake_answer *expect_sense(
	const struct fake_answer *answer, enum scsi_sense_code code, const char *file, int line);
void expect_invalid_cdb(
	const struct fake_answer *answer, unsigned byte, unsigned bit, const char *file, int line);
void expect_conflict(const struct fake_answer *answer, const char *file, int line);
void expect_data(const struct fake_answer *answer, const uint8_t *data, size_t length,
	const char *file, int line);
void expect_length(const struct fake_answer *answer, uint64_t length, const char *file, int line);
void expect_field(const struct fake_answer *answer, size_t offset, unsigned width, uint64_t value,
	const char *file, int line);

/* ---- often sent ------------------------------------------------------------------------------ */

#define TEST_UNIT_READY(nexus) SEND(nexus, 0, 0x00)
#define PREVENT(nexus, how)    SEND(nexus, 0, 0x1e, 0, 0, 0, (how))

/* ---- golden files ---------------------------------------------------------------------------- */

/* Compares with tests/golden/NAME; GOLDEN_UPDATE=1 in the environment writes it instead. */
void expect_golden(const char *name, const char *text);
/* The table of operation codes, against such a file. */
void expect_golden_opcodes(const char *name);

/* ---- suites ---------------------------------------------------------------------------------- */

struct suite {
	const char *name;
	const struct CMUnitTest *tests;
	size_t count;
	struct suite *next;
};

void suite_register(struct suite *suite);

#define CONFORMANCE_SUITE(title, cases)                                                            \
	static struct suite suite_ = {                                                             \
		.name = (title), .tests = (cases), .count = sizeof(cases) / sizeof((cases)[0])};   \
	__attribute__((constructor)) static void register_suite_(void)                             \
	{                                                                                          \
		suite_register(&suite_);                                                           \
	}
