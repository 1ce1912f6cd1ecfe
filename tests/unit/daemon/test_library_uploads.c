/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads: pieces, crashes, full disks, names that others chose. */
#include "support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library_lab.h"
#include "util/cleanup.h"

/* ---- the client --------------------------------------------------------------------------------
 */

struct image {
	uint8_t *bytes;
	size_t size;
};

/* Its bytes, and no file of it. */
static struct image make_image(struct lab *lab, uint32_t blocks)
{
	struct image image = {malloc((size_t)blocks * 2048), (size_t)blocks * 2048};
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s", lab_image(lab, "made.iso", blocks));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, image.bytes, image.size), image.size);
	close(fd);
	unlink(path);
	for (size_t i = 40 * 2048; i < image.size; i++)
		image.bytes[i] = (uint8_t)(i * 2654435761u >> 13);
	return image;
}

static void image_free(struct image *image)
{
	free(image->bytes);
}

static void name_it(struct library_upload_begin *begin, const char *metadata)
{
	snprintf(begin->metadata, sizeof begin->metadata, "%s", metadata);
}

#define CD_ISO "filename Y2QuaXNv" /* cd.iso */

static const char *begin_of(struct lab *lab, int64_t length, const char *metadata)
{
	struct library_upload_begin begin = {.length = length};
	name_it(&begin, metadata);
	const struct library_result *result = answer_of(begin_upload(lab, &begin));
	assert_ok(result);
	return result->upload;
}

static void refused(struct lab *lab, int64_t length, const char *metadata, enum error_code code)
{
	struct library_upload_begin begin = {.length = length};
	name_it(&begin, metadata);
	assert_error(answer_of(begin_upload(lab, &begin)), code);
}

/* As a connection does: waits while it is suspended. */
struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool suspended;
};

static struct waiter waiter = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};

static void suspend(void *context)
{
	SCOPED_LOCK(&waiter.lock);
	assert_false(waiter.suspended);
	waiter.suspended = true;
}

static void resume(void *context)
{
	SCOPED_LOCK(&waiter.lock);
	assert_true(waiter.suspended);
	waiter.suspended = false;
	pthread_cond_signal(&waiter.changed);
}

static void wait_for_resume(void)
{
	SCOPED_LOCK(&waiter.lock);
	while (waiter.suspended)
		pthread_cond_wait(&waiter.changed, &waiter.lock);
}

static struct library_piece piece_at(uint64_t offset, size_t size)
{
	return (struct library_piece){.offset = offset,
		.size = (int64_t)size,
		.length = -1,
		.suspend = suspend,
		.resume = resume};
}

static void take_all(struct library_receiving *receiving, const uint8_t *bytes, size_t size)
{
	while (size) {
		size_t part = size < 50000 ? size : 50000;
		size_t taken = library_upload_take(receiving, bytes, part);
		assert_true(taken <= part);
		if (taken < part)
			wait_for_resume();
		bytes += taken;
		size -= taken;
	}
}

static const struct library_result *send_piece(struct lab *lab, const char *id,
	const struct library_piece *piece, const struct image *image)
{
	struct error error = {0};
	struct library_receiving *receiving =
		library_upload_receive(lab->library, id, piece, "uid:0", &error);
	if (!receiving)
		fail_msg("%s", error.sentence);
	take_all(receiving, image->bytes + piece->offset, (size_t)piece->size);
	return answer_of(begin_upload_end(lab, receiving));
}

static const struct library_result *send(
	struct lab *lab, const char *id, const struct image *image, uint64_t from, uint64_t to)
{
	const struct library_piece piece = piece_at(from, to - from);
	return send_piece(lab, id, &piece, image);
}

static void not_taken(
	struct lab *lab, const char *id, struct library_piece piece, enum error_code code)
{
	struct error error = {0};
	assert_null(library_upload_receive(lab->library, id, &piece, "uid:0", &error));
	assert_int_equal(error.code, code);
	assert_true(error.sentence[0] && error.remedy[0]);
}

