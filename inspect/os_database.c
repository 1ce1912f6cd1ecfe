/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/os_database.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "os_database_private.h"
#include "util/cleanup.h"

static void cleanup_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static void free_texts(char **texts)
{
	for (size_t i = 0; texts && texts[i]; i++)
		free(texts[i]);
	free(texts);
}

static char **copy_texts(const char *const *texts)
{
	size_t count = 0;
	while (texts[count])
		count++;
	char **copy = calloc(count + 1, sizeof *copy);
	for (size_t i = 0; copy && i < count; i++)
		if (!(copy[i] = strdup(texts[i]))) {
			free_texts(copy);
			return NULL;
		}
	return copy;
}

struct os_database *os_database_create(const char *const *directories)
{
	struct os_database *database = calloc(1, sizeof *database);
	if (!database)
		return NULL;
	database->directories = copy_texts(directories);
	if (!database->directories) {
		free(database);
		return NULL;
	}
	pthread_mutex_init(&database->lock, NULL);
	return database;
}

void os_database_destroy(struct os_database *database)
{
	if (!database)
		return;
	for (size_t i = 0; i < database->media_count; i++)
		os_media_finish(&database->media[i]);
	free(database->media);
	free(database->system);
	free_texts(database->directories);
	pthread_mutex_destroy(&database->lock);
	free(database);
}

/* Room for one more, of zeros. */
static void *grow(void **array, size_t *count, size_t *room, size_t most, size_t width)
{
	if (*count == *room) {
		size_t wanted = *room ? 2 * *room : 256;
		void *grown = *count < most ? realloc(*array, wanted * width) : NULL;
		if (!grown)
			return NULL;
		*array = grown;
		*room = wanted;
	}
	return memset((char *)*array + (*count)++ * width, 0, width);
}

struct os_system *os_database_add_system(struct os_database *database)
{
	return grow((void **)&database->system, &database->systems, &database->system_room,
		DATABASE_SYSTEMS_MAX, sizeof *database->system);
}

struct os_media *os_database_add_media(struct os_database *database)
{
	return grow((void **)&database->media, &database->media_count, &database->media_room,
		DATABASE_RULES_MAX, sizeof *database->media);
}

/* ---- the files ---------------------------------------------------------------------------------
 */

static void load_file(struct os_database *database, int directory, const char *name)
{
	struct stat st;
	_cleanup_close_ int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < 1 ||
		st.st_size > DATABASE_FILE_MAX || database->files >= DATABASE_FILES_MAX)
		return;
	size_t size = (size_t)st.st_size;
	_cleanup_free_ char *xml = malloc(size);
	database->files++;
	if (xml && pread(fd, xml, size, 0) == (ssize_t)size)
		os_database_parse(database, xml, size);
}

static bool ends_in_xml(const char *name)
{
	size_t length = strlen(name);
	return length > 4 && strcmp(name + length - 4, ".xml") == 0;
}

static void load_directory(
	struct os_database *database, int parent, const char *name, unsigned depth)
{
	_cleanup_close_ int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int own = fd < 0 ? -1 : dup(fd);
	_cleanup_(cleanup_directory) DIR *directory = own < 0 ? NULL : fdopendir(own);
	if (!directory) {
		if (own >= 0)
			close(own);
		return;
	}
	for (struct dirent *entry; (entry = readdir(directory));) {
		if (entry->d_name[0] == '.')
			continue;
		if (ends_in_xml(entry->d_name))
			load_file(database, fd, entry->d_name);
		else if (depth < DATABASE_DEPTH_MAX)
			load_directory(database, fd, entry->d_name, depth + 1);
	}
}

/* Under the lock. Only what is in "os" has rules of discs. */
static void load(struct os_database *database)
{
	for (size_t i = 0; !database->loaded && database->directories[i]; i++) {
		char path[4096];
		snprintf(path, sizeof path, "%s/os", database->directories[i]);
		load_directory(database, AT_FDCWD, path, 0);
	}
	database->loaded = true;
}

size_t os_database_rules(struct os_database *database)
{
	SCOPED_LOCK(&database->lock);
	load(database);
	return database->media_count;
}
