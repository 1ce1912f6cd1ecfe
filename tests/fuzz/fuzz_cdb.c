/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two hosts send an optical drive whatever they like while the library changes media under it. The
 * input is steps: what to do, an argument, and for commands a CDB of 16 bytes; a command with
 * Data-Out is followed by as many bytes of it as the argument says. The fake transport stops us
 * when a command completes twice or writes past its buffer.
 */
#include <stdlib.h>
#include <string.h>

#include "fake_optical.h"
#include "util/reader.h"

enum { STEPS_MAX = 64, CDB = 16, EXPECTED_MAX = 8192, PARAMETERS_MAX = 255 };

enum step {
	STEP_SEND, /* to host 0 … */
	STEP_SEND_OTHER,
	STEP_SEND_OUT,
	STEP_SLEEP,
	STEP_LOAD,
	STEP_TAKE_OUT,
	STEP_MOVE_TRAY,
	STEP_REQUEST_EJECT,
	STEP_BEGIN_CHANGE,
	STEP_CANCEL_CHANGE,
	STEP_LOST,
	STEP_RESET,
	STEP_TOLD,
	STEP_HOLD_LIBRARY, /* what hosts ask of it waits … */
	STEP_RUN_LIBRARY,  /* … until now */
	STEP_SEND_OUT_OTHER,
	STEP_COUNT,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	struct fake_optical_setup setup;
	struct fake_drive *fake;
	struct scsi_nexus *hosts[2];
	struct reader input;
};

/* A code that hosts know, with sense exactly when it announces some; never more data than asked. */
static void check(const struct fake_command *command)
{
	const struct fake_answer *answer = &command->answer;
	bool sense = scsi_sense_key(answer->sense.code) != SENSE_KEY_NO_SENSE;
	if (!answer->done || answer->length > command->cmd.transfer_length)
		abort();
	if (!answer->row && answer->status == SCSI_STATUS_GOOD)
		abort(); /* an unknown operation code is refused */
	switch (answer->status) {
	case SCSI_STATUS_CHECK_CONDITION:
		if (!sense)
			abort();
		break;
	case SCSI_STATUS_GOOD:
	case SCSI_STATUS_RESERVATION_CONFLICT:
	case SCSI_STATUS_TASK_ABORTED:
		break;
	default:
		abort();
	}
}

static void finish_all(struct fake_drive *fake)
{
	fake_run_library(fake);
	for (struct fake_command *command = fake->commands; command; command = command->next)
		check(command);
}

static void sent(struct run *run, const struct fake_command *command)
{
	if (run->fake->pending_count == FAKE_PENDING_MAX)
		finish_all(run->fake);
	if (!run->fake->manual_library || command->answer.done)
		check(command);
}

static void send_command(struct run *run, unsigned host, unsigned argument)
{
	uint8_t cdb[CDB];
	reader_bytes(&run->input, cdb, sizeof cdb);
	size_t expected = argument * (size_t)argument % EXPECTED_MAX;
	sent(run, fake_send(run->hosts[host], cdb, CDB, expected));
}

static void send_out(struct run *run, unsigned host, unsigned argument)
{
	uint8_t cdb[CDB], parameters[PARAMETERS_MAX];
	reader_bytes(&run->input, cdb, sizeof cdb);
	size_t length = argument < run->input.left ? argument : run->input.left;
	reader_bytes(&run->input, parameters, length);
	sent(run, fake_send_out(run->hosts[host], cdb, CDB, parameters, length));
}

static void load(struct run *run, unsigned argument)
{
	static const enum mmc_profile profiles[] = {
		PROFILE_CD_ROM, PROFILE_DVD_ROM, PROFILE_BD_ROM};
	fake_load(run->fake, 1 + argument % 40, profiles[argument % 3]);
}

static size_t encode(struct fake_drive *fake, uint8_t *record)
{
	scsi_lu_lock(fake->lu);
	scsi_mode_current(fake->lu, 0x2a, 0); /* follows the drive when somebody looks at it */
	size_t length = scsi_told_encode(fake->lu, record, SCSI_TOLD_MAX);
	scsi_lu_unlock(fake->lu);
	return length;
}

/* A second drive with the same medium takes over what the first one wrote down: nothing changes. */
static void told(struct run *run)
{
	static uint8_t first[SCSI_TOLD_MAX], second[SCSI_TOLD_MAX];
	struct mmc_drive_status status;
	struct fake_drive *again = fake_optical_create(&run->setup);
	size_t length = encode(run->fake, first);
	mmc_drive_status(run->fake->drive, &status);
	mmc_drive_restore(again->drive, status.disc, status.tray_open);
	disc_put(status.disc);
	again->now_ns = run->fake->now_ns;
	fake_nexus(again, "a");
	fake_nexus(again, "b");
	scsi_lu_lock(again->lu);
	bool known = scsi_told_decode(again->lu, first, length);
	scsi_lu_unlock(again->lu);
	if (!known || !mmc_drive_told_matches(again->drive))
		abort();
	if (encode(again, second) != length || memcmp(first, second, length) != 0)
		abort();
	fake_drive_destroy(again);
}

static void take_step(struct run *run)
{
	struct fake_drive *fake = run->fake;
	enum step step = reader_u8(&run->input) % STEP_COUNT;
	unsigned argument = reader_u8(&run->input);
	switch (step) {
	case STEP_SEND:
		send_command(run, 0, argument);
		break;
	case STEP_SEND_OTHER:
		send_command(run, 1, argument);
		break;
	case STEP_SEND_OUT:
		send_out(run, 0, argument);
		break;
	case STEP_SEND_OUT_OTHER:
		send_out(run, 1, argument);
		break;
	case STEP_SLEEP:
		fake_sleep_ms(fake, argument * 100);
		break;
	case STEP_LOAD:
		load(run, argument);
		break;
	case STEP_TAKE_OUT:
		mmc_drive_publish(fake->drive, NULL, argument & 1);
		break;
	case STEP_MOVE_TRAY:
		mmc_drive_move_tray(fake->drive, argument & 1);
		break;
	case STEP_REQUEST_EJECT:
		mmc_drive_request_eject(fake->drive);
		break;
	case STEP_BEGIN_CHANGE:
		mmc_drive_begin_change(fake->drive);
		break;
	case STEP_CANCEL_CHANGE:
		mmc_drive_cancel_change(fake->drive);
		break;
	case STEP_LOST:
		scsi_nexus_lost(run->hosts[argument & 1]);
		break;
	case STEP_RESET:
		scsi_lu_reset(fake->lu, NULL);
		break;
	case STEP_HOLD_LIBRARY:
		fake->manual_library = true;
		break;
	case STEP_RUN_LIBRARY:
		fake->manual_library = false;
		fake->library_answer = argument & 1 ? SENSE_INTERNAL_TARGET_FAILURE : SENSE_NONE;
		finish_all(fake);
		break;
	case STEP_TOLD:
	case STEP_COUNT:
		told(run);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const personalities[] = {"dvd-rom", "cd-rom", "bd-rom"};
	struct run run;
	reader_init(&run.input, data, size);
	run.setup = (struct fake_optical_setup){
		.personality = personalities[reader_u8(&run.input) % 3]};
	run.fake = fake_optical_create(&run.setup);
	run.hosts[0] = fake_nexus(run.fake, "a");
	run.hosts[1] = fake_nexus(run.fake, "b");
	for (unsigned i = 0; i < STEPS_MAX && run.input.left > 0; i++)
		take_step(&run);
	finish_all(run.fake);
	fake_drive_destroy(run.fake);
	return 0;
}
