/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adding image files to the catalog and forgetting them. Files are looked at by the readers' pool;
 * a directory's finds come back in one piece and go into the catalog a few at a time, so that a
 * large directory does not hold up loads and ejects.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "library_paths.h"
#include "library_private.h"
#include "ssc/native.h"

enum { FINDS_PER_COMMIT = 256 };

/* An image file, or the file of a cartridge. */
struct found {
	char path[CATALOG_PATH_MAX];
	struct image_info info;
	bool in_use; /* a cartridge that somebody has: perhaps a drive of ours */
	bool tape;
	struct cartridge_status cartridge;
};

static void free_found(struct job *job)
{
	free(job->found);
}

/* ---- looking, in the readers' pool ------------------------------------------------------------
 */

static bool is_allowed(struct job *job, const char *path, char *ret_real, struct error *error)
{
	const struct library_config *config = &job->library->config;
	return config->path_allowed(config->path_context, path, ret_real, error);
}

/* False with IMAGE_UNRECOGNISED: it is something else. */
static bool look_at_cartridge(
	const struct file_store *store, const char *path, struct found *ret, struct error *error)
{
	struct stat st;
	struct cartridge *cartridge = native_open(store, path, false, NULL, error);
	if (!cartridge)
		return false;
	cart_status(cartridge, &ret->cartridge);
	cart_close(cartridge);
	if (lstat(path, &st) == 0)
		ret->info.size = (uint64_t)st.st_size;
	ret->tape = true;
	return true;
}

/*
 * A cartridge first: hosts write what they like to it, also what looks like a disc. What is neither
 * is refused for the more telling reason.
 */
static bool look_at(const struct library_config *config, const char *path, struct found *ret,
	struct error *error)
{
	struct error no_cartridge = {0}, no_image = {0};
	*ret = (struct found){0};
	if (look_at_cartridge(config->store, path, ret, &no_cartridge) ||
		(no_cartridge.code == ERROR_IMAGE_UNRECOGNISED &&
			image_probe(config->io, path, &ret->info, &no_image)))
		return true;
	if (no_cartridge.code != ERROR_IMAGE_UNRECOGNISED &&
		(image_probe(config->io, path, &ret->info, &no_image) ||
			no_image.code == ERROR_IMAGE_UNRECOGNISED))
		no_image = no_cartridge;
	*error = no_image;
	return false;
}

