/* SPDX-License-Identifier: Apache-2.0 */
/*
 * THE façade of the library: everything that the HTTP API (and through it the command line and the
 * web page) may do or see. Strings and shapes only; no type of another room but struct error.
 *
 * Two kinds of calls:
 *  - readers answer at once from published snapshots and a read-only catalog connection. They may
 *    be called from any thread and never wait for a drive or an image file.
 *  - operations are queued to the library worker and answer through a callback, once, from the
 *    worker. While the library stops they fail with STOPPING, which may come before the call
 *    returns, as may NO_MEMORY.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "util/file_io.h"

struct library;

enum {
	LIBRARY_ID_MAX = 64,
	LIBRARY_TEXT_MAX = 260,
	LIBRARY_PATH_MAX = 4096,
	LIBRARY_NEXUSES_MAX = 64,
	LIBRARY_ISCSI_NAME_MAX = 224, /* with NUL (RFC 7143 4.2.7.1) */
	LIBRARY_HOST_NAME_MAX = 512,
	LIBRARY_SECRET_MAX = 256,     /* with NUL */
	LIBRARY_CHAP_SECRET_MIN = 12, /* RFC 7143 9.2.1: 96 bits */
	LIBRARY_LUN_MAX = 16383,      /* what flat addressing can name (SAM-5 4.7.7.4) */
	LIBRARY_EXPORT_LUNS_MAX = 256,
	LIBRARY_EXPORT_RULES_MAX = 32,
	LIBRARY_RULE_MAX = 256,
	LIBRARY_TRACE_MAX = 256,
	LIBRARY_BARCODE_MAX = 33, /* with NUL */
	LIBRARY_TAPES_MAX = 1000, /* made at a time */
	LIBRARY_WARNING_MAX = 768,
	LIBRARY_DIGEST_MAX = 65, /* SHA-256 in hexadecimal, with NUL */
	LIBRARY_NOTES_MAX = 2048,
	LIBRARY_TAGS_MAX = 32 * 33,
	LIBRARY_KERNEL_LUN_MAX = 255, /* what the kernel's own iSCSI can name */
};

/* ---- shapes -------------------------------------------------------------------------------- */

struct library_medium {
	char id[LIBRARY_ID_MAX];
	char kind[16]; /* "disc", "tape" */
	char path[LIBRARY_PATH_MAX];
	char format[16]; /* "iso"; "carousel": a cartridge of the native format */
	char file_system[32];
	char volume_id[LIBRARY_TEXT_MAX];
	char profile[16];             /* "CD-ROM", "DVD-ROM", "BD-ROM": what it is pressed to */
	bool profile_set;             /* by the operator; else by its content and size */
	uint64_t size;                /* bytes; of a tape: of its file when it was added */
	char fault[LIBRARY_TEXT_MAX]; /* "" or why it is not trusted */
	int64_t added;                /* seconds since the epoch */
	uint64_t loads;               /* how often it was put into a drive */
	char drive[LIBRARY_ID_MAX];   /* that it is in; the first one of a disc; "": none */
	/* Of a tape. */
	char barcode[LIBRARY_BARCODE_MAX]; /* "ARC001L8"; "" for a disc */
	char medium_type[16];              /* "LTO-8" */
	uint64_t capacity;                 /* bytes that hosts may write */
	bool write_protected;              /* the tab of its shell */
	/* What people and jobs know of it. */
	int64_t version; /* one more with every change; what conditional requests go by */
	char state[16];  /* of its file: "ok", "missing", "changed" */
	char sha256[LIBRARY_DIGEST_MAX]; /* "": not computed yet */
	int64_t verified;                /* when the file was last read whole; 0: never */
	char verify_result[16];          /* "", "ok", "mismatch", "unreadable" */
	bool owned;                      /* the library brought the file into its pool */
	char notes[LIBRARY_NOTES_MAX];
	char os[96];                 /* what its contents install or run, in words; "" */
	char tags[LIBRARY_TAGS_MAX]; /* ascending, separated by a space */
};

