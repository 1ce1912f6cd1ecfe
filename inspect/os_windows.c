/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Discs of Windows Setup. An image of the WIM format (install.wim, install.esd, boot.wim) describes
 * itself in XML at its end; the header in front says where (Microsoft, "Windows Imaging File Format
 * (WIM)", 2007: WIMHEADER_V1_PACKED).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os.h"
#include "os_family.h"
#include "text.h"
#include "util/cleanup.h"

enum {
	WIM_HEADER = 208,
	WIM_XML = 72,       /* size (7 bytes), flags (1), offset (8), size again (8) */
	XML_MAX = 1 << 20,  /* bytes of UTF-16; real ones have some 20 KiB an edition */
	XML_COMPRESSED = 4, /* a flag: nobody writes it so */
};

struct wim_build {
	unsigned build;
	const char *version;
};

/* The first build of each release (Microsoft's release information of each), the latest first. */
static const struct wim_build clients[] = {
	{22000, "11"}, {10240, "10"}, {9600, "8.1"}, {9200, "8"}, {7600, "7"}, {6000, "vista"}};
static const struct wim_build servers[] = {{26100, "2025"}, {20348, "2022"}, {17763, "2019"},
	{14393, "2016"}, {9600, "2012r2"}, {9200, "2012"}, {7600, "2008r2"}, {6001, "2008"}};

static const char *release_of(const struct wim_build *builds, size_t count, unsigned build)
{
	for (size_t i = 0; i < count; i++)
		if (build >= builds[i].build)
			return builds[i].version;
	return NULL;
}

/* The XML in ASCII: what we look for is, and what is not becomes '?'. */
static char *read_xml(struct image_bytes *image, const struct extents *file)
{
	uint8_t header[WIM_HEADER];
	if (extents_read(image, file, 0, header, sizeof header) != sizeof header ||
		memcmp(header, "MSWIM\0\0\0", 8) != 0)
		return NULL;
	uint64_t size = get_le64(header + WIM_XML) & ((UINT64_C(1) << 56) - 1);
	uint64_t offset = get_le64(header + WIM_XML + 8);
	if (size < 2 || size > XML_MAX || header[WIM_XML + 7] & XML_COMPRESSED)
		return NULL;
	_cleanup_free_ uint8_t *wide = malloc(size);
	char *text = wide ? malloc(size / 2 + 1) : NULL;
	if (!text)
		return NULL;
	size = extents_read(image, file, offset, wide, size);
	for (uint64_t i = 0; i < size / 2; i++) {
		uint16_t c = get_le16(wide + 2 * i);
		text[i] = c >= 0x20 && c < 0x7f ? (char)c : '?';
	}
	text[size / 2] = 0;
	return text;
}

/* What the first element of this name has in it; "" when there is none. */
static void element(const char *xml, const char *name, char *ret, size_t capacity)
{
	char tag[32];
	ret[0] = 0;
	snprintf(tag, sizeof tag, "<%s>", name);
	const char *at = strstr(xml, tag);
	if (at)
		text_utf8(at + strlen(tag), strcspn(at + strlen(tag), "<"), ret, capacity);
}

static unsigned element_number(const char *xml, const char *name)
{
	char text[16];
	element(xml, name, text, sizeof text);
	return (unsigned)strtoul(text, NULL, 10);
}

/* PROCESSOR_ARCHITECTURE_… of winnt.h. */
static const char *architecture_of(const char *xml)
{
	char text[16];
	element(xml, "ARCH", text, sizeof text);
	switch (text[0] ? strtoul(text, NULL, 10) : ~0ul) {
	case 0:
		return "i386";
	case 5:
		return "armv7l";
	case 6:
		return "ia64";
	case 9:
		return "x86_64";
	case 12:
		return "aarch64";
	default:
		return "";
	}
}

static bool is_server(const char *xml)
{
	char type[32], edition[64];
	element(xml, "INSTALLATIONTYPE", type, sizeof type);
	element(xml, "EDITIONID", edition, sizeof edition);
	return strncmp(type, "Server", 6) == 0 || strncmp(edition, "Server", 6) == 0;
}

/* By the number of the build alone. False: it is not one of Windows. */
static bool take_build(unsigned build, bool server, struct os_details *ret)
{
	const char *release =
		server ? release_of(servers, sizeof servers / sizeof servers[0], build)
		       : release_of(clients, sizeof clients / sizeof clients[0], build);
	if (!release)
		return false;
	os_family_apply(server ? OS_WINDOWS_SERVER : OS_WINDOWS, release, ret);
	snprintf(ret->id, sizeof ret->id, "windows%s%s", server ? "server" : "", release);
	snprintf(ret->name, sizeof ret->name, "Windows %s%s", server ? "Server " : "", release);
	text_copy(ret->variant, sizeof ret->variant, server ? "server" : "desktop");
	return true;
}

static bool take_xml(const char *xml, struct os_details *ret)
{
	unsigned major = element_number(xml, "MAJOR"), minor = element_number(xml, "MINOR");
	unsigned build = element_number(xml, "BUILD");
	if (!take_build(build, is_server(xml), ret))
		return false;
	snprintf(ret->version, sizeof ret->version, "%u.%u.%u", major, minor, build);
	text_copy(ret->architecture, sizeof ret->architecture, architecture_of(xml));
	return true;
}

static bool from_wim(struct volume *volume, const char *path, struct os_details *ret)
{
	struct extents file;
	if (!volume_find(volume, path, &file))
		return false;
	_cleanup_free_ char *xml = read_xml(volume->image, &file);
	return xml && take_xml(xml, ret);
}

/* [HostBuild] MinClient=7600.16385: a build from which this release can be set up over another. */
static bool from_cversion(struct volume *volume, struct os_details *ret)
{
	char text[4096];
	static const char key[] = "MinClient=";
	if (volume_read(volume, "sources/cversion.ini", text, sizeof text) == 0)
		return false;
	ret->confidence = OS_GUESS;
	const char *at = strstr(text, key);
	if (at && take_build((unsigned)strtoul(at + strlen(key), NULL, 10), false, ret))
		return true;
	os_family_apply(OS_WINDOWS, "", ret);
	return true;
}

bool os_from_windows_setup(struct volume *volume, struct os_details *ret)
{
	static const char *const images[] = {
		"sources/install.wim", "sources/install.esd", "sources/boot.wim"};
	for (size_t i = 0; i < sizeof images / sizeof images[0]; i++)
		if (from_wim(volume, images[i], ret))
			return true;
	return from_cversion(volume, ret);
}
