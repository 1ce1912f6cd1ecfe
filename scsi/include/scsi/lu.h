/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A logical unit (drive or changer), its device type, and the I_T nexuses that reach it.
 *
 * Locks: lu->lock guards the logical unit and all its nexuses, and is held for microseconds; never
 * over file, catalog or network I/O. Order: library → lu → leaf locks (flight recorder, executor
 * queue, library inbox). Transports call scsi_execute with no lock of this room held.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "scsi/command.h"
#include "scsi/log_page.h"
#include "scsi/mode.h"
#include "scsi/opcode.h"
#include "scsi/persistent.h"
#include "scsi/port.h"
#include "scsi/queue.h"
#include "scsi/recorder.h"
#include "scsi/tally.h"
#include "scsi/unit_attention.h"
#include "scsi/vpd.h"
#include "util/list.h"

struct library_ops;
struct response;
struct reader;

enum {
	SCSI_NAME_MAX = 64,
	SCSI_SERIAL_MAX = 32,
	SCSI_NEXUS_NAME_MAX = 512, /* two iSCSI names and an ISID */
	SCSI_DORMANT_MAX = 64,     /* initiators remembered per logical unit */
};

/* What the drive says it is: data only. Strings are padded with spaces on the wire. */
struct scsi_personality {
	const char *name;        /* how configuration and catalog call it: "dvd-rom" */
	const char *vendor;      /* 8 */
	const char *product;     /* 16 */
	const char *revision;    /* 4 */
	uint8_t version;         /* INQUIRY byte 2: 05h SPC-3, 06h SPC-4 */
	uint16_t descriptors[8]; /* version descriptors, 0-terminated if fewer */
};

/* What is released when a session ends. */
enum scsi_holding {
	SCSI_HOLDING_PREVENT = 1 << 0,
	SCSI_HOLDING_PREVENT_PERSISTENT = 1 << 1,
	SCSI_HOLDING_RESERVATION = 1 << 2,
};

/* A nexus: one initiator's path to one logical unit (SAM-5 4.7, with the LUN: I_T_L). */
struct scsi_nexus {
	struct scsi_lu *lu;
	struct list link;               /* lu->nexuses, or lu->dormant */
	char name[SCSI_NEXUS_NAME_MAX]; /* stable across restarts: "loopback", "iqn.…,i,0x…@backup"
					 */
	struct scsi_port port;          /* whose registrations are this nexus's */
	char target_name[SCSI_TARGET_NAME_MAX]; /* of the target port; "": not of iSCSI */
	scsi_attention_set attentions;
	struct scsi_sense deferred; /* SPC-4 4.5.6; code SENSE_NONE: none pending */
	bool prevent;               /* PREVENT ALLOW MEDIUM REMOVAL 01b */
	bool prevent_persistent;    /* … 11b: the operator's button only (MMC-6 6.12) */
	uint32_t transfer_max;      /* bytes that a command of this path can move; 0: no limit */
	bool suspended;             /* dormant, and comes back as it is; see scsi_nexus_suspend */
	bool away;                  /* nobody is logged in; see scsi_nexus_away */
	bool watched;               /* see scsi_nexus_watch */
	/* enum scsi_holding, of a watched one: taken since the last look, and before it began. */
	unsigned taken, taken_before;
	/* lu->task_count when the look began, and that which last saw its session. */
	uint64_t look_tasks, seen_tasks;
	void *device; /* what the device type keeps per nexus: device_type->nexus_size bytes, zeroed
		       */
	struct scsi_recorder recorder;
};

struct scsi_device_type {
	const char *name;        /* "cd/dvd" */
	uint8_t peripheral_type; /* INQUIRY byte 0: 05h MMC, 01h SSC, 08h SMC */
	bool removable;
	bool queued; /* one mechanism: commands run one after the other, see queue.h */
	/* A nexus that comes back, after a loss or a restart, has no unit attention for that. */
	bool forgives_nexus_loss;
	struct scsi_opcode_table opcodes;
	const struct scsi_mode_page *mode_pages; /* sorted by page, subpage; ends with length 0 */
	const struct scsi_mode_header_ops *mode_header; /* NULL: all zeros */
	const struct scsi_log_page *log_pages; /* sorted by page, subpage; ends with build NULL */
	const struct scsi_vpd_page *vpd_pages; /* sorted; ends with build NULL */
	size_t nexus_size;                     /* bytes for nexus->device */

	/* All with lu->lock held. */

