/* SPDX-License-Identifier: Apache-2.0 */
/* Images as common tools make them; a tool that is not there is a skip. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mmc/disc.h"

static char directory[] = "/tmp/carousel-images-XXXXXX";

static int begin(void **state)
{
	char command[256];
	if (!mkdtemp(directory))
		return -1;
	snprintf(command, sizeof command, "mkdir %s/tree && echo hello >%s/tree/hello.txt",
		directory, directory);
	return system(command);
}

static int end(void **state)
{
	char command[256];
	snprintf(command, sizeof command, "rm -r %s", directory);
	return system(command);
}

static void require(const char *tool)
{
	char command[256];
	snprintf(command, sizeof command, "PATH=$PATH:/usr/sbin command -v %s >/dev/null", tool);
	if (system(command) != 0) {
		print_message("skipped: %s is not installed\n", tool);
		skip();
	}
}

/* Runs the tool (%s twice: image, tree) and recognises what it has made. */
static struct image_info made_by(const char *command)
{
	char line[512], image[64], tree[64];
	struct image_info info;
	struct error error = {0};
	snprintf(image, sizeof image, "%s/image", directory);
	snprintf(tree, sizeof tree, "%s/tree", directory);
	snprintf(line, sizeof line,
		"export PATH=$PATH:/usr/sbin I=%s T=%s; rm -f $I; (%s) >/dev/null 2>&1", image,
		tree, command);
	assert_int_equal(system(line), 0);
	if (!image_probe(&file_io_posix, image, &info, &error))
		print_error("%s\n", error.sentence);
	assert_int_equal(error.code, ERROR_NONE);
	return info;
}

static void xorriso(void **state)
{
	require("xorriso");
	struct image_info info = made_by("xorriso -as mkisofs -J -V 'Real Disc' -o $I $T");
	assert_string_equal(info.file_system, "iso9660");
	assert_string_equal(info.volume_id, "Real Disc");
	assert_int_equal(info.profile, PROFILE_CD_ROM);
	assert_int_equal(info.blocks, (info.size + 2047) / 2048);
}

static void genisoimage_bridge(void **state)
{
	require("genisoimage");
	struct image_info info = made_by("genisoimage -udf -V BRIDGE -o $I $T");
	assert_string_equal(info.file_system, "iso9660+udf");
	assert_string_equal(info.volume_id, "BRIDGE");
}

static void genisoimage_without_padding(void **state)
{
	require("genisoimage");
	assert_string_equal(made_by("genisoimage -no-pad -V PLAIN -o $I $T").volume_id, "PLAIN");
}

static void mkudffs(void **state)
{
	require("mkudffs");
	struct image_info info =
		made_by("truncate -s 8M $I && mkudffs -b 2048 -m cdr -l 'UDF Only' $I || "
			"mkudffs -b 2048 -l 'UDF Only' $I");
	assert_string_equal(info.file_system, "udf");
	assert_string_equal(info.volume_id, "UDF Only");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xorriso),
		cmocka_unit_test(genisoimage_bridge),
		cmocka_unit_test(genisoimage_without_padding),
		cmocka_unit_test(mkudffs),
	};
	return cmocka_run_group_tests_name("mmc/real_images", tests, begin, end);
}
