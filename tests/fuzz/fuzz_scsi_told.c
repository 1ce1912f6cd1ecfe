/* SPDX-License-Identifier: Apache-2.0 */
/* A told record from a file that anybody may have damaged: taken over whole, or not at all. */
#include "support.h"

#include "drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was accepted is what is written again, and accepted again. */
static void check_stable(struct drive *drive)
{
	static uint8_t first[SCSI_TOLD_MAX], second[SCSI_TOLD_MAX];
	size_t length = scsi_told_encode(&drive->lu, first, sizeof first);
	assert_true(length > 0);
	struct drive *again = drive_create();
	assert_true(scsi_told_decode(&again->lu, first, length));
	assert_int_equal(scsi_told_encode(&again->lu, second, sizeof second), length);
	assert_memory_equal(first, second, length);
	drive_destroy(again);
}

static void check_new(const struct drive *drive)
{
	assert_int_equal(drive->a->attentions, 1u << ATTENTION_POWER_ON);
	assert_int_equal(drive->b->attentions, 1u << ATTENTION_POWER_ON);
	assert_false(scsi_removal_prevented(&drive->lu, true));
	assert_null(drive->lu.reserved_by);
	assert_int_equal(drive->lu.persistent.count, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drive *drive = drive_create();
	if (scsi_told_decode(&drive->lu, data, size))
		check_stable(drive);
	else
		check_new(drive);
	drive_destroy(drive);
	return 0;
}