static struct library_upload see(struct lab *lab, const char *id)
{
	struct library_upload upload;
	struct error error = {0};
	if (!library_upload_get(lab->library, id, &upload, &error))
		fail_msg("%s", error.sentence);
	return upload;
}

static void assert_medium(struct lab *lab, const char *id, const struct image *image)
{
	struct library_medium medium = see_medium(lab, id);
	_cleanup_free_ uint8_t *bytes = malloc(image->size + 1);
	int fd = open(medium.path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, bytes, image->size + 1), image->size);
	close(fd);
	assert_memory_equal(bytes, image->bytes, image->size);
	assert_true(medium.owned);
	assert_string_equal(medium.verify_result, "ok");
	assert_int_equal(strlen(medium.sha256), 64);
}

static unsigned parts(struct lab *lab)
{
	char command[PATH_MAX + 64], line[32] = "";
	snprintf(command, sizeof command, "ls -A '%s' | grep -c '[.]part$'", lab->media_dir);
	FILE *pipe = popen(command, "r");
	assert_non_null(fgets(line, sizeof line, pipe));
	pclose(pipe);
	return (unsigned)atoi(line);
}

static void assert_state(const struct library_job *job, const char *state)
{
	if (strcmp(job->state, state) != 0)
		fail_msg("%s: %s", job->state, job->sentence);
}

/* ---- what works ---------------------------------------------------------------------------------
 */

static void pieces_become_a_medium(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 2000);
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
	assert_int_equal(parts(lab), 1);
	const struct library_result *result = send(lab, id, &image, 0, 1000001);
	assert_ok(result);
	assert_int_equal(result->job, 0);
	assert_int_equal(see(lab, id).offset, 1000001);
	assert_ok(send(lab, id, &image, 1000001, 1000001)); /* nothing is a piece, too */
	result = send(lab, id, &image, 1000001, image.size);
	assert_ok(result);
	assert_state(await_job(lab, result), "succeeded");
	assert_medium(lab, "cd", &image);
	assert_int_equal(parts(lab), 0);
	assert_int_equal(see(lab, id).offset, image.size); /* for who missed the answer */
	not_taken(lab, id, piece_at(image.size, 0), ERROR_UPLOAD_OFFSET);
}

static void it_is_gone_on_with_after_a_restart(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 500);
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
	assert_ok(send(lab, id, &image, 0, 400000));
	lab_restart(lab);
	assert_int_equal(see(lab, id).offset, 400000);
	const struct library_result *result = send(lab, id, &image, 400000, image.size);
	assert_ok(result);
	assert_state(await_job(lab, result), "succeeded"); /* with a digest of all of it */
	assert_medium(lab, "cd", &image);
	lab_restart(lab);
	assert_int_equal(see(lab, id).offset, image.size);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media WHERE id LIKE 'cd%'"), 1);
}

