/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the fake library share. */
#pragma once

#include <pthread.h>

#include "daemon/jobs.h"
#include "daemon/keys.h"
#include "daemon/tokens.h"
#include "daemon/uploads.h"
#include "fake_library.h"
#include "util/list.h"

enum {
	DRIVES_MAX = 16,
	MEDIA_MAX = LIBRARY_TAPES_MAX + 16,
	EXPORTS_MAX = 8,
	SESSIONS_MAX = 8,
	HISTORY_MAX = 2500,
	JOBS_MAX = 32,
	TOKENS_MAX = 16,
	UPLOADS_MAX = 8,
	KEYS_MAX = 8,
};

struct library {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t worker;
	struct list queue;
	bool held, stopping, ready, kernel_target;
	unsigned started, completed, searches, searches_dropped;
	char actor[64];
	unsigned drive_count, medium_count, counted_max;
	struct library_drive drives[DRIVES_MAX]; /* by name */
	struct library_medium media[MEDIA_MAX];  /* by id */
	unsigned export_count, session_count;
	struct fake_export {
		struct library_export shown;
		char secret[LIBRARY_SECRET_MAX], mutual_secret[LIBRARY_SECRET_MAX];
	} exports[EXPORTS_MAX]; /* by name */
	struct library_session sessions[SESSIONS_MAX];
	char portal[LIBRARY_TEXT_MAX];
	pthread_mutex_t subscriber_lock;
	void (*committed)(void *context);
	void *committed_context;
	unsigned event_count, last_event, event_reads;
	struct library_history_entry events[HISTORY_MAX]; /* oldest first */
	unsigned token_count;
	struct library_token tokens[TOKENS_MAX]; /* with their texts */
	unsigned upload_count;
	struct library_upload uploads[UPLOADS_MAX];
	unsigned key_count;
	struct fake_key {
		struct library_key key;
		struct library_kept_answer kept;
	} keys[KEYS_MAX];
	char content_path[128]; /* "": the fake's own */
	unsigned job_count;
	struct library_job jobs[JOBS_MAX];            /* oldest first */
	char made[LIBRARY_TAPES_MAX][LIBRARY_ID_MAX]; /* by the last making of tapes */
};

struct job {
	struct list node;
	void (*run)(struct library *library, const struct job *job, struct library_result *ret);
	library_done done;
	void *context;
	bool force;
	struct library_key key;
	struct library_kept_answer *kept; /* owned by its run */
	bool reads_only;                  /* it is not one of those that were started */
	char name[LIBRARY_ID_MAX];
	struct library_load load;
	struct library_media_add media_add;
	struct library_drive_add drive_add;
	struct library_tape_create tape_create;
	bool write_protected;
	struct library_export_put put; /* its secrets are those below, or NULL */
	char secret[LIBRARY_SECRET_MAX], mutual_secret[LIBRARY_SECRET_MAX];
	bool must_be_new;
	struct library_job begun;
	struct library_token_create token;
	struct library_upload_begin upload;
	struct library_receiving *receiving;
	struct library_media_words words; /* its texts are those below, or NULL */
	char notes[LIBRARY_NOTES_MAX], tags[LIBRARY_TAGS_MAX];
	struct fake_search {
		char after[LIBRARY_TEXT_MAX], match[LIBRARY_TEXT_MAX], kind[16];
		bool duplicates, annotated;
		unsigned limit;
		struct library_media_taker taker;
	} search;
};

#define NO_KERNEL_TARGET "the module target_core_user is not there"

enum { FAKE_BACKUP_BYTES = 1 << 15 };

#define COPY(to, from) snprintf(to, sizeof(to), "%s", from)

/* All but submit: with the library locked. */
struct library_medium *fake_put_medium(struct library *library, const char *id, const char *path,
	uint64_t size, const char *profile, const char *volume_id);
struct library_medium *fake_put_tape(
	struct library *library, const char *barcode, uint64_t capacity);
struct library_drive *fake_put_drive(struct library *library, const char *name, const char *state);
void fake_put_host(struct library_drive *drive, const char *name, bool locks);
void fake_fill_drive(struct library_drive *drive, const struct library_medium *medium);
struct library_drive *fake_find_drive(
	struct library *library, const char *name, struct error *error);
struct library_medium *fake_find_medium(
	struct library *library, const char *id, struct error *error);

/* After a drive was filled or emptied: every medium says which drive it is in. */
void fake_settle_places(struct library *library);
/* A second after the last one; the oldest goes when there are too many. */
void fake_put_event(struct library *library, const char *actor, const char *verb, const char *drive,
	const char *medium);

/* The subscriber of events hears of them. */
void fake_tell_events(struct library *library);

void fake_content_close(const struct library_result *result);

void fake_furnish_exports(struct library *library);
/* An export of a tape drive. */
void fake_furnish_vault(struct library *library);

void fake_submit(struct library *library, const struct job *job, const char *actor);