/* The cartridge in a tape drive, as the drive knows it now. */
struct library_tape {
	bool threaded;    /* false: a host has unloaded it, and it lies in the mouth */
	bool writable;    /* no: tab, file or damage; `reason` says which */
	char reason[160]; /* "" when it is writable */
	bool damaged;     /* what was durable cannot be read; from `damaged_object` on */
	uint64_t damaged_object;
	uint64_t position;  /* the logical object (block or filemark) that is next */
	uint64_t end;       /* EOD: number of logical objects */
	uint64_t filemarks; /* among them */
	uint64_t bytes;     /* of all blocks, as hosts wrote them */
	uint64_t used,
		capacity; /* bytes on the medium; compression makes them fewer than `bytes` */
	uint64_t mounts;  /* in its whole life */
};

/* One host's path to the drive, and what it was told. */
struct library_host {
	char name[LIBRARY_HOST_NAME_MAX]; /* "loopback", or an initiator port: "iqn.…,i,0x…@backup"
					   */
	bool locks;                       /* holds PREVENT */
	bool reserves; /* holds the reservation, alone or as every registrant does */
	uint64_t key;  /* of its registration for persistent reservations; 0: none */
	bool sees_medium;
	bool told; /* knows the present state of the drive */
	uint64_t commands;
};

/* Who keeps others off a drive. */
struct library_reservation {
	char type[48]; /* "reserve" (SPC-2), or the persistent one: "write exclusive", …; "": none
			*/
	char holder[LIBRARY_HOST_NAME_MAX]; /* a host, or the port of one that is away; "": all
					       registrants */
	uint64_t key;                       /* the holder's; 0: none */
	unsigned registrants; /* hosts that are registered, also those that are away */
	bool lasting;         /* also over power loss (APTPL) */
};

struct library_drive {
	char name[LIBRARY_ID_MAX];
	char kind[16];        /* "optical", "tape" */
	char personality[32]; /* "dvd-rom", "lto-8" */
	char serial[32];
	char tray[16];   /* "closed", "open"; "" for a tape drive */
	char state[24];  /* "empty", "loaded", "unloaded" (tape: by a host), "changing", "failed" */
	bool locked;     /* some host holds PREVENT: eject asks the host first */
	bool has_medium; /* medium is valid */
	struct library_medium medium;
	bool has_tape; /* tape is valid: a tape drive with a cartridge in it */
	struct library_tape tape;
	uint64_t alerts;                /* TapeAlert: flag n is bit n-1 (SSC-4 4.2.20) */
	char export_address[32];        /* loopback "0:0:1:0", "" when not exported */
	char failure[LIBRARY_TEXT_MAX]; /* for "failed": what happened and what to do */
	struct library_reservation reservation;
	unsigned host_count;
	struct library_host hosts[LIBRARY_NEXUSES_MAX];
	uint64_t inline_reads, pool_reads, bytes_read, bytes_written, commands;
	uint64_t wakeups, kicks, allocations;
};

/* Who may log in to an export. Strings are a list of `count` rules. */
struct library_rules {
	unsigned count;
	char rules[LIBRARY_EXPORT_RULES_MAX][LIBRARY_RULE_MAX];
};

/*
 * An export: an iSCSI target and its LUN map, of the built-in portal or of the kernel's own iSCSI
 * (`transport`). The kernel's has no networks, and its initiators are whole names; each is a nexus
 * of its own in front of each drive. Without initiators (and then `open`) all that log in share
 * one, and the drive cannot tell them apart. `initiators` are iSCSI names,
 * where * stands for any characters; `networks` are addresses or prefixes ("10.0.0.0/8",
 * "fd00::/8"). A list that is empty allows all; an initiator must satisfy both. Secrets are never
 * given out.
 */
struct library_export {
	char name[LIBRARY_ID_MAX];           /* "backup" */
	char target[LIBRARY_ISCSI_NAME_MAX]; /* its iSCSI name */
	char transport[16];                  /* "portal", "kernel" */
	unsigned lun_count;
	struct library_export_lun {
		uint16_t lun;
		char drive[LIBRARY_ID_MAX];
	} luns[LIBRARY_EXPORT_LUNS_MAX]; /* ascending */
	struct library_rules initiators, networks;
	char chap_user[LIBRARY_SECRET_MAX];   /* "": no CHAP */
	char mutual_user[LIBRARY_SECRET_MAX]; /* "": no mutual CHAP */
	bool open;                            /* said by the operator: anybody may log in */
	/* "", or why hosts are kept out, or what those that share a nexus must know. */
	char warning[LIBRARY_WARNING_MAX];
	unsigned session_count;
};

