/* SPDX-License-Identifier: Apache-2.0 */
/* Exports of the kernel's own iSCSI: from what should be to what is there. */
#include "kernel_exports.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_units.h"
#include "library_private.h"
#include "log.h"
#include "util/cleanup.h"

void kernel_exports_init(struct kernel_exports *kernel, struct library *library)
{
	pthread_condattr_t attributes;
	*kernel = (struct kernel_exports){.library = library};
	pthread_mutex_init(&kernel->lock, NULL);
	pthread_mutex_init(&kernel->due_lock, NULL);
	pthread_cond_init(&kernel->idle, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&kernel->stir, &attributes);
	pthread_condattr_destroy(&attributes);
	list_init(&kernel->list);
}

bool kernel_exports_possible(struct kernel_exports *kernel, struct error *error)
{
	const struct library_config *config = &kernel->library->config;
	if (!config->exporter)
		return error_set(error, ERROR_KERNEL_TARGET,
			"Load target_core_user and iscsi_target_mod and restart carouseld, or use "
			"transport portal.",
			"the kernel cannot show exports: %.128s", config->exporter_reason);
	if (!config->kernel_listen_count)
		return error_set(error, ERROR_KERNEL_TARGET,
			"Say listen = ADDRESS:PORT in [kernel], or use transport portal.",
			"the configuration gives the kernel no address to show exports at");
	return true;
}

bool kernel_exports_ready(struct kernel_exports *kernel, struct error *error)
{
	if (!kernel_exports_possible(kernel, error))
		return false;
	SCOPED_LOCK(&kernel->lock);
	if (kernel->reason.code == ERROR_NONE)
		return true;
	*error = kernel->reason;
	return false;
}

/* ---- what should be -------------------------------------------------------------------------- */

/* It may be shown as its row says, and the policy of now lets it. */
static bool is_wanted(struct kernel_exports *kernel, const struct target *target)
{
	struct targets_policy policy = targets_policy(&kernel->library->targets);
	char warning[LIBRARY_TEXT_MAX];
	if (!target || !target->row.kernel || !target->row.lun_count)
		return false;
	target_warning(&policy, &target->row, warning);
	return !warning[0];
}

static struct kernel_export *find(struct kernel_exports *kernel, const char *name)
{
	list_for_each (node, &kernel->list) {
		struct kernel_export *export = container_of(node, struct kernel_export, link);
		if (strcmp(export->name, name) == 0)
			return export;
	}
	return NULL;
}

static struct kernel_export *get(struct kernel_exports *kernel, const char *name)
{
	struct kernel_export *export = find(kernel, name);
	if (export || !(export = calloc(1, sizeof *export)))
		return export;
	snprintf(export->name, sizeof export->name, "%s", name);
	list_init(&export->hosts);
	SCOPED_LOCK(&kernel->lock);
	list_append(&kernel->list, &export->link);
	return export;
}

static void forget(struct kernel_exports *kernel, struct kernel_export *export)
{
	pthread_mutex_lock(&kernel->lock);
	list_remove(&export->link);
	pthread_mutex_unlock(&kernel->lock);
	free(export);
}

/* Said once, and kept for whoever asks. NULL: nothing is wrong. */
static void note(
	struct kernel_exports *kernel, struct kernel_export *export, const struct error *error)
{
	const struct error none = {0};
	char what[LIBRARY_ID_MAX + 16];
	error = error ? error : &none;
	snprintf(what, sizeof what, "export %s", export->name);
	if (error->code != ERROR_NONE && strcmp(export->failure.sentence, error->sentence) != 0)
		log_failure(LOG_LEVEL_ERROR, what, error);
	SCOPED_LOCK(&kernel->lock);
	export->failure = *error;
}

/* ---- taking down ----------------------------------------------------------------------------- */

/* The kernel waits for the commands of those that go, so they are ended from now on. */
static void set_going(struct kernel_exports *kernel, struct kernel_export *export, bool all)
{
	SCOPED_LOCK(&kernel->lock);
	list_for_each (node, &export->hosts) {
		struct kernel_host *host = kernel_host_at(node);
		host->going = host->shown && (all || kernel_host_differs(host));
	}
	kernel_watch_stir(kernel);
}

static void forget_sessions(struct kernel_host *host)
{
	host->session = (struct exporter_session){0};
	host->stranger_count = 0;
	host->looked = false;
}

