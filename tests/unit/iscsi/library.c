/* SPDX-License-Identifier: Apache-2.0 */
#include "library.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mmc/drive.h"
#include "scsi/library.h"
#include "source_file.h"
#include "tape_unit.h"
#include "util/bytes.h"
#include "util/cleanup.h"
#include "thread_check.h"

enum { WORKERS = 2, LOG_MAX = 65536, STEP_NS = 2000000, STEPS = 30000 };

struct held_source {
	struct scsi_source source;
	struct library *library;
	bool first;   /* of LUN 0 */
	uint8_t fill; /* of the blocks, behind their addresses */
};

struct library {
	struct fake_portal_setup setup;
	struct scsi_executor executor;
	struct mmc_drive *dvd, *cd;
	struct tape_unit *tape; /* or NULL */
	int file;               /* of the DVD, or -1 */
	atomic_uint end;        /* blocks that a disc in LUN 0 has, at most */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct list works;
	bool held, slow, stopping;
	bool drained; /* no read of the old disc is in flight any more */
	uint8_t swaps;
	unsigned waiting, opened, closed, quiet;
	char log[LOG_MAX];
	pthread_t workers[WORKERS];
};

/* ---- the executor -----------------------------------------------------------------------------
 */

static void submit(
	struct scsi_executor *executor, struct scsi_work *work, struct scsi_source *source)
{
	struct library *library = container_of(executor, struct library, executor);
	SCOPED_LOCK(&library->lock);
	list_append(&library->works, &work->link);
	library->waiting++;
	pthread_cond_broadcast(&library->changed);
}

static struct scsi_work *next_work(struct library *library)
{
	SCOPED_LOCK(&library->lock);
	while (!library->stopping && (library->held || list_empty(&library->works)))
		pthread_cond_wait(&library->changed, &library->lock);
	struct list *node = list_pop(&library->works);
	library->waiting -= node != NULL;
	return node ? container_of(node, struct scsi_work, link) : NULL;
}

static void *work(void *argument)
{
	struct scsi_work *next;
	while ((next = next_work(argument)))
		next->run(next);
	return NULL;
}

/* ---- discs ------------------------------------------------------------------------------------
 */

static bool is_held(const struct held_source *source)
{
	SCOPED_LOCK(&source->library->lock);
	return (source->first && source->library->held) || source->library->slow;
}

/* As much of the last iovecs as lies beyond `end` is left alone. */
static size_t part_of(const struct iovec *iov, uint64_t offset, uint64_t end)
{
	uint64_t left = offset < end ? end - offset : 0;
	return left < iov->iov_len ? (size_t)left : iov->iov_len;
}

static ssize_t pattern_preadv(struct scsi_source *source, const struct iovec *iov, int iov_count,
	uint64_t offset, unsigned flags)
{
	struct held_source *held = container_of(source, struct held_source, source);
	uint64_t blocks = held->first ? atomic_load(&held->library->end) : UINT32_MAX;
	ssize_t done = 0;
	if (flags & FILE_IO_NOWAIT && is_held(held))
		return -EAGAIN;
	for (int i = 0; i < iov_count; i++) {
		size_t part = part_of(&iov[i], offset, blocks * LIBRARY_BLOCK);
		memset(iov[i].iov_base, held->fill, part);
		for (size_t at = 0; at + 4 <= part; at += LIBRARY_BLOCK)
			put_be32((uint8_t *)iov[i].iov_base + at,
				(uint32_t)((offset + at) / LIBRARY_BLOCK));
		offset += part;
		done += (ssize_t)part;
	}
	return done;
}

static bool pattern_changed(struct scsi_source *source)
{
	return false;
}

static void pattern_destroy(struct scsi_source *source)
{
	free(container_of(source, struct held_source, source));
}

static const struct scsi_source_ops pattern_ops = {
	.preadv = pattern_preadv, .changed = pattern_changed, .destroy = pattern_destroy};

struct pattern_disc {
	struct disc disc;
	struct disc_track track;
	struct disc_extent extent;
};

static void disc_destroy(struct disc *disc)
{
	struct pattern_disc *pattern = container_of(disc, struct pattern_disc, disc);
	scsi_source_put(pattern->extent.source);
	free(pattern);
}

static struct scsi_source *make_pattern(struct library *library, bool first, uint8_t fill)
{
	struct held_source *held = calloc(1, sizeof *held);
	CHECK(held);
	scsi_source_init(&held->source, &pattern_ops, false);
	held->library = library;
	held->first = first;
	held->fill = fill;
	return &held->source;
}

