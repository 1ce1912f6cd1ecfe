/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operating systems by the files of their installers, each on a disc with a label that says
 * something else or nothing. Texts are those of the released discs.
 */
#include "support.h"

#include "image_maker.h"

static struct os_details os_of(const char *path, const char *text)
{
	maker_require("xorriso");
	maker_clear();
	maker_write(path, text);
	return maker_labelled("CDROM").os;
}

static void assert_os(const struct os_details *os, const char *id, const char *version,
	const char *architecture, const char *variant)
{
	assert_string_equal(os->id, id);
	assert_string_equal(os->version, version);
	assert_string_equal(os->architecture, architecture);
	assert_string_equal(os->variant, variant);
}

static void debian_12(void **state)
{
	struct os_details os = os_of(".disk/info",
		"Debian GNU/Linux 12.8.0 \"Bookworm\" - Official amd64 NETINST with firmware "
		"20241109-11:04\n");
	assert_os(&os, "debian12", "12.8.0", "x86_64", "netinst");
	assert_string_equal(os.name, "Debian 12");
	assert_int_equal(os.evidence, OS_EVIDENCE_DISK_INFO);
	assert_int_equal(os.confidence, OS_CERTAIN);
	assert_true(os.installer && !os.live);
}

/* A release that came after this rule was written. */
static void debian_14(void **state)
{
	struct os_details os = os_of(".disk/info",
		"Debian GNU/Linux 14.0.0 \"Forky\" - Official arm64 DVD Binary-1 with firmware "
		"20270814-10:00\n");
	assert_os(&os, "debian14", "14.0.0", "aarch64", "dvd");
}

static void debian_live_and_testing(void **state)
{
	struct os_details os = os_of(
		".disk/info", "Official Debian GNU/Linux Live 12.8.0 gnome 2024-11-09T10:03\n");
	assert_os(&os, "debian12", "12.8.0", "", "desktop");
	assert_true(os.live);
	os = os_of(".disk/info",
		"Debian GNU/Linux testing \"Trixie\" - Official Snapshot amd64 NETINST "
		"20241202-03:19\n");
	assert_os(&os, "debiantesting", "testing", "x86_64", "netinst");
}

static void ubuntu_24_04(void **state)
{
	struct os_details os = os_of(".disk/info",
		"Ubuntu-Server 24.04.1 LTS \"Noble Numbat\" - Release amd64 (20240827)");
	assert_os(&os, "ubuntu24.04", "24.04.1", "x86_64", "server");
	assert_false(os.live);
	os = os_of(
		".disk/info", "Ubuntu 24.04.1 LTS \"Noble Numbat\" - Release amd64 (20240827.1)");
	assert_os(&os, "ubuntu24.04", "24.04.1", "x86_64", "desktop");
	assert_true(os.live && os.installer);
	os = os_of(".disk/info", "Kubuntu 24.04 LTS \"Noble Numbat\" - Release amd64 (20240424)");
	assert_string_equal(os.name, "Kubuntu 24.04");
}

static void fedora_40(void **state)
{
	struct os_details os = os_of(".treeinfo",
		"[checksums]\nimages/boot.iso = sha256:00\n\n[general]\n"
		"; WARNING.0 = This section provides compatibility with pre-productmd treeinfos.\n"
		"arch = x86_64\nfamily = Fedora\nname = Fedora 40\npackagedir = Packages\n"
		"platforms = x86_64,xen\ntimestamp = 1713269886\nvariant = Server\nversion = "
		"40\n\n"
		"[header]\ntype = productmd.treeinfo\nversion = 1.2\n");
	assert_os(&os, "fedora40", "40", "x86_64", "server");
	assert_int_equal(os.evidence, OS_EVIDENCE_TREE_INFO);
}

static void enterprise_linux(void **state)
{
	struct os_details os = os_of(".treeinfo",
		"[general]\narch = aarch64\nfamily = Red Hat Enterprise Linux\nvariant = BaseOS\n"
		"version = 9.4\n");
	assert_os(&os, "rhel9", "9.4", "aarch64", "");
	assert_string_equal(os.name, "Red Hat Enterprise Linux 9");
	os = os_of(".treeinfo", "[release]\nname = AlmaLinux\nshort = AlmaLinux\nversion = 9.4\n\n"
				"[tree]\narch = x86_64\nvariants = BaseOS\n");
	assert_os(&os, "almalinux9", "9.4", "x86_64", "");
	os = os_of(".treeinfo", "[general]\narch=x86_64\nfamily=CentOS Stream\nversion=9\n");
	assert_os(&os, "centos-stream9", "9", "x86_64", "");
	os = os_of(".discinfo", "1713797433.518279\nRocky Linux 9.4\nx86_64\n");
	assert_os(&os, "rocky9", "9.4", "x86_64", "");
	os = os_of("media.repo",
		"[InstallMedia]\nname=Red Hat Enterprise Linux 8.10.0\nmediaid=None\n");
	assert_os(&os, "rhel8", "8.10.0", "", "");
}

/* The section's own key, not one of another section, nor one whose name begins alike. */
static void keys_are_those_of_their_section(void **state)
{
	struct os_details os = os_of(".treeinfo",
		"[header]\nfamily = Fedora\nversion = 99\n[general]\nversioned = 7\nfamily=Fedora\n"
		"arch=s390x\nversion = 41\n[tree]\nversion = 5\n");
	assert_os(&os, "fedora41", "41", "s390x", "");
}

static void files_that_say_nothing(void **state)
{
	static const char *const texts[] = {"", "\n\n", "[general]", "[general]\nfamily", "=", "[",
		"\xff\xfe\n", "Debian GNU/Linux", "[general]\nfamily = Fedora\nversion = \n"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		static const char *const paths[] = {
			".disk/info", ".treeinfo", ".discinfo", "media.repo"};
		struct os_details os = os_of(paths[i % 4], texts[i]);
		assert_int_equal(os.confidence, OS_UNKNOWN);
		assert_string_equal(os.id, "");
	}
	assert_int_equal(os_of(".treeinfo", texts[8]).confidence, OS_UNKNOWN);
}

/* What the installer does not say, the label and the boot files may. */
static void the_architecture_from_elsewhere(void **state)
{
	maker_require("xorriso");
	maker_clear();
	maker_write("media.repo", "[InstallMedia]\nname=Fedora 40\n");
	assert_string_equal(maker_labelled("Fedora-S-dvd-ppc64le-40").os.architecture, "ppc64le");
	maker_program("EFI/BOOT/BOOTAA64.EFI", 0xaa64);
	assert_string_equal(maker_labelled("CDROM").os.architecture, "aarch64");
}

static void a_directory_is_no_file(void **state)
{
	maker_require("xorriso");
	maker_clear();
	maker_write(".disk/info/info", "Debian GNU/Linux 12.8.0");
	maker_write(".treeinfo/x", "[general]\nfamily = Fedora\nversion = 40\n");
	assert_int_equal(maker_labelled("CDROM").os.confidence, OS_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(debian_12),
		cmocka_unit_test(debian_14),
		cmocka_unit_test(debian_live_and_testing),
		cmocka_unit_test(ubuntu_24_04),
		cmocka_unit_test(fedora_40),
		cmocka_unit_test(enterprise_linux),
		cmocka_unit_test(keys_are_those_of_their_section),
		cmocka_unit_test(files_that_say_nothing),
		cmocka_unit_test(the_architecture_from_elsewhere),
		cmocka_unit_test(a_directory_is_no_file),
	};
	return cmocka_run_group_tests_name("inspect/os_files", tests, maker_begin, maker_end);
}