static void set_shown(struct kernel_exports *kernel, struct kernel_export *export, bool shown)
{
	SCOPED_LOCK(&kernel->lock);
	list_for_each (node, &export->hosts) {
		struct kernel_host *host = kernel_host_at(node);
		host->going = false;
		host->shown = shown && kernel_host_is_shown(host);
		if (!host->shown)
			forget_sessions(host);
	}
	kernel_watch_stir(kernel);
}

static void set_target(
	struct kernel_exports *kernel, struct kernel_export *export, const char *target)
{
	SCOPED_LOCK(&kernel->lock);
	snprintf(export->target, sizeof export->target, "%s", target);
}

/* True: it is not there any more, and neither are its devices. */
static bool take_down(
	struct kernel_exports *kernel, struct kernel_export *export, struct error *error)
{
	struct exporter *exporter = kernel->library->config.exporter;
	set_going(kernel, export, true);
	bool ok = !export->target[0] || exporter_target_hide(exporter, export->target, error);
	set_shown(kernel, export, !ok);
	if (!ok)
		return false;
	set_target(kernel, export, "");
	kernel_units_want_none(export);
	return kernel_units_remove(kernel, export, error);
}

/* ---- showing --------------------------------------------------------------------------------- */

static bool is_available(struct kernel_exports *kernel, struct error *error)
{
	struct error none = {0}, why = {0};
	bool ok = kernel_exports_possible(kernel, &why) &&
		  exporter_target_available(kernel->library->config.exporter, &why);
	if (!ok)
		*error = why;
	SCOPED_LOCK(&kernel->lock);
	kernel->reason = ok ? none : why;
	return ok;
}

static bool show(struct kernel_exports *kernel, struct kernel_export *export,
	const struct catalog_export *row, struct error *error)
{
	const struct library_config *config = &kernel->library->config;
	_cleanup_(kernel_plan_finish) struct kernel_plan plan = {0};
	_cleanup_free_ const char **portals =
		calloc(config->kernel_listen_count + 1u, sizeof *portals);
	if (!portals || !kernel_plan_make(&plan, export))
		return error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
	for (unsigned i = 0; i < config->kernel_listen_count; i++)
		portals[i] = config->kernel_listen[i];
	const struct exporter_target target = {.name = row->target,
		.portals = portals,
		.hosts = plan.hosts,
		.host_count = plan.host_count,
		.chap_user = row->chap_user,
		.chap_secret = row->chap_secret,
		.mutual_user = row->mutual_user,
		.mutual_secret = row->mutual_secret};
	set_target(kernel, export, row->target);
	bool ok = exporter_target_show(config->exporter, &target, error);
	if (ok)
		kernel_units_shown(export);
	return ok;
}

/*
 * Devices first, then the target, and what is not wanted any more last. What cannot be attached is
 * left out: hosts that may not log in any more must go all the same.
 */
static bool bring_up(struct kernel_exports *kernel, struct kernel_export *export,
	const struct catalog_export *row, struct error *error)
{
	struct error later = {0};
	if (!is_available(kernel, error))
		return false;
	bool complete = kernel_units_want(kernel, export, row, error);
	complete &= kernel_units_attach(kernel, export, complete ? error : &later);
	if (!kernel_units_any_shown(export))
		return take_down(kernel, export, complete ? error : &later) && complete;
	set_going(kernel, export, false);
	bool shown = show(kernel, export, row, complete ? error : &later);
	set_shown(kernel, export, true);
	return shown && kernel_units_remove(kernel, export, complete ? error : &later) && complete;
}

void kernel_exports_apply(struct kernel_exports *kernel, const char *name)
{
	struct error error = {0};
	struct target *target = targets_find(&kernel->library->targets, name);
	bool wanted = is_wanted(kernel, target);
	struct kernel_export *export = wanted ? get(kernel, name) : find(kernel, name);
	bool moved = export && wanted && strcmp(export->target, target->row.target) != 0;
	bool ok = !export || (wanted && !moved) || take_down(kernel, export, &error);
	if (ok && export && wanted)
		ok = bring_up(kernel, export, &target->row, &error);
	if (export && ok && !wanted)
		forget(kernel, export);
	else if (export)
		note(kernel, export, ok ? NULL : &error);
	target_put(&kernel->library->targets, target);
}

bool kernel_exports_hide(struct kernel_exports *kernel, const char *name, struct error *error)
{
	struct kernel_export *export = find(kernel, name);
	return !export || take_down(kernel, export, error);
}

