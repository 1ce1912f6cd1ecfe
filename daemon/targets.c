/* SPDX-License-Identifier: Apache-2.0 */
#include "targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "names_after.h"
#include "util/cleanup.h"
#include "util/error.h"

void targets_init(struct targets *targets)
{
	*targets = (struct targets){0};
	pthread_mutex_init(&targets->lock, NULL);
}

/* The last reference is gone; it has secrets. */
static void target_free(struct target *target)
{
	explicit_bzero(target, sizeof *target);
	free(target);
}

static void put_all(struct target **list, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (--list[i]->references == 0)
			target_free(list[i]);
	free(list);
}

void targets_finish(struct targets *targets)
{
	put_all(targets->list, targets->count);
	free(targets->sessions);
	pthread_mutex_destroy(&targets->lock);
}

/* ---- publishing ------------------------------------------------------------------------------ */

struct fresh {
	struct target **list;
	unsigned count;
	bool incomplete;
};

static bool add_fresh(struct fresh *fresh, const struct catalog_export *row)
{
	struct target **grown = reallocarray(fresh->list, fresh->count + 1, sizeof *grown);
	if (!grown)
		return false;
	fresh->list = grown;
	struct target *target = malloc(sizeof *target);
	if (!target)
		return false;
	target->references = 1;
	target->row = *row;
	grown[fresh->count++] = target;
	return true;
}

static bool collect(void *context, const struct catalog_export *row)
{
	struct fresh *fresh = context;
	fresh->incomplete = !add_fresh(fresh, row);
	return !fresh->incomplete;
}

bool targets_reload(struct targets *targets, struct catalog *catalog, struct error *error)
{
	struct fresh fresh = {0};
	bool ok = catalog_exports_list(catalog, collect, &fresh, error);
	if (ok && fresh.incomplete)
		ok = error_set(
			error, ERROR_NO_MEMORY, "Give carouseld more memory.", "out of memory");
	if (!ok) {
		put_all(fresh.list, fresh.count);
		return false;
	}
	SCOPED_LOCK(&targets->lock);
	put_all(targets->list, targets->count);
	targets->list = fresh.list;
	targets->count = fresh.count;
	return true;
}

/* ---- looking up ------------------------------------------------------------------------------ */

struct target *targets_at(struct targets *targets, unsigned index)
{
	SCOPED_LOCK(&targets->lock);
	if (index >= targets->count)
		return NULL;
	targets->list[index]->references++;
	return targets->list[index];
}

static const char *target_name_at(const void *list, unsigned index)
{
	struct target *const *targets = list;
	return targets[index]->row.name;
}

struct target *targets_after(struct targets *targets, const char *after)
{
	SCOPED_LOCK(&targets->lock);
	unsigned at = names_after(targets->list, targets->count, target_name_at, after);
	if (at == targets->count)
		return NULL;
	targets->list[at]->references++;
	return targets->list[at];
}

static struct target *find(struct targets *targets, size_t offset, const char *text)
{
	SCOPED_LOCK(&targets->lock);
	for (unsigned i = 0; i < targets->count; i++) {
		struct target *target = targets->list[i];
		if (strcasecmp((const char *)&target->row + offset, text) == 0) {
			target->references++;
			return target;
		}
	}
	return NULL;
}

struct target *targets_find(struct targets *targets, const char *name)
{
	return find(targets, offsetof(struct catalog_export, name), name);
}

struct target *targets_find_by_target(struct targets *targets, const char *target)
{
	return find(targets, offsetof(struct catalog_export, target), target);
}

void target_put(struct targets *targets, struct target *target)
{
	if (!target)
		return;
	SCOPED_LOCK(&targets->lock);
	if (--target->references == 0)
		target_free(target);
}

struct targets_policy targets_policy(struct targets *targets)
{
	SCOPED_LOCK(&targets->lock);
	return targets->policy;
}

void targets_set_policy(struct targets *targets, const struct targets_policy *policy)
{
	SCOPED_LOCK(&targets->lock);
	targets->policy = *policy;
}

/* ---- who may log in -------------------------------------------------------------------------- */

/* A list that lets everybody in is none. */
static bool restricts(const char (*rules)[CATALOG_RULE_MAX], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (access_rule_is_all(rules[i]))
			return false;
	return count > 0;
}

