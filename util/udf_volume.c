/* SPDX-License-Identifier: Apache-2.0 */
#include "util/udf_volume.h"

#include <string.h>

#include "util/bytes.h"
#include "util/volume_text.h"

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
	PARTITIONS_MAX = 4, /* that are kept; real volumes have one or two */
	MAPS = 440,         /* of a logical volume descriptor (ECMA-167 3/10.6) */
	MAP_PLAIN = 1,      /* type 1: a partition as it is */
	MAP_PLAIN_LENGTH = 6,
};

/* While the sequence is read: partitions and the volume that maps them come in any order. */
struct reading {
	struct udf_volume volume;
	struct partition {
		uint16_t number;
		uint32_t first;
	} partitions[PARTITIONS_MAX];
	unsigned partition_count;
	bool mapped; /* the file set is in the partition of this number */
	uint16_t number;
};

static bool read_block(const struct udf_blocks *blocks, uint64_t number, uint8_t ret[UDF_BLOCK])
{
	return blocks->read(blocks->context, number, ret);
}

static bool is_recognition(const uint8_t *block, const char *identifier)
{
	return memcmp(block + 1, identifier, 5) == 0;
}

bool udf_announced(const struct udf_blocks *blocks)
{
	uint8_t block[UDF_BLOCK];
	for (unsigned i = 0; i < RECOGNITION_MAX; i++) {
		if (!read_block(blocks, FIRST_RECOGNITION + i, block))
			return false;
		if (is_recognition(block, "NSR02") || is_recognition(block, "NSR03"))
			return true;
		if (!is_recognition(block, "CD001") && !is_recognition(block, "BEA01") &&
			!is_recognition(block, "BOOT2") && !is_recognition(block, "CDW02"))
			return false;
	}
	return false;
}

unsigned udf_tag(const uint8_t *block, uint32_t location)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < 16; i++)
		if (i != 4)
			sum += block[i];
	if ((sum & 0xff) != block[4] || get_le32(block + 12) != location)
		return 0;
	return get_le16(block);
}

static void take_primary(const uint8_t *block, struct udf_volume *volume)
{
	if (volume->name[0] == 0)
		volume_text_dstring(block + 24, 32, volume->name, sizeof volume->name);
}

static void take_partition(const uint8_t *block, struct reading *reading)
{
	uint32_t first = get_le32(block + 188);
	uint64_t end = (uint64_t)first + get_le32(block + 192);
	if (end * UDF_BLOCK > reading->volume.bytes)
		reading->volume.bytes = end * UDF_BLOCK;
	if (reading->partition_count < PARTITIONS_MAX)
		reading->partitions[reading->partition_count++] =
			(struct partition){get_le16(block + 22), first};
}

/* The domain identifier and its suffix (UDF 2.60 2.1.5.3, 2.2.4.3). */
static uint16_t revision_of(const uint8_t *block)
{
	return memcmp(block + 217, "*OSTA UDF Compliant", 19) == 0 ? get_le16(block + 240) : 0;
}

/* The partition map that the address of the file set names; plain ones only. */
static void take_file_set(const uint8_t *block, struct reading *reading)
{
	unsigned map = get_le16(block + 256), at = MAPS;
	reading->volume.file_set = get_le32(block + 252);
	reading->volume.map = (uint16_t)map;
	while (map-- > 0 && at + 1 < UDF_BLOCK && block[at + 1] > 0)
		at += block[at + 1];
	reading->mapped = at + MAP_PLAIN_LENGTH <= UDF_BLOCK && block[at] == MAP_PLAIN &&
			  block[at + 1] == MAP_PLAIN_LENGTH;
	if (reading->mapped)
		reading->number = get_le16(block + at + 4);
}

static void take_logical(const uint8_t *block, struct reading *reading)
{
	struct udf_volume *volume = &reading->volume;
	char name[sizeof volume->name];
	volume_text_dstring(block + 84, 128, name, sizeof name);
	if (name[0])
		memcpy(volume->name, name, sizeof name);
	volume->revision = revision_of(block);
	take_file_set(block, reading);
}

static void take(const uint8_t *block, unsigned identifier, struct reading *reading)
{
	if (identifier == TAG_PRIMARY)
		take_primary(block, &reading->volume);
	else if (identifier == TAG_PARTITION)
		take_partition(block, reading);
	else if (identifier == TAG_LOGICAL)
		take_logical(block, reading);
}

static void place_file_set(struct reading *reading)
{
	for (unsigned i = 0; reading->mapped && i < reading->partition_count; i++)
		if (reading->partitions[i].number == reading->number) {
			reading->volume.file_set_found = true;
			reading->volume.partition = reading->partitions[i].first;
		}
}

bool udf_volume_read(const struct udf_blocks *blocks, struct udf_volume *ret)
{
	uint8_t block[UDF_BLOCK];
	if (!read_block(blocks, ANCHOR, block) || udf_tag(block, ANCHOR) != TAG_ANCHOR)
		return false;
	uint32_t count = get_le32(block + 16) / UDF_BLOCK, first = get_le32(block + 20);
	struct reading reading = {0};
	for (uint32_t i = 0; i < count && i < SEQUENCE_MAX; i++) {
		if (!read_block(blocks, (uint64_t)first + i, block))
			break;
		unsigned identifier = udf_tag(block, first + i);
		if (identifier == 0 || identifier == TAG_TERMINATOR)
			break;
		take(block, identifier, &reading);
	}
	place_file_set(&reading);
	*ret = reading.volume;
	return true;
}
