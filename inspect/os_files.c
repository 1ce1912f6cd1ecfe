/* SPDX-License-Identifier: Apache-2.0 */
/* What installers' own files say: .disk/info, and those of the Enterprise Linux family. */
#include <stdio.h>
#include <string.h>

#include "os.h"
#include "os_rules.h"
#include "os_words.h"
#include "text.h"

enum { FILE_MAX = 64 << 10, LINE_MAX_BYTES = 256 };

/* Line `number` of a text, from 0 on; "" when it has fewer. */
static void line_of(const char *text, unsigned number, char ret[LINE_MAX_BYTES])
{
	while (number > 0 && *text) {
		text += strcspn(text, "\n");
		number -= *text == '\n';
		text += *text == '\n';
	}
	text_utf8(text, strcspn(text, "\n"), ret, LINE_MAX_BYTES);
}

bool os_from_disk_info(struct volume *volume, struct os_details *ret)
{
	char text[1024], line[LINE_MAX_BYTES];
	if (volume_read(volume, ".disk/info", text, sizeof text) == 0)
		return false;
	line_of(text, 0, line);
	return os_rules_apply(OS_TEXT_DISK_INFO, line, ret);
}

/* "key = value"; the length of the key, and where the value begins. False: it is none. */
static bool is_value(const char *line, const char *key, const char **ret)
{
	size_t length = strlen(key);
	if (strncmp(line, key, length) != 0)
		return false;
	line += length;
	line += strspn(line, " \t");
	*ret = line + 1;
	return *line == '=';
}

/* What a key of a section has in a file of the INI kind; "" when it is not there. */
static void ini_value(
	const char *text, const char *section, const char *key, char ret[LINE_MAX_BYTES])
{
	bool inside = false;
	size_t width = strlen(section);
	ret[0] = 0;
	for (size_t length; *text; text += length, text += *text == '\n') {
		const char *value;
		length = strcspn(text, "\n");
		if (text[0] == '[')
			inside = strncmp(text + 1, section, width) == 0 && text[1 + width] == ']';
		else if (inside && is_value(text, key, &value) && value <= text + length) {
			text_utf8(value, (size_t)(text + length - value), ret, LINE_MAX_BYTES);
			return;
		}
	}
}

static void take_word(const char *architecture, const char *variant, struct os_details *ret)
{
	const char *known = os_architecture(architecture, strlen(architecture));
	if (known)
		text_copy(ret->architecture, sizeof ret->architecture, known);
	os_scan_words(variant, ret);
}

/* `section` and `key`: where the family is said. The version is beside it. */
static bool tree_section(const char *text, const char *section, const char *key,
	const char *architecture_section, struct os_details *ret)
{
	char family[LINE_MAX_BYTES], version[LINE_MAX_BYTES], release[2 * LINE_MAX_BYTES];
	char architecture[LINE_MAX_BYTES], variant[LINE_MAX_BYTES];
	ini_value(text, section, key, family);
	ini_value(text, section, "version", version);
	snprintf(release, sizeof release, "%s %s", family, version);
	if (!os_rules_apply(OS_TEXT_RELEASE, release, ret))
		return false;
	ini_value(text, architecture_section, "arch", architecture);
	ini_value(text, "general", "variant", variant);
	take_word(architecture, variant, ret);
	return true;
}

/* .treeinfo has the older section for Anaconda, and the newer ones of productmd beside it. */
static bool from_treeinfo(struct volume *volume, char *text, struct os_details *ret)
{
	return volume_read(volume, ".treeinfo", text, FILE_MAX) > 0 &&
	       (tree_section(text, "general", "family", "general", ret) ||
		       tree_section(text, "release", "name", "tree", ret));
}

/* .discinfo: a time, the release, the architecture, numbers of discs; a line each. */
static bool from_discinfo(struct volume *volume, char *text, struct os_details *ret)
{
	char release[LINE_MAX_BYTES], architecture[LINE_MAX_BYTES];
	if (volume_read(volume, ".discinfo", text, FILE_MAX) == 0)
		return false;
	line_of(text, 1, release);
	line_of(text, 2, architecture);
	take_word(architecture, "", ret);
	return os_rules_apply(OS_TEXT_RELEASE, release, ret);
}

static bool from_media_repo(struct volume *volume, char *text, struct os_details *ret)
{
	char release[LINE_MAX_BYTES];
	if (volume_read(volume, "media.repo", text, FILE_MAX) == 0)
		return false;
	ini_value(text, "InstallMedia", "name", release);
	return os_rules_apply(OS_TEXT_RELEASE, release, ret);
}

bool os_from_tree_info(struct volume *volume, struct os_details *ret)
{
	char text[FILE_MAX];
	return from_treeinfo(volume, text, ret) || from_discinfo(volume, text, ret) ||
	       from_media_repo(volume, text, ret);
}
