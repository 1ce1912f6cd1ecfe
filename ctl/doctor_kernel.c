/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel target under the daemon: modules, configfs, and who waits in it for ever. */
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

#define PARAMETERS "/sys/module/target_core_user/parameters"

/* ---- modules ------------------------------------------------------------------------------------
 */

enum module_state { MODULE_LOADED, MODULE_LOADABLE, MODULE_MISSING };

static enum module_state module_state(const struct machine *machine, const char *name)
{
	static const char *const lists[] = {"modules.dep", "modules.builtin"};
	char path[512], file[64];
	snprintf(path, sizeof path, "/sys/module/%s", name);
	if (machine_has(machine, path))
		return MODULE_LOADED;
	snprintf(file, sizeof file, "/%s.ko", name);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		snprintf(path, sizeof path, "/lib/modules/%s/%s", machine->release, lists[i]);
		if (machine_contains(machine, path, file))
			return i == 0 ? MODULE_LOADABLE : MODULE_LOADED;
	}
	return MODULE_MISSING;
}

/* For showing drives through the kernel, to this machine, and to others by its own iSCSI target. */
static const char *const modules[] = {"target_core_user", "tcm_loop", "iscsi_target_mod"};

enum { MODULES = sizeof modules / sizeof modules[0] };

static void add_name(char *list, size_t size, const char *name)
{
	size_t length = strlen(list);
	snprintf(list + length, size - length, "%s%s", length ? ", " : "", name);
}

static void look_at_modules(const struct machine *machine)
{
	char missing[128] = "", loadable[128] = "";
	struct findings *findings = machine->findings;
	for (size_t i = 0; i < MODULES; i++) {
		enum module_state state = module_state(machine, modules[i]);
		if (state != MODULE_LOADED)
			add_name(state == MODULE_MISSING ? missing : loadable, sizeof missing,
				modules[i]);
	}
	if (*missing) {
		found(findings, DOCTOR_NOTE, "kernel",
			"Show drives by the portal, or boot a kernel that has them, such as "
			"Debian's.",
			"this one (%s) has no %s: it can show no drive, and the portal can",
			machine->release, missing);
		mend(findings, "apt-get install linux-image-amd64");
	} else if (*loadable) {
		found(findings, DOCTOR_FINE, "kernel", NULL,
			"%s: not loaded; carouseld loads them when it needs them and is root",
			loadable);
		mend(findings, "modprobe -a target_core_user tcm_loop iscsi_target_mod");
	} else {
		found(findings, DOCTOR_FINE, "kernel", NULL, "the kernel target is loaded");
	}
}

/* ---- configfs -----------------------------------------------------------------------------------
 */

static void look_at_configfs(const struct machine *machine)
{
	if (!machine_contains(machine, "/proc/mounts", " /sys/kernel/config configfs ")) {
		found(machine->findings, DOCTOR_PROBLEM, "configfs", NULL, "it is not mounted");
		mend(machine->findings, "mount -t configfs configfs /sys/kernel/config");
	} else if (!machine_has(machine, "/etc/target") && !machine_has(machine, "/var/target")) {
		found(machine->findings, DOCTOR_NOTE, "kernel", NULL,
			"the kernel target finds no directory to keep its reservations in");
		mend(machine->findings, "mkdir -p /etc/target");
	}
}

/* ---- netlink ------------------------------------------------------------------------------------
 */

static void look_at_blocked_netlink(const struct machine *machine)
{
	char text[16];
	machine_line(machine, PARAMETERS "/block_netlink", text, sizeof text);
	if (*text != 'Y' && *text != '1')
		return;
	found(machine->findings, DOCTOR_WARNING, "kernel", NULL,
		"block_netlink is on: devices of programs that want to be asked cannot be made");
	mend(machine->findings, "echo 0 >" PARAMETERS "/block_netlink");
}

static bool waits_for_reply(const struct machine *machine, long process)
{
	char path[64], where[64];
	snprintf(path, sizeof path, "/proc/%ld/wchan", process);
	machine_line(machine, path, where, sizeof where);
	if (strstr(where, "tcmu_netlink") || strstr(where, "tcmu_wait_genl"))
		return true;
	snprintf(path, sizeof path, "/proc/%ld/stack", process);
	return machine_contains(machine, path, "tcmu_netlink_event");
}

/* No time limit ends that wait, and no signal does. */
static void look_for_waiters(const struct machine *machine)
{
	char name[64];
	_cleanup_directory_ DIR *proc = machine_directory(machine, "/proc");
	for (long process; (process = machine_process(proc));) {
		if (!waits_for_reply(machine, process))
			continue;
		machine_process_name(machine, process, name, sizeof name);
		found(machine->findings, DOCTOR_PROBLEM, "kernel", NULL,
			"%s, process %ld, waits for ever for a program that has to confirm a "
			"device, and is not there any more",
			*name ? name : "a program", process);
		mend(machine->findings,
			"p=" PARAMETERS "; echo 1 >$p/block_netlink; echo 1 >$p/reset_netlink; "
			"echo 0 >$p/block_netlink");
		return; /* all of them wait for the same */
	}
	if (!machine->is_root)
		not_looked_at(machine->findings, "kernel",
			"whether a program hangs in the kernel target");
}

void doctor_kernel(const struct machine *machine)
{
	look_at_modules(machine);
	if (module_state(machine, "target_core_mod") != MODULE_LOADED)
		return;
	look_at_configfs(machine);
	look_at_blocked_netlink(machine);
	look_for_waiters(machine);
}
