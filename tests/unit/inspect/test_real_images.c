/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes and boot records as common tools write them; a tool that is not there is a skip. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "fat_maker.h"
#include "image_maker.h"

static const char xorriso[] = "rm -f $I; xorriso -as mkisofs";

/* A disc for BIOS and UEFI that is a disk as well, as distributions make them. */
static void make_hybrid(const char *volume_id)
{
	maker_clear();
	maker_boot_image("efi.img", "BOOTX64.EFI", MACHINE_X64);
	maker_write(".disk/info",
		"Debian GNU/Linux 12.8.0 \"Bookworm\" - Official amd64 NETINST with firmware "
		"20241109-11:04\n");
	maker_run("head -c 4096 /dev/zero | tr '\\0' B >$T/bios.img; "
		  "head -c 512 /dev/zero | tr '\\0' M >$D/mbr");
	maker_run("%s -r -J -V '%s' -A 'AN APPLICATION' -publisher 'A PUBLISHER' "
		  "-p 'A PREPARER' -volset 'A SET' -sysid 'LINUX' --grub2-mbr $D/mbr "
		  "-b bios.img -c boot.cat -no-emul-boot -boot-load-size 4 "
		  "-eltorito-alt-boot -e efi.img -no-emul-boot -isohybrid-gpt-basdat "
		  "-append_partition 2 0xef $T/efi.img -appended_part_as_gpt "
		  "--modification-date=2024110911304200 -o $I $T",
		xorriso, volume_id);
}

static void a_hybrid_for_bios_and_uefi(void **state)
{
	maker_require("xorriso");
	make_hybrid("A HYBRID");
	struct image_details d = maker_details(NULL, NULL, NULL);
	assert_true(d.iso9660.found && d.iso9660.rock_ridge);
	assert_int_equal(d.iso9660.joliet, 3);
	assert_string_equal(d.iso9660.volume_id, "A HYBRID");
	assert_string_equal(d.iso9660.joliet_volume_id, "A HYBRID");
	assert_string_equal(d.iso9660.application, "AN APPLICATION");
	assert_string_equal(d.iso9660.publisher, "A PUBLISHER");
	assert_string_equal(d.iso9660.preparer, "A PREPARER");
	assert_string_equal(d.iso9660.volume_set_id, "A SET");
	assert_string_equal(d.iso9660.system_id, "LINUX");
	assert_int_equal(d.iso9660.modified, 1731151842);
	assert_true(d.iso9660.expires == DETAILS_NO_TIME);
	assert_true(d.partitions.isohybrid && d.partitions.mbr_boot_code && d.partitions.gpt);
	assert_true(d.partitions.efi_system_partition);
	assert_false(d.partitions.hfs_plus || d.udf.found || d.truncated || d.incomplete);
	assert_int_equal(d.boot.targets, BOOTS_BIOS | BOOTS_UEFI_X64);
	assert_int_equal(d.boot.disk_targets, BOOTS_BIOS | BOOTS_UEFI_X64);
	assert_int_equal(d.boot.file_targets, 0);
}

static void plain_discs_boot_nowhere(void **state)
{
	maker_require("xorriso");
	maker_clear();
	maker_run("%s -V PLAIN -o $I $T", xorriso);
	struct image_details d = maker_details(NULL, NULL, NULL);
	assert_true(d.iso9660.found);
	assert_int_equal(d.boot.targets, 0);
	assert_int_equal(d.boot.entries, 0);
	assert_false(d.partitions.isohybrid || d.partitions.mbr_boot_code || d.partitions.gpt);
	assert_int_equal(d.os.confidence, OS_UNKNOWN);
}

