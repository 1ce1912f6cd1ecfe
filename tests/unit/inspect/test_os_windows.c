/* SPDX-License-Identifier: Apache-2.0 */
/* Discs of Windows Setup: the XML of a WIM image, and cversion.ini. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "image_maker.h"

enum { HEADER = 208, XML_AT = 5000 };

static void put_le(uint8_t *p, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

/* A file of the WIM format that has nothing but its header and XML. */
static void put_wim(const char *path, const char *xml)
{
	static uint8_t wim[XML_AT + 4096];
	size_t length = strlen(xml);
	memset(wim, 0, sizeof wim);
	memcpy(wim, "MSWIM\0\0\0", 8);
	put_le(wim + 8, HEADER, 4);
	put_le(wim + 72, 2 * length + 2, 7);
	put_le(wim + 80, XML_AT, 8);
	put_le(wim + 88, 2 * length + 2, 8);
	put_le(wim + XML_AT, 0xfeff, 2);
	for (size_t i = 0; i < length; i++)
		put_le(wim + XML_AT + 2 + 2 * i, (uint8_t)xml[i], 2);
	maker_put(path, wim, XML_AT + 2 + 2 * length);
}

static const char *xml_of(unsigned arch, const char *type, unsigned major, unsigned build)
{
	static char xml[1024];
	snprintf(xml, sizeof xml,
		"<WIM><TOTALBYTES>5000000000</TOTALBYTES><IMAGE INDEX=\"1\"><WINDOWS>"
		"<ARCH>%u</ARCH><PRODUCTNAME>Microsoft Windows Operating System</PRODUCTNAME>"
		"<EDITIONID>Professional</EDITIONID><INSTALLATIONTYPE>%s</INSTALLATIONTYPE>"
		"<VERSION><MAJOR>%u</MAJOR><MINOR>0</MINOR><BUILD>%u</BUILD><SPBUILD>1</SPBUILD>"
		"</VERSION></WINDOWS><NAME>Windows</NAME></IMAGE></WIM>",
		arch, type, major, build);
	return xml;
}

/* A bridge, as genisoimage makes it; Windows' own discs are one too. */
static struct os_details os_of_tree(void)
{
	maker_run("rm -f $I; genisoimage -udf -V CCCOMA_X64FRE_EN-US_DV9 -o $I $T");
	return maker_details(NULL, NULL, NULL).os;
}

static struct os_details os_of_wim(unsigned arch, const char *type, unsigned major, unsigned build)
{
	maker_require("genisoimage");
	maker_clear();
	put_wim("sources/install.wim", xml_of(arch, type, major, build));
	return os_of_tree();
}

static void windows_11(void **state)
{
	struct os_details os = os_of_wim(9, "Client", 10, 22631);
	assert_string_equal(os.id, "windows11");
	assert_string_equal(os.name, "Windows 11");
	assert_string_equal(os.version, "10.0.22631");
	assert_string_equal(os.architecture, "x86_64");
	assert_string_equal(os.variant, "desktop");
	assert_int_equal(os.evidence, OS_EVIDENCE_WINDOWS_SETUP);
	assert_int_equal(os.confidence, OS_CERTAIN);
	assert_true(os.installer);
}

static void releases_by_their_builds(void **state)
{
	static const struct {
		unsigned arch;
		const char *type;
		unsigned major, build;
		const char *id, *architecture;
	} all[] = {{9, "Client", 10, 19045, "windows10", "x86_64"},
		{12, "Client", 10, 22621, "windows11", "aarch64"},
		{0, "Client", 6, 7601, "windows7", "i386"},
		{9, "Client", 6, 9600, "windows8.1", "x86_64"},
		{9, "Server", 10, 26100, "windowsserver2025", "x86_64"},
		{9, "Server", 10, 20348, "windowsserver2022", "x86_64"},
		{9, "Server Core", 10, 17763, "windowsserver2019", "x86_64"},
		{9, "Server", 6, 9600, "windowsserver2012r2", "x86_64"}};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct os_details os =
			os_of_wim(all[i].arch, all[i].type, all[i].major, all[i].build);
		assert_string_equal(os.id, all[i].id);
		assert_string_equal(os.architecture, all[i].architecture);
	}
}

static void an_esd_and_a_boot_image(void **state)
{
	maker_require("genisoimage");
	maker_clear();
	put_wim("sources/boot.wim", xml_of(9, "WindowsPE", 10, 22621));
	assert_string_equal(os_of_tree().id, "windows11");
	put_wim("sources/install.esd", xml_of(9, "Client", 10, 19045));
	assert_string_equal(os_of_tree().id, "windows10");
}

static void cversion_alone_is_a_guess(void **state)
{
	maker_require("genisoimage");
	maker_clear();
	maker_write("sources/cversion.ini",
		"[HostBuild]\r\nMinClient=10240.16384\r\nMinServer=9600.17031\r\n");
	struct os_details os = os_of_tree();
	assert_string_equal(os.id, "windows10");
	assert_int_equal(os.confidence, OS_GUESS);
	maker_write("sources/cversion.ini", "nonsense");
	os = os_of_tree();
	assert_string_equal(os.id, "windows");
	assert_string_equal(os.version, "");
}

/* Sizes and offsets that the file does not have, XML that is none, a header cut off. */
static void images_that_lie(void **state)
{
	static const struct {
		unsigned at;
		uint64_t value;
		unsigned bytes;
	} lies[] = {{72, 0, 7}, {72, 1, 7}, {72, (1ull << 56) - 1, 7}, {79, 4, 1},
		{80, UINT64_MAX, 8}, {80, 6000000, 8}, {0, 0, 8}, {XML_AT, 0, 8}};
	maker_require("genisoimage");
	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
		maker_clear();
		put_wim("sources/install.wim", i == 7 ? "<WIM>" : xml_of(9, "Client", 10, 22631));
		uint8_t lie[8];
		put_le(lie, lies[i].value, 8);
		maker_run("printf '\\%o\\%o\\%o\\%o\\%o\\%o\\%o\\%o' | head -c %u | dd bs=1 "
			  "of=$T/sources/install.wim seek=%u conv=notrunc",
			lie[0], lie[1], lie[2], lie[3], lie[4], lie[5], lie[6], lie[7],
			lies[i].bytes, lies[i].at);
		struct os_details os = os_of_tree();
		assert_string_equal(os.id, "windows"); /* by the label */
		assert_int_equal(os.evidence, OS_EVIDENCE_LABEL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_11),
		cmocka_unit_test(releases_by_their_builds),
		cmocka_unit_test(an_esd_and_a_boot_image),
		cmocka_unit_test(cversion_alone_is_a_guess),
		cmocka_unit_test(images_that_lie),
	};
	return cmocka_run_group_tests_name("inspect/os_windows", tests, maker_begin, maker_end);
}
