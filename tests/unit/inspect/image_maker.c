/* SPDX-License-Identifier: Apache-2.0 */
#include "image_maker.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fat_maker.h"

static char directory[] = "/tmp/carousel-inspect-XXXXXX";
static char image[64];

int maker_begin(void **state)
{
	if (!mkdtemp(directory))
		return -1;
	snprintf(image, sizeof image, "%s/image", directory);
	maker_clear();
	return 0;
}

int maker_end(void **state)
{
	char command[128];
	snprintf(command, sizeof command, "rm -r %s", directory);
	return system(command);
}

const char *maker_image(void)
{
	return image;
}

void maker_require(const char *tool)
{
	char command[256];
	snprintf(command, sizeof command, "PATH=$PATH:/usr/sbin command -v %s >/dev/null", tool);
	if (system(command) != 0) {
		print_message("skipped: %s is not installed\n", tool);
		skip();
	}
}

void maker_run(const char *format, ...)
{
	char command[2048], line[4096];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(command, sizeof command, format, arguments);
	va_end(arguments);
	snprintf(line, sizeof line,
		"export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin D=%s I=%s T=%s/tree; (%s) >$D/log 2>&1 "
		"|| { "
		"cat $D/log >&2; exit 1; }",
		directory, image, directory, command);
	assert_int_equal(system(line), 0);
}

void maker_clear(void)
{
	maker_run("rm -rf $T $I && mkdir $T && echo hello >$T/README");
}

void maker_put(const char *path, const void *bytes, size_t length)
{
	char full[512];
	maker_run("mkdir -p \"$T/$(dirname '%s')\"", path);
	snprintf(full, sizeof full, "%s/tree/%s", directory, path);
	FILE *file = fopen(full, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

void maker_write(const char *path, const char *text)
{
	maker_put(path, text, strlen(text));
}

void maker_program(const char *path, uint16_t machine)
{
	uint8_t program[PROGRAM_BYTES];
	program_make(machine, program);
	maker_put(path, program, sizeof program);
}

void maker_boot_image(const char *path, const char *program, uint16_t machine)
{
	uint8_t *bytes = calloc(1, FAT_IMAGE);
	assert_non_null(bytes);
	size_t length = fat_make(12, &(struct fat_program){program, machine}, 1, bytes);
	maker_put(path, bytes, length);
	free(bytes);
}

/* ---- what is found -----------------------------------------------------------------------------
 */

static struct maker_cost cost;

static ssize_t counted_preadv(const struct file_io *io, int fd, const struct iovec *iov,
	int iov_count, uint64_t offset, unsigned flags)
{
	ssize_t n = file_io_posix.preadv(&file_io_posix, fd, iov, iov_count, offset, flags);
	cost.reads++;
	cost.bytes += n > 0 ? (uint64_t)n : 0;
	return n;
}

struct image_details maker_details(
	const char *file_name, struct os_database *database, struct maker_cost *ret_cost)
{
	struct file_io counted = file_io_posix;
	struct image_details details;
	struct error error = {0};
	counted.preadv = counted_preadv;
	cost = (struct maker_cost){0};
	int fd = counted.open(&counted, image);
	assert_true(fd >= 0);
	bool done = image_details_read(&counted, fd, file_name, database, &details, &error);
	counted.close(&counted, fd);
	if (!done)
		print_error("%s\n", error.sentence);
	assert_true(done);
	if (ret_cost)
		*ret_cost = cost;
	return details;
}

struct image_details maker_labelled(const char *volume_id)
{
	maker_run("rm -f $I; xorriso -as mkisofs -r -J -V '%s' -o $I $T", volume_id);
	return maker_details(NULL, NULL, NULL);
}
