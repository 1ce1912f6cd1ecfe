/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of iSCSI targets in the kernel; see tcmu/iscsi_target.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "backstore.h"
#include "configfs.h"
#include "tcmu/iscsi_target.h"
#include "util/error.h"

/* What tcmu/iscsi_target.h asks for, with backstores in the place of devices. */
struct kernel_lun {
	uint16_t lun;
	const struct backstore *backstore;
};

struct kernel_host {
	const char *initiator; /* NULL: anybody */
	const struct kernel_lun *luns;
	unsigned lun_count;
};

struct kernel_chap {
	const char *user, *secret, *mutual_user, *mutual_secret; /* "": none */
};

struct kernel_config {
	const char *target;
	const char *const *portals; /* ends with NULL */
	const struct kernel_host *hosts;
	unsigned host_count;
	struct kernel_chap chap;
};

/*
 * param/TargetAlias of ours, written first of all. Hosts see it at login (RFC 7143 13.4); it tells
 * a target of ours that shows nothing yet, or no more, from one that somebody else has begun.
 */
#define KERNEL_TARGET_MARK "Carousel"

/* Tells which rings this process serves. */
struct kernel_served {
	bool (*by_us)(void *context, const struct backstore *backstore);
	void *context;
};

/* Where a target is. */
struct kernel_target {
	const struct configfs *fs;
	char fabric[CONFIGFS_PATH_MAX]; /* …/target/iscsi */
	char path[CONFIGFS_PATH_MAX];   /* …/iscsi/NAME */
	char tpgt[CONFIGFS_PATH_MAX];   /* …/NAME/tpgt_1 */
};

/* ---- iscsi_target_show.c ------------------------------------------------------------------- */

bool kernel_target_show(
	const struct configfs *fs, const struct kernel_config *config, struct error *error);

/* ---- iscsi_target_hide.c ------------------------------------------------------------------- */

/* All of it, from the outside to the inside; what is not there is passed over. */
bool kernel_target_take_down(const struct kernel_target *target, struct error *error);
/* The same, for one of ours; one that has nothing of ours is passed over. */
bool kernel_target_hide(const struct configfs *fs, const char *name, struct error *error);
unsigned kernel_target_remove_orphans(const struct configfs *fs, const char *const *keep);

/* ---- iscsi_target_check.c: what is asked for ----------------------------------------------- */

/* "iqn.", "eui." or "naa." and a-z, 0-9, '-', '.', ':' behind it: it is a name of a directory. */
bool kernel_name_valid(const char *name);
/* INVALID: says what is wrong with it. */
bool kernel_config_check(const struct kernel_config *config, struct error *error);
/* Nobody is named: one set of LUNs, for whoever logs in. */
bool kernel_config_is_open(const struct kernel_config *config);

/* ---- iscsi_target_tree.c: what is there ---------------------------------------------------- */

void kernel_target_init(struct kernel_target *target, const struct configfs *fs, const char *name);
bool kernel_target_enabled(const struct kernel_target *target);
/* attrib/generate_node_acls. */
bool kernel_target_open(const struct kernel_target *target);

enum kernel_owner {
	KERNEL_OURS,    /* shows a backstore of ours, or has our mark */
	KERNEL_NOBODYS, /* nothing is in it, and it has no mark */
	/*
	 * Shows a backstore that is not ours, has another portal group, or has hosts or addresses
	 * and neither LUNs nor our mark, for that is the first that we write.
	 */
	KERNEL_OTHERS,
};
enum kernel_owner kernel_target_owner(const struct kernel_target *target);
/* Our mark, or a LUN that shows a backstore of ours, whatever others added. */
bool kernel_target_has_ours(const struct kernel_target *target);
/* EXISTS: it is OTHERS. */
bool kernel_target_check_owner(const struct kernel_target *target, struct error *error);
/* EXISTS: another daemon serves what it shows. */
bool kernel_target_check_daemon(const struct configfs *fs, const char *name,
	const struct kernel_served *ours, struct error *error);

/* The name of the one link in `directory`, or false. */
bool kernel_only_link(const char *directory, char ret[256]);
/* "lun_5" → 5; false: not such a name. */
bool kernel_lun_number(const char *name, unsigned *ret);
/* The backstore that lun/NAME shows, whoever's it is. */
bool kernel_lun_backstore(
	const struct kernel_target *target, const char *name, struct backstore *ret);
