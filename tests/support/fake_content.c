/* SPDX-License-Identifier: Apache-2.0 */
/* The content of discs of the fake library: 100000 bytes, of which the n-th is n modulo 251. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_library_parts.h"
#include "util/cleanup.h"

enum { CONTENT_BYTES = 100000 };

static int make_file(void)
{
	unsigned char bytes[CONTENT_BYTES];
	int fd = memfd_create("content", MFD_CLOEXEC);
	for (unsigned i = 0; i < CONTENT_BYTES; i++)
		bytes[i] = (unsigned char)(i % 251);
	if (write(fd, bytes, sizeof bytes) != sizeof bytes)
		return -1;
	return fd;
}

/* "win11" was changed; only "netinst" has a digest. */
static void run_open(struct library *library, const struct job *job, struct library_result *ret)
{
	static struct library_content content;
	const struct library_medium *medium = fake_find_medium(library, job->name, &ret->error);
	ret->ok = medium;
	if (!medium)
		return;
	if (!strcmp(medium->id, "win11")) {
		ret->ok = error_set(&ret->error, ERROR_FILE_CHANGED, "Add it again.",
			"the file of win11 is not the one that was added");
		return;
	}
	content = (struct library_content){
		.fd = *library->content_path ? open(library->content_path, O_RDONLY | O_CLOEXEC)
					     : make_file()};
	file_io_posix.identify(&file_io_posix, content.fd, &content.identity);
	COPY(content.tag, "0123abcd");
	snprintf(content.name, sizeof content.name, "%s", strrchr(medium->path, '/') + 1);
	ret->content = &content;
}

void fake_library_set_content(struct library *library, const char *path)
{
	SCOPED_LOCK(&library->lock);
	COPY(library->content_path, path);
}

void fake_library_add_twins(struct library *library)
{
	static const char digest[] =
		"6f0a3ea0b1d9a4a0d7f6a1f1c1b1e0d9c8b7a6958473625140f1e2d3c4b5a697";
	SCOPED_LOCK(&library->lock);
	COPY(library->media[0].sha256, digest);
	COPY(library->media[library->medium_count - 1].sha256, digest);
}

void fake_content_close(const struct library_result *result)
{
	if (result->content)
		close(result->content->fd);
}

void library_content_open(struct library *library, const char *id, const char *actor,
	library_done done, void *context)
{
	struct job job = {.run = run_open, .done = done, .context = context, .reads_only = true};
	COPY(job.name, id);
	fake_submit(library, &job, actor);
}
