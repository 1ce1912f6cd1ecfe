/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

enum { ISO_TIME_LENGTH = 17 };

/* Date and time of a volume descriptor (ECMA-119 8.4.26.1) in seconds since the epoch, or
 * DETAILS_NO_TIME. */
int64_t iso_time(const uint8_t field[ISO_TIME_LENGTH]);
