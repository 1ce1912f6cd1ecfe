/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

struct wire {
	struct iscsi_context *iscsi;
};

struct request {
	struct scsi_task *task;
	struct wire_answer *answer;
};

static void check(bool good, struct wire *wire, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s\n", what, iscsi_get_error(wire->iscsi));
	abort();
}

struct wire *wire_create(
	const char *address, const char *target, const char *initiator, unsigned options)
{
	struct wire *wire = calloc(1, sizeof *wire);
	wire->iscsi = iscsi_create_context(initiator);
	struct iscsi_context *iscsi = wire->iscsi;
	iscsi_set_targetname(iscsi, target);
	iscsi_set_session_type(iscsi, ISCSI_SESSION_NORMAL);
	iscsi_set_noautoreconnect(iscsi, 1);
	if (options & WIRE_HEADER_DIGEST)
		iscsi_set_header_digest(iscsi, ISCSI_HEADER_DIGEST_CRC32C);
	if (options & WIRE_INITIAL_R2T)
		iscsi_set_initial_r2t(iscsi, ISCSI_INITIAL_R2T_YES);
	if (options & WIRE_NO_IMMEDIATE_DATA)
		iscsi_set_immediate_data(iscsi, ISCSI_IMMEDIATE_DATA_NO);
	/* Not iscsi_full_connect_sync: that takes the pending unit attentions away. */
	check(iscsi_connect_sync(iscsi, address) == 0, wire, "connect");
	check(iscsi_login_sync(iscsi) == 0, wire, "login");
	return wire;
}

void wire_destroy(struct wire *wire)
{
	check(iscsi_logout_sync(wire->iscsi) == 0, wire, "logout");
	iscsi_destroy_context(wire->iscsi);
	free(wire);
}

static int64_t residual_of(const struct scsi_task *task)
{
	switch (task->residual_status) {
	case SCSI_RESIDUAL_UNDERFLOW:
		return (int64_t)task->residual;
	case SCSI_RESIDUAL_OVERFLOW:
		return -(int64_t)task->residual;
	default:
		return 0;
	}
}

/* Sense data comes with a length of two bytes in front; libiscsi counts the padding behind it. */
static void take_sense(struct wire_answer *answer, const struct scsi_task *task)
{
	const unsigned char *data = task->datain.data;
	if (task->datain.size < 2)
		return;
	size_t length = (size_t)(data[0] << 8 | data[1]), there = (size_t)task->datain.size - 2;
	if (length > there || length > WIRE_SENSE_MAX) {
		fprintf(stderr, "%zu bytes of sense data are said to be %zu\n", there, length);
		abort();
	}
	answer->sense_length = length;
	memcpy(answer->sense, data + 2, length);
}

static void answered(struct iscsi_context *iscsi, int status, void *data, void *context)
{
	struct request *request = context;
	struct wire_answer *answer = request->answer;
	if (status >= SCSI_STATUS_CANCELLED) {
		fprintf(stderr, "a command was lost: %s\n", iscsi_get_error(iscsi));
		abort();
	}
	answer->status = status;
	answer->residual = residual_of(request->task);
	if (status == SCSI_STATUS_CHECK_CONDITION)
		take_sense(answer, request->task);
	answer->done = true;
	scsi_free_scsi_task(request->task);
	free(request);
}

void wire_send(struct wire *wire, const uint8_t *cdb, size_t cdb_length, void *data, size_t length,
	bool out, struct wire_answer *ret)
{
	struct request *request = calloc(1, sizeof *request);
	unsigned char copy[16] = {0};
	memcpy(copy, cdb, cdb_length < sizeof copy ? cdb_length : sizeof copy);
	int direction = length == 0 ? SCSI_XFER_NONE : out ? SCSI_XFER_WRITE : SCSI_XFER_READ;
	request->answer = ret;
	request->task = scsi_create_task((int)cdb_length, copy, direction, (int)length);
	check(request->task, wire, "task");
	if (direction == SCSI_XFER_READ)
		scsi_task_add_data_in_buffer(request->task, (int)length, data);
	if (direction == SCSI_XFER_WRITE)
		scsi_task_add_data_out_buffer(request->task, (int)length, data);
	check(iscsi_scsi_command_async(wire->iscsi, 0, request->task, answered, NULL, request) == 0,
		wire, "command");
}

int wire_fd(struct wire *wire)
{
	return iscsi_get_fd(wire->iscsi);
}

short wire_events(struct wire *wire)
{
	return (short)iscsi_which_events(wire->iscsi);
}

void wire_serve(struct wire *wire, short events)
{
	check(iscsi_service(wire->iscsi, events) == 0, wire, "service");
}
