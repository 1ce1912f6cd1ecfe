/* SPDX-License-Identifier: Apache-2.0 */
#include "config_keys.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "config.h"
#include "drive_kind.h"
#include "util/cleanup.h"
#include "util/size_text.h"

enum { PREFIX_MAX = 151, SESSIONS_MAX = 4096 };

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
	return drive_kind_of_personality(value) && set_text(section, offset, value);
}

static bool set_path(void *section, size_t offset, const char *value)
{
	return value[0] == '/' && strlen(value) < PATH_MAX && set_text(section, offset, value);
}

static bool set_optional_path(void *section, size_t offset, const char *value)
{
	return value[0] ? set_path(section, offset, value) : set_text(section, offset, value);
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

/* The place of a word among the words of an enum, in its order. */
static bool set_word(void *section, size_t offset, const char *value, const char *const *words)
{
	int *member = (int *)(void *)((char *)section + offset);
	for (int i = 0; words[i]; i++)
		if (strcmp(value, words[i]) == 0) {
			*member = i;
			return true;
		}
	return false;
}

static bool set_shown(void *section, size_t offset, const char *value)
{
	static const char *const words[] = {"auto", "loopback", "none", NULL};
	return set_word(section, offset, value, words);
}

static bool set_kernel_target(void *section, size_t offset, const char *value)
{
	static const char *const words[] = {"auto", "yes", "no", NULL};
	return set_word(section, offset, value, words);
}

static bool set_switch(void *section, size_t offset, const char *value)
{
	bool *member = (bool *)(void *)((char *)section + offset);
	*member = strcmp(value, "yes") == 0;
	return *member || strcmp(value, "no") == 0;
}

/* Words; a second line goes on where the first ended. */
static bool add_words(void *section, size_t offset, const char *value)
{
	char **member = (char **)(void *)((char *)section + offset);
	char *joined;
	if (asprintf(&joined, "%s%s%s", *member ? *member : "", *member ? " " : "", value) < 0)
		return false;
	free(*member);
	*member = joined;
	return true;
}

static bool each_word(const char *value, bool (*is_valid)(const char *word))
{
	_cleanup_free_ char *copy = strdup(value);
	char *rest = copy, *word;
	while (copy && (word = strsep(&rest, " \t,")))
		if (word[0] && !is_valid(word))
			return false;
	return copy != NULL;
}

static bool add_initiators(void *section, size_t offset, const char *value)
{
	return each_word(value, access_pattern_valid) && add_words(section, offset, value);
}

static bool add_networks(void *section, size_t offset, const char *value)
{
	return each_word(value, access_network_valid) && add_words(section, offset, value);
}

/* RFC 952, and "_" as people have it. */
static bool is_host_name(const char *word)
{
	for (const char *c = word; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_",
			    *c))
			return false;
	return strlen(word) <= 255;
}

static bool add_hosts(void *section, size_t offset, const char *value)
{
	return each_word(value, is_host_name) && add_words(section, offset, value);
}

/* Capitals become small letters when the export is made. */
static bool set_target(void *section, size_t offset, const char *value)
{
	_cleanup_free_ char *copy = strdup(value);
	if (!copy)
		return false;
	access_iscsi_name_normalize(copy);
	return (!copy[0] || access_iscsi_name_valid(copy)) && set_text(section, offset, value);
}

static bool add_text(char ***list, unsigned *count, const char *text)
{
	char **grown = reallocarray(*list, *count + 1, sizeof *grown);
	if (!grown)
		return false;
	*list = grown;
	grown[*count] = strdup(text);
	return grown[*count] && ++*count;
}