/* The file is there; whoever wrote it last did not come to say so. */
static void what_was_complete_at_a_crash_becomes_a_medium(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 100);
	char id[LIBRARY_ID_MAX], path[PATH_MAX], stray[PATH_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
	lab_stop(lab);
	snprintf(path, sizeof path, "%.3000s/.upload-%s.part", lab->media_dir, id);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, image.bytes, image.size), image.size);
	close(fd);
	snprintf(stray, sizeof stray, "%.3000s/.upload-0123.part", lab->media_dir);
	close(open(stray, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	lab_start(lab);
	assert_int_not_equal(access(stray, F_OK), 0);
	for (unsigned i = 0; i < LAB_PATIENCE_S * 100 && parts(lab) > 0; i++)
		sleep_ms(10);
	assert_medium(lab, "cd", &image);
}

/* What was whole, and had its job, when the last daemon ended. */
static void leave_whole(struct lab *lab, const char *id, const struct image *image)
{
	char sql[512];
	assert_ok(send(lab, id, image, 0, image->size - 1));
	lab_stop(lab);
	snprintf(sql, sizeof sql, ".upload-%s.part", id);
	FILE *part = fopen(lab_path(lab, sql), "a");
	assert_int_equal(fwrite(image->bytes + image->size - 1, 1, 1, part), 1);
	fclose(part);
	snprintf(sql, sizeof sql,
		"INSERT INTO jobs (id, kind, state, actor, parameters, created) VALUES "
		"(77, 'upload', 'queued', 'uid:0', '{\"upload\":\"%s\"}', 1); "
		"UPDATE uploads SET job = 77",
		id);
	lab_sql(lab, sql);
}

static void await_end(struct lab *lab, int64_t job)
{
	for (unsigned i = 0; !see_job(lab, job)->ended; i++) {
		assert_true(i < LAB_PATIENCE_S * 100);
		sleep_ms(10);
	}
}

/* Its file system is mounted later. */
static void a_pool_that_comes_late_loses_nothing(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 100);
	char id[LIBRARY_ID_MAX], away[PATH_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
	leave_whole(lab, id, &image);
	snprintf(away, sizeof away, "%.3000s.away", lab->media_dir);
	assert_int_equal(rename(lab->media_dir, away), 0);
	assert_int_equal(mkdir(lab->media_dir, 0700), 0);
	lab_start(lab);
	await_end(lab, 77);
	assert_state(see_job(lab, 77), "failed");
	assert_int_equal(see(lab, id).offset, 0);
	lab_stop(lab);
	assert_int_equal(rmdir(lab->media_dir), 0);
	assert_int_equal(rename(away, lab->media_dir), 0);
	lab_start(lab);
	for (unsigned i = 0; i < LAB_PATIENCE_S * 100 && parts(lab) > 0; i++)
		sleep_ms(10);
	assert_medium(lab, "cd", &image);
}

static void the_length_may_come_last(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 100);
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, -1, CD_ISO));
	assert_ok(send(lab, id, &image, 0, image.size));
	assert_int_equal(see(lab, id).length, -1);
	struct library_piece piece = piece_at(image.size, 0);
	piece.length = (int64_t)image.size - 1;
	not_taken(lab, id, piece, ERROR_INVALID);
	piece.length++;
	const struct library_result *result = send_piece(lab, id, &piece, &image);
	assert_ok(result);
	assert_state(await_job(lab, result), "succeeded");
	assert_medium(lab, "cd", &image);
}

static void repeat(char *to, const char *text, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		strcat(to, text);
}

/* ---- checksums ----------------------------------------------------------------------------------
 */

static void a_wrong_piece_leaves_nothing(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 100);
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
	struct library_piece piece = piece_at(0, 3);
	piece.sha1 = "a9993e364706816aba3e25717850c26c9cd0d89d"; /* of abc (FIPS 180) */
	assert_error(send_piece(lab, id, &piece, &image), ERROR_UPLOAD_CHECKSUM);
	assert_int_equal(see(lab, id).offset, 0);
	memcpy(image.bytes, "abc", 3);
	assert_ok(send_piece(lab, id, &piece, &image));
	assert_int_equal(see(lab, id).offset, 3);
	piece = piece_at(3, LIBRARY_UPLOAD_CHECKED_MAX + 1);
	piece.sha256 = "00";
	not_taken(lab, id, piece, ERROR_TOO_LARGE);
}

static void an_image_of_another_digest_is_not_kept(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 100);
	char id[LIBRARY_ID_MAX];
	char metadata[256] = CD_ISO ",sha256 ";
	repeat(metadata, "MDAw", 21); /* 64 times 0, with the next */
	strcat(metadata, "MA==");
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, metadata));
	const struct library_job *job = await_job(lab, send(lab, id, &image, 0, image.size));
	assert_state(job, "failed");
	assert_string_equal(job->error, "digest_mismatch");
	assert_memory_equal(job->sentence, "cd.iso has", 10);
	assert_int_equal(parts(lab), 0);
	assert_int_equal(access(lab_path(lab, "cd.iso"), F_OK), -1);
	not_taken(lab, id, piece_at(0, 1), ERROR_UPLOAD_NOT_FOUND);
}

