/* SPDX-License-Identifier: Apache-2.0 */
#include "util/reader.h"

#include <string.h>

#include "util/bytes.h"

void reader_init(struct reader *r, const void *data, size_t length)
{
	*r = (struct reader){.at = data, .left = length};
}

void reader_bytes(struct reader *r, void *ret, size_t length)
{
	if (r->failed || length > r->left) {
		r->failed = true;
		memset(ret, 0, length);
		return;
	}
	memcpy(ret, r->at, length);
	r->at += length;
	r->left -= length;
}

uint8_t reader_u8(struct reader *r)
{
	uint8_t bytes[1];
	reader_bytes(r, bytes, sizeof bytes);
	return bytes[0];
}

uint16_t reader_be16(struct reader *r)
{
	uint8_t bytes[2];
	reader_bytes(r, bytes, sizeof bytes);
	return get_be16(bytes);
}

uint32_t reader_be32(struct reader *r)
{
	uint8_t bytes[4];
	reader_bytes(r, bytes, sizeof bytes);
	return get_be32(bytes);
}

uint64_t reader_be64(struct reader *r)
{
	uint8_t bytes[8];
	reader_bytes(r, bytes, sizeof bytes);
	return get_be64(bytes);
}
