/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line was told, shared by all commands. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "progress.h"

/* Exit codes: carousel(1), "EXIT STATUS". */
enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NOT_FOUND = 3,
	EXIT_BUSY = 4,
	EXIT_AUTH = 5,
	EXIT_UNREACHABLE = 6,
	EXIT_TIMEOUT = 7,
	EXIT_WARNINGS = 8,
};

/* How data is printed; each from OUTPUT_JSON on is for programs. */
enum output { OUTPUT_TABLE, OUTPUT_WIDE, OUTPUT_JSON, OUTPUT_JSONL, OUTPUT_NAME };

/* Options that only some commands take. */
enum option_flag {
	OPTION_REPLACE = UINT64_C(1) << 0,
	OPTION_FORCE = UINT64_C(1) << 1,
	OPTION_HOST = UINT64_C(1) << 2,
	OPTION_COUNT = UINT64_C(1) << 3,
	OPTION_ID = UINT64_C(1) << 4,
	OPTION_PERSONALITY = UINT64_C(1) << 5,
	OPTION_NO_LOOPBACK = UINT64_C(1) << 6,
	OPTION_LUN = UINT64_C(1) << 7,
	OPTION_ADD_LUN = UINT64_C(1) << 8,
	OPTION_REMOVE_LUN = UINT64_C(1) << 9,
	OPTION_NO_LUNS = UINT64_C(1) << 10,
	OPTION_INITIATOR = UINT64_C(1) << 11,
	OPTION_ADD_INITIATOR = UINT64_C(1) << 12,
	OPTION_REMOVE_INITIATOR = UINT64_C(1) << 13,
	OPTION_ANY_INITIATOR = UINT64_C(1) << 14,
	OPTION_NETWORK = UINT64_C(1) << 15,
	OPTION_ADD_NETWORK = UINT64_C(1) << 16,
	OPTION_REMOVE_NETWORK = UINT64_C(1) << 17,
	OPTION_ANY_NETWORK = UINT64_C(1) << 18,
	OPTION_CHAP_USER = UINT64_C(1) << 19,
	OPTION_CHAP_SECRET_FILE = UINT64_C(1) << 20,
	OPTION_NO_CHAP = UINT64_C(1) << 21,
	OPTION_MUTUAL_USER = UINT64_C(1) << 22,
	OPTION_MUTUAL_SECRET_FILE = UINT64_C(1) << 23,
	OPTION_NO_MUTUAL = UINT64_C(1) << 24,
	OPTION_OPEN = UINT64_C(1) << 25,
	OPTION_NO_OPEN = UINT64_C(1) << 26,
	OPTION_TARGET = UINT64_C(1) << 27,
	OPTION_REPAIR = UINT64_C(1) << 28,
	OPTION_BARCODE = UINT64_C(1) << 29,
	OPTION_KEEP_DAMAGED = UINT64_C(1) << 30,
	OPTION_TYPE = UINT64_C(1) << 31,
	OPTION_PREFIX = UINT64_C(1) << 32,
	OPTION_CAPACITY = UINT64_C(1) << 33,
	OPTION_MEDIUM = UINT64_C(1) << 34,
	OPTION_DRIVE = UINT64_C(1) << 35,
	OPTION_LIMIT = UINT64_C(1) << 36,
	OPTION_ALL = UINT64_C(1) << 37,
	OPTION_PROFILE = UINT64_C(1) << 38,
	OPTION_TRANSPORT = UINT64_C(1) << 39,
	OPTION_CONFIG = UINT64_C(1) << 40,
	OPTION_SCOPE = UINT64_C(1) << 41,
	OPTION_EXPIRES = UINT64_C(1) << 42,
	OPTION_SINCE = UINT64_C(1) << 43,
	OPTION_OUTPUT_FILE = UINT64_C(1) << 44,
	OPTION_SHA256 = UINT64_C(1) << 45,
	OPTION_COPY = UINT64_C(1) << 46,
	OPTION_POOL = UINT64_C(1) << 47,
	OPTION_NO_WAIT = UINT64_C(1) << 48,
	OPTION_OLDER_THAN = UINT64_C(1) << 49,
	OPTION_TAG = UINT64_C(1) << 50,
	OPTION_STATE = UINT64_C(1) << 51,
	OPTION_ACTOR = UINT64_C(1) << 52,
	OPTION_WAIT = UINT64_C(1) << 53,
	OPTION_FILE = UINT64_C(1) << 54,
	OPTION_DRY_RUN = UINT64_C(1) << 55,
	OPTION_PRUNE = UINT64_C(1) << 56,
	OPTION_PRINT = UINT64_C(1) << 57,
	OPTION_NAME = UINT64_C(1) << 58,
	OPTION_DUPLICATES = UINT64_C(1) << 59,
};

/* An option of a command, with its value. */
struct given {
	uint64_t option; /* of enum option_flag */
	const char *value;
};

enum { GIVEN_MAX = 512 };

