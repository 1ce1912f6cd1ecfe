/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of every shape of daemon/library.h. Each returns a new reference, NULL without memory.
 */
#pragma once

#include <jansson.h>

#include "daemon/library.h"

/* Text from a file or a host, which may not be UTF-8. */
json_t *shape_text(const char *text);

/* "" means there is none: null. */
json_t *shape_optional(const char *text);
/* At most INT64_MAX, which is where JSON integers end here; nothing real comes near. */
json_t *shape_number(uint64_t value);
/* Seconds since the epoch, in UTC (RFC 3339); 0 is null. */
json_t *shape_moment(int64_t seconds);

json_t *shape_medium(const struct library_medium *medium);
/* "" is null, else the object that it is. */
json_t *shape_object(const char *json);
/* Words separated by spaces. */
json_t *shape_words(const char *words);
json_t *shape_drive(const struct library_drive *drive);
json_t *shape_tape(const struct library_tape *tape);
json_t *shape_history_entry(const struct library_history_entry *entry);
/* The same, with what it is about. */
json_t *shape_notice(const struct library_history_entry *entry);
/* The same, with what it is about, what came of it and what else there is. */
json_t *shape_event(const struct library_history_entry *entry);
json_t *shape_trace_entry(const struct library_trace_entry *entry);
json_t *shape_export(const struct library_export *export);
json_t *shape_session(const struct library_session *session);
struct library_job;
struct library_token;
/* With its text, if it has one. */
json_t *shape_token(const struct library_token *token);
json_t *shape_job(const struct library_job *job);
json_t *shape_health(const struct library_health *health);

/* What is left of an operation: the drive, the medium, the export, the tapes that were made, or the
 * outcome of adding a directory. */
json_t *shape_result(const struct library_result *result);