/* The same in a file, in memory: all of it is in the page cache. */
static struct scsi_source *make_file(struct library *library, uint32_t blocks, uint8_t fill)
{
	struct file_identity identity;
	uint8_t block[LIBRARY_BLOCK];
	int fd = memfd_create("disc", MFD_CLOEXEC);
	CHECK(fd >= 0);
	memset(block, fill, sizeof block);
	for (uint32_t lba = 0; lba < blocks; lba++) {
		put_be32(block, lba);
		CHECK(write(fd, block, sizeof block) == sizeof block);
	}
	if (library->file >= 0)
		close(library->file);
	library->file = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	CHECK(library->file >= 0 && file_io_posix.identify(&file_io_posix, fd, &identity) == 0);
	struct scsi_source *source =
		source_file_create(&file_io_posix, fd, &identity, LIBRARY_BLOCK);
	CHECK(source);
	return source;
}

static struct disc *make_disc(
	struct library *library, uint32_t blocks, enum mmc_profile profile, uint8_t fill)
{
	struct pattern_disc *pattern = calloc(1, sizeof *pattern);
	bool first = profile == PROFILE_DVD_ROM;
	CHECK(pattern);
	struct scsi_source *source = library->setup.files && first
					     ? make_file(library, blocks, fill)
					     : make_pattern(library, first, fill);
	pattern->track = (struct disc_track){
		.number = 1, .session = 1, .control = 4, .data_mode = 1, .blocks = blocks};
	pattern->extent = (struct disc_extent){.blocks = blocks, .source = source};
	pattern->disc = (struct disc){.profile = profile,
		.session_count = 1,
		.track_count = 1,
		.tracks = &pattern->track,
		.extent_count = 1,
		.extents = &pattern->extent,
		.lead_out = blocks,
		.layers = 1,
		.destroy = disc_destroy};
	atomic_init(&pattern->disc.references, 1);
	return &pattern->disc;
}

static void take_log(void *context, const char *line)
{
	struct library *library = context;
	SCOPED_LOCK(&library->lock);
	size_t length = strlen(library->log);
	snprintf(library->log + length, sizeof library->log - length, "%s\n", line);
}

/* ---- drives -----------------------------------------------------------------------------------
 */

static void grant(struct scsi_work *granted)
{
	struct scsi_cmd *cmd = container_of(granted, struct scsi_cmd, work);
	if (scsi_cmd_claim(cmd)) {
		struct mmc_drive *drive = mmc_drive_of_lu(cmd->nexus->lu);
		if (cmd->library_request == LIBRARY_TRAY_OPEN)
			mmc_drive_move_tray(drive, true);
		if (cmd->library_request == LIBRARY_TRAY_CLOSE)
			mmc_drive_move_tray(drive, false);
		scsi_cmd_finish(cmd, SENSE_NONE);
	}
	scsi_cmd_put(cmd);
}

static void drive_request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request request)
{
	/* lu->lock is held: a worker answers. */
	struct library *library = context;
	cmd->work.run = grant;
	submit(&library->executor, &cmd->work, NULL);
}

static void drive_event(void *context, struct scsi_lu *lu, enum library_event event)
{
	struct library *library = context;
	SCOPED_LOCK(&library->lock);
	library->drained |= event == LIBRARY_EVENT_DRAINED;
	pthread_cond_broadcast(&library->changed);
}

/* As the daemon does: it is logged. */
static void drive_fault(void *context, struct scsi_lu *lu, uint64_t lba)
{
	char line[SCSI_NAME_MAX + 64];
	snprintf(line, sizeof line, "%s: block %llu is bad", lu->name, (unsigned long long)lba);
	take_log(context, line);
}

static void drive_remember(void *context, struct scsi_lu *lu)
{
}

static const struct library_ops drive_library = {.request = drive_request,
	.event = drive_event,
	.medium_fault = drive_fault,
	.remember = drive_remember};

static struct mmc_drive *make_drive(
	struct library *library, const char *name, uint32_t blocks, enum mmc_profile profile)
{
	struct mmc_drive_config config = {
		.lu = {.name = name,
			.serial = name,
			.library = &drive_library,
			.library_context = library,
			.executor = &library->executor},
		.personality = mmc_personality_find("dvd-rom"),
		.dwell_ms = 1,
	};
	struct mmc_drive *drive = mmc_drive_create(&config);
	CHECK(drive);
	struct disc *disc = make_disc(library, blocks, profile, LIBRARY_FILL);
	mmc_drive_restore(drive, disc, false);
	disc_put(disc);
	return drive;
}

/* ---- the backend ------------------------------------------------------------------------------
 */

static void backend_targets(void *context, const struct portal_login *login,
	void (*each)(void *each_context, const char *target), void *each_context)
{
	const struct library *library = context;
	each(each_context, TARGET_ONE);
	each(each_context, TARGET_TWO);
	if (library->tape)
		each(each_context, TARGET_TAPE);
	for (unsigned i = 0; i < library->setup.more_targets; i++) {
		char name[64];
		snprintf(name, sizeof name, "iqn.2026-01.test:more-%u", i);
		each(each_context, name);
	}
}

