/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_drive.h"

#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/cleanup.h"

/* ---- clock, executor, library ---------------------------------------------------------------- */

static uint64_t fake_now(const struct scsi_clock *clock)
{
	const void *clock_of = (const char *)clock - offsetof(struct fake_drive, clock);
	return ((const struct fake_drive *)clock_of)->now_ns;
}

static void fake_submit(
	struct scsi_executor *executor, struct scsi_work *work, struct scsi_source *source)
{
	struct fake_drive *fake = container_of(executor, struct fake_drive, executor);
	pthread_mutex_lock(&fake->lock);
	list_append(&fake->works, &work->link);
	pthread_mutex_unlock(&fake->lock);
	fake_transport_parked(fake);
}

static void fake_request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request request)
{
	struct fake_drive *fake = context;
	pthread_mutex_lock(&fake->lock);
	if (fake->pending_count == FAKE_PENDING_MAX)
		abort();
	fake->pending[fake->pending_count].cmd = cmd;
	fake->pending[fake->pending_count++].request = request;
	fake->requests++;
	pthread_mutex_unlock(&fake->lock);
	fake_transport_parked(fake);
}

static void fake_event(void *context, struct scsi_lu *lu, enum library_event event)
{
	struct fake_drive *fake = context;
	fake->told_events += event == LIBRARY_EVENT_TOLD;
	fake->tray_events += event == LIBRARY_EVENT_TRAY;
	fake->allowed_events += event == LIBRARY_EVENT_ALLOWED;
	fake->drained_events += event == LIBRARY_EVENT_DRAINED;
}

static void fake_medium_fault(void *context, struct scsi_lu *lu, uint64_t lba)
{
	struct fake_drive *fake = context;
	fake->faults++;
	fake->fault_lba = lba;
}

static void fake_remember(void *context, struct scsi_lu *lu)
{
	((struct fake_drive *)context)->remembered++;
}

static const struct library_ops fake_library = {
	.request = fake_request,
	.event = fake_event,
	.medium_fault = fake_medium_fault,
	.remember = fake_remember,
};

static void do_request(struct fake_drive *fake, enum library_request request)
{
	if (fake->library_answer != SENSE_NONE)
		return;
	if (request == LIBRARY_TRAY_OPEN)
		mmc_drive_move_tray(fake->drive, true);
	if (request == LIBRARY_TRAY_CLOSE)
		mmc_drive_move_tray(fake->drive, false);
}

static bool take_request(struct fake_drive *fake, struct scsi_cmd **ret, enum library_request *what)
{
	SCOPED_LOCK(&fake->lock);
	if (fake->pending_count == 0)
		return false;
	*ret = fake->pending[0].cmd;
	*what = fake->pending[0].request;
	fake->pending_count--;
	memmove(&fake->pending[0], &fake->pending[1],
		fake->pending_count * sizeof fake->pending[0]);
	return true;
}

static bool run_requests(struct fake_drive *fake)
{
	struct scsi_cmd *cmd;
	enum library_request request;
	bool any = false;
	for (; take_request(fake, &cmd, &request); any = true) {
		if (scsi_cmd_claim(cmd)) {
			do_request(fake, request);
			scsi_cmd_finish(cmd, fake->library_answer);
		}
		scsi_cmd_put(cmd);
	}
	return any;
}

static struct scsi_work *take_work(struct fake_drive *fake)
{
	SCOPED_LOCK(&fake->lock);
	struct list *node = list_pop(&fake->works);
	return node ? container_of(node, struct scsi_work, link) : NULL;
}

static bool run_works(struct fake_drive *fake)
{
	struct scsi_work *work;
	bool any = false;
	for (; (work = take_work(fake)); any = true)
		work->run(work);
	return any;
}

bool fake_run_parked(struct fake_drive *fake)
{
	bool requests = !fake->manual_library && run_requests(fake);
	bool works = !fake->manual_work && run_works(fake);
	return requests || works;
}

unsigned fake_count_parked(struct fake_drive *fake)
{
	SCOPED_LOCK(&fake->lock);
	unsigned count = fake->pending_count;
	list_for_each (node, &fake->works)
		count++;
	return count;
}

void fake_run_library(struct fake_drive *fake)
{
	run_requests(fake);
	fake_transport_catch_up(fake);
}

void fake_run_works(struct fake_drive *fake)
{
	run_works(fake);
	fake_transport_catch_up(fake);
}

void fake_sleep_ms(struct fake_drive *fake, uint32_t ms)
{
	fake->now_ns += (uint64_t)ms * 1000000;
}

/* ---- drive, nexuses, discs ------------------------------------------------------------------- */

struct fake_drive *fake_drive_create(const struct fake_setup *setup)
{
	struct fake_drive *fake = calloc(1, sizeof *fake);
	const char *personality = setup && setup->personality ? setup->personality : "dvd-rom";
	fake->clock.now_ns = fake_now;
	fake->now_ns = 1000;
	fake->executor.submit = fake_submit;
	list_init(&fake->works);
	pthread_mutex_init(&fake->lock, NULL);
	struct mmc_drive_config config = {
		.lu = {.name = "dvd0",
			.serial = "CRSL00000001",
			.library = &fake_library,
			.library_context = fake,
			.executor = &fake->executor,
			.clock = &fake->clock},
		.personality = mmc_personality_find(personality),
		.dwell_ms = setup && setup->dwell_ms ? setup->dwell_ms : MMC_DWELL_MS_DEFAULT,
	};
	fake->drive = mmc_drive_create(&config);
	fake->lu = mmc_drive_lu(fake->drive);
	fake_transport_begin(fake);
	return fake;
}

static void free_commands(struct fake_drive *fake)
{
	while (fake->commands) {
		struct fake_command *command = fake->commands;
		fake->commands = command->next;
		if (!command->released)
			abort(); /* somebody still holds a reference */
		free(command->answer.data);
		free(command);
	}
}

void fake_drive_destroy(struct fake_drive *fake)
{
	fake_run_library(fake);
	fake_run_works(fake);
	free_commands(fake);
	fake_transport_end(fake);
	mmc_drive_destroy(fake->drive);
	pthread_mutex_destroy(&fake->lock);
	free(fake);
}

struct disc *fake_disc(uint32_t blocks, enum mmc_profile profile)
{
	uint8_t *data = calloc(blocks, DISC_BLOCK);
	for (uint32_t i = 0; i < blocks; i++)
		put_be32(data + (size_t)i * DISC_BLOCK, i);
	struct disc *disc = disc_in_memory(data, blocks, profile);
	free(data);
	return disc;
}

void fake_load(struct fake_drive *fake, uint32_t blocks, enum mmc_profile profile)
{
	struct disc *disc = fake_disc(blocks, profile);
	mmc_drive_begin_change(fake->drive);
	mmc_drive_publish(fake->drive, disc, false);
	disc_put(disc);
}

void fake_insert_silently(struct fake_drive *fake, uint32_t blocks, enum mmc_profile profile)
{
	struct disc *disc = fake_disc(blocks, profile);
	mmc_drive_restore(fake->drive, disc, false);
	disc_put(disc);
}
