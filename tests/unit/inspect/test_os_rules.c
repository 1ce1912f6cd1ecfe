/* SPDX-License-Identifier: Apache-2.0 */
/* Labels and file names as the projects publish them, and what our own rules make of them. */
#include "support.h"

#include "os.h"
#include "os_rules.h"

struct expectation {
	const char *text, *id, *version, *architecture, *variant;
	bool live;
};

static void check(enum os_text kind, const struct expectation *e)
{
	struct os_details os = {0};
	if (!os_rules_apply(kind, e->text, &os))
		fail_msg("%s: no rule", e->text);
	if (strcmp(os.id, e->id) || strcmp(os.version, e->version) ||
		strcmp(os.architecture, e->architecture) || strcmp(os.variant, e->variant) ||
		os.live != e->live)
		fail_msg("%s: %s %s %s %s%s", e->text, os.id, os.version, os.architecture,
			os.variant, os.live ? " live" : "");
	assert_string_not_equal(os.name, "");
}

static void labels(void **state)
{
	static const struct expectation all[] = {
		{"Debian 12.8.0 amd64 n", "debian12", "12.8.0", "x86_64", "netinst"},
		{"Debian 14.1.0 arm64 1", "debian14", "14.1.0", "aarch64", "dvd"},
		{"d-live 12.8.0 xf amd64", "debian12", "12.8.0", "x86_64", "live", true},
		{"Ubuntu-Server 24.04.1 LTS amd64", "ubuntu24.04", "24.04.1", "x86_64", "server"},
		{"Ubuntu 24.04.1 LTS amd64", "ubuntu24.04", "24.04.1", "x86_64", "desktop", true},
		{"Linux Mint 22 Cinnamon 64-bit", "linuxmint22", "22", "", "desktop", true},
		{"Pop_OS 22.04 amd64 Nvidia", "popos22.04", "22.04", "x86_64", "desktop", true},
		{"Fedora-S-dvd-x86_64-40", "fedora40", "40", "x86_64", "server"},
		{"Fedora-E-dvd-aarch64-41", "fedora41", "41", "aarch64", "netinst"},
		{"Fedora-WS-Live-40-1-14", "fedora40", "40", "", "desktop", true},
		{"RHEL-9-4-0-BaseOS-x86_64", "rhel9", "9.4", "x86_64", ""},
		{"RHEL-10-0-BaseOS-s390x", "rhel10", "10.0", "s390x", ""},
		{"CentOS-Stream-9-BaseOS-x86_64", "centos-stream9", "9", "x86_64", ""},
		{"CentOS 7 x86_64", "centos7", "7", "x86_64", ""},
		{"AlmaLinux-9-4-x86_64-dvd", "almalinux9", "9.4", "x86_64", "dvd"},
		{"Rocky-9-4-x86_64-dvd", "rocky9", "9.4", "x86_64", "dvd"},
		{"OL-9-4-0-BaseOS-x86_64", "ol9", "9.4", "x86_64", ""},
		{"openSUSE-Leap-15.6-DVD-x86_64710", "opensuse15.6", "15.6", "x86_64", "dvd"},
		{"openSUSE-Leap-15.5-NET-x86_64", "opensuse15.5", "15.5", "x86_64", "netinst"},
		{"openSUSE-Tumbleweed-DVD-x86_64", "opensusetumbleweed", "", "x86_64", "dvd"},
		{"SLE-15-SP5-Full-x86_64128.1", "sle15", "15.5", "x86_64", ""},
		{"ARCH_202404", "archlinux", "2024.04", "", "", true},
		{"alpine-std 3.19.1 x86_64", "alpinelinux3.19", "3.19.1", "x86_64", "", true},
		{"Gentoo amd64 20240414T161904Z", "gentoo", "", "x86_64", "", true},
		{"nixos-minimal-24.05-x86_64", "nixos-24.05", "24.05", "x86_64", "minimal", true},
		{"14_0_RELEASE_AMD64_DVD", "freebsd14.0", "14.0", "x86_64", "dvd"},
		{"13_2_RELEASE_P1_I386_CD", "freebsd13.2", "13.2", "i386", ""},
		{"OpenBSD/amd64   7.5 Install CD", "openbsd7.5", "7.5", "x86_64", ""},
		{"NETBSD_101", "netbsd10.1", "10.1", "", ""},
		{"ESXI-8.0U2-22380479-STANDARD", "esxi8.0", "8.0.2", "", ""},
		{"PVE", "proxmox-ve", "", "", ""},
		{"RESCUE1101", "systemrescue", "11.01", "", "", true},
		{"CCCOMA_X64FRE_EN-US_DV9", "windows", "", "x86_64", "desktop"},
		{"SSS_X64FREE_EN-US_DV9", "windowsserver", "", "x86_64", "server"},
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		check(OS_TEXT_VOLUME_ID, &all[i]);
}

static void applications(void **state)
{
	static const struct expectation all[] = {
		{"ARCH LINUX LIVE/RESCUE DVD", "archlinux", "", "", "live", true},
		{"Slackware64 15.0 DVD", "slackware15.0", "15.0", "", "dvd"},
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		check(OS_TEXT_APPLICATION, &all[i]);
}

static void file_names(void **state)
{
	static const struct expectation all[] = {
		{"debian-12.8.0-amd64-netinst.iso", "debian12", "12.8.0", "x86_64", "netinst"},
		{"debian-live-12.8.0-amd64-gnome.iso", "debian12", "12.8.0", "x86_64", "desktop",
			true},
		{"ubuntu-24.04.1-live-server-amd64.iso", "ubuntu24.04", "24.04.1", "x86_64",
			"server", true},
		{"ubuntu-24.04.1-desktop-amd64.iso", "ubuntu24.04", "24.04.1", "x86_64", "desktop",
			true},
		{"Fedora-Server-dvd-x86_64-40-1.14.iso", "fedora40", "40", "x86_64", "server"},
		{"Fedora-Workstation-Live-41-1.4.x86_64.iso", "fedora41", "41", "x86_64", "desktop",
			true},
		{"rhel-9.4-x86_64-dvd.iso", "rhel9", "9.4", "x86_64", "dvd"},
		{"AlmaLinux-9.4-x86_64-minimal.iso", "almalinux9", "9.4", "x86_64", "minimal"},
		{"Rocky-9.4-aarch64-boot.iso", "rocky9", "9.4", "aarch64", "netinst"},
		{"OracleLinux-R9-U4-x86_64-dvd.iso", "ol9", "9.4", "x86_64", "dvd"},
		{"openSUSE-Leap-15.6-DVD-x86_64-Media.iso", "opensuse15.6", "15.6", "x86_64",
			"dvd"},
		{"archlinux-2024.04.01-x86_64.iso", "archlinux", "2024.04.01", "x86_64", "", true},
		{"alpine-virt-3.20.0-aarch64.iso", "alpinelinux3.20", "3.20.0", "aarch64", "",
			true},
		{"FreeBSD-14.1-RELEASE-amd64-disc1.iso", "freebsd14.1", "14.1", "x86_64", ""},
		{"install75.iso", "openbsd7.5", "7.5", "", ""},
		{"proxmox-ve_8.2-1.iso", "proxmox-ve8", "8.2", "", ""},
		{"Win11_23H2_English_x64v2.iso", "windows11", "11", "", "desktop"},
		{"Win8.1_English_x64.iso", "windows8.1", "8.1", "x86_64", "desktop"},
		{"Windows_Server_2022_x64.iso", "windowsserver2022", "2022", "x86_64", "server"},
		{"kali-linux-2024.1-installer-amd64.iso", "kali", "2024.1", "x86_64", ""},
		{"clonezilla-live-3.1.2-22-amd64.iso", "clonezilla", "3.1.2", "x86_64", "live",
			true},
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		check(OS_TEXT_FILE_NAME, &all[i]);
}

static void texts_that_no_rule_knows(void **state)
{
	static const char *const texts[] = {"", "CDROM", "My Debian 12 backup", "ubuntu", "PVE2",
		"ARCH_2024", "Debian", "RHEL-", "backup of ubuntu-24.04-desktop.iso"};
	struct os_details os = {0};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		for (int kind = OS_TEXT_DISK_INFO; kind <= OS_TEXT_FILE_NAME; kind++)
			if (os_rules_apply((enum os_text)kind, texts[i], &os))
				fail_msg("%s: %s", texts[i], os.id);
}

/* Numbers that fill the field, and more. */
static void a_version_too_long_is_cut(void **state)
{
	char text[256] = "Debian ";
	struct os_details os = {0};
	memset(text + 7, '1', 200);
	strcpy(text + 207, " amd64 n");
	assert_true(os_rules_apply(OS_TEXT_VOLUME_ID, text, &os));
	assert_int_equal(strlen(os.version), sizeof os.version - 1);
	assert_string_equal(os.architecture, "x86_64");
}

static void directories_are_not_part_of_a_name(void **state)
{
	struct os_details os = {0};
	assert_true(os_from_file_name("/srv/iso/debian-12.8.0-amd64-netinst.iso", &os));
	assert_string_equal(os.id, "debian12");
	assert_false(os_from_file_name("/srv/debian-12.8.0-amd64-netinst/other.iso", &os));
	assert_false(os_from_file_name(NULL, &os));
}

/* One id for one system, whoever said it. */
static void ids_of_the_database_as_ours(void **state)
{
	static const struct {
		const char *from, *to;
	} ids[] = {{"rhel9.1", "rhel9"}, {"centos7.0", "centos7"}, {"ol8.6", "ol8"},
		{"win11", "windows11"}, {"win8.1", "windows8.1"}, {"win2k22", "windowsserver2022"},
		{"win2k8r2", "windowsserver2008r2"}, {"win2k12r2", "windowsserver2012r2"},
		{"ubuntu22.04", "ubuntu22.04"}, {"debian11", "debian11"}, {"winnt4.0", "winnt4.0"},
		{"centos-stream9", "centos-stream9"}, {"olpc", "olpc"}};
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		struct os_details os = {0};
		strcpy(os.id, ids[i].from);
		os_id_normalise(&os);
		assert_string_equal(os.id, ids[i].to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels),
		cmocka_unit_test(applications),
		cmocka_unit_test(file_names),
		cmocka_unit_test(texts_that_no_rule_knows),
		cmocka_unit_test(a_version_too_long_is_cut),
		cmocka_unit_test(directories_are_not_part_of_a_name),
		cmocka_unit_test(ids_of_the_database_as_ours),
	};
	return cmocka_run_group_tests_name("inspect/os_rules", tests, NULL, NULL);
}