static void backend_admit(
	void *context, const struct portal_login *login, struct portal_admission *ret)
{
	const struct library *library = context;
	if (strncmp(login->initiator, "iqn.2026-01.test:", 17)) {
		ret->status = PORTAL_STATUS_AUTHORIZATION_FAILED;
		return;
	}
	if (login->target && strcmp(login->target, TARGET_ONE) &&
		strcmp(login->target, TARGET_TWO) &&
		!(library->tape && strcmp(login->target, TARGET_TAPE) == 0)) {
		ret->status = PORTAL_STATUS_NOT_FOUND;
		return;
	}
	ret->chap = library->setup.chap;
	snprintf(ret->user, sizeof ret->user, CHAP_USER);
	snprintf(ret->secret, sizeof ret->secret, CHAP_SECRET);
	if (library->setup.mutual) {
		snprintf(ret->own_user, sizeof ret->own_user, TARGET_USER);
		snprintf(ret->own_secret, sizeof ret->own_secret, TARGET_SECRET);
	}
}

static void add_lun(struct portal_session *session, uint16_t number, struct scsi_lu *lu,
	const struct portal_login *login)
{
	char name[SCSI_NAME_MAX];
	snprintf(name, sizeof name, "%.40s,%02x%02x", login->initiator, login->isid[4],
		login->isid[5]);
	struct scsi_nexus *nexus = scsi_nexus_create(lu, name);
	CHECK(nexus);
	session->luns[session->lun_count++] = (struct portal_lun){number, nexus};
}

static enum portal_status backend_open(
	void *context, const struct portal_login *login, struct portal_session *ret)
{
	struct library *library = context;
	bool tape = strcmp(login->target, TARGET_TAPE) == 0;
	if (tape)
		add_lun(ret, 0, tape_unit_lu(library->tape), login);
	add_lun(ret, tape, mmc_drive_lu(library->dvd), login);
	if (!strcmp(login->target, TARGET_ONE))
		add_lun(ret, 5, mmc_drive_lu(library->cd), login);
	SCOPED_LOCK(&library->lock);
	library->opened++;
	return PORTAL_STATUS_SUCCESS;
}

static void backend_closed(void *context, struct portal_session *session, bool quiet)
{
	struct library *library = context;
	for (unsigned i = 0; i < session->lun_count; i++) {
		scsi_nexus_lost(session->luns[i].nexus);
		scsi_nexus_destroy(session->luns[i].nexus);
	}
	SCOPED_LOCK(&library->lock);
	library->closed++;
	library->quiet += quiet;
}

static const struct portal_backend backend = {
	.targets = backend_targets,
	.admit = backend_admit,
	.open = backend_open,
	.closed = backend_closed,
};

/* ---- all of it --------------------------------------------------------------------------------
 */

static struct library *library_create(const struct fake_portal_setup *setup)
{
	struct library *library = calloc(1, sizeof *library);
	CHECK(library);
	library->setup = *setup;
	library->file = -1;
	library->executor.submit = submit;
	atomic_init(&library->end, UINT32_MAX);
	pthread_mutex_init(&library->lock, NULL);
	pthread_cond_init(&library->changed, NULL);
	list_init(&library->works);
	library->dvd = make_drive(library, "dvd0", DVD_BLOCKS, PROFILE_DVD_ROM);
	library->cd = make_drive(library, "cd0", CD_BLOCKS, PROFILE_CD_ROM);
	if (setup->tape)
		library->tape = tape_unit_create("tape0");
	for (unsigned i = 0; i < WORKERS; i++)
		CHECK(pthread_create(&library->workers[i], NULL, work, library) == 0);
	return library;
}

static void library_destroy(struct library *library)
{
	pthread_mutex_lock(&library->lock);
	library->stopping = true;
	pthread_cond_broadcast(&library->changed);
	pthread_mutex_unlock(&library->lock);
	for (unsigned i = 0; i < WORKERS; i++)
		pthread_join(library->workers[i], NULL);
	mmc_drive_destroy(library->dvd);
	mmc_drive_destroy(library->cd);
	tape_unit_destroy(library->tape);
	if (library->file >= 0)
		close(library->file);
	pthread_cond_destroy(&library->changed);
	pthread_mutex_destroy(&library->lock);
	free(library);
}

