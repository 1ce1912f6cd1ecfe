/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the library; only daemon/library*.c include this.
 *
 * One worker thread owns the catalog connection, the drives and the jobs. Everything else talks to
 * it through the inbox: operators post jobs, hosts post commands that change durable state, drives
 * post events. The worker never waits for a drive, a file or a host: a job that has to is put on
 * the waiting list with a deadline and stepped again when its drive has an event.
 *
 *	inbox ─► worker: host commands ─► commit ─► publish ─► finish the command
 *			 events ───────► step the job that waits on the drive
 *			 jobs ─────────► step, step, … ─► answer
 *
 * Locks: drives_lock guards what readers see (names, media, failures) and the list of drives; the
 * worker alone writes it. inbox_lock is a leaf. Order: drives_lock → lu->lock → inbox_lock.
 */
#pragma once

#include <pthread.h>

#include "background.h"
#include "catalog/catalog.h"
#include "catalog_care.h"
#include "daemon/library.h"
#include "drive_kind.h"
#include "exporter.h"
#include "guests.h"
#include "inspect/os_database.h"
#include "kernel_exports.h"
#include "library_setup.h"
#include "mmc/drive.h"
#include "portal_door.h"
#include "scsi/executor.h"
#include "scsi/library.h"
#include "searches.h"
#include "ssc/drive.h"
#include "targets.h"
#include "told_file.h"
#include "uploads.h"
#include "util/list.h"

struct job;

enum { TOKEN_USES = 64 };

/* Drive events between the device server and the worker; the low bits are enum library_event. */
enum {
	EVENT_FAULT = 1 << 8,
	EVENT_EXPORT_FAILED = 1 << 9,
	EVENT_SESSIONS_GONE = 1 << 10, /* the last one of a drive that is going */
};

struct drive {
	struct library *library;
	const struct drive_kind *kind;
	struct scsi_lu *lu; /* NULL until the kind has made the device */
	union {
		struct mmc_drive *mmc;
		struct ssc_drive *ssc;
	};
	struct scsi_nexus *nexus; /* the one that the kernel target shows to this machine */
	struct export *export;    /* NULL: shown to nobody, or failed */
	struct told_file *told;
	struct job *job; /* the operation an operator has under way; worker only */

	/* drives_lock */
	struct catalog_drive row;
	struct catalog_medium medium;          /* valid when row.medium is not "" */
	char failure[LIBRARY_TEXT_MAX];        /* of showing it to hosts */
	char medium_failure[LIBRARY_TEXT_MAX]; /* of opening what the catalog says is in it */
	unsigned sessions; /* of the portal that reach it, guests, and hosts of the kernel's */
	bool going;        /* no new ones */
	bool changing;     /* a tape is being taken out or put in */

	/* inbox_lock */
	struct list dirty;
	unsigned events;
	uint64_t fault_lba;
	const char *export_reason;
};

struct library {
	struct library_config config;
	struct catalog *catalog; /* worker only, once it runs */
	uint64_t started_ns;
	int64_t keys_begun; /* of the clock of idempotency keys, at started_ns; seconds */

	pthread_mutex_t reader_lock;
	struct catalog *reader;
	struct token_use {
		int64_t id, minute;
	} token_uses[TOKEN_USES]; /* that the worker writes down, or has; reader_lock */

	pthread_mutex_t subscriber_lock;
	void (*committed)(void *context); /* NULL: nobody wants to know */
	void *committed_context;
	uint64_t events_told; /* worker only */

	pthread_mutex_t drives_lock;
	struct drive **drives; /* by name */
	unsigned drive_count;

	pthread_t worker;
	bool running;
	pthread_mutex_t inbox_lock;
	pthread_cond_t inbox_filled;
	struct list posted_jobs, posted_commands, dirty_drives;
	unsigned jobs; /* not answered yet */
	pthread_cond_t jobs_answered;
	uint64_t questions, answers; /* of library_answers */
	pthread_cond_t answered;
	bool stopping; /* operators are refused */
	bool ending;   /* and no host asks any more */

	struct list waiting; /* jobs; worker only */
	bool making_tapes;   /* worker only */
	bool backing_up;     /* likewise */
	bool moving_export;  /* of the kernel's, by a job; worker only */

	struct searches searches;
	struct background background;
	struct uploads uploads;
	struct pool_watch *watch; /* NULL: nobody watches the pools */
	struct catalog_care care;
	struct os_database *systems; /* that are known by their discs */
	struct guests guests;
	struct kernel_exports kernel;
	struct targets targets;
	struct portal_door *door; /* NULL: no portal */
};

/* ---- jobs (library_jobs.c) ------------------------------------------------------------------ */

enum job_wake { WAKE_RUN, WAKE_EVENT, WAKE_DEADLINE };

