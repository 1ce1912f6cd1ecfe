/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text format of Prometheus, version 0.0.4: families of samples, each with HELP and TYPE before
 * its first one.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4"

/* Names and values in turn; a name NULL ends them. */
struct metrics_labels {
	const char *pairs[9];
};

#define LABELS(...) (&(const struct metrics_labels){{__VA_ARGS__}})

/* `type`: "counter", "gauge", "histogram". */
void metrics_family(FILE *out, const char *name, const char *type, const char *help);
/* `labels` NULL: none. */
void metrics_sample(
	FILE *out, const char *name, const struct metrics_labels *labels, uint64_t value);
void metrics_real(FILE *out, const char *name, const struct metrics_labels *labels, double value);

/* A family of one sample. */
void metrics_single(
	FILE *out, const char *name, const char *type, const char *help, uint64_t value);
