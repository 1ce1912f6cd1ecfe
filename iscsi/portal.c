/* SPDX-License-Identifier: Apache-2.0 */
#include "iscsi/portal.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "network.h"
#include "util/cleanup.h"

enum { THREADS_MAX = 4, THREADS_LIMIT = 64, LOG_LINES_PER_SECOND = 20 };

/* Whoever can connect can make lines: so many in a second are kept, and no more. */
static bool may_log(struct portal *portal)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	unsigned long long second = (unsigned long long)now.tv_sec;
	if (atomic_exchange(&portal->log_second, second) != second)
		atomic_store(&portal->log_lines, 0);
	return atomic_fetch_add(&portal->log_lines, 1) < LOG_LINES_PER_SECOND;
}

void portal_log(struct portal *portal, const char *format, ...)
{
	char line[512];
	va_list arguments;
	if (!portal->log || !may_log(portal))
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	portal->log(portal->context, line);
}

/* ---- making ---------------------------------------------------------------------------------- */

#define DEFAULT(field, value) (limits.field = limits.field ? limits.field : (value))

static struct portal_limits with_defaults(struct portal_limits limits)
{
	DEFAULT(sessions, 256);
	DEFAULT(connections, 2 * limits.sessions);
	DEFAULT(tasks, 256);
	DEFAULT(login_seconds, 15);
	DEFAULT(ping_seconds, 30);
	DEFAULT(settle_ms, 1000);
	DEFAULT(command_bytes, 32u << 20);
	DEFAULT(session_in_bytes, 16u << 20);
	DEFAULT(session_out_bytes, 16u << 20);
	DEFAULT(in_bytes, 256u << 20);
	DEFAULT(out_bytes, 128u << 20);
	return limits;
}

static unsigned count_threads(unsigned wanted)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (wanted)
		return wanted < THREADS_LIMIT ? wanted : THREADS_LIMIT;
	return cpus < 1 ? 1 : cpus < THREADS_MAX ? (unsigned)cpus : THREADS_MAX;
}

static bool open_listeners(
	struct portal *portal, const struct portal_config *config, struct error *error)
{
	for (unsigned i = 0; i < config->listen_count; i++) {
		if (!listener_open(&portal->listeners[i], config->listen[i], error))
			return false;
		portal->listener_count++;
	}
	return true;
}

static bool init_threads(struct portal *portal, unsigned count, struct error *error)
{
	while (portal->thread_count < count) {
		bool good = network_thread_init(&portal->threads[portal->thread_count++], portal);
		if (!good)
			return error_set(error, ERROR_NO_MEMORY, "Allow more open files.",
				"the iSCSI portal cannot make its threads");
	}
	return true;
}

struct portal *portal_create(const struct portal_config *config, struct error *error)
{
	unsigned threads = count_threads(config->threads);
	struct portal *portal = calloc(1, sizeof *portal);
	if (!portal)
		goto no_memory;
	pthread_mutex_init(&portal->registry_lock, NULL);
	list_init(&portal->sessions);
	portal->limits = with_defaults(config->limits);
	portal->in.limit = portal->limits.in_bytes;
	portal->out.limit = portal->limits.out_bytes;
	portal->backend = config->backend;
	portal->context = config->context;
	portal->log = config->log;
	portal->listeners = calloc(config->listen_count + 1, sizeof *portal->listeners);
	portal->threads = calloc(threads, sizeof *portal->threads);
	if (!portal->listeners || !portal->threads)
		goto no_memory;
	if (open_listeners(portal, config, error) && init_threads(portal, threads, error))
		return portal;
	portal_destroy(portal);
	return NULL;

no_memory:
	portal_destroy(portal);
	error_set(error, ERROR_NO_MEMORY, "Give it more memory.", "out of memory");
	return NULL;
}

/* ---- running --------------------------------------------------------------------------------- */

/* Signals are for the main thread. */
static bool start_thread(struct network_thread *thread)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int result = pthread_create(&thread->thread, NULL, network_thread_main, thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return result == 0;
}

bool portal_start(struct portal *portal, struct error *error)
{
	/* The first one accepts, and hands over to the others. */
	for (unsigned i = portal->thread_count; i-- > 0;) {
		if (!start_thread(&portal->threads[i])) {
			portal_stop(portal);
			return error_set(error, ERROR_NO_MEMORY, "Allow more threads.",
				"the iSCSI portal cannot start its threads");
		}
		portal->threads_running++;
	}
	return true;
}

void portal_stop(struct portal *portal)
{
	unsigned first = portal->thread_count - portal->threads_running;
	for (unsigned i = first; i < portal->thread_count; i++)
		network_thread_stop(&portal->threads[i]);
	for (unsigned i = first; i < portal->thread_count; i++)
		pthread_join(portal->threads[i].thread, NULL);
	for (unsigned i = first; i < portal->thread_count; i++)
		network_thread_drop_arrivals(&portal->threads[i]);
	portal->threads_running = 0;
	listeners_close(portal);
}

void portal_destroy(struct portal *portal)
{
	if (!portal)
		return;
	if (portal->threads)
		portal_stop(portal);
	for (unsigned i = 0; i < portal->thread_count; i++)
		network_thread_finish(&portal->threads[i]);
	pthread_mutex_destroy(&portal->registry_lock);
	free(portal->threads);
	free(portal->listeners);
	free(portal);
}

/* ---- looking --------------------------------------------------------------------------------- */

const char *portal_address(const struct portal *portal, unsigned index)
{
	return index < portal->listener_count ? portal->listeners[index].text : "";
}

uint64_t portal_memory(struct portal *portal)
{
	return atomic_load(&portal->in.used) + atomic_load(&portal->out.used);
}
