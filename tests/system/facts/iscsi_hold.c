// Logs in, prints what LUN 0 says of itself and "ready", sends a READ BUFFER without waiting for
// its answer, prints "sent", and keeps the session until SIGTERM, then logs out.
//
//   iscsi_hold INITIATOR-NAME PORTAL TARGET-NAME [QUALIFIER]
//
// The ISID is random, or made of QUALIFIER.
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

static volatile sig_atomic_t leave;

static void on_signal(int signal)
{
	leave = signal;
}

static void ignore(struct iscsi_context *iscsi, int status, void *data, void *opaque)
{
	(void)iscsi;
	(void)status;
	(void)data;
	(void)opaque;
}

int main(int argc, char **argv)
{
	struct iscsi_context *iscsi;
	struct scsi_inquiry_standard *inquiry;
	struct scsi_task *task;

	if (argc < 4 || !(iscsi = iscsi_create_context(argv[1])))
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_signal}, NULL);
	iscsi_set_targetname(iscsi, argv[3]);
	iscsi_set_session_type(iscsi, ISCSI_SESSION_NORMAL);
	if (argc > 4)
		iscsi_set_isid_random(iscsi, 1, atoi(argv[4]));
	iscsi_set_noautoreconnect(iscsi, 1);
	if (iscsi_full_connect_sync(iscsi, argv[2], 0)) {
		printf("login failed: %s\n", iscsi_get_error(iscsi));
		return 1;
	}
	task = iscsi_inquiry_sync(iscsi, 0, 0, 0, 36);
	if (!task || task->status != SCSI_STATUS_GOOD ||
		!(inquiry = scsi_datain_unmarshall(task))) {
		printf("no INQUIRY: %s\n", iscsi_get_error(iscsi));
		return 1;
	}
	printf("product %s\n", inquiry->product_identification);
	task = iscsi_testunitready_sync(iscsi, 0);
	printf("ready %d\n", task ? task->status : -1);
	task = scsi_create_task(
		10, (unsigned char[]){0x3c, 2, 0, 0, 0, 0, 0, 0, 32, 0}, SCSI_XFER_READ, 32);
	if (!task || iscsi_scsi_command_async(iscsi, 0, task, ignore, NULL, NULL))
		return 1;
	bool sent = false;
	while (!leave) {
		if (!sent && iscsi_out_queue_length(iscsi) == 0) {
			printf("sent\n");
			sent = true;
		}
		struct pollfd pollfd = {
			.fd = iscsi_get_fd(iscsi), .events = iscsi_which_events(iscsi)};

		if (poll(&pollfd, 1, 1000) > 0 && iscsi_service(iscsi, pollfd.revents))
			return 1;
	}
	return iscsi_logout_sync(iscsi) ? 1 : 0;
}
