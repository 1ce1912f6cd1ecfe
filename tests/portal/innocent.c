/* SPDX-License-Identifier: Apache-2.0 */
/*
 * innocent ADDRESS TARGET INITIATOR FILE: reads a disc all over, and compares it with FILE, until
 * its input ends. Nothing may go wrong. Says when it has begun, and at the end how many reads there
 * were, and how many milliseconds the slowest took.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

enum { BLOCK = 2048, BLOCKS_MOST = 64, TIMEOUT_SECONDS = 60 };

struct disc {
	const unsigned char *bytes;
	uint32_t blocks;
};

static void fail(struct iscsi_context *iscsi, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, iscsi_get_error(iscsi));
	exit(1);
}

static struct disc map(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0) {
		perror(path);
		exit(1);
	}
	const void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED) {
		perror(path);
		exit(1);
	}
	return (struct disc){bytes, (uint32_t)(status.st_size / BLOCK)};
}

static struct iscsi_context *log_in(char **argv)
{
	struct iscsi_context *iscsi = iscsi_create_context(argv[3]);
	iscsi_set_session_type(iscsi, ISCSI_SESSION_NORMAL);
	iscsi_set_targetname(iscsi, argv[2]);
	iscsi_set_noautoreconnect(iscsi, 1);
	iscsi_set_timeout(iscsi, TIMEOUT_SECONDS);
	if (iscsi_full_connect_sync(iscsi, argv[1], 0) != 0)
		fail(iscsi, "login");
	return iscsi;
}

static void read_some(struct iscsi_context *iscsi, const struct disc *disc)
{
	uint32_t count = 1 + (uint32_t)random() % BLOCKS_MOST;
	uint32_t lba = (uint32_t)random() % (disc->blocks - count);
	struct scsi_task *task =
		iscsi_read10_sync(iscsi, 0, lba, count * BLOCK, BLOCK, 0, 0, 0, 0, 0);
	if (!task || task->status != SCSI_STATUS_GOOD || task->datain.size != (int)(count * BLOCK))
		fail(iscsi, "a read failed");
	if (memcmp(task->datain.data, disc->bytes + (size_t)lba * BLOCK, count * BLOCK) != 0)
		fail(iscsi, "a read brought other data");
	scsi_free_scsi_task(task);
}

static uint64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Waits a millisecond for it: the machine has other tests to run. */
static int input_ended(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char byte;
	return poll(&input, 1, 1) == 1 && read(STDIN_FILENO, &byte, 1) == 0;
}

int main(int argc, char **argv)
{
	uint64_t reads = 0, slowest = 0;
	if (argc != 5)
		return 2;
	struct disc disc = map(argv[4]);
	struct iscsi_context *iscsi = log_in(argv);
	for (; !input_ended(); reads++) {
		uint64_t before = now_ms();
		read_some(iscsi, &disc);
		uint64_t took = now_ms() - before;
		slowest = took > slowest ? took : slowest;
		if (reads == 0) {
			puts("reads");
			fflush(stdout);
		}
	}
	if (iscsi_logout_sync(iscsi) != 0)
		fail(iscsi, "logout");
	iscsi_destroy_context(iscsi);
	printf("%llu %llu\n", (unsigned long long)reads, (unsigned long long)slowest);
	return 0;
}
