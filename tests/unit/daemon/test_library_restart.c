/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "library_lab.h"

static void load_and_settle(struct lab *lab)
{
	assert_ok(load(lab, "dvd0", "a", 0));
	settle(lab, "dvd0");
}

static void assert_silent(struct lab *lab)
{
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NONE);
	assert_int_equal(media_event(lab, "dvd0"), NO_CHANGE);
}

static void forget_told(struct lab *lab)
{
	char path[2 * PATH_MAX];
	snprintf(path, sizeof path, "%s/dvd0", lab->told_dir);
	assert_int_equal(unlink(path), 0);
}

static void test_nobody_notices_when_nothing_changed(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	lab_restart(lab);
	assert_silent(lab);
	assert_good(host_reads(lab, "dvd0", 20, 1));
}

static void test_a_lock_survives(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	host_locks(lab, "dvd0", true);
	lab_restart(lab);
	assert_true(see_drive(lab, "dvd0").locked);
	assert_error(eject(lab, "dvd0", 0), ERROR_REMOVAL_PREVENTED);
}

static void test_an_open_tray_survives(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	assert_good(host_eject(lab, "dvd0"));
	assert_int_equal(media_event(lab, "dvd0"), MEDIA_REMOVAL);
	lab_restart(lab);
	assert_string_equal(see_drive(lab, "dvd0").tray, "open");
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NO_MEDIUM_TRAY_OPEN);
	assert_int_equal(media_event(lab, "dvd0"), NO_CHANGE);
	assert_good(host_load(lab, "dvd0"));
	settle(lab, "dvd0");
}

static void test_an_event_nobody_asked_for_survives(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	assert_ok(eject(lab, "dvd0", 0));
	lab_restart(lab);
	assert_int_equal(media_event(lab, "dvd0"), MEDIA_REMOVAL);
}

static void test_a_missing_image_is_a_removal(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	lab_stop(lab);
	unlink(lab_path(lab, "a.iso"));
	lab_start(lab);
	assert_string_equal(see_drive(lab, "dvd0").state, "failed");
	assert_string_equal(see_drive(lab, "dvd0").medium.id, "a");
	assert_int_equal(media_event(lab, "dvd0"), MEDIA_REMOVAL);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static void test_a_changed_image_is_not_shown_in_place_of_the_old(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	lab_stop(lab);
	lab_image(lab, "a.iso", LAB_BLOCKS + 1);
	lab_start(lab);
	assert_non_null(strstr(see_drive(lab, "dvd0").failure, "not the file"));
	assert_int_equal(media_event(lab, "dvd0"), MEDIA_REMOVAL);
	assert_ok(eject(lab, "dvd0", 0));
	assert_string_equal(see_drive(lab, "dvd0").state, "empty");
	assert_ok(add(lab, lab_path(lab, "a.iso"), ""));
	assert_ok(load(lab, "dvd0", "a", 0));
	settle(lab, "dvd0");
}

static void test_another_medium_is_a_swap(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	lab_stop(lab);
	lab_sql(lab, "UPDATE drives SET medium = 'b' WHERE name = 'dvd0'");
	lab->config.dwell_ms = LAB_HOUR_MS;
	lab_start(lab);
	assert_int_equal(media_event(lab, "dvd0"), MEDIA_REMOVAL);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NO_MEDIUM_TRAY_OPEN);
	lab_pass_hours(lab, 1);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_MEDIUM_CHANGED);
	assert_int_equal(media_event(lab, "dvd0"), NEW_MEDIA);
}

static void test_without_the_record_it_is_a_new_nexus(void **state)
{
	struct lab *lab = *state;
	load_and_settle(lab);
	lab_stop(lab);
	forget_told(lab);
	lab_start(lab);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_POWER_ON);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NONE);
}

static void test_a_damaged_record_is_a_new_nexus(void **state)
{
	struct lab *lab = *state;
	char path[2 * PATH_MAX];
	load_and_settle(lab);
	lab_stop(lab);
	snprintf(path, sizeof path, "%s/dvd0", lab->told_dir);
	FILE *file = fopen(path, "r+");
	assert_non_null(file);
	for (unsigned i = 0; i < 2 * 36 * 1024; i++)
		assert_int_equal(fputc('x', file), 'x');
	assert_int_equal(fclose(file), 0);
	lab_start(lab);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_POWER_ON);
	assert_string_equal(see_drive(lab, "dvd0").state, "loaded");
}

