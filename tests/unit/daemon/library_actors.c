/* SPDX-License-Identifier: Apache-2.0 */
/* The operator, who waits for answers, and the host, who sends commands. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "library_lab.h"
#include "util/bytes.h"
#include "util/cleanup.h"

static const char actor[] = "uid 0";

static struct timespec patience(void)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LAB_PATIENCE_S;
	return until;
}

/* Waits until *counter is not 0; false when that takes too long. */
static bool wait_for(struct lab *lab, const unsigned *counter)
{
	struct timespec until = patience();
	int result = 0;
	SCOPED_LOCK(&lab->lock);
	while (!*counter && result == 0)
		result = pthread_cond_timedwait(&lab->changed, &lab->lock, &until);
	return *counter > 0;
}

/* ---- the operator ---------------------------------------------------------------------------- */

static void done(void *context, const struct library_result *result)
{
	struct operation *operation = context;
	struct lab *lab = operation->lab;
	if (operation->when_done)
		operation->when_done(operation);
	SCOPED_LOCK(&lab->lock);
	operation->answers++;
	operation->result = *result;
	pthread_cond_broadcast(&lab->changed);
}

static struct operation *operation_create(struct lab *lab)
{
	struct operation *operation = calloc(1, sizeof *operation);
	if (!operation)
		abort();
	operation->lab = lab;
	SCOPED_LOCK(&lab->lock);
	list_append(&lab->operations, &operation->link);
	return operation;
}

struct operation *begin_load(struct lab *lab, const char *drive, const char *medium, unsigned flags)
{
	struct operation *operation = operation_create(lab);
	struct library_load what = {.replace = flags & REPLACE, .force = flags & FORCE};
	snprintf(what.drive, sizeof what.drive, "%s", drive);
	snprintf(what.medium, sizeof what.medium, "%s", medium);
	library_load(lab->library, &what, actor, done, operation);
	return operation;
}

struct operation *begin_eject(struct lab *lab, const char *drive, unsigned flags)
{
	struct operation *operation = operation_create(lab);
	struct library_eject what = {.force = flags & FORCE};
	snprintf(what.drive, sizeof what.drive, "%s", drive);
	library_eject(lab->library, &what, actor, done, operation);
	return operation;
}

struct operation *begin_take_back(struct lab *lab, const char *drive)
{
	struct operation *operation = operation_create(lab);
	library_release(lab->library, drive, actor, done, operation);
	return operation;
}

struct operation *begin_add_as(struct lab *lab, const char *path, const char *profile)
{
	struct operation *operation = operation_create(lab);
	struct library_media_add what = {0};
	snprintf(what.path, sizeof what.path, "%s", path);
	snprintf(what.profile, sizeof what.profile, "%s", profile);
	library_media_add(lab->library, &what, actor, done, operation);
	return operation;
}

struct operation *begin_set_profile(struct lab *lab, const char *id, const char *profile)
{
	struct operation *operation = operation_create(lab);
	library_media_set_profile(lab->library, id, profile, actor, done, operation);
	return operation;
}

struct operation *begin_add(struct lab *lab, const char *path, const char *id)
{
	struct operation *operation = operation_create(lab);
	struct library_media_add what = {0};
	snprintf(what.path, sizeof what.path, "%s", path);
	snprintf(what.id, sizeof what.id, "%s", id);
	library_media_add(lab->library, &what, actor, done, operation);
	return operation;
}

struct operation *begin_content(struct lab *lab, const char *id)
{
	struct operation *operation = operation_create(lab);
	library_content_open(lab->library, id, actor, done, operation);
	return operation;
}

struct operation *begin_forget(struct lab *lab, const char *id)
{
	return begin_forget_seen(lab, id, 0);
}

struct operation *begin_forget_seen(struct lab *lab, const char *id, int64_t version)
{
	struct operation *operation = operation_create(lab);
	library_media_remove(lab->library, id, version, actor, done, operation);
	return operation;
}

struct operation *begin_import(struct lab *lab, const struct library_import *import)
{
	struct operation *operation = operation_create(lab);
	library_import(lab->library, import, actor, done, operation);
	return operation;
}