/* For who has missed the answer. */
static void what_came_of_an_upload_is_known_after_it(void **state)
{
	struct lab *lab = *state;
	struct image nothing = {calloc(1, 5000), 5000};
	struct error ended = {0};
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, 5000, CD_ISO));
	assert_int_equal(library_upload_job(lab->library, id, &ended), 0);
	int64_t job = await_job(lab, send(lab, id, &nothing, 0, 5000))->id;
	image_free(&nothing);
	lab_restart(lab);
	assert_int_equal(library_upload_job(lab->library, id, &ended), job);
	assert_int_equal(ended.code, ERROR_UPLOAD_ENDED);
	assert_non_null(strstr(ended.sentence, " failed: "));
	assert_null(strstr(ended.sentence, "is failed"));
	assert_int_equal(library_upload_job(lab->library, "0123", &ended), 0);
}

static void what_is_no_image_is_not_kept(void **state)
{
	struct lab *lab = *state;
	struct image nothing = {calloc(1, 5000), 5000};
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, 5000, CD_ISO));
	assert_state(await_job(lab, send(lab, id, &nothing, 0, 5000)), "failed");
	image_free(&nothing);
	assert_int_equal(parts(lab), 0);
	assert_int_equal(access(lab_path(lab, "cd.iso"), F_OK), -1);
}

static void import_something(struct lab *lab, const char *name)
{
	struct library_import import = {0};
	snprintf(import.path, sizeof import.path, "%s", lab_image(lab, name, 32));
	assert_ok(answer_of(begin_import(lab, &import)));
}

static void what_is_cancelled_before_its_turn_is_not_kept(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 100);
	struct error ended = {0};
	char id[LIBRARY_ID_MAX];
	lab_hold_reads(lab, true);
	import_something(lab, "x.iso");
	import_something(lab, "y.iso");
	lab_await_held(lab, 2);
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
	const struct library_result *begun = send(lab, id, &image, 0, image.size);
	assert_ok(answer_of(begin_cancel(lab, begun->job)));
	lab_hold_reads(lab, false);
	assert_state(await_job(lab, begun), "cancelled");
	not_taken(lab, id, piece_at(0, 1), ERROR_UPLOAD_NOT_FOUND);
	assert_int_equal(parts(lab), 0);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM uploads"), 0);
	assert_int_not_equal(library_upload_job(lab->library, id, &ended), 0);
	assert_non_null(strstr(ended.sentence, " was cancelled"));
}

/* ---- who contradicts ----------------------------------------------------------------------------
 */

static void a_piece_elsewhere_is_refused(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 100);
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
	not_taken(lab, id, piece_at(1, 1), ERROR_UPLOAD_OFFSET);
	not_taken(lab, id, piece_at(0, image.size + 1), ERROR_TOO_LARGE);
	not_taken(lab, "0123", piece_at(0, 1), ERROR_UPLOAD_NOT_FOUND);
	assert_ok(send(lab, id, &image, 0, 10));
	not_taken(lab, id, piece_at(0, 1), ERROR_UPLOAD_OFFSET);
}

static void one_piece_at_a_time(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 1000);
	struct error error = {0};
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
	struct library_piece piece = piece_at(0, image.size);
	struct library_receiving *first =
		library_upload_receive(lab->library, id, &piece, "uid:0", &error);
	assert_non_null(first);
	assert_true(see(lab, id).receiving);
	not_taken(lab, id, piece, ERROR_UNDER_WAY);
	take_all(first, image.bytes, 700000);
	library_upload_abandon(first); /* what came is kept */
	for (unsigned i = 0; i < 1000 && see(lab, id).receiving; i++)
		sleep_ms(10);
	assert_int_equal(see(lab, id).offset, 700000);
	assert_state(await_job(lab, send(lab, id, &image, 700000, image.size)), "succeeded");
	assert_medium(lab, "cd", &image);
}

/* More than was said, and a size that was not. */
static void a_piece_that_is_too_long_is_cut_off(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 100);
	struct error error = {0};
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, 1000, CD_ISO));
	struct library_piece piece = piece_at(0, 0);
	piece.size = -1;
	struct library_receiving *receiving =
		library_upload_receive(lab->library, id, &piece, "uid:0", &error);
	take_all(receiving, image.bytes, 1001);
	assert_true(library_upload_failed(receiving, &error));
	assert_error(answer_of(begin_upload_end(lab, receiving)), ERROR_TOO_LARGE);
}

