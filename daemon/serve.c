/* SPDX-License-Identifier: Apache-2.0 */
#include "serve.h"

#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "clean_stop.h"
#include "config.h"
#include "daemon/library.h"
#include "export_seed.h"
#include "exporter.h"
#include "instance.h"
#include "library_setup.h"
#include "log.h"
#include "mmc/drive.h"
#include "path.h"
#include "pool.h"
#include "reload.h"
#include "service_manager.h"
#include "token.h"
#include "util/error.h"
#include "util/file_io.h"
#include "watchdog.h"
#include "web/server.h"

/* A tape drive that is busy keeps a thread; more drives than that take turns. */
enum { READERS = 8, READERS_PER_SOURCE = 4, MECHANISMS = 32 };

struct daemon {
	struct serve_options options;
	struct config config;
	pthread_rwlock_t pools_lock; /* config.pools: they change while the library asks */
	struct instance instance;
	struct pool *readers, *mechanisms, *control;
	struct exporter *exporter;
	struct library *library;
	struct web *web;
	struct watchdog *watchdog;
	char catalog_path[PATH_MAX], told_dir[PATH_MAX];
	bool clean; /* the last daemon stopped cleanly */
	char portal_prefix[LIBRARY_ISCSI_NAME_MAX];
	char token[TOKEN_LENGTH + 1];
	struct error no_exporter;
};

/* ---- what the library asks ---------------------------------------------------------------------
 */

static bool copy_pools(struct daemon *daemon, struct config *ret, struct error *error)
{
	pthread_rwlock_rdlock(&daemon->pools_lock);
	bool ok = config_copy_pools(&daemon->config, ret);
	pthread_rwlock_unlock(&daemon->pools_lock);
	return ok || error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
}

/* A path on a server that is gone is looked at for ever: not with the lock, or no reload would end,
 * not even one that takes that pool away. */
static bool path_allowed(
	void *context, const char *path, char ret_real[PATH_MAX], struct error *error)
{
	struct config pools;
	bool allowed = copy_pools(context, &pools, error) &&
		       config_path_in_pools(&pools, path, ret_real, error);
	config_finish(&pools);
	return allowed;
}

/* Where other disks are. */
static const char *const copy_from[] = {"/media", "/mnt", NULL};

static bool pool_at(void *context, unsigned index, char ret[PATH_MAX])
{
	struct daemon *daemon = context;
	pthread_rwlock_rdlock(&daemon->pools_lock);
	bool found = index < daemon->config.pool_count;
	if (found)
		snprintf(ret, PATH_MAX, "%s", daemon->config.pools[index]);
	pthread_rwlock_unlock(&daemon->pools_lock);
	return found;
}

static void web_log(void *context, int priority, const char *line)
{
	log_message(priority <= 3   ? LOG_LEVEL_ERROR
		    : priority == 4 ? LOG_LEVEL_WARNING
		    : priority <= 6 ? LOG_LEVEL_INFO
				    : LOG_LEVEL_DEBUG,
		"web: %s", line);
}

/* ---- start -------------------------------------------------------------------------------------
 */

static bool start_pools(struct daemon *daemon, struct error *error)
{
	daemon->readers = pool_create(READERS, READERS_PER_SOURCE, error);
	if (!daemon->readers)
		return false;
	daemon->mechanisms = pool_create(MECHANISMS, MECHANISMS, error);
	if (!daemon->mechanisms)
		return false;
	daemon->control = pool_create(1, 1, error);
	return daemon->control != NULL;
}

static bool start_exporter(struct daemon *daemon, struct error *error)
{
	struct exporter_config config = {.failed = host_export_failed};
	struct error *why = &daemon->no_exporter;
	if (!daemon->options.kernel_target)
		return !error_set(why, ERROR_KERNEL_TARGET, "Start it without that option.",
			"carouseld was started with --no-kernel-target");
	if (daemon->config.kernel_target == KERNEL_TARGET_NO)
		return !error_set(why, ERROR_KERNEL_TARGET, "Say kernel_target = auto.",
			"the configuration says kernel_target = no");
	daemon->exporter = exporter_create(&config, why);
	if (daemon->exporter)
		return true;
	if (daemon->config.kernel_target == KERNEL_TARGET_YES) {
		*error = *why;
		return false;
	}
	log_info("there is no kernel target, so drives are not shown to this machine: %s",
		why->sentence);
	return true;
}

static bool seed_drives(struct daemon *daemon, struct error *error)
{
	for (unsigned i = 0; i < daemon->config.drive_count; i++) {
		const struct config_drive *drive = &daemon->config.drives[i];
		struct library_seed seed = {.name = drive->name,
			.personality = drive->personality,
			.loopback = config_drive_loopback(drive, daemon->exporter != NULL),
			.medium = drive->medium};
		if (!library_seed_drive(daemon->library, &seed, error))
			return false;
	}
	return true;
}

