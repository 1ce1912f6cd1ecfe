/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is logged in at the kernel's own iSCSI. It tells nobody that a host was lost, so it is looked
 * at: one file of configfs a host and second (some 20 microseconds), and no wake-up while there is
 * no such export.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel_exports.h"
#include "library_private.h"
#include "log.h"
#include "util/cleanup.h"
#include "util/deadline.h"

enum { LOOK_MS = 1000, HURRY_MS = 100 };

/* A host to be looked at without the lock. */
struct glance {
	uint64_t serial;
	char target[LIBRARY_ISCSI_NAME_MAX], initiator[LIBRARY_ISCSI_NAME_MAX];
	int there; /* 1: it is, 0: it is not, -errno: nobody knows */
	struct exporter_session session;
	int stranger_count; /* -errno: nobody knows */
	char strangers[KERNEL_STRANGERS_MAX][EXPORTER_INITIATOR_MAX];
};

/* ---- what follows of it; lock held ----------------------------------------------------------- */

static void each_nexus(struct kernel_host *host, void (*what)(struct scsi_nexus *nexus))
{
	list_for_each (node, &host->units)
		what(kernel_unit_at(node)->nexus);
}

static void away(struct kernel_host *host)
{
	list_for_each (node, &host->units)
		scsi_nexus_away(kernel_unit_at(node)->nexus, !host->looked);
}

static const char *name_of(const struct kernel_host *host)
{
	return host->initiator[0] ? host->initiator : "anybody";
}

static void log_in(struct kernel_exports *kernel, const struct kernel_export *export,
	struct kernel_host *host, const struct glance *glance)
{
	log_info("export %s: %s at %s is logged in to the kernel", export->name, name_of(host),
		glance->session.address);
	host->since = time(NULL);
	host->number = targets_session_number(&kernel->library->targets);
}

static void log_out(const struct kernel_export *export, const struct kernel_host *host)
{
	log_info("export %s: %s is not logged in to the kernel any more", export->name,
		name_of(host));
}

/*
 * To have found out nothing is no loss: who is there would lose its reservation. What was known
 * counts until the next look; it is said once.
 */
static bool is_clear(const struct kernel_export *export, struct kernel_host *host, int status)
{
	bool obscure = status < 0;
	if (obscure && !host->obscure)
		log_warning("export %s: it cannot be seen whether %s is logged in to the kernel: "
			    "%s",
			export->name, name_of(host), strerror(-status));
	if (!obscure && host->obscure)
		log_info("export %s: it is seen again whether %s is logged in", export->name,
			name_of(host));
	host->obscure = obscure;
	return !obscure;
}

/*
 * Another session than before: the one before is lost. (The kernel shows one of several of the same
 * host, so that it may be a second one; a nexus they share in any case.)
 */
static void judge(struct kernel_exports *kernel, const struct kernel_export *export,
	struct kernel_host *host, const struct glance *glance)
{
	if (!is_clear(export, host, glance->there))
		return;
	bool lost = host->session.id && (!glance->there || glance->session.id != host->session.id);
	if (lost)
		log_out(export, host);
	if (!glance->there && (lost || !host->looked))
		away(host);
	if (glance->there)
		each_nexus(host, lost ? scsi_nexus_replaced : scsi_nexus_same);
	if (glance->there && (lost || !host->session.id)) {
		each_nexus(host, scsi_nexus_back);
		log_in(kernel, export, host, glance);
	}
	host->session = glance->there ? glance->session : (struct exporter_session){0};
	host->looked = true;
}

/* 0: it was not there when that was looked at last. */
static uint64_t number_of(const struct kernel_host *host, const char *stranger)
{
	for (unsigned i = 0; i < host->stranger_count && i < KERNEL_STRANGERS_MAX; i++)
		if (strcmp(host->strangers[i], stranger) == 0)
			return host->stranger_numbers[i];
	return 0;
}

static void keep_strangers(
	struct kernel_exports *kernel, struct kernel_host *host, const struct glance *glance)
{
	uint64_t numbers[KERNEL_STRANGERS_MAX] = {0};
	for (int i = 0; i < glance->stranger_count && i < KERNEL_STRANGERS_MAX; i++) {
		numbers[i] = number_of(host, glance->strangers[i]);
		if (!numbers[i])
			numbers[i] = targets_session_number(&kernel->library->targets);
	}
	host->stranger_count = (unsigned)glance->stranger_count;
	memcpy(host->strangers, glance->strangers, sizeof host->strangers);
	memcpy(host->stranger_numbers, numbers, sizeof numbers);
}

