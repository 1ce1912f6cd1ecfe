/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of the catalog for an operator, while everything goes on. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library_private.h"
#include "util/cleanup.h"

/* One at a time, so that what a crash leaves there is removed by the next. */
static bool make_path(struct job *job)
{
	int length = snprintf(
		job->path, sizeof job->path, "%s.backup", job->library->config.catalog_path);
	if (length < (int)sizeof job->path)
		return true;
	return error_set(&job->error, ERROR_INTERNAL, "Choose a shorter state_dir.",
		"the path of the catalog is too long");
}

static bool goes_on(void *context)
{
	struct library *library = context;
	SCOPED_LOCK(&library->inbox_lock);
	return !library->stopping;
}

/* From here on nobody else can open it. */
static bool open_copy(struct job *job)
{
	struct stat st;
	int fd = open(job->path, O_RDONLY | O_CLOEXEC);
	unlink(job->path);
	if (fd >= 0 && fstat(fd, &st) == 0) {
		job->file = (struct library_file){fd, (uint64_t)st.st_size};
		return true;
	}
	error_set(&job->error, ERROR_CATALOG, "Try again.", "cannot read the copy: %s",
		strerror(errno));
	cleanup_close(&fd);
	return false;
}

/* On a thread for files. */
static void copy(struct job *job)
{
	job->error.sentence[0] = '\0';
	job->file.fd = -1;
	if (!make_path(job))
		return;
	unlink(job->path);
	if (catalog_copy(job->library->config.catalog_path, job->path, goes_on, job->library,
		    &job->error))
		open_copy(job);
}

static void finish(struct job *job)
{
	job->library->backing_up = false;
	if (job->file.fd >= 0)
		close(job->file.fd);
}

static void step_backup(struct job *job, enum job_wake wake, unsigned events)
{
	if (job->underway) {
		if (job->file.fd < 0) {
			job_fail(job, &job->error);
			return;
		}
		job->result.file = &job->file;
		job_succeed(job);
		return;
	}
	if (job->library->backing_up) {
		error_set(&job->error, ERROR_UNDER_WAY, "Try again when it is done.",
			"a backup is being made");
		job_fail(job, &job->error);
		return;
	}
	job->library->backing_up = true;
	job->underway = true;
	job->cleanup = finish;
	job_block(job, job->library->config.readers, copy);
}

void library_backup(struct library *library, const char *actor, library_done done, void *context)
{
	struct job *job = job_create(library, actor, done, context);
	if (!job)
		return;
	job->file.fd = -1;
	job->step = step_backup;
	job_post(job);
}