struct job {
	struct list link; /* posted_jobs or waiting */
	struct library *library;
	struct drive *drive; /* claimed; NULL: none */
	bool waiting;        /* in library->waiting; worker only */
	void (*step)(struct job *job, enum job_wake wake, unsigned events);
	uint64_t deadline_ns; /* 0: none */
	uint64_t give_up_ns;  /* when hosts that were asked must have let go */
	char actor[CATALOG_TEXT_MAX];
	library_done done;
	void *context;
	struct library_result result;

	struct scsi_work work;
	void (*blocking)(struct job *job); /* on an executor's thread */
	void (*cleanup)(struct job *job);

	/* What the operations need. */
	bool replace, force, protect;
	bool profile_said;        /* the operator named one, or "auto" */
	enum mmc_profile profile; /* PROFILE_NONE: "auto" */
	char profile_text[16];
	char id[LIBRARY_ID_MAX];
	char path[LIBRARY_PATH_MAX];
	int64_t version; /* of the medium, as it was seen; 0: any */
	struct catalog_medium medium;
	struct catalog_drive row;
	struct disc *disc;
	struct cartridge *cartridge;     /* open, and not in a drive yet */
	struct cartridge *old_cartridge; /* taken out, and not closed yet */
	int lost;                        /* -errno of what that one could not keep; 0: nothing */
	bool underway;         /* must be finished: it is not given up when the library stops */
	bool removing;         /* an eject, not a load */
	bool changing;         /* begun, and neither published nor cancelled yet: see give_up */
	bool directory;        /* adding a whole directory */
	struct error error;    /* of the blocking part */
	struct drive *subject; /* a drive being made or removed */
	struct making *making; /* tapes */
	struct describing *describing;
	struct awaiting *awaiting;
	struct asking *asking; /* for a job in the background, or its end */
	struct uploading *uploading;
	struct export_job *export; /* an export being made or changed */
	struct token_job *token;
	struct key_job *key;
	struct library_refusal *refusal;
	struct library_file file;  /* a backup */
	struct fetching *fetching; /* the file of a disc */
	struct found *found;       /* images found by adding a directory */
	unsigned found_count, found_next;
};

/* Before the worker runs: the keys that were not answered are free again. */
bool library_keys_load(struct library *library, struct error *error);

struct job *job_create(
	struct library *library, const char *actor, library_done done, void *context);
/* A library_done of those that nobody waits for. */
void job_unawaited(void *context, const struct library_result *result);
/*
 * `memory` was allocated for the job and goes with it, by `cleanup`. False: it is NULL, and the job
 * has failed.
 */
bool job_owns(struct job *job, const void *memory, void (*cleanup)(struct job *job));
/* From any thread. Answers STOPPING by itself when the library stops. */
void job_post(struct job *job);
/* Worker: step again at `wake` of its drive, or after `milliseconds` (0: no deadline). */
void job_wait(struct job *job, unsigned milliseconds);
/* Worker: run job->blocking elsewhere, then step again with WAKE_RUN. */
void job_block(struct job *job, struct scsi_executor *executor, void (*blocking)(struct job *job));
/* From any thread: it has what it went out for; step again with WAKE_RUN. */
void job_return(struct job *job);
/* Worker: answers and frees the job, and gives its drive back. */
void job_succeed(struct job *job);
void job_fail(struct job *job, const struct error *error);

/* Worker: false with the error answered when the drive does not exist or is busy. */
bool job_claim_drive(struct job *job, const char *name);
void job_claim(struct job *job, struct drive *drive);

bool library_worker_start(struct library *library);
/*
 * Answers all jobs, with STOPPING unless they are as good as done, and refuses new ones. Hosts are
 * served on; the list of drives stays as it is from now on.
 */
void library_jobs_stop(struct library *library);
/* Any thread: long work need not be gone on with. */
bool library_is_stopping(struct library *library);
/* After that, and when no host asks any more: ends the worker. */
void library_worker_stop(struct library *library);

/* ---- searches -----------------------------------------------------------------------------------
 */

/* library_media_page with a connection of the caller's. */
bool library_media_read(struct library *library, struct catalog *catalog,
	const struct library_media_query *query,
	bool (*each)(void *context, const struct library_medium *medium), void *context,
	struct library_media_page *ret, struct error *error);

/* ---- media (library_media.c) ------------------------------------------------------------------
 */

/* Worker: job->path is the whole id (or barcode), or path, of job->medium; else job->error. */
bool medium_find_exactly(struct job *job);

/* Worker: no other job is about to put job->medium, as it was, into a drive; else job->error. */
bool medium_check_rests(struct job *job);

/* ---- profiles (library_profile.c); worker ------------------------------------------------------
 */

/* What a disc is pressed to. */
enum mmc_profile medium_profile(const struct catalog_medium *medium);
/* job->profile_text, which may be "", into job->profile; else job->error. */
bool profile_read(struct job *job);
/*
 * A medium that is about to be added gets what the operator chose now, else what he chose of
 * `known` (NULL: it is new); else job->error.
 */
