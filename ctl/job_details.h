/* SPDX-License-Identifier: Apache-2.0 */
/* All about one job, for people. */
#pragma once

#include <jansson.h>
#include <stddef.h>

enum { JOB_TEXT_MAX = 512 };

/* What it is about: a path, a medium, a pool; directories of a scan. Returns ret. */
const char *job_subject(const json_t *job, char ret[JOB_TEXT_MAX]);
/* What is refused of a file, or wrong with a medium, without saying its name twice. Returns ret. */
const char *job_refusal(const json_t *problem, char ret[JOB_TEXT_MAX]);
/* "under way" of "under_way", what a result calls what it counts. Returns ret. */
const char *job_count_name(const char *member, char ret[JOB_TEXT_MAX]);
/* Fields on stdout. */
void job_details_print(const json_t *job);
