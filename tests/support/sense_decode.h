/* SPDX-License-Identifier: Apache-2.0 */
/* Sense data as a host gets it, taken apart again (SPC-4 4.5.2, 4.5.3). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scsi/sense.h"

/* Both formats, current and deferred. False: it is malformed, or its code is in nobody's list. */
bool sense_decode(const uint8_t *bytes, size_t length, struct scsi_sense *ret);
