/* SPDX-License-Identifier: Apache-2.0 */
#include "attach.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "human.h"
#include "shell.h"
#include "util/cleanup.h"

enum {
	ADDRESS_MAX = 80,
	NAME_MAX_ESCAPED = 1024,
};

/* All that commands are made of, each as it stands in a shell. */
struct attach {
	bool kernel;              /* shown by the kernel's own iSCSI */
	char portal[ADDRESS_MAX]; /* "127.0.0.1:3260" */
	bool local;               /* other machines do not reach the portal */
	char target[NAME_MAX_ESCAPED];
	char url[NAME_MAX_ESCAPED];       /* of the first LUN */
	char initiator[NAME_MAX_ESCAPED]; /* a name that is let in; "": any */
	bool tape;                        /* its drive is a tape drive */
	char user[NAME_MAX_ESCAPED], own_user[NAME_MAX_ESCAPED]; /* "": no CHAP */
};

/* ---- the address --------------------------------------------------------------------------- */

static bool is_loopback(const char *address)
{
	return !strncmp(address, "127.", 4) || !strncmp(address, "[::1]:", 6);
}

static bool is_wildcard(const char *address)
{
	return !strncmp(address, "0.0.0.0:", 8) || !strncmp(address, "[::]:", 5);
}

/* Numeric, of an interface that is up; "" for what others cannot reach by an address alone. */
static void name_address(const struct ifaddrs *one, int family, char ret[INET6_ADDRSTRLEN])
{
	const struct sockaddr_in *v4 = (const void *)one->ifa_addr;
	const struct sockaddr_in6 *v6 = (const void *)one->ifa_addr;
	*ret = '\0';
	if (!one->ifa_addr || one->ifa_addr->sa_family != family || !(one->ifa_flags & IFF_UP))
		return;
	if (family == AF_INET && ntohl(v4->sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
		inet_ntop(family, &v4->sin_addr, ret, INET6_ADDRSTRLEN);
	if (family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) &&
		!IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr))
		inet_ntop(family, &v6->sin6_addr, ret, INET6_ADDRSTRLEN);
}

/* The first address of this machine that others may reach, or "". */
static void own_address(int family, char ret[INET6_ADDRSTRLEN])
{
	struct ifaddrs *all;
	*ret = '\0';
	if (getifaddrs(&all))
		return;
	for (const struct ifaddrs *one = all; one && !*ret; one = one->ifa_next)
		name_address(one, family, ret);
	freeifaddrs(all);
}

/* What "any address" means to others. */
static void name_wildcard(const char *address, char ret[ADDRESS_MAX])
{
	bool v6 = *address == '[';
	char own[INET6_ADDRSTRLEN];
	const char *port = strrchr(address, ':');
	own_address(v6 ? AF_INET6 : AF_INET, own);
	if (!*own)
		snprintf(ret, ADDRESS_MAX, "%s%.8s", v6 ? "[::1]" : "127.0.0.1", port);
	else
		snprintf(ret, ADDRESS_MAX, v6 ? "[%s]%.8s" : "%s%.8s", own, port);
}

/* One that other machines reach, or else the first. */
static const char *choose_address(const json_t *portal)
{
	size_t i;
	json_t *item;
	json_array_foreach(portal, i, item)
	{
		const char *address = json_string_value(item);
		if (address && !is_loopback(address))
			return address;
	}
	const char *first = json_string_value(json_array_get(portal, 0));
	return first ? first : "";
}

/* ---- what commands are made of ------------------------------------------------------------- */

/* Printable, and one word of a shell; "" stays "". */
static void quote(const char *text, char ret[NAME_MAX_ESCAPED])
{
	_cleanup_free_ char *clean = human_printable(text);
	*ret = '\0';
	if (clean && *clean)
		shell_quote(clean, ret, NAME_MAX_ESCAPED);
}

/* A name that the first rule lets in. */
static void example_initiator(const json_t *export, char ret[NAME_MAX_ESCAPED])
{
	const char *rule =
		json_string_value(json_array_get(json_object_get(export, "initiators"), 0));
	char name[512];
	size_t length = 0;
	*name = '\0';
	for (; rule && *rule && length + 8 < sizeof name; rule++)
		length += (size_t)snprintf(
			name + length, sizeof name - length, *rule == '*' ? "host" : "%c", *rule);
	quote(name, ret);
}

static void prepare(struct attach *attach, const json_t *export, const json_t *portal)
{
	const char *address = choose_address(portal);
	const json_t *lun = json_array_get(json_object_get(export, "luns"), 0);
	char url[NAME_MAX_ESCAPED], target[NAME_MAX_ESCAPED];
	attach->local = is_loopback(address);
	attach->kernel = !strcmp(text_of(export, "transport"), "kernel");
	if (is_wildcard(address))
		name_wildcard(address, attach->portal);
	else
		snprintf(attach->portal, sizeof attach->portal, "%s", address);
	url_part(text_of(export, "target"), target, sizeof target);
	snprintf(url, sizeof url, "iscsi://%s/%.800s/%lld", attach->portal, target,
		number_of(lun, "lun"));
	quote(url, attach->url);
	quote(text_of(export, "target"), attach->target);
	example_initiator(export, attach->initiator);
	quote(text_of(json_object_get(export, "chap"), "user"), attach->user);
	quote(text_of(json_object_get(export, "mutual_chap"), "user"), attach->own_user);
}

/* ---- commands ------------------------------------------------------------------------------ */

