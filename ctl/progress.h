/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far something is: one line on the terminal, drawn over and over, or as the operator wants it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum progress_mode {
	PROGRESS_AUTO,  /* a line on a terminal */
	PROGRESS_PLAIN, /* a line now and then, also where stderr is no terminal */
	PROGRESS_JSON,  /* the same as objects */
	PROGRESS_NONE,
};

struct progress {
	enum progress_mode mode;
	const char *unit;    /* "objects"; NULL: bytes */
	bool terminal;       /* stderr is one, and there the line is drawn */
	bool drawn;          /* a line is on it */
	double started, met; /* seconds; when the line was last made */
	uint64_t done;       /* then */
	double rate;         /* a second, of late; 0: not known yet */
};

/* `unit` is what is counted if not bytes, in the plural. */
void progress_begin(struct progress *progress, const char *unit, enum progress_mode mode);
/* Cheap: may be called for every block. */
void progress_update(struct progress *progress, uint64_t done, uint64_t total);
/* Before anything else is printed, and at the end. */
void progress_erase(struct progress *progress);

/* ---- what is drawn ----------------------------------------------------------------------------
 */

enum { PROGRESS_LINE_MAX = 256 };

/* Goes on to `done` at the time `now`, in seconds on any clock that only grows. */
void progress_advance(struct progress *progress, uint64_t done, double now);

/*
 * The line, shorter than `columns`, in ASCII: what is least worth knowing is left out, down to
 * nothing at all. Returns ret.
 */
const char *progress_line(const struct progress *progress, uint64_t total, unsigned columns,
	char ret[PROGRESS_LINE_MAX]);