struct operation *begin_upload(struct lab *lab, const struct library_upload_begin *begin)
{
	struct operation *operation = operation_create(lab);
	library_upload_begin(lab->library, begin, actor, done, operation);
	return operation;
}

struct operation *begin_upload_end(struct lab *lab, struct library_receiving *receiving)
{
	struct operation *operation = operation_create(lab);
	library_upload_end(receiving, done, operation);
	return operation;
}

struct operation *begin_upload_remove(struct lab *lab, const char *id)
{
	struct operation *operation = operation_create(lab);
	library_upload_remove(lab->library, id, actor, done, operation);
	return operation;
}

struct operation *begin_scan(struct lab *lab, const char *pool)
{
	struct operation *operation = operation_create(lab);
	library_scan(lab->library, pool, actor, done, operation);
	return operation;
}

struct operation *begin_verify(struct lab *lab, const char *id)
{
	struct operation *operation = operation_create(lab);
	struct library_verify what = {0};
	snprintf(what.medium, sizeof what.medium, "%s", id);
	library_verify(lab->library, &what, actor, done, operation);
	return operation;
}

struct operation *begin_cancel(struct lab *lab, int64_t job)
{
	struct operation *operation = operation_create(lab);
	library_job_cancel(lab->library, job, actor, done, operation);
	return operation;
}

struct operation *begin_await(struct lab *lab, int64_t job, unsigned milliseconds)
{
	struct operation *operation = operation_create(lab);
	library_job_await(lab->library, job, milliseconds, actor, done, operation);
	return operation;
}

struct operation *begin_search(struct lab *lab, const struct library_media_query *query,
	const struct library_media_taker *taker)
{
	struct operation *operation = operation_create(lab);
	library_media_search(lab->library, query, taker, done, operation);
	return operation;
}

struct operation *begin_describe(
	struct lab *lab, const char *id, const struct library_media_words *words)
{
	struct operation *operation = operation_create(lab);
	library_media_describe(lab->library, id, words, actor, done, operation);
	return operation;
}

const struct library_job *see_job(struct lab *lab, int64_t id)
{
	static struct library_job job;
	struct error error = {0};
	if (!library_job_get(lab->library, id, &job, &error))
		fail_msg("%s", error.sentence);
	return &job;
}

bool job_is(struct lab *lab, int64_t id, const char *state)
{
	return strcmp(see_job(lab, id)->state, state) == 0;
}

const struct library_job *await_job(struct lab *lab, const struct library_result *begun)
{
	assert_ok(begun);
	assert_true(begun->job > 0);
	for (unsigned i = 0; i < LAB_PATIENCE_S * 200; i++) {
		const struct library_job *job = see_job(lab, begun->job);
		if (job->ended)
			return job;
		sleep_ms(5);
	}
	fail_msg("job %lld does not end", (long long)begun->job);
	return NULL;
}

struct operation *begin_drive_add(
	struct lab *lab, const char *name, const char *personality, bool loopback)
{
	struct operation *operation = operation_create(lab);
	struct library_drive_add what = {.loopback = loopback};
	snprintf(what.name, sizeof what.name, "%s", name);
	snprintf(what.personality, sizeof what.personality, "%s", personality);
	library_drive_add(lab->library, &what, actor, done, operation);
	return operation;
}

struct operation *begin_drive_remove(struct lab *lab, const char *name, unsigned flags)
{
	struct operation *operation = operation_create(lab);
	library_drive_remove(lab->library, name, flags & FORCE, actor, done, operation);
	return operation;
}

struct operation *begin_tape_create(
	struct lab *lab, const char *prefix, unsigned count, uint64_t capacity)
{
	struct operation *operation = operation_create(lab);
	struct library_tape_create what = {.count = count, .capacity = capacity};
	snprintf(what.prefix, sizeof what.prefix, "%s", prefix);
	library_tape_create(lab->library, &what, actor, done, operation);
	return operation;
}

struct operation *begin_tape_protect(struct lab *lab, const char *id, bool write_protected)
{
	struct operation *operation = operation_create(lab);
	library_tape_protect(lab->library, id, write_protected, actor, done, operation);
	return operation;
}

