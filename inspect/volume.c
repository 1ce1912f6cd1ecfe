/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"

#include <string.h>

static bool find(struct image_bytes *image, const struct tree *tree,
	const struct extents *directory, const char *name, size_t length, struct volume_entry *ret)
{
	switch (tree->kind) {
	case TREE_UDF:
		return udf_find(image, tree, directory, name, length, ret);
	case TREE_FAT:
		return fat_find(image, tree, directory, name, length, ret);
	case TREE_ISO9660:
	case TREE_JOLIET:
		break;
	}
	return iso9660_find(image, tree, directory, name, length, ret);
}

static bool tree_find(struct image_bytes *image, const struct tree *tree, const char *path,
	struct volume_entry *ret)
{
	*ret = (struct volume_entry){.extents = tree->root, .directory = true};
	while (*path) {
		struct extents directory = ret->extents;
		size_t length = strcspn(path, "/");
		if (!ret->directory || !find(image, tree, &directory, path, length, ret))
			return false;
		path += length;
		path += *path == '/';
	}
	return true;
}

bool volume_find(struct volume *volume, const char *path, struct extents *ret)
{
	struct volume_entry entry;
	for (unsigned i = 0; i < volume->trees; i++)
		if (tree_find(volume->image, &volume->tree[i], path, &entry) && !entry.directory) {
			*ret = entry.extents;
			return true;
		}
	return false;
}

size_t volume_read(struct volume *volume, const char *path, char *ret, size_t capacity)
{
	struct extents file;
	ret[0] = 0;
	if (!volume_find(volume, path, &file))
		return 0;
	size_t length = extents_read(volume->image, &file, 0, ret, capacity - 1);
	ret[length] = 0;
	return length;
}
