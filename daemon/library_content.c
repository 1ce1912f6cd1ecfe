/* SPDX-License-Identifier: Apache-2.0 */
/* The files of discs, for those who fetch them. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library_paths.h"
#include "library_private.h"
#include "util/cleanup.h"

struct fetching {
	char real[PATH_MAX];
	struct library_content content;
};

static void fetching_free(struct job *job)
{
	const struct file_io *io = job->library->config.io;
	if (job->fetching && job->fetching->content.fd >= 0)
		io->close(io, job->fetching->content.fd);
	free(job->fetching);
}

static bool refuse_changed(struct job *job)
{
	return error_set(&job->error, ERROR_FILE_CHANGED,
		"Look at it with `carousel media scan`, and add it again.",
		"the file of %s is not the one that was added", job->medium.id);
}

/*
 * What was looked up may be another file when it is opened: what was opened is what counts, and it
 * is the one of the catalog or none.
 */
static bool open_content(struct job *job)
{
	const struct library_config *config = &job->library->config;
	struct library_content *content = &job->fetching->content;
	struct file_identity identity;
	if (!config->path_allowed(
		    config->path_context, job->medium.path, job->fetching->real, &job->error))
		return false;
	int fd = config->io->open(config->io, job->fetching->real);
	if (fd < 0)
		return library_explain_open(job->medium.path, fd, &job->error);
	content->fd = fd;
	if (config->io->identify(config->io, fd, &identity) ||
		!file_identity_lasts(&job->medium.identity, &identity))
		return refuse_changed(job);
	content->identity = identity;
	return true;
}

static void run_open(struct job *job)
{
	job->error = (struct error){0};
	job->result.ok = open_content(job);
}

/* The digest, or what makes the file that file. */
static void make_tag(const struct catalog_medium *medium, char ret[LIBRARY_TAG_MAX])
{
	const struct file_identity *identity = &medium->identity;
	if (medium->sha256[0])
		snprintf(ret, LIBRARY_TAG_MAX, "%s", medium->sha256);
	else
		snprintf(ret, LIBRARY_TAG_MAX, "%llx-%llx-%llx-%llx",
			(unsigned long long)identity->inode, (unsigned long long)identity->size,
			(unsigned long long)identity->mtime_sec,
			(unsigned long long)identity->mtime_nsec);
}

static void step_opened(struct job *job, enum job_wake wake, unsigned events)
{
	struct library_content *content = &job->fetching->content;
	const char *slash = strrchr(job->medium.path, '/');
	if (!job->result.ok) {
		job_fail(job, &job->error);
		return;
	}
	make_tag(&job->medium, content->tag);
	snprintf(content->name, sizeof content->name, "%.255s",
		slash ? slash + 1 : job->medium.path);
	job->result.content = content;
	job_succeed(job);
}

static void step_find(struct job *job, enum job_wake wake, unsigned events)
{
	if (!catalog_medium_find(job->library->catalog, job->path, &job->medium, &job->error)) {
		job_fail(job, &job->error);
		return;
	}
	if (strcmp(job->medium.kind, "disc") != 0) {
		error_set(&job->error, ERROR_INVALID,
			"Fetch what is on it with `carousel tape export`.",
			"%s is a tape, whose file changes with every use", job->medium.id);
		job_fail(job, &job->error);
		return;
	}
	job->step = step_opened;
	job_block(job, job->library->config.readers, run_open);
}

void library_content_open(struct library *library, const char *id, const char *actor,
	library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	job->step = step_find;
	snprintf(job->path, sizeof job->path, "%s", id);
	job->fetching = calloc(1, sizeof *job->fetching);
	if (!job_owns(job, job->fetching, fetching_free))
		return;
	job->fetching->content.fd = -1;
	job_post(job);
}
