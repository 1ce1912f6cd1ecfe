/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exports that the kernel's own iSCSI target shows (transport "kernel"). Each host of an export has
 * a TCMU device of its own in front of each drive: a unit, one nexus named INITIATOR@EXPORT. Where
 * anybody may log in there is one host, "anybody", whose nexus all share.
 *
 * What should be is in targets.h and the drives; apply compares it with what is there, and may run
 * at any time: after a commit, when a drive goes, at a reload, at the start. It does nothing where
 * nothing differs, and what failed is kept as the export's warning and tried again.
 *
 * A unit counts among drive->sessions, so that a drive that goes waits for it.
 *
 * Threads: all that touches configfs runs on the control thread (or before it is used, at the
 * start); it alone changes the lists. The watch (kernel_watch.c) is a thread of its own, for it
 * must end commands that the control thread waits for: it looks once a second, while there is a
 * host that may log in, at one small file of configfs for each.
 *
 * Locks: `lock` guards the lists against the watch and readers, and what the watch finds out.
 * Order: lock → lu->lock → due_lock; drives_lock is never taken with it held, nor the other way
 * around.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/library.h"
#include "exporter.h"
#include "scsi/executor.h"
#include "util/error.h"
#include "util/list.h"

struct catalog_export;
struct drive;
struct kernel_exports;

enum { KERNEL_DEVICE_MAX = 64, KERNEL_STRANGERS_MAX = 16 };

/* One host's path to one drive. */
struct kernel_unit {
	struct list link; /* host->units */
	struct kernel_exports *kernel;
	struct drive *drive;
	struct scsi_nexus *nexus;
	struct export *export; /* NULL: not attached, or it could not be */
	char device[KERNEL_DEVICE_MAX];
	uint16_t lun;
	int shown_lun;      /* -1: no target shows it, as far as is known */
	bool wanted;        /* found by the apply that is under way */
	bool clean;         /* go on at the tail of its ring */
	unsigned failures;  /* of its ring */
	atomic_bool failed; /* its ring; set by a ring worker */
};

struct kernel_host {
	struct list link;                       /* export->hosts */
	uint64_t serial;                        /* never used twice: how the watch knows it again */
	char initiator[LIBRARY_ISCSI_NAME_MAX]; /* "": anybody */
	struct list units;
	bool wanted;
	/* lock */
	bool shown;                      /* it may be logged in */
	bool going;                      /* its commands are ended, for the kernel waits for them */
	bool looked;                     /* the watch knows whether it is logged in */
	bool obscure;                    /* and could not find out when it last looked */
	struct exporter_session session; /* id 0: it is not */
	int64_t since;
	uint64_t number; /* of the session */
	/* Of anybody. */
	unsigned stranger_count;
	char strangers[KERNEL_STRANGERS_MAX][EXPORTER_INITIATOR_MAX];
	uint64_t stranger_numbers[KERNEL_STRANGERS_MAX];
};

static inline struct kernel_unit *kernel_unit_at(struct list *node)
{
	return container_of(node, struct kernel_unit, link);
}

static inline struct kernel_host *kernel_host_at(struct list *node)
{
	return container_of(node, struct kernel_host, link);
}

struct kernel_export {
	struct list link; /* kernel->list */
	char name[LIBRARY_ID_MAX];
	char target[LIBRARY_ISCSI_NAME_MAX]; /* as it is shown, or was; "": never */
	struct list hosts;
	struct error failure; /* lock; code ERROR_NONE: none */
};

struct kernel_exports {
	struct library *library;
	pthread_mutex_t lock;
	struct list list;
	uint64_t serials;

	/*
	 * When it is due. A lock of its own, a leaf: rings fail on the thread that completes a
	 * command, which may be the watch.
	 */
	pthread_mutex_t due_lock;
	pthread_cond_t idle;
	struct scsi_work work;
	bool queued, again, open;

	/* The watch. */
	pthread_t watch;
	pthread_cond_t stir; /* lock: there is something new to look at */
	bool watching, ending, hurry;
	struct error reason; /* lock: why the kernel can show no export; code ERROR_NONE: it can */
};

void kernel_exports_init(struct kernel_exports *kernel, struct library *library);
void kernel_exports_finish(struct kernel_exports *kernel);

/* KERNEL_TARGET: there is no kernel target here, or it listens nowhere; what to do. */
bool kernel_exports_possible(struct kernel_exports *kernel, struct error *error);

/* Likewise, and it was no different when it was last tried. Any thread. */
bool kernel_exports_ready(struct kernel_exports *kernel, struct error *error);

/* A drive that is being made before the library runs: its nexuses, which told.h needs. */
void kernel_exports_enter(struct kernel_exports *kernel, struct drive *drive);
/* The devices of all exports that should be shown, into `ret` as long as there is room. */
unsigned kernel_exports_devices(
	struct kernel_exports *kernel, char (*ret)[KERNEL_DEVICE_MAX], unsigned capacity);
/* The names of their targets, which go on; ends with NULL, free it. NULL: out of memory. */
const char **kernel_exports_targets(struct kernel_exports *kernel);
/* Shows all, and goes on whenever it is asked to from now on. */
void kernel_exports_start(struct kernel_exports *kernel);

/* Any thread, any locks: compares, soon. */
void kernel_exports_look(struct kernel_exports *kernel);
/* Control thread: one export, which may be new, changed or gone. What fails is its warning. */
void kernel_exports_apply(struct kernel_exports *kernel, const char *name);
/* Control thread: takes it down although it should be there, until the next apply. */
bool kernel_exports_hide(struct kernel_exports *kernel, const char *name, struct error *error);

/*
 * No apply runs any more. Takes nothing more from the rings and waits for what was taken; true when
 * all were drained. Targets stay, their hosts logged in.
 */
bool kernel_exports_stop(struct kernel_exports *kernel, unsigned timeout_ms);
/* After that, and after what hosts know was written down. */
void kernel_exports_release(struct kernel_exports *kernel);

/* ---- readers --------------------------------------------------------------------------------- */

/* What an operator must know of it; "": nothing. */
void kernel_exports_warning(struct kernel_exports *kernel, const struct catalog_export *row,
	char ret[LIBRARY_WARNING_MAX]);
/* Of one export, or of all (NULL or ""). */
unsigned kernel_exports_session_count(struct kernel_exports *kernel, const char *export_name);
/* The first one behind this number; false: there is none. */
bool kernel_exports_session_after(struct kernel_exports *kernel, const char *export_name,
	uint64_t after, struct library_session *ret);

/* ---- the watch (kernel_watch.c) -------------------------------------------------------------- */

bool kernel_watch_start(struct kernel_exports *kernel);
void kernel_watch_stop(struct kernel_exports *kernel);
/* `lock` held: look now. */
void kernel_watch_stir(struct kernel_exports *kernel);
/* Likewise, without the lock. */
void kernel_watch_now(struct kernel_exports *kernel);
