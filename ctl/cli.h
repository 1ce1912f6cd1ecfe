/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line was told, shared by all commands. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

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
};

/* Options that only some commands take. */
enum option_flag {
	OPTION_REPLACE = 1 << 0,
	OPTION_FORCE = 1 << 1,
	OPTION_HOST = 1 << 2,
	OPTION_COUNT = 1 << 3,
	OPTION_ID = 1 << 4,
	OPTION_PERSONALITY = 1 << 5,
	OPTION_NO_LOOPBACK = 1 << 6,
};

struct cli {
	/* How to reach the daemon: url, or else socket. */
	const char *socket;
	const char *url;   /* without a slash at its end; NULL */
	const char *token; /* NULL */
	long timeout_s;

	bool json;   /* -o json */
	bool colour; /* stdout is a terminal and NO_COLOR is not set */

	unsigned options; /* of enum option_flag, those that were given */
	const char *host, *count, *id, *personality;

	int argument_count; /* after the command's words */
	char **arguments;
};

struct command {
	const char *noun;
	const char *verb; /* NULL: the noun alone is the command */
	const char *synopsis;
	int arguments_min, arguments_max;
	unsigned options;
	enum exit_code (*run)(struct cli *cli);
	const char *summary;
	const char *details;
};

extern const struct command commands[]; /* ends in a NULL noun */

/* Two lines on stderr: what is wrong, and what to do about it. Returns `code`. */
enum exit_code complain(enum exit_code code, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One line on stderr: what was done. */
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "label        text" on stdout, made printable; nothing when the text is empty. */
void print_field(const char *label, const char *text);

/* `value` as the API sent it, on stdout. */
void print_json(const json_t *value);

/* Fields of an answer, with defaults instead of surprises. Texts are borrowed, "" when absent. */
const char *text_of(const json_t *object, const char *name);
long long number_of(const json_t *object, const char *name);
bool is_set(const json_t *object, const char *name);

enum exit_code run_status(struct cli *cli);
enum exit_code run_health(struct cli *cli);
enum exit_code run_load(struct cli *cli);
enum exit_code run_eject(struct cli *cli);
enum exit_code run_trace(struct cli *cli);
enum exit_code run_drive_list(struct cli *cli);
enum exit_code run_drive_show(struct cli *cli);
enum exit_code run_drive_add(struct cli *cli);
enum exit_code run_drive_remove(struct cli *cli);
enum exit_code run_media_list(struct cli *cli);
enum exit_code run_media_show(struct cli *cli);
enum exit_code run_media_add(struct cli *cli);
enum exit_code run_media_remove(struct cli *cli);
