/* SPDX-License-Identifier: Apache-2.0 */
/* Names as volume descriptors have them, to UTF-8 without control characters and trailing spaces.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* One byte per character: ISO 646 with Latin-1 above it. */
void volume_text_8(const uint8_t *text, size_t length, char *ret, size_t capacity);
/* UCS-2 or UTF-16, the most significant byte first. */
void volume_text_16(const uint8_t *text, size_t length, char *ret, size_t capacity);
/* OSTA compressed unicode in a dstring field, its length in the last byte (UDF 2.60 2.1.1, 2.1.3).
 */
void volume_text_dstring(const uint8_t *field, size_t width, char *ret, size_t capacity);
