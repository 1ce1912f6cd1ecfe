/* SPDX-License-Identifier: Apache-2.0 */
/* UDF volume structures (ECMA-167 2 and 3, UDF 2.60), wherever the blocks of the image come from.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	UDF_BLOCK = 2048,
	UDF_BLOCKS_MIN = 257, /* the anchor is block 256 */
	UDF_NAME = 257,       /* 128 characters of two bytes in UTF-8, and the final 0 */
};

/* Where blocks come from. read: one whole block; false when it is not all there, or cannot be read.
 */
struct udf_blocks {
	bool (*read)(void *context, uint64_t block, uint8_t ret[UDF_BLOCK]);
	void *context;
};

struct udf_volume {
	uint64_t bytes;    /* where its last partition ends; 0 when no partition was found */
	uint16_t revision; /* of UDF: 0x0102, 0x0250 …; 0 when the volume does not say */
	/* Where the file set descriptor is, when no virtual or metadata partition hides it. */
	bool file_set_found;
	uint16_t map;        /* number of its partition map, what addresses refer to */
	uint32_t partition;  /* block where that partition begins */
	uint32_t file_set;   /* block in the partition */
	char name[UDF_NAME]; /* of the logical volume, else of the primary volume descriptor */
};

/*
 * The identifier of a descriptor tag that is in its place (ECMA-167 3/7.2, 4/7.2): of a volume
 * that is its block, of a file set its block in the partition. 0: it is none.
 */
unsigned udf_tag(const uint8_t *block, uint32_t location);

/* The volume recognition sequence has NSR02 or NSR03 (ECMA-167 3/9.1). */
bool udf_announced(const struct udf_blocks *blocks);
/* False: there is no anchor at block 256. */
bool udf_volume_read(const struct udf_blocks *blocks, struct udf_volume *ret);
