/* SPDX-License-Identifier: Apache-2.0 */
#include "msf.h"

#include "util/response.h"

enum { FRAMES = 75, MINUTE = 60 * FRAMES, PREGAP = 150, LAST = 256 * MINUTE - 1 };

void msf_append(struct response *r, uint32_t lba)
{
	msf_append_frames(r, lba > LAST - PREGAP ? LAST : lba + PREGAP);
}

void msf_append_frames(struct response *r, uint32_t frame)
{
	if (frame > LAST)
		frame = LAST;
	response_u8(r, 0);
	response_u8(r, frame / MINUTE);
	response_u8(r, frame / FRAMES % 60);
	response_u8(r, frame % FRAMES);
}

void address_append(struct response *r, uint32_t lba, bool msf)
{
	if (msf)
		msf_append(r, lba);
	else
		response_be32(r, lba);
}

bool msf_to_lba(const uint8_t msf[3], uint32_t *ret)
{
	uint32_t frame = msf[0] * (uint32_t)MINUTE + msf[1] * (uint32_t)FRAMES + msf[2];
	if (msf[1] >= 60 || msf[2] >= FRAMES || frame < PREGAP)
		return false;
	*ret = frame - PREGAP;
	return true;
}
