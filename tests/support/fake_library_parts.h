/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the fake library share. */
#pragma once

#include <pthread.h>

#include "fake_library.h"
#include "util/list.h"

enum {
	DRIVES_MAX = 8,
	MEDIA_MAX = 16,
	EXPORTS_MAX = 8,
	SESSIONS_MAX = 8,
};

struct library {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t worker;
	struct list queue;
	bool held, stopping, ready, kernel_target;
	unsigned started, completed;
	char actor[64];
	unsigned drive_count, medium_count;
	struct library_drive drives[DRIVES_MAX]; /* by name */
	struct library_medium media[MEDIA_MAX];  /* by id */
	unsigned export_count, session_count;
	struct fake_export {
		struct library_export shown;
		char secret[LIBRARY_SECRET_MAX], mutual_secret[LIBRARY_SECRET_MAX];
	} exports[EXPORTS_MAX]; /* by name */
	struct library_session sessions[SESSIONS_MAX];
	char portal[LIBRARY_TEXT_MAX];
};

struct job {
	struct list node;
	void (*run)(struct library *library, const struct job *job, struct library_result *ret);
	library_done done;
	void *context;
	bool force;
	char name[LIBRARY_ID_MAX];
	struct library_load load;
	struct library_media_add media_add;
	struct library_drive_add drive_add;
	struct library_export_put put; /* its secrets are those below, or NULL */
	char secret[LIBRARY_SECRET_MAX], mutual_secret[LIBRARY_SECRET_MAX];
	bool must_be_new;
};

#define NO_KERNEL_TARGET "the module target_core_user is not there"

#define COPY(to, from) snprintf(to, sizeof(to), "%s", from)

/* All but submit: with the library locked. */
void fake_put_medium(struct library *library, const char *id, const char *path, uint64_t size,
	const char *profile, const char *volume_id);
struct library_drive *fake_put_drive(struct library *library, const char *name, const char *state);
void fake_fill_drive(struct library_drive *drive, const struct library_medium *medium);
struct library_drive *fake_find_drive(
	struct library *library, const char *name, struct error *error);
struct library_medium *fake_find_medium(
	struct library *library, const char *id, struct error *error);

void fake_furnish_exports(struct library *library);

void fake_submit(struct library *library, const struct job *job, const char *actor);
