/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks as they are stored: LZ4 blocks and Zstandard frames. */
#include <lz4.h>
#include <zstd.h>

#include "native_private.h"

enum { ZSTD_LEVEL = 1 };

size_t native_pack(
	enum cartridge_compression how, const void *block, size_t length, void *ret, size_t room)
{
	switch (how) {
	case COMPRESSION_LZ4: {
		int n = LZ4_compress_default(block, ret, (int)length, (int)room);
		return n > 0 ? (size_t)n : 0;
	}
	case COMPRESSION_ZSTD: {
		size_t n = ZSTD_compress(ret, room, block, length, ZSTD_LEVEL);
		return ZSTD_isError(n) ? 0 : n;
	}
	case COMPRESSION_NONE:
		break;
	}
	return 0;
}

bool native_unpack(enum cartridge_compression how, const void *stored, size_t stored_length,
	void *ret, size_t length)
{
	switch (how) {
	case COMPRESSION_LZ4:
		return LZ4_decompress_safe(stored, ret, (int)stored_length, (int)length) ==
		       (int)length;
	case COMPRESSION_ZSTD:
		return ZSTD_decompress(ret, length, stored, stored_length) == length;
	case COMPRESSION_NONE:
		break;
	}
	return false;
}
