/* SPDX-License-Identifier: Apache-2.0 */
/* Making and ending the library; for daemon/main.c and tests. What operators do is
 * daemon/library.h. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "portal_door.h"
#include "scsi/executor.h"
#include "util/error.h"
#include "util/file_io.h"
#include "util/file_store.h"

struct exporter;
struct library;

/* exporter_config.failed: marks the drive as failed. */
void host_export_failed(void *context, const char *reason);

/* How it is noticed what happens in the media pools (pool_watch.h). */
struct pool_watch_settings {
	bool notify;        /* by the kernel */
	unsigned rescan_s;  /* and by looking through all of them so often; 0: not */
	bool auto_import;   /* new files are added */
	unsigned settle_ms; /* how long a file must have been left alone; 0: the default */
};

struct upload_bounds {
	uint64_t limit;   /* bytes of the largest upload; 0: any */
	uint64_t reserve; /* bytes that uploads leave free in a pool */
};

struct library_config {
	const char *catalog_path;
	const char *told_dir;             /* told records, one file a drive */
	struct scsi_executor *readers;    /* image files: probing, opening, reading */
	struct scsi_executor *mechanisms; /* tape drives: what they do, and their files */
	struct scsi_executor *control;    /* one thread for the kernel's configuration */
	struct exporter *exporter;        /* NULL: no kernel target; drives are shown to nobody */
	const char *exporter_reason;      /* why, for health */
	const struct file_io *io;
	const struct file_store *store; /* of cartridges */
	const char *tape_dir;           /* where new ones are made */
	const struct scsi_clock *clock;
	bool clean; /* the last daemon stopped cleanly: go on where it left off */
	uint32_t dwell_ms;
	uint32_t search_ms; /* how long a search of media may take; 0: the default */
	/*
	 * Is this image inside a media pool, and where is it really, without symbolic links?
	 * Blocks. FILE_OUTSIDE_POOLS, FILE_MISSING, FILE_UNREADABLE.
	 */
	bool (*path_allowed)(
		void *context, const char *path, char ret_real[PATH_MAX], struct error *error);
	void *path_context;
	/* Directories, besides the pools, that imports may copy from; ends with NULL. NULL: none.
	 */
	const char *const *copy_from;
	/* The `index`th media pool, as it is configured; false: there are no more. NULL: none. */
	bool (*pool_at)(void *context, unsigned index, char ret[PATH_MAX]);
	struct upload_bounds uploads;
	struct pool_watch_settings watch;
	struct portal_settings portal;
	const char *portal_prefix; /* of the iSCSI names of exports that are given none */
	bool portal_remote;        /* it listens beyond loopback */
	bool portal_allow_open;    /* see EXPORT_UNPROTECTED */
	/* Of exports that the kernel's own iSCSI shows: where it listens, and whether beyond
	 * loopback. */
	const char *const *kernel_listen;
	unsigned kernel_listen_count;
	bool kernel_remote;
	/* How long hosts are given; tests shorten it. Milliseconds. */
	unsigned eject_wait_ms, told_wait_ms;
	unsigned grace_ms;       /* to eject, once it has let go; 0: two seconds */
	unsigned kernel_look_ms; /* how often it is looked who is logged in there; 0: a second */
};

enum { LIBRARY_EJECT_WAIT_MS = 10000, LIBRARY_TOLD_WAIT_MS = 5000 };

/* Opens the catalog. Nothing runs yet. */
struct library *library_create(const struct library_config *config, struct error *error);

/* Seeds, before library_start: creates what is missing, changes and drops nothing. */
struct library_seed {
	const char *name;
	const char *personality; /* "" = default */
	bool loopback;
	const char *medium; /* path or id, "" = none; only for a drive that is made now */
};
bool library_seed_drive(
	struct library *library, const struct library_seed *seed, struct error *error);

/* Likewise, after the drives it shows. Secrets are as they are, NULL is none. */
struct library_export_put;
bool library_seed_export(
	struct library *library, const struct library_export_put *put, struct error *error);

/*
 * A reloaded configuration. Sessions stay, but those of exports that were open and are not any
 * more. Any thread.
 */
void library_allow_open(struct library *library, bool allow);

/* What is taken of uploads from now on, also of those that are under way. Any thread. */
void library_bound_uploads(struct library *library, const struct upload_bounds *bounds);

/* The configuration names other pools. Any thread. */
void library_pools_changed(struct library *library);

/* What the kernel refused (others' TCMU devices, exports) may have been mended. Any thread. */
void library_look_again(struct library *library);

/*
 * Brings the drives up, shows them to hosts, starts the worker and lets initiators in.
 * CONFIGURATION: an address of the portal is in use, or not ours.
 */
bool library_start(struct library *library, struct error *error);

/*
 * Does the worker come back to its inbox within so long? Any thread, between start and stop; of
 * several that ask at a time each is answered.
 */
bool library_answers(struct library *library, unsigned timeout_ms);

/*
 * Answers what waits with STOPPING, drains the drives and leaves the kernel's objects for the next
 * daemon. Returns true when every drive was drained, or none was touched since a clean stop: the
 * clean mark may be written.
 */
bool library_stop(struct library *library);
void library_destroy(struct library *library);
