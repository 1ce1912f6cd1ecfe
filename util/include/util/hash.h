/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FNV-1a, 64 bits: short, and the same for ever. For names that are made of a serial number and
 * must not change; not for anything an attacker chooses.
 */
#pragma once

#include <stdint.h>

static inline uint64_t hash_text(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
	return hash;
}
