/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "inspect/details.h"

/*
 * X(symbol, id, name, parts of the version that belong to both, what it does from a disc). Ids are
 * those of osinfo-db where it has one; releases of the Enterprise Linux family are known by their
 * first number, for their updates are one system.
 */
#define OS_FAMILIES(X)                                                                             \
	X(ALMA, "almalinux", "AlmaLinux", 1, INSTALLS)                                             \
	X(ALPINE, "alpinelinux", "Alpine Linux", 2, INSTALLS | IS_LIVE)                            \
	X(ARCH, "archlinux", "Arch Linux", 0, IS_LIVE)                                             \
	X(CENTOS, "centos", "CentOS", 1, INSTALLS)                                                 \
	X(CENTOS_STREAM, "centos-stream", "CentOS Stream", 1, INSTALLS)                            \
	X(CLONEZILLA, "clonezilla", "Clonezilla live", 0, IS_LIVE)                                 \
	X(DEBIAN, "debian", "Debian", 1, INSTALLS)                                                 \
	X(ELEMENTARY, "elementary", "elementary OS", 2, INSTALLS | IS_LIVE)                        \
	X(ENDEAVOUR, "endeavouros", "EndeavourOS", 0, INSTALLS | IS_LIVE)                          \
	X(ESXI, "esxi", "VMware ESXi", 2, INSTALLS)                                                \
	X(FEDORA, "fedora", "Fedora", 1, INSTALLS)                                                 \
	X(FREEBSD, "freebsd", "FreeBSD", 2, INSTALLS)                                              \
	X(GENTOO, "gentoo", "Gentoo Linux", 0, INSTALLS | IS_LIVE)                                 \
	X(GPARTED, "gparted", "GParted Live", 0, IS_LIVE)                                          \
	X(KALI, "kali", "Kali Linux", 0, INSTALLS)                                                 \
	X(KUBUNTU, "ubuntu", "Kubuntu", 2, INSTALLS | IS_LIVE)                                     \
	X(LMDE, "lmde", "Linux Mint Debian Edition", 1, INSTALLS | IS_LIVE)                        \
	X(LUBUNTU, "ubuntu", "Lubuntu", 2, INSTALLS | IS_LIVE)                                     \
	X(MAGEIA, "mageia", "Mageia", 1, INSTALLS)                                                 \
	X(MANJARO, "manjaro", "Manjaro Linux", 0, INSTALLS | IS_LIVE)                              \
	X(MINT, "linuxmint", "Linux Mint", 2, INSTALLS | IS_LIVE)                                  \
	X(NETBSD, "netbsd", "NetBSD", 2, INSTALLS)                                                 \
	X(NIXOS, "nixos-", "NixOS", 2, INSTALLS | IS_LIVE)                                         \
	X(OPENBSD, "openbsd", "OpenBSD", 2, INSTALLS)                                              \
	X(OPENSUSE, "opensuse", "openSUSE Leap", 2, INSTALLS)                                      \
	X(ORACLE, "ol", "Oracle Linux", 1, INSTALLS)                                               \
	X(POP, "popos", "Pop!_OS", 2, INSTALLS | IS_LIVE)                                          \
	X(PROXMOX, "proxmox-ve", "Proxmox VE", 1, INSTALLS)                                        \
	X(RHEL, "rhel", "Red Hat Enterprise Linux", 1, INSTALLS)                                   \
	X(ROCKY, "rocky", "Rocky Linux", 1, INSTALLS)                                              \
	X(SLACKWARE, "slackware", "Slackware", 2, INSTALLS)                                        \
	X(SLE, "sle", "SUSE Linux Enterprise", 1, INSTALLS)                                        \
	X(SYSTEM_RESCUE, "systemrescue", "SystemRescue", 0, IS_LIVE)                               \
	X(TAILS, "tails", "Tails", 0, IS_LIVE)                                                     \
	X(TUMBLEWEED, "opensusetumbleweed", "openSUSE Tumbleweed", 0, INSTALLS)                    \
	X(UBUNTU, "ubuntu", "Ubuntu", 2, INSTALLS)                                                 \
	X(UBUNTU_DESKTOP, "ubuntu", "Ubuntu", 2, INSTALLS | IS_LIVE)                               \
	X(VOID, "voidlinux", "Void Linux", 0, INSTALLS | IS_LIVE)                                  \
	X(WINDOWS, "windows", "Windows", 2, INSTALLS)                                              \
	X(WINDOWS_SERVER, "windowsserver", "Windows Server", 1, INSTALLS)                          \
	X(XCP, "xcp-ng", "XCP-ng", 2, INSTALLS)                                                    \
	X(XUBUNTU, "ubuntu", "Xubuntu", 2, INSTALLS | IS_LIVE)                                     \
	X(ZORIN, "zorin", "Zorin OS", 1, INSTALLS | IS_LIVE)

enum { INSTALLS = 1, IS_LIVE = 2 };

#define OS_FAMILY_ENUM_(symbol, id, name, parts, flags) OS_##symbol,
enum os_family { OS_FAMILIES(OS_FAMILY_ENUM_) OS_FAMILY_COUNT };
#undef OS_FAMILY_ENUM_

/* Id, name, version, installer and live of a release; `version` may be "". */
void os_family_apply(enum os_family family, const char *version, struct os_details *ret);
/* The first `parts` numbers of a version ("24.04.1", 2 → "24.04"); a word is one part. */
void os_version_cut(const char *version, unsigned parts, char *ret, size_t capacity);
