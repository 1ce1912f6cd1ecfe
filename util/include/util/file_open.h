/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening what realpath(3) found. Between the look and the open whoever may write to a directory of
 * the path can put a symbolic link into it; what is opened here is where the look was, or nothing.
 */
#pragma once

#include <sys/types.h>

/* open(2) with O_CLOEXEC. Returns a descriptor; -ELOOP: some part of the path is a symbolic link.
 */
int file_open_resolved(const char *path, int flags, mode_t mode);

/* The same, for kernels without openat2(2) (before 5.6), and sandboxes that refuse it. */
int file_open_walking(const char *path, int flags, mode_t mode);