static void it_can_be_removed_while_it_comes(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 1000);
	struct error error = {0};
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
	struct library_piece piece = piece_at(0, image.size);
	struct library_receiving *receiving =
		library_upload_receive(lab->library, id, &piece, "uid:0", &error);
	take_all(receiving, image.bytes, 300000);
	assert_ok(answer_of(begin_upload_remove(lab, id)));
	take_all(receiving, image.bytes, image.size - 300000);
	assert_error(answer_of(begin_upload_end(lab, receiving)), ERROR_UPLOAD_NOT_FOUND);
	assert_error(answer_of(begin_upload_remove(lab, id)), ERROR_UPLOAD_NOT_FOUND);
	assert_int_equal(parts(lab), 0);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM uploads"), 0);
}

static void a_stop_wakes_who_sends(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 1000);
	struct error error = {0};
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
	struct library_piece piece = piece_at(0, image.size);
	struct library_receiving *receiving =
		library_upload_receive(lab->library, id, &piece, "uid:0", &error);
	take_all(receiving, image.bytes, 600000);
	struct library *library = lab->library;
	assert_true(library_stop(library));
	assert_int_equal(library_upload_take(receiving, image.bytes, 100), 100);
	assert_true(library_upload_failed(receiving, &error));
	assert_int_equal(error.code, ERROR_STOPPING);
	library_upload_abandon(receiving);
}

/* ---- full disks ---------------------------------------------------------------------------------
 */

static void what_does_not_fit_is_refused_at_once(void **state)
{
	struct lab *lab = *state;
	refused(lab, INT64_MAX - 1, CD_ISO, ERROR_HOST_FULL);
	assert_int_equal(parts(lab), 0);
}

static void bound(struct lab *lab, uint64_t limit, uint64_t reserve)
{
	library_bound_uploads(lab->library, &(struct upload_bounds){limit, reserve});
}

static void what_is_longer_than_the_limit_is_refused(void **state)
{
	struct lab *lab = *state;
	bound(lab, 1000, 0);
	assert_int_equal(library_upload_limit(lab->library), 1000);
	refused(lab, 1001, CD_ISO, ERROR_TOO_LARGE);
	begin_of(lab, 1000, CD_ISO);
	bound(lab, 0, 0);
	begin_of(lab, 1001, "filename YS5pc28=");
}

/* A limit that comes later counts for what is under way, too. */
static void a_lower_limit_ends_what_is_longer(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 100);
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
	bound(lab, image.size - 1, 0);
	not_taken(lab, id, piece_at(0, image.size), ERROR_TOO_LARGE);
	bound(lab, image.size, 0);
	const struct library_result *result = send(lab, id, &image, 0, image.size);
	assert_ok(result);
	assert_state(await_job(lab, result), "succeeded");
}

static void the_reserve_of_the_pool_stays_free(void **state)
{
	struct lab *lab = *state;
	bound(lab, 0, INT64_MAX);
	refused(lab, 1, CD_ISO, ERROR_HOST_FULL);
	assert_int_equal(parts(lab), 0);
	bound(lab, 0, 1);
	begin_of(lab, 1, CD_ISO);
}

/* The kernel refuses to make a file longer, as it does when the disk is full. */
static void a_full_disk_loses_nothing(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 4096);
	struct rlimit limit = {5000000, RLIM_INFINITY}, before;
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_error(send(lab, id, &image, 0, image.size), ERROR_HOST_FULL);
	assert_int_equal(see(lab, id).offset, 5000000);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	const struct library_result *result = send(lab, id, &image, 5000000, image.size);
	assert_ok(result);
	assert_state(await_job(lab, result), "succeeded");
	assert_medium(lab, "cd", &image);
}

/* ---- what clients say ---------------------------------------------------------------------------
 */

static void assert_name(struct lab *lab, const char *metadata, const char *name)
{
	const char *id = begin_of(lab, 1, metadata);
	assert_string_equal(see(lab, id).name, name);
}