/* xorriso as a second opinion: its table of the catalog, line by line. */
static void the_catalog_is_as_xorriso_reports_it(void **state)
{
	maker_require("xorriso");
	make_hybrid("A HYBRID");
	struct image_details d = maker_details(NULL, NULL, NULL);
	assert_int_equal(d.boot.entries, 2);
	assert_int_equal(d.boot.kept, 2);
	for (unsigned i = 0; i < d.boot.kept; i++) {
		const struct boot_entry *entry = &d.boot.entry[i];
		maker_run("xorriso -indev $I -report_el_torito plain 2>/dev/null | "
			  "grep -Eq '^El Torito boot img : +%u +%s +%c +%s +0x[0-9a-f]{4} "
			  "+0x[0-9a-f]{2} "
			  "+%u +%u$'",
			i + 1, entry->platform == BOOT_PLATFORM_UEFI ? "UEFI" : "BIOS",
			entry->bootable ? 'y' : 'n',
			entry->emulation == BOOT_EMULATION_NONE ? "none" : "hd", entry->sectors,
			entry->block);
	}
}

/* Programs in the tree alone: no firmware boots the disc, but a stick with its files on it. */
static void all_processors_of_uefi(void **state)
{
	maker_require("xorriso");
	maker_clear();
	static const struct fat_program files[] = {{"BOOTX64", 0x8664}, {"BOOTIA32", 0x14c},
		{"BOOTAA64", 0xaa64}, {"BOOTARM", 0x1c2}, {"BOOTRISCV64", 0x5064},
		{"BOOTLOONGARCH64", 0x6264}};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char path[64];
		snprintf(path, sizeof path, "efi/boot/%s.efi", files[i].name);
		maker_program(path, files[i].machine);
	}
	maker_run("%s -r -o $I $T", xorriso);
	struct image_details d = maker_details(NULL, NULL, NULL);
	assert_int_equal(d.boot.targets | d.boot.disk_targets, 0);
	assert_int_equal(d.boot.file_targets, BOOTS_UEFI_X64 | BOOTS_UEFI_IA32 | BOOTS_UEFI_ARM64 |
						      BOOTS_UEFI_ARM | BOOTS_UEFI_RISCV64 |
						      BOOTS_UEFI_LOONGARCH64);
	assert_string_equal(boot_target_badge(BOOTS_UEFI_ARM64_INDEX), "UEFI arm64");
}

/* What it has is in the boot image's own file system, which is none here. */
static void a_boot_image_for_uefi_alone(void **state)
{
	maker_require("xorriso");
	maker_clear();
	maker_run("head -c 40960 /dev/zero >$T/efi.img; %s -e efi.img -no-emul-boot -o $I $T",
		xorriso);
	assert_int_equal(maker_details(NULL, NULL, NULL).boot.targets, BOOTS_UEFI);
}

static void floppy_and_hard_disk_emulation(void **state)
{
	maker_require("genisoimage");
	maker_clear();
	maker_run("head -c 1474560 /dev/zero >$T/floppy.img; "
		  "genisoimage -b floppy.img -c boot.cat -o $I $T");
	struct image_details d = maker_details(NULL, NULL, NULL);
	assert_int_equal(d.boot.kept, 1);
	assert_int_equal(d.boot.entry[0].emulation, BOOT_EMULATION_FLOPPY_1440);
	assert_true(d.boot.entry[0].bootable);
}

/* Beyond sixteen they are counted only. */
static void more_entries_than_are_kept(void **state)
{
	maker_require("xorriso");
	maker_clear();
	maker_run("for i in $(seq 20); do head -c 4096 /dev/zero >$T/b$i; done; set -- -b b1 "
		  "-no-emul-boot; for i in $(seq 2 20); do set -- \"$@\" -eltorito-alt-boot -e b$i "
		  "-no-emul-boot; done; %s \"$@\" -o $I $T",
		xorriso);
	struct image_details d = maker_details(NULL, NULL, NULL);
	assert_int_equal(d.boot.entries, 20);
	assert_int_equal(d.boot.kept, DETAILS_BOOT_ENTRIES);
	assert_int_equal(d.boot.entry[15].platform, BOOT_PLATFORM_UEFI);
}

