/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library with everything but the kernel: a catalog, images and told records in a directory of
 * its own, pools of threads, and a transport that sends commands to the nexus of a drive. Teardown
 * fails when an operation was not answered exactly once, or a command not completed and released.
 */
#pragma once

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "library_private.h"
#include "pool.h"
#include "scsi/command.h"
#include "scsi/executor.h"

enum {
	LAB_BLOCKS = 64,     /* of the images a, b and c */
	LAB_DWELL_MS = 20,   /* how long a host sees a drive as empty in a swap */
	LAB_EJECT_MS = 200,  /* eject_wait_ms */
	LAB_TOLD_MS = 100,   /* told_wait_ms */
	LAB_PATIENCE_S = 60, /* what takes longer has failed */
	LAB_HOUR_MS = 3600 * 1000,
};

/* An operation and its answer. */
struct operation {
	struct lab *lab;
	struct list link; /* lab->operations */
	unsigned answers; /* lab->lock, as is all of it */
	struct library_result result;
	void (*when_done)(struct operation *operation); /* on the worker, before it is answered */
	void *context;
};

struct request {
	struct scsi_cmd cmd;
	struct lab *lab;
	struct list link; /* lab->requests */
	struct iovec iov;
	unsigned completed, released; /* lab->lock */
	uint8_t data[];
};

struct lab {
	char directory[PATH_MAX], catalog_path[PATH_MAX], told_dir[PATH_MAX], media_dir[PATH_MAX],
		tape_dir[PATH_MAX];
	struct pool *readers, *mechanisms, *control;
	struct library_config config; /* change it before lab_start */
	struct library *library;      /* NULL while stopped */
	struct scsi_clock clock;      /* the library's: monotonic, and so far ahead */
	_Atomic uint64_t ahead_ns;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct list operations, requests;

	/* Files, as the library sees them. */
	struct file_io io;
	bool hold_opens, hold_reads; /* lab->lock */
	bool no_cache;               /* every read waits for a worker */
	int read_error;              /* -errno of every read; 0: none */
	unsigned held, open_files;
	bool (*is_forbidden)(int fd); /* a file that nobody may open; NULL: there is none */
	unsigned trespasses;          /* how often one was */
};

/* cmocka fixtures. Images a, b and c are in the catalog; dvd0, dvd1 and dvd2 are empty. */
int lab_setup(void **state);
int lab_teardown(void **state);
#define IN_LAB(test) cmocka_unit_test_setup_teardown(test, lab_setup, lab_teardown)

/* From the configuration to a running library, and back; lab->config is used. */
void lab_start(struct lab *lab);
bool lab_try_start(struct lab *lab, struct error *error);
/* True: it was a clean stop. */
bool lab_stop(struct lab *lab);
/* Both: what hosts see is a restart of the daemon. */
void lab_restart(struct lab *lab);

/* So much time passes, for whatever looks at the library's clock; not for the clock on the wall. */
void lab_pass_hours(struct lab *lab, unsigned hours);

/* lab->media_dir/NAME, in a buffer that the next call but three reuses. */
const char *lab_path(struct lab *lab, const char *name);
/* Whatever they are called. */
unsigned lab_count_tape_files(struct lab *lab);
/* Writes an image of so many blocks there and returns its path. */
const char *lab_image(struct lab *lab, const char *name, uint32_t blocks);
/* Through a connection of its own. */
void lab_sql(struct lab *lab, const char *sql);
/* Every UPDATE or INSERT of this table fails from now on; lab_sql "DROP TRIGGER refuse" ends it. */
void lab_refuse(struct lab *lab, const char *change);
/* The first column of the first row, as a number. */
int64_t lab_number(struct lab *lab, const char *sql);

/* While held, images are opened, or read, by nobody; `count` waits until so many are. */
void lab_hold_opens(struct lab *lab, bool hold);
void lab_hold_reads(struct lab *lab, bool hold);
void lab_await_held(struct lab *lab, unsigned count);
unsigned lab_open_files(struct lab *lab);

/* ---- operations ------------------------------------------------------------------------------ */

enum { REPLACE = 1, FORCE = 2 };

struct operation *begin_load(
	struct lab *lab, const char *drive, const char *medium, unsigned flags);
struct operation *begin_eject(struct lab *lab, const char *drive, unsigned flags);
struct operation *begin_add(struct lab *lab, const char *path, const char *id);
struct operation *begin_add_as(struct lab *lab, const char *path, const char *profile);
struct operation *begin_set_profile(struct lab *lab, const char *id, const char *profile);
struct operation *begin_content(struct lab *lab, const char *id);
struct operation *begin_forget(struct lab *lab, const char *id);
struct operation *begin_forget_seen(struct lab *lab, const char *id, int64_t version);
struct operation *begin_import(struct lab *lab, const struct library_import *import);
struct operation *begin_upload(struct lab *lab, const struct library_upload_begin *begin);
struct operation *begin_upload_end(struct lab *lab, struct library_receiving *receiving);
struct operation *begin_upload_remove(struct lab *lab, const char *id);
struct operation *begin_scan(struct lab *lab, const char *pool);
struct operation *begin_verify(struct lab *lab, const char *id);
struct operation *begin_cancel(struct lab *lab, int64_t job);
struct operation *begin_await(struct lab *lab, int64_t job, unsigned milliseconds);
struct operation *begin_search(struct lab *lab, const struct library_media_query *query,
	const struct library_media_taker *taker);
struct operation *begin_describe(
	struct lab *lab, const char *id, const struct library_media_words *words);
