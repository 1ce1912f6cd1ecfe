/* SPDX-License-Identifier: Apache-2.0 */
/* Who has the ports that the daemon wants, from /proc/net/tcp and the descriptors of processes. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "doctor.h"

enum { LISTENS = 0x0a };

struct listener {
	struct in6_addr address; /* IPv4 as ::ffff:a.b.c.d */
	unsigned port;
	unsigned long inode;
	unsigned uid;
};

/* ---- addresses ----------------------------------------------------------------------------------
 */

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static void map(struct in6_addr *ret, const void *four)
{
	memcpy(ret->s6_addr, mapped, sizeof mapped);
	memcpy(ret->s6_addr + sizeof mapped, four, 4);
}

/* Every address, of IPv4 or, as Linux listens, of both. */
static bool is_any(const struct in6_addr *address)
{
	static const unsigned char none[4];
	return IN6_IS_ADDR_UNSPECIFIED(address) ||
	       (IN6_IS_ADDR_V4MAPPED(address) && !memcmp(address->s6_addr + 12, none, 4));
}

static bool collide(const struct in6_addr *a, const struct in6_addr *b)
{
	return is_any(a) || is_any(b) || !memcmp(a, b, sizeof *a);
}

/* "127.0.0.1:3260", "[::1]:3260". */
static bool parse_address(const char *text, struct listener *ret)
{
	char host[64];
	struct in_addr four;
	const char *colon = strrchr(text, ':');
	bool bracketed = *text == '[';
	if (!colon || colon - text < 1 + 2 * bracketed)
		return false;
	snprintf(host, sizeof host, "%.*s", (int)(colon - text - 2 * bracketed), text + bracketed);
	*ret = (struct listener){.port = (unsigned)strtoul(colon + 1, NULL, 10)};
	if (inet_pton(AF_INET, host, &four) == 1)
		map(&ret->address, &four);
	else if (inet_pton(AF_INET6, host, &ret->address) != 1)
		return false;
	return true;
}

/* Words of eight hexadecimal digits, each the number that it is in this machine's memory. */
static bool parse_table_address(const char *text, struct in6_addr *ret)
{
	uint32_t words[4];
	size_t count = strlen(text) / 8;
	if (strlen(text) % 8 || (count != 1 && count != 4))
		return false;
	for (size_t i = 0; i < count; i++) {
		char word[9] = "";
		memcpy(word, text + 8 * i, 8);
		words[i] = (uint32_t)strtoul(word, NULL, 16);
	}
	if (count == 1)
		map(ret, words);
	else
		memcpy(ret, words, sizeof words);
	return true;
}

/* ---- listeners ----------------------------------------------------------------------------------
 */

static bool parse_line(const char *line, struct listener *ret)
{
	char address[33];
	unsigned state;
	return sscanf(line,
		       " %*[0-9]: %32[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %u %*s %lu",
		       address, &ret->port, &state, &ret->uid, &ret->inode) == 5 &&
	       state == LISTENS && parse_table_address(address, &ret->address);
}

static bool find_in(const struct machine *machine, const char *table, const struct listener *wanted,
	struct listener *ret)
{
	char path[MACHINE_PATH_MAX], line[512];
	_cleanup_file_ FILE *file = fopen(machine_path(path, machine, "/proc/net/%s", table), "re");
	while (file && fgets(line, sizeof line, file))
		if (parse_line(line, ret) && ret->port == wanted->port &&
			collide(&ret->address, &wanted->address))
			return true;
	return false;
}

static bool find(const struct machine *machine, const struct listener *wanted, struct listener *ret)
{
	return find_in(machine, "tcp", wanted, ret) || find_in(machine, "tcp6", wanted, ret);
}

static bool daemon_uid(const struct machine *machine, unsigned *ret)
{
	char path[MACHINE_PATH_MAX];
	struct stat st;
	if (stat(machine_path(path, machine, "/proc/%ld", machine->daemon), &st) < 0)
		return false;
	*ret = st.st_uid;
	return true;
}

/* ---- telling ------------------------------------------------------------------------------------
 */

static void tell_owner(const struct machine *machine, const struct settings_port *port,
	unsigned number, long owner)
{
	char name[64], unit[128];
	struct findings *findings = machine->findings;
	machine_process_name(machine, owner, name, sizeof name);
	machine_unit(machine, owner, unit, sizeof unit);
	found(findings, DOCTOR_PROBLEM, port->section,
		"Stop it, or set another listen in that section of the configuration.",
		"%s, where [%s] listens, is taken by %s, process %ld", port->address, port->section,
		*name ? name : "another program", owner);
	if (*unit)
		mend(findings, "systemctl disable --now %s", unit);
	else
		mend(findings, "ss -ltnp 'sport = :%u'", number);
}

/* Sockets that no process has: the kernel's own iSCSI target. */
static void tell_kernel(
	const struct machine *machine, const struct settings_port *port, unsigned number)
{
	if (!strcmp(port->section, "kernel")) {
		found(machine->findings, DOCTOR_FINE, port->section, NULL,
			"the kernel listens at %s", port->address);
		return;
	}
	found(machine->findings, DOCTOR_PROBLEM, port->section,
		"Take that portal away with targetcli, or set another listen in that section of "
		"the configuration.",
		"%s, where [%s] listens, is taken by the kernel's own iSCSI target", port->address,
		port->section);
	mend(machine->findings, "ls -d /sys/kernel/config/target/iscsi/*/tpgt_*/np/*:%u", number);
}

static void tell_unknown(const struct machine *machine, const struct settings_port *port,
	const struct listener *listener)
{
	unsigned uid;
	char what[160];
	bool same = machine->daemon && daemon_uid(machine, &uid) && uid == listener->uid;
	if (same || machine->daemon_is_kept || !strcmp(port->section, "kernel")) {
		snprintf(what, sizeof what, "who listens at %s", port->address);
		not_looked_at(machine->findings, port->section, what);
		return;
	}
	found(machine->findings, DOCTOR_PROBLEM, port->section,
		"Stop it, or set another listen in that section of the configuration.",
		"%s, where [%s] listens, is taken by a process of user %u; only root sees which",
		port->address, port->section, listener->uid);
	mend(machine->findings, "sudo ss -ltnp 'sport = :%u'", listener->port);
}

static void tell_nobody(const struct machine *machine, const struct settings_port *port)
{
	if (!machine->daemon || !strcmp(port->section, "kernel"))
		return;
	found(machine->findings, DOCTOR_WARNING, port->section, NULL,
		"nobody listens at %s, which the configuration says: it was changed since "
		"carouseld started",
		port->address);
	mend(machine->findings, "systemctl restart carouseld");
}

static void look_at_port(const struct machine *machine, const struct settings_port *port)
{
	struct listener wanted, listener;
	char socket[64];
	if (!parse_address(port->address, &wanted))
		return;
	if (!find(machine, &wanted, &listener)) {
		tell_nobody(machine, port);
		return;
	}
	snprintf(socket, sizeof socket, "socket:[%lu]", listener.inode);
	long owner = machine_opener(machine, socket);
	if (owner && owner == machine->daemon)
		found(machine->findings, DOCTOR_FINE, port->section, NULL,
			"carouseld listens at %s", port->address);
	else if (owner)
		tell_owner(machine, port, wanted.port, owner);
	else if (machine->is_root)
		tell_kernel(machine, port, wanted.port);
	else
		tell_unknown(machine, port, &listener);
}

void doctor_ports(const struct machine *machine, const struct settings *settings)
{
	for (unsigned i = 0; i < settings->port_count; i++)
		look_at_port(machine, &settings->ports[i]);
}
