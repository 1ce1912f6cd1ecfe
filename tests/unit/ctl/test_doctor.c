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

static void put_device(const char *name, const char *config, const char *area_mb)
{
	char path[PATH_TEXT_MAX];
	const char *core = "/sys/kernel/config/target/core";
	snprintf(path, sizeof path, "%s/%s/attrib/dev_config", core, name);
	put(path, config);
	snprintf(path, sizeof path, "%s/%s/attrib/max_data_area_mb", core, name);
	put(path, area_mb);
}

/* ---- expecting ----------------------------------------------------------------------------------
 */

static void look(void)
{
	findings_finish(&findings);
	doctor_kernel(&findings, root, "6.1.0-56-amd64", true);
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
	enum doctor_level level, const char *subject, const char *what, const char *remedy)
{
	const struct finding *finding = finding_of(subject);
	assert_non_null(finding);
	assert_int_equal(finding->level, level);
	assert_non_null(strstr(finding->what, what));
	assert_non_null(strstr(finding->remedy, remedy));
	assert_int_equal(findings_worst(&findings), level);
}

/* ---- the kernel ---------------------------------------------------------------------------------
 */

static void a_machine_that_is_right(void **state)
{
	put_kernel_target();
	put_device("user_100/dvd0", "carousel/dvd0\n", "16\n");
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
	assert_string_equal(
		findings.items[0].remedy, "modprobe -a target_core_user tcm_loop iscsi_target_mod");
}

static void configfs_is_not_mounted(void **state)
{
	put_kernel_target();
	put("/proc/mounts", "proc /proc proc rw 0 0\n");
	look();
	expect(DOCTOR_PROBLEM, "configfs", "not mounted",
		"mount -t configfs configfs /sys/kernel/config");
}

static void tcmu_runner_is_no_trouble(void **state)
{
	put_kernel_target();
	put("/proc/99/comm", "tcmu-runner\n");
	look();
	expect(DOCTOR_NOTE, "tcmu-runner", "does not mind", "");
}

static void targetcli_saved_our_devices(void **state)
{
	put_kernel_target();
	put("/etc/rtslib-fb-target/saveconfig.json", "{\"config\": \"carousel/dvd0\"}");
	look();
	expect(DOCTOR_NOTE, "targetcli", "targetctl restore", "targetcli saveconfig");
	put("/etc/systemd/system/multi-user.target.wants/rtslib-fb-targetctl.service", "");
	look();
	expect(DOCTOR_WARNING, "targetcli", "the machine at boot", "targetcli saveconfig");
}

static void devices_nobody_serves(void **state)
{
	put_kernel_target();
	put("/proc/812/comm", "init\n");
	put_device("user_3/other", "file/x\n", "8\n");
	put_device("user_100/dvd0", "carousel/dvd0\n", "16\n");
	look();
	expect(DOCTOR_PROBLEM, "user_100/dvd0", "nobody serves it",
		"d=/sys/kernel/config/target/core/user_100/dvd0; echo 1 >$d/action/block_dev");
	assert_null(finding_of("user_3/other"));
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

static void look_at_port(unsigned port, bool is_root)
{
	findings_finish(&findings);
	doctor_port(&findings, root, port, is_root);
}

static void a_port_that_is_taken(void **state)
{
	char link[PATH_TEXT_MAX];
	put("/proc/net/tcp", TCP_TABLE);
	put("/proc/812/comm", "tgtd\n");
	put_directory("/proc/812/fd");
	snprintf(link, sizeof link, "%s/proc/812/fd/7", root);
	assert_int_equal(symlink("socket:[4711]", link), 0);
	look_at_port(3260, true);
	expect(DOCTOR_WARNING, "portal", "port 3260 is taken by tgtd (812)", "ss -ltnp");
	look_at_port(3261, true);
	assert_int_equal(findings.count, 0);
}

static void a_port_of_nobody_that_can_be_seen(void **state)
{
	put("/proc/net/tcp", TCP_TABLE);
	look_at_port(3260, true);
	expect(DOCTOR_WARNING, "portal", "the kernel's own iSCSI target", "");
	look_at_port(3260, false);
	expect(DOCTOR_WARNING, "portal", "only root sees who", "");
}

/* ---- the configuration --------------------------------------------------------------------------
 */

static void look_at_configuration(const char *script)
{
	char program[PATH_TEXT_MAX];
	findings_finish(&findings);
	put("/carouseld", script);
	snprintf(program, sizeof program, "%s/carouseld", root);
	assert_int_equal(chmod(program, 0755), 0);
	doctor_configuration(&findings, program);
}

static void what_the_daemon_says_of_its_configuration(void **state)
{
	look_at_configuration("#!/bin/sh\necho 'carouseld: line 3: bad' >&2\n"
			      "echo '           Mend it.' >&2\nexit 2\n");
	expect(DOCTOR_PROBLEM, "configuration", "line 3: bad", "Mend it.");
	look_at_configuration("#!/bin/sh\nexit 0\n");
	assert_int_equal(findings.count, 0);
	doctor_configuration(&findings, "/nowhere/carouseld");
	expect(DOCTOR_NOTE, "carouseld", "not installed", "Install carouseld");
}

#define ON_MACHINE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_MACHINE(a_machine_that_is_right),
		ON_MACHINE(a_kernel_without_the_modules),
		ON_MACHINE(modules_that_can_be_loaded),
		ON_MACHINE(configfs_is_not_mounted),
		ON_MACHINE(tcmu_runner_is_no_trouble),
		ON_MACHINE(targetcli_saved_our_devices),
		ON_MACHINE(devices_nobody_serves),
		ON_MACHINE(data_areas_of_all_together),
		ON_MACHINE(hostile_trees),
		ON_MACHINE(a_port_that_is_taken),
		ON_MACHINE(a_port_of_nobody_that_can_be_seen),
		ON_MACHINE(what_the_daemon_says_of_its_configuration),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