static void names_are_made_safe(void **state)
{
	struct lab *lab = *state;
	assert_name(lab, "filename Li4vLi4vZXRjL3Bhc3N3ZA==", "passwd"); /* ../../etc/passwd */
	assert_name(lab, "filename QzpcaXNvc1xhLmlzbw==", "a.iso");      /* C:\isos\a.iso */
	assert_name(lab, "filename Li4uaGlkZGVu", "hidden");             /* ...hidden */
	assert_name(lab, "filename YQpiG2PChWQ=", "a_b_c__d");           /* LF, ESC, NEL */
	assert_name(lab, "x,name Y2QuaXNv,y", "cd.iso");
	const char *id = begin_of(lab, 1, "");
	assert_memory_equal(see(lab, id).name, "upload-", 7);
}

static void long_names_are_cut_or_refused(void **state)
{
	struct lab *lab = *state;
	char metadata[LIBRARY_UPLOAD_METADATA_MAX] = "filename ";
	repeat(metadata, "w7bDtsO2", 60); /* 180 times ö */
	strcat(metadata, "Lmlzbw==");     /* .iso */
	const char *name = see(lab, begin_of(lab, 1, metadata)).name;
	assert_true(strlen(name) <= 200 && strlen(name) >= 198);
	assert_string_equal(name + strlen(name) - 4, ".iso");
	strcpy(metadata, "filename ");
	repeat(metadata, "YWFh", 342); /* 1026 times a */
	refused(lab, 1, metadata, ERROR_INVALID);
}

static void nonsense_is_refused(void **state)
{
	struct lab *lab = *state;
	refused(lab, 0, CD_ISO, ERROR_IMAGE_EMPTY);
	refused(lab, 1, "filename ???", ERROR_INVALID);
	refused(lab, 1, "filename /w==", ERROR_INVALID); /* no UTF-8 */
	refused(lab, 1, "filename YQBi", ERROR_INVALID); /* NUL */
	refused(lab, 1, "filename Li4=", ERROR_INVALID); /* .. */
	refused(lab, 1, "sha256 YWJj", ERROR_INVALID);
	refused(lab, 1, "id QSBC", ERROR_INVALID);                  /* "A B" */
	refused(lab, 1, "profile eHh4", ERROR_INVALID);             /* xxx */
	refused(lab, 1, "pool L2V0Yw==", ERROR_FILE_OUTSIDE_POOLS); /* /etc */
	refused(lab, 1, ",,", ERROR_INVALID);
	assert_int_equal(parts(lab), 0);
}

/* Two of one name, and a symbolic link that lies in wait. */
static void nobody_elses_file_is_taken(void **state)
{
	struct lab *lab = *state;
	_cleanup_(image_free) struct image image = make_image(lab, 100);
	char id[LIBRARY_ID_MAX];
	char elsewhere[PATH_MAX + 16];
	snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", lab->directory);
	assert_int_equal(symlink(elsewhere, lab_path(lab, "cd.iso")), 0);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
		assert_state(await_job(lab, send(lab, id, &image, 0, image.size)), "succeeded");
	}
	assert_int_equal(access(lab_path(lab, "cd-2.iso"), F_OK), 0);
	assert_int_equal(access(lab_path(lab, "cd-3.iso"), F_OK), 0);
	assert_int_not_equal(access(elsewhere, F_OK), 0);
	assert_medium(lab, "cd-2", &image);
}

/* ---- time ---------------------------------------------------------------------------------------
 */

static void restart_with(struct lab *lab, const char *sql)
{
	lab_stop(lab);
	lab_sql(lab, sql);
	lab_start(lab);
}

static void await_gone(struct lab *lab, const char *id)
{
	struct library_upload upload;
	for (unsigned i = 0; library_upload_get(lab->library, id, &upload, NULL) || parts(lab);
		i++) {
		assert_true(i < LAB_PATIENCE_S * 100);
		sleep_ms(10);
	}
}