/* One nexus that all share: it is lost when the last one is. */
static void judge_anybody(struct kernel_exports *kernel, const struct kernel_export *export,
	struct kernel_host *host, const struct glance *glance)
{
	if (!is_clear(export, host, glance->stranger_count))
		return;
	unsigned count = (unsigned)glance->stranger_count;
	bool lost = host->stranger_count && !count;
	if (lost || (!count && !host->looked))
		away(host);
	if (lost)
		log_out(export, host);
	if (count && !host->stranger_count) {
		each_nexus(host, scsi_nexus_back);
		host->since = time(NULL);
	}
	if (count > 1 && host->stranger_count <= 1)
		log_warning("export %s: %u initiators share one nexus, and the drive cannot tell "
			    "them apart",
			export->name, count);
	keep_strangers(kernel, host, glance);
	host->looked = true;
}

/* What the kernel waits for before anybody can log in again, or the host can go. */
static bool end_commands(struct kernel_host *host)
{
	bool due = host->going || host->session.ending;
	if (due)
		each_nexus(host, scsi_nexus_cancel);
	return due;
}

/* ---- looking --------------------------------------------------------------------------------- */

/* lock held. A copy of what is to be looked at. */
static struct glance *collect(struct kernel_exports *kernel, unsigned *ret_count)
{
	struct glance *all = NULL;
	*ret_count = 0;
	list_for_each (node, &kernel->list) {
		struct kernel_export *export = container_of(node, struct kernel_export, link);
		list_for_each (at, &export->hosts) {
			struct kernel_host *host = kernel_host_at(at);
			struct glance *grown =
				host->shown ? reallocarray(all, *ret_count + 1u, sizeof *grown)
					    : NULL;
			if (!grown)
				continue;
			each_nexus(host, scsi_nexus_look);
			all = grown;
			struct glance *next = &all[(*ret_count)++];
			*next = (struct glance){.serial = host->serial};
			snprintf(next->target, sizeof next->target, "%s", export->target);
			snprintf(next->initiator, sizeof next->initiator, "%s", host->initiator);
		}
	}
	return all;
}

static void look(struct exporter *exporter, struct glance *glance)
{
	if (glance->initiator[0])
		glance->there = exporter_target_session(
			exporter, glance->target, glance->initiator, &glance->session);
	else
		glance->stranger_count = exporter_target_strangers(
			exporter, glance->target, glance->strangers, KERNEL_STRANGERS_MAX);
}

/* lock held. It may be gone meanwhile. */
static bool settle(struct kernel_exports *kernel, const struct glance *glance)
{
	list_for_each (node, &kernel->list) {
		struct kernel_export *export = container_of(node, struct kernel_export, link);
		list_for_each (at, &export->hosts) {
			struct kernel_host *host = kernel_host_at(at);
			if (host->serial != glance->serial)
				continue;
			if (host->initiator[0])
				judge(kernel, export, host, glance);
			else
				judge_anybody(kernel, export, host, glance);
			return end_commands(host);
		}
	}
	return false;
}

