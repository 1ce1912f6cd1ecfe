/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile host: any CDBs with any data, on two nexuses. Each command is one byte (which nexus,
 * and whether it is cancelled), sixteen of CDB, one of transfer length and that much Data-Out.
 */
#include "support.h"

#include "drive.h"
#include "util/reader.h"

enum { SECOND_NEXUS = 1, CANCEL = 2, COMMANDS_MAX = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_one(struct drive *drive, struct reader *reader)
{
	uint8_t cdb[16], how = reader_u8(reader);
	reader_bytes(reader, cdb, sizeof cdb);
	size_t length = reader_u8(reader);
	struct request *request = prepare(how & SECOND_NEXUS ? drive->b : drive->a, cdb, length);
	reader_bytes(reader, request->data, length < reader->left ? length : reader->left);
	scsi_cmd_get(&request->cmd);
	scsi_execute(&request->cmd);
	if (how & CANCEL)
		scsi_cmd_cancel(&request->cmd);
	scsi_cmd_put(&request->cmd);
	run_workers(drive);
	if (!list_empty(&drive->inbox))
		library_answers(drive, SENSE_NONE);
	assert_true(request->cmd.data_in_done <= length);
	for (size_t i = length; i < 512; i++)
		assert_int_equal(request->data[i], UNTOUCHED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drive *drive = drive_create();
	struct reader reader;
	reader_init(&reader, data, size);
	for (int i = 0; i < COMMANDS_MAX && reader.left > 0; i++)
		run_one(drive, &reader);
	drive_destroy(drive);
	return 0;
}
