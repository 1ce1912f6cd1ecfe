/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "library_lab.h"

/* ---- the trace ------------------------------------------------------------------------------- */

enum { KEPT = 300 };

struct kept {
	struct library_trace_entry entries[KEPT];
	unsigned count, stop_after;
};

static bool keep_entry(void *context, const struct library_trace_entry *entry)
{
	struct kept *kept = context;
	assert_true(kept->count < KEPT);
	kept->entries[kept->count++] = *entry;
	return kept->count != kept->stop_after;
}

static void test_the_trace_shows_the_last_commands_oldest_first(void **state)
{
	struct lab *lab = *state;
	struct kept kept = {0};
	load(lab, "dvd0", "a", 0);
	test_unit_ready(lab, "dvd0");
	settle(lab, "dvd0");
	host_reads(lab, "dvd0", 20, 2);
	assert_true(library_trace(lab->library, "dvd0", NULL, 100, keep_entry, &kept, NULL));
	assert_string_equal(kept.entries[0].name, "TEST UNIT READY");
	assert_int_equal(kept.entries[0].status, 2);
	assert_int_equal(kept.entries[0].sense_key, 6);
	assert_int_equal(kept.entries[0].asc, 0x29);
	assert_true(kept.entries[0].sense_text[0]);
	const struct library_trace_entry *last = &kept.entries[kept.count - 1];
	assert_string_equal(last->name, "READ(10)");
	assert_string_equal(last->host, "loopback");
	assert_int_equal(last->cdb[0], 0x28);
	assert_int_equal(last->cdb_length, 10);
	assert_int_equal(last->transferred, 4096);
	assert_int_equal(last->number, kept.count);
	assert_true(last->age_s >= 0 && last->age_s < LAB_PATIENCE_S);
}

static void test_a_trace_has_a_limit(void **state)
{
	struct lab *lab = *state;
	struct kept kept = {0};
	for (unsigned i = 0; i < 10; i++)
		test_unit_ready(lab, "dvd0");
	assert_true(library_trace(lab->library, "dvd0", "", 3, keep_entry, &kept, NULL));
	assert_int_equal(kept.count, 3);
	assert_int_equal(kept.entries[0].number, 8);
	assert_int_equal(kept.entries[2].number, 10);
}

static void test_a_trace_ends_when_the_reader_has_enough(void **state)
{
	struct lab *lab = *state;
	struct kept kept = {.stop_after = 2};
	for (unsigned i = 0; i < 10; i++)
		test_unit_ready(lab, "dvd0");
	assert_true(library_trace(lab->library, "dvd0", "", 10, keep_entry, &kept, NULL));
	assert_int_equal(kept.count, 2);
}

static void test_the_trace_of_hosts_is_merged_or_picked(void **state)
{
	struct lab *lab = *state;
	struct kept merged = {0}, picked = {0}, none = {0};
	struct scsi_lu *lu = nexus_of(lab, "dvd0")->lu;
	struct scsi_nexus *other = scsi_nexus_create(lu, "other");
	struct scsi_record record = {.started_ns = 1, .cdb = {0xee}};
	test_unit_ready(lab, "dvd0");
	scsi_recorder_add(&other->recorder, &record);
	assert_true(library_trace(lab->library, "dvd0", NULL, 10, keep_entry, &merged, NULL));
	assert_true(library_trace(lab->library, "dvd0", "loopback", 10, keep_entry, &picked, NULL));
	assert_true(library_trace(lab->library, "dvd0", "nobody", 10, keep_entry, &none, NULL));
	scsi_nexus_destroy(other);
	assert_int_equal(merged.count, 2);
	assert_string_equal(merged.entries[0].host, "other");
	assert_string_equal(merged.entries[0].name, "opcode EEh");
	assert_int_equal(picked.count, 1);
	assert_int_equal(none.count, 0);
}

static void test_the_trace_of_a_drive_that_is_not_there(void **state)
{
	struct lab *lab = *state;
	struct error error = {0};
	struct kept kept = {0};
	assert_false(library_trace(lab->library, "x", NULL, 10, keep_entry, &kept, &error));
	assert_int_equal(error.code, ERROR_DRIVE_NOT_FOUND);
}

/* ---- media ----------------------------------------------------------------------------------- */

