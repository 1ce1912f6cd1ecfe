/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "library_lab.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "image_fixture.h"
#include "util/cleanup.h"

void sleep_ms(unsigned milliseconds)
{
	struct timespec span = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
	nanosleep(&span, NULL);
}

/* ---- files ----------------------------------------------------------------------------------- */

static struct lab *lab_of(const struct file_io *io)
{
	return (struct lab *)(uintptr_t)((const char *)io - offsetof(struct lab, io));
}

static void wait_while(struct lab *lab, const bool *held)
{
	SCOPED_LOCK(&lab->lock);
	lab->held++;
	pthread_cond_broadcast(&lab->changed);
	while (*held)
		pthread_cond_wait(&lab->changed, &lab->lock);
	lab->held--;
}

static int lab_open(const struct file_io *io, const char *path)
{
	struct lab *lab = lab_of(io);
	wait_while(lab, &lab->hold_opens);
	int fd = file_io_resolved.open(&file_io_resolved, path);
	SCOPED_LOCK(&lab->lock);
	lab->open_files += fd >= 0;
	lab->trespasses += fd >= 0 && lab->is_forbidden && lab->is_forbidden(fd);
	return fd;
}

static int lab_identify(const struct file_io *io, int fd, struct file_identity *ret)
{
	return file_io_posix.identify(&file_io_posix, fd, ret);
}

static ssize_t lab_preadv(const struct file_io *io, int fd, const struct iovec *iov, int iov_count,
	uint64_t offset, unsigned flags)
{
	struct lab *lab = lab_of(io);
	pthread_mutex_lock(&lab->lock);
	int error = lab->no_cache && flags & FILE_IO_NOWAIT ? -EAGAIN : lab->read_error;
	pthread_mutex_unlock(&lab->lock);
	if (error)
		return error;
	if (!(flags & FILE_IO_NOWAIT))
		wait_while(lab, &lab->hold_reads);
	return file_io_posix.preadv(&file_io_posix, fd, iov, iov_count, offset, flags);
}

static bool lab_may_hang(const struct file_io *io, int fd)
{
	return false;
}

static void lab_close(const struct file_io *io, int fd)
{
	struct lab *lab = lab_of(io);
	file_io_posix.close(&file_io_posix, fd);
	SCOPED_LOCK(&lab->lock);
	lab->open_files--;
}

static uint64_t lab_now(const struct scsi_clock *clock)
{
	const struct lab *lab = (const void *)((const char *)clock - offsetof(struct lab, clock));
	return scsi_clock_monotonic.now_ns(&scsi_clock_monotonic) + atomic_load(&lab->ahead_ns);
}

/* Whoever sleeps until then learns of it when something is posted. */
void lab_pass_hours(struct lab *lab, unsigned hours)
{
	atomic_fetch_add(&lab->ahead_ns, hours * UINT64_C(3600000000000));
	release_worker(begin_hold_worker(lab));
}

static void set_hold(struct lab *lab, bool *which, bool hold)
{
	SCOPED_LOCK(&lab->lock);
	*which = hold;
	pthread_cond_broadcast(&lab->changed);
}

void lab_hold_opens(struct lab *lab, bool hold)
{
	set_hold(lab, &lab->hold_opens, hold);
}

void lab_hold_reads(struct lab *lab, bool hold)
{
	set_hold(lab, &lab->hold_reads, hold);
}

/* With lab->lock. False: it took too long. */
static bool wait_changed(struct lab *lab, const struct timespec *until)
{
	return pthread_cond_timedwait(&lab->changed, &lab->lock, until) == 0;
}

static struct timespec patience(void)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LAB_PATIENCE_S;
	return until;
}

void lab_await_held(struct lab *lab, unsigned count)
{
	struct timespec until = patience();
	pthread_mutex_lock(&lab->lock);
	while (lab->held < count && wait_changed(lab, &until))
		;
	bool held = lab->held >= count;
	pthread_mutex_unlock(&lab->lock);
	assert_true(held);
}

unsigned lab_open_files(struct lab *lab)
{
	SCOPED_LOCK(&lab->lock);
	return lab->open_files;
}

unsigned lab_count_tape_files(struct lab *lab)
{
	unsigned count = 0;
	DIR *directory = opendir(lab->tape_dir);
	assert_non_null(directory);
	for (struct dirent *entry; (entry = readdir(directory));)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(directory);
	return count;
}

const char *lab_path(struct lab *lab, const char *name)
{
	static char paths[4][2 * PATH_MAX];
	static unsigned turn;
	char *path = paths[turn++ % 4];
	snprintf(path, sizeof paths[0], "%s/%s", lab->media_dir, name);
	return path;
}

const char *lab_image(struct lab *lab, const char *name, uint32_t blocks)
{
	const char *path = lab_path(lab, name);
	uint8_t *image = image_iso(blocks, "VOLUME");
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(image, 2048, blocks, file), blocks);
	assert_int_equal(fclose(file), 0);
	free(image);
	return path;
}

/* ---- the catalog ----------------------------------------------------------------------------- */

static int take_number(void *context, int columns, char **values, char **names)
{
	*(int64_t *)context = values[0] ? strtoll(values[0], NULL, 10) : 0;
	return 0;
}

