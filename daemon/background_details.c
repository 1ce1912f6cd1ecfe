/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into an image: its volumes, how it boots, its operating system. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "background.h"
#include "inspect/details.h"
#include "inspect/details_json.h"
#include "library_paths.h"
#include "library_private.h"
#include "log.h"
#include "util/cleanup.h"

struct findings {
	const char *id;
	char *json;
	char os[CATALOG_OS_MAX];
};

static bool write_findings(struct catalog *catalog, void *context, struct error *error)
{
	const struct findings *findings = context;
	return catalog_medium_set_details(
		catalog, findings->id, findings->json, findings->os, error);
}

/* "debian12 Debian 12 12.8.0 x86_64 netinst": what people look for, cut at a word. */
static void put_words(const struct os_details *os, char ret[CATALOG_OS_MAX])
{
	const char *const words[] = {os->id, os->name, os->version, os->architecture, os->variant};
	size_t length = 0;
	ret[0] = '\0';
	if (os->confidence == OS_UNKNOWN)
		return;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t more = strlen(words[i]);
		if (!more || length + more + 1 >= CATALOG_OS_MAX)
			continue;
		length += (size_t)snprintf(
			ret + length, CATALOG_OS_MAX - length, "%s%s", length ? " " : "", words[i]);
	}
}

static bool read_details(struct background_job *job, const char *path,
	struct image_details *details, struct error *error)
{
	struct library *library = job->background->library;
	const struct file_io *io = library->config.io;
	const char *slash = strrchr(path, '/');
	char real[PATH_MAX];
	if (!library_locate(&library->config, path, real, error))
		return false;
	int fd = io->open(io, real);
	if (fd < 0)
		return library_explain_open(path, fd, error);
	bool ok = image_details_read(
		io, fd, slash ? slash + 1 : path, library->systems, details, error);
	io->close(io, fd);
	return ok;
}

bool background_look_inside(
	struct background_job *job, const char *id, const char *path, struct error *error)
{
	struct findings findings = {.id = id};
	struct error why = {0};
	_cleanup_free_ char *json = NULL;
	_cleanup_free_ struct image_details *details = malloc(sizeof *details);
	if (!details)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	if (!read_details(job, path, details, &why)) {
		log_warning("looking into %s: %s", id, why.sentence);
		return background_go_on(job, error);
	}
	json_t *object = image_details_to_json(details);
	findings.json = json = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (!json)
		return error_set(error, ERROR_NO_MEMORY, "Try again later.", "out of memory");
	put_words(&details->os, findings.os);
	return background_commit(job, id, write_findings, &findings, error);
}
