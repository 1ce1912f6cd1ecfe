/* SPDX-License-Identifier: Apache-2.0 */
/* Values as people read them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "662 MB", in powers of 1000 as discs are sold. Returns ret. */
const char *human_size(long long bytes, char *ret, size_t size);

/* "37 %"; "<1 %" and ">99 %" are neither nothing nor all. Returns ret. */
const char *human_percent(long long part, long long whole, char *ret, size_t size);

/* "3 h 12 min": the two largest units. Returns ret. */
const char *human_duration(long long seconds, char *ret, size_t size);

/* "35 us", "1.5 ms". Returns ret. */
const char *human_microseconds(long long us, char *ret, size_t size);

/*
 * A copy of UTF-8 text with control characters (C0, DEL, C1; line breaks and what changes the
 * direction of writing) replaced by "?": what a host or a file is called must not drive the
 * operator's terminal. The caller frees it.
 */
char *human_printable(const char *text);

/* Columns that UTF-8 text takes on a terminal. */
size_t human_width(const char *text);

/* Bytes of `text` that fit in so many columns, whole characters only. */
size_t human_fit(const char *text, size_t width);

/* The end of `text` that fits in so many columns, whole characters only. */
const char *human_tail(const char *text, size_t width);
