/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor says of machines that are made up: trees with a /proc, /sys, /etc and /lib. */
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"

enum { PATH_TEXT_MAX = 1024 };

static char root[64];
static struct findings findings;
static struct machine machine;
static struct daemon_said said;

/* ---- a machine ----------------------------------------------------------------------------------
 */

static void make_parents(char *path)
{
	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
}

static void put(const char *path, const char *text)
{
	char full[PATH_TEXT_MAX];
	snprintf(full, sizeof full, "%s%s", root, path);
	make_parents(full);
	FILE *file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void put_directory(const char *path)
{
	char full[PATH_TEXT_MAX];
	snprintf(full, sizeof full, "%s%s/", root, path);
	make_parents(full);
}

static int begin(void **state)
{
	snprintf(root, sizeof root, "/tmp/carousel-doctor-XXXXXX");
	assert_non_null(mkdtemp(root));
	findings = (struct findings){0};
	machine = (struct machine){&findings, root, "6.1.0-56-amd64", .is_root = true};
	said = (struct daemon_said){0};
	return 0;
}

static int end(void **state)
{
	char command[128];
	findings_finish(&findings);
	snprintf(command, sizeof command, "rm -rf %s", root);
	return system(command);
}

/* Everything is as the daemon wants it. */
static void put_kernel_target(void)
{
	put_directory("/sys/module/target_core_mod");
	put_directory("/sys/module/target_core_user");
	put_directory("/sys/module/tcm_loop");
	put_directory("/sys/module/iscsi_target_mod");
	put_directory("/etc/target");
	put("/proc/mounts", "configfs /sys/kernel/config configfs rw,relatime 0 0\n");
	put("/proc/812/comm", "carouseld\n");
	put("/sys/module/target_core_user/parameters/global_max_data_area_mb", "2048\n");
}

static void put_link(const char *path, const char *target)
{
	char full[PATH_TEXT_MAX];
	snprintf(full, sizeof full, "%s%s", root, path);
	make_parents(full);
	assert_int_equal(symlink(target, full), 0);
}

static void put_device(const char *name, const char *config, const char *area_mb)
{
	char path[PATH_TEXT_MAX];
	const char *core = "/sys/kernel/config/target/core";
	snprintf(path, sizeof path, "%s/%s/attrib/dev_config", core, name);
	put(path, config);
	snprintf(path, sizeof path, "%s/%s/attrib/max_data_area_mb", core, name);
	put(path, area_mb);
}

static void put_ring(void)
{
	put_kernel_target();
	put_device("user_100/dvd0", "carousel/dvd0\n", "16\n");
	put("/sys/class/uio/uio0/name", "tcm-user/3/other/file/x\n");
	put("/sys/class/uio/uio1/name", "tcm-user/100/dvd0/carousel/dvd0\n");
	put_directory("/proc/812/fd");
	machine.daemon = 812;
}

/* ---- expecting ----------------------------------------------------------------------------------
 */

static void look(void)
{
	findings_finish(&findings);
	doctor_kernel(&machine);
	doctor_devices(&machine, &said);
	doctor_neighbours(&machine, &said);
}

static const struct finding *finding_of(const char *subject)
{
	for (size_t i = 0; i < findings.count; i++)
		if (strcmp(findings.items[i].subject, subject) == 0 &&
			findings.items[i].level > DOCTOR_FINE)
			return &findings.items[i];
	return NULL;
}

static void expect(
	enum doctor_level level, const char *subject, const char *what, const char *command)
{
	const struct finding *finding = finding_of(subject);
	assert_non_null(finding);
	assert_int_equal(finding->level, level);
	if (!strstr(finding->what, what))
		fail_msg("%s: %s", subject, finding->what);
	if (!strstr(finding->command, command))
		fail_msg("%s: %s", subject, finding->command);
	assert_int_equal(findings_worst(&findings), level);
}

/* ---- the kernel ---------------------------------------------------------------------------------
 */

static void a_machine_that_is_right(void **state)
{
	put_ring();
	put_link("/proc/812/fd/9", "/dev/uio1");
	look();
	assert_int_equal(findings_worst(&findings), DOCTOR_FINE);
}

static void a_kernel_without_the_modules(void **state)
{
	put("/lib/modules/6.1.0-56-amd64/modules.dep", "kernel/drivers/target/tcm_loop.ko:\n");
	look();
	expect(DOCTOR_NOTE, "kernel",
		"has no target_core_user, iscsi_target_mod:", "linux-image-amd64");
}

static void modules_that_can_be_loaded(void **state)
{
	put("/lib/modules/6.1.0-56-amd64/modules.dep",
		"kernel/a/target_core_user.ko: b\nkernel/a/tcm_loop.ko.xz: b\n");
	put("/lib/modules/6.1.0-56-amd64/modules.builtin", "kernel/a/iscsi_target_mod.ko\n");
	look();
	assert_int_equal(findings_worst(&findings), DOCTOR_FINE);
	assert_string_equal(findings.items[0].command,
		"modprobe -a target_core_user tcm_loop iscsi_target_mod");
}

static void configfs_is_not_mounted(void **state)
{
	put_kernel_target();
	put("/proc/mounts", "proc /proc proc rw 0 0\n");
	look();
	expect(DOCTOR_PROBLEM, "configfs", "not mounted",
		"mount -t configfs configfs /sys/kernel/config");
}

/* ---- neighbours ---------------------------------------------------------------------------------
 */

static void tcmu_runner_is_no_trouble(void **state)
{
	put_kernel_target();
	put("/proc/99/comm", "tcmu-runner\n");
	look();
	expect(DOCTOR_NOTE, "tcmu-runner", "does not mind", "systemctl stop tcmu-runner");
}

static void a_tcmu_runner_that_can_be_started(void **state)
{
	put_kernel_target();
	put("/usr/share/dbus-1/system-services/org.kernel.TCMUService1.service", "");
	look();
	expect(DOCTOR_NOTE, "tcmu-runner", "through D-Bus", "systemctl mask --now tcmu-runner");
	put("/etc/systemd/system/multi-user.target.wants/tcmu-runner.service", "");
	look();
	expect(DOCTOR_NOTE, "tcmu-runner", "at boot", "systemctl mask --now tcmu-runner");
}

static void a_service_that_clears_the_kernel_target(void **state)
{
	put_kernel_target();
	put("/etc/systemd/system/multi-user.target.wants/rtslib-fb-targetctl.service", "");
	look();
	expect(DOCTOR_NOTE, "targetcli", "takes away everything",
		"systemctl disable rtslib-fb-targetctl");
	said.uses_kernel = true;
	look();
	expect(DOCTOR_WARNING, "targetcli", "takes away everything",
		"systemctl disable rtslib-fb-targetctl");
}

static void targetcli_saved_our_devices(void **state)
{
	put_kernel_target();
	put("/etc/rtslib-fb-target/saveconfig.json", "{\"config\": \"carousel/dvd0\"}");
	look();
	expect(DOCTOR_NOTE, "targetcli", "targetctl restore", "targetcli /backstores/user");
	put("/etc/systemd/system/multi-user.target.wants/target.service", "");
	look();
	assert_int_equal(findings_worst(&findings), DOCTOR_WARNING);
	assert_non_null(strstr(findings.items[findings.count - 1].what, "the machine at boot"));
}

/* ---- netlink ------------------------------------------------------------------------------------
 */

static void a_program_that_waits_for_a_reply_for_ever(void **state)
{
	put_kernel_target();
	put("/proc/4242/comm", "targetcli\n");
	put("/proc/4242/wchan", "do_sys_poll");
	look();
	assert_int_equal(findings_worst(&findings), DOCTOR_FINE);
	put("/proc/4242/wchan", "tcmu_netlink_event_send");
	look();
	expect(DOCTOR_PROBLEM, "kernel", "targetcli, process 4242, waits for ever",
		"echo 1 >$p/block_netlink; echo 1 >$p/reset_netlink; echo 0 >$p/block_netlink");
}

static void a_wait_that_only_the_stack_shows(void **state)
{
	put_kernel_target();
	put("/proc/4242/wchan", "0");
	put("/proc/4242/stack", "[<0>] wait_for_completion\n[<0>] tcmu_netlink_event_send+0x1\n");
	look();
	expect(DOCTOR_PROBLEM, "kernel", "a program, process 4242, waits", "reset_netlink");
}

static void netlink_that_was_left_blocked(void **state)
{
	put_kernel_target();
	put("/sys/module/target_core_user/parameters/block_netlink", "Y\n");
	look();
	expect(DOCTOR_WARNING, "kernel", "block_netlink is on", "echo 0 >/sys/module");
}

/* ---- devices ------------------------------------------------------------------------------------
 */

static void devices_nobody_serves(void **state)
{
	put_kernel_target();
	put("/proc/812/comm", "init\n");
	put_device("user_3/other", "file/x\n", "8\n");
	put_device("user_100/dvd0", "carousel/dvd0\n", "16\n");
	look();
	expect(DOCTOR_PROBLEM, "user_100/dvd0", "nobody serves it",
		"systemctl start carouseld || { cd "
		"/sys/kernel/config/target/core/user_100/dvd0/action && echo 1 >block_dev");
	assert_null(finding_of("user_3/other"));
}

static void a_ring_that_the_running_daemon_has_not_taken(void **state)
{
	put_ring();
	look();
	expect(DOCTOR_PROBLEM, "user_100/dvd0", "nobody serves it", "kill -HUP 812");
	put_link("/proc/812/fd/9", "/dev/uio1");
	look();
	assert_int_equal(findings_worst(&findings), DOCTOR_FINE);
}

static void a_ring_that_another_program_has_taken(void **state)
{
	put_ring();
	put("/proc/99/comm", "greedy\n");
	put_link("/proc/99/fd/5", "/dev/uio1");
	look();
	expect(DOCTOR_PROBLEM, "user_100/dvd0", "greedy, process 99, serves it", "ps -fp 99");
}

static void a_device_that_was_never_enabled(void **state)
{
	put_kernel_target();
	put_device("user_100/dvd0", "carousel/dvd0\n", "16\n");
	look();
	expect(DOCTOR_WARNING, "user_100/dvd0", "begun and not finished",
		"echo 1 >/sys/kernel/config/target/core/user_100/dvd0/enable");
}

static void what_only_root_sees_of_the_kernel_is_named(void **state)
{
	put_ring();
	machine.is_root = false;
	findings.as_root = "sudo carousel doctor --config /x";
	look();
	assert_int_equal(findings_worst(&findings), DOCTOR_UNSEEN);
	expect(DOCTOR_UNSEEN, "kernel", "not looked at: whether a program hangs",
		"sudo carousel doctor --config /x");
	expect(DOCTOR_UNSEEN, "devices", "not looked at: who serves the rings",
		"sudo carousel doctor --config /x");
}

static void what_the_daemon_says_and_the_kernel_does_not_have(void **state)
{
	put_ring();
	put_link("/proc/812/fd/9", "/dev/uio1");
	said.drives_answer =
		json_pack("{s:[{s:s, s:s}]}", "items", "name", "dvd0", "address", "7:0:1:0");
	said.exports_answer = json_pack("{s:[{s:s, s:s, s:s}, {s:s, s:s, s:s}]}", "items", "name",
		"backup", "transport", "kernel", "target", "iqn.a:backup", "name", "other",
		"transport", "portal", "target", "iqn.a:other");
	put_directory("/sys/class/scsi_device/7:0:1:0");
	look();
	expect(DOCTOR_PROBLEM, "backup", "the kernel does not show", "kill -HUP 812");
	assert_null(finding_of("other"));
	assert_null(finding_of("dvd0"));
	put_directory("/sys/kernel/config/target/iscsi/iqn.a:backup");
	json_object_set_new(json_array_get(json_object_get(said.drives_answer, "items"), 0),
		"address", json_string("8:0:1:0"));
	look();
	expect(DOCTOR_PROBLEM, "dvd0", "as 8:0:1:0, and the kernel has no such", "kill -HUP 812");
	assert_null(finding_of("backup"));
	daemon_said_finish(&said);
}

static void data_areas_of_all_together(void **state)
{
	put_kernel_target();
	put_device("user_1/a", "file/x\n", "1024\n");
	put_device("user_2/b", "file/y\n", "1025\n");
	look();
	expect(DOCTOR_WARNING, "kernel", "2049 MiB", "echo 2305 >");
}

/* Nothing in these trees is trusted. */
static void hostile_trees(void **state)
{
	static char long_text[100000];
	memset(long_text, 'x', sizeof long_text - 1);
	put_kernel_target();
	put("/proc/99/comm", long_text);
	put("/proc/99999999999999999999/comm", "tcmu-runner\n");
	put_device("user_1/a", long_text, "99999999999999999999999999\n");
	put_device("user_100/b", "carousel/\033[31m\n", "-5\n");
	put_directory("/etc/target/saveconfig.json");
	put("/proc/mounts", long_text);
	look();
	assert_int_equal(findings_worst(&findings), DOCTOR_PROBLEM); /* configfs is not mounted */
}

/* ---- ports --------------------------------------------------------------------------------------
 */

#define TCP_TABLE                                                                                  \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "      \
	"timeout inode\n"                                                                          \
	"   0: 0100007F:0CBC 0200007F:D431 01 00000000:00000000 00:00000000 00000000     0 0 771 " \
	"1\n"                                                                                      \
	"   1: 0100007F:0CBC 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0 0 "     \
	"4711 1\n"

static void look_at_ports(const char *section, const char *address)
{
	struct settings settings = {.port_count = 1};
	snprintf(settings.ports[0].section, sizeof settings.ports[0].section, "%s", section);
	snprintf(settings.ports[0].address, sizeof settings.ports[0].address, "%s", address);
	findings_finish(&findings);
	doctor_ports(&machine, &settings);
}

static void put_listener(void)
{
	put("/proc/net/tcp", TCP_TABLE);
	put("/proc/812/comm", "tgtd\n");
	put_link("/proc/812/fd/7", "socket:[4711]");
}

static void a_port_that_is_taken(void **state)
{
	put_listener();
	look_at_ports("portal", "127.0.0.1:3260");
	expect(DOCTOR_PROBLEM, "portal", "is taken by tgtd, process 812", "ss -ltnp");
	put("/proc/812/cgroup", "0::/system.slice/tgt.service\n");
	look_at_ports("portal", "0.0.0.0:3260");
	expect(DOCTOR_PROBLEM, "portal", "is taken by tgtd", "systemctl disable --now tgt.service");
	look_at_ports("kernel", "[::]:3260");
	expect(DOCTOR_PROBLEM, "kernel", "[::]:3260", "systemctl disable --now tgt.service");
}

static void ports_that_are_free(void **state)
{
	put_listener();
	look_at_ports("portal", "127.0.0.1:3261");
	assert_int_equal(findings.count, 0);
	look_at_ports("portal", "192.0.2.1:3260"); /* another address */
	assert_int_equal(findings.count, 0);
	look_at_ports("portal", "nonsense");
	assert_int_equal(findings.count, 0);
}

static void a_port_of_the_daemon_itself(void **state)
{
	put_listener();
	machine.daemon = 812;
	look_at_ports("portal", "127.0.0.1:3260");
	assert_int_equal(findings.count, 1);
	assert_int_equal(findings_worst(&findings), DOCTOR_FINE);
	look_at_ports("web", "127.0.0.1:7480");
	expect(DOCTOR_WARNING, "web", "nobody listens", "systemctl restart carouseld");
}

static void a_port_of_ipv6(void **state)
{
	put("/proc/net/tcp6",
		"head\n   0: 00000000000000000000000001000000:0CBC "
		"00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 "
		"    0 0 99 1\n");
	look_at_ports("portal", "[::1]:3260");
	expect(DOCTOR_PROBLEM, "portal", "the kernel's own iSCSI target", "np/*:3260");
	look_at_ports("portal", "127.0.0.1:3260");
	assert_int_equal(findings.count, 0);
}

static void a_port_of_nobody_that_can_be_seen(void **state)
{
	put("/proc/net/tcp", TCP_TABLE);
	look_at_ports("portal", "127.0.0.1:3260");
	expect(DOCTOR_PROBLEM, "portal", "the kernel's own iSCSI target", "np/*:3260");
	look_at_ports("kernel", "127.0.0.1:3260");
	assert_int_equal(findings_worst(&findings), DOCTOR_FINE);
	machine.is_root = false;
	look_at_ports("portal", "127.0.0.1:3260");
	expect(DOCTOR_PROBLEM, "portal", "only root sees which", "sudo ss -ltnp");
	machine.daemon_is_kept = true; /* it may well be the daemon's */
	look_at_ports("portal", "127.0.0.1:3260");
	expect(DOCTOR_UNSEEN, "portal", "not looked at: who listens", "sudo carousel doctor");
	look_at_ports("kernel", "127.0.0.1:3260");
	expect(DOCTOR_UNSEEN, "kernel", "not looked at: who listens", "sudo carousel doctor");
}

/* ---- directories --------------------------------------------------------------------------------
 */

/* The settings of the daemon of these machines, as --show-config prints them. */
static void read_settings(struct settings *ret)
{
	char text[] = "[daemon]\nstate_dir = /state\nkernel_target = auto\n[web]\nlisten = \n"
		      "[media]\npools = /pool one\npools = /pool2\ntape_dir = /tapes\n"
		      "[portal]\nlisten = 127.0.0.1:3260\nsessions = 256\n";
	settings_parse(text, ret);
}

static void look_at_storage(void)
{
	struct settings settings;
	findings_finish(&findings);
	read_settings(&settings);
	doctor_storage(&machine, &settings);
	settings_finish(&settings);
}

static void put_storage(const char *mounts)
{
	put_directory("/state");
	put_directory("/tapes");
	put_directory("/pool one");
	put_directory("/pool2");
	put("/proc/mounts", mounts);
}

static void chmod_below(const char *path, mode_t mode)
{
	char full[PATH_TEXT_MAX];
	snprintf(full, sizeof full, "%s%s", root, path);
	assert_int_equal(chmod(full, mode), 0);
}

static int rmdir_below(const char *path)
{
	char full[PATH_TEXT_MAX];
	snprintf(full, sizeof full, "%s%s", root, path);
	return rmdir(full);
}

/* One finding about the subject says that; there may be others. */
static void expect_one(const char *subject, const char *what, const char *command)
{
	for (size_t i = 0; i < findings.count; i++)
		if (!strcmp(findings.items[i].subject, subject) &&
			strstr(findings.items[i].what, what)) {
			assert_true(findings.items[i].level > DOCTOR_UNSEEN);
			assert_non_null(strstr(findings.items[i].command, command));
			return;
		}
	fail_msg("nothing says of %s: %s", subject, what);
}

/* The room of the disk under these trees is what it is. */
static size_t count_storage(const char *what)
{
	size_t count = 0;
	for (size_t i = 0; i < findings.count; i++)
		count += findings.items[i].level > DOCTOR_FINE &&
			 strstr(findings.items[i].what, what) != NULL;
	return count;
}

static void directories_that_are_not_there(void **state)
{
	put_storage("/dev/sda1 / ext4 rw 0 0\n");
	look_at_storage();
	assert_int_equal(count_storage("is not there"), 0);
	assert_int_equal(rmdir_below("/pool one"), 0);
	look_at_storage();
	expect_one("pools", "/pool one is not there", "mkdir -p '/pool one'");
	put("/pool one", "a file");
	look_at_storage();
	expect_one("pools", "/pool one: Not a directory", "ls -ld '/pool one'");
}

static void a_pool_that_the_daemon_may_not_read(void **state)
{
	put_storage("/dev/sda1 / ext4 rw 0 0\n");
	chmod_below("/pool2", 0750);
	machine.daemon = 812;
	put("/proc/812/status", "Name:\tcarouseld\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n");
	look_at_storage();
	assert_int_equal(count_storage("may not read"), 0);
	put("/proc/812/status",
		"Name:\tcarouseld\nUid:\t977\t977\t977\t977\nGid:\t977\t977\t977\t977\n"
		"Groups:\t4 24 \n");
	look_at_storage();
	expect_one("pools", "runs as user 977, may not read /pool2", "chmod o+rx /pool2");
}

static void a_pool_that_the_unit_hides(void **state)
{
	put_storage("/dev/sda1 / ext4 rw 0 0\n");
	machine.daemon = 812;
	put_directory("/proc/812/root/state");
	put_directory("/proc/812/root/tapes");
	put_directory("/proc/812/root/pool2");
	look_at_storage();
	expect_one("pools", "/pool one is there, and is hidden", "systemctl show carouseld");
	machine.is_root = false; /* nobody else can follow that link */
	look_at_storage();
	assert_int_equal(count_storage("hidden"), 0);
}

static void file_systems_that_do_not_fit(void **state)
{
	put_storage("overlay / overlay rw 0 0\nserver:/a /pool\\040one nfs4 rw 0 0\n"
		    "/dev/sdb1 /pool2 ext4 rw 0 0\nx /tapes fuse.sshfs rw 0 0\n");
	look_at_storage();
	expect_one("pools", "/pool one is on nfs4: reads take a detour", "findmnt -T '/pool one'");
	expect_one("tape_dir", "/tapes is on fuse.sshfs", "findmnt -T /tapes");
	expect_one("state_dir", "gone when the container is", "findmnt -T /state");
	put("/proc/mounts", "/dev/sda1 / ext4 rw 0 0\nx /sta nfs rw 0 0\nx /pool2 9p rw 0 0\n");
	look_at_storage();
	assert_int_equal(count_storage(" is on "), 1);
	expect_one("pools", "/pool2 is on 9p", "findmnt -T /pool2");
}

static void room(unsigned long long available, unsigned long long size)
{
	findings_finish(&findings);
	doctor_room(&machine, "state_dir", "/my state", available, size);
}

static void file_systems_that_are_full(void **state)
{
	static const unsigned long long gib = 1ULL << 30;
	room(100 * gib, 1000 * gib);
	assert_int_equal(findings_worst(&findings), DOCTOR_FINE);
	room(40 * gib, 1000 * gib);
	expect(DOCTOR_WARNING, "state_dir", "(4 %) of the file system of /my state are free",
		"du -xh --max-depth=2 '/my state'");
	room(gib - 1, 4 * gib);
	expect(DOCTOR_WARNING, "state_dir", "are free", "du -xh");
	room(gib, 4 * gib);
	assert_int_equal(findings_worst(&findings), DOCTOR_FINE);
	room(0, 0);
	expect(DOCTOR_WARNING, "state_dir", "are free", "du -xh");
}

/* ---- the daemon's process -----------------------------------------------------------------------
 */

static void look_at_files(const char *limit)
{
	char text[256];
	struct settings settings = {.sessions = 1000};
	snprintf(text, sizeof text,
		"Limit                     Soft Limit           Hard Limit           Units\n"
		"Max open files            %s                   4096                 files\n",
		limit);
	put("/proc/812/limits", text);
	findings_finish(&findings);
	doctor_files(&machine, &settings, &said);
}

static void a_daemon_that_may_open_too_few_files(void **state)
{
	look_at_files("10"); /* nobody knows whose process that is */
	assert_int_equal(findings.count, 0);
	machine.daemon = 812;
	said.drives = 10;
	said.nexuses = 20;
	look_at_files("1207");
	expect(DOCTOR_WARNING, "carouseld",
		"may open 1207 files, and with all its sessions and "
		"drives it wants 1208",
		"LimitNOFILE=65536");
	look_at_files("1208");
	assert_int_equal(findings_worst(&findings), DOCTOR_FINE);
	look_at_files("unlimited");
	assert_int_equal(findings.count, 0);
}

static void put_arguments(const char *arguments, size_t length)
{
	char full[PATH_TEXT_MAX];
	put("/proc/812/cmdline", "");
	snprintf(full, sizeof full, "%s/proc/812/cmdline", root);
	FILE *file = fopen(full, "w");
	assert_non_null(file);
	fwrite(arguments, 1, length, file);
	fclose(file);
}

static void expect_file(const char *arguments, size_t length, const char *expected)
{
	char file[256];
	put_arguments(arguments, length);
	settings_file_of(&machine, 812, file, sizeof file);
	assert_string_equal(file, expected);
}

static void the_configuration_of_a_daemon_that_runs(void **state)
{
#define EXPECT_FILE(arguments, expected) expect_file(arguments, sizeof arguments, expected)
	EXPECT_FILE("carouseld", "");
	EXPECT_FILE("carouseld\0-c\0/a.conf", "/a.conf");
	EXPECT_FILE("carouseld\0--config\0/a.conf\0--no-kernel-target", "/a.conf");
	EXPECT_FILE("carouseld\0--config=/a.conf\0-c/b.conf", "/b.conf");
	EXPECT_FILE("carouseld\0-c", "");
	EXPECT_FILE("carouseld\0-c\0b.conf", "");
	put_link("/proc/812/cwd", "/start");
	EXPECT_FILE("carouseld\0-c\0b.conf", "/start/b.conf");
#undef EXPECT_FILE
}

/* ---- the configuration --------------------------------------------------------------------------
 */

/* A carouseld that is a script. */
static struct program put_program(const char *script)
{
	static char path[PATH_TEXT_MAX];
	findings_finish(&findings);
	put("/carouseld", script);
	snprintf(path, sizeof path, "%s/carouseld", root);
	assert_int_equal(chmod(path, 0755), 0);
	return (struct program){path, NULL};
}

static void what_the_daemon_says_of_its_configuration(void **state)
{
	struct program program = put_program("#!/bin/sh\necho 'carouseld: line 3: bad' >&2\n"
					     "echo '           Mend it.' >&2\nexit 2\n");
	program.configuration = "/a file";
	doctor_configuration(&machine, &program);
	expect(DOCTOR_PROBLEM, "configuration", "line 3: bad", "\"${EDITOR:-vi}\" '/a file'");
	assert_string_equal(findings.items[0].remedy, "Mend it.");
	findings_finish(&findings);
	machine.daemon = 812; /* which has read another one */
	doctor_configuration(&machine, &program);
	expect(DOCTOR_WARNING, "configuration", "line 3: bad", "");
	program = put_program("#!/bin/sh\nexit 0\n");
	doctor_configuration(&machine, &program);
	assert_int_equal(findings_worst(&findings), DOCTOR_FINE);
	program.path = "/nowhere/carouseld";
	findings_finish(&findings);
	doctor_configuration(&machine, &program);
	expect(DOCTOR_NOTE, "carouseld", "not installed", "");
}

static void what_the_daemon_says_of_its_catalog(void **state)
{
	struct settings settings;
	read_settings(&settings);
	struct program program = put_program("#!/bin/sh\n[ \"$1\" = --check-catalog ] && [ \"$3\" "
					     "= /a ] && echo '/c is sound'\n");
	program.configuration = "/a";
	doctor_catalog(&machine, &program, &settings);
	assert_int_equal(findings_worst(&findings), DOCTOR_FINE);
	assert_string_equal(findings.items[0].what, "/c is sound");
	program = put_program("#!/bin/sh\necho 'carouseld: catalog /c is damaged: row 3' >&2\n"
			      "echo 'Restore a backup.' >&2\nexit 1\n");
	doctor_catalog(&machine, &program, &settings);
	expect(DOCTOR_PROBLEM, "catalog", "catalog /c is damaged: row 3",
		"sqlite3 /state/catalog.db .recover");
	assert_string_equal(findings.items[0].remedy, "Restore a backup.");
	settings_finish(&settings);
}

static void settings_as_the_daemon_prints_them(void **state)
{
	struct settings settings;
	read_settings(&settings);
	assert_string_equal(settings.state_dir, "/state");
	assert_string_equal(settings.tape_dir, "/tapes");
	assert_int_equal(settings.pool_count, 2);
	assert_string_equal(settings.pools[0], "/pool one");
	assert_int_equal(settings.port_count, 1); /* the API has none */
	assert_string_equal(settings.ports[0].section, "portal");
	assert_string_equal(settings.ports[0].address, "127.0.0.1:3260");
	assert_int_equal(settings.sessions, 256);
	settings_finish(&settings);
	struct program program = {"/nowhere/carouseld", NULL};
	assert_false(settings_read(&program, &settings));
}

/* ---- telling ------------------------------------------------------------------------------------
 */

static void expect_printed(bool all, size_t width, const char *expected)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	findings_print(&findings, &(struct findings_style){.all = all, .width = width}, file);
	fclose(file);
	assert_string_equal(text, expected);
	free(text);
}

