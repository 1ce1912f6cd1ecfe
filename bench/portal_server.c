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
#include <time.h>

#include "bench_library.h"
#include "bench_portal.h"
#include "mmc/drive.h"
#include "pool.h"

enum { WORKERS = 8, WORKERS_PER_SOURCE = 4, SLOW_MS = 50 };

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

static struct mmc_drive *make_drive(
	struct pool *pool, const char *name, const struct file_io *io, const char *image)
{
	struct error error = {0};
	struct mmc_drive_config config = {
		.lu = {.name = name,
			.serial = name,
			.library = &bench_library,
			.library_context = pool_executor(pool),
			.executor = pool_executor(pool)},
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

int main(int argc, char **argv)
{
	struct error error = {0};
	struct file_io slow_io = file_io_posix;
	struct mmc_drive *drives[2];
	if (argc != 2) {
		fprintf(stderr, "usage: portal-server IMAGE\n");
		return 2;
	}
	slow_io.preadv = slow_preadv;
	slow_io.sendable = false;
	struct pool *pool = pool_create(WORKERS, WORKERS_PER_SOURCE, &error);
	if (!pool)
		die(&error);
	drives[0] = make_drive(pool, "warm", &file_io_posix, argv[1]);
	drives[1] = make_drive(pool, "slow", &slow_io, argv[1]);
	if (!drives[0] || !drives[1])
		return 1;
	struct bench_portal bench = {.target = "iqn.2026-01.bench:portal",
		.luns = {mmc_drive_lu(drives[0]), mmc_drive_lu(drives[1])},
		.lun_count = 2};
	bench_portal_serve(&bench);
	for (unsigned i = 0; i < 2; i++)
		mmc_drive_destroy(drives[i]);
	pool_destroy(pool);
	return 0;
}