static bool add_pool(struct config *config, const char *path)
{
	return path[0] == '/' && add_text(&config->pools, &config->pool_count, path);
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

static bool is_address(const char *host)
{
	struct in6_addr any;
	return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
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

/* Whether the network may see what goes through is looked at when all of the file was read. */
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
	if (!host || !is_address(host) || !parse_port(port, &number))
		return false;
	config->listen_port = number;
	return set_text(section, offset, host);
}

struct addresses {
	char ***list;
	unsigned *count;
	bool *remote;
};

/* One address, or nothing for none at all. */
static bool add_address(struct addresses to, const char *value)
{
	_cleanup_free_ char *copy = strdup(value);
	char *port = NULL;
	uint16_t number;
	if (!value[0])
		return true;
	const char *host = copy ? split_address(copy, &port) : NULL;
	if (!host || !is_address(host) || !parse_port(port, &number))
		return false;
	*to.remote |= !access_address_is_loopback(host);
	return add_text(to.list, to.count, value);
}

static bool add_portal_listen(void *section, size_t offset, const char *value)
{
	struct config *config = section;
	(void)offset;
	return add_address((struct addresses){&config->portal_listen, &config->portal_listen_count,
				   &config->portal_remote},
		value);
}

static bool add_kernel_listen(void *section, size_t offset, const char *value)
{
	struct config *config = section;
	(void)offset;
	return add_address((struct addresses){&config->kernel_listen, &config->kernel_listen_count,
				   &config->kernel_remote},
		value);
}

static bool set_transport(void *section, size_t offset, const char *value)
{
	return (strcmp(value, "portal") == 0 || strcmp(value, "kernel") == 0) &&
	       set_text(section, offset, value);
}

/* It and ":NAME" must be an iSCSI name. "": made of the name of this machine. */
static bool set_prefix(void *section, size_t offset, const char *value)
{
	return (!value[0] || (access_iscsi_name_valid(value) && strlen(value) < PREFIX_MAX)) &&
	       set_text(section, offset, value);
}

/* "90s", "30m", "1h", "7d"; 0 is never. */
static bool set_span(void *section, size_t offset, const char *value)
{
	enum { DAY = 24 * 60 * 60, SPAN_MAX = 365 * DAY };
	static const struct {
		char unit;
		unsigned seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 60 * 60}, {'d', DAY}};
	char *end;
	unsigned long number = strtoul(value, &end, 10), seconds = 0;
	if (value[0] < '0' || value[0] > '9' || number > SPAN_MAX)
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (end[0] == units[i].unit && !end[1])
			seconds = units[i].seconds;
	if ((!seconds && (number || *end)) || number * seconds > SPAN_MAX)
		return false;
	*(unsigned *)(void *)((char *)section + offset) = (unsigned)(number * seconds);
	return true;
}

static bool set_size(void *section, size_t offset, const char *value)
{
	long long bytes;
	if (!size_read(value, &bytes))
		return false;
	*(uint64_t *)(void *)((char *)section + offset) = (uint64_t)bytes;
	return true;
}

static bool set_sessions(void *section, size_t offset, const char *value)
{
	uint16_t number;
	if (!parse_port(value, &number) || number > SESSIONS_MAX)
		return false;
	*(unsigned *)(void *)((char *)section + offset) = number;
	return true;
}

