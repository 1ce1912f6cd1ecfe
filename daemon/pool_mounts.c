/* SPDX-License-Identifier: Apache-2.0 */
#include "pool_mounts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "pool_tree.h"
#include "util/cleanup.h"

static const char mounts[] = "/proc/self/mountinfo";

/* f_type of statfs(2). */
static const struct network_type {
	unsigned long type;
	const char *name;
} network_types[] = {
	{0x6969, "nfs"},
	{0xFF534D42, "cifs"},
	{0xFE534D42, "smb"},
	{0x517B, "smb"},
	{0x65735546, "fuse"},
	{0x01021997, "9p"},
	{0x00C36400, "ceph"},
	{0x5346414F, "afs"},
	{0x6B414653, "afs"},
	{0x01161970, "gfs2"},
	{0x7461636F, "ocfs2"},
	{0x0BD00BD0, "lustre"},
};

const char *pool_network_file_system(const char *path)
{
	struct statfs fs;
	if (statfs(path, &fs) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof network_types / sizeof *network_types; i++)
		if (((unsigned long)fs.f_type & 0xFFFFFFFF) == network_types[i].type)
			return network_types[i].name;
	return NULL;
}

int pool_mounts_open(void)
{
	return open(mounts, O_RDONLY | O_CLOEXEC);
}

/* \040 is a space, as in /proc/mounts. */
static void unescape(char *text)
{
	char *to = text;
	while (*text)
		if (*text == '\\' && strspn(text + 1, "01234567") >= 3) {
			const char digits[] = {text[1], text[2], text[3], '\0'};
			*to++ = (char)strtoul(digits, NULL, 8);
			text += 4;
		} else {
			*to++ = *text++;
		}
	*to = '\0';
}

/* FNV-1a. */
static uint64_t add_to_hash(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001B3;
	return hash;
}

/* Id of the mount, its parent, device, root and place: proc(5). */
static uint64_t add_line(uint64_t hash, const char *line, const char *path)
{
	char place[PATH_MAX], id[64];
	if (sscanf(line, "%63s %*s %*s %*s %4095s", id, place) != 2)
		return hash;
	unescape(place);
	if (!pool_is_within(path, place) && !pool_is_within(place, path))
		return hash;
	return add_to_hash(add_to_hash(hash, id), place);
}

uint64_t pool_mounts_fingerprint(const char *path)
{
	uint64_t hash = 0xCBF29CE484222325;
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	FILE *file = fopen(mounts, "re");
	if (!file)
		return 0;
	while (getline(&line, &size, file) > 0)
		hash = add_line(hash, line, path);
	fclose(file);
	return hash;
}