/* A session: who is logged in, and from where. */
struct library_session {
	uint64_t number; /* from 1; later ones have greater ones, until the daemon ends */
	char export[LIBRARY_ID_MAX];
	char initiator[LIBRARY_ISCSI_NAME_MAX];
	char isid[16]; /* "0x00023d000001" */
	char address[64];
	int64_t since; /* seconds since the epoch; at the kernel's, when it was seen first */
};

/* What happened to a medium, and who did it. */
struct library_history_entry {
	int64_t number;               /* ascending in time */
	int64_t when;                 /* seconds since the epoch */
	char actor[LIBRARY_TEXT_MAX]; /* "uid 0", "host loopback" */
	char verb[32];                /* "load", "eject", "tray-open" … */
	char drive[LIBRARY_ID_MAX];
	char medium[LIBRARY_ID_MAX];
	char subject_kind[16]; /* "export", "job", "token", …; "": a drive or medium */
	char subject[LIBRARY_ID_MAX];
	char outcome[32];   /* "ok", or the code of the error with which it was refused */
	const char *detail; /* a JSON object, or ""; valid during the callback */
};

struct library_trace_entry {
	char host[LIBRARY_HOST_NAME_MAX];
	uint64_t number;
	double age_s; /* since the command started */
	uint32_t duration_us;
	char name[48]; /* "READ(10)" */
	uint8_t cdb[16];
	uint8_t cdb_length;
	uint8_t status;
	uint8_t sense_key, asc, ascq;
	char sense_text[96];
	uint64_t transferred;
};

struct library_health {
	char version[32];
	bool ready; /* every configured drive is served */
	unsigned drives, drives_failed;
	uint64_t media;
	char transport[LIBRARY_TEXT_MAX]; /* "target_core_user", or why there is none */
	char portal[LIBRARY_TEXT_MAX];    /* addresses of the portal, separated by spaces, or "" */
	/* Where the kernel's own iSCSI shows exports, likewise; "", and then `kernel_reason`. */
	char kernel[LIBRARY_TEXT_MAX], kernel_reason[LIBRARY_TEXT_MAX];
	unsigned sessions;
	/* A catalog that is damaged, or a device of another program that is not served; or "". */
	char warning[LIBRARY_WARNING_MAX];
	uint64_t uptime_s;
};

/* ---- readers ------------------------------------------------------------------------------- */

unsigned library_drive_count(struct library *library);
/* In name order; false when index is past the end. */
bool library_drive_at(struct library *library, unsigned index, struct library_drive *ret);
/* The first one behind `after` in that order, whether it is there or not; "": of all. */
bool library_drive_after(struct library *library, const char *after, struct library_drive *ret);
bool library_drive_get(
	struct library *library, const char *name, struct library_drive *ret, struct error *error);

/* A page in id order. */
struct library_media_query {
	const char *after; /* NULL or "": from the start */
	/*
	 * NULL or "" is all. `match` is words, each of which is somewhere in id, path, volume id,
	 * barcode, tags, notes or operating system.
	 */
	const char *match, *kind, *tag, *state, *sha256;
	bool duplicates; /* only media that have the same bytes as others */
	bool annotated;  /* only media with tags or notes */
	unsigned limit;
};
struct library_media_page {
	char next[LIBRARY_ID_MAX]; /* what to pass as `after`; "": it is the last one */
	/* How many there are on all pages; of searches for which there are many, not all are
	   counted. On a later page perhaps as many as there were on the first. */
	uint64_t at_least;
	bool exact;
};
bool library_media_page(struct library *library, const struct library_media_query *query,
	bool (*each)(void *context, const struct library_medium *medium), void *context,
	struct library_media_page *ret, struct error *error);
/* With library_media_search, below, nobody else waits meanwhile. */
bool library_medium_get(
	struct library *library, const char *id, struct library_medium *ret, struct error *error);

/* What is in it: a JSON object, "" when nobody has looked; for the caller to free. By its whole id.
 */
