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
	char line[2048], image[64], tree[64];
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

static enum mmc_profile pressed(const char *command)
{
	return made_by(command).profile;
}

/* Second implementations of what content is made for: two of ISO 9660, one of UDF. */
static void films_by_their_directories(void **state)
{
	require("genisoimage");
	require("xorriso");
	static const char *const makers[] = {"genisoimage -o $I $T", "genisoimage -J -r -o $I $T",
		"xorriso -as mkisofs -o $I $T"};
	for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
		char line[256];
		assert_int_equal(pressed(makers[i]), PROFILE_CD_ROM);
		snprintf(line, sizeof line, "mkdir $T/VIDEO_TS; %s; rmdir $T/VIDEO_TS", makers[i]);
		assert_int_equal(pressed(line), PROFILE_DVD_ROM);
		snprintf(line, sizeof line, "mkdir $T/BDMV; %s; rmdir $T/BDMV", makers[i]);
		assert_int_equal(pressed(line), PROFILE_BD_ROM);
	}
}

/* genisoimage writes UDF 1.02; mkudffs what it is told. */
static void udf_by_its_revision(void **state)
{
	require("genisoimage");
	require("mkudffs");
	assert_int_equal(pressed("genisoimage -udf -o $I $T"), PROFILE_DVD_ROM);
	static const struct {
		const char *options;
		enum mmc_profile profile;
	} made[] = {{"-m dvd -r 0x0102", PROFILE_DVD_ROM}, {"-m cdr -r 0x0150", PROFILE_CD_ROM},
		{"-m cdr -r 0x0201", PROFILE_CD_ROM}, {"-m bdr -r 0x0250", PROFILE_BD_ROM},
		{"-m bdr -r 0x0260", PROFILE_BD_ROM}};
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
		char line[256];
		snprintf(line, sizeof line, "truncate -s 8M $I && mkudffs -b 2048 %s -l X $I",
			made[i].options);
		assert_int_equal(pressed(line), made[i].profile);
	}
}

/*
 * The directory of the UDF volume alone: the ISO 9660 volume is taken away (its descriptor made a
 * terminator), and the revision made one that says nothing (2.01, of the volume in block 35 and in
 * the reserve).
 */
static void a_film_in_a_udf_volume_alone(void **state)
{
	require("genisoimage");
	require("python3");
	static const char hide[] =
		"python3 -c \"import sys\nd=bytearray(open(sys.argv[1],'rb').read())\n"
		"assert d[16*2048+1:16*2048+6]==b'CD001'\nd[16*2048]=255\nn=0\n"
		"for b in range(32,64):\n"
		" if d[b*2048:b*2048+2]==b'\\x06\\0':\n"
		"  d[b*2048+240:b*2048+242]=b'\\x01\\x02'\n  n+=1\n"
		"assert n\nopen(sys.argv[1],'wb').write(d)\" $I";
	char line[1024];
	snprintf(line, sizeof line, "genisoimage -udf -o $I $T && %s", hide);
	struct image_info info = made_by(line);
	assert_string_equal(info.file_system, "udf");
	assert_int_equal(info.profile, PROFILE_CD_ROM);
	snprintf(line, sizeof line,
		"mkdir $T/VIDEO_TS; genisoimage -udf -o $I $T && %s; R=$?; rmdir $T/VIDEO_TS; exit "
		"$R",
		hide);
	assert_int_equal(pressed(line), PROFILE_DVD_ROM);
	snprintf(line, sizeof line,
		"mkdir $T/BDMV; genisoimage -udf -o $I $T && %s; R=$?; rmdir $T/BDMV; exit $R",
		hide);
	assert_int_equal(pressed(line), PROFILE_BD_ROM);
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
		cmocka_unit_test(films_by_their_directories),
		cmocka_unit_test(udf_by_its_revision),
		cmocka_unit_test(a_film_in_a_udf_volume_alone),
		cmocka_unit_test(mkudffs),
	};
	return cmocka_run_group_tests_name("mmc/real_images", tests, begin, end);
}
