/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalog: what the library owns and where it is, in SQLite (WAL, foreign keys, numbered
 * migrations). It is authoritative for configuration, media, places and history.
 *
 * A struct catalog belongs to one thread at a time; open another one (catalog_open_reader) for
 * another thread. Strings in rows are NUL-terminated UTF-8, truncated never: what does not fit was
 * refused on the way in. All functions return false with `error` set; CATALOG unless said
 * otherwise. A callback must not call the same function again.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "util/file_io.h"

struct catalog;

enum {
	CATALOG_ID_MAX = 64, /* drive names, medium ids, with NUL */
	CATALOG_PATH_MAX = 4096,
	CATALOG_TEXT_MAX = 260,   /* volume ids, formats */
	CATALOG_BARCODE_MAX = 33, /* with NUL */
	CATALOG_MEDIUM_TYPE_MAX = 16,
	CATALOG_MODE_PAGE_MAX = 64,
	CATALOG_ISCSI_NAME_MAX = 224,
	CATALOG_SECRET_MAX = 256,
	CATALOG_RULE_MAX = 256,
	CATALOG_EXPORT_RULES_MAX = 32, /* of each kind */
	CATALOG_EXPORT_LUNS_MAX = 256,
	CATALOG_NOTES_MAX = 2048, /* with NUL */
	CATALOG_TAG_MAX = 33,     /* with NUL */
	CATALOG_TAGS_MAX = 32,
	CATALOG_TAGS_TEXT_MAX = CATALOG_TAGS_MAX * CATALOG_TAG_MAX,
	CATALOG_DIGEST_MAX = 65,       /* SHA-256 in hexadecimal, with NUL */
	CATALOG_DETAILS_MAX = 1 << 16, /* bytes of JSON, with NUL */
	CATALOG_OS_MAX = 96,
};

/* An image of a disc, or a cartridge, that can be put into drives. */
struct catalog_medium {
	/*
	 * Unique. Of a tape with a barcode it is the barcode in lower case: "arc001l8"; of anything
	 * else, a slug of the file name: "debian-12".
	 */
	char id[CATALOG_ID_MAX];
	char path[CATALOG_PATH_MAX];
	char kind[16];   /* "disc", or "tape", which is in at most one drive at any time */
	char format[16]; /* "iso" */
	char file_system[32];
	char volume_id[CATALOG_TEXT_MAX];
	uint64_t size;             /* bytes */
	uint32_t profile;          /* of a disc: MMC profile by its content and size */
	uint32_t profile_override; /* that the operator chose instead; 0: none */
	struct file_identity identity;
	char fault[CATALOG_TEXT_MAX];              /* "" or why it must not be trusted */
	int64_t added;                             /* seconds since the epoch */
	char barcode[CATALOG_BARCODE_MAX];         /* "" or unique: "ARC001L8" */
	char medium_type[CATALOG_MEDIUM_TYPE_MAX]; /* of a tape: "LTO-8" */
	uint64_t capacity;                         /* of a tape, in bytes */
	bool write_protected;                      /* of a tape: the tab */
	uint32_t loads;                            /* how often it came into a drive */
	/*
	 * What people and jobs know of it; catalog_medium_add and catalog_medium_update leave all
	 * of this alone.
	 */
	int64_t version; /* from 1, one more with every change of the row or of its tags */
	char state[16];  /* of the file: "ok", "missing", "changed" (is another one than was added)
			  */
	char sha256[CATALOG_DIGEST_MAX]; /* lower case; "": not computed yet */
	int64_t verified;       /* when it was last read whole, since the epoch; 0: never */
	char verify_result[16]; /* "", "ok", "mismatch", "unreadable" */
	bool owned;             /* the library brought the file into its pool */
	char notes[CATALOG_NOTES_MAX];
	char os[CATALOG_OS_MAX];          /* "debian12 Debian GNU/Linux 12 amd64"; "": not known */
	char tags[CATALOG_TAGS_TEXT_MAX]; /* ascending, separated by a space */
};

struct catalog_drive {
	char name[CATALOG_ID_MAX]; /* [a-z0-9][a-z0-9._-]*, at most 32 */
	char kind[16];             /* "optical" */
	char personality[32];
	char serial[32]; /* made once, unique */
	bool loopback;   /* shown over the loopback fabric */
	bool tray_open;
	char medium[CATALOG_ID_MAX]; /* "" when empty */
};

