/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A raw mode 1 sector of a CD-ROM (ECMA-130 14, annexes A and B), made of its address and its 2048
 * bytes of user data:
 *
 *	   0  sync             12   00, ten FF, 00
 *	  12  header            4   minute, second, frame (BCD, from the lead-in's end), mode 01
 *	  16  user data      2048
 *	2064  EDC               4   CRC of bytes 0 to 2063, the least significant byte first
 *	2068  zeros             8
 *	2076  P parity        172   RS(26,24) over the columns of bytes 12 to 2075
 *	2248  Q parity        104   RS(45,43) over their diagonals, P included
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	CD_SYNC = 0,
	CD_HEADER = 12,
	CD_USER_DATA = 16,
	CD_EDC = 2064,
	CD_SECTOR = 2352,
};

/* Sync and header, bytes 0 to 15. What MSF cannot say is said modulo 100 minutes. */
void cd_sector_head(uint8_t sector[CD_SECTOR], uint32_t lba);
/* Everything behind the user data, which with the head is there already. */
void cd_sector_tail(uint8_t sector[CD_SECTOR]);

/* The error detection code: x^32+x^31+x^16+x^15+x^4+x^3+x+1, least significant bit first. */
uint32_t cd_edc(const uint8_t *data, size_t length);

/* Minute, second, frame as BCD. */
void cd_msf_bcd(uint8_t ret[3], uint32_t frames);
