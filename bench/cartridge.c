/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cartridge layer beside bare system calls, in one run and on one file system:
 *
 *	cartridge-bench DIRECTORY [RECORDS_MAX]
 *
 * Appending blocks against pwrite(2) of the same bytes; opening, and locating, as the number of
 * records grows, against a pread(2) of what a leaf of the index takes.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ssc/native.h"

enum { ROUNDS = 5, LOCATES = 2000, LEAF = 16 << 10, RECORD = 64 };

static const uint64_t volume = UINT64_C(512) << 20;

static char path[PATH_MAX];

static void die(const char *what, int result)
{
	fprintf(stderr, "cartridge-bench: %s: %s\n", what, strerror(-result));
	exit(1);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

static double median(double *values, unsigned count)
{
	qsort(values, count, sizeof *values, by_value);
	return values[count / 2];
}

static struct cartridge *make(void)
{
	struct native_create create = {.barcode = "BENCH1L8",
		.medium = "LTO-8",
		.capacity = UINT64_C(12000000000000),
		.block_max = 8 << 20};
	struct error error = {0};
	unlink(path);
	struct cartridge *cartridge =
		native_create(&file_store_posix, path, &create, NULL, &error)
			? native_open(&file_store_posix, path, true, NULL, &error)
			: NULL;
	if (!cartridge) {
		fprintf(stderr, "cartridge-bench: %s\n", error.sentence);
		exit(1);
	}
	return cartridge;
}

static struct cartridge *open_it(void)
{
	struct error error = {0};
	struct cartridge *cartridge = native_open(&file_store_posix, path, false, NULL, &error);
	if (!cartridge) {
		fprintf(stderr, "cartridge-bench: %s\n", error.sentence);
		exit(1);
	}
	return cartridge;
}

/* ---- appending ---------------------------------------------------------------------------------
 */

static double append(const uint8_t *block, uint32_t length, enum cartridge_compression how)
{
	struct cartridge *cartridge = make();
	double started = now();
	for (uint64_t i = 0; i < volume / length; i++) {
		int result = cart_append(cartridge, i, block, length, how);
		if (result < 0)
			die("append", result);
	}
	double seconds = now() - started;
	cart_close(cartridge);
	return seconds;
}

/* The bytes that the cartridge writes for them: header and padding too, and as far apart. */
static double bare(const uint8_t *block, uint32_t length)
{
	unlink(path);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		die(path, -errno);
	double started = now();
	uint64_t synced = 0;
	for (uint64_t i = 0; i < volume / length; i++) {
		uint64_t at = i * (length + 64);
		if (pwrite(fd, block, length, (off_t)at) != (ssize_t)length)
			die("pwrite", -errno);
		if (at - synced >= 256 << 20) { /* as often as the cartridge does by itself */
			fdatasync(fd);
			synced = at;
		}
	}
	double seconds = now() - started;
	close(fd);
	return seconds;
}

static void compare_appending(const uint8_t *block, uint32_t length)
{
	double ours[ROUNDS], lz4[ROUNDS], zstd[ROUNDS], theirs[ROUNDS], ratio[ROUNDS];
	for (unsigned i = 0; i < ROUNDS; i++) {
		theirs[i] = bare(block, length);
		ours[i] = append(block, length, COMPRESSION_NONE);
		lz4[i] = append(block, length, COMPRESSION_LZ4);
		zstd[i] = append(block, length, COMPRESSION_ZSTD);
		ratio[i] = theirs[i] / ours[i];
	}
	double mb = (double)volume / 1e6;
	printf("| %u | %.0f | %.0f | **%.2f** | %.0f | %.0f |\n", length,
		mb / median(theirs, ROUNDS), mb / median(ours, ROUNDS), median(ratio, ROUNDS),
		mb / median(lz4, ROUNDS), mb / median(zstd, ROUNDS));
	fflush(stdout);
}

/* ---- growing -----------------------------------------------------------------------------------
 */

static void fill(uint64_t records)
{
	uint8_t record[RECORD] = {1};
	struct cartridge *cartridge = make();
	for (uint64_t i = 0; i < records; i++) {
		int result = i % 100 == 99 ? cart_append_filemarks(cartridge, i, 1)
					   : cart_append(cartridge, i, record, sizeof record,
						     COMPRESSION_NONE);
		if (result < 0)
			die("append", result);
	}
	if (cart_close(cartridge) < 0)
		die("close", -EIO);
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 20;
}

/* A filemark by its number, and the object behind it: as LOCATE and SPACE do. */
static double locate(uint64_t records)
{
	struct cartridge *cartridge = open_it();
	uint64_t state = 1, object, before;
	double started = now();
	for (unsigned i = 0; i < LOCATES; i++) {
		int result = cart_find_filemark(
			cartridge, next_random(&state) % (records / 100), &object);
		if (result == 0)
			result = cart_filemarks_before(cartridge, object, &before);
		if (result < 0)
			die("find", result);
	}
	double seconds = now() - started;
	cart_close(cartridge);
	return seconds / LOCATES;
}

static double one_pread(void)
{
	static uint8_t buffer[LEAF];
	uint64_t state = 1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = lseek(fd, 0, SEEK_END);
	double started = now();
	for (unsigned i = 0; i < LOCATES; i++) {
		off_t at = (off_t)(next_random(&state) % (uint64_t)(size - LEAF)) & ~(off_t)63;
		if (pread(fd, buffer, sizeof buffer, at) < 0)
			die("pread", -errno);
	}
	double seconds = now() - started;
	close(fd);
	return seconds / LOCATES;
}

static double mount(void)
{
	double started = now();
	struct cartridge *cartridge = open_it();
	double seconds = now() - started;
	cart_close(cartridge);
	return seconds;
}

static void measure_growth(uint64_t records)
{
	double mounts[ROUNDS], locates[ROUNDS], preads[ROUNDS];
	fill(records);
	for (unsigned i = 0; i < ROUNDS; i++) {
		mounts[i] = mount();
		locates[i] = locate(records);
		preads[i] = one_pread();
	}
	printf("| %" PRIu64 " | %.2f | %.1f | %.1f |\n", records, median(mounts, ROUNDS) * 1e3,
		median(locates, ROUNDS) * 1e6, median(preads, ROUNDS) * 1e6);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const uint32_t lengths[] = {64 << 10, 256 << 10, 1 << 20};
	uint64_t most = argc > 2 ? strtoull(argv[2], NULL, 10) : 10000000;
	if (argc < 2) {
		fprintf(stderr, "Usage: cartridge-bench DIRECTORY [RECORDS_MAX]\n");
		return 2;
	}
	snprintf(path, sizeof path, "%s/bench.tape", argv[1]);
	uint8_t *block = malloc(1 << 20);
	if (!block)
		return 1;
	uint64_t state = 7; /* half random, half repeating: it compresses to some 60 % */
	for (size_t i = 0; i < 1 << 20; i++)
		block[i] = i % 64 < 36 ? (uint8_t)next_random(&state) : (uint8_t)(i >> 12);
	printf("| block | pwrite MB/s | append MB/s | ratio | lz4 MB/s | zstd MB/s |\n"
	       "|---|---|---|---|---|---|\n");
	for (unsigned i = 0; i < 3; i++)
		compare_appending(block, lengths[i]);
	printf("\n| records | mount ms | find a filemark us | pread of a leaf us |\n"
	       "|---|---|---|---|\n");
	for (uint64_t records = 10000; records <= most; records *= 10)
		measure_growth(records);
	unlink(path);
	free(block);
	return 0;
}