/* Byte 2 of the error recovery page, which a host may change. */
static struct request *select_recovery(struct lab *lab, bool save, uint8_t flags)
{
	uint8_t list[20] = {[8] = 0x01, 0x0a, 0x00, 0x10};
	list[10] = flags;
	return await(begin_send(lab, "dvd0",
		CDB(0x55, save ? 0x11 : 0x10, 0, 0, 0, 0, 0, 0, sizeof list), list, sizeof list));
}

static uint8_t sense_recovery(struct lab *lab)
{
	struct request *request = host_sends(lab, "dvd0", CDB(0x5a, 8, 1, 0, 0, 0, 0, 0, 20), 20);
	assert_good(request);
	return request->data[10];
}

static void test_current_mode_pages_survive_without_being_saved(void **state)
{
	struct lab *lab = *state;
	test_unit_ready(lab, "dvd0");
	assert_good(select_recovery(lab, false, 0x20));
	lab_restart(lab);
	assert_int_equal(sense_recovery(lab), 0x20);
	lab_stop(lab);
	forget_told(lab);
	lab_start(lab);
	test_unit_ready(lab, "dvd0");
	assert_int_equal(sense_recovery(lab), 0x00);
}

static void test_mode_pages_in_the_catalog_outlive_the_record(void **state)
{
	struct lab *lab = *state;
	lab_stop(lab);
	forget_told(lab);
	lab_sql(lab, "INSERT INTO mode_pages VALUES ('dvd0', 0, x'010a20100000000000000000')");
	lab_start(lab);
	test_unit_ready(lab, "dvd0");
	assert_int_equal(sense_recovery(lab), 0x20);
}

/* The hosts' way to the same. */
static void test_saved_mode_pages_survive(void **state)
{
	struct lab *lab = *state;
	test_unit_ready(lab, "dvd0");
	struct request *request = select_recovery(lab, true, 0x20);
	assert_good(request);
	lab_stop(lab);
	forget_told(lab);
	lab_start(lab);
	test_unit_ready(lab, "dvd0");
	assert_int_equal(sense_recovery(lab), 0x20);
}

/* ---- the start ------------------------------------------------------------------------------- */

static void test_a_catalog_that_cannot_be_opened_stops_the_start(void **state)
{
	struct lab *lab = *state;
	struct error error = {0};
	lab_stop(lab);
	FILE *file = fopen(lab->catalog_path, "w");
	assert_non_null(file);
	for (unsigned i = 0; i < 4096; i++)
		fputs("no database", file);
	assert_int_equal(fclose(file), 0);
	assert_false(lab_try_start(lab, &error));
	assert_int_equal(error.code, ERROR_CATALOG_DAMAGED);
}

static void test_a_told_file_that_cannot_be_used_stops_the_start(void **state)
{
	struct lab *lab = *state;
	struct error error = {0};
	lab_stop(lab);
	lab->config.told_dir = "/nowhere";
	assert_false(lab_try_start(lab, &error));
	assert_int_equal(error.code, ERROR_PERMISSION);
	lab->config.clean = true;
	lab_stop(lab);
}

static void test_a_start_that_failed_early_was_as_clean_as_the_stop_before(void **state)
{
	struct lab *lab = *state;
	assert_true(lab_stop(lab));
	lab->config.told_dir = "/nowhere";
	lab->config.clean = true;
	assert_false(lab_try_start(lab, NULL));
	assert_true(lab_stop(lab));
	lab->config.clean = false;
	assert_false(lab_try_start(lab, NULL));
	assert_false(lab_stop(lab));
}

/* ---- seeds ----------------------------------------------------------------------------------- */

static bool seed(struct lab *lab, const struct library_seed *what, struct error *error)
{
	lab_stop(lab);
	lab->library = library_create(&lab->config, error);
	assert_non_null(lab->library);
	bool ok = library_seed_drive(lab->library, what, error);
	library_destroy(lab->library);
	lab->library = NULL;
	lab_start(lab);
	return ok;
}

static void test_a_seed_makes_a_drive_and_adds_its_medium(void **state)
{
	struct lab *lab = *state;
	struct error error = {0};
	const char *path = lab_image(lab, "seed.iso", 32);
	assert_true(seed(lab, &(struct library_seed){"new", "", false, path}, &error));
	struct library_drive drive = see_drive(lab, "new");
	assert_string_equal(drive.medium.id, "seed");
	assert_string_equal(drive.state, "loaded");
	assert_string_equal(drive.personality, "dvd-rom");
}

