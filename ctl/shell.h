/* SPDX-License-Identifier: Apache-2.0 */
/* Words as a shell, QEMU's option parser and a URL want them. Each returns ret, cut where it ends.
 */
#pragma once

#include <stddef.h>

/* One word of a shell command; in single quotes where it needs them. */
const char *shell_quote(const char *text, char *ret, size_t size);

/* A value within an option of QEMU, where a comma is doubled. */
const char *qemu_value(const char *text, char *ret, size_t size);

/* A part of a URL: all but unreserved characters and ":" are escaped (RFC 3986 3.3). */
const char *url_part(const char *text, char *ret, size_t size);
