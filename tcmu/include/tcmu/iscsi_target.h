/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's own iSCSI target (LIO) as a fabric: shows TCMU devices to remote hosts.
 *
 * A target is one target portal group (tag 1). Each host, known by its initiator name, has a node
 * ACL of its own that maps its LUNs to TCMU devices of its own, so that each is a nexus. A target
 * for anybody has no ACLs and one set of devices, which all that log in share: one nexus, where the
 * drive cannot tell hosts apart.
 *
 * A tree is made from the inside to the outside: LUNs, ACLs and secrets first, then the addresses,
 * and enabled last, so that nobody logs in to half of one. It is taken down the other way around.
 * Whoever is killed halfway goes on where it stopped: both are made of steps that may be there
 * (gone) already. The LUNs of a host never change while it can log in, because LIO tells all other
 * LUNs of that host so (06/3F/0E), which ends mounts and tape writes: a host whose LUNs differ is
 * taken away and made again, and its sessions end. Others are not disturbed.
 *
 * A host that vanishes without a word is noticed within some 10 s (nopin timeouts of 5 s and 5 s);
 * one of a target for anybody within 45 s, because LIO keeps to its own timeouts there.
 *
 * All functions touch configfs and block (a LUN that goes waits for its commands); never from a
 * thread that serves a ring. One caller at a time, but for the last two, which only read: they may
 * be called beside the others.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcmu/transport.h"
#include "util/error.h"

enum {
	TCMU_ISCSI_NAME_MAX = 224,   /* with NUL (RFC 7143 4.2.7.1) */
	TCMU_ISCSI_SECRET_MAX = 255, /* characters, without NUL: what LIO stores */
};

struct tcmu_iscsi_lun {
	uint16_t lun; /* as the host sees it, 0 to 255 */
	struct tcmu_device *device;
};

struct tcmu_iscsi_host {
	const char *initiator; /* its iSCSI name; NULL: anybody, and then it is the only host */
	const struct tcmu_iscsi_lun *luns;
	unsigned lun_count;
};

struct tcmu_iscsi_config {
	const char *target; /* its iSCSI name */
	/*
	 * Numeric, "127.0.0.1:3261", "[::1]:3261"; at least one; ends with NULL. It is listened on
	 * exactly these, also on one that this machine has not yet.
	 */
	const char *const *portals;
	const struct tcmu_iscsi_host *hosts;
	unsigned host_count;
	/*
	 * CHAP (RFC 7143 12.1.3); NULL or "": none. Mutual CHAP needs CHAP. Secrets of 12 to 255
	 * bytes of any value, which differ; neither they nor users begin with "NULL", which LIO
	 * takes for none. Changed secrets are asked for at the next login: sessions go on.
	 */
	const char *chap_user, *chap_secret, *mutual_user, *mutual_secret;
};

/* Loads iscsi_target_mod when needed. KERNEL_TARGET, PERMISSION: says what to do. */
bool tcmu_iscsi_available(struct tcmu_transport *transport, struct error *error);

/*
 * Makes the target, or makes of what is there what the config says: hosts that are new come, hosts
 * that are gone go (with their sessions), hosts that differ are made again, all others stay logged
 * in. On failure what was made new is undone as far as it goes; if CHAP is asked for and cannot be
 * turned on, the target is taken down. A target of that name with a LUN that is not ours, or that
 * somebody else has begun, or that another daemon serves, is refused (EXISTS), untouched. A target
 * that was for anybody and is for named hosts, or shows other LUNs, or the other way around, is
 * taken down and made again, for LIO lets in for ever whom it once let in without an ACL.
 *
 * INVALID: something of `config` cannot be. KERNEL_TARGET, PERMISSION: the kernel refused; among
 * others an address that is in use.
 */
bool tcmu_iscsi_show(struct tcmu_transport *transport, const struct tcmu_iscsi_config *config,
	struct error *error);

/*
 * Ends its sessions and takes it down; what is not there, has nothing of ours in it, or is served
 * by another daemon is passed over. The devices stay. EXISTS: others have put something of theirs
 * into ours.
 */
bool tcmu_iscsi_hide(struct tcmu_transport *transport, const char *target, struct error *error);

/*
 * Takes down targets that show nothing but backstores of ours, which nobody serves, and are not
 * among `keep` (ends with NULL); after the devices that are kept were attached, and before
 * tcmu_remove_orphans, which cannot remove what a target shows. Ends what their hosts have under
 * way. Returns how many.
 */
unsigned tcmu_iscsi_remove_orphans(struct tcmu_transport *transport, const char *const *keep);

/* Who is logged in, as acls/NAME/info says. */
struct tcmu_iscsi_session {
	uint64_t id; /* LIO's session ID: grows with each login, tells a new session from an old */
	char initiator[TCMU_ISCSI_NAME_MAX];
	char isid[16];    /* "0x00023d000001" */
	char address[64]; /* "10.0.0.7"; of the first connection */
	/*
	 * Its connections are gone, and the kernel waits for commands of it (CLEANUP_WAIT). Until
	 * those are complete nobody can log in at this address: end them at once.
	 */
	bool ending;
};

/*
 * The session of one host, the last one when it has several. 1: it has one. 0: it has none, or the
 * target or the host is not there. -errno: it could not be found out, which says nothing of the
 * host.
 */
int tcmu_iscsi_session(struct tcmu_transport *transport, const char *target, const char *initiator,
	struct tcmu_iscsi_session *ret);

/*
 * The initiator names that are logged in to a target for anybody (dynamic_sessions). Returns how
 * many there are, also beyond `capacity`; -errno: it could not be found out.
 */
int tcmu_iscsi_dynamic_sessions(struct tcmu_transport *transport, const char *target,
	char (*ret)[TCMU_ISCSI_NAME_MAX], unsigned capacity);