static bool seed_export(
	struct daemon *daemon, const struct config_export *export, struct error *error)
{
	struct export_seed *seed = calloc(1, sizeof *seed);
	if (!seed)
		return error_set(
			error, ERROR_NO_MEMORY, "Free some memory and try again.", "out of memory");
	bool ok = export_seed_read(export, seed, error) &&
		  library_seed_export(daemon->library, &seed->put, error);
	export_seed_finish(seed);
	free(seed);
	return ok;
}

static bool seed_exports(struct daemon *daemon, struct error *error)
{
	for (unsigned i = 0; i < daemon->config.export_count; i++)
		if (!seed_export(daemon, &daemon->config.exports[i], error))
			return false;
	return true;
}

static void choose_prefix(struct daemon *daemon)
{
	if (daemon->config.portal_prefix[0])
		snprintf(daemon->portal_prefix, sizeof daemon->portal_prefix, "%s",
			daemon->config.portal_prefix);
	else
		export_seed_default_prefix(daemon->portal_prefix, sizeof daemon->portal_prefix);
}

static bool start_library(struct daemon *daemon, struct error *error)
{
	const struct config *config = &daemon->config;
	if (!path_in(config->state_dir, "catalog.db", daemon->catalog_path, error) ||
		!path_in(config->runtime_dir, "told", daemon->told_dir, error))
		return false;
	daemon->clean = clean_stop_take(config->runtime_dir);
	choose_prefix(daemon);
	struct library_config library = {
		.catalog_path = daemon->catalog_path,
		.told_dir = daemon->told_dir,
		.readers = pool_executor(daemon->readers),
		.mechanisms = pool_executor(daemon->mechanisms),
		.control = pool_executor(daemon->control),
		.exporter = daemon->exporter,
		.exporter_reason = daemon->no_exporter.sentence,
		.io = &file_io_resolved,
		.store = &file_store_resolved,
		.tape_dir = config->tape_dir,
		.clean = daemon->clean,
		.dwell_ms = MMC_DWELL_MS_DEFAULT,
		.path_allowed = path_allowed,
		.path_context = daemon,
		.pool_at = pool_at,
		.copy_from = copy_from,
		.uploads = {config->upload_limit, config->pool_reserve},
		.watch = {.notify = config->pool_watch,
			.rescan_s = config->pool_rescan_s,
			.auto_import = config->pool_auto_import},
		.portal = {.listen = (const char *const *)config->portal_listen,
			.listen_count = config->portal_listen_count,
			.sessions = config->portal_sessions},
		.kernel_listen = (const char *const *)config->kernel_listen,
		.kernel_listen_count = config->kernel_listen_count,
		.kernel_remote = config->kernel_remote,
		.portal_prefix = daemon->portal_prefix,
		.portal_remote = config->portal_remote,
		.portal_allow_open = config->portal_allow_open,
		.eject_wait_ms = LIBRARY_EJECT_WAIT_MS,
		.told_wait_ms = LIBRARY_TOLD_WAIT_MS,
	};
	daemon->library = library_create(&library, error);
	return daemon->library && seed_drives(daemon, error) && seed_exports(daemon, error) &&
	       library_start(daemon->library, error);
}

static bool find_group(const char *name, gid_t *ret, struct error *error)
{
	*ret = (gid_t)-1;
	if (!name[0])
		return true;
	const struct group *group = getgrnam(name);
	if (!group)
		return error_set(error, ERROR_CONFIGURATION,
			"Make the group, or set socket_group to one that exists.",
			"there is no group %s", name);
	*ret = group->gr_gid;
	return true;
}

static bool start_web(struct daemon *daemon, struct error *error)
{
	const struct config *config = &daemon->config;
	struct web_config web = {
		.library = daemon->library,
		.socket_path = config->socket,
		.socket_mode = config->socket_group[0] ? 0660 : 0600,
		.listen_address = config->listen_host[0] ? config->listen_host : NULL,
		.listen_port = config->listen_port,
		.token = daemon->token,
		.hosts = config->hosts,
		.certificate_path = config->tls_certificate,
		.key_path = config->tls_key,
		.allow_unencrypted = config->allow_unencrypted,
		.connections = config->connections,
		.connections_per_address = config->connections_per_address,
		.requests_per_second = config->requests_per_second,
		.log = web_log,
	};
	if (!find_group(config->socket_group, &web.socket_group, error))
		return false;
	if (web.listen_address && !token_load(config->token_file, daemon->token, error))
		return false;
	daemon->web = web_start(&web, error);
	return daemon->web != NULL;
}

static bool start(struct daemon *daemon, struct error *error)
{
	const struct config *config = &daemon->config;
	return instance_start(&daemon->instance, config->state_dir, config->runtime_dir, error) &&
	       start_pools(daemon, error) && start_exporter(daemon, error) &&
	       start_library(daemon, error) && start_web(daemon, error) &&
	       watchdog_start(daemon->library, &daemon->watchdog, error);
}