bool library_medium_details(
	struct library *library, const char *id, char **ret, struct error *error);
/* Every tag behind `after` ("": all), in order, and how many media have it; false ends it. */
bool library_tags(struct library *library, const char *after,
	bool (*each)(void *context, const char *tag, uint64_t media), void *context,
	struct error *error);

/*
 * What happened, newest first: those with a number below `before` (0: from the newest). NULL or ""
 * is all; `medium` is an id. Media and drives that are gone have their history still. `refused`:
 * with what was tried and refused.
 */
struct library_history_query {
	const char *medium, *drive, *actor;
	const char *subject_kind, *subject; /* both: one thing only */
	bool refused;
	int64_t before;
	unsigned limit;
};
bool library_history(struct library *library, const struct library_history_query *query,
	bool (*each)(void *context, const struct library_history_entry *entry), void *context,
	struct error *error);
/* Oldest first, those with a number above `after`: what a follower has not seen. */
bool library_events_after(struct library *library, int64_t after, unsigned limit,
	bool (*each)(void *context, const struct library_history_entry *entry), void *context,
	struct error *error);

/*
 * `committed` is called by the worker whenever there may be new events; it must neither block nor
 * call the library. One at a time; NULL: nobody. Returns when the one before is called no more.
 */
void library_events_subscribe(
	struct library *library, void (*committed)(void *context), void *context);

/* The number of the newest event; 0: nothing has ever happened. */
bool library_event_last(struct library *library, int64_t *ret, struct error *error);

/* Oldest first; `host` NULL or "" is all hosts of the drive, merged by time. */
bool library_trace(struct library *library, const char *drive, const char *host, unsigned limit,
	bool (*each)(void *context, const struct library_trace_entry *entry), void *context,
	struct error *error);

/* In name order; false when index is past the end. */
bool library_export_at(struct library *library, unsigned index, struct library_export *ret);
/* As library_drive_after. */
bool library_export_after(struct library *library, const char *after, struct library_export *ret);
/* EXPORT_NOT_FOUND. */
bool library_export_get(
	struct library *library, const char *name, struct library_export *ret, struct error *error);
/* Of all exports (NULL or ""), or of one: the first one behind this number; false: none is. */
bool library_session_after(struct library *library, const char *export_name, uint64_t after,
	struct library_session *ret);

/* The kernel target is there, so that drives may be shown to this machine (loopback). */
bool library_has_kernel_target(struct library *library);

void library_health(struct library *library, struct library_health *ret);

/* ---- operations ---------------------------------------------------------------------------- */

struct library_kept_answer;
struct library_token;

/* A file that is open for reading. */
struct library_file {
	int fd;
	uint64_t length;
};

enum { LIBRARY_TAG_MAX = 72 };

/* The file of a disc, open. */
struct library_content {
	int fd;                        /* the library's, which closes it after the callback */
	struct file_identity identity; /* of the file, its size too */
	char tag[LIBRARY_TAG_MAX];     /* never that of other bytes */
	char name[256];                /* of the file, without its directories; any bytes */
};

struct library_result {
	bool ok;
	struct error error; /* when not ok */
	/* Filled in by operations on a drive (its state afterwards) … */
	bool has_drive;
	struct library_drive drive;
	/* … and by those that made or changed one medium. */
	bool has_medium;
	struct library_medium medium;
	/* … and by operations on an export; the callee's, valid during the callback. */
	const struct library_export *export;
	const struct library_token *token;      /* likewise (daemon/tokens.h) */
	const struct library_kept_answer *kept; /* likewise (daemon/keys.h) */
	const struct library_file *file;        /* likewise: who keeps it duplicates it */
	const struct library_content *content;  /* likewise */
	bool created;                           /* something new came into being (HTTP 201) */
	/* Adding a directory: how many files were added, known already, and refused. */
	unsigned added, known, refused;
	struct error first_refusal;
	/* Making tapes: their ids; the callee's, valid during the callback. */
	const char (*ids)[LIBRARY_ID_MAX];
	unsigned id_count;
	int64_t job;                          /* that was begun (daemon/jobs.h); 0: none */
	char upload[LIBRARY_ID_MAX];          /* that it was about (daemon/uploads.h); "": none */
	struct library_media_page media_page; /* of a search */
};

