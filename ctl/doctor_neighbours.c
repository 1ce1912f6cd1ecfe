/* SPDX-License-Identifier: Apache-2.0 */
/* Other programs that use the kernel target, whether they run, or will. */
#include "doctor.h"

/* The first of a list, which ends in NULL, that is there. */
static const char *first_of(const struct machine *machine, const char *const *paths)
{
	while (*paths && !machine_has(machine, *paths))
		paths++;
	return *paths;
}

/* ---- tcmu-runner --------------------------------------------------------------------------------
 */

static const char *const runner_wants[] = {
	"/etc/systemd/system/multi-user.target.wants/tcmu-runner.service", NULL};
static const char *const runner_bus[] = {
	"/usr/share/dbus-1/system-services/org.kernel.TCMUService1.service",
	"/etc/dbus-1/system-services/org.kernel.TCMUService1.service", NULL};

static void look_at_tcmu_runner(const struct machine *machine)
{
	const char *wants = first_of(machine, runner_wants), *bus = first_of(machine, runner_bus);
	struct findings *findings = machine->findings;
	if (machine_find_process(machine, "tcmu-runner")) {
		found(findings, DOCTOR_NOTE, "tcmu-runner",
			"Killed, it leaves programs that make such devices waiting for ever; stop "
			"it in good order.",
			"it runs beside carouseld, which does not mind; devices for carouseld that "
			"others make need nl_reply_supported=-1");
		mend(findings, "systemctl stop tcmu-runner");
	} else if (wants || bus) {
		found(findings, DOCTOR_NOTE, "tcmu-runner",
			"carouseld does not mind; devices for it that others make need "
			"nl_reply_supported=-1. Where nobody needs it:",
			"it does not run, and %s",
			wants ? "the machine starts it at boot"
			      : "the next targetcli starts it through D-Bus");
		mend(findings, "systemctl mask --now tcmu-runner");
	}
}

/* ---- targetcli ----------------------------------------------------------------------------------
 */

/* Debian's name of it, and that of others. */
static const char *restoring_unit(const struct machine *machine)
{
#define WANTS "/etc/systemd/system/multi-user.target.wants/"
	static const char *const units[] = {"rtslib-fb-targetctl", "target"};
	static const char *const paths[] = {
		WANTS "rtslib-fb-targetctl.service", WANTS "target.service"};
#undef WANTS
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (machine_has(machine, paths[i]))
			return units[i];
	return NULL;
}

/* Stopping it takes away all there is in the kernel target, whoever made it. */
static void look_at_restoring(const struct machine *machine, bool uses_kernel)
{
	const char *unit = restoring_unit(machine);
	if (!unit)
		return;
	found(machine->findings, uses_kernel ? DOCTOR_WARNING : DOCTOR_NOTE, "targetcli",
		"Where targetcli has nothing else to restore, do without it; and never stop it "
		"while hosts are there.",
		"%s.service restores the kernel target at boot, and when it is stopped or "
		"restarted it takes away everything there, what carouseld made as well",
		unit);
	mend(machine->findings, "systemctl disable %s", unit);
}

/* targetcli saved devices of ours: what it makes again at boot is not what carouseld makes. */
static void look_at_saved_configuration(const struct machine *machine)
{
	static const char *const files[] = {
		"/etc/rtslib-fb-target/saveconfig.json", "/etc/target/saveconfig.json"};
	bool at_boot = restoring_unit(machine) != NULL;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (!machine_contains(machine, files[i], "\"carousel/"))
			continue;
		found(machine->findings, at_boot ? DOCTOR_WARNING : DOCTOR_NOTE, "targetcli",
			"Delete what the command lists, then: targetcli saveconfig",
			"%s has devices of carouseld, which %s makes before carouseld does",
			files[i], at_boot ? "the machine at boot" : "targetctl restore");
		mend(machine->findings, "targetcli /backstores/user:carousel ls");
	}
}

void doctor_neighbours(const struct machine *machine, const struct daemon_said *said)
{
	look_at_tcmu_runner(machine);
	look_at_restoring(machine, said->uses_kernel);
	look_at_saved_configuration(machine);
}
