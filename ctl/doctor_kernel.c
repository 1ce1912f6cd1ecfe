/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel target under the daemon, and what else uses it. Everything read here belongs to the
 * kernel or to root; names and texts are bounded and shown as they are, made printable.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "util/cleanup.h"

enum { PATH_TEXT_MAX = 1024, FILE_MAX = 4 << 20, OURS_MAX = 64 };

struct place {
	struct findings *findings;
	const char *root, *release;
	bool is_root;
};

/* ---- reading ------------------------------------------------------------------------------------
 */

static void join(char ret[PATH_TEXT_MAX], const struct place *place, const char *path)
{
	snprintf(ret, PATH_TEXT_MAX, "%s%s", place->root, path);
}

static bool exists(const struct place *place, const char *path)
{
	char full[PATH_TEXT_MAX];
	join(full, place, path);
	return access(full, F_OK) == 0;
}

/* The beginning of a file as text, or NULL. */
static char *read_text(const struct place *place, const char *path)
{
	char full[PATH_TEXT_MAX];
	join(full, place, path);
	_cleanup_file_ FILE *file = fopen(full, "re");
	char *text = file ? malloc(FILE_MAX + 1) : NULL;
	if (!text)
		return NULL;
	text[fread(text, 1, FILE_MAX, file)] = '\0';
	return text;
}

static void first_line(const struct place *place, const char *path, char *ret, size_t size)
{
	_cleanup_free_ char *text = read_text(place, path);
	snprintf(ret, size, "%.*s", text ? (int)strcspn(text, "\n") : 0, text ? text : "");
}

static bool file_contains(const struct place *place, const char *path, const char *what)
{
	_cleanup_free_ char *text = read_text(place, path);
	return text && strstr(text, what);
}

/* ---- modules ------------------------------------------------------------------------------------
 */

enum module_state { MODULE_LOADED, MODULE_LOADABLE, MODULE_MISSING };

static enum module_state module_state(const struct place *place, const char *name)
{
	static const char *const lists[] = {"modules.dep", "modules.builtin"};
	char path[PATH_TEXT_MAX], file[64];
	snprintf(path, sizeof path, "/sys/module/%s", name);
	if (exists(place, path))
		return MODULE_LOADED;
	snprintf(file, sizeof file, "/%s.ko", name);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		snprintf(path, sizeof path, "/lib/modules/%s/%s", place->release, lists[i]);
		if (file_contains(place, path, file))
			return i == 0 ? MODULE_LOADABLE : MODULE_LOADED;
	}
	return MODULE_MISSING;
}

/* For showing drives through the kernel, to this machine, and to others by its own iSCSI target. */
static const char *const modules[] = {"target_core_user", "tcm_loop", "iscsi_target_mod"};

enum { MODULES = sizeof modules / sizeof modules[0] };

static void look_at_modules(const struct place *place)
{
	char missing[128] = "", loadable[128] = "", remedy[160];
	for (size_t i = 0; i < MODULES; i++) {
		enum module_state state = module_state(place, modules[i]);
		char *list = state == MODULE_MISSING ? missing : loadable;
		size_t length = strlen(list);
		if (state != MODULE_LOADED)
			snprintf(list + length, sizeof missing - length, "%s%s", length ? ", " : "",
				modules[i]);
	}
	snprintf(remedy, sizeof remedy, "modprobe -a target_core_user tcm_loop iscsi_target_mod");
	if (*missing)
		found(place->findings, DOCTOR_NOTE, "kernel",
			"Show drives by the portal (carousel export add), or boot a kernel that "
			"has "
			"them (Debian's linux-image-amd64).",
			"this one (%s) has no %s: it can show no drive, and the portal can",
			place->release, missing);
	else if (*loadable)
		found(place->findings, DOCTOR_FINE, "kernel", remedy,
			"%s: not loaded; carouseld loads them when it needs them and is root",
			loadable);
	else
		found(place->findings, DOCTOR_FINE, "kernel", NULL, "the kernel target is loaded");
}

/* ---- configfs -----------------------------------------------------------------------------------
 */

static void look_at_configfs(const struct place *place)
{
	if (module_state(place, "target_core_mod") != MODULE_LOADED)
		return;
	if (!file_contains(place, "/proc/mounts", " /sys/kernel/config configfs "))
		found(place->findings, DOCTOR_PROBLEM, "configfs",
			"mount -t configfs configfs /sys/kernel/config", "it is not mounted");
	else if (!exists(place, "/etc/target") && !exists(place, "/var/target"))
		found(place->findings, DOCTOR_NOTE, "kernel", "mkdir -p /etc/target",
			"the kernel target finds no directory to keep its reservations in");
}

/* ---- other users of the kernel target -----------------------------------------------------------
 */

static bool is_number(const char *name)
{
	return *name && strspn(name, "0123456789") == strlen(name);
}

static bool runs(const struct place *place, const char *program)
{
	char path[PATH_TEXT_MAX], comm[64];
	bool any = false;
	join(path, place, "/proc");
	_cleanup_directory_ DIR *directory = opendir(path);
	for (struct dirent *entry; directory && !any && (entry = readdir(directory));) {
		if (!is_number(entry->d_name))
			continue;
		snprintf(path, sizeof path, "/proc/%.16s/comm", entry->d_name);
		first_line(place, path, comm, sizeof comm);
		any = !strcmp(comm, program);
	}
	return any;
}

