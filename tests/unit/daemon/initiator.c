/* SPDX-License-Identifier: Apache-2.0 */
#include "initiator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

enum { ENTERPRISE = 4711, BLOCK = 2048 };

struct initiator {
	struct iscsi_context *iscsi;
};

static struct iscsi_context *context(const struct initiator_login *login)
{
	struct iscsi_context *iscsi =
		iscsi_create_context(login->name ? login->name : INITIATOR_NAME);
	if (!iscsi)
		abort();
	iscsi_set_noautoreconnect(iscsi, 1);
	iscsi_set_timeout(iscsi, 60);
	if (!login->random_isid)
		iscsi_set_isid_en(iscsi, ENTERPRISE, login->qualifier);
	if (login->user)
		iscsi_set_initiator_username_pwd(iscsi, login->user, login->secret);
	if (login->target_user)
		iscsi_set_target_username_pwd(iscsi, login->target_user, login->target_secret);
	return iscsi;
}

struct initiator *initiator_login(const struct initiator_login *login, char *ret_why, size_t size)
{
	struct initiator *initiator = malloc(sizeof *initiator);
	if (!initiator)
		abort();
	initiator->iscsi = context(login);
	iscsi_set_targetname(initiator->iscsi, login->target);
	iscsi_set_session_type(initiator->iscsi, ISCSI_SESSION_NORMAL);
	ret_why[0] = '\0';
	if (iscsi_connect_sync(initiator->iscsi, login->address) == 0 &&
		iscsi_login_sync(initiator->iscsi) == 0)
		return initiator;
	snprintf(ret_why, size, "%s", iscsi_get_error(initiator->iscsi));
	iscsi_destroy_context(initiator->iscsi);
	free(initiator);
	return NULL;
}

void initiator_logout(struct initiator *initiator)
{
	if (!initiator)
		return;
	iscsi_logout_sync(initiator->iscsi);
	iscsi_destroy_context(initiator->iscsi);
	free(initiator);
}

void initiator_vanish(struct initiator *initiator)
{
	iscsi_disconnect(initiator->iscsi);
	iscsi_destroy_context(initiator->iscsi);
	free(initiator);
}

static int result_of(struct scsi_task *task)
{
	int result = -1;
	if (task && task->status == SCSI_STATUS_GOOD)
		result = 0;
	else if (task && task->status == SCSI_STATUS_CHECK_CONDITION)
		result = task->sense.key << 16 | task->sense.ascq;
	scsi_free_scsi_task(task);
	return result;
}

int initiator_ready(struct initiator *initiator, int lun)
{
	return result_of(iscsi_testunitready_sync(initiator->iscsi, lun));
}

int initiator_prevent(struct initiator *initiator, int lun, bool prevent)
{
	return result_of(iscsi_preventallow_sync(initiator->iscsi, lun, prevent));
}

int initiator_read(struct initiator *initiator, int lun, uint32_t lba, uint8_t *ret_first)
{
	struct scsi_task *task =
		iscsi_read10_sync(initiator->iscsi, lun, lba, BLOCK, BLOCK, 0, 0, 0, 0, 0);
	if (task && task->status == SCSI_STATUS_GOOD && task->datain.size == BLOCK)
		*ret_first = task->datain.data[0];
	return result_of(task);
}

unsigned initiator_luns(struct initiator *initiator)
{
	struct scsi_task *task = iscsi_reportluns_sync(initiator->iscsi, 0, 4096);
	struct scsi_reportluns_list *list =
		task && task->status == SCSI_STATUS_GOOD ? scsi_datain_unmarshall(task) : NULL;
	unsigned count = list ? list->num : 0;
	if (task)
		scsi_free_scsi_task(task);
	return count;
}

void initiator_discover(const char *address, const char *name, char *ret, size_t size)
{
	struct initiator_login login = {.name = name};
	struct iscsi_context *iscsi = context(&login);
	ret[0] = '\0';
	iscsi_set_session_type(iscsi, ISCSI_SESSION_DISCOVERY);
	if (iscsi_connect_sync(iscsi, address) != 0 || iscsi_login_sync(iscsi) != 0)
		abort();
	struct iscsi_discovery_address *all = iscsi_discovery_sync(iscsi);
	for (struct iscsi_discovery_address *one = all; one; one = one->next) {
		size_t length = strlen(ret);
		snprintf(ret + length, size - length, "%s ", one->target_name);
	}
	iscsi_free_discovery_data(iscsi, all);
	iscsi_logout_sync(iscsi);
	iscsi_destroy_context(iscsi);
}
