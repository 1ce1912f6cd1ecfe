/* SPDX-License-Identifier: Apache-2.0 */
#include "cd_sector.h"

#include <string.h>

enum {
	FIELD = 0x11d, /* x^8+x^4+x^3+x^2+1: GF(2^8) of the ECC */
	PREGAP = 150,
	FRAMES = 75,
	SECONDS = 60,
	MINUTES = 100,
	MODE_1 = 1,
	ZEROS = 8,
	/* What the ECC covers, from the header on, as rows of bytes for P … */
	COLUMNS = 86,
	P_ROWS = 24,
	/* … and as 16-bit words for Q, of which each diagonal steps one row and one word. */
	DIAGONALS = 26,
	Q_LENGTH = 43,
	Q_STEP = COLUMNS / 2 + 1,
	Q_WORDS = COLUMNS / 2 * (P_ROWS + 2),
};

static const uint32_t EDC_POLYNOMIAL = 0xd8018001; /* reflected */

static uint32_t edc_of_byte[256];
static uint8_t twice[256];        /* times x in the field */
static uint8_t over_x_and_1[256]; /* divided by x+1 */

__attribute__((constructor)) static void make_tables(void)
{
	for (unsigned i = 0; i < 256; i++) {
		uint32_t edc = i;
		for (unsigned bit = 0; bit < 8; bit++)
			edc = edc >> 1 ^ (edc & 1 ? EDC_POLYNOMIAL : 0);
		edc_of_byte[i] = edc;
		twice[i] = (uint8_t)(i << 1 ^ (i & 0x80 ? FIELD : 0));
		over_x_and_1[twice[i] ^ i] = (uint8_t)i;
	}
}

uint32_t cd_edc(const uint8_t *data, size_t length)
{
	uint32_t edc = 0;
	for (size_t i = 0; i < length; i++)
		edc = edc >> 8 ^ edc_of_byte[(edc ^ data[i]) & 0xff];
	return edc;
}

static uint8_t bcd(uint32_t value)
{
	return (uint8_t)(value / 10 << 4 | value % 10);
}

void cd_msf_bcd(uint8_t ret[3], uint32_t frames)
{
	ret[0] = bcd(frames / FRAMES / SECONDS % MINUTES);
	ret[1] = bcd(frames / FRAMES % SECONDS);
	ret[2] = bcd(frames % FRAMES);
}

void cd_sector_head(uint8_t sector[CD_SECTOR], uint32_t lba)
{
	memset(sector + CD_SYNC, 0xff, CD_HEADER);
	sector[CD_SYNC] = sector[CD_HEADER - 1] = 0;
	cd_msf_bcd(sector + CD_HEADER, lba + PREGAP);
	sector[CD_HEADER + 3] = MODE_1;
}

/*
 * The two parity symbols p, q behind the data symbols d make both the sum of all symbols and the
 * sum of all, each times x to the number of symbols behind it, zero: p + q = s and xp + q = t,
 * where s and t are those sums over the data alone.
 */
struct parity {
	uint8_t sum, weighted;
};

static void parity_add(struct parity *parity, uint8_t symbol)
{
	parity->sum ^= symbol;
	parity->weighted = twice[parity->weighted ^ symbol];
}

static void parity_end(const struct parity *parity, uint8_t *ret_p, uint8_t *ret_q)
{
	uint8_t weighted = twice[parity->weighted];
	*ret_p = over_x_and_1[weighted ^ parity->sum];
	*ret_q = *ret_p ^ parity->sum;
}

static void make_p(uint8_t *covered)
{
	for (unsigned column = 0; column < COLUMNS; column++) {
		struct parity parity = {0};
		uint8_t *at = covered + column;
		for (unsigned row = 0; row < P_ROWS; row++, at += COLUMNS)
			parity_add(&parity, *at);
		parity_end(&parity, at, at + COLUMNS);
	}
}

static void make_q(uint8_t *covered)
{
	uint8_t *end = covered + 2 * Q_WORDS;
	for (unsigned i = 0; i < 2 * DIAGONALS; i++) {
		struct parity parity = {0};
		unsigned word = i / 2 * (COLUMNS / 2);
		for (unsigned n = 0; n < Q_LENGTH; n++, word += Q_STEP)
			parity_add(&parity, covered[word % Q_WORDS * 2 + i % 2]);
		parity_end(&parity, end + i, end + 2 * DIAGONALS + i);
	}
}

void cd_sector_tail(uint8_t sector[CD_SECTOR])
{
	uint32_t edc = cd_edc(sector, CD_EDC);
	for (unsigned i = 0; i < 4; i++)
		sector[CD_EDC + i] = (uint8_t)(edc >> 8 * i);
	memset(sector + CD_EDC + 4, 0, ZEROS);
	make_p(sector + CD_HEADER);
	make_q(sector + CD_HEADER);
}
