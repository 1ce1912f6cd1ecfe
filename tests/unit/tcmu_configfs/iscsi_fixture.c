/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "iscsi_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct backstore devices[DEVICES];
struct error error;

int iscsi_setup(void **state)
{
	error = (struct error){0};
	if (fake_setup(state) != 0)
		return -1;
	for (int i = 0; i < DEVICES; i++) {
		char name[32];
		snprintf(name, sizeof name, "device%d", i);
		const struct backstore_config config = {name, name, 16};
		assert_true(backstore_create(&fake, &config, &devices[i], &error));
	}
	fake_forget();
	return 0;
}

/* ---- wishes -------------------------------------------------------------------------------- */

static const struct kernel_lun luns_a[] = {{0, &devices[0]}, {1, &devices[1]}};
static const struct kernel_lun luns_other_a[] = {{0, &devices[0]}, {1, &devices[3]}};
static const struct kernel_lun luns_b[] = {{0, &devices[2]}};
static const struct kernel_lun luns_anybody[] = {{0, &devices[3]}, {5, &devices[4]}};
static const struct kernel_lun luns_anybody_else[] = {{0, &devices[4]}, {5, &devices[3]}};

static const struct kernel_host two_hosts[] = {{HOST_A, luns_a, 2}, {HOST_B, luns_b, 1}};
static const struct kernel_host other_hosts[] = {{HOST_A, luns_other_a, 2}, {HOST_B, luns_b, 1}};
static const struct kernel_host anybody[] = {{NULL, luns_anybody, 2}};
static const struct kernel_host anybody_else[] = {{NULL, luns_anybody_else, 2}};

static const char *const here[] = {"127.0.0.1:23261", "[::1]:23261", NULL};
static const char *const elsewhere[] = {"127.0.0.1:23262", "[::1]:23261", NULL};

#define NO_CHAP                                                                                    \
	{                                                                                          \
		"", "", "", ""                                                                     \
	}
#define CHAP                                                                                       \
	{                                                                                          \
		"user", "secret-of-hosts", "", ""                                                  \
	}
#define MUTUAL                                                                                     \
	{                                                                                          \
		"user", "another-secret", "me", "secret-of-ours"                                   \
	}

static const struct kernel_config wishes[] = {
	[TWO_HOSTS] = {TARGET, here, two_hosts, 2, NO_CHAP},
	[ONLY_A] = {TARGET, here, two_hosts, 1, NO_CHAP},
	[ONLY_B] = {TARGET, here, two_hosts + 1, 1, NO_CHAP},
	[OTHER_A] = {TARGET, here, other_hosts, 2, NO_CHAP},
	[WITH_CHAP] = {TARGET, here, two_hosts, 2, CHAP},
	[WITH_MUTUAL] = {TARGET, here, two_hosts, 2, MUTUAL},
	[ELSEWHERE] = {TARGET, elsewhere, two_hosts, 2, NO_CHAP},
	[ANYBODY] = {TARGET, here, anybody, 1, NO_CHAP},
	[ANYBODY_ELSE] = {TARGET, here, anybody_else, 1, NO_CHAP},
	[ANYBODY_CHAP] = {TARGET, here, anybody, 1, CHAP},
	[NOBODY] = {TARGET, here, NULL, 0, NO_CHAP},
};

const struct kernel_config *wish(enum wish wish)
{
	return &wishes[wish];
}

/* ---- what is there ------------------------------------------------------------------------- */

static int count_below(const char *path, const char *prefix)
{
	char absolute[CONFIGFS_PATH_MAX];
	int count = 0;
	_cleanup_names_ struct configfs_names names;
	configfs_path(absolute, "%s/iscsi/" TARGET "/tpgt_1/%s", fake.target, path);
	configfs_directories(absolute, &names);
	for (int i = 0; i < names.count; i++)
		count += strncmp(names.entries[i]->d_name, prefix, strlen(prefix)) == 0;
	return count;
}

static void assert_link(const char *path, const char *to)
{
	char found[CONFIGFS_PATH_MAX];
	ssize_t length = readlink(path, found, sizeof found - 1);
	assert_true(length > 0);
	found[length] = '\0';
	assert_string_equal(found, to);
}

static void follow(const char *directory, char ret[CONFIGFS_PATH_MAX])
{
	char path[CONFIGFS_PATH_MAX];
	_cleanup_names_ struct configfs_names links;
	configfs_links(directory, &links);
	assert_int_equal(links.count, 1);
	configfs_path(path, "%s/%s", directory, links.entries[0]->d_name);
	ssize_t length = readlink(path, ret, CONFIGFS_PATH_MAX - 1);
	assert_true(length > 0);
	ret[length] = '\0';
}

