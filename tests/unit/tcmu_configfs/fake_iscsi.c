/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "fake_iscsi.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "configfs.h"

bool fake_iscsi_old;

enum level { NONE, TARGET, GROUP, LUN, PORTAL, ACL, MAPPED };

static const struct {
	enum level level;
	const char *file, *value;
} attributes[] = {
	{GROUP, "enable", "0"},
	{GROUP, "dynamic_sessions", ""},
	{GROUP, "attrib/authentication", "1"},
	{GROUP, "attrib/cache_dynamic_acls", "0"},
	{GROUP, "attrib/demo_mode_discovery", "1"},
	{GROUP, "attrib/demo_mode_write_protect", "1"},
	{GROUP, "attrib/generate_node_acls", "0"},
	{GROUP, "attrib/prod_mode_write_protect", "0"},
	{GROUP, "auth/userid", ""},
	{GROUP, "auth/password", ""},
	{GROUP, "auth/userid_mutual", ""},
	{GROUP, "auth/password_mutual", ""},
	{GROUP, "param/TargetAlias", "LIO Target"},
	{GROUP, "acls/.group", ""},
	{GROUP, "lun/.group", ""},
	{GROUP, "np/.group", ""},
	{TARGET, "fabric_statistics/.group", ""},
	{LUN, "statistics/.group", ""},
	{PORTAL, "iser", "0"},
	{ACL, "info", "No active iSCSI Session for Initiator Endpoint: somebody"},
	{ACL, "cmdsn_depth", "64"},
	{ACL, "attrib/nopin_timeout", "15"},
	{ACL, "attrib/nopin_response_timeout", "30"},
	{ACL, "attrib/authentication", "-1"},
	{ACL, "auth/userid", ""},
	{ACL, "auth/password", ""},
	{ACL, "auth/userid_mutual", ""},
	{ACL, "auth/password_mutual", ""},
	{ACL, "fabric_statistics/.group", ""},
	{MAPPED, "write_protect", "0"},
	{MAPPED, "statistics/.group", ""},
};

static const char *below(const char *path)
{
	const char *found = strstr(path, "/target/iscsi/");
	return found ? found + strlen("/target/iscsi/") : NULL;
}

bool fake_iscsi_has(const char *path)
{
	return below(path);
}

static enum level level_of(const char *path)
{
	char copy[CONFIGFS_PATH_MAX], *words[8], *rest = copy;
	int count = 0;
	configfs_path(copy, "%s", below(path));
	while (rest && count < 8)
		words[count++] = strsep(&rest, "/");
	if (count == 1)
		return TARGET;
	if (count == 2)
		return strncmp(words[1], "tpgt_", 5) == 0 ? GROUP : NONE;
	if (count == 4 && !strcmp(words[2], "lun"))
		return LUN;
	if (count == 4 && !strcmp(words[2], "np"))
		return PORTAL;
	if (count == 4 && !strcmp(words[2], "acls"))
		return ACL;
	return count == 5 && !strcmp(words[2], "acls") && !strncmp(words[4], "lun_", 4) ? MAPPED
											: NONE;
}

void fake_iscsi_made(const char *path, void (*put)(const char *path, const char *value))
{
	enum level level = level_of(path);
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
		char file[CONFIGFS_PATH_MAX];
		bool newer = !strcmp(attributes[i].file, "attrib/authentication");
		if (attributes[i].level != level || (level == ACL && newer && fake_iscsi_old))
			continue;
		configfs_path(file, "%s/%s", path, attributes[i].file);
		put(file, attributes[i].value);
	}
}

static bool ends(const char *path, const char *with)
{
	size_t length = strlen(path), tail = strlen(with);
	return length >= tail && strcmp(path + length - tail, with) == 0;
}

static bool is_now(const char *path, const char *value)
{
	char directory[CONFIGFS_PATH_MAX], now[512];
	configfs_path(directory, "%s", path);
	char *file = strrchr(directory, '/');
	*file++ = '\0';
	return configfs_read(directory, file, now, sizeof now) == 0 && strcmp(now, value) == 0;
}

int fake_iscsi_refuses(const char *path, const char *value)
{
	/* iscsit_tpg_enable_portal_group and _disable_: "already", before 5.16. */
	if (ends(path, "/tpgt_1/enable") && is_now(path, value))
		return -EINVAL;
	if (strstr(path, "/auth/") && strlen(value) >= 256)
		return -EINVAL;
	return 0;
}

void fake_iscsi_written(
	const char *path, const char *value, void (*put)(const char *path, const char *value))
{
	char other[CONFIGFS_PATH_MAX];
	size_t directory = (size_t)(strrchr(path, '/') - path);
	if (strstr(path, "/auth/"))
		put(path, value); /* read back, it has a newline behind it */
	if (ends(path, "/attrib/generate_node_acls") && !strcmp(value, "1")) {
		configfs_path(other, "%.*s/cache_dynamic_acls", (int)directory, path);
		put(other, "1");
	}
	/* core_tpg_set_initiator_node_queue_depth: target_shutdown_sessions */
	if (ends(path, "/cmdsn_depth")) {
		configfs_path(other, "%.*s/info", (int)directory, path);
		put(other, "No active iSCSI Session for Initiator Endpoint: somebody");
	}
}

int fake_iscsi_refuses_link(const char *to, const char *path)
{
	char directory[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names links;
	configfs_path(directory, "%.*s", (int)(strrchr(path, '/') - path), path);
	configfs_links(directory, &links);
	if (links.count)
		return -EEXIST; /* one each; of another name as well */
	if (level_of(directory) == LUN)
		return configfs_read_number(to, "enable", 0) == 1 ? 0 : -ENODEV;
	configfs_names_finish(&links);
	configfs_links(to, &links);
	return links.count == 1 ? 0 : -EINVAL; /* a LUN that shows nothing */
}

static bool has_child(const char *path, const char *group, const char *prefix)
{
	char directory[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names names;
	configfs_path(directory, "%s%s", path, group);
	configfs_directories(directory, &names);
	for (int i = 0; i < names.count; i++) {
		if (strncmp(names.entries[i]->d_name, prefix, strlen(prefix)) == 0)
			return true;
	}
	return false;
}

static bool has_link(const char *path)
{
	_cleanup_names_ struct configfs_names links;
	configfs_links(path, &links);
	return links.count > 0;
}

bool fake_iscsi_holds(const char *path)
{
	switch (level_of(path)) {
	case TARGET:
		return has_child(path, "", "tpgt_");
	case GROUP:
		return has_child(path, "/acls", "") || has_child(path, "/lun", "") ||
		       has_child(path, "/np", "");
	case ACL:
		return has_child(path, "", "lun_");
	case LUN:
	case MAPPED:
		return has_link(path);
	default:
		return false;
	}
}
