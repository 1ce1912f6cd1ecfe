/* SPDX-License-Identifier: Apache-2.0 */
/* tcmu/iscsi_target.h over the trees and devices of a transport. */
#include "tcmu/iscsi_target.h"

#include <stdlib.h>

#include "available.h"
#include "iscsi_target_private.h"
#include "transport_private.h"

bool tcmu_iscsi_available(struct tcmu_transport *transport, struct error *error)
{
	return available_check_iscsi(tcmu_transport_configfs(transport), error);
}

static const char *or_none(const char *text)
{
	return text ? text : "";
}

static size_t count_luns(const struct tcmu_iscsi_config *config)
{
	size_t count = 0;
	for (unsigned i = 0; i < config->host_count; i++)
		count += config->hosts[i].lun_count;
	return count;
}

static void copy_hosts(
	const struct tcmu_iscsi_config *config, struct kernel_host *hosts, struct kernel_lun *lun)
{
	for (unsigned i = 0; i < config->host_count; i++) {
		const struct tcmu_iscsi_host *host = &config->hosts[i];
		hosts[i] = (struct kernel_host){host->initiator, lun, host->lun_count};
		for (unsigned k = 0; k < host->lun_count; k++)
			*lun++ = (struct kernel_lun){
				host->luns[k].lun, tcmu_device_backstore(host->luns[k].device)};
	}
}

static bool is_served(void *context, const struct backstore *backstore)
{
	return tcmu_transport_serves(context, backstore);
}

static bool check_daemon(struct tcmu_transport *transport, const char *target, struct error *error)
{
	const struct kernel_served ours = {is_served, transport};
	return kernel_target_check_daemon(tcmu_transport_configfs(transport), target, &ours, error);
}

bool tcmu_iscsi_show(struct tcmu_transport *transport, const struct tcmu_iscsi_config *config,
	struct error *error)
{
	_cleanup_free_ struct kernel_host *hosts = calloc(config->host_count + 1, sizeof *hosts);
	_cleanup_free_ struct kernel_lun *luns = calloc(count_luns(config) + 1, sizeof *luns);
	if (!hosts || !luns)
		return error_set(error, ERROR_NO_MEMORY, "Free some memory.", "out of memory");
	copy_hosts(config, hosts, luns);
	const struct kernel_config wanted = {
		.target = config->target,
		.portals = config->portals,
		.hosts = hosts,
		.host_count = config->host_count,
		.chap = {or_none(config->chap_user), or_none(config->chap_secret),
			or_none(config->mutual_user), or_none(config->mutual_secret)},
	};
	return check_daemon(transport, config->target, error) &&
	       kernel_target_show(tcmu_transport_configfs(transport), &wanted, error);
}

bool tcmu_iscsi_hide(struct tcmu_transport *transport, const char *target, struct error *error)
{
	return !check_daemon(transport, target, NULL) ||
	       kernel_target_hide(tcmu_transport_configfs(transport), target, error);
}

unsigned tcmu_iscsi_remove_orphans(struct tcmu_transport *transport, const char *const *keep)
{
	return kernel_target_remove_orphans(tcmu_transport_configfs(transport), keep);
}

int tcmu_iscsi_session(struct tcmu_transport *transport, const char *target, const char *initiator,
	struct tcmu_iscsi_session *ret)
{
	return kernel_session(tcmu_transport_configfs(transport), target, initiator, ret);
}

int tcmu_iscsi_dynamic_sessions(struct tcmu_transport *transport, const char *target,
	char (*ret)[TCMU_ISCSI_NAME_MAX], unsigned capacity)
{
	return kernel_dynamic_sessions(tcmu_transport_configfs(transport), target, ret, capacity);
}