struct operation *begin_drive_add(
	struct lab *lab, const char *name, const char *personality, bool loopback);
struct operation *begin_take_back(struct lab *lab, const char *drive);
struct operation *begin_drive_remove(struct lab *lab, const char *name, unsigned flags);
struct operation *begin_tape_create(
	struct lab *lab, const char *prefix, unsigned count, uint64_t capacity);
struct operation *begin_tape_protect(struct lab *lab, const char *id, bool write_protected);
struct operation *begin_export_put(
	struct lab *lab, const struct library_export_put *put, bool must_be_new);
struct operation *begin_export_remove(struct lab *lab, const char *name);
/* Keeps the worker in the answer of an operation until lab_release_worker. */
struct operation *begin_hold_worker(struct lab *lab);
void release_worker(struct operation *held);

/* The job as it is now; the next call reuses it. */
const struct library_job *see_job(struct lab *lab, int64_t id);
bool job_is(struct lab *lab, int64_t id, const char *state);
/* The job that was begun, at its end. */
const struct library_job *await_job(struct lab *lab, const struct library_result *begun);

bool is_answered(struct operation *operation);
const struct library_result *answer_of(struct operation *operation);

#define load(...)          answer_of(begin_load(__VA_ARGS__))
#define eject(...)         answer_of(begin_eject(__VA_ARGS__))
#define add(...)           answer_of(begin_add(__VA_ARGS__))
#define add_as(...)        answer_of(begin_add_as(__VA_ARGS__))
#define set_profile(...)   answer_of(begin_set_profile(__VA_ARGS__))
#define forget(...)        answer_of(begin_forget(__VA_ARGS__))
#define forget_seen(...)   answer_of(begin_forget_seen(__VA_ARGS__))
#define import(...)        await_job(lab, answer_of(begin_import(__VA_ARGS__)))
#define scan(...)          await_job(lab, answer_of(begin_scan(__VA_ARGS__)))
#define verify(...)        await_job(lab, answer_of(begin_verify(__VA_ARGS__)))
#define search(...)        answer_of(begin_search(__VA_ARGS__))
#define describe(...)      answer_of(begin_describe(__VA_ARGS__))
#define drive_add(...)     answer_of(begin_drive_add(__VA_ARGS__))
#define take_back(...)     answer_of(begin_take_back(__VA_ARGS__))
#define drive_remove(...)  answer_of(begin_drive_remove(__VA_ARGS__))
#define tape_create(...)   answer_of(begin_tape_create(__VA_ARGS__))
#define tape_protect(...)  answer_of(begin_tape_protect(__VA_ARGS__))
#define export_put(...)    answer_of(begin_export_put(__VA_ARGS__))
#define export_remove(...) answer_of(begin_export_remove(__VA_ARGS__))

void assert_ok_(const struct library_result *result, const char *file, int line);
void assert_error_(
	const struct library_result *result, enum error_code code, const char *file, int line);
#define assert_ok(result)          assert_ok_((result), __FILE__, __LINE__)
#define assert_error(result, code) assert_error_((result), (code), __FILE__, __LINE__)

struct library_drive see_drive(struct lab *lab, const char *name);
/* The `index`th session of an export, or of all (NULL or ""); false: there is none. */
bool nth_session(struct library *library, const char *export_name, unsigned index,
	struct library_session *ret);
struct library_medium see_medium(struct lab *lab, const char *id);

/* ---- the host -------------------------------------------------------------------------------- */

struct scsi_nexus *nexus_of(struct lab *lab, const char *drive);

#define CDB(...) ((const uint8_t[16]){__VA_ARGS__})

/* A command with room for so many bytes of Data-In (or with Data-Out); does not wait. */
struct request *begin_send(
	struct lab *lab, const char *drive, const uint8_t *cdb, const void *out, size_t length);
struct request *begin_send_as(struct lab *lab, struct scsi_nexus *nexus, const uint8_t *cdb,
	const void *out, size_t length);
struct request *await(struct request *request);
struct request *host_sends(struct lab *lab, const char *drive, const uint8_t *cdb, size_t length);

struct request *begin_host_eject(struct lab *lab, const char *drive);
struct request *begin_host_read(struct lab *lab, const char *drive, uint8_t lba, uint8_t blocks);
struct request *host_eject(struct lab *lab, const char *drive);
struct request *host_load(struct lab *lab, const char *drive);
struct request *host_reads(struct lab *lab, const char *drive, uint8_t lba, uint8_t blocks);
void host_locks(struct lab *lab, const char *drive, bool lock);

/* SENSE_NONE: GOOD. */
enum scsi_sense_code test_unit_ready(struct lab *lab, const char *drive);
/* The media event that GET EVENT STATUS NOTIFICATION reports now. */
enum { NO_CHANGE = 0, EJECT_REQUEST = 1, NEW_MEDIA = 2, MEDIA_REMOVAL = 3 };
unsigned media_event(struct lab *lab, const char *drive);
/* Polls until the drive is ready and quiet; asserts that this happens. */
void settle(struct lab *lab, const char *drive);

enum scsi_sense_code sense_of(const struct request *request);
void assert_sense_(
	const struct request *request, enum scsi_sense_code code, const char *file, int line);
#define assert_good(request)        assert_sense_((request), SENSE_NONE, __FILE__, __LINE__)
#define assert_sense(request, code) assert_sense_((request), (code), __FILE__, __LINE__)

void sleep_ms(unsigned milliseconds);
