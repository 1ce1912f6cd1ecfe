/* SPDX-License-Identifier: Apache-2.0 */
#include "refusals.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/refusals.h"
#include "util/cleanup.h"

enum { OTHERS = REFUSALS_CALLERS_MAX, ENTRIES };

struct entry {
	struct library_refusal refusal; /* count: what is not written yet; no code: free */
	enum error_code code;
	uint64_t since_s; /* when something of it was written last */
};

struct refusals {
	struct library *library;
	pthread_mutex_t lock;
	struct entry entries[ENTRIES];
};

struct refusals *refusals_create(struct library *library)
{
	struct refusals *refusals = calloc(1, sizeof *refusals);
	if (!refusals)
		return NULL;
	refusals->library = library;
	pthread_mutex_init(&refusals->lock, NULL);
	return refusals;
}

void refusals_destroy(struct refusals *refusals)
{
	if (!refusals)
		return;
	pthread_mutex_destroy(&refusals->lock);
	free(refusals);
}

static void write_down(struct refusals *refusals, struct entry *entry, uint64_t now_s)
{
	library_note_refusal(refusals->library, &entry->refusal);
	entry->refusal.count = 0;
	entry->since_s = now_s;
}

/* Who was not refused for so long is forgotten. Locked. */
static void settle(struct refusals *refusals, uint64_t now_s)
{
	for (unsigned i = 0; i < ENTRIES; i++) {
		struct entry *entry = &refusals->entries[i];
		if (!entry->code || now_s - entry->since_s < REFUSALS_SECONDS)
			continue;
		if (entry->refusal.count)
			write_down(refusals, entry, now_s);
		else
			*entry = (struct entry){0};
	}
}

/* Locked. */
static struct entry *find(struct refusals *refusals, const char *who, enum error_code code)
{
	struct entry *free_one = NULL;
	for (unsigned i = 0; i < REFUSALS_CALLERS_MAX; i++) {
		struct entry *entry = &refusals->entries[i];
		if (!entry->code && !free_one)
			free_one = entry;
		if (entry->code == code && !strcmp(entry->refusal.who, who))
			return entry;
	}
	return free_one ? free_one : &refusals->entries[OTHERS];
}

static void begin(struct refusals *refusals, struct entry *entry, const char *who,
	enum error_code code, uint64_t now_s)
{
	bool others = entry == &refusals->entries[OTHERS];
	*entry = (struct entry){.code = code, .since_s = now_s};
	snprintf(entry->refusal.who, sizeof entry->refusal.who, "%s", others ? "others" : who);
	snprintf(entry->refusal.code, sizeof entry->refusal.code, "%s", error_code_name(code));
}

void refusals_note(struct refusals *refusals, const char *who, enum error_code code,
	const char *method, const char *route, uint64_t now_s)
{
	SCOPED_LOCK(&refusals->lock);
	settle(refusals, now_s);
	struct entry *entry = find(refusals, who, code);
	bool fresh = !entry->code;
	if (fresh) {
		begin(refusals, entry, who, code, now_s);
		snprintf(entry->refusal.method, sizeof entry->refusal.method, "%s",
			*route ? method : "");
		snprintf(entry->refusal.route, sizeof entry->refusal.route, "%s", route);
	}
	entry->refusal.count++;
	if (fresh)
		write_down(refusals, entry, now_s);
}

void refusals_settle(struct refusals *refusals, uint64_t now_s)
{
	SCOPED_LOCK(&refusals->lock);
	settle(refusals, now_s);
}