/* lock held, but not while it looks. */
static bool look_at_all(struct kernel_exports *kernel)
{
	unsigned count;
	bool hurry = false;
	_cleanup_free_ struct glance *all = collect(kernel, &count);
	pthread_mutex_unlock(&kernel->lock);
	for (unsigned i = 0; i < count; i++)
		look(kernel->library->config.exporter, &all[i]);
	pthread_mutex_lock(&kernel->lock);
	for (unsigned i = 0; i < count; i++)
		hurry |= settle(kernel, &all[i]);
	return hurry;
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* lock held. */
static bool any_shown(const struct kernel_exports *kernel)
{
	list_for_each (node, &kernel->list)
		list_for_each (at, &container_of(node, struct kernel_export, link)->hosts)
			if (kernel_host_at(at)->shown)
				return true;
	return false;
}

/* lock held. */
static void rest(struct kernel_exports *kernel, bool hurry)
{
	unsigned look_ms = kernel->library->config.kernel_look_ms;
	struct timespec until = deadline_in_ms(hurry ? HURRY_MS : look_ms ? look_ms : LOOK_MS);
	while (!kernel->hurry && !kernel->ending &&
		pthread_cond_timedwait(&kernel->stir, &kernel->lock, &until) == 0)
		;
	while (!kernel->ending && !any_shown(kernel))
		pthread_cond_wait(&kernel->stir, &kernel->lock);
	kernel->hurry = false;
}

static void *watch(void *argument)
{
	struct kernel_exports *kernel = argument;
	bool hurry = false;
	SCOPED_LOCK(&kernel->lock);
	for (;;) {
		rest(kernel, hurry);
		if (kernel->ending)
			return NULL;
		hurry = look_at_all(kernel);
	}
}

void kernel_watch_now(struct kernel_exports *kernel)
{
	SCOPED_LOCK(&kernel->lock);
	kernel_watch_stir(kernel);
}

void kernel_watch_stir(struct kernel_exports *kernel)
{
	kernel->hurry = true;
	pthread_cond_signal(&kernel->stir);
}

bool kernel_watch_start(struct kernel_exports *kernel)
{
	kernel->ending = false;
	kernel->watching = pthread_create(&kernel->watch, NULL, watch, kernel) == 0;
	return kernel->watching;
}

void kernel_watch_stop(struct kernel_exports *kernel)
{
	if (!kernel->watching)
		return;
	pthread_mutex_lock(&kernel->lock);
	kernel->ending = true;
	pthread_cond_signal(&kernel->stir);
	pthread_mutex_unlock(&kernel->lock);
	pthread_join(kernel->watch, NULL);
	kernel->watching = false;
}

/* ---- readers --------------------------------------------------------------------------------- */

static unsigned sessions_of(const struct kernel_host *host)
{
	if (host->initiator[0])
		return host->session.id ? 1 : 0;
	return host->stranger_count < KERNEL_STRANGERS_MAX ? host->stranger_count
							   : KERNEL_STRANGERS_MAX;
}

static void fill(const struct kernel_export *export, const struct kernel_host *host, unsigned index,
	struct library_session *ret)
{
	bool known = host->initiator[0];
	*ret = (struct library_session){.since = host->since,
		.number = known ? host->number : host->stranger_numbers[index]};
	snprintf(ret->export, sizeof ret->export, "%s", export->name);
	snprintf(ret->initiator, sizeof ret->initiator, "%s",
		known ? host->initiator : host->strangers[index]);
	snprintf(ret->isid, sizeof ret->isid, "%s", host->session.isid);
	snprintf(ret->address, sizeof ret->address, "%s", host->session.address);
}

/* Of those of one host behind `after`, the first one into *ret, unless that has an earlier one. */
static void find_first(const struct kernel_export *export, const struct kernel_host *host,
	uint64_t after, struct library_session *ret)
{
	struct library_session session;
	for (unsigned i = 0; i < sessions_of(host); i++) {
		fill(export, host, i, &session);
		if (session.number > after && (!ret->number || session.number < ret->number))
			*ret = session;
	}
}

/* The first one behind `after` into *ret, if there is one; returns how many there are in all. */
static unsigned visit(struct kernel_exports *kernel, const char *export_name, uint64_t after,
	struct library_session *ret)
{
	unsigned count = 0;
	SCOPED_LOCK(&kernel->lock);
	list_for_each (node, &kernel->list) {
		struct kernel_export *export = container_of(node, struct kernel_export, link);
		if (export_name && export_name[0] && strcmp(export->name, export_name) != 0)
			continue;
		list_for_each (at, &export->hosts) {
			find_first(export, kernel_host_at(at), after, ret);
			count += sessions_of(kernel_host_at(at));
		}
	}
	return count;
}

unsigned kernel_exports_session_count(struct kernel_exports *kernel, const char *export_name)
{
	struct library_session first = {.number = 0};
	return visit(kernel, export_name, 0, &first);
}

bool kernel_exports_session_after(struct kernel_exports *kernel, const char *export_name,
	uint64_t after, struct library_session *ret)
{
	struct library_session first = {.number = 0};
	visit(kernel, export_name, after, &first);
	if (first.number)
		*ret = first;
	return first.number;
}

static void warn_of_sharing(unsigned strangers, char ret[LIBRARY_WARNING_MAX])
{
	static const char remedy[] =
		"the drive cannot tell them apart: a unit attention reaches one of them, and each "
		"may undo what another reserved or locked. Name the initiators to give each a "
		"nexus of its own.";
	if (strangers > 1)
		snprintf(ret, LIBRARY_WARNING_MAX,
			"%u initiators are logged in and share one nexus, and %s", strangers,
			remedy);
	else
		snprintf(ret, LIBRARY_WARNING_MAX,
			"All initiators that log in share one nexus, and %s", remedy);
}

void kernel_exports_warning(struct kernel_exports *kernel, const struct catalog_export *row,
	char ret[LIBRARY_WARNING_MAX])
{
	unsigned strangers =
		row->initiator_count ? 0 : kernel_exports_session_count(kernel, row->name);
	ret[0] = '\0';
	if (!row->lun_count)
		snprintf(ret, LIBRARY_WARNING_MAX, "It shows no drive, so it is not shown.");
	else if (!row->initiator_count)
		warn_of_sharing(strangers, ret);
	SCOPED_LOCK(&kernel->lock);
	list_for_each (node, &kernel->list) {
		const struct kernel_export *export = container_of(node, struct kernel_export, link);
		const struct error *failure = &export->failure;
		if (failure->code != ERROR_NONE && strcmp(export->name, row->name) == 0)
			snprintf(ret, LIBRARY_WARNING_MAX,
				"The kernel does not show it as it "
				"should: %s. %s",
				failure->sentence, failure->remedy);
	}
}