struct operation *begin_export_put(
	struct lab *lab, const struct library_export_put *put, bool must_be_new)
{
	struct operation *operation = operation_create(lab);
	library_export_put(lab->library, put, must_be_new, actor, done, operation);
	return operation;
}

struct operation *begin_export_remove(struct lab *lab, const char *name)
{
	struct operation *operation = operation_create(lab);
	library_export_remove(lab->library, name, actor, done, operation);
	return operation;
}

struct hold {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool reached, released;
};

static void hold_worker(struct operation *operation)
{
	struct hold *hold = operation->context;
	SCOPED_LOCK(&hold->lock);
	hold->reached = true;
	pthread_cond_broadcast(&hold->changed);
	while (!hold->released)
		pthread_cond_wait(&hold->changed, &hold->lock);
}

struct operation *begin_hold_worker(struct lab *lab)
{
	struct operation *operation = operation_create(lab);
	struct library_eject what = {.drive = "nowhere"};
	struct hold *hold = calloc(1, sizeof *hold);
	assert_non_null(hold);
	pthread_mutex_init(&hold->lock, NULL);
	pthread_cond_init(&hold->changed, NULL);
	operation->when_done = hold_worker;
	operation->context = hold;
	library_eject(lab->library, &what, actor, done, operation);
	pthread_mutex_lock(&hold->lock);
	while (!hold->reached)
		pthread_cond_wait(&hold->changed, &hold->lock);
	pthread_mutex_unlock(&hold->lock);
	return operation;
}

void release_worker(struct operation *held)
{
	struct hold *hold = held->context;
	pthread_mutex_lock(&hold->lock);
	hold->released = true;
	pthread_cond_broadcast(&hold->changed);
	pthread_mutex_unlock(&hold->lock);
	answer_of(held);
	pthread_cond_destroy(&hold->changed);
	pthread_mutex_destroy(&hold->lock);
	free(hold);
}

bool is_answered(struct operation *operation)
{
	SCOPED_LOCK(&operation->lab->lock);
	return operation->answers > 0;
}

const struct library_result *answer_of(struct operation *operation)
{
	assert_true(wait_for(operation->lab, &operation->answers));
	return &operation->result;
}

void assert_ok_(const struct library_result *result, const char *file, int line)
{
	if (result->ok)
		return;
	print_error("%s\n", result->error.sentence);
	_fail(file, line);
}

void assert_error_(
	const struct library_result *result, enum error_code code, const char *file, int line)
{
	if (!result->ok && result->error.code == code && result->error.sentence[0])
		return;
	print_error("%s: %s\n", result->ok ? "ok" : error_code_name(result->error.code),
		result->error.sentence);
	_fail(file, line);
}

struct library_drive see_drive(struct lab *lab, const char *name)
{
	struct library_drive drive;
	assert_true(library_drive_get(lab->library, name, &drive, NULL));
	return drive;
}

bool nth_session(struct library *library, const char *export_name, unsigned index,
	struct library_session *ret)
{
	struct library_session session = {.number = 0};
	do {
		if (!library_session_after(library, export_name, session.number, &session))
			return false;
	} while (index--);
	*ret = session;
	return true;
}

struct library_medium see_medium(struct lab *lab, const char *id)
{
	struct library_medium medium;
	assert_true(library_medium_get(lab->library, id, &medium, NULL));
	return medium;
}

/* ---- the host -------------------------------------------------------------------------------- */

static void complete(struct scsi_cmd *cmd)
{
	struct request *request = container_of(cmd, struct request, cmd);
	SCOPED_LOCK(&request->lab->lock);
	request->completed++;
}

static void release(struct scsi_cmd *cmd)
{
	struct request *request = container_of(cmd, struct request, cmd);
	SCOPED_LOCK(&request->lab->lock);
	request->released++;
	pthread_cond_broadcast(&request->lab->changed);
}

static const struct scsi_transport_ops transport = {.complete = complete, .release = release};

struct scsi_nexus *nexus_of(struct lab *lab, const char *name)
{
	SCOPED_LOCK(&lab->library->drives_lock);
	struct drive *drive = drive_find(lab->library, name);
	return drive ? drive->nexus : NULL;
}

