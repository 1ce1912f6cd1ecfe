/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of bytes of a file (RFC 9110 14), and the tags by which a client knows it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum byte_range {
	BYTE_RANGE_ALL, /* none, several, or none that can be understood */
	BYTE_RANGE_ONE,
	BYTE_RANGE_UNSATISFIABLE,
};

/* The value of the header Range, which may be NULL, for a file of `size` bytes. */
enum byte_range byte_range_read(
	const char *value, uint64_t size, uint64_t *ret_offset, uint64_t *ret_length);

/*
 * Whether a list of entity tags has this strong one, given with its quotes, or is *. `weakly`, as
 * If-None-Match has it, a weak tag counts as well (RFC 9110 8.8.3.2).
 */
bool etag_listed(const char *list, const char *etag, bool weakly);