static void what_nobody_goes_on_with_expires(void **state)
{
	struct lab *lab = *state;
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, 1000, CD_ISO));
	assert_true(see(lab, id).expires >= see(lab, id).created + 24 * 3600);
	lab_restart(lab);
	assert_int_equal(see(lab, id).offset, 0);
	restart_with(lab, "UPDATE uploads SET expires = 1");
	lab_pass_hours(lab, 2);
	await_gone(lab, id);
	assert_int_equal(parts(lab), 0);
}

/* The clock may be wrong, or have been for a moment: nothing goes before it had time to be set. */
static void a_clock_that_is_ahead_at_the_start_removes_nothing(void **state)
{
	struct lab *lab = *state;
	char id[LIBRARY_ID_MAX];
	_cleanup_(image_free) struct image image = make_image(lab, 100);
	snprintf(id, sizeof id, "%s", begin_of(lab, (int64_t)image.size, CD_ISO));
	restart_with(lab, "UPDATE uploads SET expires = 1");
	assert_int_equal(parts(lab), 1);
	assert_ok(send(lab, id, &image, 0, 5000));
	lab_pass_hours(lab, 2);
	lab_pass_hours(lab, 2);
	assert_int_equal(see(lab, id).offset, 5000);
	assert_true(see(lab, id).expires > time(NULL));
}

/* What clients were told holds, by the clock on the wall, too. */
static void a_day_of_running_alone_removes_nothing(void **state)
{
	struct lab *lab = *state;
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, 1000, CD_ISO));
	lab_pass_hours(lab, 25);
	lab_pass_hours(lab, 2);
	assert_int_equal(see(lab, id).offset, 0);
	assert_int_equal(parts(lab), 1);
}

static void what_a_clock_said_that_was_set_back_expires_in_a_day(void **state)
{
	struct lab *lab = *state;
	char id[LIBRARY_ID_MAX];
	snprintf(id, sizeof id, "%s", begin_of(lab, 1000, CD_ISO));
	restart_with(lab, "UPDATE uploads SET expires = expires + 10 * 365 * 86400");
	lab_pass_hours(lab, 23);
	assert_int_equal(see(lab, id).offset, 0);
	lab_pass_hours(lab, 2);
	await_gone(lab, id);
	assert_int_equal(parts(lab), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(pieces_become_a_medium),
		IN_LAB(it_is_gone_on_with_after_a_restart),
		IN_LAB(what_was_complete_at_a_crash_becomes_a_medium),
		IN_LAB(a_pool_that_comes_late_loses_nothing),
		IN_LAB(the_length_may_come_last),
		IN_LAB(a_wrong_piece_leaves_nothing),
		IN_LAB(an_image_of_another_digest_is_not_kept),
		IN_LAB(what_came_of_an_upload_is_known_after_it),
		IN_LAB(what_is_no_image_is_not_kept),
		IN_LAB(what_is_cancelled_before_its_turn_is_not_kept),
		IN_LAB(a_piece_elsewhere_is_refused),
		IN_LAB(one_piece_at_a_time),
		IN_LAB(a_piece_that_is_too_long_is_cut_off),
		IN_LAB(it_can_be_removed_while_it_comes),
		IN_LAB(a_stop_wakes_who_sends),
		IN_LAB(what_does_not_fit_is_refused_at_once),
		IN_LAB(what_is_longer_than_the_limit_is_refused),
		IN_LAB(a_lower_limit_ends_what_is_longer),
		IN_LAB(the_reserve_of_the_pool_stays_free),
		IN_LAB(a_full_disk_loses_nothing),
		IN_LAB(names_are_made_safe),
		IN_LAB(long_names_are_cut_or_refused),
		IN_LAB(nonsense_is_refused),
		IN_LAB(nobody_elses_file_is_taken),
		IN_LAB(what_nobody_goes_on_with_expires),
		IN_LAB(a_clock_that_is_ahead_at_the_start_removes_nothing),
		IN_LAB(a_day_of_running_alone_removes_nothing),
		IN_LAB(what_a_clock_said_that_was_set_back_expires_in_a_day),
	};
	return cmocka_run_group_tests_name("daemon/library/uploads", tests, NULL, NULL);
}