static void test_a_seed_changes_nothing_that_is_there(void **state)
{
	struct lab *lab = *state;
	struct error error = {0};
	assert_true(seed(lab, &(struct library_seed){"dvd0", "bd-rom", true, "a"}, &error));
	assert_string_equal(see_drive(lab, "dvd0").personality, "dvd-rom");
	assert_false(see_drive(lab, "dvd0").has_medium);
}

static void test_a_seed_that_cannot_be_is_refused(void **state)
{
	struct lab *lab = *state;
	struct error error = {0};
	assert_false(seed(lab, &(struct library_seed){"new", "tape", false, ""}, &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	assert_false(seed(lab, &(struct library_seed){"new", "", false, "nothing"}, &error));
	assert_int_equal(error.code, ERROR_MEDIUM_NOT_FOUND);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM drives"), 3);
}

static void test_a_seed_must_fit(void **state)
{
	struct lab *lab = *state;
	struct error error = {0};
	const char *path = lab_image(lab, "large.iso", 32);
	assert_int_equal(truncate(path, 1ll << 30), 0);
	assert_false(seed(lab, &(struct library_seed){"new", "cd-rom", false, path}, &error));
	assert_int_equal(error.code, ERROR_MEDIUM_DOES_NOT_FIT);
	assert_true(seed(lab, &(struct library_seed){"new", "dvd-rom", false, path}, &error));
}

/* Changes places with the page of a table that no start looks at. */
static void swap_page(struct lab *lab, uint8_t page[512])
{
	uint8_t before[512];
	lab_sql(lab, "PRAGMA wal_checkpoint(TRUNCATE)");
	int64_t size = lab_number(lab, "PRAGMA page_size");
	int64_t root = lab_number(lab, "SELECT rootpage FROM sqlite_schema WHERE name = 'unseen'");
	int fd = open(lab->catalog_path, O_RDWR | O_CLOEXEC);
	off_t at = (root - 1) * size;
	assert_int_equal(pread(fd, before, sizeof before, at), sizeof before);
	assert_int_equal(pwrite(fd, page, sizeof before, at), sizeof before);
	assert_int_equal(close(fd), 0);
	memcpy(page, before, sizeof before);
}

static void test_a_catalog_that_is_damaged_since_a_clean_stop_is_said_to_be(void **state)
{
	struct lab *lab = *state;
	struct library_health health;
	uint8_t page[512] = {0xee};
	lab_sql(lab, "CREATE TABLE unseen AS SELECT 1");
	lab->config.clean = lab_stop(lab);
	assert_true(lab->config.clean);
	swap_page(lab, page);
	lab_start(lab);
	for (unsigned i = 0; i < LAB_PATIENCE_S * 100; i++) {
		library_health(lab->library, &health);
		if (health.warning[0])
			break;
		usleep(10000);
	}
	assert_non_null(strstr(health.warning, "is damaged"));
	assert_non_null(strstr(health.warning, "backup"));

	/* After a crash it is not gone on with. */
	struct error error;
	lab_stop(lab);
	lab->config.clean = false;
	assert_null(library_create(&lab->config, &error));
	assert_int_equal(error.code, ERROR_CATALOG_DAMAGED);
	swap_page(lab, page);
	lab_start(lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(test_nobody_notices_when_nothing_changed),
		IN_LAB(test_a_lock_survives),
		IN_LAB(test_an_open_tray_survives),
		IN_LAB(test_an_event_nobody_asked_for_survives),
		IN_LAB(test_a_missing_image_is_a_removal),
		IN_LAB(test_a_changed_image_is_not_shown_in_place_of_the_old),
		IN_LAB(test_another_medium_is_a_swap),
		IN_LAB(test_without_the_record_it_is_a_new_nexus),
		IN_LAB(test_a_damaged_record_is_a_new_nexus),
		IN_LAB(test_current_mode_pages_survive_without_being_saved),
		IN_LAB(test_mode_pages_in_the_catalog_outlive_the_record),
		IN_LAB(test_saved_mode_pages_survive),
		IN_LAB(test_a_catalog_that_cannot_be_opened_stops_the_start),
		IN_LAB(test_a_told_file_that_cannot_be_used_stops_the_start),
		IN_LAB(test_a_start_that_failed_early_was_as_clean_as_the_stop_before),
		IN_LAB(test_a_seed_makes_a_drive_and_adds_its_medium),
		IN_LAB(test_a_seed_changes_nothing_that_is_there),
		IN_LAB(test_a_seed_that_cannot_be_is_refused),
		IN_LAB(test_a_seed_must_fit),
		IN_LAB(test_a_catalog_that_is_damaged_since_a_clean_stop_is_said_to_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