/* Called once, see above. Must not block. */
typedef void (*library_done)(void *context, const struct library_result *result);

/* Who reads a page, on the thread that searches. */
struct library_media_taker {
	bool (*each)(void *context, const struct library_medium *medium);
	/* Asked often; false ends the search, for nobody waits any more. NULL: somebody does. */
	bool (*goes_on)(void *context);
	void *context;
};
/*
 * The same as library_media_page, elsewhere: the `media_page` of the result. SEARCH_SLOW: it took
 * longer than ten seconds, those that it waited for others included. CANCELLED: see goes_on.
 */
void library_media_search(struct library *library, const struct library_media_query *query,
	const struct library_media_taker *taker, library_done done, void *context);

struct library_load {
	char drive[LIBRARY_ID_MAX]; /* a name, or "any": the first empty drive it fits in */
	char medium[LIBRARY_ID_MAX];
	bool replace; /* take out what lies in the closed drive */
	bool force;   /* even though a host holds PREVENT and does not let go */
};

/*
 * Puts a medium into a drive and closes the tray; answers when every host that polls has noticed,
 * or after 5 s. Loading what is already there is a success that changes nothing; a tape that a host
 * has unloaded is threaded again. Errors: DRIVE_NOT_FOUND, MEDIUM_NOT_FOUND, DRIVE_FULL,
 * DRIVE_BUSY, REMOVAL_PREVENTED, MEDIUM_DOES_NOT_FIT, MEDIUM_IN_USE (a tape that is in another
 * drive), and those of opening the image.
 */
void library_load(struct library *library, const struct library_load *load, const char *actor,
	library_done done, void *context);

struct library_eject {
	char drive[LIBRARY_ID_MAX];
	bool force;
};

/*
 * Takes the medium off. A drive that a host has locked is asked (EjectRequest) and given 10 s to
 * let go; REMOVAL_PREVENTED after that (at once for a tape drive: nothing asks its hosts). An empty
 * drive is a success that changes nothing. A tape is out when all that was written to it is
 * durable.
 */
void library_eject(struct library *library, const struct library_eject *eject, const char *actor,
	library_done done, void *context);

/*
 * Takes back the reservation and every registration of a drive, for a host that will not come back
 * to do it: hosts that were registered have 2A/03 (RESERVATIONS PREEMPTED) pending. When there is
 * none it is a success that changes nothing. The result is the drive.
 */
void library_release(struct library *library, const char *drive, const char *actor,
	library_done done, void *context);

/*
 * A copy of the catalog as it is at one instant, while everything goes on: the `file` of the
 * result. It has every secret that the library knows. UNDER_WAY: another one is being made.
 */
void library_backup(struct library *library, const char *actor, library_done done, void *context);

struct library_media_add {
	char path[LIBRARY_PATH_MAX]; /* absolute; a file, or a directory (not followed below it) */
	char id[LIBRARY_ID_MAX];     /* "" = made of the file name; files only */
	char profile[16];            /* as library_media_set_profile has it; "" = by content and
					size, and as it was of a disc that is known */
};

/*
 * Errors: FILE_*, IMAGE_*, EXISTS; with a profile MEDIUM_DOES_NOT_FIT (the image is larger than
 * such a disc), INVALID (no such profile; a tape), MEDIUM_IN_USE.
 */
void library_media_add(struct library *library, const struct library_media_add *add,
	const char *actor, library_done done, void *context);
/*
 * What a disc is pressed to from now on: "cd-rom", "dvd-rom", "bd-rom", in any case, or "auto": by
 * the content and size it was added with. MEDIUM_IN_USE while it is in a drive.
 * MEDIUM_DOES_NOT_FIT: it is larger than such a disc. INVALID: no such profile; it is a tape.
 */
void library_media_set_profile(struct library *library, const char *id, const char *profile,
	const char *actor, library_done done, void *context);
/*
 * What people say of a medium, of exactly this id or path. NULL leaves it as it is; tags are
 * [a-z0-9][a-z0-9._:-]*, separated by spaces. `version`: what was seen (CHANGED_MEANWHILE); 0: any.
 * INVALID, EXISTS (another one has the new id), MEDIUM_IN_USE (a new id while it is in a drive).
 */