static void a_tree_for_apple(void **state)
{
	maker_require("xorriso");
	maker_clear();
	maker_run("%s -hfsplus -o $I $T", xorriso);
	struct image_details d = maker_details(NULL, NULL, NULL);
	assert_true(d.partitions.apple_partition_map && d.partitions.hfs_plus);
}

static void a_bridge_of_iso_9660_and_udf(void **state)
{
	maker_require("genisoimage");
	maker_clear();
	maker_program("EFI/BOOT/BOOTAA64.EFI", MACHINE_ARM64);
	maker_run("genisoimage -udf -V BRIDGE -o $I $T");
	struct image_details d = maker_details(NULL, NULL, NULL);
	assert_true(d.iso9660.found && d.udf.found && !d.truncated);
	assert_int_equal(d.udf.revision, 0x0102);
	assert_string_equal(d.udf.volume_id, "BRIDGE");
	assert_int_equal(d.boot.file_targets, BOOTS_UEFI_ARM64);
}

static void an_empty_volume_of_udf(void **state)
{
	maker_require("mkudffs");
	maker_clear();
	maker_run("truncate -s 8M $I && mkudffs -b 2048 -m cdr -r 0x0201 -l 'UDF Only' $I");
	struct image_details d = maker_details(NULL, NULL, NULL);
	assert_true(d.udf.found && !d.iso9660.found && !d.truncated);
	assert_int_equal(d.udf.revision, 0x0201);
	assert_string_equal(d.udf.volume_id, "UDF Only");
}

static void a_label_of_udf_in_any_script(void **state)
{
	maker_require("mkudffs");
	char label[3 * 60 + 1] = "";
	for (unsigned i = 0; i < 60; i++)
		strcat(label, "\xe6\xbc\xa2");
	maker_clear();
	setenv("L", label, 1);
	maker_run("truncate -s 8M $I && mkudffs -b 2048 -m cdr -r 0x0201 -l \"$L\" $I");
	struct image_details d = maker_details(NULL, NULL, NULL);
	assert_string_equal(d.udf.volume_id, label);
}

/* As Windows' discs: the files are in UDF, and ISO 9660 has none (here: is no more). */
static void files_of_a_udf_volume_alone(void **state)
{
	maker_require("genisoimage");
	maker_clear();
	maker_program("efi/boot/bootx64.efi", MACHINE_X64);
	maker_write("sources/cversion.ini", "[HostBuild]\r\nMinClient=22000.1\r\n");
	maker_run("genisoimage -udf -V CCCOMA -o $I $T && "
		  "printf '\\377' | dd of=$I bs=1 seek=32768 conv=notrunc");
	struct image_details d = maker_details(NULL, NULL, NULL);
	assert_false(d.iso9660.found);
	assert_int_equal(d.boot.file_targets, BOOTS_UEFI_X64);
	assert_string_equal(d.os.id, "windows11");
}

/* Names of capitals only, without Rock Ridge and Joliet, and Joliet's alone. */
static void files_by_every_kind_of_name(void **state)
{
	maker_require("genisoimage");
	static const char *const options[] = {"", "-J", "-r", "-iso-level 4", "-J -joliet-long -r"};
	maker_clear();
	maker_program("efi/boot/bootx64.efi", MACHINE_X64);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		maker_run("rm -f $I; genisoimage %s -o $I $T", options[i]);
		assert_int_equal(maker_details(NULL, NULL, NULL).boot.file_targets, BOOTS_UEFI_X64);
	}
}