static void print_setting(const struct attach *attach, const char *name, const char *value)
{
	char portal[NAME_MAX_ESCAPED];
	printf("  iscsiadm -m node -T %s -p %s -o update -n node.session.auth.%s -v %s\n",
		attach->target, shell_quote(attach->portal, portal, sizeof portal), name, value);
}

static void print_open_iscsi(const struct attach *attach)
{
	char portal[NAME_MAX_ESCAPED];
	shell_quote(attach->portal, portal, sizeof portal);
	puts("\nLinux with open-iscsi, as root:");
	printf("  iscsiadm -m discovery -t sendtargets -p %s\n", portal);
	if (*attach->user) {
		print_setting(attach, "authmethod", "CHAP");
		print_setting(attach, "username", attach->user);
		print_setting(attach, "password", "SECRET");
	}
	if (*attach->own_user) {
		print_setting(attach, "username_in", attach->own_user);
		print_setting(attach, "password_in", "MUTUAL-SECRET");
	}
	printf("  iscsiadm -m node -T %s -p %s --login\n", attach->target, portal);
	if (attach->tape)
		puts("  lsscsi -g    # which /dev/st it is; /dev/nst0 does not rewind when closed");
}

/* What QEMU has to know besides the URL. */
static void print_qemu_options(const struct attach *attach)
{
	char user[NAME_MAX_ESCAPED];
	if (*attach->user)
		printf("-object secret,id=chap,file=SECRET-FILE \\\n    ");
	if (*attach->user || *attach->initiator)
		printf("-iscsi %s%s%s%s%s \\\n    ", *attach->initiator ? "initiator-name=" : "",
			attach->initiator, *attach->user && *attach->initiator ? "," : "",
			*attach->user ? "password-secret=chap,user=" : "",
			qemu_value(attach->user, user, sizeof user));
}

/* The guest's own driver talks to our drive: QEMU has no tape drive. */
static void print_qemu_tape(const struct attach *attach)
{
	puts("\nQEMU, with our drive passed through:");
	printf("  qemu-system-x86_64 ");
	print_qemu_options(attach);
	printf("-drive file=%s,format=raw,if=none,id=tape \\\n"
	       "    -device virtio-scsi-pci -device scsi-generic,drive=tape\n",
		attach->url);
}

static void print_qemu(const struct attach *attach)
{
	puts("\nQEMU, with a CD drive of its own:");
	printf("  qemu-system-x86_64 ");
	print_qemu_options(attach);
	printf("-drive file=%s,format=raw,media=cdrom\n", attach->url);
	puts("\nQEMU, with our drive passed through (the guest notices when discs are changed):");
	printf("  qemu-system-x86_64 ");
	print_qemu_options(attach);
	printf("-drive file=%s,format=raw,if=none,id=disc \\\n"
	       "    -device virtio-scsi-pci -device scsi-block,drive=disc\n",
		attach->url);
}

/* Discovery is without CHAP, which libiscsi refuses when it is told to have the target prove
 * itself. */
static void print_libiscsi(const struct attach *attach)
{
	const char *option = *attach->initiator ? " -i " : "";
	char portal[NAME_MAX_ESCAPED], url[ADDRESS_MAX + 16];
	snprintf(url, sizeof url, "iscsi://%s", attach->portal);
	puts("\nlibiscsi:");
	printf("  iscsi-ls%s%s %s\n", option, attach->initiator,
		shell_quote(url, portal, sizeof portal));
	if (*attach->user)
		printf("  export LIBISCSI_CHAP_USERNAME=%s LIBISCSI_CHAP_PASSWORD=\"$(cat "
		       "SECRET-FILE)\"\n",
			attach->user);
	if (*attach->own_user)
		printf("  export LIBISCSI_CHAP_TARGET_USERNAME=%s "
		       "LIBISCSI_CHAP_TARGET_PASSWORD=\"$(cat MUTUAL-SECRET-FILE)\"\n",
			attach->own_user);
	printf("  iscsi-inq%s%s %s\n", option, attach->initiator, attach->url);
}

static void print_notes(const struct attach *attach, const json_t *export)
{
	const json_t *initiators = json_object_get(export, "initiators");
	if (json_array_size(initiators)) {
		_cleanup_free_ char *first =
			human_printable(json_string_value(json_array_get(initiators, 0))
						? json_string_value(json_array_get(initiators, 0))
						: "");
		printf("\nThe initiator's name has to match %s%s; that of open-iscsi is in "
		       "/etc/iscsi/initiatorname.iscsi.\n",
			first ? first : "",
			json_array_size(initiators) > 1 ? " or another of the list" : "");
	}
	if (*attach->user)
		puts("\nNo newline may be at the end of QEMU's SECRET-FILE.");
	if (attach->local)
		printf("\n%s listens on this machine only: see [%s] in carousel.conf(5).\n",
			attach->kernel ? "The kernel's target" : "The portal",
			attach->kernel ? "kernel" : "portal");
}

void attach_print(const json_t *export, const json_t *portal, bool tape)
{
	struct attach attach = {.tape = tape};
	if (!json_array_size(portal)) {
		printf("\nNobody can log in: %s, see carousel.conf(5).\n",
			strcmp(text_of(export, "transport"), "kernel") == 0
				? "the kernel cannot show exports"
				: "the daemon has no portal");
		return;
	}
	if (!json_array_size(json_object_get(export, "luns"))) {
		puts("\nIt shows no drive yet: carousel export set EXPORT --add-lun DRIVE");
		return;
	}
	prepare(&attach, export, portal);
	print_open_iscsi(&attach);
	if (tape)
		print_qemu_tape(&attach);
	else
		print_qemu(&attach);
	print_libiscsi(&attach);
	print_notes(&attach, export);
}
