/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that will be lost: logs in, sends commands, and keeps the session until it is killed.
 *
 *   lost_host INITIATOR PORTAL TARGET QUALIFIER [CDB...]
 *
 * Its ISID is made of QUALIFIER, so that two of them may have the same. A CDB is hexadecimal, goes
 * to LUN 0, moves no data and must be GOOD; the answer to one behind a '+' is not waited for. Then
 * it says "ready". It ends with 1 when the target closes the connection.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

enum { CDB_MAX = 16 };

static void ignore(struct iscsi_context *iscsi, int status, void *data, void *opaque)
{
	(void)iscsi;
	(void)status;
	(void)data;
	(void)opaque;
}

static struct scsi_task *parse(const char *text)
{
	unsigned char cdb[CDB_MAX];
	int length = 0;
	for (; length < CDB_MAX && strlen(text) >= 2; text += 2)
		if (sscanf(text, "%2hhx", &cdb[length++]) != 1)
			return NULL;
	return *text ? NULL : scsi_create_task(length, cdb, SCSI_XFER_NONE, 0);
}

static bool send_and_wait(struct iscsi_context *iscsi, struct scsi_task *task)
{
	if (!iscsi_scsi_command_sync(iscsi, 0, task, NULL))
		return false;
	bool good = task->status == SCSI_STATUS_GOOD;
	scsi_free_scsi_task(task);
	return good;
}

static bool send_one(struct iscsi_context *iscsi, const char *text)
{
	bool waits = *text != '+';
	struct scsi_task *task = parse(text + !waits);
	if (!task)
		return false;
	return waits ? send_and_wait(iscsi, task)
		     : iscsi_scsi_command_async(iscsi, 0, task, ignore, NULL, NULL) == 0;
}

static struct iscsi_context *log_in(char **words)
{
	struct iscsi_context *iscsi = iscsi_create_context(words[0]);
	if (!iscsi)
		return NULL;
	iscsi_set_targetname(iscsi, words[2]);
	iscsi_set_session_type(iscsi, ISCSI_SESSION_NORMAL);
	iscsi_set_isid_random(iscsi, 1, (unsigned)strtoul(words[3], NULL, 0));
	iscsi_set_noautoreconnect(iscsi, 1);
	if (iscsi_full_connect_sync(iscsi, words[1], 0) == 0)
		return iscsi;
	printf("login failed: %s\n", iscsi_get_error(iscsi));
	return NULL;
}

static bool serve(struct iscsi_context *iscsi)
{
	struct pollfd at = {.fd = iscsi_get_fd(iscsi), .events = (short)iscsi_which_events(iscsi)};
	return poll(&at, 1, 1000) <= 0 || iscsi_service(iscsi, at.revents) == 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	struct iscsi_context *iscsi = argc >= 5 ? log_in(argv + 1) : NULL;
	if (!iscsi)
		return 2;
	for (int i = 5; i < argc; i++)
		if (!send_one(iscsi, argv[i])) {
			printf("%s: %s\n", argv[i], iscsi_get_error(iscsi));
			return 1;
		}
	/* What is not waited for is under way. */
	while (iscsi_out_queue_length(iscsi) > 0 && serve(iscsi))
		;
	printf("ready\n");
	while (serve(iscsi))
		;
	printf("the connection was closed\n");
	return 1;
}
