/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "conformance.h"
#include "coverage.h"

static const char *name_of(const struct fake_answer *answer)
{
	return answer->row ? answer->row->name : "unknown operation code";
}

#define FAIL_AT(file, line, ...)                                                                   \
	do {                                                                                       \
		print_error(__VA_ARGS__);                                                          \
		_fail(file, line);                                                                 \
	} while (0)

static void check_done(const struct fake_answer *answer, const char *file, int line)
{
	if (!answer->done)
		FAIL_AT(file, line, "the command has not been completed\n");
}

const struct fake_answer *expect_good(const struct fake_answer *answer, const char *file, int line)
{
	check_done(answer, file, line);
	if (answer->status != SCSI_STATUS_GOOD)
		FAIL_AT(file, line, "%s: status %02x, %s (%02x/%02x/%02x), expected GOOD\n",
			name_of(answer), answer->status, scsi_sense_text(answer->sense.code),
			scsi_sense_key(answer->sense.code), scsi_sense_asc(answer->sense.code),
			scsi_sense_ascq(answer->sense.code));
	if (answer->row && answer->row->direction != SCSI_DATA_IN)
		coverage_good(answer->row);
	return answer;
}

const struct fake_answer *expect_sense(
	const struct fake_answer *answer, enum scsi_sense_code code, const char *file, int line)
{
	check_done(answer, file, line);
	if (answer->status != SCSI_STATUS_CHECK_CONDITION || answer->sense.code != code)
		FAIL_AT(file, line, "%s: status %02x, %s, expected %s\n", name_of(answer),
			answer->status,
			answer->status == SCSI_STATUS_GOOD ? "GOOD"
							   : scsi_sense_text(answer->sense.code),
			scsi_sense_text(code));
	coverage_sense(code);
	if (answer->row && scsi_sense_key(code) != SENSE_KEY_UNIT_ATTENTION)
		coverage_refused(answer->row);
	return answer;
}

void expect_invalid_cdb(
	const struct fake_answer *answer, unsigned byte, unsigned bit, const char *file, int line)
{
	const struct scsi_sense *sense = &answer->sense;
	expect_sense(answer, SENSE_INVALID_FIELD_IN_CDB, file, line);
	if (!sense->field_valid || !sense->field_in_cdb || !sense->bit_valid ||
		sense->field != byte || sense->bit != bit)
		FAIL_AT(file, line, "%s: field pointer byte %u bit %u, expected byte %u bit %u\n",
			name_of(answer), sense->field, sense->bit, byte, bit);
}

void expect_conflict(const struct fake_answer *answer, const char *file, int line)
{
	check_done(answer, file, line);
	if (answer->status != SCSI_STATUS_RESERVATION_CONFLICT)
		FAIL_AT(file, line, "%s: status %02x, expected RESERVATION CONFLICT\n",
			name_of(answer), answer->status);
	coverage_refused(answer->row);
}

/* A ring cannot say that GOOD comes with no data: the initiator gets all of it, in zeros. */
static bool is_nothing(const struct fake_answer *answer)
{
	if (!fake_over_ring)
		return answer->length == 0;
	for (uint64_t i = 0; i < answer->length; i++)
		if (answer->data[i] != 0)
			return false;
	return true;
}

void expect_length(const struct fake_answer *answer, uint64_t length, const char *file, int line)
{
	expect_good(answer, file, line);
	if (length == 0 ? !is_nothing(answer) : answer->length != length)
		FAIL_AT(file, line, "%s: %llu bytes, expected %llu\n", name_of(answer),
			(unsigned long long)answer->length, (unsigned long long)length);
}

void expect_data(const struct fake_answer *answer, const uint8_t *data, size_t length,
	const char *file, int line)
{
	expect_length(answer, length, file, line);
	for (size_t i = 0; i < length; i++)
		if (answer->data[i] != data[i])
			FAIL_AT(file, line, "%s: byte %zu is %02x, expected %02x\n",
				name_of(answer), i, answer->data[i], data[i]);
	coverage_good(answer->row);
}

void expect_field(const struct fake_answer *answer, size_t offset, unsigned width, uint64_t value,
	const char *file, int line)
{
	uint64_t found = 0;
	expect_good(answer, file, line);
	if (offset + width > answer->length)
		FAIL_AT(file, line, "%s: only %llu bytes, no byte %zu\n", name_of(answer),
			(unsigned long long)answer->length, offset + width - 1);
	for (unsigned i = 0; i < width; i++)
		found = found << 8 | answer->data[offset + i];
	if (found != value)
		FAIL_AT(file, line, "%s: field at byte %zu is %llxh, expected %llxh\n",
			name_of(answer), offset, (unsigned long long)found,
			(unsigned long long)value);
	coverage_good(answer->row);
}

/* ---- every operation code -----------------------------------------------------------------------
 */

static bool is_known(unsigned opcode)
{
	const struct scsi_opcode_table *table = &conformance_type->opcodes;
	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].opcode == opcode)
			return true;
	return false;
}

void all_other_opcodes_are_refused(void **state)
{
	for (unsigned opcode = 0; opcode < 256; opcode++) {
		const uint8_t cdb[16] = {(uint8_t)opcode};
		if (!is_known(opcode))
			EXPECT_SENSE(&fake_send(BENCH(state).host, cdb, 16, 0)->answer,
				SENSE_INVALID_OPCODE);
	}
}