static bool set_requests(void *section, size_t offset, const char *value)
{
	uint16_t number = 0;
	if (strcmp(value, "0") && !parse_port(value, &number))
		return false;
	*(unsigned *)(void *)((char *)section + offset) = number;
	return true;
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
	{"daemon", "kernel_target", "auto", false, set_kernel_target, MEMBER(config, kernel_target),
		"auto, yes or no",
		"Whether drives can be shown to this machine through the kernel target (LIO), "
		"which\n"
		"needs root and the module target_core_user. auto: when it is there."},
	{"web", "socket", "carousel.sock", false, set_path_in_directory, MEMBER(config, socket),
		"a path",
		"The unix socket of the API. Without a leading /, it is below runtime_dir."},
	{"web", "socket_group", SOCKET_GROUP_DEFAULT, false, set_text, MEMBER(config, socket_group),
		"the name of a group",
		"The group that may use the socket besides root and the user of carouseld."},
	{"web", "listen", "127.0.0.1:7480", false, set_listen, MEMBER(config, listen_host),
		"ADDRESS:PORT or [ADDRESS]:PORT with a numeric address, or nothing",
		"ADDRESS:PORT of the API over TCP, for who has a token. Beyond this machine only "
		"with\n"
		"tls_certificate and tls_key. Empty: none."},
	{"web", "token_file", "token", false, set_path_in_directory, MEMBER(config, token_file),
		"a path",
		"Holds the bearer token for TCP; made at the first start. Without a leading /, it\n"
		"is below state_dir."},
	{"web", "tls_certificate", "", false, set_optional_path, MEMBER(config, tls_certificate),
		"an absolute path, or nothing",
		"The certificate of the API over TCP, and those that vouch for it behind it, in "
		"PEM; "
		"the\n"
		"API speaks https then. Read again on reload, and when it has changed. Empty: "
		"http."},
	{"web", "tls_key", "", false, set_optional_path, MEMBER(config, tls_key),
		"an absolute path, or nothing", "Its private key, in PEM."},
	{"web", "allow_unencrypted", "no", false, set_switch, MEMBER(config, allow_unencrypted),
		"yes or no",
		"yes: listen may be any address without TLS. Whoever sees the traffic has the "
		"tokens."},
	{"web", "hosts", "", true, add_hosts, MEMBER(config, hosts),
		"names of hosts, without ports",
		"Names by which clients call this daemon, besides its addresses and localhost. "
		"Requests\n"
		"for others are refused, lest web pages reach it by a name of their own."},
	{"web", "connections", "256", false, set_sessions, MEMBER(config, connections),
		"a number from 1 to 4096", "How many connections over TCP there may be at a time."},
	{"web", "connections_per_address", "64", false, set_sessions,
		MEMBER(config, connections_per_address), "a number from 1 to 4096",
		"And how many of them from one address."},
	{"web", "requests_per_second", "200", false, set_requests,
		MEMBER(config, requests_per_second), "a number from 0 to 65535",
		"How often one token, or an address without one, may ask over TCP; twice as many "
		"at\n"
		"once. 0: as often as it likes."},
	{"media", "pools", "/var/lib/carousel/media", true, set_pools, 0,
		"absolute paths of directories, separated by :",
		"Directories from which images may be added, with all that is below them,\n"
		"separated by : or on several lines."},
	{"media", "pool_watch", "yes", false, set_switch, MEMBER(config, pool_watch), "yes or no",
		"yes: what comes, goes or changes in the pools is noticed within seconds. It "
		"cannot\n"
		"be on network file systems; there pool_rescan finds it."},
	{"media", "pool_rescan", "1h", false, set_span, MEMBER(config, pool_rescan_s),
		"0, or a number of seconds, minutes, hours or days: 90s, 30m, 1h, 7d",
		"How often all pools are looked through besides, and once after the start: 90s, "
		"30m,\n"
		"1h or 7d. 0: never."},
	{"media", "pool_auto_import", "yes", false, set_switch, MEMBER(config, pool_auto_import),
		"yes or no",
		"yes: new images in the pools are added to the library by themselves. no: only "
		"media\n"
		"that are known are followed."},
	{"media", "upload_limit", "0", false, set_size, MEMBER(config, upload_limit),
		"a size: bytes, or a number with kB, MB, GB or TB (KiB, MiB …), or 0",
		"The largest image that may be sent over the API: 60GB, 128GiB. 0: any that fits."},
	{"media", "pool_reserve", "0", false, set_size, MEMBER(config, pool_reserve),
		"a size: bytes, or a number with kB, MB, GB or TB (KiB, MiB …), or 0",
		"What uploads leave free in the file system of their pool: 10GB. 0: nothing."},
	{"media", "tape_dir", "tapes", false, set_path_in_directory, MEMBER(config, tape_dir),
		"a path",
		"Where new tapes are made; tapes may be added from there too. Without a leading /, "
		"it\n"
		"is below state_dir."},
	{"portal", "listen", "127.0.0.1:3260", true, add_portal_listen, 0,
		"ADDRESS:PORT or [ADDRESS]:PORT with a numeric address",
		"ADDRESS:PORT of the iSCSI portal, on several lines for several. Empty: no "
		"portal.\n"
		"Beyond this machine only exports with rules or CHAP let anybody in."},
	{"portal", "name_prefix", "", false, set_prefix, MEMBER(config, portal_prefix),
		"an iSCSI name (iqn.YYYY-MM.REVERSED.DOMAIN) of at most 150 bytes",
		"What the iSCSI names of exports begin with that are not given one; a colon and "
		"the\n"
		"name of the export follow. Empty: iqn.2026-01.local.HOST, after this machine."},
	{"portal", "allow_open", "no", false, set_switch, MEMBER(config, portal_allow_open),
		"yes or no",
		"yes: exports that say open = yes let in whoever can reach the portal."},
	{"portal", "sessions", "256", false, set_sessions, MEMBER(config, portal_sessions),
		"a number from 1 to 4096", "How many initiators may be logged in at a time."},
	{"kernel", "listen", "127.0.0.1:3261", true, add_kernel_listen, 0,
		"ADDRESS:PORT or [ADDRESS]:PORT with a numeric address",
		"ADDRESS:PORT of exports that the kernel's own iSCSI target shows, on several "
		"lines\n"
		"for several; others than those of the portal. Empty: no such exports."},
	{"drive", "personality", "dvd-rom", false, set_personality,
		MEMBER(config_drive, personality), "cd-rom, dvd-rom, bd-rom or lto-8",
		"What kind of drive it is: cd-rom, dvd-rom, bd-rom or lto-8."},
	{"drive", "export", "auto", false, set_shown, MEMBER(config_drive, shown),
		"auto, loopback or none",
		"loopback: it is a drive of this machine. none: it is not. auto: it is one where\n"
		"there is the kernel target. Exports of the portal show it in any case."},
	{"drive", "medium", "", false, set_text, MEMBER(config_drive, medium),
		"the id or the path of a medium",
		"What lies in the drive when it is new: the id of a medium, or the path of an "
		"image."},
	{"export", "luns", "", true, add_words, MEMBER(config_export, luns), "drives, or LUN:DRIVE",
		"The drives that it shows: dvd0 dvd1 become LUN 0 and 1, or say 5:dvd0."},
	{"export", "transport", "portal", false, set_transport, MEMBER(config_export, transport),
		"portal or kernel",
		"portal: the built-in iSCSI portal shows it. kernel: the kernel's own iSCSI "
		"target\n"
		"does; then initiators are whole names, and there are no networks."},
	{"export", "target", "", false, set_target, MEMBER(config_export, target),
		"an iSCSI name (iqn.YYYY-MM.REVERSED.DOMAIN:NAME)",
		"Its iSCSI name. Empty: made of name_prefix and its name."},
	{"export", "initiators", "", true, add_initiators, MEMBER(config_export, initiators),
		"iSCSI names, where * stands for any characters",
		"Names of initiators that may log in, where * stands for any characters. Empty: "
		"all."},
	{"export", "networks", "", true, add_networks, MEMBER(config_export, networks),
		"addresses, or ADDRESS/BITS with zeros behind the prefix",
		"Addresses that they may come from: 192.0.2.7 or 10.0.0.0/8 or fd00::/8. Empty: "
		"all."},
	{"export", "chap_user", "", false, set_text, MEMBER(config_export, chap_user), "a name",
		"The user that initiators log in as with CHAP. Empty: no CHAP."},
	{"export", "chap_secret_file", "", false, set_text, MEMBER(config_export, chap_secret_file),
		"a path",
		"Holds the secret of that user, 12 to 255 bytes. Without a leading /, it is below\n"
		"state_dir."},
	{"export", "mutual_user", "", false, set_text, MEMBER(config_export, mutual_user), "a name",
		"The user that the target proves itself as to initiators. Empty: not at all."},
	{"export", "mutual_secret_file", "", false, set_text,
		MEMBER(config_export, mutual_secret_file), "a path",
		"Holds the secret of that user, another one."},
	{"export", "open", "no", false, set_switch, MEMBER(config_export, open), "yes or no",
		"yes: whoever can reach the portal may log in, if allow_open says so too."},
};

const struct config_key *config_key_find(const char *section, const char *name)
{
	for (unsigned i = 0; i < CONFIG_KEYS; i++)
		if (strcmp(config_keys[i].section, section) == 0 &&
			strcmp(config_keys[i].name, name) == 0)
			return &config_keys[i];
	return NULL;
}
