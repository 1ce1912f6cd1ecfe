/* SPDX-License-Identifier: Apache-2.0 */
/* The words of SIMH's format, see ssc/simh.h. */
#pragma once

#include <stdint.h>

#include "ssc/simh.h"
#include "util/bytes.h"

enum {
	SIMH_WORD = 4,         /* bytes */
	SIMH_WINDOW = 1 << 20, /* as much is read and written at a time */
};

#define SIMH_TAPE_MARK     UINT32_C(0x00000000)
#define SIMH_GAP           UINT32_C(0xfffffffe)
#define SIMH_HALF_GAP      UINT32_C(0xfffeffff)
#define SIMH_END_OF_MEDIUM UINT32_C(0xffffffff)
/*
 * SCSI2Pi's end of data, a private marker: its drive puts one behind all that it writes, and takes
 * what follows for erased (SCSI2Pi, Tape::WriteMetaData, and s2psimh, which lists images up to it).
 */
#define SIMH_END_OF_DATA UINT32_C(0x73533250)

/* From here on markers are there for erase gaps; [SIMH], "The complete Class F range". */
#define SIMH_GAPS_FROM UINT32_C(0xfffe0000)

enum simh_class {
	SIMH_CLASS_GOOD = 0x0,
	SIMH_CLASS_PRIVATE_FIRST = 0x1,
	SIMH_CLASS_PRIVATE_LAST = 0x6,
	SIMH_CLASS_PRIVATE_MARKER = 0x7,
	SIMH_CLASS_BAD = 0x8,
	SIMH_CLASS_DESCRIPTION = 0xe,
	SIMH_CLASS_MARKER = 0xf,
};

static inline enum simh_class simh_class(uint32_t word)
{
	return (enum simh_class)(word >> 28);
}

static inline uint32_t simh_length(uint32_t word)
{
	return word & 0x0fffffff;
}

static inline void put_le32(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
	p[2] = (uint8_t)(value >> 16);
	p[3] = (uint8_t)(value >> 24);
}
