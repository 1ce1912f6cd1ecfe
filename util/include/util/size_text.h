/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes as people type them. */
#pragma once

#include <stdbool.h>

/*
 * "100GB", "1.5 TB", "2.5T", "100GiB", "4096": digits, a fraction, and one of B, k … E, kB … EB or
 * KiB … EiB in any case. False when it is none, or does not fit.
 */
bool size_read(const char *text, long long *ret);
