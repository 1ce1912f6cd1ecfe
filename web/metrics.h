/* SPDX-License-Identifier: Apache-2.0 */
/* The groups of families that GET /metrics is made of. */
#pragma once

#include "metrics_text.h"

struct library;
struct http_tally;

void metrics_of_drives(FILE *out, struct library *library);
void metrics_of_catalog(FILE *out, struct library *library);
void metrics_of_http(FILE *out, struct http_tally *tally);
void metrics_of_process(FILE *out);
