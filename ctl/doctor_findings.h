/* SPDX-License-Identifier: Apache-2.0 */
/* What carousel doctor found, and how it is told. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli.h"

enum doctor_level {
	DOCTOR_FINE,    /* told with --all only */
	DOCTOR_UNSEEN,  /* not looked at, because only root may */
	DOCTOR_NOTE,    /* worth knowing */
	DOCTOR_WARNING, /* works, and will not for long, or not for everybody */
	DOCTOR_PROBLEM, /* does not work */
};

enum { DOCTOR_SUBJECT_MAX = 128, DOCTOR_TEXT_MAX = 640 };

struct finding {
	enum doctor_level level;
	char subject[DOCTOR_SUBJECT_MAX]; /* "kernel", "dvd0" */
	char what[DOCTOR_TEXT_MAX];
	char remedy[DOCTOR_TEXT_MAX];  /* a sentence, "" when there is nothing to say */
	char command[DOCTOR_TEXT_MAX]; /* of a shell, to be pasted; "" when there is none */
};

struct findings {
	struct finding *items;
	size_t count, capacity;
	const char *as_root; /* the command that looks at everything; borrowed */
};

void findings_finish(struct findings *findings);

/* Dropped when there is no memory. `remedy` may be NULL. */
void found(struct findings *findings, enum doctor_level level, const char *subject,
	const char *remedy, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The command that mends, or looks closer at, what was found last. */
void mend(struct findings *findings, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* `what` completes "not looked at: ". */
void not_looked_at(struct findings *findings, const char *subject, const char *what);

enum doctor_level findings_worst(const struct findings *findings);
/* What the program exits with. */
enum exit_code findings_exit_code(const struct findings *findings);

struct findings_style {
	bool all;     /* also what is fine */
	bool colour;  /* of a terminal */
	size_t width; /* columns that sentences are broken at; 0: not. Commands stay in one line. */
};

/* The worst first. */
void findings_print(
	const struct findings *findings, const struct findings_style *style, FILE *file);
/* {"worst", "items": [{"level", "subject", "what", "remedy", "command"}]}, a new reference. */
json_t *findings_shape(const struct findings *findings);