int64_t lab_number(struct lab *lab, const char *sql)
{
	int64_t number = 0;
	sqlite3 *db;
	assert_int_equal(sqlite3_open(lab->catalog_path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_exec(db, sql, take_number, &number, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return number;
}

void lab_sql(struct lab *lab, const char *sql)
{
	lab_number(lab, sql);
}

void lab_refuse(struct lab *lab, const char *change)
{
	char sql[256];
	snprintf(sql, sizeof sql,
		"CREATE TRIGGER refuse BEFORE %s BEGIN SELECT RAISE(ABORT, 'refused'); END",
		change);
	lab_sql(lab, sql);
}

/* ---- the library ----------------------------------------------------------------------------- */

static bool pool_at(void *context, unsigned index, char ret[PATH_MAX])
{
	const struct lab *lab = context;
	snprintf(ret, PATH_MAX, "%s", lab->media_dir);
	return index == 0;
}

static bool path_allowed(
	void *context, const char *path, char ret_real[PATH_MAX], struct error *error)
{
	const struct lab *lab = context;
	char real[PATH_MAX], pool[PATH_MAX];
	if (path[0] != '/')
		return error_set(error, ERROR_INVALID, "", "not absolute");
	if (!realpath(path, real) || !realpath(lab->media_dir, pool))
		return error_set(error, ERROR_FILE_MISSING, "", "missing");
	if (strncmp(real, pool, strlen(pool)) != 0)
		return error_set(error, ERROR_FILE_OUTSIDE_POOLS, "", "outside");
	memcpy(ret_real, real, sizeof real);
	return true;
}

bool lab_try_start(struct lab *lab, struct error *error)
{
	lab->readers = pool_create(4, 2, NULL);
	lab->mechanisms = pool_create(4, 4, NULL);
	lab->control = pool_create(1, 1, NULL);
	assert_non_null(lab->readers);
	assert_non_null(lab->mechanisms);
	assert_non_null(lab->control);
	lab->config.readers = pool_executor(lab->readers);
	lab->config.mechanisms = pool_executor(lab->mechanisms);
	lab->config.control = pool_executor(lab->control);
	lab->library = library_create(&lab->config, error);
	return lab->library && library_start(lab->library, error);
}

void lab_start(struct lab *lab)
{
	struct error error = {0};
	if (!lab_try_start(lab, &error))
		fail_msg("%s", error.sentence);
}

bool lab_stop(struct lab *lab)
{
	bool clean = lab->library && library_stop(lab->library);
	library_destroy(steal(lab->library));
	pool_destroy(steal(lab->control));
	pool_destroy(steal(lab->mechanisms));
	pool_destroy(steal(lab->readers));
	return clean;
}

void lab_restart(struct lab *lab)
{
	lab->config.clean = lab_stop(lab);
	lab_start(lab);
}

static void make_directories(struct lab *lab)
{
	char template[] = "/tmp/carousel-library-XXXXXX";
	assert_non_null(mkdtemp(template));
	assert_non_null(realpath(template, lab->directory));
	size_t length = sizeof lab->directory;
	assert_true(snprintf(lab->catalog_path, length, "%s/catalog.db", template) > 0);
	assert_true(snprintf(lab->told_dir, length, "%s/told", template) > 0);
	assert_true(snprintf(lab->media_dir, length, "%s/media", template) > 0);
	assert_true(snprintf(lab->tape_dir, length, "%s/media/tapes", template) > 0);
	assert_int_equal(mkdir(lab->told_dir, 0700), 0);
	assert_int_equal(mkdir(lab->media_dir, 0700), 0);
}

static void configure(struct lab *lab)
{
	lab->io = (struct file_io){.open = lab_open,
		.identify = lab_identify,
		.preadv = lab_preadv,
		.may_hang = lab_may_hang,
		.close = lab_close};
	lab->clock.now_ns = lab_now;
	lab->config = (struct library_config){.clock = &lab->clock,
		.catalog_path = lab->catalog_path,
		.told_dir = lab->told_dir,
		.exporter_reason = "none in this test",
		.io = &lab->io,
		.store = &file_store_resolved,
		.tape_dir = lab->tape_dir,
		.dwell_ms = LAB_DWELL_MS,
		.path_allowed = path_allowed,
		.path_context = lab,
		.pool_at = pool_at,
		.eject_wait_ms = LAB_EJECT_MS,
		.told_wait_ms = LAB_TOLD_MS};
}

int lab_setup(void **state)
{
	struct lab *lab = calloc(1, sizeof *lab);
	assert_non_null(lab);
	pthread_mutex_init(&lab->lock, NULL);
	pthread_cond_init(&lab->changed, NULL);
	list_init(&lab->operations);
	list_init(&lab->requests);
	make_directories(lab);
	configure(lab);
	lab_start(lab);
	assert_ok(add(lab, lab_image(lab, "a.iso", LAB_BLOCKS), ""));
	assert_ok(add(lab, lab_image(lab, "b.iso", LAB_BLOCKS), ""));
	assert_ok(add(lab, lab_image(lab, "c.iso", LAB_BLOCKS), ""));
	assert_ok(drive_add(lab, "dvd0", "", false));
	assert_ok(drive_add(lab, "dvd1", "", false));
	assert_ok(drive_add(lab, "dvd2", "", false));
	*state = lab;
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void free_operations(struct lab *lab)
{
	struct list *node;
	while ((node = list_pop(&lab->operations))) {
		struct operation *operation = container_of(node, struct operation, link);
		assert_int_equal(operation->answers, 1);
		free(operation);
	}
}

static void free_requests(struct lab *lab)
{
	struct list *node;
	while ((node = list_pop(&lab->requests))) {
		struct request *request = container_of(node, struct request, link);
		assert_int_equal(request->completed, 1);
		assert_int_equal(request->released, 1);
		free(request);
	}
}

int lab_teardown(void **state)
{
	struct lab *lab = *state;
	lab_hold_opens(lab, false);
	lab_hold_reads(lab, false);
	lab_stop(lab);
	free_operations(lab);
	free_requests(lab);
	assert_int_equal(lab->open_files, 0);
	int result = nftw(lab->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	pthread_cond_destroy(&lab->changed);
	pthread_mutex_destroy(&lab->lock);
	free(lab);
	return result;
}
