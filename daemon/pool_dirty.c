/* SPDX-License-Identifier: Apache-2.0 */
#include "pool_dirty.h"

#include <stdlib.h>
#include <string.h>

#include "pool_tree.h"

/* What a job may be asked for is limited (LIBRARY_JOB_JSON_MAX); these fit for sure. */
enum { PATHS_LENGTH_MAX = 8000 };

void pool_dirty_finish(struct pool_dirty *dirty)
{
	for (unsigned i = 0; i < dirty->count; i++)
		free(dirty->entries[i].path);
	*dirty = (struct pool_dirty){0};
}

void pool_dirty_note_all(struct pool_dirty *dirty, uint64_t now_ms, unsigned wait_ms)
{
	uint64_t when = now_ms + wait_ms, quiet = dirty->all_quiet_ms;
	if (dirty->all && dirty->all_ms < when)
		when = dirty->all_ms;
	for (unsigned i = 0; i < dirty->count; i++)
		if (dirty->entries[i].quiet_ms > quiet)
			quiet = dirty->entries[i].quiet_ms;
	pool_dirty_finish(dirty);
	dirty->all = true;
	dirty->all_ms = when;
	dirty->all_quiet_ms = quiet;
}

static struct pool_dirty_entry *find(struct pool_dirty *dirty, const char *path)
{
	for (unsigned i = 0; i < dirty->count; i++)
		if (strcmp(dirty->entries[i].path, path) == 0 ||
			(dirty->entries[i].deep && pool_is_within(path, dirty->entries[i].path)))
			return &dirty->entries[i];
	return NULL;
}

/* NULL: there is no room for it. */
static struct pool_dirty_entry *add(struct pool_dirty *dirty, const char *path, uint64_t now_ms)
{
	size_t length = strlen(path);
	for (unsigned i = 0; i < dirty->count; i++)
		length += strlen(dirty->entries[i].path);
	char *copy =
		dirty->count < POOL_DIRTY_MAX && length < PATHS_LENGTH_MAX ? strdup(path) : NULL;
	if (!copy)
		return NULL;
	struct pool_dirty_entry *entry = &dirty->entries[dirty->count++];
	*entry = (struct pool_dirty_entry){.path = copy, .since_ms = now_ms};
	return entry;
}

void pool_dirty_note(
	struct pool_dirty *dirty, const char *path, bool deep, uint64_t now_ms, unsigned settle_ms)
{
	if (dirty->all) {
		dirty->all_quiet_ms = now_ms + settle_ms;
		return;
	}
	struct pool_dirty_entry *entry = find(dirty, path);
	if (!entry)
		entry = add(dirty, path, now_ms);
	if (!entry) {
		pool_dirty_note_all(dirty, now_ms, settle_ms);
		dirty->all_quiet_ms = now_ms + settle_ms;
		return;
	}
	if (strcmp(entry->path, path) == 0)
		entry->deep |= deep;
	uint64_t latest = entry->since_ms + (uint64_t)POOL_DIRTY_WAIT_FACTOR * settle_ms;
	entry->quiet_ms = now_ms + settle_ms;
	entry->ready_ms = entry->quiet_ms < latest ? entry->quiet_ms : latest;
}

uint64_t pool_dirty_next(const struct pool_dirty *dirty)
{
	uint64_t next = dirty->all ? dirty->all_ms : UINT64_MAX;
	for (unsigned i = 0; i < dirty->count; i++)
		if (dirty->entries[i].ready_ms < next)
			next = dirty->entries[i].ready_ms;
	return next;
}

/* What happened of late is too young for the scan that begins now. */
static void drop(struct pool_dirty *dirty, unsigned index, uint64_t now_ms)
{
	struct pool_dirty_entry *entry = &dirty->entries[index];
	if (entry->quiet_ms > now_ms) {
		entry->since_ms = now_ms;
		entry->ready_ms = entry->quiet_ms;
		return;
	}
	free(dirty->entries[index].path);
	dirty->entries[index] = dirty->entries[--dirty->count];
}

/* Paths that are not UTF-8 cannot be said in JSON: false. */
static bool take_ready(
	struct pool_dirty *dirty, uint64_t now_ms, json_t *directories, json_t *trees)
{
	bool said = true;
	for (unsigned i = dirty->count; i > 0; i--) {
		const struct pool_dirty_entry *entry = &dirty->entries[i - 1];
		if (entry->ready_ms > now_ms)
			continue;
		said &= json_array_append_new(
				entry->deep ? trees : directories, json_string(entry->path)) == 0;
		drop(dirty, i - 1, now_ms);
	}
	return said;
}

json_t *pool_dirty_take(struct pool_dirty *dirty, uint64_t now_ms)
{
	if (pool_dirty_next(dirty) > now_ms)
		return NULL;
	if (dirty->all) {
		uint64_t quiet = dirty->all_quiet_ms;
		pool_dirty_finish(dirty);
		if (quiet > now_ms)
			*dirty = (struct pool_dirty){
				.all = true, .all_ms = quiet, .all_quiet_ms = quiet};
		return json_object();
	}
	json_t *directories = json_array(), *trees = json_array();
	bool said = take_ready(dirty, now_ms, directories, trees);
	json_t *parameters = json_object();
	if (said && json_array_size(directories))
		json_object_set(parameters, "directories", directories);
	if (said && json_array_size(trees))
		json_object_set(parameters, "trees", trees);
	json_decref(directories);
	json_decref(trees);
	return parameters;
}
