/* SPDX-License-Identifier: Apache-2.0 */
/* What is of ours in the kernel target, and whether it is what the daemon says. */
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "shell.h"

#define CORE "/sys/kernel/config/target/core"

enum { OURS_MAX = 64 };

struct devices {
	unsigned long area_mb; /* of all, also of others */
	unsigned ours;
	char names[OURS_MAX][300]; /* user_100/dvd0 */
};

/* ---- what is there ------------------------------------------------------------------------------
 */

static void take_device(
	const struct machine *machine, struct devices *devices, const char *hba, const char *name)
{
	char path[512], text[256];
	snprintf(path, sizeof path, CORE "/%.64s/%.255s/attrib/max_data_area_mb", hba, name);
	machine_line(machine, path, text, sizeof text);
	devices->area_mb += strtoul(text, NULL, 10);
	snprintf(path, sizeof path, CORE "/%.64s/%.255s/attrib/dev_config", hba, name);
	machine_line(machine, path, text, sizeof text);
	if (!strncmp(text, "carousel/", 9) && devices->ours < OURS_MAX)
		snprintf(devices->names[devices->ours++], sizeof *devices->names, "%.40s/%.255s",
			hba, name);
}

static void take_adapter(const struct machine *machine, struct devices *devices, const char *hba)
{
	char path[128];
	snprintf(path, sizeof path, CORE "/%.64s", hba);
	_cleanup_directory_ DIR *directory = machine_directory(machine, path);
	for (const char *name; (name = machine_entry(directory));)
		if (strcmp(name, "hba_info") && strcmp(name, "hba_mode"))
			take_device(machine, devices, hba, name);
}

static void take_devices(const struct machine *machine, struct devices *devices)
{
	_cleanup_directory_ DIR *directory = machine_directory(machine, CORE);
	for (const char *name; (name = machine_entry(directory));)
		if (!strncmp(name, "user_", 5))
			take_adapter(machine, devices, name);
}

static void look_at_data_areas(const struct machine *machine, const struct devices *devices)
{
#define LIMIT "/sys/module/target_core_user/parameters/global_max_data_area_mb"
	char text[32];
	machine_line(machine, LIMIT, text, sizeof text);
	unsigned long limit = strtoul(text, NULL, 10);
	if (limit == 0 || devices->area_mb <= limit)
		return;
	found(machine->findings, DOCTOR_WARNING, "kernel", NULL,
		"the data areas of all devices may take %lu MiB together, and the kernel gives "
		"%lu: commands will wait for each other",
		devices->area_mb, limit);
	mend(machine->findings, "echo %lu >" LIMIT, devices->area_mb + 256);
#undef LIMIT
}

/* ---- who serves it ------------------------------------------------------------------------------
 */

/* "uio3", the ring of "user_100/dvd0"; "" while it is not enabled. */
static void find_ring(const struct machine *machine, const char *device, char *ret, size_t size)
{
	char path[320], name[640], wanted[340];
	snprintf(wanted, sizeof wanted, "tcm-user/%s/", device + strlen("user_"));
	*ret = '\0';
	_cleanup_directory_ DIR *directory = machine_directory(machine, "/sys/class/uio");
	for (const char *uio; !*ret && (uio = machine_entry(directory));) {
		snprintf(path, sizeof path, "/sys/class/uio/%s/name", uio);
		machine_line(machine, path, name, sizeof name);
		if (!strncmp(name, wanted, strlen(wanted)))
			snprintf(ret, size, "%s", uio);
	}
}

/* Hosts wait for answers that do not come. */
static void tell_unserved(const struct machine *machine, const char *device)
{
	char path[400], quoted[500];
	const char *remedy = machine->daemon
				     ? "carouseld runs: have it look again. If that does not help, "
				       "restart it."
				     : "Or let its hosts fail: echo 1 to action/block_dev of the "
				       "device, then 2 to action/reset_ring.";
	found(machine->findings, DOCTOR_PROBLEM, device, remedy,
		"nobody serves it: hosts that use it wait");
	if (machine->daemon) {
		mend(machine->findings, "kill -HUP %ld", machine->daemon);
		return;
	}
	snprintf(path, sizeof path, CORE "/%s", device);
	mend(machine->findings,
		"systemctl start carouseld || { cd %s/action && echo 1 >block_dev && "
		"echo 2 >reset_ring; }",
		shell_quote(path, quoted, sizeof quoted));
}

