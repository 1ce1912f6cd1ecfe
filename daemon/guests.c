/* SPDX-License-Identifier: Apache-2.0 */
#include "guests.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library_private.h"
#include "log.h"
#include "util/cleanup.h"

enum {
	SETTLE_MS = 50,
	SETTLE_TRIES = 40,
	FAILURES_MAX = 3,
	AGAIN_FIRST_MS = 20,
	AGAIN_LAST_MS = 2560,
};

struct guest {
	struct list link;
	struct guests *guests;
	struct exporter_foreign about;
	struct drive *drive; /* NULL: it has no nexus */
	struct scsi_nexus *nexus;
	struct export *export; /* NULL: not served */
	bool present;          /* found by the look that is under way */
	bool waited;           /* a look found that it is not enabled */
	bool clean;            /* nothing was taken from its ring that was not answered */
	unsigned failures;     /* of its ring */
	atomic_bool failed;    /* its ring; set by a ring worker */
	struct error warning;  /* lock; code ERROR_NONE: none */
};

void guests_init(struct guests *guests, struct library *library)
{
	*guests = (struct guests){.library = library};
	pthread_mutex_init(&guests->lock, NULL);
	pthread_cond_init(&guests->idle, NULL);
	list_init(&guests->list);
}

/* ---- what is wrong with one ------------------------------------------------------------------ */

/* Said once, and kept for whoever asks. NULL: nothing is. */
static void warn(struct guest *guest, const struct error *error)
{
	struct error none = {0};
	error = error ? error : &none;
	bool news = strcmp(guest->warning.sentence, error->sentence) != 0;
	if (news && error->code != ERROR_NONE)
		log_failure(LOG_LEVEL_WARNING, "devices of other programs", error);
	SCOPED_LOCK(&guest->guests->lock);
	guest->warning = *error;
}

bool guests_warning(struct guests *guests, unsigned index, char *ret, size_t size)
{
	SCOPED_LOCK(&guests->lock);
	list_for_each (node, &guests->list) {
		const struct guest *guest = container_of(node, struct guest, link);
		if (guest->warning.code == ERROR_NONE || index-- > 0)
			continue;
		snprintf(ret, size, "%s. %s", guest->warning.sentence, guest->warning.remedy);
		return true;
	}
	return false;
}

/* ---- its nexus ------------------------------------------------------------------------------- */

/* One that another guest has already? Nexuses are known by their names. */
static bool is_taken(struct guest *guest, struct error *error)
{
	list_for_each (node, &guest->guests->list) {
		const struct guest *other = container_of(node, struct guest, link);
		if (other == guest || !other->nexus ||
			strcmp(other->about.drive, guest->about.drive) != 0 ||
			strcmp(other->about.nexus, guest->about.nexus) != 0)
			continue;
		return !error_set(error, ERROR_EXISTS,
			"Remove one of them, or make it anew with another NEXUS in dev_config.",
			"the device user_%u/%.64s is not served: user_%u/%.64s is nexus %.64s of "
			"drive "
			"%s already",
			guest->about.hba, guest->about.device, other->about.hba,
			other->about.device, guest->about.nexus, guest->about.drive);
	}
	return false;
}

/* drives_lock held, or nobody else there yet. `nexus` NULL: it is in use, or out of memory. */
static bool take_place(struct guest *guest, struct drive *drive, struct scsi_nexus *nexus)
{
	if (!nexus)
		return false;
	guest->nexus = nexus;
	guest->drive = drive;
	drive->sessions++;
	return true;
}

static bool find_drive_and_enter(struct guest *guest, struct error *error)
{
	struct library *library = guest->guests->library;
	SCOPED_LOCK(&library->drives_lock);
	struct drive *drive = drive_find(library, guest->about.drive);
	if (!drive || drive->going)
		return error_set(error, ERROR_DRIVE_NOT_FOUND,
			"Add the drive (`carousel drive add`), and it is served; or remove the "
			"device.",
			"the device user_%u/%.64s is for drive %s, and there is none of that name",
			guest->about.hba, guest->about.device, guest->about.drive);
	return take_place(guest, drive, scsi_nexus_enter(drive->lu, guest->about.nexus)) ||
	       error_set(error, ERROR_EXISTS,
		       "Make it anew with another NEXUS in dev_config, or free memory.",
		       "the device user_%u/%.64s is not served: drive %s has a nexus %.64s already",
		       guest->about.hba, guest->about.device, drive->row.name, guest->about.nexus);
}

/* The drive may go after that. Its commands are complete. */
static void leave(struct guest *guest)
{
	struct drive *drive = steal(guest->drive);
	if (!drive)
		return;
	scsi_nexus_leave(steal(guest->nexus));
	SCOPED_LOCK(&drive->library->drives_lock);
	drive_session_left(drive);
}

/* ---- served and released --------------------------------------------------------------------- */

static void ring_failed(void *context, const char *reason)
{
	struct guest *guest = context;
	atomic_store(&guest->failed, true);
	guests_look(guest->guests);
}

