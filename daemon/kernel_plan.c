/* SPDX-License-Identifier: Apache-2.0 */
/* What of an export of the kernel's is to be shown, and what is. */
#include <stdlib.h>

#include "kernel_units.h"
#include "util/cleanup.h"

static bool is_served(const struct kernel_unit *unit)
{
	return unit->wanted && unit->export;
}

bool kernel_host_is_shown(const struct kernel_host *host)
{
	list_for_each (node, &host->units)
		if (is_served(kernel_unit_at(node)))
			return true;
	return false;
}

bool kernel_host_differs(const struct kernel_host *host)
{
	list_for_each (node, &host->units)
		if (kernel_unit_at(node)->shown_lun !=
			(is_served(kernel_unit_at(node)) ? kernel_unit_at(node)->lun : -1))
			return true;
	return false;
}

bool kernel_units_any_shown(const struct kernel_export *export)
{
	list_for_each (node, &export->hosts)
		if (kernel_host_is_shown(kernel_host_at(node)))
			return true;
	return false;
}

void kernel_units_shown(struct kernel_export *export)
{
	list_for_each (node, &export->hosts) {
		list_for_each (at, &kernel_host_at(node)->units)
			kernel_unit_at(at)->shown_lun =
				is_served(kernel_unit_at(at)) ? kernel_unit_at(at)->lun : -1;
	}
}

static unsigned count_units(struct kernel_export *export, unsigned *ret_hosts)
{
	unsigned count = 0;
	*ret_hosts = 0;
	list_for_each (node, &export->hosts) {
		++*ret_hosts;
		list_for_each (at, &kernel_host_at(node)->units)
			count += kernel_unit_at(at) != NULL;
	}
	return count;
}

static void plan_host(struct kernel_plan *plan, struct kernel_host *host, struct exporter_lun *luns)
{
	struct exporter_host *to = &plan->hosts[plan->host_count++];
	*to = (struct exporter_host){
		.initiator = host->initiator[0] ? host->initiator : NULL, .luns = luns};
	list_for_each (at, &host->units)
		if (is_served(kernel_unit_at(at)))
			luns[to->lun_count++] = (struct exporter_lun){
				kernel_unit_at(at)->lun, kernel_unit_at(at)->export};
}

bool kernel_plan_make(struct kernel_plan *plan, struct kernel_export *export)
{
	unsigned hosts, at = 0;
	plan->luns = calloc(count_units(export, &hosts) + 1u, sizeof *plan->luns);
	plan->hosts = calloc(hosts + 1u, sizeof *plan->hosts);
	if (!plan->luns || !plan->hosts)
		return false;
	list_for_each (node, &export->hosts) {
		if (!kernel_host_is_shown(kernel_host_at(node)))
			continue;
		plan_host(plan, kernel_host_at(node), plan->luns + at);
		at += plan->hosts[plan->host_count - 1].lun_count;
	}
	return true;
}

void kernel_plan_finish(struct kernel_plan *plan)
{
	free(plan->luns);
	free(plan->hosts);
}