static void tell_served_by(const struct machine *machine, const char *device, long process)
{
	char name[64];
	machine_process_name(machine, process, name, sizeof name);
	if (!strcmp(name, "carouseld"))
		return;
	found(machine->findings, DOCTOR_PROBLEM, device,
		"Stop that program; carouseld takes the device then, when it looks again.",
		"it is a device for carouseld, and %s, process %ld, serves it",
		*name ? name : "another program", process);
	mend(machine->findings, "ps -fp %ld", process);
}

static void tell_unfinished(const struct machine *machine, const char *device)
{
	char path[400], quoted[500];
	snprintf(path, sizeof path, CORE "/%s/enable", device);
	found(machine->findings, DOCTOR_WARNING, device, NULL,
		"it was begun and not finished: no host can use it");
	mend(machine->findings, "echo 1 >%s", shell_quote(path, quoted, sizeof quoted));
}

/* Only root sees who has a ring open; others see whether any carouseld is there at all. */
static void look_at_device(const struct machine *machine, const char *device, bool any_daemon)
{
	char uio[64], file[80];
	find_ring(machine, device, uio, sizeof uio);
	snprintf(file, sizeof file, "/dev/%s", uio);
	long process = *uio ? machine_opener(machine, file) : 0;
	if (process)
		tell_served_by(machine, device, process);
	else if (!any_daemon || (*uio && machine->is_root))
		tell_unserved(machine, device);
	else if (!*uio)
		tell_unfinished(machine, device);
}

static void look_at_ours(const struct machine *machine, const struct devices *devices)
{
	bool any_daemon = machine->daemon || machine_find_process(machine, "carouseld");
	for (unsigned i = 0; i < devices->ours; i++)
		look_at_device(machine, devices->names[i], any_daemon);
	if (!machine->is_root && devices->ours && any_daemon)
		not_looked_at(
			machine->findings, "devices", "who serves the rings of the kernel target");
}

/* ---- what should be there -----------------------------------------------------------------------
 */

static void look_at_drive(const struct machine *machine, const json_t *drive)
{
	char path[128];
	const char *address = text_of(drive, "address");
	if (!*address)
		return;
	snprintf(path, sizeof path, "/sys/class/scsi_device/%.64s", address);
	if (machine_has(machine, path))
		return;
	found(machine->findings, DOCTOR_PROBLEM, text_of(drive, "name"),
		"Have carouseld look again. If that does not help, restart it.",
		"carouseld shows it to this machine as %s, and the kernel has no such device",
		address);
	mend(machine->findings, "kill -HUP %ld", machine->daemon);
}

static void look_at_export(const struct machine *machine, const json_t *export)
{
	char path[512];
	if (strcmp(text_of(export, "transport"), "kernel") || *text_of(export, "warning"))
		return;
	snprintf(path, sizeof path, "/sys/kernel/config/target/iscsi/%.255s",
		text_of(export, "target"));
	if (machine_has(machine, path))
		return;
	found(machine->findings, DOCTOR_PROBLEM, text_of(export, "name"),
		"Have carouseld look again. If that does not help, restart it.",
		"the kernel does not show this export: somebody took its target away");
	mend(machine->findings, "kill -HUP %ld", machine->daemon);
}

static void look_for_what_is_said(const struct machine *machine, const struct daemon_said *said)
{
	size_t i;
	json_t *item;
	if (!machine->daemon)
		return; /* it may be of another machine, or of another name space */
	json_array_foreach(json_object_get(said->drives_answer, "items"), i, item)
		look_at_drive(machine, item);
	json_array_foreach(json_object_get(said->exports_answer, "items"), i, item)
		look_at_export(machine, item);
}

void doctor_devices(const struct machine *machine, const struct daemon_said *said)
{
	struct devices *devices = calloc(1, sizeof *devices);
	if (!devices)
		return;
	take_devices(machine, devices);
	look_at_data_areas(machine, devices);
	look_at_ours(machine, devices);
	look_for_what_is_said(machine, said);
	free(devices);
}