	/* A nexus came: nexus->device is zeroed, pending attentions are set already. */
	void (*nexus_added)(struct scsi_nexus *nexus);
	/* Before the gates of every command: what became due meanwhile (a swap) happens now. */
	void (*refresh)(struct scsi_nexus *nexus);
	/* The command was ended by a unit attention, cmd->attention. NULL: that is all. */
	void (*attention_reported)(struct scsi_cmd *cmd);
	/* The ready gate, for rows without OPCODE_WITHOUT_MEDIUM: SENSE_NONE or NOT READY. */
	enum scsi_sense_code (*ready)(struct scsi_cmd *cmd);
	/* The write gate, for rows with OPCODE_WRITES: SENSE_NONE or DATA PROTECT. */
	enum scsi_sense_code (*writable)(struct scsi_cmd *cmd);
	/* LOGICAL UNIT RESET. PREVENT and SPC-2 reservations are cleared, persistent ones stay. */
	void (*reset)(struct scsi_lu *lu);
	/* What hosts were last told, beyond what scsi/told.c keeps. NULL: nothing. */
	void (*encode_lu)(struct scsi_lu *lu, struct response *r);
	bool (*decode_lu)(struct scsi_lu *lu, struct reader *reader);
	void (*encode_nexus)(struct scsi_nexus *nexus, struct response *r);
	bool (*decode_nexus)(struct scsi_nexus *nexus, struct reader *reader);
};

struct scsi_lu {
	const struct scsi_device_type *type;
	const struct scsi_personality *personality;
	char name[SCSI_NAME_MAX];     /* "dvd0" */
	char serial[SCSI_SERIAL_MAX]; /* unit serial number, ASCII, the same for ever */

	const struct library_ops *library; /* the door to the daemon */
	void *library_context;
	struct scsi_executor *executor;
	const struct scsi_clock *clock;

	pthread_mutex_t lock;
	struct list nexuses;
	struct list dormant; /* nexuses whose initiator has left, the last one first */
	unsigned dormant_count;
	struct scsi_queue queue;        /* of a type with `queued` */
	struct list tasks;              /* commands QUEUED or BUSY, of all nexuses */
	uint64_t task_count;            /* so far */
	struct scsi_nexus *reserved_by; /* SPC-2 RESERVE (SPC-2 7.21); NULL: nobody */
	struct scsi_persistent persistent;
	bool persistent_committing; /* the library does, see scsi_persistent_begin */
	struct scsi_mode_values mode;
	uint64_t powered_on_ns; /* by lu->clock */
	uint64_t timestamp_offset_ms;
	bool timestamp_set; /* by a host */

	/* LOGICAL UNIT RESETs so far: a transport ends what it still holds back of older commands.
	 */
	atomic_uint resets;
	/* Commands whose Data-In still comes from the medium; see scsi_lu_drained. */
	atomic_uint reads_in_flight;
	atomic_bool draining;
	/*
	 * Counters for operators and benchmarks: page-cache hits, those of them that the transport
	 * sends from the file, misses, refusals of NOWAIT.
	 */
	atomic_ullong inline_reads, sent_reads, pool_reads, nowait_refused, bytes_read, commands;
	struct scsi_tally tally;
};

/* Name, serial and the injected surroundings are copied or borrowed for the life of the lu. */
struct scsi_lu_config {
	const struct scsi_device_type *type;
	const struct scsi_personality *personality;
	const char *name;
	const char *serial;
	const struct library_ops *library;
	void *library_context;
	struct scsi_executor *executor;
	const struct scsi_clock *clock; /* NULL: scsi_clock_monotonic */
};

void scsi_lu_init(struct scsi_lu *lu, const struct scsi_lu_config *config);
/* No nexus and no command is left. */
void scsi_lu_finish(struct scsi_lu *lu);

/*
 * A new nexus with a pending 29/00 (SAM-5 5.14: a new I_T nexus after power on). told.h silences
 * it for a nexus that was there before a restart. NULL: out of memory.
 */
struct scsi_nexus *scsi_nexus_create(struct scsi_lu *lu, const char *name);
/* I_T nexus loss (SAM-5 6.3.4): PREVENT and reservation released, tasks cancelled; 29/07 pending.
 */
void scsi_nexus_lost(struct scsi_nexus *nexus);
/*
 * For transports whose initiators come and go (iSCSI, and hosts of the kernel target). A nexus
 * whose session ended is dormant: it keeps its name and what the device type knows of it, follows
 * every change of the medium, and is no host otherwise: it is not asked, not waited for, not
 * listed, holds nothing and gets no unit attention from others, but for a change of the medium. At
 * most SCSI_DORMANT_MAX are kept, those that left last; who has not even taken its first 29/00 is
 * not worth one.
 *
 * enter: the nexus of that name if it is dormant, as it was; else a new one (29/00). NULL: out of
 * memory, or one of that name is in use. leave: I_T nexus loss (SAM-5 6.3.4); all its commands are
 * complete, and the nexus is not the caller's any more. PREVENT and reservation are released. On a
 * device type with `forgives_nexus_loss` no unit attention follows (Linux gives up a mounted disc
 * at any), on others 29/07 is pending when the initiator returns.
 */
