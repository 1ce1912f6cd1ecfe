/* SPDX-License-Identifier: Apache-2.0 */
#include "config_keys.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "mmc/drive.h"
#include "util/cleanup.h"

static bool set_text(void *section, size_t offset, const char *value)
{
	char **member = (char **)(void *)((char *)section + offset);
	char *copy = strdup(value);
	if (!copy)
		return false;
	free(*member);
	*member = copy;
	return true;
}

static bool set_personality(void *section, size_t offset, const char *value)
{
	return mmc_personality_find(value) && set_text(section, offset, value);
}

static bool set_path(void *section, size_t offset, const char *value)
{
	return value[0] == '/' && strlen(value) < PATH_MAX && set_text(section, offset, value);
}

/* Made absolute when the directories are known. */
static bool set_path_in_directory(void *section, size_t offset, const char *value)
{
	return value[0] && strlen(value) < PATH_MAX && set_text(section, offset, value);
}

static bool set_log_level(void *section, size_t offset, const char *value)
{
	return log_level_from_name(value, (enum log_level *)(void *)((char *)section + offset));
}

static bool set_export(void *section, size_t offset, const char *value)
{
	bool *loopback = (bool *)(void *)((char *)section + offset);
	*loopback = strcmp(value, "loopback") == 0;
	return *loopback || strcmp(value, "none") == 0;
}

static bool add_pool(struct config *config, const char *path)
{
	if (path[0] != '/')
		return false;
	char **pools = reallocarray(config->pools, config->pool_count + 1, sizeof *pools);
	if (!pools)
		return false;
	config->pools = pools;
	pools[config->pool_count] = strdup(path);
	return pools[config->pool_count] && ++config->pool_count;
}

static bool set_pools(void *section, size_t offset, const char *value)
{
	(void)offset;
	_cleanup_free_ char *copy = strdup(value);
	char *rest = copy, *path;
	bool any = false;
	while (copy && (path = strsep(&rest, ":"))) {
		if (path[0] && !add_pool(section, path))
			return false;
		any |= path[0] != 0;
	}
	return any;
}

static bool is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool parse_port(const char *text, uint16_t *ret)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || port < 1 || port > UINT16_MAX)
		return false;
	*ret = (uint16_t)port;
	return true;
}

/* Takes "HOST:PORT" or "[HOST]:PORT" apart. */
static char *split_address(char *address, char **ret_port)
{
	char *colon = strrchr(address, ':');
	if (!colon)
		return NULL;
	*colon = 0;
	*ret_port = colon + 1;
	if (address[0] != '[')
		return strchr(address, ':') ? NULL : address;
	if (colon[-1] != ']')
		return NULL;
	colon[-1] = 0;
	return address + 1;
}

/* A bearer token over plain HTTP must not leave the machine. */
static bool set_listen(void *section, size_t offset, const char *value)
{
	struct config *config = section;
	_cleanup_free_ char *copy = strdup(value);
	char *port = NULL;
	uint16_t number;
	if (!value[0]) {
		config->listen_port = 0;
		return set_text(section, offset, "");
	}
	const char *host = copy ? split_address(copy, &port) : NULL;
	if (host && strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	if (!host || !is_loopback(host) || !parse_port(port, &number))
		return false;
	config->listen_port = number;
	return set_text(section, offset, host);
}

#define MEMBER(type, member) offsetof(struct type, member)

const struct config_key config_keys[CONFIG_KEYS] = {
	{"daemon", "state_dir", "/var/lib/carousel", false, set_path, MEMBER(config, state_dir),
		"an absolute path",
		"Where the catalog and the token are kept. One carouseld per directory."},
	{"daemon", "runtime_dir", "/run/carousel", false, set_path, MEMBER(config, runtime_dir),
		"an absolute path",
		"Where the socket is, and what hosts were told until the machine restarts."},
	{"daemon", "log_level", "info", false, set_log_level, MEMBER(config, log_level),
		"error, warning, info or debug", "error, warning, info or debug."},
	{"web", "socket", "carousel.sock", false, set_path_in_directory, MEMBER(config, socket),
		"a path",
		"The unix socket of the API. Without a leading /, it is below runtime_dir."},
	{"web", "socket_group", "", false, set_text, MEMBER(config, socket_group),
		"the name of a group",
		"The group that may use the socket besides root and the user of carouseld."},
	{"web", "listen", "127.0.0.1:7480", false, set_listen, MEMBER(config, listen_host),
		"ADDRESS:PORT with a loopback address (the API has no encryption: put a proxy with "
		"TLS in front of it), or nothing",
		"ADDRESS:PORT of the API over TCP, on this machine only, for who has the token.\n"
		"Empty: none."},
	{"web", "token_file", "token", false, set_path_in_directory, MEMBER(config, token_file),
		"a path",
		"Holds the bearer token for TCP; made at the first start. Without a leading /, it\n"
		"is below state_dir."},
	{"media", "pools", "/var/lib/carousel/media", true, set_pools, 0,
		"absolute paths of directories, separated by :",
		"Directories from which images may be added, with all that is below them,\n"
		"separated by : or on several lines."},
	{"drive", "personality", "dvd-rom", false, set_personality,
		MEMBER(config_drive, personality), "cd-rom, dvd-rom or bd-rom",
		"What kind of drive it is: cd-rom, dvd-rom or bd-rom."},
	{"drive", "export", "loopback", false, set_export, MEMBER(config_drive, loopback),
		"loopback or none",
		"loopback: it is a drive of this machine. none: it is shown to nobody."},
	{"drive", "medium", "", false, set_text, MEMBER(config_drive, medium),
		"the id or the path of a medium",
		"What lies in the drive when it is new: the id of a medium, or the path of an "
		"image."},
};

const struct config_key *config_key_find(const char *section, const char *name)
{
	for (unsigned i = 0; i < CONFIG_KEYS; i++)
		if (strcmp(config_keys[i].section, section) == 0 &&
			strcmp(config_keys[i].name, name) == 0)
			return &config_keys[i];
	return NULL;
}