bool target_is_unprotected(const struct catalog_export *row)
{
	return !row->chap_user[0] && !restricts(row->initiators, row->initiator_count) &&
	       !restricts(row->networks, row->network_count);
}

static bool keeps_remote_out(const struct targets_policy *policy, const struct catalog_export *row)
{
	bool remote = row->kernel ? policy->kernel_remote : policy->remote;
	return remote && target_is_unprotected(row) && !(row->open && policy->allow_open);
}

void target_warning(const struct targets_policy *policy, const struct catalog_export *row,
	char ret[LIBRARY_TEXT_MAX])
{
	ret[0] = '\0';
	if (keeps_remote_out(policy, row))
		snprintf(ret, LIBRARY_TEXT_MAX, "%s: there is neither CHAP nor a rule, and %s.",
			row->kernel ? "Nobody may log in" : "Only this machine may log in",
			row->open ? "the configuration does not say allow_open = yes"
				  : "the export is not open");
}

static bool any_pattern(const struct catalog_export *row, const char *initiator)
{
	for (unsigned i = 0; i < row->initiator_count; i++)
		if (access_pattern_matches(row->initiators[i], initiator))
			return true;
	return row->initiator_count == 0;
}

static bool any_network(const struct catalog_export *row, const char *address)
{
	for (unsigned i = 0; i < row->network_count; i++)
		if (access_network_contains(row->networks[i], address))
			return true;
	return row->network_count == 0;
}

const char *target_refuses(const struct targets_policy *policy, const struct catalog_export *row,
	const char *initiator, const char *address)
{
	if (!any_pattern(row, initiator))
		return "its name is on no list";
	if (!any_network(row, address))
		return "its address is in none of the networks";
	if (keeps_remote_out(policy, row) && !access_address_is_loopback(address))
		return "the export is unprotected and not open to other machines";
	return NULL;
}

/* ---- sessions -------------------------------------------------------------------------------- */

uint64_t targets_session_number(struct targets *targets)
{
	SCOPED_LOCK(&targets->lock);
	return ++targets->last_session;
}

/* With the lock. */
static bool make_room(struct targets *targets)
{
	unsigned room = targets->session_room ? 2 * targets->session_room : 16;
	if (targets->session_count < targets->session_room)
		return true;
	struct target_session **grown =
		reallocarray(targets->sessions, room, sizeof *targets->sessions);
	if (!grown)
		return false;
	targets->sessions = grown;
	targets->session_room = room;
	return true;
}

bool targets_add_session(struct targets *targets, struct target_session *session)
{
	SCOPED_LOCK(&targets->lock);
	if (!make_room(targets))
		return false;
	session->about.number = ++targets->last_session;
	targets->sessions[targets->session_count++] = session;
	return true;
}

/* With the lock: where the first one behind this number is. */
static unsigned sessions_after(const struct targets *targets, uint64_t number)
{
	unsigned low = 0, high = targets->session_count;
	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		if (targets->sessions[middle]->about.number <= number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void targets_remove_session(struct targets *targets, struct target_session *session)
{
	SCOPED_LOCK(&targets->lock);
	unsigned next = sessions_after(targets, session->about.number);
	memmove(&targets->sessions[next - 1], &targets->sessions[next],
		(targets->session_count - next) * sizeof *targets->sessions);
	targets->session_count--;
}

static bool is_of(const struct target_session *session, const char *export_name)
{
	return !export_name || !export_name[0] || strcmp(session->about.export, export_name) == 0;
}

unsigned targets_session_count(struct targets *targets, const char *export_name)
{
	unsigned count = 0;
	SCOPED_LOCK(&targets->lock);
	for (unsigned i = 0; i < targets->session_count; i++)
		count += is_of(targets->sessions[i], export_name);
	return count;
}

bool targets_session_after(struct targets *targets, const char *export_name, uint64_t after,
	struct library_session *ret)
{
	SCOPED_LOCK(&targets->lock);
	unsigned at = sessions_after(targets, after);
	while (at < targets->session_count && !is_of(targets->sessions[at], export_name))
		at++;
	if (at == targets->session_count)
		return false;
	*ret = targets->sessions[at]->about;
	return true;
}
