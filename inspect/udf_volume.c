/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Volume structures of UDF (ECMA-167 2 and 3, UDF 2.60). The files of volumes behind a virtual or
 * metadata partition are not looked at; discs with an operating system on them have none.
 */
#include <string.h>

#include "text.h"
#include "volume.h"

enum {
	FIRST_RECOGNITION = 16,
	RECOGNITION_MAX = 64,
	ANCHOR = 256,
	SEQUENCE_MAX = 64, /* blocks of the volume descriptor sequence that are looked at */
	TAG_PRIMARY = 1,
	TAG_ANCHOR = 2,
	TAG_PARTITION = 5,
	TAG_LOGICAL = 6,
	TAG_TERMINATOR = 8,
	TAG_FILE_SET = 256,
	PARTITIONS_MAX = 4, /* that are kept; real volumes have one or two */
	MAPS = 440,         /* of a logical volume descriptor (ECMA-167 3/10.6) */
	MAP_PLAIN = 1,      /* type 1: a partition as it is */
	MAP_PLAIN_LENGTH = 6,
};

/* While the sequence is read: partitions and the volume that maps them come in any order. */
struct reading {
	struct udf_details *details;
	struct partition {
		uint16_t number;
		uint32_t first;
	} partition[PARTITIONS_MAX];
	unsigned partitions;
	bool mapped;     /* the file set is in the partition of this number */
	uint16_t number; /* of the partition */
	uint16_t map;    /* number of its map */
	uint32_t file_set;
};

unsigned udf_descriptor_tag(const uint8_t *block, uint32_t location)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < 16; i++)
		if (i != 4)
			sum += block[i];
	return (sum & 0xff) == block[4] && get_le32(block + 12) == location ? get_le16(block) : 0;
}

static bool is_recognition(const uint8_t *block, const char *identifier)
{
	return memcmp(block + 1, identifier, 5) == 0;
}

static bool announced(struct image_bytes *image)
{
	uint8_t block[IMAGE_BLOCK];
	for (unsigned i = 0; i < RECOGNITION_MAX; i++) {
		if (!image_bytes_block(image, FIRST_RECOGNITION + i, block))
			return false;
		if (is_recognition(block, "NSR02") || is_recognition(block, "NSR03"))
			return true;
		if (!is_recognition(block, "CD001") && !is_recognition(block, "BEA01") &&
			!is_recognition(block, "BOOT2") && !is_recognition(block, "CDW02"))
			return false;
	}
	return false;
}

static void take_primary(const uint8_t *block, struct udf_details *details)
{
	if (details->volume_id[0] == 0)
		text_dstring(block + 24, 32, details->volume_id, sizeof details->volume_id);
}

static void take_partition(const uint8_t *block, struct reading *reading)
{
	uint32_t first = get_le32(block + 188);
	uint64_t end = ((uint64_t)first + get_le32(block + 192)) * IMAGE_BLOCK;
	if (end > reading->details->bytes)
		reading->details->bytes = end;
	if (reading->partitions < PARTITIONS_MAX)
		reading->partition[reading->partitions++] =
			(struct partition){get_le16(block + 22), first};
}

/* The partition map that the address of the file set names; plain ones only. */
static void take_file_set(const uint8_t *block, struct reading *reading)
{
	unsigned map = get_le16(block + 256), at = MAPS;
	reading->file_set = get_le32(block + 252);
	reading->map = (uint16_t)map;
	while (map-- > 0 && at + 1 < IMAGE_BLOCK && block[at + 1] > 0)
		at += block[at + 1];
	reading->mapped = at + MAP_PLAIN_LENGTH <= IMAGE_BLOCK && block[at] == MAP_PLAIN &&
			  block[at + 1] == MAP_PLAIN_LENGTH;
	if (reading->mapped)
		reading->number = get_le16(block + at + 4);
}

/* The domain identifier and its suffix say the revision (UDF 2.60 2.1.5.3, 2.2.4.3). */
static void take_logical(const uint8_t *block, struct reading *reading)
{
	struct udf_details *details = reading->details;
	char name[sizeof details->volume_id];
	text_dstring(block + 84, 128, name, sizeof name);
	if (name[0])
		memcpy(details->volume_id, name, sizeof name);
	if (memcmp(block + 217, "*OSTA UDF Compliant", 19) == 0)
		details->revision = get_le16(block + 240);
	take_file_set(block, reading);
}

static void read_sequence(
	struct image_bytes *image, uint32_t first, uint32_t blocks, struct reading *reading)
{
	uint8_t block[IMAGE_BLOCK];
	for (uint32_t i = 0; i < blocks && i < SEQUENCE_MAX; i++) {
		if (!image_bytes_block(image, (uint64_t)first + i, block))
			return;
		unsigned tag = udf_descriptor_tag(block, first + i);
		if (tag == 0 || tag == TAG_TERMINATOR)
			return;
		if (tag == TAG_PRIMARY)
			take_primary(block, reading->details);
		else if (tag == TAG_PARTITION)
			take_partition(block, reading);
		else if (tag == TAG_LOGICAL)
			take_logical(block, reading);
	}
}

static bool place_partition(const struct reading *reading, struct tree *tree)
{
	for (unsigned i = 0; reading->mapped && i < reading->partitions; i++)
		if (reading->partition[i].number == reading->number) {
			tree->partition = reading->partition[i].first;
			return true;
		}
	return false;
}

/* The file set descriptor names the root directory (ECMA-167 4/14.1). */
static void add_tree(struct volume *volume, const struct reading *reading)
{
	uint8_t block[IMAGE_BLOCK];
	struct volume_entry root;
	struct tree tree = {.kind = TREE_UDF, .map = reading->map};
	if (!place_partition(reading, &tree) ||
		!image_bytes_block(
			volume->image, (uint64_t)tree.partition + reading->file_set, block) ||
		udf_descriptor_tag(block, reading->file_set) != TAG_FILE_SET ||
		get_le16(block + 408) != tree.map ||
		!udf_entry(volume->image, &tree, get_le32(block + 404), &root) || !root.directory)
		return;
	tree.root = root.extents;
	volume->tree[volume->trees++] = tree;
}

void udf_volume_read(struct volume *volume, struct udf_details *ret)
{
	uint8_t block[IMAGE_BLOCK];
	struct reading reading = {.details = ret};
	if (!announced(volume->image))
		return;
	ret->found = true;
	if (!image_bytes_block(volume->image, ANCHOR, block) ||
		udf_descriptor_tag(block, ANCHOR) != TAG_ANCHOR)
		return;
	read_sequence(
		volume->image, get_le32(block + 20), get_le32(block + 16) / IMAGE_BLOCK, &reading);
	add_tree(volume, &reading);
}