static void look_at_tcmu_runner(const struct place *place)
{
	if (runs(place, "tcmu-runner"))
		found(place->findings, DOCTOR_NOTE, "tcmu-runner", NULL,
			"it runs beside carouseld, which does not mind; devices for carouseld that "
			"others make need nl_reply_supported=-1");
}

static bool restores_at_boot(const struct place *place)
{
	static const char *const units[] = {
		"/etc/systemd/system/multi-user.target.wants/rtslib-fb-targetctl.service",
		"/etc/systemd/system/multi-user.target.wants/target.service"};
	return exists(place, units[0]) || exists(place, units[1]);
}

/* targetcli saved devices of ours: what it makes again at boot is not what carouseld makes. */
static void look_at_saved_configuration(const struct place *place)
{
	static const char *const files[] = {
		"/etc/rtslib-fb-target/saveconfig.json", "/etc/target/saveconfig.json"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (file_contains(place, files[i], "\"carousel/"))
			found(place->findings,
				restores_at_boot(place) ? DOCTOR_WARNING : DOCTOR_NOTE, "targetcli",
				"targetcli /backstores/user:carousel ls, delete what is there, and "
				"targetcli saveconfig",
				"%s has devices of carouseld, which %s makes before carouseld does",
				files[i],
				restores_at_boot(place) ? "the machine at boot"
							: "targetctl restore");
}

/* ---- devices ------------------------------------------------------------------------------------
 */

struct devices {
	unsigned long area_mb; /* of all, also of others */
	unsigned ours;
	char names[OURS_MAX][300]; /* user_100/dvd0 */
};

static void take_device(
	const struct place *place, struct devices *devices, const char *hba, const char *name)
{
	char path[PATH_TEXT_MAX], text[256];
	const char *core = "/sys/kernel/config/target/core";
	snprintf(path, sizeof path, "%s/%.64s/%.255s/attrib/max_data_area_mb", core, hba, name);
	first_line(place, path, text, sizeof text);
	devices->area_mb += strtoul(text, NULL, 10);
	snprintf(path, sizeof path, "%s/%.64s/%.255s/attrib/dev_config", core, hba, name);
	first_line(place, path, text, sizeof text);
	if (!strncmp(text, "carousel/", 9) && devices->ours < OURS_MAX)
		snprintf(devices->names[devices->ours++], sizeof *devices->names, "%.40s/%.255s",
			hba, name);
}

static void take_adapter(const struct place *place, struct devices *devices, const char *hba)
{
	char path[PATH_TEXT_MAX];
	snprintf(path, sizeof path, "%s/sys/kernel/config/target/core/%.64s", place->root, hba);
	_cleanup_directory_ DIR *directory = opendir(path);
	for (struct dirent *entry; directory && (entry = readdir(directory));)
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "hba_info") &&
			strcmp(entry->d_name, "hba_mode"))
			take_device(place, devices, hba, entry->d_name);
}

static void take_devices(const struct place *place, struct devices *devices)
{
	char path[PATH_TEXT_MAX];
	join(path, place, "/sys/kernel/config/target/core");
	_cleanup_directory_ DIR *directory = opendir(path);
	for (struct dirent *entry; directory && (entry = readdir(directory));)
		if (!strncmp(entry->d_name, "user_", 5))
			take_adapter(place, devices, entry->d_name);
}

static void look_at_data_areas(const struct place *place, const struct devices *devices)
{
	char text[32];
	first_line(place, "/sys/module/target_core_user/parameters/global_max_data_area_mb", text,
		sizeof text);
	unsigned long limit = strtoul(text, NULL, 10);
	char remedy[160];
	snprintf(remedy, sizeof remedy,
		"echo %lu >/sys/module/target_core_user/parameters/global_max_data_area_mb",
		devices->area_mb + 256);
	if (limit > 0 && devices->area_mb > limit)
		found(place->findings, DOCTOR_WARNING, "kernel", remedy,
			"the data areas of all devices may take %lu MiB together, and the kernel "
			"gives "
			"%lu: commands will wait for each other",
			devices->area_mb, limit);
}

/* A device of ours whose daemon is not there: hosts wait for answers. */
static void look_at_served(const struct place *place, const struct devices *devices)
{
	if (devices->ours == 0 || runs(place, "carouseld"))
		return;
	for (unsigned i = 0; i < devices->ours; i++) {
		char remedy[DOCTOR_TEXT_MAX];
		snprintf(remedy, sizeof remedy,
			"systemctl start carouseld, or, to let its hosts fail: "
			"d=/sys/kernel/config/target/core/%s; echo 1 >$d/action/block_dev; "
			"echo 2 >$d/action/reset_ring",
			devices->names[i]);
		found(place->findings, DOCTOR_PROBLEM, devices->names[i], remedy,
			"nobody serves it: hosts that use it wait");
	}
}

static void look_at_devices(const struct place *place)
{
	struct devices *devices = calloc(1, sizeof *devices);
	if (!devices)
		return;
	take_devices(place, devices);
	look_at_data_areas(place, devices);
	look_at_served(place, devices);
	free(devices);
}

void doctor_kernel(struct findings *findings, const char *root, const char *release, bool is_root)
{
	const struct place place = {findings, root, release, is_root};
	look_at_modules(&place);
	look_at_configfs(&place);
	look_at_tcmu_runner(&place);
	look_at_saved_configuration(&place);
	look_at_devices(&place);
	if (!is_root && module_state(&place, "target_core_mod") == MODULE_LOADED)
		found(findings, DOCTOR_NOTE, "doctor", "sudo carousel doctor",
			"only root sees all of the kernel target's configuration");
}