static bool look_at_file(struct job *job, const char *path, struct error *error)
{
	struct found found;
	char real[PATH_MAX];
	if (!is_allowed(job, path, real, error))
		return false;
	bool looked_at = look_at(&job->library->config, real, &found, error);
	found.in_use = !looked_at && error->code == ERROR_STATE_IN_USE;
	if (!looked_at && !found.in_use)
		return false;
	*error = (struct error){0};
	struct found *grown = realloc(job->found, (job->found_count + 1) * sizeof *grown);
	if (!grown)
		return error_set(
			error, ERROR_NO_MEMORY, "Add fewer files at a time.", "out of memory");
	job->found = grown;
	snprintf(found.path, sizeof found.path, "%s", real);
	grown[job->found_count++] = found;
	return true;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void refuse(struct job *job, const struct error *error)
{
	if (job->result.refused++ == 0)
		job->result.first_refusal = *error;
}

/* Regular files only; what is below is not followed. */
static void look_at_entry(struct job *job, const char *name)
{
	char path[CATALOG_PATH_MAX];
	struct stat st;
	struct error error = {0};
	int length = snprintf(path, sizeof path, "%s/%s", job->path, name);
	if (length < 0 || (size_t)length >= sizeof path) {
		error_set(&error, ERROR_INVALID, "Use a shorter path.", "%.300s/… is too long",
			job->path);
		refuse(job, &error);
		return;
	}
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return;
	if (!look_at_file(job, path, &error))
		refuse(job, &error);
}

static void look_at_directory(struct job *job, const char *real)
{
	struct dirent **entries = NULL;
	int count = library_list(real, visible, &entries);
	if (count < 0)
		error_set(&job->error, ERROR_FILE_UNREADABLE, "Make it readable for carouseld.",
			"cannot list %.250s: %s", job->path, strerror(-count));
	for (int i = 0; i < count; i++) {
		if (!library_is_stopping(job->library))
			look_at_entry(job, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

static void look(struct job *job)
{
	struct stat st;
	char real[PATH_MAX];
	if (!is_allowed(job, job->path, real, &job->error))
		return;
	job->directory = stat(real, &st) == 0 && S_ISDIR(st.st_mode) && !job->id[0];
	if (job->directory)
		look_at_directory(job, real);
	else
		look_at_file(job, job->path, &job->error);
}

/* ---- into the catalog, on the worker -----------------------------------------------------------
 */

/* Without an id: the catalog makes one of the file name. */
static void describe(const char *path, const struct image_info *info, struct catalog_medium *ret)
{
	*ret = (struct catalog_medium){
		.size = info->size,
		.profile = info->profile,
		.identity = info->identity,
		.added = (int64_t)time(NULL),
	};
	snprintf(ret->path, sizeof ret->path, "%s", path);
	snprintf(ret->kind, sizeof ret->kind, "disc");
	snprintf(ret->format, sizeof ret->format, "%s", info->format);
	snprintf(ret->file_system, sizeof ret->file_system, "%s", info->file_system);
	snprintf(ret->volume_id, sizeof ret->volume_id, "%s", info->volume_id);
}

static void describe_tape(const char *path, const struct found *found, struct catalog_medium *ret)
{
	const struct cartridge_status *cartridge = &found->cartridge;
	*ret = (struct catalog_medium){.size = found->info.size,
		.capacity = cartridge->capacity,
		.added = (int64_t)time(NULL)};
	snprintf(ret->path, sizeof ret->path, "%s", path);
	snprintf(ret->kind, sizeof ret->kind, "tape");
	snprintf(ret->format, sizeof ret->format, "carousel");
	snprintf(ret->barcode, sizeof ret->barcode, "%s", cartridge->barcode);
	snprintf(ret->medium_type, sizeof ret->medium_type, "%.*s",
		(int)sizeof ret->medium_type - 1, cartridge->medium);
	if (cartridge->damaged)
		snprintf(ret->fault, sizeof ret->fault, "damaged from object %llu on",
			(unsigned long long)cartridge->damaged_object);
}

static void describe_found(const struct found *found, struct catalog_medium *ret)
{
	if (found->tape)
		describe_tape(found->path, found, ret);
	else
		describe(found->path, &found->info, ret);
}

bool library_add_file(
	struct library *library, const char *path, struct catalog_medium *ret, struct error *error)
{
	struct found found;
	if (!look_at(&library->config, path, &found, error))
		return false;
	snprintf(found.path, sizeof found.path, "%s", path);
	describe_found(&found, ret);
	return catalog_medium_add(library->catalog, ret, error) &&
	       catalog_history_add(library->catalog, "seed", "media-add", "", ret->id, error);
}

/*
 * A load looks at the row of its medium when it begins, and commits when it ends. A disc that went
 * meanwhile leaves everything as it was; a tape comes when another one has been taken out for it.
 */
static const struct drive *find_loading(const struct job *asking, const char *id)
{
	const struct library *library = asking->library;
	for (unsigned i = 0; i < library->drive_count; i++) {
		const struct job *job = library->drives[i]->job;
		if (job && job != asking && strcmp(job->medium.kind, "tape") == 0 &&
			strcmp(job->medium.id, id) == 0)
			return library->drives[i];
	}
	return NULL;
}

bool medium_check_rests(struct job *job)
{
	const struct drive *drive = find_loading(job, job->medium.id);
	if (!drive)
		return true;
	return error_set(&job->error, ERROR_MEDIUM_IN_USE,
		"Wait until it is in, then eject it there first.",
		"%s is being loaded into drive %s", job->medium.id, drive->row.name);
}

static bool is_in_a_drive(const struct job *job, const char *id)
{
	const struct library *library = job->library;
	for (unsigned i = 0; i < library->drive_count; i++)
		if (strcmp(library->drives[i]->row.medium, id) == 0)
			return true;
	return find_loading(job, id);
}

/* The file of a tape changes with every use; its barcode does not. */
static bool is_same(const struct catalog_medium *known, const struct catalog_medium *medium)
{
	if (strcmp(known->kind, medium->kind) != 0)
		return false;
	return medium->barcode[0] ? strcmp(known->barcode, medium->barcode) == 0
				  : file_identity_lasts(&known->identity, &medium->identity);
}

/* Not asked for, what was found is as it was: a newer release may find another one. */
static bool is_pressed_the_same(const struct job *job, const struct catalog_medium *known,
	const struct catalog_medium *medium)
{
	return !job->profile_said || (known->profile_override == medium->profile_override &&
					     known->profile == medium->profile);
}

/* "media-add"; "media-replace" where there was another file under that name. */
static bool tell_added(struct job *job, const char *before, const struct catalog_medium *medium)
{
	const struct catalog_change change = {"path", before, medium->path};
	return catalog_history_add_changes(job->library->catalog, job->actor,
		before[0] ? "media-replace" : "media-add", medium->id, &change, 1, &job->error);
}

/* The same path again: nothing new, a file that was replaced on purpose, or another profile. */
static bool add_again(struct job *job, struct catalog_medium *known, struct catalog_medium *medium)
{
	struct library *library = job->library;
	bool same = is_same(known, medium) && !known->fault[0];
	if (same && is_pressed_the_same(job, known, medium)) {
		job->result.known++;
		*medium = *known;
		return true;
	}
	if (is_in_a_drive(job, known->id))
		return error_set(&job->error, ERROR_MEDIUM_IN_USE, "Eject it, then add it again.",
			same ? "%s is in a drive" : "%s has changed and is in a drive", known->id);
	snprintf(medium->id, sizeof medium->id, "%s", known->id);
	medium->write_protected = known->write_protected;
	medium->loads = known->loads;
	medium->added = known->added;
	if (!catalog_medium_update(library->catalog, medium, &job->error) ||
		!tell_added(job, known->path, medium))
		return false;
	job->result.added++;
	return true;
}

static bool add_known(struct job *job, struct catalog_medium *known, struct catalog_medium *medium)
{
	if (job->id[0] && strcmp(job->id, known->id) != 0)
		return error_set(&job->error, ERROR_EXISTS, "Use that medium, or remove it first.",
			"%.250s is in the catalog already, as %s", known->path, known->id);
	return add_again(job, known, medium);
}

/* An id that was asked for is used as it is, or not at all. */
static bool add_new(struct job *job, struct catalog_medium *medium)
{
	struct catalog *catalog = job->library->catalog;
	struct catalog_medium known;
	snprintf(medium->id, sizeof medium->id, "%s", job->id);
	if (job->id[0] && catalog_medium_find(catalog, job->id, &known, NULL) &&
		strcmp(known.id, job->id) == 0)
		return error_set(&job->error, ERROR_EXISTS, "Choose another id.",
			"the id %s is that of %.250s", known.id, known.path);
	if (!catalog_medium_add(catalog, medium, &job->error) || !tell_added(job, "", medium))
		return false;
	job->result.added++;
	job->result.created = true;
	return true;
}

/* What one of our drives has is known; nobody can look at what another program has. */
static bool add_in_use(struct job *job, const char *path, const struct catalog_medium *known)
{
	if (!known || !is_in_a_drive(job, known->id))
		return error_set(&job->error, ERROR_STATE_IN_USE,
			"Unload it there, or stop the other program.",
			"another program uses the cartridge %.250s", path);
	job->result.known++;
	job->result.has_medium = !job->directory;
	medium_show(job->library, known, &job->result.medium);
	return true;
}

static bool add_found(struct job *job, const struct found *found)
{
	struct catalog_medium medium, known;
	bool is_known = catalog_medium_find(job->library->catalog, found->path, &known, NULL);
	if (found->in_use)
		return add_in_use(job, found->path, is_known ? &known : NULL);
	describe_found(found, &medium);
	if (!profile_choose(job, is_known ? &known : NULL, &medium))
		return false;
	if (is_known ? !add_known(job, &known, &medium) : !add_new(job, &medium))
		return false;
	job->result.has_medium = !job->directory;
	medium_show(job->library, &medium, &job->result.medium);
	return true;
}

/* Some of the finds, with one wait for the disc. In a directory a refused one is only counted. */
static bool add_some(void *context, struct error *error)
{
	struct job *job = context;
	for (unsigned i = 0; i < FINDS_PER_COMMIT && job->found_next < job->found_count; i++) {
		if (add_found(job, &job->found[job->found_next++]))
			continue;
		if (!job->directory) {
			*error = job->error;
			return false;
		}
		refuse(job, &job->error);
		job->error = (struct error){0};
	}
	return true;
}

static void step_found(struct job *job, enum job_wake wake, unsigned events)
{
	struct error error = job->error;
	if (error.code != ERROR_NONE ||
		!catalog_batch(job->library->catalog, add_some, job, &error))
		job_fail(job, &error);
	else if (job->found_next < job->found_count)
		job_post(job); /* behind what others want meanwhile */
	else
		job_succeed(job);
}

static void step_add(struct job *job, enum job_wake wake, unsigned events)
{
	if (!profile_read(job)) {
		job_fail(job, &job->error);
		return;
	}
	job->step = step_found;
	job_block(job, job->library->config.readers, look);
}

void library_media_add(struct library *library, const struct library_media_add *add,
	const char *actor, library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	snprintf(job->path, sizeof job->path, "%s", add->path);
	snprintf(job->id, sizeof job->id, "%s", add->id);
	snprintf(job->profile_text, sizeof job->profile_text, "%s", add->profile);
	size_t length = strlen(job->path);
	if (length > 1 && job->path[length - 1] == '/')
		job->path[length - 1] = '\0';
	job->cleanup = free_found;
	job->step = step_add;
	job_post(job);
}

/* ---- forgetting --------------------------------------------------------------------------------
 */

/* Not by the beginning of its id: who asks again would forget the next one that begins so. */
bool medium_find_exactly(struct job *job)
{
	struct catalog_medium *medium = &job->medium;
	if (!catalog_medium_find(job->library->catalog, job->path, medium, &job->error))
		return false;
	if (strcmp(medium->id, job->path) == 0 || strcmp(medium->path, job->path) == 0 ||
		(medium->barcode[0] && strcasecmp(medium->barcode, job->path) == 0))
		return true;
	return error_set(&job->error, ERROR_MEDIUM_NOT_FOUND, "Give the whole id.",
		"there is no medium %.64s, only %s begins with it", job->path, medium->id);
}

static bool is_as_seen(struct job *job)
{
	return !job->version || job->version == job->medium.version ||
	       error_set(&job->error, ERROR_CHANGED_MEANWHILE,
		       "Look at it again, then forget what is there now.",
		       "%s was changed meanwhile", job->medium.id);
}

static bool write_forgotten(void *context, struct error *error)
{
	struct job *job = context;
	struct catalog *catalog = job->library->catalog;
	const struct catalog_change change = {"path", job->medium.path, ""};
	return catalog_medium_remove(catalog, job->medium.id, error) &&
	       catalog_history_add_changes(
		       catalog, job->actor, "media-remove", job->medium.id, &change, 1, error);
}

static void step_remove(struct job *job, enum job_wake wake, unsigned events)
{
	if (!medium_find_exactly(job) || !is_as_seen(job) || !medium_check_rests(job) ||
		!catalog_batch(job->library->catalog, write_forgotten, job, &job->error)) {
		job_fail(job, &job->error);
		return;
	}
	job->result.has_medium = true;
	medium_fill(&job->medium, &job->result.medium);
	job_succeed(job);
}

void library_media_remove(struct library *library, const char *id, int64_t version,
	const char *actor, library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	snprintf(job->path, sizeof job->path, "%s", id);
	job->version = version;
	job->step = step_remove;
	job_post(job);
}