/* Exports that were made before the portal was opened to other machines. */
static void warn_of_exports(struct library *library)
{
	struct library_export *export = malloc(sizeof *export);
	for (unsigned i = 0; export && library_export_at(library, i, export); i++)
		if (export->warning[0])
			log_warning("export %s: %s", export->name, export->warning);
	free(export);
}

/* ---- stop --------------------------------------------------------------------------------------
 */

/*
 * The clean mark is written last: it says that every ring was drained and that nothing of ours
 * touches one any more.
 */
static void stop(struct daemon *daemon, bool started)
{
	struct error error = {0};
	bool rings = daemon->exporter != NULL;
	watchdog_stop(daemon->watchdog);
	bool drained = daemon->library ? library_stop(daemon->library) : daemon->clean;
	web_stop(daemon->web);
	library_destroy(daemon->library);
	exporter_destroy(daemon->exporter);
	pool_destroy(daemon->control);
	pool_destroy(daemon->mechanisms);
	pool_destroy(daemon->readers);
	if (drained && !clean_stop_mark(daemon->config.runtime_dir, &error))
		log_failure(LOG_LEVEL_ERROR, "stopping", &error);
	if (started && !drained && rings)
		log_warning("commands were still in flight: the next start resets the rings");
	instance_finish(&daemon->instance);
	config_finish(&daemon->config);
}

static void block_signals(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGHUP);
	pthread_sigmask(SIG_BLOCK, ret, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is an error like any other */
}

/* ---- while it runs -----------------------------------------------------------------------------
 */

static void reload_certificate(struct daemon *daemon)
{
	struct error error = {0};
	if (!web_reload(daemon->web, &error))
		log_failure(LOG_LEVEL_ERROR, "the certificate stays as it was", &error);
}

/* Nothing of a configuration with a mistake in it is taken. */
static void reload(struct daemon *daemon)
{
	struct config fresh;
	struct error error = {0};
	log_info("reading the configuration again");
	library_look_again(daemon->library);
	reload_certificate(daemon);
	if (!config_load(&fresh, daemon->options.config_path, &error)) {
		log_failure(LOG_LEVEL_ERROR, "the configuration stays as it was", &error);
		return;
	}
	log_set_level(fresh.log_level);
	library_allow_open(daemon->library, fresh.portal_allow_open);
	library_bound_uploads(
		daemon->library, &(struct upload_bounds){fresh.upload_limit, fresh.pool_reserve});
	pthread_rwlock_wrlock(&daemon->pools_lock);
	config_swap_pools(&daemon->config, &fresh);
	pthread_rwlock_unlock(&daemon->pools_lock);
	library_pools_changed(daemon->library);
	reload_tell_pools(daemon->library, &fresh, &daemon->config); /* they were exchanged */
	reload_warn(&daemon->config, &fresh);
	reload_seeds(daemon->library, &fresh);
	config_finish(&fresh);
}

/* A session of the portal is an open file, as is a disc: the usual 1024 is too few for both. */
static void allow_files(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Returns the signal that ends it. */
static int await_end(struct daemon *daemon, const sigset_t *signals)
{
	int number = 0;
	while (sigwait(signals, &number) != 0 || number == SIGHUP)
		if (number == SIGHUP) {
			service_manager_tell("RELOADING=1", NULL);
			reload(daemon);
			service_manager_tell_library("READY=1", daemon->library);
		}
	return number;
}

int serve(const struct serve_options *options)
{
	struct daemon daemon = {.options = *options,
		.instance = {-1, -1},
		.pools_lock = PTHREAD_RWLOCK_INITIALIZER};
	struct error error = {0};
	sigset_t signals;

	if (!config_load(&daemon.config, options->config_path, &error)) {
		log_failure(LOG_LEVEL_ERROR, "configuration", &error);
		return SERVE_MISCONFIGURED;
	}
	log_set_level(daemon.config.log_level);
	block_signals(&signals);
	allow_files();
	bool started = start(&daemon, &error);
	if (started) {
		log_info("carouseld %s is up with %u drive(s); the API is at %s", CAROUSEL_VERSION,
			library_drive_count(daemon.library), daemon.config.socket);
		warn_of_exports(daemon.library);
		service_manager_tell_library("READY=1", daemon.library);
		log_info("stopping on %s", strsignal(await_end(&daemon, &signals)));
		service_manager_tell("STOPPING=1", "answering what hosts have under way");
	} else {
		log_failure(LOG_LEVEL_ERROR, "cannot start", &error);
		service_manager_tell("", "cannot start: %s", error.sentence);
	}
	stop(&daemon, started);
	return started ? EXIT_SUCCESS : EXIT_FAILURE;
}
