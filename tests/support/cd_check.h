/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EDC and ECC of a raw mode 1 sector by the definitions of ECMA-130: division of polynomials bit by
 * bit and symbol by symbol, without tables and without what mmc/cd_sector.c derives from the
 * equations.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

uint32_t cd_check_edc(const uint8_t *data, size_t length);
/* Fails the test when EDC, zeros, P or Q of the 2352 bytes are wrong. */
void cd_check_sector(const uint8_t *sector);
