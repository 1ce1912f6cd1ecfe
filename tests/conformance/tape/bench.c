/* SPDX-License-Identifier: Apache-2.0 */
#include "tape_bench.h"

#include <stdlib.h>

#include "coverage.h"
#include "ssc_senses.h"
#include "util/bytes.h"

const struct scsi_device_type *const conformance_type = &ssc_device_type;

/* The drive's own, and what the commands, gates and attentions of scsi/ add. */
static const enum scsi_sense_code senses[] = {
	ROOM_SENSES,
	SENSE_INVALID_OPCODE,
	SENSE_INVALID_FIELD_IN_CDB,
	SENSE_INVALID_FIELD_IN_PARAMETERS,
	SENSE_PARAMETER_LIST_LENGTH,
	SENSE_SAVING_NOT_SUPPORTED,
	SENSE_POWER_ON,
	SENSE_DEVICE_RESET,
	SENSE_NEXUS_LOSS,
	SENSE_MEDIUM_CHANGED,
	SENSE_MODE_PARAMETERS_CHANGED,
	SENSE_INVALID_RELEASE,
	SENSE_INSUFFICIENT_REGISTRATIONS,
	SENSE_RESERVATIONS_PREEMPTED,
	SENSE_RESERVATIONS_RELEASED,
	SENSE_REGISTRATIONS_PREEMPTED,
	SENSE_NONE,
};
const enum scsi_sense_code *const conformance_senses = senses;

/* ---- fixtures ---------------------------------------------------------------------------------
 */

static int bench_begin(void **state, const struct fake_tape_setup *setup)
{
	struct bench *bench = calloc(1, sizeof *bench);
	bench->fake = fake_tape_create(setup);
	bench->host = fake_nexus(bench->fake, "host");
	settle(bench->host);
	*state = bench;
	return 0;
}

int bench_blank(void **state)
{
	return bench_begin(state,
		&(struct fake_tape_setup){
			.capacity = CAPACITY, .block_max = BLOCK_MAX, .path_max = BLOCK_MAX});
}

int bench_ready(void **state)
{
	return bench_blank(state);
}

int bench_short(void **state)
{
	return bench_begin(state, &(struct fake_tape_setup){.capacity = SHORT_CAPACITY,
					  .block_max = SHORT_BLOCK,
					  .path_max = SHORT_BLOCK});
}

int bench_no_tape(void **state)
{
	return bench_begin(state, &(struct fake_tape_setup){.capacity = CAPACITY,
					  .block_max = BLOCK_MAX,
					  .path_max = BLOCK_MAX,
					  .empty = true});
}

int bench_end(void **state)
{
	struct bench *bench = *state;
	fake_drive_destroy(bench->fake);
	free(bench);
	return 0;
}

void settle(struct scsi_nexus *nexus)
{
	while (nexus->attentions)
		SEND(nexus, 18, 0x03, 0, 0, 0, 18);
}

struct scsi_nexus *other_host(void **state)
{
	struct scsi_nexus *other = fake_nexus(BENCH(state).fake, "other");
	settle(other);
	return other;
}

/* ---- expecting ---------------------------------------------------------------------------------
 */

#define FAIL_AT(file, line, ...)                                                                   \
	do {                                                                                       \
		print_error(__VA_ARGS__);                                                          \
		_fail(file, line);                                                                 \
	} while (0)

void block_fill(uint8_t *block, uint32_t length, uint32_t seed)
{
	uint32_t x = seed * 2654435761u + 12345;
	for (uint32_t i = 0; i < length; i++) {
		x = x * 1664525u + 1013904223u;
		block[i] = (uint8_t)(x >> 24);
	}
}

const struct fake_answer *expect_bytes(const struct fake_answer *answer, uint32_t length,
	uint32_t seed, const char *file, int line)
{
	uint8_t *expected = malloc(length + 1);
	block_fill(expected, length, seed);
	bool same = answer->length == length && memcmp(answer->data, expected, length) == 0;
	free(expected);
	if (!same)
		FAIL_AT(file, line, "%llu bytes, expected the %u of block %u\n",
			(unsigned long long)answer->length, length, seed);
	return answer;
}

const struct fake_answer *expect_block(const struct fake_answer *answer, uint32_t length,
	uint32_t seed, const char *file, int line)
{
	expect_good(answer, file, line);
	expect_bytes(answer, length, seed, file, line);
	coverage_good(answer->row);
	return answer;
}

static unsigned flags_of(const struct scsi_sense *sense)
{
	return (sense->filemark ? FILEMARK : 0) | (sense->end_of_medium ? EOM : 0) |
	       (sense->incorrect_length ? ILI : 0);
}

const struct fake_answer *expect_end(const struct fake_answer *answer, enum scsi_sense_code code,
	unsigned flags, int64_t information, const char *file, int line)
{
	const struct scsi_sense *sense = &answer->sense;
	expect_sense(answer, code, file, line);
	if (flags_of(sense) != flags)
		FAIL_AT(file, line, "flags %02x, expected %02x\n", flags_of(sense), flags);
	if (!sense->information_valid || (int32_t)sense->information != information)
		FAIL_AT(file, line, "VALID %u, INFORMATION %d, expected %lld\n",
			sense->information_valid, (int32_t)sense->information,
			(long long)information);
	return answer;
}

void expect_position(struct scsi_nexus *nexus, uint64_t object, const char *file, int line)
{
	const struct fake_answer *answer = SEND(nexus, 32, 0x34, 0x06);
	expect_length(answer, 32, file, line);
	if (get_be64(answer->data + 8) != object)
		FAIL_AT(file, line, "at object %llu, expected %llu\n",
			(unsigned long long)get_be64(answer->data + 8), (unsigned long long)object);
}