static void assert_text(const char *directory, const char *file, const char *value)
{
	char path[CONFIGFS_PATH_MAX], text[512];
	configfs_path(path, "%s/%s", fake.root, directory);
	assert_int_equal(configfs_read(path, file, text, sizeof text), 0);
	/* None is "NULL", or was never written. */
	if (!value[0] && !strcmp(text, "NULL"))
		return;
	assert_string_equal(text, value);
}

static void assert_secrets(const char *directory, const struct kernel_chap *chap)
{
	assert_text(directory, "auth/userid", chap->user);
	assert_text(directory, "auth/password", chap->secret);
	assert_text(directory, "auth/userid_mutual", chap->mutual_user);
	assert_text(directory, "auth/password_mutual", chap->mutual_secret);
}

static void assert_host(const struct kernel_host *host, const struct kernel_chap *chap)
{
	char acl[CONFIGFS_PATH_MAX], path[CONFIGFS_PATH_MAX], to[CONFIGFS_PATH_MAX];
	configfs_path(acl, "acls/%s", host->initiator);
	assert_int_equal(count_below(acl, "lun_"), host->lun_count);
	for (unsigned i = 0; i < host->lun_count; i++) {
		configfs_path(path, "%s/iscsi/" TARGET "/tpgt_1/%s/lun_%u", fake.target, acl,
			host->luns[i].lun);
		follow(path, to);
		follow(to, path);
		assert_string_equal(path, host->luns[i].backstore->path);
	}
	configfs_path(acl, GROUP "/acls/%s", host->initiator);
	assert_secrets(acl, chap);
	assert_text(acl, "attrib/nopin_timeout", "5");
	assert_text(acl, "attrib/nopin_response_timeout", "5");
	assert_text(acl, "cmdsn_depth", "48");
}

static void assert_luns(const struct kernel_host *host)
{
	char path[CONFIGFS_PATH_MAX];
	for (unsigned i = 0; i < host->lun_count; i++) {
		configfs_path(path, "%s/iscsi/" TARGET "/tpgt_1/lun/lun_%u/%s", fake.target,
			host->luns[i].lun, host->luns[i].backstore->name);
		assert_link(path, host->luns[i].backstore->path);
	}
}

static void assert_hosts(const struct kernel_config *config)
{
	int luns = 0;
	bool open = config->host_count == 1 && !config->hosts[0].initiator;
	for (unsigned i = 0; i < config->host_count; i++) {
		if (open)
			assert_luns(&config->hosts[i]);
		else
			assert_host(&config->hosts[i], &config->chap);
		luns += (int)config->hosts[i].lun_count;
	}
	assert_int_equal(count_below("acls", ""), open ? 0 : config->host_count);
	assert_int_equal(count_below("lun", "lun_"), luns);
	fake_assert_file(GROUP "/attrib/generate_node_acls", open ? "1" : "0");
	if (open)
		assert_secrets(GROUP, &config->chap);
}

static void assert_portals(const struct kernel_config *config)
{
	char path[CONFIGFS_PATH_MAX];
	int count = 0;
	for (; config->portals[count]; count++) {
		configfs_path(path, GROUP "/np/%s", config->portals[count]);
		assert_true(fake_has(path));
	}
	assert_int_equal(count_below("np", ""), count);
}

void assert_shown(enum wish wished)
{
	const struct kernel_config *config = wish(wished);
	fake_assert_file(GROUP "/enable", "1");
	fake_assert_file(GROUP "/attrib/demo_mode_write_protect", "0");
	fake_assert_file(GROUP "/attrib/prod_mode_write_protect", "0");
	fake_assert_file(GROUP "/attrib/demo_mode_discovery", "0");
	fake_assert_file(GROUP "/attrib/authentication", config->chap.user[0] ? "1" : "0");
	assert_hosts(config);
	assert_portals(config);
}

void assert_hidden(void)
{
	assert_false(fake_has(FAKE_TARGET "/iscsi/" TARGET));
	for (int i = 0; i < DEVICES; i++) {
		struct backstore device = devices[i];
		assert_true(backstore_remove(&fake, &device, &error));
		const struct backstore_config config = {device.name, device.serial, 16};
		assert_true(backstore_create(&fake, &config, &devices[i], &error));
	}
}
