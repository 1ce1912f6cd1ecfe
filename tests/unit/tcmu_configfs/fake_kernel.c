/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "backstore.h"
#include "fake_iscsi.h"
#include "fake_kernel.h"

#include <errno.h>
#include <fnmatch.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOTES_MAX = 4096 };

struct configfs fake;

static char root[64];
static char *notes[NOTES_MAX];
static int note_count;
static const char *failing;
static int failing_with;
static int failing_from, failing_to; /* by index */
static int uio_count;

/* ---- the tree ------------------------------------------------------------------------------ */

static void full(char ret[CONFIGFS_PATH_MAX], const char *path)
{
	configfs_path(ret, "%s/%s", root, path);
}

static void make_parents(const char *path)
{
	char copy[CONFIGFS_PATH_MAX];
	configfs_path(copy, "%s", path);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		assert_true(mkdir(copy, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
}

static void put(const char *path, const char *value)
{
	make_parents(path);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%s\n", value);
	fclose(file);
}

void fake_put(const char *path, const char *value)
{
	char absolute[CONFIGFS_PATH_MAX];
	full(absolute, path);
	put(absolute, value);
}

bool fake_has(const char *path)
{
	char absolute[CONFIGFS_PATH_MAX];
	struct stat st;
	full(absolute, path);
	return lstat(absolute, &st) == 0;
}

void fake_assert_file(const char *path, const char *value)
{
	char text[512];
	assert_int_equal(configfs_read(root, path, text, sizeof text), 0);
	assert_string_equal(text, value);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int remove_tree(const char *path)
{
	return nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- what the kernel does ------------------------------------------------------------------ */

static const struct {
	const char *pattern, *file, *value;
} attributes[] = {
	{"*/core/*_*/*", "control", ""},
	{"*/core/*_*/*", "enable", "0"},
	{"*/core/*_*/*", "alias", ""},
	{"*/core/*_*/*", "attrib/dev_config", ""},
	{"*/core/*_*/*", "attrib/max_data_area_mb", "1024"},
	{"*/core/*_*/*", "attrib/dev_size", "0"},
	{"*/core/*_*/*", "attrib/nl_reply_supported", "0"},
	{"*/core/*_*/*", "attrib/cmd_time_out", "30"},
	{"*/core/*_*/*", "attrib/tmr_notification", "0"},
	{"*/core/*_*/*", "attrib/pgr_support", "1"},
	{"*/core/*_*/*", "wwn/vpd_unit_serial", ""},
	{"*/core/*_*/*", "action/block_dev", ""},
	{"*/core/*_*/*", "action/reset_ring", ""},
	{"*/loopback/*/tpgt_*", "nexus", ""},
	{"*/loopback/*/tpgt_*", "address", "3:0:1"},
	{"*/loopback/*/tpgt_*", "lun/alua", ""},
};

static void bring_attributes(const char *path)
{
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
		char file[CONFIGFS_PATH_MAX];
		if (fnmatch(attributes[i].pattern, path, FNM_PATHNAME | FNM_LEADING_DIR) != 0 &&
			fnmatch(attributes[i].pattern, path, 0) != 0)
			continue;
		configfs_path(file, "%s/%s", path, attributes[i].file);
		put(file, attributes[i].value);
	}
}

static void make_uio(const char *backstore)
{
	char config[256], name[512], path[CONFIGFS_PATH_MAX], link[CONFIGFS_PATH_MAX];
	const char *hba = strstr(backstore, "/core/user_") + strlen("/core/user_");
	assert_int_equal(configfs_read(backstore, "attrib/dev_config", config, sizeof config), 0);
	snprintf(name, sizeof name, "tcm-user/%s/%s", hba, config);
	configfs_path(path, "%s/sys/devices/uio%d/name", root, uio_count);
	put(path, name);
	configfs_path(path, "%s/sys/devices/uio%d", root, uio_count);
	configfs_path(link, "%s/sys/class/uio/uio%d", root, uio_count++);
	make_parents(link);
	assert_int_equal(symlink(path, link), 0);
}

static void take_control(const char *backstore, const char *value)
{
	char file[CONFIGFS_PATH_MAX], *copy = strdup(value), *rest = copy, *pair;
	assert_non_null(copy);
	while ((pair = strsep(&rest, ","))) {
		char *equals = strchr(pair, '=');
		*equals = '\0';
		configfs_path(file, "%s/attrib/%s", backstore, pair);
		if (access(file, F_OK) == 0)
			put(file, equals + 1);
	}
	free(copy);
}

static bool may_hold_links(const struct dirent *entry)
{
	static const char *const groups[] = {
		"action", "attrib", "auth", "fabric_statistics", "param", "statistics", "wwn"};
	bool may = entry->d_type == DT_DIR && entry->d_name[0] != '.';
	for (size_t i = 0; i < sizeof groups / sizeof groups[0] && may; i++)
		may = strcmp(entry->d_name, groups[i]) != 0;
	return may;
}

static bool leads_to(const char *link, const char *to)
{
	char found[CONFIGFS_PATH_MAX] = "";
	return readlink(link, found, sizeof found - 1) > 0 && strcmp(found, to) == 0;
}

/* Does any link below `path` lead to `to`? */
static bool linked(const char *path, const char *to)
{
	bool found = false;
	struct dirent *entry;
	DIR *directory = opendir(path);
	assert_non_null(directory);
	while (!found && (entry = readdir(directory))) {
		char below[CONFIGFS_PATH_MAX];
		configfs_path(below, "%s/%s", path, entry->d_name);
		found = (entry->d_type == DT_LNK && leads_to(below, to)) ||
			(may_hold_links(entry) && linked(below, to));
	}
	closedir(directory);
	return found;
}

static bool holds(const char *path, const char *below, bool links)
{
	char directory[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names names;
	configfs_path(directory, "%s%s", path, below);
	if (links)
		configfs_links(directory, &names);
	else
		configfs_directories(directory, &names);
	return names.count > 0;
}

static bool holds_something_made(const char *path)
{
	const char *last = strrchr(path, '/') + 1;
	if (strncmp(last, "tpgt_", 5) == 0)
		return holds(path, "/lun", false);
	if (strncmp(last, "lun_", 4) == 0)
		return holds(path, "", true);
	return (strncmp(last, "user_", 5) == 0 || strncmp(last, "naa.", 4) == 0 ||
		       !strcmp(last, "loopback")) &&
	       holds(path, "", false);
}

/* ---- the five operations ------------------------------------------------------------------- */

static int note(const char *what, const char *path, const char *value)
{
	const char *below = path + strlen(fake.target) + 1;
	assert_true(note_count < NOTES_MAX);
	assert_true(asprintf(&notes[note_count], "%s %s%s%s", what, below, *value ? " " : "",
			    value) > 0);
	int index = note_count++;
	bool fails = (failing && strncmp(notes[index], failing, strlen(failing)) == 0) ||
		     (failing_from <= index && index < failing_to);
	return fails ? -failing_with : 0;
}

static int fake_write(const char *path, const char *value)
{
	char directory[CONFIGFS_PATH_MAX];
	int r = note("write", path, value);
	if (r == 0 && fake_iscsi_has(path))
		r = fake_iscsi_refuses(path, value);
	if (r == 0)
		r = configfs_posix.write(path, value);
	if (r == 0 && fake_iscsi_has(path))
		fake_iscsi_written(path, value, put);
	configfs_path(directory, "%s", path);
	char *file = strrchr(directory, '/');
	*file++ = '\0';
	if (r == 0 && !strcmp(file, "control"))
		take_control(directory, value);
	if (r == 0 && !strcmp(file, "enable") && !fake_iscsi_has(path))
		make_uio(directory);
	return r;
}

static int fake_make(const char *path)
{
	int r = note("make", path, "");
	if (r == 0)
		r = configfs_posix.make(path);
	if (r == 0 && fake_iscsi_has(path))
		fake_iscsi_made(path, put);
	else if (r == 0)
		bring_attributes(path);
	return r;
}

static int fake_remove(const char *path)
{
	int r = note("remove", path, "");
	if (r < 0)
		return r;
	if (access(path, F_OK) < 0)
		return -ENOENT;
	if (linked(fake.target, path))
		return -EBUSY;
	if (fake_iscsi_has(path) ? fake_iscsi_holds(path) : holds_something_made(path))
		return -ENOTEMPTY;
	return remove_tree(path);
}

static int fake_link(const char *to, const char *path)
{
	int r = note("link", path, "");
	if (r == 0 && fake_iscsi_has(path))
		r = fake_iscsi_refuses_link(to, path);
	return r < 0 ? r : configfs_posix.link(to, path);
}

static int fake_unlink(const char *path)
{
	int r = note("unlink", path, "");
	return r < 0 ? r : configfs_posix.unlink(path);
}

static const struct configfs_ops operations = {
	.write = fake_write,
	.make = fake_make,
	.remove = fake_remove,
	.link = fake_link,
	.unlink = fake_unlink,
};

/* ---- for tests ----------------------------------------------------------------------------- */

int fake_setup(void **state)
{
	char config[128];
	/* Where there is a file system in memory: trees come and go by the thousand. */
	const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(root, sizeof root, "%s/carousel-configfs-XXXXXX", memory);
	assert_non_null(mkdtemp(root));
	snprintf(config, sizeof config, "%s/sys/kernel/config", root);
	assert_true(configfs_init(&fake, config, NULL, NULL));
	fake.ops = &operations;
	fake.root = root;
	fake.modprobe = "false";
	uio_count = 0;
	fake_iscsi_old = false;
	fake_put(FAKE_TARGET "/core/alua/note", "");
	fake_put("sys/module/target_core_user/parameters/global_max_data_area_mb", "2048");
	fake_put("sys/module/tcm_loop/note", "");
	return 0;
}

int fake_teardown(void **state)
{
	fake_fail(NULL, 0);
	fake_fail_at(0, 0, 0);
	fake_forget();
	return remove_tree(root);
}

void fake_fail(const char *begins, int failure)
{
	failing = begins;
	failing_with = failure;
}

void fake_fail_at(int index, int count, int failure)
{
	failing_from = index;
	failing_to = index + count;
	failing_with = failure;
}

int fake_count(void)
{
	return note_count;
}

void fake_forget(void)
{
	while (note_count > 0)
		free(notes[--note_count]);
}

const char *fake_note(int index)
{
	return notes[index];
}

int fake_when(const char *begins)
{
	for (int i = 0; i < note_count; i++) {
		if (strncmp(notes[i], begins, strlen(begins)) == 0)
			return i;
	}
	return -1;
}

void fake_put_backstore(const char *hba, const char *name, const char *config, bool enabled)
{
	char path[CONFIGFS_PATH_MAX], file[CONFIGFS_PATH_MAX];
	configfs_path(path, "%s/core/%s/%s", fake.target, hba, name);
	configfs_path(file, "%s/note", path);
	put(file, "");
	bring_attributes(path);
	configfs_path(file, "%s/attrib/dev_config", path);
	put(file, config);
	configfs_path(file, "%s/enable", path);
	put(file, enabled ? "1" : "0");
	if (enabled)
		make_uio(path);
}

void fake_put_ours(const char *hba, const char *name, const char *config, bool enabled)
{
	char path[CONFIGFS_PATH_MAX];
	fake_put_backstore(hba, name, config, enabled);
	configfs_path(path, FAKE_TARGET "/core/%s/%s/alias", hba, name);
	fake_put(path, BACKSTORE_MARK);
}
