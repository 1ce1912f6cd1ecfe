/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exports as the portal's threads see them, and their sessions. The worker publishes a new list
 * after every commit to the catalog; whoever looks takes a counted entry and never waits for the
 * catalog.
 *
 * Lock order: drives_lock → lu->lock; targets->lock is a leaf beside them.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "catalog/catalog.h"
#include "daemon/library.h"
#include "util/list.h"

struct drive;
struct scsi_nexus;

/* Of the portal and of the kernel's own target: each target has one portal group. */
enum { TARGET_PORTAL_GROUP = 1 };

/* What the operator's configuration says of all exports. */
struct targets_policy {
	bool remote;        /* the portal listens beyond loopback */
	bool kernel_remote; /* so does the kernel's own target, for exports of its transport */
	bool allow_open;    /* exports that are `open` need neither rule nor CHAP */
};

/* An export, immutable and counted. */
struct target {
	unsigned references; /* targets->lock */
	struct catalog_export row;
};

struct target_session {
	struct library_session about;
	unsigned count;
	struct {
		struct drive *drive;
		struct scsi_nexus *nexus;
	} units[];
};

struct targets {
	pthread_mutex_t lock;
	struct targets_policy policy;
	struct target **list; /* by name */
	unsigned count;
	struct target_session **sessions; /* by number */
	unsigned session_count, session_room;
	uint64_t last_session; /* number, also of those of the kernel */
};

void targets_init(struct targets *targets);
void targets_finish(struct targets *targets);

/* Reads the catalog and publishes what it says; on failure what was published stays. Worker. */
bool targets_reload(struct targets *targets, struct catalog *catalog, struct error *error);

/* With a reference, or NULL. */
struct target *targets_find(struct targets *targets, const char *name);
struct target *targets_find_by_target(struct targets *targets, const char *target);
struct target *targets_at(struct targets *targets, unsigned index);
/* The first one behind `after` in the order of names. */
struct target *targets_after(struct targets *targets, const char *after);
void target_put(struct targets *targets, struct target *target);

/* ---- who may log in -------------------------------------------------------------------------- */

/* Neither a rule nor CHAP keeps anybody out. */
bool target_is_unprotected(const struct catalog_export *row);
/*
 * "" when initiators elsewhere may log in; else why not, and what to do. One of the kernel's lets
 * nobody in then: the kernel could not keep others out.
 */
void target_warning(const struct targets_policy *policy, const struct catalog_export *row,
	char ret[LIBRARY_TEXT_MAX]);
/* NULL: it may. Else the reason, for the log. CHAP comes after that. */
const char *target_refuses(const struct targets_policy *policy, const struct catalog_export *row,
	const char *initiator, const char *address);

struct targets_policy targets_policy(struct targets *targets);
void targets_set_policy(struct targets *targets, const struct targets_policy *policy);

/* ---- sessions -------------------------------------------------------------------------------- */

/* A number for a session: greater than that of any before. */
uint64_t targets_session_number(struct targets *targets);
/* Numbers it, and lists it until it is removed. False: out of memory. */
bool targets_add_session(struct targets *targets, struct target_session *session);
void targets_remove_session(struct targets *targets, struct target_session *session);
/* Of one export, or of all (""). */
unsigned targets_session_count(struct targets *targets, const char *export_name);
/* The first one behind this number; false: there is none. */
bool targets_session_after(struct targets *targets, const char *export_name, uint64_t after,
	struct library_session *ret);
