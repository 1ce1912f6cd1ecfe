/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host of the demonstration: an iSCSI initiator of libiscsi, which needs neither root nor a
 * kernel module.
 *
 *	demo-host read URL     writes every byte of the disc to standard output
 *	demo-host watch URL    asks the drive again and again and says what it sees, a line a
 *change, until its standard input ends
 *
 * URL: iscsi://ADDRESS:PORT/TARGET/LUN, as libiscsi's own programs have it.
 */
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#define INITIATOR "iqn.2026-01.org.carousel:demo-host"

enum {
	BLOCK = 2048,
	BLOCKS_AT_ONCE = 128,
	LOOK_MS = 250,
	LOOKS_MAX = 40,
	LABEL_BLOCK = 16,
	LABEL_AT = 40,
	LABEL_LENGTH = 32
};

struct host {
	struct iscsi_context *iscsi;
	int lun;
};

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("demo-host: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	exit(1);
}

static struct host log_in(const char *text)
{
	struct host host = {.iscsi = iscsi_create_context(INITIATOR)};
	struct iscsi_url *url = host.iscsi ? iscsi_parse_full_url(host.iscsi, text) : NULL;
	if (!url)
		die("%s", host.iscsi ? iscsi_get_error(host.iscsi) : "no memory");
	host.lun = url->lun;
	iscsi_set_targetname(host.iscsi, url->target);
	iscsi_set_session_type(host.iscsi, ISCSI_SESSION_NORMAL);
	iscsi_set_header_digest(host.iscsi, ISCSI_HEADER_DIGEST_NONE_CRC32C);
	if (iscsi_full_connect_sync(host.iscsi, url->portal, url->lun))
		die("%s: %s", url->portal, iscsi_get_error(host.iscsi));
	iscsi_destroy_url(url);
	return host;
}

static void log_out(struct host *host)
{
	iscsi_logout_sync(host->iscsi);
	iscsi_destroy_context(host->iscsi);
}

/* READ CAPACITY(10), MMC-6 6.28. */
static bool read_blocks(struct host *host, uint32_t *ret)
{
	struct scsi_task *task = iscsi_readcapacity10_sync(host->iscsi, host->lun, 0, 0);
	const struct scsi_readcapacity10 *capacity =
		task && task->status == SCSI_STATUS_GOOD ? scsi_datain_unmarshall(task) : NULL;
	bool good = capacity && capacity->block_size == BLOCK;
	if (good)
		*ret = capacity->lba + 1;
	if (task)
		scsi_free_scsi_task(task);
	return good;
}

static struct scsi_task *read_at(struct host *host, uint32_t lba, uint32_t count)
{
	struct scsi_task *task =
		iscsi_read10_sync(host->iscsi, host->lun, lba, count * BLOCK, BLOCK, 0, 0, 0, 0, 0);
	if (task && task->status == SCSI_STATUS_GOOD && task->datain.size == (int)(count * BLOCK))
		return task;
	if (task)
		scsi_free_scsi_task(task);
	return NULL;
}

/* ---- read -------------------------------------------------------------------------------------
 */

/* A host whose disc was swapped while it was away is shown that there was none before the next. */
static bool wait_for_disc(struct host *host, uint32_t *ret)
{
	for (int looks = 0; looks < LOOKS_MAX; looks++) {
		struct scsi_task *task = iscsi_testunitready_sync(host->iscsi, host->lun);
		bool ready = task && task->status == SCSI_STATUS_GOOD;
		if (task)
			scsi_free_scsi_task(task);
		if (ready)
			return read_blocks(host, ret);
		poll(NULL, 0, LOOK_MS);
	}
	return false;
}

static void read_all(struct host *host)
{
	uint32_t blocks;
	if (!wait_for_disc(host, &blocks))
		die("no disc: %s", iscsi_get_error(host->iscsi));
	for (uint32_t lba = 0; lba < blocks; lba += BLOCKS_AT_ONCE) {
		uint32_t count = blocks - lba < BLOCKS_AT_ONCE ? blocks - lba : BLOCKS_AT_ONCE;
		struct scsi_task *task = read_at(host, lba, count);
		if (!task)
			die("block %u: %s", lba, iscsi_get_error(host->iscsi));
		fwrite(task->datain.data, BLOCK, count, stdout);
		scsi_free_scsi_task(task);
	}
	if (fflush(stdout) || ferror(stdout))
		die("cannot write");
}

/* ---- watch ------------------------------------------------------------------------------------
 */

/* The name in the primary volume descriptor (ECMA-119 8.4.7). */
static void read_label(struct host *host, char ret[LABEL_LENGTH + 1])
{
	struct scsi_task *task = read_at(host, LABEL_BLOCK, 1);
	int length = 0;
	for (int i = 0; task && i < LABEL_LENGTH; i++) {
		ret[i] = (char)task->datain.data[LABEL_AT + i];
		if (ret[i] != ' ' && ret[i] >= ' ' && ret[i] <= '~')
			length = i + 1;
	}
	ret[length] = 0;
	if (task)
		scsi_free_scsi_task(task);
}

/* What a drive says while discs are swapped, in words (SPC-4 D.2); others as libiscsi has them. */
static const char *sense_in_words(const struct scsi_sense *sense)
{
	static const struct {
		int ascq;
		const char *words;
	} known[] = {
		{0x0401, "the drive getting ready"},
		{0x2800, "a change: there is another disc"},
		{0x2900, "a drive that was just switched on"},
		{0x3a00, "no disc"},
		{0x3a01, "no disc, the tray closed"},
		{0x3a02, "no disc, the tray open"},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].ascq == sense->ascq)
			return known[i].words;
	return scsi_sense_ascq_str(sense->ascq);
}

static void describe(struct host *host, const struct scsi_task *task, char *ret, size_t size)
{
	char label[LABEL_LENGTH + 1] = "";
	uint32_t blocks = 0;
	const struct scsi_sense *sense = &task->sense;
	if (task->status == SCSI_STATUS_GOOD && read_blocks(host, &blocks)) {
		read_label(host, label);
		snprintf(ret, size, "a disc: %u blocks, label %s", blocks, label);
	} else {
		snprintf(ret, size, "%s (sense %x/%02x/%02x)", sense_in_words(sense),
			(unsigned)sense->key, (unsigned)sense->ascq >> 8,
			(unsigned)sense->ascq & 0xff);
	}
}

static bool input_has_ended(int timeout_ms)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char byte;
	return poll(&input, 1, timeout_ms) > 0 && read(STDIN_FILENO, &byte, 1) <= 0;
}

static void watch(struct host *host)
{
	char before[160] = "", now[160];
	do {
		struct scsi_task *task = iscsi_testunitready_sync(host->iscsi, host->lun);
		if (!task)
			die("%s", iscsi_get_error(host->iscsi));
		describe(host, task, now, sizeof now);
		scsi_free_scsi_task(task);
		if (strcmp(now, before))
			printf("the host sees %s\n", now);
		snprintf(before, sizeof before, "%s", now);
	} while (!input_has_ended(LOOK_MS));
}

int main(int argc, char **argv)
{
	bool reads = argc == 3 && !strcmp(argv[1], "read");
	if (!reads && (argc != 3 || strcmp(argv[1], "watch")))
		die("usage: demo-host read|watch iscsi://ADDRESS:PORT/TARGET/LUN");
	if (!reads)
		setvbuf(stdout, NULL, _IOLBF, 0);
	struct host host = log_in(argv[2]);
	if (reads)
		read_all(&host);
	else
		watch(&host);
	log_out(&host);
	return 0;
}
