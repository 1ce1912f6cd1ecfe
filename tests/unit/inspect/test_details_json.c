/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "inspect/details_json.h"

static struct image_details full(void)
{
	struct image_details d = {
		.file_bytes = 659554304,
		.truncated = true,
		.incomplete = true,
		.iso9660 = {.found = true,
			.rock_ridge = true,
			.joliet = 3,
			.bytes = UINT64_C(9000000000),
			.created = 1731153849,
			.modified = -1,
			.expires = DETAILS_NO_TIME,
			.effective = 0,
			.volume_id = "Debian 12.8.0 amd64 n",
			.joliet_volume_id = "Debian 12.8.0 am",
			.system_id = "LINUX",
			.volume_set_id = "SET",
			.publisher = "caf\xc3\xa9",
			.preparer = "XORRISO",
			.application = "\"quoted\""},
		.udf = {.found = true, .revision = 0x0250, .bytes = 4096, .volume_id = "UDF"},
		.partitions = {true, true, true, true, true, true},
		.boot = {.targets = BOOTS_BIOS | BOOTS_UEFI_X64 | BOOTS_MAC,
			.disk_targets = BOOTS_UEFI_ARM64,
			.file_targets = BOOTS_UEFI_IA32 | BOOTS_UEFI_ARM,
			.entries = 20,
			.kept = 2,
			.entry = {{0, 0, true, 4, 1547}, {0x77, 9, false, 65535, UINT32_MAX}}},
		.os = {OS_CERTAIN, OS_EVIDENCE_DISK_INFO, true, true, "debian12", "Debian 12",
			"12.8.0", "x86_64", "netinst"},
	};
	return d;
}

static struct image_details empty(void)
{
	struct image_details d = {0};
	d.iso9660.created = d.iso9660.modified = DETAILS_NO_TIME;
	d.iso9660.expires = d.iso9660.effective = DETAILS_NO_TIME;
	return d;
}

/* All of the structure is compared, but for padding: `back` begins as zeros in the same places. */
static void assert_round_trip(struct image_details d)
{
	struct image_details back;
	json_t *json = image_details_to_json(&d), *again;
	assert_non_null(json);
	assert_true(image_details_from_json(json, &back));
	again = image_details_to_json(&back);
	assert_true(json_equal(json, again));
	assert_int_equal(back.file_bytes, d.file_bytes);
	assert_memory_equal(
		back.iso9660.volume_id, d.iso9660.volume_id, sizeof d.iso9660.volume_id);
	assert_int_equal(back.iso9660.expires, d.iso9660.expires);
	assert_int_equal(back.iso9660.modified, d.iso9660.modified);
	assert_int_equal(back.udf.revision, d.udf.revision);
	assert_int_equal(back.boot.targets, d.boot.targets);
	assert_int_equal(back.boot.disk_targets, d.boot.disk_targets);
	assert_int_equal(back.boot.file_targets, d.boot.file_targets);
	assert_int_equal(back.boot.entries, d.boot.entries);
	for (unsigned i = 0; i < d.boot.kept; i++) {
		assert_int_equal(back.boot.entry[i].platform, d.boot.entry[i].platform);
		assert_int_equal(back.boot.entry[i].emulation, d.boot.entry[i].emulation);
		assert_int_equal(back.boot.entry[i].block, d.boot.entry[i].block);
		assert_int_equal(back.boot.entry[i].sectors, d.boot.entry[i].sectors);
		assert_int_equal(back.boot.entry[i].bootable, d.boot.entry[i].bootable);
	}
	assert_string_equal(back.os.variant, d.os.variant);
	assert_int_equal(back.os.evidence, d.os.evidence);
	json_decref(json);
	json_decref(again);
}

static void there_and_back(void **state)
{
	assert_round_trip(full());
	assert_round_trip(empty());
}