struct request *begin_send(
	struct lab *lab, const char *drive, const uint8_t *cdb, const void *out, size_t length)
{
	return begin_send_as(lab, nexus_of(lab, drive), cdb, out, length);
}

struct request *begin_send_as(struct lab *lab, struct scsi_nexus *nexus, const uint8_t *cdb,
	const void *out, size_t length)
{
	struct request *request = calloc(1, sizeof *request + length);
	if (!request)
		abort();
	request->lab = lab;
	scsi_cmd_init(&request->cmd, nexus, &transport);
	request->cmd.cdb_length = (uint8_t)scsi_cdb_length(cdb[0]);
	memcpy(request->cmd.cdb, cdb, 16);
	if (out)
		memcpy(request->data, out, length);
	request->iov = (struct iovec){request->data, length};
	request->cmd.iov = &request->iov;
	request->cmd.iov_count = 1;
	request->cmd.transfer_length = length;
	pthread_mutex_lock(&lab->lock);
	list_append(&lab->requests, &request->link);
	pthread_mutex_unlock(&lab->lock);
	scsi_execute(&request->cmd);
	return request;
}

struct request *await(struct request *request)
{
	if (!wait_for(request->lab, &request->released))
		abort(); /* so that a debugger sees who has it; not only the main thread waits */
	return request;
}

struct request *host_sends(struct lab *lab, const char *drive, const uint8_t *cdb, size_t length)
{
	return await(begin_send(lab, drive, cdb, NULL, length));
}

struct request *begin_host_eject(struct lab *lab, const char *drive)
{
	return begin_send(lab, drive, CDB(0x1b, 0, 0, 0, 2), NULL, 0);
}

struct request *begin_host_read(struct lab *lab, const char *drive, uint8_t lba, uint8_t blocks)
{
	return begin_send(
		lab, drive, CDB(0x28, 0, 0, 0, 0, lba, 0, 0, blocks), NULL, (size_t)blocks * 2048);
}

struct request *host_eject(struct lab *lab, const char *drive)
{
	return await(begin_host_eject(lab, drive));
}

struct request *host_load(struct lab *lab, const char *drive)
{
	return host_sends(lab, drive, CDB(0x1b, 0, 0, 0, 3), 0);
}

struct request *host_reads(struct lab *lab, const char *drive, uint8_t lba, uint8_t blocks)
{
	return await(begin_host_read(lab, drive, lba, blocks));
}

void host_locks(struct lab *lab, const char *drive, bool lock)
{
	assert_good(host_sends(lab, drive, CDB(0x1e, 0, 0, 0, lock), 0));
}

enum scsi_sense_code sense_of(const struct request *request)
{
	return request->cmd.status == SCSI_STATUS_GOOD ? SENSE_NONE : request->cmd.sense.code;
}

enum scsi_sense_code test_unit_ready(struct lab *lab, const char *drive)
{
	return sense_of(host_sends(lab, drive, CDB(0x00), 0));
}

unsigned media_event(struct lab *lab, const char *drive)
{
	struct request *request = host_sends(lab, drive, CDB(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8), 8);
	assert_good(request);
	return request->data[4] & 0x0f;
}

void settle(struct lab *lab, const char *drive)
{
	for (unsigned i = 0; i < LAB_PATIENCE_S * 200; i++) {
		enum scsi_sense_code code = test_unit_ready(lab, drive);
		if (media_event(lab, drive) == NO_CHANGE && code == SENSE_NONE)
			return;
		sleep_ms(5);
	}
	fail_msg("%s does not become ready", drive);
}

void assert_sense_(
	const struct request *request, enum scsi_sense_code code, const char *file, int line)
{
	if (request->cmd.status ==
			(code == SENSE_NONE ? SCSI_STATUS_GOOD : SCSI_STATUS_CHECK_CONDITION) &&
		sense_of(request) == code)
		return;
	print_error(
		"status %02x, %s\n", request->cmd.status, scsi_sense_text(request->cmd.sense.code));
	_fail(file, line);
}
