/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether part of a file is in the page cache just now, so that reading it would not wait. No
 * promise: the kernel may drop it at any time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct residency {
	int fd;    /* borrowed */
	void *map; /* never looked into; NULL: it is not ours to ask mincore(2) about */
	uint64_t size;
};

/* A regular file of so many bytes. Never fails: there is a slower way. */
void residency_open(struct residency *residency, int fd, uint64_t size);
void residency_close(struct residency *residency);

/* All the pages of these bytes are there. False also where the file system cannot tell. */
bool residency_of(const struct residency *residency, uint64_t offset, uint64_t length);
