/* SPDX-License-Identifier: Apache-2.0 */
#include "image_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"

enum { BLOCK = 2048, ANCHOR = 256, SEQUENCE = 32, PARTITION = 48 };

static uint8_t *at(uint8_t *image, uint32_t block)
{
	return image + (size_t)block * BLOCK;
}

static void put_le32(uint8_t *p, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static uint8_t *numbered(uint32_t blocks)
{
	uint8_t *image = calloc(blocks, BLOCK);
	for (uint32_t i = 0; i < blocks; i++)
		put_be32(at(image, i), i);
	return image;
}

static uint8_t *descriptor(uint8_t *image, uint32_t block, uint8_t type, const char *identifier)
{
	uint8_t *p = at(image, block);
	memset(p, 0, BLOCK);
	p[0] = type;
	memcpy(p + 1, identifier, 5);
	p[6] = 1;
	return p;
}

uint8_t *image_iso(uint32_t blocks, const char *name)
{
	uint8_t *image = numbered(blocks);
	uint8_t *p = descriptor(image, 16, 1, "CD001");
	memset(p + 40, ' ', 32);
	memcpy(p + 40, name, strlen(name));
	put_le32(p + 80, blocks);
	put_be32(p + 84, blocks);
	p[129] = p[130] = BLOCK >> 8;
	descriptor(image, 17, 255, "CD001");
	return image;
}

void image_add_joliet(uint8_t *image, const char *name)
{
	uint8_t *p = descriptor(image, 17, 2, "CD001");
	for (unsigned i = 0; i < 16; i++)
		p[40 + 2 * i + 1] = i < strlen(name) ? (uint8_t)name[i] : ' ';
	memcpy(p + 88, "%/E", 3);
	descriptor(image, 18, 255, "CD001");
}

static uint8_t *put_record(uint8_t *p, const char *name, size_t length, uint8_t flags)
{
	p[0] = (uint8_t)(33 + length + (length + 1) % 2);
	p[25] = flags;
	p[32] = (uint8_t)length;
	memcpy(p + 33, name, length);
	return p + p[0];
}

/* "." and ".." come first (ECMA-119 9.1.11); a file may have the name of a directory. */
void image_add_directory(uint8_t *image, const char *name)
{
	enum { ROOT = 30 };
	uint8_t *volume = at(image, 16), *p = memset(at(image, ROOT), 0, BLOCK);
	put_le32(volume + 156 + 2, ROOT);
	put_le32(volume + 156 + 10, BLOCK);
	p = put_record(p, "\0", 1, 2);
	p = put_record(p, "\1", 1, 2);
	p = put_record(p, "README.TXT;1", 12, 0);
	put_record(p, name, strlen(name), 2);
}

/* Identifier, location and checksum, last (ECMA-167 3/7.2). */
static void seal(uint8_t *p, uint8_t identifier, uint32_t block)
{
	p[0] = identifier;
	p[2] = 2;
	p[4] = 0;
	put_le32(p + 12, block);
	for (unsigned i = 0; i < 16; i++)
		if (i != 4)
			p[4] = (uint8_t)(p[4] + p[i]);
}

static void put_dstring(uint8_t *field, size_t width, const char *text)
{
	field[0] = 8;
	memcpy(field + 1, text, strlen(text));
	field[width - 1] = (uint8_t)(strlen(text) + 1);
}

static void put_volume(uint8_t *image, uint32_t blocks, const char *name)
{
	uint8_t *p = memset(at(image, ANCHOR), 0, BLOCK);
	put_le32(p + 16, 4 * BLOCK);
	put_le32(p + 20, SEQUENCE);
	seal(p, 2, ANCHOR);

	p = memset(at(image, SEQUENCE), 0, BLOCK);
	put_dstring(p + 24, 32, "primary");
	seal(p, 1, SEQUENCE);

	p = memset(at(image, SEQUENCE + 1), 0, BLOCK);
	put_le32(p + 188, PARTITION);
	put_le32(p + 192, blocks - PARTITION);
	seal(p, 5, SEQUENCE + 1);

	p = memset(at(image, SEQUENCE + 2), 0, BLOCK);
	put_dstring(p + 84, 128, name);
	seal(p, 6, SEQUENCE + 2);

	seal(memset(at(image, SEQUENCE + 3), 0, BLOCK), 8, SEQUENCE + 3);
}

void image_add_udf(uint8_t *image, uint32_t blocks, const char *name)
{
	uint32_t block = 16;
	while (memcmp(at(image, block) + 1, "CD001", 5) == 0)
		block++;
	descriptor(image, block, 0, "BEA01");
	descriptor(image, block + 1, 0, "NSR02");
	descriptor(image, block + 2, 0, "TEA01");
	put_volume(image, blocks, name);
}

void image_set_revision(uint8_t *image, uint16_t revision)
{
	uint8_t *p = at(image, SEQUENCE + 2);
	memcpy(p + 217, "*OSTA UDF Compliant", 19);
	p[240] = (uint8_t)revision;
	p[241] = (uint8_t)(revision >> 8);
}

uint8_t *image_udf(uint32_t blocks, const char *name)
{
	uint8_t *image = numbered(blocks);
	image_add_udf(image, blocks, name);
	return image;
}
