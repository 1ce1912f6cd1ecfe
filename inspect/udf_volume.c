/* SPDX-License-Identifier: Apache-2.0 */
/* The volume of UDF in an image, and the tree of its files. */
#include "util/udf_volume.h"

#include "text.h"
#include "volume.h"

enum { TAG_FILE_SET = 256 };

static bool read_block(void *image, uint64_t block, uint8_t ret[UDF_BLOCK])
{
	return image_bytes_block(image, block, ret);
}

/*
 * The file set descriptor names the root directory (ECMA-167 4/14.1). The files of volumes behind a
 * virtual or metadata partition are not looked at; discs with an operating system on them have
 * none.
 */
static void add_tree(struct volume *volume, const struct udf_volume *udf)
{
	uint8_t block[IMAGE_BLOCK];
	struct volume_entry root;
	struct tree tree = {.kind = TREE_UDF, .map = udf->map, .partition = udf->partition};
	if (!udf->file_set_found ||
		!image_bytes_block(
			volume->image, (uint64_t)udf->partition + udf->file_set, block) ||
		udf_tag(block, udf->file_set) != TAG_FILE_SET ||
		get_le16(block + 408) != tree.map ||
		!udf_entry(volume->image, &tree, get_le32(block + 404), &root) || !root.directory)
		return;
	tree.root = root.extents;
	volume->tree[volume->trees++] = tree;
}

void volume_read_udf(struct volume *volume, struct udf_details *ret)
{
	const struct udf_blocks blocks = {.read = read_block, .context = volume->image};
	struct udf_volume udf;
	ret->found = udf_announced(&blocks);
	if (!ret->found || !udf_volume_read(&blocks, &udf))
		return;
	ret->bytes = udf.bytes;
	ret->revision = udf.revision;
	text_utf8(udf.name, sizeof udf.name, ret->volume_id, sizeof ret->volume_id);
	add_tree(volume, &udf);
}