static void a_directory_of_many_blocks(void **state)
{
	maker_require("genisoimage");
	maker_clear();
	maker_run("mkdir $T/a; for i in $(seq 1500); do : >$T/a/some-long-file-name-$i; done");
	maker_program("a/efi/boot/bootx64.efi", MACHINE_X64);
	maker_run("genisoimage -udf -r -o $I $T/a");
	assert_int_equal(maker_details(NULL, NULL, NULL).boot.file_targets, BOOTS_UEFI_X64);
	maker_run("printf '\\377' | dd of=$I bs=1 seek=32768 conv=notrunc");
	struct image_details d = maker_details(NULL, NULL, NULL);
	assert_false(d.iso9660.found);
	assert_int_equal(d.boot.file_targets, BOOTS_UEFI_X64);
}

static void a_file_that_ends_too_early(void **state)
{
	maker_require("xorriso");
	make_hybrid("A HYBRID");
	maker_run("truncate -s 100000 $I");
	struct image_details d = maker_details(NULL, NULL, NULL);
	assert_true(d.truncated);
	assert_string_equal(d.iso9660.volume_id, "A HYBRID");
	assert_true(d.iso9660.bytes > d.file_bytes);
}

static void nothing_in_it(void **state)
{
	static const char *const makes[] = {": >$I", "head -c 1M /dev/zero >$I",
		"head -c 3M /dev/urandom >$I", "echo no image >$I"};
	for (size_t i = 0; i < sizeof makes / sizeof makes[0]; i++) {
		maker_run("%s", makes[i]);
		struct image_details d = maker_details("", NULL, NULL);
		assert_false(d.iso9660.found || d.udf.found || d.truncated || d.incomplete);
		assert_int_equal(d.boot.entries, 0);
		assert_int_equal(d.os.confidence, OS_UNKNOWN);
		assert_true(d.iso9660.created == DETAILS_NO_TIME);
	}
}

/*
 * A disc like Debian's netinst, with 2000 files on it: the first two windows have descriptors and
 * partition tables, the others the directories, .disk/info and the boot image for UEFI. No seek
 * through the file.
 */
static void the_usual_image_costs_little(void **state)
{
	struct maker_cost cost;
	maker_require("xorriso");
	make_hybrid("A HYBRID");
	maker_run("mkdir $T/pool; for i in $(seq 2000); do echo $i >$T/pool/package-$i.deb; done");
	maker_run("%s -r -J -V 'Debian 12.8.0 amd64 n' -b bios.img -c boot.cat -no-emul-boot "
		  "-eltorito-alt-boot -e efi.img -no-emul-boot -o $I $T",
		xorriso);
	struct image_details d = maker_details(NULL, NULL, &cost);
	assert_string_equal(d.os.id, "debian12");
	assert_int_equal(d.boot.targets, BOOTS_BIOS | BOOTS_UEFI_X64);
	print_message("%u reads, %llu bytes\n", cost.reads, (unsigned long long)cost.bytes);
	assert_in_range(cost.reads, 1, 8);
	assert_in_range(cost.bytes, 1, 8 * 32768);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hybrid_for_bios_and_uefi),
		cmocka_unit_test(plain_discs_boot_nowhere),
		cmocka_unit_test(the_catalog_is_as_xorriso_reports_it),
		cmocka_unit_test(all_processors_of_uefi),
		cmocka_unit_test(a_boot_image_for_uefi_alone),
		cmocka_unit_test(floppy_and_hard_disk_emulation),
		cmocka_unit_test(more_entries_than_are_kept),
		cmocka_unit_test(a_tree_for_apple),
		cmocka_unit_test(a_bridge_of_iso_9660_and_udf),
		cmocka_unit_test(an_empty_volume_of_udf),
		cmocka_unit_test(a_label_of_udf_in_any_script),
		cmocka_unit_test(files_of_a_udf_volume_alone),
		cmocka_unit_test(files_by_every_kind_of_name),
		cmocka_unit_test(a_directory_of_many_blocks),
		cmocka_unit_test(a_file_that_ends_too_early),
		cmocka_unit_test(nothing_in_it),
		cmocka_unit_test(the_usual_image_costs_little),
	};
	return cmocka_run_group_tests_name("inspect/real_images", tests, maker_begin, maker_end);
}
