/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence: volume and application identifiers are those of the projects' published discs as
 * osinfo-db 20221130 records them (os/VENDOR/ *.xml), their versions made a group; .disk/info,
 * .treeinfo and file names are as debian-cd, Ubuntu's live-build, pungi and the projects' download
 * pages write them.
 */
#include "os_rules.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "os_family.h"
#include "os_words.h"
#include "text.h"

/* A version. Groups that begin with a digit are it; a second one follows behind a dot. */
#define V "([0-9.]*[0-9])"

enum { GROUPS = 6 };

struct rule {
	enum os_text kind;
	enum os_family family;
	const char *pattern; /* extended; the case of letters is not looked at */
	const char *variant; /* NULL: what the words of the text say */
	const char *version; /* NULL: from the text */
};

static const struct rule rules[] = {
	{OS_TEXT_DISK_INFO, OS_DEBIAN, "^(Official )?Debian GNU/Linux (Live )?" V},
	{OS_TEXT_DISK_INFO, OS_DEBIAN, "^(Official )?Debian GNU/Linux (Live )?testing", NULL,
		"testing"},
	{OS_TEXT_DISK_INFO, OS_UBUNTU, "^Ubuntu-Server " V, "server"},
	{OS_TEXT_DISK_INFO, OS_UBUNTU_DESKTOP, "^Ubuntu(-[a-z]+)* " V, "desktop"},
	{OS_TEXT_DISK_INFO, OS_KUBUNTU, "^Kubuntu " V, "desktop"},
	{OS_TEXT_DISK_INFO, OS_LUBUNTU, "^Lubuntu " V, "desktop"},
	{OS_TEXT_DISK_INFO, OS_XUBUNTU, "^Xubuntu " V, "desktop"},
	{OS_TEXT_DISK_INFO, OS_MINT, "^Linux Mint " V, "desktop"},
	{OS_TEXT_DISK_INFO, OS_LMDE, "^LMDE " V, "desktop"},
	{OS_TEXT_DISK_INFO, OS_KALI, "^Kali (GNU/)?Linux " V},
	{OS_TEXT_DISK_INFO, OS_POP, "^Pop.OS " V, "desktop"},
	{OS_TEXT_DISK_INFO, OS_ELEMENTARY, "^elementary OS " V, "desktop"},
	{OS_TEXT_DISK_INFO, OS_ZORIN, "^Zorin OS " V, "desktop"},

	{OS_TEXT_RELEASE, OS_FEDORA, "^Fedora( Linux)? " V},
	{OS_TEXT_RELEASE, OS_RHEL, "^Red Hat Enterprise Linux[^0-9]* " V},
	{OS_TEXT_RELEASE, OS_CENTOS_STREAM, "^CentOS Stream " V},
	{OS_TEXT_RELEASE, OS_CENTOS, "^CentOS( Linux)? " V},
	{OS_TEXT_RELEASE, OS_ALMA, "^AlmaLinux " V},
	{OS_TEXT_RELEASE, OS_ROCKY, "^Rocky Linux " V},
	{OS_TEXT_RELEASE, OS_ORACLE, "^Oracle Linux[^0-9]* " V},

	{OS_TEXT_VOLUME_ID, OS_DEBIAN, "^Debian " V " [a-z0-9-]+ n$", "netinst"},
	{OS_TEXT_VOLUME_ID, OS_DEBIAN, "^Debian " V " [a-z0-9-]+ [0-9]+$", "dvd"},
	{OS_TEXT_VOLUME_ID, OS_DEBIAN, "^Debian testing [a-z0-9-]+ n$", "netinst", "testing"},
	{OS_TEXT_VOLUME_ID, OS_DEBIAN, "^Debian testing ", NULL, "testing"},
	{OS_TEXT_VOLUME_ID, OS_DEBIAN, "^d-live " V " ", "live"},
	{OS_TEXT_VOLUME_ID, OS_UBUNTU, "^Ubuntu-Server " V " ", "server"},
	{OS_TEXT_VOLUME_ID, OS_UBUNTU_DESKTOP, "^Ubuntu(-[a-z]+)* " V " ", "desktop"},
	{OS_TEXT_VOLUME_ID, OS_KUBUNTU, "^Kubuntu " V " ", "desktop"},
	{OS_TEXT_VOLUME_ID, OS_LUBUNTU, "^Lubuntu " V " ", "desktop"},
	{OS_TEXT_VOLUME_ID, OS_XUBUNTU, "^Xubuntu " V " ", "desktop"},
	{OS_TEXT_VOLUME_ID, OS_MINT, "^Linux Mint " V " ", "desktop"},
	{OS_TEXT_VOLUME_ID, OS_LMDE, "^LMDE " V " ", "desktop"},
	{OS_TEXT_VOLUME_ID, OS_KALI, "^Kali (Linux|Live)"},
	{OS_TEXT_VOLUME_ID, OS_POP, "^Pop_OS " V " ", "desktop"},
	{OS_TEXT_VOLUME_ID, OS_ELEMENTARY, "^elementary OS " V, "desktop"},
	{OS_TEXT_VOLUME_ID, OS_ZORIN, "^Zorin OS " V, "desktop"},
	{OS_TEXT_VOLUME_ID, OS_FEDORA, "^Fedora-S-dvd-[a-z0-9_]+-([0-9]+)", "server"},
	{OS_TEXT_VOLUME_ID, OS_FEDORA, "^Fedora-E-dvd-[a-z0-9_]+-([0-9]+)", "netinst"},
	{OS_TEXT_VOLUME_ID, OS_FEDORA, "^Fedora-[a-z_]+-Live-([0-9]+)"},
	{OS_TEXT_VOLUME_ID, OS_FEDORA, "^Fedora-[a-z_]+-(dvd|ostree)-[a-z0-9_]+-([0-9]+)"},
	{OS_TEXT_VOLUME_ID, OS_RHEL, "^RHEL[-_]([0-9]+)[-_.]([0-9]+)"},
	{OS_TEXT_VOLUME_ID, OS_CENTOS_STREAM, "^CentOS-Stream-([0-9]+)"},
	{OS_TEXT_VOLUME_ID, OS_CENTOS, "^CentOS-([0-9]+)-([0-9]+)"},
	{OS_TEXT_VOLUME_ID, OS_CENTOS, "^CentOS " V " "},
	{OS_TEXT_VOLUME_ID, OS_ALMA, "^AlmaLinux-([0-9]+)-([0-9]+)"},
	{OS_TEXT_VOLUME_ID, OS_ROCKY, "^Rocky-([0-9]+)-([0-9]+)"},
	{OS_TEXT_VOLUME_ID, OS_ORACLE, "^OL-([0-9]+)[-.]([0-9]+)"},
	{OS_TEXT_VOLUME_ID, OS_OPENSUSE, "^openSUSE-Leap-([0-9]+[.][0-9]+)"},
	{OS_TEXT_VOLUME_ID, OS_TUMBLEWEED, "^openSUSE-Tumbleweed"},
	{OS_TEXT_VOLUME_ID, OS_SLE, "^SLE-([0-9]+)-SP([0-9]+)"},
	{OS_TEXT_VOLUME_ID, OS_SLE, "^SLE-([0-9]+)-"},
	{OS_TEXT_VOLUME_ID, OS_ARCH, "^ARCH_([0-9]{4})([0-9]{2})$"},
	{OS_TEXT_VOLUME_ID, OS_MANJARO, "^MANJARO_[a-z]+_", "desktop"},
	{OS_TEXT_VOLUME_ID, OS_ENDEAVOUR, "^EOS_([0-9]{4})([0-9]{2})$"},
	{OS_TEXT_VOLUME_ID, OS_ALPINE, "^alpine-[a-z]+ " V " "},
	{OS_TEXT_VOLUME_ID, OS_GENTOO, "^Gentoo[ -]"},
	{OS_TEXT_VOLUME_ID, OS_NIXOS, "^nixos-([a-z0-9]+-)?([0-9]{2}[.][0-9]{2})"},
	{OS_TEXT_VOLUME_ID, OS_VOID, "^VOID_LIVE$"},
	{OS_TEXT_VOLUME_ID, OS_MAGEIA, "^Mageia-([0-9]+)"},
	{OS_TEXT_VOLUME_ID, OS_FREEBSD, "^([0-9]+)_([0-9]+)_(RELEASE|BETA|RC)[0-9P_]*_[A-Z0-9]+_"},
	{OS_TEXT_VOLUME_ID, OS_OPENBSD, "^OpenBSD/[a-z0-9]+ +" V " "},
	{OS_TEXT_VOLUME_ID, OS_NETBSD, "^NETBSD_([0-9]+)([0-9])$"},
	{OS_TEXT_VOLUME_ID, OS_ESXI, "^ESXI-([0-9]+[.][0-9]+)U([0-9]+)"},
	{OS_TEXT_VOLUME_ID, OS_ESXI, "^ESXI-([0-9]+[.][0-9]+)"},
	{OS_TEXT_VOLUME_ID, OS_XCP, "^XCP-ng " V},
	{OS_TEXT_VOLUME_ID, OS_PROXMOX, "^PVE$"},
	{OS_TEXT_VOLUME_ID, OS_SYSTEM_RESCUE, "^RESCUE([0-9]{1,2})([0-9]{2})$"},
	{OS_TEXT_VOLUME_ID, OS_TAILS, "^TAILS " V},
	{OS_TEXT_VOLUME_ID, OS_GPARTED, "^GParted-live"},
	{OS_TEXT_VOLUME_ID, OS_WINDOWS, "^(J_)?(CCSN?A|C?CCOMA|CPBA)_(X64|X86|A64)", "desktop"},
	{OS_TEXT_VOLUME_ID, OS_WINDOWS_SERVER, "^(SSS|SESS|SHV)_X64", "server"},

	{OS_TEXT_APPLICATION, OS_ARCH, "^ARCH LINUX LIVE/RESCUE (CD|DVD)"},
	{OS_TEXT_APPLICATION, OS_SLACKWARE, "^Slackware[0-9]* " V " DVD", "dvd"},

	{OS_TEXT_FILE_NAME, OS_DEBIAN, "^debian-(live-)?" V "-"},
	{OS_TEXT_FILE_NAME, OS_UBUNTU, "^ubuntu-" V "-(live-)?server", "server"},
	{OS_TEXT_FILE_NAME, OS_UBUNTU_DESKTOP, "^ubuntu-([a-z]+-)*" V "-", "desktop"},
	{OS_TEXT_FILE_NAME, OS_KUBUNTU, "^kubuntu-" V "-", "desktop"},
	{OS_TEXT_FILE_NAME, OS_LUBUNTU, "^lubuntu-" V "-", "desktop"},
	{OS_TEXT_FILE_NAME, OS_XUBUNTU, "^xubuntu-" V "-", "desktop"},
	{OS_TEXT_FILE_NAME, OS_MINT, "^linuxmint-" V "-", "desktop"},
	{OS_TEXT_FILE_NAME, OS_LMDE, "^lmde-" V "-", "desktop"},
	{OS_TEXT_FILE_NAME, OS_KALI, "^kali-linux-" V "-"},
	{OS_TEXT_FILE_NAME, OS_POP, "^pop-os_" V "_", "desktop"},
	{OS_TEXT_FILE_NAME, OS_ELEMENTARY, "^elementaryos-" V "-", "desktop"},
	{OS_TEXT_FILE_NAME, OS_ZORIN, "^zorin-os-" V "-", "desktop"},
	{OS_TEXT_FILE_NAME, OS_FEDORA,
		"^Fedora-[a-z-]+-((x86_64|aarch64|ppc64le|s390x)-)?([0-9]{2,3})-[0-9]"},
	{OS_TEXT_FILE_NAME, OS_RHEL, "^rhel-([0-9]+[.][0-9]+)-"},
	{OS_TEXT_FILE_NAME, OS_CENTOS_STREAM, "^CentOS-Stream-([0-9]+)-"},
	{OS_TEXT_FILE_NAME, OS_CENTOS, "^CentOS-" V "-"},
	{OS_TEXT_FILE_NAME, OS_ALMA, "^AlmaLinux-" V "-"},
	{OS_TEXT_FILE_NAME, OS_ROCKY, "^Rocky-" V "-"},
	{OS_TEXT_FILE_NAME, OS_ORACLE, "^OracleLinux-R([0-9]+)-U([0-9]+)-"},
	{OS_TEXT_FILE_NAME, OS_OPENSUSE, "^openSUSE-Leap-([0-9]+[.][0-9]+)-"},
	{OS_TEXT_FILE_NAME, OS_TUMBLEWEED, "^openSUSE-Tumbleweed-"},
	{OS_TEXT_FILE_NAME, OS_SLE, "^SLE-([0-9]+)-SP([0-9]+)-"},
	{OS_TEXT_FILE_NAME, OS_ARCH, "^archlinux-" V "-"},
	{OS_TEXT_FILE_NAME, OS_MANJARO, "^manjaro-[a-z]+-" V "-", "desktop"},
	{OS_TEXT_FILE_NAME, OS_ENDEAVOUR, "^EndeavourOS[_-]"},
	{OS_TEXT_FILE_NAME, OS_ALPINE, "^alpine-[a-z]+-" V "-"},
	{OS_TEXT_FILE_NAME, OS_GENTOO,
		"^(install|livegui)-[a-z0-9]+-(minimal-)?[0-9]{8}T[0-9]{6}Z"},
	{OS_TEXT_FILE_NAME, OS_NIXOS, "^nixos-([a-z0-9]+-)?([0-9]{2}[.][0-9]{2})"},
	{OS_TEXT_FILE_NAME, OS_VOID, "^void-live-"},
	{OS_TEXT_FILE_NAME, OS_MAGEIA, "^Mageia-([0-9]+)-"},
	{OS_TEXT_FILE_NAME, OS_SLACKWARE, "^slackware(64)?-" V "-install-dvd", "dvd"},
	{OS_TEXT_FILE_NAME, OS_FREEBSD, "^FreeBSD-" V "-"},
	{OS_TEXT_FILE_NAME, OS_NETBSD, "^NetBSD-" V "-"},
	{OS_TEXT_FILE_NAME, OS_OPENBSD, "^install([0-9])([0-9])[.]iso$"},
	{OS_TEXT_FILE_NAME, OS_ESXI, "^VMware-VMvisor-Installer-([0-9]+[.][0-9]+)"},
	{OS_TEXT_FILE_NAME, OS_XCP, "^xcp-ng-" V},
	{OS_TEXT_FILE_NAME, OS_PROXMOX, "^proxmox-ve_([0-9]+[.][0-9]+)-"},
	{OS_TEXT_FILE_NAME, OS_SYSTEM_RESCUE, "^systemrescue-" V "-"},
	{OS_TEXT_FILE_NAME, OS_TAILS, "^tails-[a-z0-9]+-" V},
	{OS_TEXT_FILE_NAME, OS_CLONEZILLA, "^clonezilla-live-" V},
	{OS_TEXT_FILE_NAME, OS_GPARTED, "^gparted-live-" V},
	{OS_TEXT_FILE_NAME, OS_WINDOWS_SERVER, "^Windows?[-_ ]?Server[-_ ]?(20[0-9]{2})", "server"},
	{OS_TEXT_FILE_NAME, OS_WINDOWS, "^Win(dows)?[-_ ]?(7|8|8[.]1|10|11)[-_ .]", "desktop"},
};