void expect_invalid_list(
	const struct fake_answer *answer, unsigned byte, const char *file, int line)
{
	const struct scsi_sense *sense = &answer->sense;
	expect_sense(answer, SENSE_INVALID_FIELD_IN_PARAMETERS, file, line);
	if (!sense->field_valid || sense->field_in_cdb || sense->field != byte)
		FAIL_AT(file, line, "field pointer byte %u, expected byte %u of the list\n",
			sense->field, byte);
}

/* ---- often sent ------------------------------------------------------------------------------ */

#define LENGTH_24(length) (length) >> 16 & 0xff, (length) >> 8 & 0xff, (length)&0xff

const struct fake_answer *write_block(struct scsi_nexus *nexus, uint32_t length, uint32_t seed)
{
	uint8_t *block = malloc(length + 1);
	block_fill(block, length, seed);
	const struct fake_answer *answer =
		SEND_OUT(nexus, block, length, 0x0a, 0, LENGTH_24(length));
	free(block);
	return answer;
}

const struct fake_answer *read_block(struct scsi_nexus *nexus, uint32_t length, unsigned flags)
{
	return SEND(nexus, length, 0x08, flags, LENGTH_24(length));
}

const struct fake_answer *write_fixed(
	struct scsi_nexus *nexus, uint32_t count, uint32_t length, uint32_t seed)
{
	uint8_t *blocks = malloc((size_t)count * length + 1);
	for (uint32_t i = 0; i < count; i++)
		block_fill(blocks + (size_t)i * length, length, seed + i);
	const struct fake_answer *answer =
		SEND_OUT(nexus, blocks, (size_t)count * length, 0x0a, FIXED, LENGTH_24(count));
	free(blocks);
	return answer;
}

const struct fake_answer *read_fixed(struct scsi_nexus *nexus, uint32_t count, uint32_t length)
{
	return SEND(nexus, (size_t)count * length, 0x08, FIXED, LENGTH_24(count));
}

const struct fake_answer *write_marks(struct scsi_nexus *nexus, uint32_t count, unsigned flags)
{
	return SEND(nexus, 0, 0x10, flags, LENGTH_24(count));
}

const struct fake_answer *space_6(struct scsi_nexus *nexus, unsigned code, int32_t count)
{
	return SEND(nexus, 0, 0x11, code, LENGTH_24((uint32_t)count));
}

const struct fake_answer *space_16(struct scsi_nexus *nexus, unsigned code, int64_t count)
{
	uint8_t cdb[16] = {0x91, (uint8_t)code};
	put_be64(cdb + 4, (uint64_t)count);
	return &fake_send(nexus, cdb, sizeof cdb, 0)->answer;
}

const struct fake_answer *locate(struct scsi_nexus *nexus, uint64_t object)
{
	uint8_t cdb[16] = {0x92};
	put_be64(cdb + 4, object);
	return &fake_send(nexus, cdb, sizeof cdb, 0)->answer;
}

void set_block_length(struct scsi_nexus *nexus, uint32_t length)
{
	uint8_t list[12] = {0, 0, 0x10, 8};
	put_be24(list + 9, length);
	EXPECT_GOOD(SEND_OUT(nexus, list, sizeof list, 0x15, 0x10, 0, 0, sizeof list));
}

/* Page 0Fh as it is, with DCE as wanted. */
void set_compression(struct scsi_nexus *nexus, bool on)
{
	uint8_t list[4 + 16] = {0, 0, 0x10};
	const struct fake_answer *answer = SEND(nexus, 20, 0x1a, 0x08, 0x0f, 0, 20);
	EXPECT_LENGTH(answer, 20);
	memcpy(list + 4, answer->data + 4, 16);
	list[4] &= 0x3f;
	list[6] = (uint8_t)((list[6] & 0x7f) | (on ? 0x80 : 0));
	EXPECT_GOOD(SEND_OUT(nexus, list, sizeof list, 0x15, 0x10, 0, 0, sizeof list));
}

/* Page 10h/01h as it is, with PEWS as wanted. */
void set_programmable_warning(struct scsi_nexus *host, uint8_t megabytes)
{
	uint8_t list[4 + 32];
	const struct fake_answer *answer =
		SEND(host, sizeof list, 0x1a, 0x08, 0x10, 0x01, sizeof list);
	EXPECT_LENGTH(answer, sizeof list);
	memcpy(list, answer->data, sizeof list);
	list[0] = list[1] = 0;
	list[4] &= 0x7f;
	list[4 + 7] = megabytes;
	EXPECT_GOOD(SEND_OUT(host, list, sizeof list, 0x15, 0x10, 0, 0, sizeof list));
}

void write_files(struct scsi_nexus *nexus)
{
	EXPECT_GOOD(write_block(nexus, FILES_BLOCK, 0));
	EXPECT_GOOD(write_block(nexus, FILES_BLOCK, 1));
	EXPECT_GOOD(write_marks(nexus, 1, 0));
	EXPECT_GOOD(write_block(nexus, FILES_BLOCK, 3));
	EXPECT_GOOD(write_marks(nexus, 2, 0));
	EXPECT_GOOD(write_block(nexus, FILES_BLOCK, 6));
	EXPECT_GOOD(write_block(nexus, FILES_BLOCK, 7));
	EXPECT_GOOD(REWIND(nexus));
}

unsigned write_to_early_warning(struct scsi_nexus *nexus)
{
	for (unsigned count = 1;; count++) {
		const struct fake_answer *answer = write_block(nexus, SHORT_BLOCK, count);
		if (answer->status == SCSI_STATUS_GOOD)
			continue;
		EXPECT_END(answer, SENSE_EARLY_WARNING, EOM, 0);
		return count;
	}
}