static void the_shape(void **state)
{
	struct image_details d = full();
	json_t *json = image_details_to_json(&d);
	json_t *expected = json_pack(
		"{s:I,s:b,s:b,"
		"s:{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:i,s:i,s:i,s:b,s:i},"
		"s:{s:s,s:s,s:i},s:{s:b,s:b,s:b,s:b,s:b,s:b},"
		"s:{s:[s,s,s],s:[s],s:[s,s],s:i,s:[{s:s,s:b,s:s,s:i,s:i},{s:i,s:b,s:i,s:I,s:i}]},"
		"s:{s:s,s:s,s:s,s:s,s:s,s:b,s:b,s:s,s:s}}",
		"file_bytes", (json_int_t)659554304, "truncated", 1, "incomplete", 1, "iso9660",
		"volume_id", "Debian 12.8.0 amd64 n", "joliet_volume_id", "Debian 12.8.0 am",
		"system_id", "LINUX", "volume_set_id", "SET", "publisher", "caf\xc3\xa9",
		"preparer", "XORRISO", "application", "\"quoted\"", "bytes", (json_int_t)9000000000,
		"created", 1731153849, "modified", -1, "effective", 0, "rock_ridge", 1, "joliet", 3,
		"udf", "volume_id", "UDF", "revision", "2.50", "bytes", 4096, "partitions",
		"isohybrid", 1, "mbr_boot_code", 1, "gpt", 1, "efi_system_partition", 1,
		"apple_partition_map", 1, "hfs_plus", 1, "boot", "targets", "BIOS", "UEFI x64",
		"Mac", "disk_targets", "UEFI arm64", "file_targets", "UEFI ia32", "UEFI arm",
		"entries", 20, "catalog", "platform", "bios", "bootable", 1, "emulation", "none",
		"block", 1547, "sectors", 4, "platform", 0x77, "bootable", 0, "emulation", 9,
		"block", (json_int_t)UINT32_MAX, "sectors", 65535, "os", "id", "debian12", "name",
		"Debian 12", "version", "12.8.0", "architecture", "x86_64", "variant", "netinst",
		"installer", 1, "live", 1, "confidence", "certain", "evidence", "disk-info");
	assert_non_null(expected);
	assert_true(json_equal(json, expected));
	json_decref(json);
	json_decref(expected);
	d = empty();
	json = image_details_to_json(&d);
	assert_int_equal(json_object_size(json), 1); /* file_bytes */
	json_decref(json);
}

static struct image_details parsed(const char *text)
{
	struct image_details d;
	json_t *json = json_loads(text, 0, NULL);
	assert_non_null(json);
	assert_true(image_details_from_json(json, &d));
	json_decref(json);
	return d;
}

static void wrong_types_and_unknown_members_are_passed_over(void **state)
{
	struct image_details d =
		parsed("{\"file_bytes\": \"many\", \"new\": [1], \"iso9660\": {\"volume_id\": 7, "
		       "\"joliet\": "
		       "99, \"bytes\": -5, \"created\": \"now\", \"rock_ridge\": 1}, \"udf\": [], "
		       "\"boot\": {\"targets\": [\"Toaster\", 1, \"BIOS\"], \"catalog\": [1, "
		       "{\"platform\": "
		       "\"toaster\", \"sectors\": 70000, \"block\": -1}]}, \"os\": {\"id\": \"x\", "
		       "\"confidence\": \"absolute\"}}");
	assert_int_equal(d.file_bytes, 0);
	assert_true(d.iso9660.found && !d.udf.found && !d.iso9660.rock_ridge);
	assert_string_equal(d.iso9660.volume_id, "");
	assert_int_equal(d.iso9660.joliet, 0);
	assert_int_equal(d.iso9660.bytes, 0);
	assert_true(d.iso9660.created == DETAILS_NO_TIME);
	assert_int_equal(d.boot.targets, BOOTS_BIOS);
	assert_int_equal(d.boot.kept, 1);
	assert_int_equal(d.boot.entries, 1);
	assert_int_equal(d.boot.entry[0].sectors, 0);
	assert_null(boot_platform_name(d.boot.entry[0].platform));
	assert_int_equal(d.os.confidence, OS_UNKNOWN);
	assert_string_equal(d.os.id, "");
}

static void no_more_than_there_is_room_for(void **state)
{
	struct image_details d;
	char text[1000];
	json_t *json =
		json_pack("{s:{}, s:{s:[], s:i}}", "iso9660", "boot", "catalog", "entries", 70000);
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = 0;
	json_object_set_new(json_object_get(json, "iso9660"), "publisher", json_string(text));
	json_t *catalog = json_object_get(json_object_get(json, "boot"), "catalog");
	for (unsigned i = 0; i < 100; i++)
		json_array_append_new(catalog, json_object());
	assert_true(image_details_from_json(json, &d));
	assert_int_equal(strlen(d.iso9660.publisher), DETAILS_TEXT - 1);
	assert_int_equal(d.boot.kept, DETAILS_BOOT_ENTRIES);
	assert_int_equal(d.boot.entries, DETAILS_BOOT_ENTRIES);
	json_decref(json);
}

static void what_is_no_object(void **state)
{
	struct image_details d;
	json_t *json = json_array();
	assert_false(image_details_from_json(json, &d));
	assert_false(image_details_from_json(NULL, &d));
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(the_shape),
		cmocka_unit_test(wrong_types_and_unknown_members_are_passed_over),
		cmocka_unit_test(no_more_than_there_is_room_for),
		cmocka_unit_test(what_is_no_object),
	};
	return cmocka_run_group_tests_name("inspect/details_json", tests, NULL, NULL);
}