static void apply_all(struct kernel_exports *kernel)
{
	struct target *target;
	list_for_each_safe (node, &kernel->list)
		kernel_exports_apply(kernel, container_of(node, struct kernel_export, link)->name);
	for (unsigned i = 0; (target = targets_at(&kernel->library->targets, i)); i++) {
		if (target->row.kernel && !find(kernel, target->row.name))
			kernel_exports_apply(kernel, target->row.name);
		target_put(&kernel->library->targets, target);
	}
}

/* ---- when it is due -------------------------------------------------------------------------- */

/* due_lock held. */
static void submit(struct kernel_exports *kernel)
{
	struct scsi_executor *control = kernel->library->config.control;
	kernel->queued = true;
	kernel->again = false;
	control->submit(control, &kernel->work, NULL);
}

static void run(struct scsi_work *work)
{
	struct kernel_exports *kernel = container_of(work, struct kernel_exports, work);
	apply_all(kernel);
	SCOPED_LOCK(&kernel->due_lock);
	kernel->queued = false;
	if (kernel->again && kernel->open)
		submit(kernel);
	else
		pthread_cond_broadcast(&kernel->idle);
}

void kernel_exports_look(struct kernel_exports *kernel)
{
	SCOPED_LOCK(&kernel->due_lock);
	if (kernel->queued)
		kernel->again = true;
	else if (kernel->open)
		submit(kernel);
}

/* ---- from start to stop ---------------------------------------------------------------------- */

void kernel_exports_enter(struct kernel_exports *kernel, struct drive *drive)
{
	struct target *target;
	struct error error;
	for (unsigned i = 0; (target = targets_at(&kernel->library->targets, i)); i++) {
		struct kernel_export *export = NULL;
		if (is_wanted(kernel, target) && kernel_exports_possible(kernel, &error) &&
			kernel_row_shows(&target->row, drive))
			export = get(kernel, target->row.name);
		if (export) {
			kernel_units_enter(kernel, export, &target->row, drive);
			set_target(kernel, export, target->row.target);
		}
		target_put(&kernel->library->targets, target);
	}
}

unsigned kernel_exports_devices(
	struct kernel_exports *kernel, char (*ret)[KERNEL_DEVICE_MAX], unsigned capacity)
{
	unsigned count = 0;
	list_for_each (node, &kernel->list)
		count = kernel_units_devices(
			container_of(node, struct kernel_export, link), ret, capacity, count);
	return count;
}

const char **kernel_exports_targets(struct kernel_exports *kernel)
{
	unsigned count = 0;
	list_for_each (node, &kernel->list)
		count += node != NULL;
	const char **all = calloc(count + 1u, sizeof *all);
	count = 0;
	list_for_each (node, &kernel->list)
		if (all)
			all[count++] = container_of(node, struct kernel_export, link)->target;
	return all;
}

void kernel_exports_start(struct kernel_exports *kernel)
{
	struct library *library = kernel->library;
	if (library->config.exporter && !kernel_watch_start(kernel))
		log_error("cannot start a thread: nobody notices when hosts of kernel exports are "
			  "lost");
	apply_all(kernel);
	kernel->work.run = run;
	SCOPED_LOCK(&kernel->due_lock);
	kernel->open = true;
}

static void close_and_wait(struct kernel_exports *kernel)
{
	SCOPED_LOCK(&kernel->due_lock);
	kernel->open = false;
	while (kernel->queued)
		pthread_cond_wait(&kernel->idle, &kernel->due_lock);
}

/* The watch last: what a vanished host left is ended by it. */
bool kernel_exports_stop(struct kernel_exports *kernel, unsigned timeout_ms)
{
	bool drained = true;
	close_and_wait(kernel);
	list_for_each (node, &kernel->list)
		drained &= kernel_units_drain(
			container_of(node, struct kernel_export, link), timeout_ms);
	kernel_watch_stop(kernel);
	return drained;
}

void kernel_exports_release(struct kernel_exports *kernel)
{
	list_for_each (node, &kernel->list)
		kernel_units_release(container_of(node, struct kernel_export, link));
}

void kernel_exports_finish(struct kernel_exports *kernel)
{
	list_for_each_safe (node, &kernel->list) {
		struct kernel_export *export = container_of(node, struct kernel_export, link);
		kernel_units_destroy(export);
		free(export);
	}
	list_init(&kernel->list);
	pthread_cond_destroy(&kernel->stir);
	pthread_cond_destroy(&kernel->idle);
	pthread_mutex_destroy(&kernel->due_lock);
	pthread_mutex_destroy(&kernel->lock);
}
