/* SPDX-License-Identifier: Apache-2.0 */
/* CRC32C of header and data digests (RFC 7143 13.1), by the CPU's instruction where it has one. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Goes on from `crc`, which is 0 at the start; the result is the CRC of all of it. */
uint32_t crc32c(uint32_t crc, const void *data, size_t length);
/* The same without the instruction. */
uint32_t crc32c_table(uint32_t crc, const void *data, size_t length);
/* As a digest is sent: the least significant byte first. */
void crc32c_put(uint8_t *p, uint32_t crc);
uint32_t crc32c_get(const uint8_t *p);