/* The groups that begin with a digit: at most two, a dot between them. */
static void take_version(
	const char *text, const regmatch_t groups[GROUPS], char *ret, size_t capacity)
{
	unsigned taken = 0;
	size_t at = 0;
	ret[0] = 0;
	for (unsigned i = 1; i < GROUPS && taken < 2; i++) {
		if (groups[i].rm_so < 0 || text[groups[i].rm_so] < '0' ||
			text[groups[i].rm_so] > '9' || at >= capacity)
			continue;
		at += (size_t)snprintf(ret + at, capacity - at, "%s%.*s", taken++ ? "." : "",
			(int)(groups[i].rm_eo - groups[i].rm_so), text + groups[i].rm_so);
	}
}

static bool fits(const struct rule *rule, const char *text, regmatch_t groups[GROUPS])
{
	regex_t regex;
	if (regcomp(&regex, rule->pattern, REG_EXTENDED | REG_ICASE) != 0)
		return false;
	bool result = regexec(&regex, text, GROUPS, groups, 0) == 0;
	regfree(&regex);
	return result;
}

static void apply(const struct rule *rule, const char *text, const regmatch_t groups[GROUPS],
	struct os_details *ret)
{
	char version[sizeof ret->version];
	take_version(text, groups, version, sizeof version);
	os_family_apply(rule->family, rule->version ? rule->version : version, ret);
	if (rule->variant)
		text_copy(ret->variant, sizeof ret->variant, rule->variant);
	os_scan_words(text, ret);
}

bool os_rules_apply(enum os_text kind, const char *text, struct os_details *ret)
{
	regmatch_t groups[GROUPS];
	for (size_t i = 0; text[0] && i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].kind == kind && fits(&rules[i], text, groups)) {
			apply(&rules[i], text, groups, ret);
			return true;
		}
	return false;
}