bool profile_choose(
	struct job *job, const struct catalog_medium *known, struct catalog_medium *medium);

/*
 * A new medium in the catalog, named after its file or barcode. Before the worker runs: it looks at
 * the file.
 */
bool library_add_file(
	struct library *library, const char *path, struct catalog_medium *ret, struct error *error);

/* ---- drives (library_drives.c) --------------------------------------------------------------- */

struct drive *drive_create(
	struct library *library, const struct catalog_drive *row, struct error *error);
void drive_destroy(struct drive *drive);
void drives_insert(struct library *library, struct drive *drive);
void drives_remove(struct library *library, struct drive *drive);
struct drive *drive_find(struct library *library, const char *name); /* worker, or drives_lock */

/* Blocks: the kernel's configuration. Failure goes to drive->failure. */
bool drive_export(struct drive *drive, bool clean, struct error *error);
bool drive_unexport(struct drive *drive, struct error *error);

/* `failure` is one of the two texts in the drive. */
void drive_set_failure(struct drive *drive, char *failure, const struct error *error);
void drive_fill(struct drive *drive, struct library_drive *ret); /* drives_lock held */
/* All but the drive that it is in. */
void medium_fill(const struct catalog_medium *medium, struct library_medium *ret);
void medium_show(
	struct library *library, const struct catalog_medium *row, struct library_medium *ret);

/* What readers see of a medium that lies in drives, after its row was changed. */
void drives_refresh_medium(struct library *library, const struct catalog_medium *medium);
/* What readers see of where the medium is; after the commit. */
void drive_publish_place(struct drive *drive, const struct catalog_medium *medium, bool tray_open);
/* The commit: catalog first, then what readers see. */
bool drive_commit_place(struct drive *drive, const struct catalog_medium *medium, bool tray_open,
	const char *actor, const char *verb, struct error *error);

/*
 * drives_lock held: `host`, with this name, is the next one of `ret`. Nobody is added who stands
 * behind the loopback nexus of a drive that is not shown to this machine, nor who finds no room.
 */
void drive_add_host(const struct drive *drive, struct library_drive *ret, const char *name,
	const struct library_host *host);

/* Who holds PREVENT, of either kind, and came last; false: nobody does. */
bool drive_find_holder(struct drive *drive, char ret[SCSI_NEXUS_NAME_MAX]);

/* What the two kinds of devices are made of alike. */
struct scsi_lu_config drive_lu_config(struct drive *drive, struct scsi_executor *executor);

/* ---- loading (library_load.c, load_optical.c, load_tape.c) ------------------------------------
 */

bool drive_fits(const struct drive *drive, const struct catalog_medium *medium);
/* Always false, with job->error: the drive holds another medium. */
bool load_full(struct job *job);
/* Answers the job. */
void load_fail_to_fit(struct job *job);

/* ---- exports (library_exports.c) ------------------------------------------------------------- */

/* Closes the sessions of all exports of the portal that show this drive; does not wait. */
void exports_let_go(struct library *library, const char *drive);

/* ---- hosts (library_host.c) ------------------------------------------------------------------ */

extern const struct library_ops library_host_ops; /* context: struct drive */
void host_request(struct scsi_cmd *cmd);
/* Worker: what the device server reported. */
void drive_handle_events(
	struct drive *drive, unsigned events, uint64_t fault_lba, const char *reason);

/* Worker: the medium in it is not to be trusted any more, and why; said once. */
void drive_note_fault(struct drive *drive, const char *fault);
/* Worker: notes the faults of the medium that is about to go, while it is known whose they are. */
void drive_settle_faults(struct drive *drive);

/* ---- library_reservations.c; worker ---------------------------------------------------------- */

/* A PERSISTENT RESERVE OUT that was claimed. SCSI_PENDING: somebody else finishes it. */
enum scsi_sense_code drive_reserve_persistently(struct drive *drive, struct scsi_cmd *cmd);
/* At start, after a power loss: those of the catalog. CATALOG…: it could not be read. */
bool drive_restore_reservations(struct drive *drive, struct error *error);
/*
 * At start, after a stop or a crash, which may have come between a commit and its publication: the
 * catalog has what the drive has. CATALOG…: it could not be read or written.
 */
bool drive_keep_reservations(struct drive *drive, struct error *error);
/* What readers see of them, after the hosts are there. drives_lock held. */
void drive_fill_reservation(struct drive *drive, struct library_drive *ret);

/* drives_lock held: a session of the portal does not reach the drive any more. */
void drive_session_left(struct drive *drive);

/* Worker, outside any transaction: tells the subscriber when there are new events. */
void library_events_tell(struct library *library);
/* Worker: a row of the history about what is neither a drive nor a medium. */
bool library_tell(struct catalog *catalog, const char *actor, const char *verb, const char *kind,
	const char *name, struct error *error);

uint64_t library_now(struct library *library);
