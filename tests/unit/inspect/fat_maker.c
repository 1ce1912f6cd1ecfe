/* SPDX-License-Identifier: Apache-2.0 */
#include "fat_maker.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SECTOR = 512, ENTRY = 32, ROOT_ENTRIES = 112, PER_CLUSTER = FAT_CLUSTER / ENTRY };

struct maker {
	uint8_t *image;
	unsigned bits;
	size_t fat, root, data; /* bytes */
	uint32_t free;          /* cluster */
};

struct writer {
	struct maker *maker;
	uint32_t cluster; /* 0: the root directory of FAT12 and FAT16 */
	unsigned used;
};

static void put(uint8_t *p, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

void program_make(uint16_t machine, uint8_t ret[PROGRAM_BYTES])
{
	memset(ret, 0, PROGRAM_BYTES);
	memcpy(ret, "MZ", 2);
	put(ret + 60, 128, 4);
	memcpy(ret + 128, "PE\0\0", 4);
	put(ret + 132, machine, 2);
}

static void link_cluster(struct maker *maker, uint32_t cluster, uint32_t next)
{
	uint8_t *at = maker->image + maker->fat + (size_t)cluster * maker->bits / 8;
	if (maker->bits != 12)
		put(at, next, maker->bits / 8);
	else if (cluster % 2)
		put(at, (at[0] & 0xfu) | (next & 0xfff) << 4, 2);
	else
		put(at, (next & 0xfff) | (at[1] & 0xf0u) << 8, 2);
}

static uint8_t *cluster_at(const struct maker *maker, uint32_t cluster)
{
	return maker->image + maker->data + (size_t)(cluster - 2) * FAT_CLUSTER;
}

/* Every other one, so that no two lie together. */
static uint32_t take_cluster(struct maker *maker)
{
	uint32_t cluster = maker->free;
	maker->free += 2;
	link_cluster(maker, cluster, 0x0fffffff);
	return cluster;
}

static uint8_t *next_entry(struct writer *w)
{
	if (!w->cluster)
		return w->maker->image + w->maker->root + ENTRY * w->used++;
	if (w->used && w->used % PER_CLUSTER == 0) {
		uint32_t next = take_cluster(w->maker);
		link_cluster(w->maker, w->cluster, next);
		w->cluster = next;
	}
	return cluster_at(w->maker, w->cluster) + ENTRY * (w->used++ % PER_CLUSTER);
}

static uint8_t checksum(const char name[11])
{
	uint8_t sum = 0;
	for (unsigned i = 0; i < 11; i++)
		sum = (uint8_t)((uint8_t)(sum << 7 | sum >> 1) + (uint8_t)name[i]);
	return sum;
}

static void put_long_part(struct writer *w, const char *name, unsigned part, bool last, uint8_t sum)
{
	static const uint8_t places[] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
	uint8_t *entry = next_entry(w);
	entry[0] = (uint8_t)(part + 1 + (last ? 0x40 : 0));
	entry[11] = 0x0f;
	entry[13] = sum;
	size_t length = strlen(name);
	for (unsigned i = 0; i < 13; i++) {
		size_t at = part * 13 + i;
		put(entry + places[i],
			at < length    ? (uint8_t)name[at]
			: at == length ? 0
				       : 0xffff,
			2);
	}
}

static void put_entry(
	struct writer *w, const char *name, uint8_t attributes, uint32_t cluster, uint32_t bytes)
{
	char plain[11];
	const char *dot = strchr(name, '.');
	size_t stem = dot ? (size_t)(dot - name) : strlen(name);
	memset(plain, ' ', sizeof plain);
	memcpy(plain, name, stem > 8 ? 8 : stem);
	if (dot)
		memcpy(plain + 8, dot + 1, strlen(dot + 1));
	if (stem > 8) {
		memcpy(plain + 6, "~1", 2);
		unsigned parts = (unsigned)(strlen(name) + 12) / 13;
		for (unsigned part = parts; part-- > 0;)
			put_long_part(w, name, part, part + 1 == parts, checksum(plain));
	}
	uint8_t *entry = next_entry(w);
	memcpy(entry, plain, sizeof plain);
	entry[11] = attributes;
	put(entry + 20, cluster >> 16, 2);
	put(entry + 26, cluster & 0xffff, 2);
	put(entry + 28, bytes, 4);
}

static struct writer make_directory(struct writer *in, const char *name)
{
	uint32_t cluster = take_cluster(in->maker);
	put_entry(in, name, 0x10, cluster, 0);
	return (struct writer){.maker = in->maker, .cluster = cluster};
}

static size_t begin(struct maker *maker)
{
	uint8_t *sector = maker->image;
	bool large = maker->bits == 32;
	uint32_t sectors = maker->bits == 12 ? 2880 : FAT_IMAGE / SECTOR, fat_sectors = 64;
	uint32_t reserved = large ? 32 : 1, root = large ? 0 : ROOT_ENTRIES;
	memcpy(sector, "\xeb\x3c\x90TEST    ", 11);
	put(sector + 11, SECTOR, 2);
	sector[13] = FAT_CLUSTER / SECTOR;
	put(sector + 14, reserved, 2);
	sector[16] = 2;
	put(sector + 17, root, 2);
	put(sector + (large ? 32 : 19), sectors, large ? 4 : 2);
	sector[21] = 0xf8;
	put(sector + (large ? 36 : 22), fat_sectors, large ? 4 : 2);
	put(sector + 510, 0xaa55, 2);
	maker->fat = (size_t)reserved * SECTOR;
	maker->root = maker->fat + (size_t)fat_sectors * 2 * SECTOR;
	maker->data = maker->root + (size_t)root * ENTRY;
	maker->free = 2;
	return (size_t)sectors * SECTOR;
}

size_t fat_make(unsigned bits, const struct fat_program *programs, size_t count, uint8_t *ret)
{
	struct maker maker = {.image = ret, .bits = bits};
	size_t bytes = begin(&maker);
	struct writer root = {.maker = &maker};
	if (bits == 32) {
		root.cluster = take_cluster(&maker);
		put(ret + 44, root.cluster, 4);
	}
	put_entry(&root, "VOLUME", 0x08, 0, 0);
	struct writer efi = make_directory(&root, "EFI");
	struct writer boot = make_directory(&efi, "BOOT");
	for (unsigned i = 0; i < 40; i++) {
		char name[16];
		snprintf(name, sizeof name, "FILE%u.TXT", i);
		put_entry(&boot, name, 0x20, 0, 0);
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t cluster = take_cluster(&maker);
		program_make(programs[i].machine, cluster_at(&maker, cluster));
		put_entry(&boot, programs[i].name, 0x20, cluster, PROGRAM_BYTES);
	}
	return bytes;
}