/*
 * Opens or creates, readable by its owner only: it has secrets; runs migrations in one transaction;
 * checks integrity, which reads the whole file once (0.3 s for 100 000 media). CATALOG_NEWER: the
 * schema is of a newer carouseld. CATALOG_DAMAGED: integrity check failed or not a database; the
 * file is left as it is. PERMISSION: cannot be written.
 */
struct catalog *catalog_open(const char *path, struct error *error);
/* Without that check, for one that was closed in good order; catalog_check makes it later. */
struct catalog *catalog_open_trusted(const char *path, struct error *error);
struct catalog *catalog_open_reader(const char *path, struct error *error);
void catalog_close(struct catalog *catalog);
/*
 * From now on `goes_on` is asked, some thousand times a second, while something takes long; when it
 * says no, that ends with CANCELLED. NULL: nobody is asked.
 */
void catalog_ask(struct catalog *catalog, bool (*goes_on)(void *context), void *context);
/*
 * Reads all of the file at `path`, beside whoever writes it, and changes nothing. CATALOG_NEWER,
 * CATALOG_DAMAGED. PERMISSION: it, or the log beside it, cannot be read. CANCELLED: `cancel` is
 * true now; NULL: nothing cancels it.
 */
bool catalog_check(const char *path, const atomic_bool *cancel, struct error *error);

/*
 * Everything `body` changes in the catalog is one transaction, with one wait for the disc: all of
 * it when body returns true, nothing when it returns false. A call inside that fails undoes itself
 * only, so the body may go on.
 */
bool catalog_batch(struct catalog *catalog, bool (*body)(void *context, struct error *error),
	void *context, struct error *error);

/* ---- media --------------------------------------------------------------------------------- */

/*
 * `medium->id` is proposed, "" is made of the barcode of a tape, else of the file name; a taken one
 * gets -2, -3 … and is written back, as is a time of adding that was 0. EXISTS: same path, same
 * barcode, or another medium has the id that a tape gets from its barcode. INVALID: id, kind or
 * barcode not allowed, an id that is not the barcode of the tape, path not absolute, or text that
 * is not UTF-8.
 */
bool catalog_medium_add(
	struct catalog *catalog, struct catalog_medium *medium, struct error *error);
/* All of them in one transaction, in their order, or none: then none of `media` was changed. */
bool catalog_media_add_many(
	struct catalog *catalog, struct catalog_medium *media, size_t count, struct error *error);
/*
 * New identity, size, volume id, capacity … of a known id (the file was replaced on purpose).
 * Clears fault. Path, barcode, tab, loads and time of adding stay as they are. INVALID: it is of
 * another kind.
 */
bool catalog_medium_update(
	struct catalog *catalog, const struct catalog_medium *medium, struct error *error);
/*
 * By id, else by barcode (where a-z is A-Z), else by unique prefix of an id, else by path.
 * MEDIUM_NOT_FOUND.
 */
bool catalog_medium_find(
	struct catalog *catalog, const char *id, struct catalog_medium *ret, struct error *error);
/* MEDIUM_IN_USE when a drive holds it. */
bool catalog_medium_remove(struct catalog *catalog, const char *id, struct error *error);
bool catalog_medium_set_fault(
	struct catalog *catalog, const char *id, const char *fault, struct error *error);
/*
 * The write-protect tab of a tape, with a history row (verb "write-protect" or "write-permit", no
 * drive); without one when the tab is there already. By id. MEDIUM_NOT_FOUND. INVALID: it is not a
 * tape. MEDIUM_IN_USE: it is in a drive, where nobody can move the tab.
 */
bool catalog_medium_set_write_protected(struct catalog *catalog, const char *id,
	bool write_protected, const char *actor, struct error *error);
/*
 * What a disc is pressed to (0: its own profile), with a history row (verb "profile", no drive);
 * without one when it is so already. By id. MEDIUM_NOT_FOUND. INVALID: it is not a disc.
 * MEDIUM_IN_USE: it is in a drive, where hosts know what it is.
 */
