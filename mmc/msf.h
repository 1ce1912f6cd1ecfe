/* SPDX-License-Identifier: Apache-2.0 */
/* Logical block addresses as minute, second, frame (MMC-6 4.2.3): 75 frames a second, 150 before 0.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct response;

/* Four bytes: 0, minute, second, frame. What lies beyond 255:59:74 is shown as that. */
void msf_append(struct response *r, uint32_t lba);
/* A number of frames, likewise. */
void msf_append_frames(struct response *r, uint32_t frames);
/* An address field: as MSF, or as a logical block address. */
void address_append(struct response *r, uint32_t lba, bool msf);
/* False: not an MSF address at or behind LBA 0. */
bool msf_to_lba(const uint8_t msf[3], uint32_t *ret);