struct fake_portal *fake_portal_create(const struct fake_portal_setup *setup)
{
	static const struct fake_portal_setup nothing;
	struct fake_portal *fake = calloc(1, sizeof *fake);
	struct error error = {0};
	CHECK(fake);
	setup = setup ? setup : &nothing;
	fake->library = library_create(setup);
	const char *const addresses[] = {"127.0.0.1:0", setup->second};
	struct portal_config config = {
		.listen = addresses,
		.listen_count = setup->by_hand  ? 0
				: setup->second ? 2
						: 1,
		.threads = setup->threads ? setup->threads : 2,
		.limits = setup->limits,
		.backend = &backend,
		.context = fake->library,
		.log = take_log,
	};
	fake->portal = portal_create(&config, &error);
	if (!fake->portal)
		fprintf(stderr, "%s\n", error.sentence);
	CHECK(fake->portal && (setup->by_hand || portal_start(fake->portal, &error)));
	fake->address = portal_address(fake->portal, 0);
	return fake;
}

/* Works that wait are run by the workers, which let the portal go. */
void fake_portal_destroy(struct fake_portal *fake)
{
	portal_stop(fake->portal);
	fake_portal_hold(fake, false);
	if (fake->library->tape)
		tape_unit_hold(fake->library->tape, false);
	portal_destroy(fake->portal);
	CHECK(fake->library->opened == fake->library->closed);
	library_destroy(fake->library);
	free(fake);
}

struct tape_unit *fake_portal_tape(struct fake_portal *fake)
{
	return fake->library->tape;
}

void fake_portal_hold(struct fake_portal *fake, bool hold)
{
	SCOPED_LOCK(&fake->library->lock);
	fake->library->held = hold;
	pthread_cond_broadcast(&fake->library->changed);
}

void fake_portal_slow(struct fake_portal *fake, bool slow)
{
	SCOPED_LOCK(&fake->library->lock);
	fake->library->slow = slow;
}

void fake_portal_swap(struct fake_portal *fake)
{
	struct library *library = fake->library;
	uint8_t fill = (uint8_t)(LIBRARY_FILL + ++library->swaps);
	struct disc *disc = make_disc(library, DVD_BLOCKS, PROFILE_DVD_ROM, fill);
	pthread_mutex_lock(&library->lock);
	library->drained = false;
	pthread_mutex_unlock(&library->lock);
	bool drained = mmc_drive_begin_change(library->dvd);
	pthread_mutex_lock(&library->lock);
	while (!drained && !library->drained)
		pthread_cond_wait(&library->changed, &library->lock);
	pthread_mutex_unlock(&library->lock);
	mmc_drive_publish(library->dvd, disc, false);
	disc_put(disc);
}

void fake_portal_cut(struct fake_portal *fake, uint32_t blocks)
{
	int file = fake->library->file;
	if (file >= 0)
		CHECK(ftruncate(file, (off_t)blocks * LIBRARY_BLOCK) == 0);
	atomic_store(&fake->library->end, blocks);
}

void fake_portal_touch(struct fake_portal *fake)
{
	const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	CHECK(futimens(fake->library->file, times) == 0);
}

uint64_t fake_portal_sent_from_file(struct fake_portal *fake)
{
	return atomic_load(&mmc_drive_lu(fake->library->dvd)->sent_reads);
}

unsigned fake_portal_held(struct fake_portal *fake)
{
	SCOPED_LOCK(&fake->library->lock);
	return fake->library->waiting;
}

unsigned fake_portal_opened(struct fake_portal *fake)
{
	SCOPED_LOCK(&fake->library->lock);
	return fake->library->opened;
}

unsigned fake_portal_closed(struct fake_portal *fake)
{
	SCOPED_LOCK(&fake->library->lock);
	return fake->library->closed;
}

unsigned fake_portal_quiet(struct fake_portal *fake)
{
	SCOPED_LOCK(&fake->library->lock);
	return fake->library->quiet;
}

unsigned fake_portal_nexuses(struct fake_portal *fake)
{
	struct scsi_lu *lu = mmc_drive_lu(fake->library->dvd);
	unsigned count = 0;
	SCOPED_LOCK(&lu->lock);
	list_for_each (node, &lu->nexuses)
		count++;
	return count;
}

bool fake_portal_prevented(struct fake_portal *fake)
{
	struct scsi_lu *lu = mmc_drive_lu(fake->library->dvd);
	SCOPED_LOCK(&lu->lock);
	return scsi_removal_prevented(lu, true);
}

bool fake_portal_logged(struct fake_portal *fake, const char *part)
{
	SCOPED_LOCK(&fake->library->lock);
	return strstr(fake->library->log, part);
}

bool wait_until(bool (*happened)(struct fake_portal *), struct fake_portal *fake)
{
	const struct timespec step = {.tv_nsec = STEP_NS};
	for (unsigned i = 0; i < STEPS; i++) {
		if (happened(fake))
			return true;
		nanosleep(&step, NULL);
	}
	return false;
}
