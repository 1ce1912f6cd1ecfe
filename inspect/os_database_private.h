/* SPDX-License-Identifier: Apache-2.0 */
/* The database in memory: systems, and rules by which their discs are known. */
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "inspect/details.h"

enum {
	DATABASE_FILE_MAX = 1 << 20, /* bytes; the longest of 2022 has 0.2 MiB */
	DATABASE_FILES_MAX = 8192,
	DATABASE_SYSTEMS_MAX = 8192,
	DATABASE_RULES_MAX = 65536,
	DATABASE_DEPTH_MAX = 4, /* directories: os/debian.org/debian-12.d/overlay.xml */
};

struct os_system {
	char id[64];
	char name[128];
	char version[32];
};

/* Which identifier of the volume a pattern is for. */
enum os_identifier { ID_VOLUME, ID_SYSTEM, ID_PUBLISHER, ID_APPLICATION, ID_COUNT };

/* One disc of a system. All patterns that are there must be found in the identifier. */
struct os_media {
	uint32_t system;
	bool live, installer;
	char architecture[16];
	char variant[48];
	char *pattern[ID_COUNT];  /* NULL: any */
	void *compiled[ID_COUNT]; /* NULL: not yet needed */
	bool broken;              /* a pattern is none */
	uint64_t volume_bytes;    /* 0: any */
};

struct os_database {
	pthread_mutex_t lock; /* all of it; a look-up takes it for some milliseconds */
	char **directories;   /* ends with NULL */
	bool loaded;
	struct os_system *system;
	size_t systems, system_room;
	struct os_media *media;
	size_t media_count, media_room;
	unsigned files;
};

/* A new one of zeros; NULL when there are too many, or no memory. */
struct os_system *os_database_add_system(struct os_database *database);
struct os_media *os_database_add_media(struct os_database *database);
/* Takes what one XML file says; what it said before it turned out to be damaged stays. */
void os_database_parse(struct os_database *database, const char *xml, size_t length);
void os_media_finish(struct os_media *media);