static void findings_as_they_are_read(void **state)
{
	found(&findings, DOCTOR_FINE, "kernel", NULL, "is there");
	expect_printed(false, 0, "Nothing is wrong.\n");
	not_looked_at(&findings, "catalog", "only root may");
	expect_printed(false, 0,
		"unseen   catalog: not looked at: only root may\n"
		"         $ sudo carousel doctor\n"
		"Nothing is wrong with what was looked at.\n");
	found(&findings, DOCTOR_WARNING, "dvd\0330", "Do this.", "is\nslow");
	found(&findings, DOCTOR_PROBLEM, "tape0", NULL, "is broken");
	mend(&findings, "mend tape0");
	expect_printed(true, 0,
		"problem  tape0: is broken\n"
		"         $ mend tape0\n"
		"warning  dvd?0: is?slow\n"
		"         Do this.\n"
		"unseen   catalog: not looked at: only root may\n"
		"         $ sudo carousel doctor\n"
		"fine     kernel: is there\n"
		"1 problem and 1 warning.\n");
}

static void what_the_program_exits_with(void **state)
{
	assert_int_equal(findings_exit_code(&findings), 0);
	found(&findings, DOCTOR_FINE, "a", NULL, "b");
	not_looked_at(&findings, "a", "b");
	found(&findings, DOCTOR_NOTE, "a", NULL, "b");
	assert_int_equal(findings_exit_code(&findings), 0);
	found(&findings, DOCTOR_WARNING, "a", NULL, "b");
	assert_int_equal(findings_exit_code(&findings), 8);
	found(&findings, DOCTOR_PROBLEM, "a", NULL, "b");
	found(&findings, DOCTOR_NOTE, "a", NULL, "b");
	assert_int_equal(findings_exit_code(&findings), 1);
}