struct cli {
	/* How to reach the daemon: url, or else socket. */
	const char *socket;
	bool socket_is_default;
	const char *url;      /* without a slash at its end; NULL */
	const char *token;    /* NULL */
	char token_text[256]; /* of a file */
	const char *ca_file; /* certificates that vouch for the daemon; NULL or "": this system's */
	long timeout_s;
	long timeout_ms;    /* instead, when it is not 0 */
	bool leaving;       /* interrupted, and still asking: nothing else ends a request */
	bool timeout_given; /* then it bounds all of the waiting, for jobs and drives, too */

	enum output output;
	bool json;        /* for programs: what the API sent goes to print_json as it is */
	bool colour;      /* stdout is a terminal and NO_COLOR is not set */
	unsigned columns; /* of the terminal that stdout is, 0 when it is none */
	enum progress_mode progress;

	uint64_t options; /* of enum option_flag, those that were given */
	unsigned given_count;
	struct given given[GIVEN_MAX]; /* in the order they were given */

	int argument_count; /* after the command's words */
	char **arguments;
};

struct command {
	const char *noun;
	const char *verb; /* NULL: the noun alone is the command */
	const char *synopsis;
	int arguments_min, arguments_max;
	uint64_t options; /* that it takes */
	enum exit_code (*run)(struct cli *cli);
	const char *summary;
	const char *details;
	bool offline; /* works on the files of cartridges, without the daemon */
	bool unnamed; /* what it shows has no names: no -o name */
};

extern const struct command commands[]; /* ends in a NULL noun */

/* What was given last for an option, NULL when it was not. */
const char *option_value(const struct cli *cli, uint64_t option);

/* The same as a number; *ret stays when it was not given. False after a complaint. */
bool option_number(const struct cli *cli, uint64_t option, const char *name, long long low,
	long long high, long long *ret);

/* Two lines on stderr: what is wrong, and what to do about it. Returns `code`. */
enum exit_code complain(enum exit_code code, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One line on stderr: what was done. */
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "label        text" on stdout, made printable; nothing when the text is empty. */
void print_field(const char *label, const char *text);

/*
 * `value` as the API sent it, on stdout: whole, with -o jsonl each item of a list in a line of its
 * own, with -o name only what each is called.
 */
void print_json(const struct cli *cli, const json_t *value);

/* Fields of an answer, with defaults instead of surprises. Texts are borrowed, "" when absent. */
const char *text_of(const json_t *object, const char *name);
long long number_of(const json_t *object, const char *name);
bool is_set(const json_t *object, const char *name);

enum exit_code run_apply(struct cli *cli);
enum exit_code run_backup(struct cli *cli);
enum exit_code run_restore(struct cli *cli);
enum exit_code run_completion(struct cli *cli);
enum exit_code run_status(struct cli *cli);
enum exit_code run_health(struct cli *cli);
enum exit_code run_doctor(struct cli *cli);
enum exit_code run_load(struct cli *cli);
enum exit_code run_eject(struct cli *cli);
enum exit_code run_trace(struct cli *cli);
enum exit_code run_drive_list(struct cli *cli);
enum exit_code run_drive_show(struct cli *cli);
enum exit_code run_drive_add(struct cli *cli);
enum exit_code run_drive_remove(struct cli *cli);
enum exit_code run_drive_release(struct cli *cli);
enum exit_code run_media_list(struct cli *cli);
enum exit_code run_media_show(struct cli *cli);
enum exit_code run_media_add(struct cli *cli);
enum exit_code run_media_set(struct cli *cli);
enum exit_code run_media_remove(struct cli *cli);
enum exit_code run_media_get(struct cli *cli);
enum exit_code run_media_import(struct cli *cli);
enum exit_code run_media_upload(struct cli *cli);
enum exit_code run_media_scan(struct cli *cli);
enum exit_code run_media_verify(struct cli *cli);
enum exit_code run_media_tag(struct cli *cli);
enum exit_code run_media_untag(struct cli *cli);
enum exit_code run_media_note(struct cli *cli);
enum exit_code run_media_rename(struct cli *cli);
enum exit_code run_tag_list(struct cli *cli);
enum exit_code run_job_list(struct cli *cli);
enum exit_code run_job_show(struct cli *cli);
enum exit_code run_job_wait(struct cli *cli);
enum exit_code run_job_cancel(struct cli *cli);
enum exit_code run_audit(struct cli *cli);
enum exit_code run_token_create(struct cli *cli);
enum exit_code run_token_list(struct cli *cli);
enum exit_code run_token_remove(struct cli *cli);
enum exit_code run_export_list(struct cli *cli);
enum exit_code run_export_show(struct cli *cli);
enum exit_code run_export_add(struct cli *cli);
enum exit_code run_export_set(struct cli *cli);
enum exit_code run_export_remove(struct cli *cli);
enum exit_code run_session_list(struct cli *cli);
enum exit_code run_events(struct cli *cli);
enum exit_code run_history(struct cli *cli);
enum exit_code run_tape_create(struct cli *cli);
enum exit_code run_tape_list(struct cli *cli);
enum exit_code run_tape_protect(struct cli *cli);
enum exit_code run_tape_permit(struct cli *cli);
enum exit_code run_tape_verify(struct cli *cli);
enum exit_code run_tape_fsck(struct cli *cli);
enum exit_code run_tape_dump(struct cli *cli);
enum exit_code run_tape_import(struct cli *cli);
enum exit_code run_tape_export(struct cli *cli);