/* Whether lun/NAME shows `backstore`. */
bool kernel_lun_shows(
	const struct kernel_target *target, const char *name, const struct backstore *backstore);

/* Writes `value` unless it is there already. What a kernel does not have (ENOENT) is fine. */
bool kernel_set(const struct kernel_target *target, const char *directory, const char *file,
	const char *value, struct error *error);

/* ---- iscsi_target_lun.c: tpgt_1/lun/ ------------------------------------------------------- */

/* Checks that the backstore's attributes are as a shared drive needs them, and links it. */
bool kernel_lun_make(const struct kernel_target *target, unsigned number,
	const struct backstore *backstore, struct error *error);
bool kernel_lun_remove(const struct kernel_target *target, const char *name, struct error *error);
bool kernel_luns_remove_all(const struct kernel_target *target, struct error *error);
/* Those that no ACL maps. */
bool kernel_luns_remove_unmapped(const struct kernel_target *target, struct error *error);
/* The lowest number that is free. */
bool kernel_lun_free(const struct kernel_target *target, unsigned *ret, struct error *error);
/* Ends what is in the rings of all, for nobody serves them. */
void kernel_luns_reset(const struct kernel_target *target);
/*
 * Whether a process has the ring of one of them open that carries our mark; of those that are not
 * `ours` (NULL: none).
 */
bool kernel_luns_served(const struct kernel_target *target, const struct kernel_served *ours);
/* Whether the LUNs are exactly these, under the numbers that hosts see (open access). */
bool kernel_luns_match(const struct kernel_target *target, const struct kernel_host *host);

/* ---- iscsi_target_host.c: tpgt_1/acls/NAME ------------------------------------------------- */

bool kernel_host_is_there(const struct kernel_target *target, const char *initiator);
/* Its LUNs are exactly those of `host`. */
bool kernel_host_matches(const struct kernel_target *target, const struct kernel_host *host);
/* LUNs, ACL, secrets, then the LUNs mapped; what of it stands when it fails is to be removed. */
bool kernel_host_make(const struct kernel_target *target, const struct kernel_host *host,
	const struct kernel_chap *chap, struct error *error);
/* Timeouts and all else of a host that can be set while it is logged in. */
bool kernel_host_settle(
	const struct kernel_target *target, const char *initiator, struct error *error);
/* Its sessions end, its LUNs go, and then it. */
bool kernel_host_remove(
	const struct kernel_target *target, const char *initiator, struct error *error);

/* ---- iscsi_target_secrets.c ---------------------------------------------------------------- */

/* What cannot be stored, or must not be used. */
bool kernel_chap_check(const struct kernel_chap *chap, struct error *error);
/* Writes what differs; `directory` is tpgt_1/auth or that of an ACL. Removes what is "". */
bool kernel_chap_write(const struct kernel_target *target, const char *directory,
	const struct kernel_chap *chap, struct error *error);

/* ---- iscsi_target_portals.c: tpgt_1/np/ ---------------------------------------------------- */

enum { KERNEL_PORTAL_MAX = 64 };

/* "[0::1]:03261" → "[::1]:3261". INVALID: not a numeric address and a port. */
bool kernel_portal_name(const char *text, char ret[KERNEL_PORTAL_MAX], struct error *error);
/* Listens there; *ret_made: it did not before. */
bool kernel_portal_make(
	const struct kernel_target *target, const char *text, bool *ret_made, struct error *error);
bool kernel_portal_remove(
	const struct kernel_target *target, const char *text, struct error *error);
/* All but those of `keep`, which ends with NULL; NULL: all. */
bool kernel_portals_remove(
	const struct kernel_target *target, const char *const *keep, struct error *error);

/* ---- iscsi_target_sessions.c --------------------------------------------------------------- */

/* acls/NAME/info. False: it tells of no session. `initiator` is not touched. */
bool kernel_session_parse(const char *info, struct tcmu_iscsi_session *ret);
/* 1, 0 and -errno as tcmu_iscsi_session has them. */
int kernel_session(const struct configfs *fs, const char *target, const char *initiator,
	struct tcmu_iscsi_session *ret);
int kernel_dynamic_sessions(const struct configfs *fs, const char *target,
	char (*ret)[TCMU_ISCSI_NAME_MAX], unsigned capacity);
