/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The portal in front of optical drives that hold an image file, and nothing else of the daemon.
 *
 *	portal-server IMAGE
 *
 * Prints "address pid" and serves until its input ends. LUN 0 is the image as it is; LUN 1 is the
 * same image on storage where nothing is ever at hand and every read takes SLOW_MS.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "iscsi/portal.h"
#include "mmc/drive.h"
#include "pool.h"
#include "scsi/library.h"

#define TARGET "iqn.2026-01.bench:portal"

enum { WORKERS = 8, WORKERS_PER_SOURCE = 4, SLOW_MS = 50 };

struct bench {
	struct pool *pool;
	struct file_io slow_io;
	struct mmc_drive *drives[2];
};

static void die(const struct error *error)
{
	fprintf(stderr, "%s\n", error->sentence);
	exit(1);
}

static ssize_t slow_preadv(const struct file_io *io, int fd, const struct iovec *iov, int iov_count,
	uint64_t offset, unsigned flags)
{
	const struct timespec time = {.tv_nsec = SLOW_MS * 1000000};
	if (flags & FILE_IO_NOWAIT)
		return -EAGAIN;
	nanosleep(&time, NULL);
	return file_io_posix.preadv(&file_io_posix, fd, iov, iov_count, offset, 0);
}

/* ---- drives ---------------------------------------------------------------------------------- */

/* What a host asks of the library is granted at once. */
static void grant(struct scsi_work *work)
{
	struct scsi_cmd *cmd = container_of(work, struct scsi_cmd, work);
	if (scsi_cmd_claim(cmd))
		scsi_cmd_finish(cmd, SENSE_NONE);
	scsi_cmd_put(cmd);
}

static void request(
	void *context, struct scsi_lu *lu, struct scsi_cmd *cmd, enum library_request request)
{
	struct scsi_executor *executor = pool_executor(((struct bench *)context)->pool);
	cmd->work.run = grant;
	executor->submit(executor, &cmd->work, NULL);
}

static void event(void *context, struct scsi_lu *lu, enum library_event event)
{
}

static void medium_fault(void *context, struct scsi_lu *lu, uint64_t lba)
{
	fprintf(stderr, "%s: block %llu cannot be read\n", lu->name, (unsigned long long)lba);
}

static void remember(void *context, struct scsi_lu *lu)
{
}

static const struct library_ops library = {
	.request = request, .event = event, .medium_fault = medium_fault, .remember = remember};

static struct mmc_drive *make_drive(
	struct bench *bench, const char *name, const struct file_io *io, const char *image)
{
	struct error error = {0};
	struct mmc_drive_config config = {
		.lu = {.name = name,
			.serial = name,
			.library = &library,
			.library_context = bench,
			.executor = pool_executor(bench->pool)},
		.personality = mmc_personality_find("dvd-rom"),
	};
	struct disc *disc = image_open(io, image, PROFILE_NONE, NULL, &error);
	if (!disc)
		die(&error);
	struct mmc_drive *drive = mmc_drive_create(&config);
	if (drive)
		mmc_drive_restore(drive, disc, false);
	disc_put(disc);
	return drive;
}

/* ---- the backend ------------------------------------------------------------------------------
 */

static void targets(void *context, const struct portal_login *login,
	void (*each)(void *each_context, const char *target), void *each_context)
{
	each(each_context, TARGET);
}

static void admit(void *context, const struct portal_login *login, struct portal_admission *ret)
{
	if (login->target && strcmp(login->target, TARGET))
		ret->status = PORTAL_STATUS_NOT_FOUND;
}

static enum portal_status open_session(
	void *context, const struct portal_login *login, struct portal_session *ret)
{
	struct bench *bench = context;
	for (unsigned i = 0; i < 2; i++) {
		struct scsi_lu *lu = mmc_drive_lu(bench->drives[i]);
		struct scsi_nexus *nexus = scsi_nexus_create(lu, login->initiator);
		if (!nexus)
			abort();
		ret->luns[ret->lun_count++] = (struct portal_lun){(uint16_t)i, nexus};
	}
	return PORTAL_STATUS_SUCCESS;
}

static void closed(void *context, struct portal_session *session, bool quiet)
{
	for (unsigned i = 0; i < session->lun_count; i++) {
		scsi_nexus_lost(session->luns[i].nexus);
		scsi_nexus_destroy(session->luns[i].nexus);
	}
}

static const struct portal_backend backend = {
	.targets = targets, .admit = admit, .open = open_session, .closed = closed};

static void serve(struct bench *bench)
{
	const char *const listen = "127.0.0.1:0";
	struct error error = {0};
	struct portal_config config = {
		.listen = &listen, .listen_count = 1, .backend = &backend, .context = bench};
	struct portal *portal = portal_create(&config, &error);
	if (!portal || !portal_start(portal, &error))
		die(&error);
	printf("%s %d\n", portal_address(portal, 0), getpid());
	fflush(stdout);
	while (getchar() != EOF)
		;
	portal_destroy(portal);
}

int main(int argc, char **argv)
{
	struct error error = {0};
	struct bench bench = {.slow_io = file_io_posix};
	if (argc != 2) {
		fprintf(stderr, "usage: portal-server IMAGE\n");
		return 2;
	}
	bench.slow_io.preadv = slow_preadv;
	bench.slow_io.sendable = false;
	bench.pool = pool_create(WORKERS, WORKERS_PER_SOURCE, &error);
	if (!bench.pool)
		die(&error);
	bench.drives[0] = make_drive(&bench, "warm", &file_io_posix, argv[1]);
	bench.drives[1] = make_drive(&bench, "slow", &bench.slow_io, argv[1]);
	if (!bench.drives[0] || !bench.drives[1])
		return 1;
	serve(&bench);
	for (unsigned i = 0; i < 2; i++)
		mmc_drive_destroy(bench.drives[i]);
	pool_destroy(bench.pool);
	return 0;
}