struct page {
	char ids[8][LIBRARY_ID_MAX];
	unsigned count;
	struct library_media_page read;
};

static bool keep_id(void *context, const struct library_medium *medium)
{
	struct page *page = context;
	snprintf(page->ids[page->count++], LIBRARY_ID_MAX, "%s", medium->id);
	return page->count < 8;
}

static struct page read_page(struct lab *lab, const char *after, const char *match, unsigned limit)
{
	struct page page = {0};
	struct library_media_query query = {.after = after, .match = match, .limit = limit};
	assert_true(library_media_page(lab->library, &query, keep_id, &page, &page.read, NULL));
	return page;
}

static void test_pages_of_media(void **state)
{
	struct lab *lab = *state;
	struct page page = read_page(lab, NULL, NULL, 2);
	assert_int_equal(page.count, 2);
	assert_int_equal(page.read.at_least, 3);
	assert_string_equal(page.ids[1], "b");
	assert_string_equal(page.read.next, "b");
	page = read_page(lab, page.read.next, NULL, 2);
	assert_int_equal(page.count, 1);
	assert_string_equal(page.ids[0], "c");
	assert_string_equal(page.read.next, "");
}

static void test_a_page_that_is_just_full_is_the_last(void **state)
{
	struct page page = read_page(*state, "", "", 3);
	assert_int_equal(page.count, 3);
	assert_string_equal(page.read.next, "");
}

static void test_pages_of_what_matches(void **state)
{
	struct page page = read_page(*state, "", "B.ISO", 3);
	assert_int_equal(page.count, 1);
	assert_int_equal(page.read.at_least, 1);
	assert_string_equal(page.ids[0], "b");
}

static void test_a_medium_that_is_not_there(void **state)
{
	struct lab *lab = *state;
	struct error error = {0};
	struct library_medium medium;
	assert_false(library_medium_get(lab->library, "x", &medium, &error));
	assert_int_equal(error.code, ERROR_MEDIUM_NOT_FOUND);
}

/* ---- drives ---------------------------------------------------------------------------------- */

static void test_a_drive_tells_what_its_hosts_know(void **state)
{
	struct lab *lab = *state;
	load(lab, "dvd0", "a", 0);
	settle(lab, "dvd0");
	host_reads(lab, "dvd0", 20, 1);
	struct library_drive drive = see_drive(lab, "dvd0");
	assert_int_equal(drive.host_count, 1);
	assert_string_equal(drive.hosts[0].name, "loopback");
	assert_true(drive.hosts[0].told);
	assert_true(drive.hosts[0].sees_medium);
	assert_false(drive.hosts[0].locks);
	assert_int_equal(drive.hosts[0].commands, drive.commands);
	assert_int_equal(drive.bytes_read, 2048);
	assert_int_equal(drive.inline_reads + drive.pool_reads, 1);
}

static void test_a_drive_that_is_not_there(void **state)
{
	struct lab *lab = *state;
	struct error error = {0};
	struct library_drive drive;
	assert_false(library_drive_get(lab->library, "x", &drive, &error));
	assert_int_equal(error.code, ERROR_DRIVE_NOT_FOUND);
}

static void test_health(void **state)
{
	struct lab *lab = *state;
	struct library_health health;
	library_health(lab->library, &health);
	assert_string_equal(health.version, CAROUSEL_VERSION);
	assert_true(health.ready);
	assert_int_equal(health.drives, 3);
	assert_int_equal(health.media, 3);
	assert_string_equal(health.transport, "none in this test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(test_the_trace_shows_the_last_commands_oldest_first),
		IN_LAB(test_a_trace_has_a_limit),
		IN_LAB(test_a_trace_ends_when_the_reader_has_enough),
		IN_LAB(test_the_trace_of_hosts_is_merged_or_picked),
		IN_LAB(test_the_trace_of_a_drive_that_is_not_there),
		IN_LAB(test_pages_of_media),
		IN_LAB(test_a_page_that_is_just_full_is_the_last),
		IN_LAB(test_pages_of_what_matches),
		IN_LAB(test_a_medium_that_is_not_there),
		IN_LAB(test_a_drive_tells_what_its_hosts_know),
		IN_LAB(test_a_drive_that_is_not_there),
		IN_LAB(test_health),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