static bool serve(struct guest *guest, struct error *error)
{
	const struct export_request request = {.nexus = guest->nexus,
		.clean = guest->clean,
		.sequential = !guest->drive->kind->repeatable,
		.failed = ring_failed,
		.context = guest};
	struct exporter *exporter = guest->guests->library->config.exporter;
	atomic_store(&guest->failed, false);
	guest->export = exporter_attach(exporter, &guest->about, &request, error);
	guest->clean = false;
	return guest->export != NULL;
}

/* Only one that is stuck there is told of: others take milliseconds. */
static void warn_when_stuck(struct guest *guest)
{
	struct error error = {0};
	if (guest->guests->again_ms < AGAIN_LAST_MS)
		return;
	error_set(&error, ERROR_KERNEL_TARGET,
		"Whoever writes to its `enable` waits: for an answer on netlink, unless it was "
		"made "
		"with nl_reply_supported=-1. End that program, remove the device and make it anew.",
		"the device user_%u/%.64s is not served: it was announced and is not enabled",
		guest->about.hba, guest->about.device);
	warn(guest, &error);
}

static void attach(struct guest *guest)
{
	struct error error = guest->about.problem;
	if (guest->export || guest->failures >= FAILURES_MAX)
		return;
	if (error.code == ERROR_NONE && !guest->about.enabled) {
		warn_when_stuck(guest);
		return;
	}
	bool known = error.code == ERROR_NONE && !is_taken(guest, &error) &&
		     (guest->drive || find_drive_and_enter(guest, &error));
	if (known && serve(guest, &error)) {
		log_info("drive %s: the device user_%u/%.64s of another program is served as nexus "
			 "%.64s",
			guest->drive->row.name, guest->about.hba, guest->about.device,
			guest->about.nexus);
		warn(guest, NULL);
		return;
	}
	leave(guest);
	warn(guest, &error);
}

/* Its directory may be on its way out, so nothing there is touched. */
static void release(struct guest *guest)
{
	if (guest->export)
		export_release(steal(guest->export));
	leave(guest);
}

static void abandon(struct guest *guest)
{
	if (guest->export)
		export_abandon(steal(guest->export));
	leave(guest);
}

static bool is_going(struct guest *guest)
{
	if (!guest->drive)
		return false;
	SCOPED_LOCK(&guest->guests->library->drives_lock);
	return guest->drive->going;
}

/* ---- the look -------------------------------------------------------------------------------- */

static bool is_same(const struct exporter_foreign *a, const struct exporter_foreign *b)
{
	return a->hba == b->hba && strcmp(a->device, b->device) == 0 &&
	       strcmp(a->drive, b->drive) == 0 && strcmp(a->nexus, b->nexus) == 0;
}

static struct guest *find(struct guests *guests, const struct exporter_foreign *foreign)
{
	list_for_each (node, &guests->list) {
		struct guest *guest = container_of(node, struct guest, link);
		if (is_same(&guest->about, foreign))
			return guest;
	}
	return NULL;
}

static void see(void *context, const struct exporter_foreign *foreign)
{
	struct guests *guests = context;
	struct guest *guest = find(guests, foreign);
	if (!guest) {
		guest = calloc(1, sizeof *guest);
		if (!guest)
			return; /* the next look finds it again */
		guest->guests = guests;
		guest->about = *foreign;
		SCOPED_LOCK(&guests->lock);
		guest->clean = guests->open || guests->library->config.clean;
		list_append(&guests->list, &guest->link);
	}
	guest->about.enabled = foreign->enabled;
	guest->present = true;
}

static void see_all(struct guests *guests)
{
	list_for_each (node, &guests->list)
		container_of(node, struct guest, link)->present = false;
	exporter_foreign_each(guests->library->config.exporter, see, guests);
}

static void forget(struct guest *guest)
{
	pthread_mutex_lock(&guest->guests->lock);
	list_remove(&guest->link);
	pthread_mutex_unlock(&guest->guests->lock);
	free(guest);
}

static void warn_of_failure(struct guest *guest)
{
	struct error error = {0};
	error_set(&error, ERROR_KERNEL_TARGET, "Remove it and make it anew.",
		"the ring of the device user_%u/%.64s failed, and it is not served any more",
		guest->about.hba, guest->about.device);
	warn(guest, &error);
}

static void look_at(struct guest *guest)
{
	bool failed = atomic_load(&guest->failed);
	if (failed || !guest->present)
		release(guest);
	else if (is_going(guest))
		abandon(guest);
	if (!guest->present)
		forget(guest);
	else if (!failed)
		attach(guest);
}

static void look_at_all(struct guests *guests)
{
	see_all(guests);
	/* Those that go make room for names that come. */
	for (unsigned round = 0; round < 2; round++)
		list_for_each_safe (node, &guests->list) {
			struct guest *guest = container_of(node, struct guest, link);
			if (round == 1 || !guest->present)
				look_at(guest);
		}
}

/* A ring fails a moment before its device is gone; one that is there later is broken. */
static bool is_any_failed(struct guests *guests)
{
	list_for_each (node, &guests->list) {
		struct guest *guest = container_of(node, struct guest, link);
		if (atomic_load(&guest->failed))
			return true;
	}
	return false;
}

