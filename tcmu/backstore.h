/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backstore: the TCMU device in configfs, core/user_N/NAME, that a ring belongs to.
 *
 * Others (targetcli, scripts) may make devices with our subtype in dev_config, "carousel/DRIVE",
 * too. Ours are told from theirs by a mark, BACKSTORE_MARK in the attribute `alias`. The kernel
 * takes it before the device is enabled, gives it back as it was for as long as the device is
 * there, whoever made it may have died meanwhile, and does nothing else with it; neither targetcli
 * nor restored configurations write it. It is the first thing that is written. What does not have
 * it is never adopted, changed or removed; but for a directory that nothing was written to, with
 * the name of a drive of ours, in user_100 or later: that is where we were killed before the mark.
 *
 * One backstore per user_N, as targetcli does it; ours start at user_100, out of the way of the low
 * numbers that targetcli hands out.
 */
#pragma once

#include <stdbool.h>

#include "configfs.h"
#include "util/error.h"

#define BACKSTORE_MARK "made by carouseld"

enum { BACKSTORE_NAME_MAX = 64, BACKSTORE_HBA_FIRST = 100, BACKSTORE_HBA_LAST = 9999 };

struct backstore {
	unsigned hba;                   /* N of user_N */
	char name[256];                 /* of the directory */
	char config[256];               /* dev_config; "" while it was never set */
	char serial[256];               /* unit serial number; "": none */
	bool ours;                      /* by its mark */
	bool enabled;                   /* has a ring */
	char parent[CONFIGFS_PATH_MAX]; /* …/core/user_N */
	char path[CONFIGFS_PATH_MAX];   /* …/core/user_N/NAME */
};

struct backstore_config {
	const char *name; /* [a-z0-9._-], shorter than BACKSTORE_NAME_MAX */
	const char *serial;
	unsigned data_area_mb;
};

/* What there is to know of user_HBA/NAME; of one that is not there, that it is not enabled. */
void backstore_inspect(
	const struct configfs *fs, unsigned hba, const char *name, struct backstore *ret);

/* Visits every backstore below user_N; `each` may remove it. */
void backstore_each(const struct configfs *fs,
	void (*each)(void *context, const struct backstore *backstore), void *context);

/*
 * Looks for `name` under every user_N. True: it is ours, *ret is filled in, or (*ret_found false)
 * it does not exist. One of ours that was made but never enabled is what a killed daemon leaves
 * halfway: it is removed and counts as not found. One that somebody else made for a drive of ours
 * (our subtype), or has only begun, may have any name and is passed over. False: the name is taken
 * by another program.
 */
bool backstore_find(const struct configfs *fs, const char *name, struct backstore *ret,
	bool *ret_found, struct error *error);

/* Makes and enables it, in a free user_N. A failure halfway is undone. */
bool backstore_create(const struct configfs *fs, const struct backstore_config *config,
	struct backstore *ret, struct error *error);

/* Refused while any LUN shows it. Whoever has its ring open finds it gone. */
bool backstore_remove(
	const struct configfs *fs, const struct backstore *backstore, struct error *error);

/* The name of its ring below /dev and /sys/class/uio, "uio3". */
bool backstore_uio(const struct configfs *fs, const struct backstore *backstore, char *ret,
	size_t size, struct error *error);

/* action/block_dev: while blocked every new command is answered BUSY. */
bool backstore_block(const struct configfs *fs, const struct backstore *backstore, bool block,
	struct error *error);
/* Ends what is in the ring: 1 with BUSY (hosts retry), 2 with a hard failure. Blocked before. */
bool backstore_reset(const struct configfs *fs, const struct backstore *backstore, unsigned action,
	struct error *error);
