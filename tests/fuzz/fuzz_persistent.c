/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PERSISTENT RESERVE OUT with parameter lists from two hosts that mean no good: whatever they bring
 * about is sound, is what a restart finds again, and can be read by PERSISTENT RESERVE IN.
 *
 * The input is commands: host and service action, scope and type, the length of the list in two
 * bytes, the list. The list is shorter than it says when the input ends.
 */
#include "support.h"

#include "persistent.h"
#include "util/reader.h"
#include "util/response.h"

enum { COMMANDS_MAX = 24, LENGTH_MAX = 8300 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(struct drive *drive)
{
	static uint8_t first[SCSI_PERSISTENT_RECORD_MAX], second[SCSI_PERSISTENT_RECORD_MAX];
	struct response r;
	struct reader reader;
	response_init(&r, first, sizeof first);
	scsi_persistent_encode(&drive->lu.persistent, &r);
	assert_false(r.overflowed);
	size_t length = r.length;
	reader_init(&reader, first, length);
	assert_true(scsi_persistent_decode(&drive->lu.persistent, &reader));
	response_init(&r, second, sizeof second);
	scsi_persistent_encode(&drive->lu.persistent, &r);
	assert_int_equal(r.length, length);
	assert_memory_equal(first, second, length);
}

/* Full status descriptors fill what ADDITIONAL LENGTH says, one for every registration. */
static void check_status(struct drive *drive)
{
	struct request *request = pr_in(drive->a, READ_FULL_STATUS, REQUEST_DATA);
	assert_good(request);
	uint32_t length = get_be32(request->data + 4), at = 0;
	unsigned count = 0;
	for (; at < length && 8 + at + 24 <= REQUEST_DATA; count++)
		at += 24 + get_be32(request->data + 8 + at + 20);
	if (8 + length <= REQUEST_DATA) {
		assert_int_equal(at, length);
		assert_int_equal(count, drive->lu.persistent.count);
	}
	assert_good(pr_in(drive->a, READ_KEYS, REQUEST_DATA));
	assert_good(pr_in(drive->a, READ_RESERVATION, 64));
}

static void run(struct drive *drive, struct reader *input)
{
	uint8_t how = reader_u8(input), type = reader_u8(input);
	uint32_t length = reader_be16(input) % LENGTH_MAX;
	size_t sent = length < input->left ? length : input->left;
	struct scsi_nexus *host = how & 0x80 ? drive->b : drive->a;
	struct request *request = pr_out_list(host, how & 0x1f, type, input->at, length, sent);
	input->at += sent;
	input->left -= sent;
	while (!list_empty(&drive->inbox))
		library_reserves(drive, how & 0x40);
	assert_int_equal(request->completed, 1);
	drive->a->attentions = drive->b->attentions = 0;
	check_record(drive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader input;
	struct drive *drive = drive_create();
	drive->a->attentions = drive->b->attentions = 0;
	reader_init(&input, data, size);
	for (unsigned i = 0; i < COMMANDS_MAX && input.left >= 4; i++)
		run(drive, &input);
	check_status(drive);
	drive_destroy(drive);
	return 0;
}