struct scsi_nexus *scsi_nexus_enter(struct scsi_lu *lu, const char *name);
/*
 * For initiators that return under another name (libiscsi, which QEMU logs in with, makes up a new
 * ISID each time it reconnects). `kin` says whether the dormant `known` may be who `name` is. When
 * none has the name itself and exactly one is kin, it is that one, renamed; when several are, they
 * cannot be told apart, and it is a new one.
 */
struct scsi_nexus *scsi_nexus_enter_kin(
	struct scsi_lu *lu, const char *name, bool (*kin)(const char *known, const char *name));
void scsi_nexus_leave(struct scsi_nexus *nexus);
/*
 * The same at a clean stop, when the initiator has missed nothing: no command of it is unanswered,
 * and it has acknowledged every answer. On no device type does a unit attention follow, also not
 * when it returns to the next daemon (told.h) - unless it held a PREVENT or a reservation, which
 * are released as ever: then it has lost them, and 29/07 says so. While it is away it gets the unit
 * attentions of whoever is there, but on a device type with `forgives_nexus_loss`.
 */
void scsi_nexus_suspend(struct scsi_nexus *nexus);

/*
 * For a path that stays while its initiator comes and goes: a device that the kernel's own iSCSI
 * shows to one host. Nobody is logged in any more: its commands are cancelled, PREVENT and
 * reservation are released. Until somebody is back, or a command comes, it is no host that is
 * listed or waited for; unlike a dormant one it is told everything. 29/07 is pending on a device
 * type without `forgives_nexus_loss`, unless it was not there before (`stranger`: nothing is known
 * of an earlier session) and held nothing.
 */
void scsi_nexus_away(struct scsi_nexus *nexus, bool stranger);
void scsi_nexus_back(struct scsi_nexus *nexus);
/*
 * Such a path whose sessions are only seen by looking at them now and then. Whatever it takes
 * (PREVENT, RESERVE) is followed by LIBRARY_EVENT_TAKEN, which asks for a look. A look begins with
 * scsi_nexus_look; if it finds the session that was there before, scsi_nexus_same follows, if none,
 * scsi_nexus_away, and if another one, scsi_nexus_replaced: that is the loss of the former, but
 * what was taken since the last look that saw the former is the new one's and stays, and so do
 * commands that came since. A command and the look that it asks for are so close that no session
 * fits between them.
 */
void scsi_nexus_watch(struct scsi_nexus *nexus);
void scsi_nexus_look(struct scsi_nexus *nexus);
void scsi_nexus_same(struct scsi_nexus *nexus);
void scsi_nexus_replaced(struct scsi_nexus *nexus);
/* Its commands end, as with an ABORT TASK SET of another transport (SAM-5 7.3); no more. */
void scsi_nexus_cancel(struct scsi_nexus *nexus);

/*
 * Says who is at its two ends, before the first command of a nexus that was made or that returned.
 * Until then the port is one that is made of its name.
 */
void scsi_nexus_set_port(struct scsi_nexus *nexus, const struct scsi_port *port);
/* Likewise how its target port is called in iSCSI; see scsi_port_target_name. */
void scsi_nexus_set_target_name(
	struct scsi_nexus *nexus, const char *iscsi_name, uint16_t portal_group);

/* The nexus goes for good; all its commands are complete. */
void scsi_nexus_destroy(struct scsi_nexus *nexus);

/*
 * LOGICAL UNIT RESET (SAM-5 6.3.3): cancels the tasks of every nexus, releases PREVENT and SPC-2
 * reservations, goes back to the saved mode pages, raises 29/03 on every nexus but `except` (where
 * the kernel target raises its own). `except` may be NULL. No lock held.
 */
void scsi_lu_reset(struct scsi_lu *lu, struct scsi_nexus *except);

/* ---- with lu->lock held --------------------------------------------------------------------- */

void scsi_lu_lock(struct scsi_lu *lu);
void scsi_lu_unlock(struct scsi_lu *lu);

/*
 * Raises `attention` on every nexus but `except` (may be NULL); a medium that changed, on the
 * dormant ones too, and anything on those that are suspended.
 */
void scsi_attention_raise_all(
	struct scsi_lu *lu, enum scsi_attention attention, const struct scsi_nexus *except);

/*
 * What was answered GOOD has failed since (SPC-4 4.5.6): told once, as deferred sense, instead of
 * the next command of that nexus that reports sense at all. A second one before that is dropped:
 * the first says where the trouble began.
 */
void scsi_defer(struct scsi_nexus *nexus, const struct scsi_sense *sense);

/* Somebody holds PREVENT; `persistent_too`: also counts 11b (it stops the operator's button). */
bool scsi_removal_prevented(const struct scsi_lu *lu, bool persistent_too);

/*
 * True when no read of the medium is in flight; else LIBRARY_EVENT_DRAINED follows when the last
 * one is done. The caller has seen to it that no new one starts.
 */
bool scsi_lu_drained(struct scsi_lu *lu);

/* What hosts were told has changed: library->remember is called. */
void scsi_lu_remember(struct scsi_lu *lu);
