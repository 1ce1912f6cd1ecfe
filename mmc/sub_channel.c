/* SPDX-License-Identifier: Apache-2.0 */
#include "sub_channel.h"

#include <string.h>

#include "cd_sector.h"
#include "util/bytes.h"

enum { ADR_POSITION = 1, PREGAP = 150, CRC_POLYNOMIAL = 0x1021, Q_BIT = 0x40, P_BIT = 0x80 };

/* The last track that begins at or before it, or the next one when it lies in that one's gap. */
struct disc_position disc_position_of(const struct disc *disc, uint32_t lba)
{
	const struct disc_track *end = disc->tracks + disc->track_count;
	const struct disc_track *track = disc->tracks;
	while (track + 1 < end && track[1].first_lba <= lba)
		track++;
	if (lba < track->first_lba)
		return (struct disc_position){track, 0, track->first_lba - lba};
	if (track + 1 < end && lba - track->first_lba >= track->blocks)
		return (struct disc_position){track + 1, 0, track[1].first_lba - lba};
	return (struct disc_position){track, 1, lba - track->first_lba};
}

/* ECMA-130 22.3.2: x^16+x^12+x^5+1, the parity bits inverted. */
static uint16_t crc(const uint8_t *data, unsigned length)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < length; i++) {
		sum ^= (unsigned)data[i] << 8;
		for (unsigned bit = 0; bit < 8; bit++)
			sum = sum << 1 ^ (sum & 0x8000 ? CRC_POLYNOMIAL : 0);
	}
	return (uint16_t)~sum;
}

static uint8_t bcd(unsigned value)
{
	return (uint8_t)(value / 10 << 4 | value % 10);
}

void sub_channel_q(uint8_t ret[SUB_CHANNEL_Q], const struct disc *disc, uint32_t lba)
{
	struct disc_position position = disc_position_of(disc, lba);
	ret[0] = (uint8_t)(position.track->control << 4 | ADR_POSITION);
	ret[1] = bcd(position.track->number);
	ret[2] = bcd(position.index);
	cd_msf_bcd(ret + 3, position.relative);
	ret[6] = 0;
	cd_msf_bcd(ret + 7, lba + PREGAP);
	put_be16(ret + 10, crc(ret, 10));
}

/* P is set in the gaps alone. */
static bool p_of(const struct disc *disc, uint32_t lba)
{
	return disc_position_of(disc, lba).index == 0;
}

void sub_channel_formatted_q(
	uint8_t ret[SUB_CHANNEL_FORMATTED_Q], const struct disc *disc, uint32_t lba)
{
	memset(ret, 0, SUB_CHANNEL_FORMATTED_Q);
	sub_channel_q(ret, disc, lba);
	if (p_of(disc, lba))
		ret[SUB_CHANNEL_FORMATTED_Q - 1] = P_BIT;
}

void sub_channel_raw(uint8_t ret[SUB_CHANNEL_RAW], const struct disc *disc, uint32_t lba)
{
	uint8_t q[SUB_CHANNEL_Q];
	sub_channel_q(q, disc, lba);
	memset(ret, p_of(disc, lba) ? P_BIT : 0, SUB_CHANNEL_RAW);
	for (unsigned i = 0; i < SUB_CHANNEL_RAW; i++)
		if (q[i / 8] & 0x80 >> i % 8)
			ret[i] |= Q_BIT;
}