/* A command is pasted, and so stays in one line. */
static void findings_on_a_narrow_screen(void **state)
{
	found(&findings, DOCTOR_NOTE, "dvd0", "Do one thing, and then do another.",
		"a sentence that is as long as this or longer, and "
		"that-ends-with-a-word-of-some-length");
	mend(&findings, "a command that is as long as this, and does not end there");
	expect_printed(false, 40,
		"note     dvd0: a sentence that is as\n"
		"         long as this or longer, and\n"
		"         that-ends-with-a-word-of-some-length\n"
		"         Do one thing, and then do\n"
		"         another.\n"
		"         $ a command that is as long as this, and does not end there\n"
		"Nothing is wrong.\n");
}

#define ON_MACHINE(test) cmocka_unit_test_setup_teardown(test, begin, end)

/* ---- certificates ------------------------------------------------------------------------------
 */

static void look_at_certificate(const char *expires)
{
	json_t *health = json_pack("{s:s?}", "certificate_expires", expires);
	findings_finish(&findings);
	findings = (struct findings){0};
	doctor_certificate(&findings, health, 1767225600); /* 2026-01-01 */
	json_decref(health);
}

static void certificates_that_expire(void **state)
{
	look_at_certificate("2026-01-15T00:00:01Z");
	assert_int_equal(findings_worst(&findings), DOCTOR_FINE);
	look_at_certificate("2026-01-14T23:59:59Z");
	expect(DOCTOR_WARNING, "certificate", "expires in 13 day(s)", "");
	look_at_certificate("2025-12-31T23:59:59Z");
	expect(DOCTOR_PROBLEM, "certificate", "has expired", "");
	look_at_certificate(NULL);
	assert_int_equal(findings.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_MACHINE(a_machine_that_is_right),
		ON_MACHINE(a_kernel_without_the_modules),
		ON_MACHINE(modules_that_can_be_loaded),
		ON_MACHINE(configfs_is_not_mounted),
		ON_MACHINE(tcmu_runner_is_no_trouble),
		ON_MACHINE(a_tcmu_runner_that_can_be_started),
		ON_MACHINE(a_service_that_clears_the_kernel_target),
		ON_MACHINE(targetcli_saved_our_devices),
		ON_MACHINE(a_program_that_waits_for_a_reply_for_ever),
		ON_MACHINE(a_wait_that_only_the_stack_shows),
		ON_MACHINE(netlink_that_was_left_blocked),
		ON_MACHINE(devices_nobody_serves),
		ON_MACHINE(a_ring_that_the_running_daemon_has_not_taken),
		ON_MACHINE(a_ring_that_another_program_has_taken),
		ON_MACHINE(a_device_that_was_never_enabled),
		ON_MACHINE(what_only_root_sees_of_the_kernel_is_named),
		ON_MACHINE(what_the_daemon_says_and_the_kernel_does_not_have),
		ON_MACHINE(data_areas_of_all_together),
		ON_MACHINE(hostile_trees),
		ON_MACHINE(a_port_that_is_taken),
		ON_MACHINE(ports_that_are_free),
		ON_MACHINE(a_port_of_the_daemon_itself),
		ON_MACHINE(a_port_of_ipv6),
		ON_MACHINE(a_port_of_nobody_that_can_be_seen),
		ON_MACHINE(directories_that_are_not_there),
		ON_MACHINE(a_pool_that_the_daemon_may_not_read),
		ON_MACHINE(a_pool_that_the_unit_hides),
		ON_MACHINE(file_systems_that_do_not_fit),
		ON_MACHINE(file_systems_that_are_full),
		ON_MACHINE(a_daemon_that_may_open_too_few_files),
		ON_MACHINE(the_configuration_of_a_daemon_that_runs),
		ON_MACHINE(what_the_daemon_says_of_its_configuration),
		ON_MACHINE(what_the_daemon_says_of_its_catalog),
		ON_MACHINE(settings_as_the_daemon_prints_them),
		ON_MACHINE(certificates_that_expire),
		ON_MACHINE(findings_as_they_are_read),
		ON_MACHINE(what_the_program_exits_with),
		ON_MACHINE(findings_on_a_narrow_screen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