bool catalog_medium_set_profile(struct catalog *catalog, const char *id, uint32_t override,
	const char *actor, struct error *error);

/*
 * What people say of a medium; NULL leaves it as it is. Tags are [a-z0-9][a-z0-9._:-]*, at most 32
 * characters, in any order, separated by spaces, each once; at most CATALOG_TAGS_MAX. With a
 * history row (verb "media-change") unless nothing changed. By id. `version` is the one that the
 * caller has seen, 0: any; CHANGED_MEANWHILE: it has another one. INVALID, EXISTS (another medium
 * has the new id), MEDIUM_NOT_FOUND, MEDIUM_IN_USE (a new id while it is in a drive).
 */
struct catalog_medium_words {
	const char *id; /* a new one; not of a tape with a barcode */
	const char *notes, *tags;
};
bool catalog_medium_describe(struct catalog *catalog, const char *id,
	const struct catalog_medium_words *words, int64_t version, const char *actor,
	struct error *error);
/* "ok", "missing" or "changed", with a history row ("media-ok" …) unless it was so. By id. */
bool catalog_medium_set_state(struct catalog *catalog, const char *id, const char *state,
	const char *actor, struct error *error);
/*
 * The file is somewhere else, or has another identity and the same contents: what a rescan found.
 * "ok" from now on. EXISTS: another medium has that path. With a history row ("media-moved") if the
 * path is another one.
 */
bool catalog_medium_set_place(struct catalog *catalog, const char *id, const char *path,
	const struct file_identity *identity, const char *actor, struct error *error);
/*
 * The file was read whole: its digest ("" keeps what there is) and what came of it: "ok",
 * "mismatch", "unreadable". With a history row ("media-verify") unless `actor` is NULL.
 */
bool catalog_medium_set_digest(struct catalog *catalog, const char *id, const char *sha256,
	const char *verify_result, const char *actor, struct error *error);
/* What it has in it: a JSON object, and what people search for. No history row. */
bool catalog_medium_set_details(struct catalog *catalog, const char *id, const char *json,
	const char *os, struct error *error);
bool catalog_medium_set_owned(
	struct catalog *catalog, const char *id, bool owned, struct error *error);
/* The JSON object, "" when there is none; for the caller to free. MEDIUM_NOT_FOUND. */
bool catalog_medium_details(
	struct catalog *catalog, const char *id, char **ret, struct error *error);

/*
 * What is asked for of a list; NULL or "" is all. `match` is words: each is looked for, in any case
 * and anywhere within, in id, path, volume id, barcode, tags, notes and operating system. `kind`
 * is "disc" or "tape", `state` as above; INVALID: there is no such kind or state.
 */
struct catalog_media_filter {
	const char *kind, *match, *tag, *state, *sha256;
	bool duplicates; /* only those whose digest others have, too */
	bool annotated;  /* only those with tags or notes */
};
/* In id order, from the first id after `after` ("" = start), at most `limit`. The callback returns
 * false to stop. */
bool catalog_media_list(struct catalog *catalog, const char *after, unsigned limit,
	const struct catalog_media_filter *filter,
	bool (*each)(void *context, const struct catalog_medium *medium), void *context,
	struct error *error);
/* How many there are; more than a thousand are not counted. Of kinds and states all are known. */
struct catalog_media_count {
	uint64_t at_least;
	bool exact;
};
bool catalog_media_count(struct catalog *catalog, const struct catalog_media_filter *filter,
	struct catalog_media_count *ret, struct error *error);
/* For the later pages of a listing: what was counted last, if it was of the same filter, though
 * some may have come or gone since. */
bool catalog_media_count_again(struct catalog *catalog, const struct catalog_media_filter *filter,
	struct catalog_media_count *ret, struct error *error);
/* Every tag behind `after` and how many media have it, in the order of the tags; false ends it. */
bool catalog_tags_list(struct catalog *catalog, const char *after,
	bool (*each)(void *context, const char *tag, uint64_t media), void *context,
	struct error *error);
/*
 * Media whose files are below a directory, in the order of their paths, after the path `after` (""
 * from the first).
 */
bool catalog_media_below(struct catalog *catalog, const char *directory, const char *after,
	bool (*each)(void *context, const struct catalog_medium *medium), void *context,
	struct error *error);
