/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding of URIs (RFC 3986 2.1). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Decodes `length` bytes of `text` into ret[size]. False, with ret untouched, for a broken escape,
 * an encoded NUL, what is not UTF-8, and what does not fit.
 */
bool percent_decode(const char *text, size_t length, char *ret, size_t size);

/* Encodes everything but unreserved characters; cut at the last escape that fits. */
void percent_encode(const char *text, char *ret, size_t size);
