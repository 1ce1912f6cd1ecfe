/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What operators read: lines on standard error, one per message. Under journald every line begins
 * with its priority, "<6>", which the journal takes off (sd-daemon(3)); everywhere else with a
 * word. Any thread; a line is written by one write(2).
 */
#pragma once

#include <stdbool.h>

struct error;

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

enum { LOG_LINE_MAX = 1024 }; /* longer messages are cut */

/* True when `fd` is the stream that $JOURNAL_STREAM names. */
bool log_is_journal(int fd);

/* Where lines go, before other threads run. Initially standard error, with words. */
void log_start(int fd, bool journal);

/* Messages above the level are dropped; initially INFO. */
void log_set_level(enum log_level level);
/* "error", "warning", "info" or "debug". */
bool log_level_from_name(const char *name, enum log_level *ret);

/* Control characters come out as '?', so that no host or file name can forge a line. */
void log_message(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Cause and remedy in one line, after what was tried: "drive dvd0: CAUSE. REMEDY". */
void log_failure(enum log_level level, const char *what, const struct error *error);

#define log_error(...)   log_message(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_message(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_message(LOG_LEVEL_DEBUG, __VA_ARGS__)