/* What is made anew under the same name is there again as well: it begins with a reset. */
static void try_failed_again(struct guests *guests)
{
	list_for_each (node, &guests->list) {
		struct guest *guest = container_of(node, struct guest, link);
		if (!atomic_load(&guest->failed))
			continue;
		atomic_store(&guest->failed, false);
		if (++guest->failures < FAILURES_MAX)
			attach(guest);
		else
			warn_of_failure(guest);
	}
}

static unsigned next_delay(unsigned milliseconds)
{
	return milliseconds < AGAIN_LAST_MS ? 2 * milliseconds : AGAIN_LAST_MS;
}

/*
 * The kernel does not say when it has enabled a device. Nobody waits for it here, for others do
 * for this thread: it is looked at again, ever more rarely.
 */
static void look_again_at_disabled(struct guests *guests)
{
	bool any = false, news = false;
	list_for_each (node, &guests->list) {
		struct guest *guest = container_of(node, struct guest, link);
		bool waits = !guest->about.enabled && guest->about.problem.code == ERROR_NONE;
		any |= waits;
		news |= waits && !guest->waited;
		guest->waited = waits;
	}
	guests->again_ms = news ? AGAIN_FIRST_MS : any ? next_delay(guests->again_ms) : 0;
	if (any)
		exporter_watch_again(guests->library->config.exporter, guests->again_ms);
}

static void look(struct guests *guests)
{
	look_at_all(guests);
	for (unsigned i = 0; i < SETTLE_TRIES && is_any_failed(guests); i++) {
		poll(NULL, 0, SETTLE_MS);
		look_at_all(guests);
	}
	try_failed_again(guests);
	look_again_at_disabled(guests);
}

/* ---- when it is due -------------------------------------------------------------------------- */

/* lock held. */
static void submit(struct guests *guests)
{
	struct scsi_executor *control = guests->library->config.control;
	guests->queued = true;
	guests->again = false;
	control->submit(control, &guests->work, NULL);
}

static void run(struct scsi_work *work)
{
	struct guests *guests = container_of(work, struct guests, work);
	look(guests);
	SCOPED_LOCK(&guests->lock);
	guests->queued = false;
	if (guests->again && guests->open)
		submit(guests);
	else
		pthread_cond_broadcast(&guests->idle);
}

void guests_look(struct guests *guests)
{
	SCOPED_LOCK(&guests->lock);
	if (guests->queued)
		guests->again = true;
	else if (guests->open)
		submit(guests);
}

static void changed(void *context)
{
	guests_look(context);
}

/* ---- from start to stop ---------------------------------------------------------------------- */

void guests_find(struct guests *guests)
{
	if (guests->library->config.exporter)
		see_all(guests);
}

/* What was written down is not read yet, so nothing may be written: create, not enter. */
void guests_enter(struct guests *guests, struct drive *drive)
{
	struct error error;
	list_for_each (node, &guests->list) {
		struct guest *guest = container_of(node, struct guest, link);
		const struct exporter_foreign *about = &guest->about;
		if (about->problem.code == ERROR_NONE &&
			strcmp(about->drive, drive->row.name) == 0 &&
			strcmp(about->nexus, drive->nexus->name) != 0 && !is_taken(guest, &error))
			(void)take_place(guest, drive, scsi_nexus_create(drive->lu, about->nexus));
	}
}

void guests_start(struct guests *guests)
{
	struct exporter *exporter = guests->library->config.exporter;
	if (!exporter)
		return;
	look(guests);
	guests->work.run = run;
	pthread_mutex_lock(&guests->lock);
	guests->open = true;
	pthread_mutex_unlock(&guests->lock);
	exporter_watch(exporter, changed, guests);
	guests_look(guests); /* what came between the look and the watch */
}

static void close_and_wait(struct guests *guests)
{
	SCOPED_LOCK(&guests->lock);
	guests->open = false;
	while (guests->queued)
		pthread_cond_wait(&guests->idle, &guests->lock);
}

bool guests_stop(struct guests *guests, unsigned timeout_ms)
{
	bool drained = true;
	if (!guests->library->config.exporter)
		return true;
	exporter_watch(guests->library->config.exporter, NULL, NULL);
	close_and_wait(guests);
	list_for_each (node, &guests->list) {
		struct guest *guest = container_of(node, struct guest, link);
		if (guest->export && !atomic_load(&guest->failed))
			drained &= export_drain(guest->export, timeout_ms);
	}
	return drained;
}

void guests_release(struct guests *guests)
{
	list_for_each (node, &guests->list) {
		struct guest *guest = container_of(node, struct guest, link);
		if (guest->export)
			export_release(steal(guest->export));
	}
}

void guests_finish(struct guests *guests)
{
	list_for_each_safe (node, &guests->list) {
		struct guest *guest = container_of(node, struct guest, link);
		scsi_nexus_destroy(guest->nexus); /* it is no loss: the next daemon knows it */
		free(guest);
	}
	list_init(&guests->list);
	pthread_cond_destroy(&guests->idle);
	pthread_mutex_destroy(&guests->lock);
}