/*
 * The medium whose file has this inode, on this device or on one that may have got another number:
 * what a scan takes a file for that is not where it was. MEDIUM_NOT_FOUND.
 */
bool catalog_medium_of_file(struct catalog *catalog, const struct file_identity *identity,
	struct catalog_medium *ret, struct error *error);

/* What is mounted there has another device number than it had before. */
bool catalog_media_set_device(struct catalog *catalog, const char *directory, uint64_t before,
	uint64_t now, struct error *error);

/* ---- barcodes ------------------------------------------------------------------------------ */

/* 1 to 32 of A-Z and 0-9. That of an LTO cartridge is 6 of them and the medium's: "L8". */
bool catalog_barcode_valid(const char *barcode);
/*
 * The highest number in a barcode that is `prefix`, one or more digits, `suffix`: 17 when ARC017L8
 * is the highest of "ARC" and "L8"; 0 when there is none. Both may be "". INVALID: they have
 * other characters than barcodes, or the number is above UINT_MAX.
 */
bool catalog_barcode_last(struct catalog *catalog, const char *prefix, const char *suffix,
	unsigned *ret_highest, struct error *error);

/* ---- drives -------------------------------------------------------------------------------- */

/* [a-z0-9][a-z0-9._-]*, at most 32 characters, and not "any". */
bool catalog_drive_name_valid(const char *name);
/* Always false: DRIVE_NOT_FOUND. */
bool catalog_drive_not_found(const char *name, struct error *error);
/*
 * EXISTS: a drive of that name. An empty serial is filled in. INVALID: name not allowed.
 * MEDIUM_IN_USE: its medium is a tape that is in another drive.
 */
bool catalog_drive_add(struct catalog *catalog, struct catalog_drive *drive, struct error *error);
bool catalog_drive_find(
	struct catalog *catalog, const char *name, struct catalog_drive *ret, struct error *error);
bool catalog_drive_remove(struct catalog *catalog, const char *name, struct error *error);
bool catalog_drives_list(struct catalog *catalog,
	bool (*each)(void *context, const struct catalog_drive *drive), void *context,
	struct error *error);
/*
 * The commit of a load, an eject or a tray: one transaction with its history row. It counts as a
 * load of the medium when it comes in: it is in the drive and not on the open tray now, and was not
 * so before. MEDIUM_IN_USE: it is a tape that is in another drive.
 */
bool catalog_drive_set_place(struct catalog *catalog, const char *name, const char *medium,
	bool tray_open, const char *actor, const char *verb, struct error *error);

/* Saved mode pages (MODE SELECT with SP=1). */
bool catalog_mode_pages_save(struct catalog *catalog, const char *drive,
	const uint8_t (*pages)[CATALOG_MODE_PAGE_MAX], unsigned count, struct error *error);
bool catalog_mode_pages_each(struct catalog *catalog, const char *drive,
	bool (*each)(void *context, const uint8_t *page, size_t length), void *context,
	struct error *error);

/*
 * Persistent reservations of a drive that outlive power loss; length 0: there are none any more. In
 * a transaction of its own. DRIVE_NOT_FOUND.
 */
bool catalog_reservations_save(struct catalog *catalog, const char *drive, const void *record,
	size_t length, struct error *error);
/* Calls `found` when there are any; the record is valid during the call only. */
bool catalog_reservations_find(struct catalog *catalog, const char *drive,
	void (*found)(void *context, const void *record, size_t length), void *context,
	struct error *error);

/* ---- exports -------------------------------------------------------------------------------- */

/* An iSCSI target, its LUN map, and who may log in. Secrets are as they are: the file is private.
 */
struct catalog_export {
	char name[CATALOG_ID_MAX]; /* as drives are named */
	char target[CATALOG_ISCSI_NAME_MAX];
	char chap_user[CATALOG_SECRET_MAX], chap_secret[CATALOG_SECRET_MAX]; /* "": none */
	char mutual_user[CATALOG_SECRET_MAX], mutual_secret[CATALOG_SECRET_MAX];
	bool open;
	bool kernel; /* shown by the kernel's own iSCSI, not by the portal */
	/*
	 * Relative target port identifier: the catalog chooses it when an export of that name is
	 * put for the first time, and it stays.
	 */
	uint16_t port;
	unsigned lun_count;
	struct catalog_export_lun {
		uint16_t lun;
		char drive[CATALOG_ID_MAX];
	} luns[CATALOG_EXPORT_LUNS_MAX];
	unsigned initiator_count, network_count;
	char initiators[CATALOG_EXPORT_RULES_MAX][CATALOG_RULE_MAX];
	char networks[CATALOG_EXPORT_RULES_MAX][CATALOG_RULE_MAX];
};