struct library_media_words {
	const char *id, *notes, *tags; /* copied before the call returns */
	int64_t version;
};
void library_media_describe(struct library *library, const char *id,
	const struct library_media_words *words, const char *actor, library_done done,
	void *context);
/*
 * Opens the file of a disc to be read by others. MEDIUM_NOT_FOUND, INVALID (it is a tape),
 * FILE_CHANGED (another file is there than was added), FILE_*.
 */
void library_content_open(struct library *library, const char *id, const char *actor,
	library_done done, void *context);
/*
 * Forgets the medium of exactly this id or path; the file stays. `version`: what was seen
 * (CHANGED_MEANWHILE); 0: any. MEDIUM_IN_USE.
 */
void library_media_remove(struct library *library, const char *id, int64_t version,
	const char *actor, library_done done, void *context);

/*
 * Makes blank tapes in the directory of tapes, and adds them: all of them or none. Barcodes are the
 * prefix, a number that goes on behind the highest there is, and the suffix of the type ("L8");
 * together 8 characters. Ids are the barcodes in lower case. Unused files of such tapes that the
 * catalog does not know are taken over. INVALID, EXISTS, HOST_FULL.
 */
struct library_tape_create {
	char medium_type[16]; /* "" = "LTO-8" */
	char prefix[16];      /* of A-Z and 0-9, 1 to 5 characters */
	unsigned count;       /* 1 to LIBRARY_TAPES_MAX */
	uint64_t capacity;    /* bytes; 0: that of the type. Files grow as they are written */
};
void library_tape_create(struct library *library, const struct library_tape_create *create,
	const char *actor, library_done done, void *context);
/* The tab of a tape's shell; MEDIUM_IN_USE while it is in a drive. INVALID: it is a disc. */
void library_tape_protect(struct library *library, const char *id, bool write_protected,
	const char *actor, library_done done, void *context);

struct library_drive_add {
	char name[LIBRARY_ID_MAX];
	char personality[32]; /* "" = "dvd-rom" */
	bool loopback;        /* show it to this machine through the kernel target */
};

void library_drive_add(struct library *library, const struct library_drive_add *add,
	const char *actor, library_done done, void *context);
/* Refused (DRIVE_BUSY) while it holds a medium, unless force. */
void library_drive_remove(struct library *library, const char *name, bool force, const char *actor,
	library_done done, void *context);

/*
 * All of an export: what is not said is not there. Secrets: NULL keeps the one that is stored for
 * the same user, "" is none. CHAP secrets are 12 to 255 bytes and differ from each other (RFC
 * 7143 9.2.1).
 */
struct library_export_put {
	char name[LIBRARY_ID_MAX];           /* as drives are named */
	char target[LIBRARY_ISCSI_NAME_MAX]; /* "": stays; a new one: the prefix, a colon, the name
					      */
	char transport[16];                  /* "", "portal" or "kernel" */
	unsigned lun_count;
	struct library_export_lun luns[LIBRARY_EXPORT_LUNS_MAX];
	struct library_rules initiators, networks;
	char chap_user[LIBRARY_SECRET_MAX], mutual_user[LIBRARY_SECRET_MAX];
	const char *chap_secret, *mutual_secret; /* copied before the call returns */
	bool open;
};

/*
 * Makes or changes an export; `must_be_new`: EXISTS when it is there. An export that comes out as
 * it was disturbs nobody; one that changes has its sessions closed (initiators come back by
 * themselves); the kernel's has only those closed that the change touches. What the kernel refuses
 * is the export's warning, and is tried again with each put and reload. Errors: INVALID, EXISTS,
 * DRIVE_NOT_FOUND, EXPORT_UNPROTECTED (the portal listens beyond loopback and there is neither a
 * rule nor CHAP; `open` and allow_open in the configuration permit it).
 */
void library_export_put(struct library *library, const struct library_export_put *put,
	bool must_be_new, const char *actor, library_done done, void *context);
/* Closes its sessions. EXPORT_NOT_FOUND. */
void library_export_remove(struct library *library, const char *name, const char *actor,
	library_done done, void *context);
