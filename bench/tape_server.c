/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The portal in front of LTO-8 drives with a cartridge of the native format in each, and nothing
 * else of the daemon.
 *
 *	tape-server DIRECTORY as-asked|lz4|zstd [DRIVES]
 *
 * Makes the cartridges in DIRECTORY, prints "address pid" and serves until its input ends; LUNs are
 * 0 and up. `lz4` and `zstd` say what is done with the blocks that the drive compresses; `as-asked`
 * leaves that to the drive.
 */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench_library.h"
#include "bench_portal.h"
#include "pool.h"
#include "ssc/drive.h"
#include "ssc/native.h"

enum { WORKERS = 8, WORKERS_PER_SOURCE = 4, BLOCK_MAX = 8 << 20 };

#define CAPACITY UINT64_C(12000000000000)

static const char *directory;
static struct pool *pool;

static void die(const struct error *error)
{
	fprintf(stderr, "tape-server: %s\n", error->sentence);
	exit(1);
}

/* ---- the algorithm ----------------------------------------------------------------------------
 */

static const struct cartridge_ops *native;
static struct cartridge_ops forced; /* the native ones with another way to append */
static enum cartridge_compression algorithm;

static int append(struct cartridge *cartridge, uint64_t object, const void *block, uint32_t length,
	enum cartridge_compression compression)
{
	return native->append(cartridge, object, block, length,
		compression == COMPRESSION_NONE ? COMPRESSION_NONE : algorithm);
}

static void force_algorithm(struct cartridge *cartridge)
{
	native = cartridge->ops;
	forced = *native;
	forced.append = append;
	cartridge->ops = &forced;
}

static bool take_algorithm(const char *name)
{
	if (!strcmp(name, "lz4"))
		algorithm = COMPRESSION_LZ4;
	else if (!strcmp(name, "zstd"))
		algorithm = COMPRESSION_ZSTD;
	else
		return !strcmp(name, "as-asked");
	return true;
}

/* ---- drives -----------------------------------------------------------------------------------
 */

struct wait {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done;
};

static void wait_over(void *context)
{
	struct wait *wait = context;
	pthread_mutex_lock(&wait->lock);
	wait->done = true;
	pthread_cond_signal(&wait->changed);
	pthread_mutex_unlock(&wait->lock);
}

static void unloaded(void *context, struct cartridge *cartridge, int result)
{
	if (cart_close(cartridge) < 0 || result < 0)
		fprintf(stderr, "tape-server: a cartridge could not be closed\n");
	wait_over(context);
}

static void wait_for(struct wait *wait)
{
	pthread_mutex_lock(&wait->lock);
	while (!wait->done)
		pthread_cond_wait(&wait->changed, &wait->lock);
	wait->done = false;
	pthread_mutex_unlock(&wait->lock);
}

static struct wait wait = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};

static struct cartridge *make_cartridge(unsigned number)
{
	char path[PATH_MAX], barcode[CARTRIDGE_BARCODE_MAX];
	struct error error = {0};
	snprintf(barcode, sizeof barcode, "BEN%03uL8", number);
	snprintf(path, sizeof path, "%s/%s.tape", directory, barcode);
	struct native_create create = {.barcode = barcode,
		.medium = "LTO-8",
		.capacity = CAPACITY,
		.block_max = BLOCK_MAX};
	unlink(path);
	if (!native_create(&file_store_posix, path, &create, NULL, &error))
		die(&error);
	struct cartridge *cartridge = native_open(&file_store_posix, path, true, NULL, &error);
	if (!cartridge)
		die(&error);
	if (algorithm != COMPRESSION_NONE)
		force_algorithm(cartridge);
	return cartridge;
}

static struct ssc_drive *make_drive(unsigned number)
{
	char name[16];
	snprintf(name, sizeof name, "tape%u", number);
	struct ssc_drive_config config = {
		.lu = {.name = name,
			.serial = name,
			.library = &bench_library,
			.library_context = pool_executor(pool),
			.executor = pool_executor(pool)},
		.personality = ssc_personality_find("lto-8"),
	};
	struct ssc_drive *drive = ssc_drive_create(&config);
	if (!drive)
		abort();
	ssc_drive_load(drive, make_cartridge(number), false, wait_over, &wait);
	wait_for(&wait);
	return drive;
}

int main(int argc, char **argv)
{
	static struct ssc_drive *drives[BENCH_LUNS_MAX];
	struct bench_portal bench = {.target = "iqn.2026-01.bench:tape", .lun_count = 1};
	struct error error = {0};
	if (argc == 4)
		bench.lun_count = (unsigned)atoi(argv[3]);
	if (argc < 3 || argc > 4 || !take_algorithm(argv[2]) || bench.lun_count < 1 ||
		bench.lun_count > BENCH_LUNS_MAX) {
		fprintf(stderr, "usage: tape-server DIRECTORY as-asked|lz4|zstd [DRIVES]\n");
		return 2;
	}
	directory = argv[1];
	pool = pool_create(WORKERS, WORKERS_PER_SOURCE, &error);
	if (!pool)
		die(&error);
	for (unsigned i = 0; i < bench.lun_count; i++) {
		drives[i] = make_drive(i);
		bench.luns[i] = ssc_drive_lu(drives[i]);
	}
	bench_portal_serve(&bench);
	for (unsigned i = 0; i < bench.lun_count; i++) {
		ssc_drive_unload(drives[i], unloaded, &wait);
		wait_for(&wait);
		ssc_drive_destroy(drives[i]);
	}
	pool_destroy(pool);
	return 0;
}