/*
 * All of it, in one transaction, with a history row (verb "export-put" or "export-remove", the name
 * of the export where others have the drive); replaces one of the same name. INVALID: name not
 * allowed. EXISTS: another has that target name, or a LUN is there twice. DRIVE_NOT_FOUND. A drive
 * that is removed goes from every map, in the same transaction.
 */
bool catalog_export_put(struct catalog *catalog, const struct catalog_export *export,
	const char *actor, struct error *error);
/* EXPORT_NOT_FOUND. */
bool catalog_export_remove(
	struct catalog *catalog, const char *name, const char *actor, struct error *error);
/* In name order; LUNs ascending. An export is large: `export` is valid during the call only. */
bool catalog_exports_list(struct catalog *catalog,
	bool (*each)(void *context, const struct catalog_export *export), void *context,
	struct error *error);

/* ---- history ------------------------------------------------------------------------------- */

struct catalog_event {
	int64_t id;
	int64_t when;                 /* seconds since the epoch */
	char actor[CATALOG_TEXT_MAX]; /* "uid:0", "token:ci@192.0.2.7", "host loopback" */
	char verb[32];                /* "load", "eject", "tray-open", "write-protect" … */
	char drive[CATALOG_ID_MAX];
	char medium[CATALOG_ID_MAX];
	char subject_kind[16]; /* "export", "job", "token", …; "": a drive or medium */
	char subject[CATALOG_ID_MAX];
	char outcome[32]; /* "ok", or the code of the error with which it was refused */
};
bool catalog_history_add(struct catalog *catalog, const char *actor, const char *verb,
	const char *drive, const char *medium, struct error *error);
/*
 * The same, and what was changed: its detail is {"tags": {"from": "a b", "to": "a"}}. What is as it
 * was is left out, and a text of more than 300 characters is cut.
 */
struct catalog_change {
	const char *what, *from, *to; /* "": nothing */
};
bool catalog_history_add_changes(struct catalog *catalog, const char *actor, const char *verb,
	const char *medium, const struct catalog_change *changes, size_t count,
	struct error *error);
/* id and when are chosen; "" of `outcome` is "ok". `detail` is a JSON object, or NULL. */
bool catalog_event_add(struct catalog *catalog, const struct catalog_event *event,
	const char *detail, struct error *error);
/*
 * Newest first, before event id `before` (0 = newest), at most `limit`. NULL or "" is all; without
 * `refused` only what happened.
 */
struct catalog_history_filter {
	const char *medium, *drive, *actor;
	const char *subject_kind, *subject; /* both: one thing only */
	bool refused;
};
bool catalog_history_list(struct catalog *catalog, const struct catalog_history_filter *filter,
	int64_t before, unsigned limit,
	bool (*each)(void *context, const struct catalog_event *event, const char *detail),
	void *context, struct error *error);
/* Oldest first, those after event id `after`: what a follower has missed. */
bool catalog_events_after(struct catalog *catalog, int64_t after, unsigned limit,
	bool (*each)(void *context, const struct catalog_event *event, const char *detail),
	void *context, struct error *error);
/* The number of the newest event, 0 when there is none. */
/* Grows with each event that was added over this connection, or tried to. */
uint64_t catalog_events_added(const struct catalog *catalog);
bool catalog_events_last(struct catalog *catalog, int64_t *ret, struct error *error);

/* ---- copies -------------------------------------------------------------------------------- */

/*
 * A copy of the catalog as it is at one instant, into a file that must not exist yet, while others
 * go on; readable by its owner only. `pause` is called between steps and may return false to give
 * up (STOPPING). EXISTS, PERMISSION.
 */
bool catalog_copy(const char *path, const char *to, bool (*pause)(void *context), void *context,
	struct error *error);
