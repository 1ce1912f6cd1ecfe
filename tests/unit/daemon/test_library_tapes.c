/* SPDX-License-Identifier: Apache-2.0 */
/* Tapes: made, put into drives and taken out, and what a restart does to them. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library_lab.h"
#include "util/bytes.h"

enum { BLOCK = 512 };
#define CAPACITY (UINT64_C(4) << 30)

static int tapes_setup(void **state)
{
	lab_setup(state);
	struct lab *lab = *state;
	assert_ok(tape_create(lab, "ARC", 3, CAPACITY));
	assert_ok(drive_add(lab, "lto0", "lto-8", false));
	assert_ok(drive_add(lab, "lto1", "lto-8", false));
	return 0;
}

#define WITH_TAPES(test) cmocka_unit_test_setup_teardown(test, tapes_setup, lab_teardown)

/* ---- the host ----------------------------------------------------------------------------------
 */

/* All that is pending is taken, and the drive is ready. */
static void become_ready(struct lab *lab, const char *drive)
{
	for (unsigned i = 0; i < 4; i++)
		if (test_unit_ready(lab, drive) == SENSE_NONE)
			return;
	assert_int_equal(test_unit_ready(lab, drive), SENSE_NONE);
}

static void load_ready(struct lab *lab, const char *drive, const char *tape)
{
	assert_ok(load(lab, drive, tape, 0));
	become_ready(lab, drive);
}

static struct request *host_writes(struct lab *lab, const char *drive, uint8_t fill)
{
	uint8_t block[BLOCK];
	memset(block, fill, sizeof block);
	return await(begin_send(
		lab, drive, CDB(0x0a, 0, 0, BLOCK >> 8, BLOCK & 0xff), block, sizeof block));
}

static struct request *host_reads_block(struct lab *lab, const char *drive)
{
	return host_sends(lab, drive, CDB(0x08, 0, 0, BLOCK >> 8, BLOCK & 0xff), BLOCK);
}

static void assert_reads(struct lab *lab, const char *drive, uint8_t fill)
{
	struct request *request = host_reads_block(lab, drive);
	assert_good(request);
	for (unsigned i = 0; i < BLOCK; i++)
		assert_int_equal(request->data[i], fill);
}

static void host_rewinds(struct lab *lab, const char *drive)
{
	assert_good(host_sends(lab, drive, CDB(0x01), 0));
}

static uint32_t position_of(struct lab *lab, const char *drive)
{
	struct request *request = host_sends(lab, drive, CDB(0x34), 20);
	assert_good(request);
	return get_be32(request->data + 4);
}

/* ---- making ------------------------------------------------------------------------------------
 */

static void test_numbers_go_on(void **state)
{
	struct lab *lab = *state;
	const struct library_result *result = tape_create(lab, "ARC", 2, CAPACITY);
	assert_ok(result);
	assert_true(result->created);
	assert_int_equal(result->id_count, 2);
	struct library_medium medium = see_medium(lab, "ARC005L8");
	assert_string_equal(medium.id, "arc005l8");
	assert_string_equal(medium.barcode, "ARC005L8");
	assert_string_equal(medium.kind, "tape");
	assert_string_equal(medium.medium_type, "LTO-8");
	assert_int_equal(medium.capacity, CAPACITY);
	assert_int_equal(access(medium.path, R_OK), 0);
}

static void test_a_new_tape_takes_little_room(void **state)
{
	struct lab *lab = *state;
	struct stat st;
	assert_ok(tape_create(lab, "BIG", 1, 0));
	assert_int_equal(stat(see_medium(lab, "big001l8").path, &st), 0);
	assert_in_range(st.st_blocks * 512, 1, 1 << 20);
	assert_int_equal(see_medium(lab, "big001l8").capacity, UINT64_C(12000000000000));
}

static void test_what_cannot_be_made(void **state)
{
	struct lab *lab = *state;
	assert_error(tape_create(lab, "", 1, CAPACITY), ERROR_INVALID);
	assert_error(tape_create(lab, "arc", 1, CAPACITY), ERROR_INVALID);
	assert_error(tape_create(lab, "TOOLONG", 1, CAPACITY), ERROR_INVALID);
	assert_error(tape_create(lab, "A", 0, CAPACITY), ERROR_INVALID);
	assert_error(tape_create(lab, "A", LIBRARY_TAPES_MAX + 1, CAPACITY), ERROR_INVALID);
	assert_error(tape_create(lab, "ABCDE", 10, CAPACITY), ERROR_INVALID);
	assert_error(tape_create(lab, "A", 1, 1), ERROR_INVALID);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media WHERE kind = 'tape'"), 3);
}

static void test_all_or_none_when_a_file_is_in_the_way(void **state)
{
	struct lab *lab = *state;
	char path[2 * PATH_MAX];
	snprintf(path, sizeof path, "%s/ARC005L8.tape", lab->tape_dir);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	assert_error(tape_create(lab, "ARC", 3, CAPACITY), ERROR_EXISTS);
	assert_int_equal(access(path, F_OK), 0);
	snprintf(path, sizeof path, "%s/ARC004L8.tape", lab->tape_dir);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM media WHERE kind = 'tape'"), 3);
}

static void test_no_file_stays_when_the_catalog_refuses(void **state)
{
	struct lab *lab = *state;
	char path[2 * PATH_MAX];
	lab_refuse(lab, "INSERT ON media");
	assert_error(tape_create(lab, "ARC", 2, CAPACITY), ERROR_CATALOG);
	lab_sql(lab, "DROP TRIGGER refuse");
	snprintf(path, sizeof path, "%s/ARC004L8.tape", lab->tape_dir);
	assert_int_equal(access(path, F_OK), -1);
	assert_ok(tape_create(lab, "ARC", 2, CAPACITY));
}

static void test_a_file_is_added_again(void **state)
{
	struct lab *lab = *state;
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s", see_medium(lab, "arc001l8").path);
	assert_ok(add(lab, path, ""));
	assert_int_equal(add(lab, path, "")->known, 1);
	assert_ok(forget(lab, "arc001l8"));
	assert_ok(add(lab, path, ""));
	assert_string_equal(see_medium(lab, "ARC001L8").medium_type, "LTO-8");
}

/* ---- in and out --------------------------------------------------------------------------------
 */

static void test_load_write_eject(void **state)
{
	struct lab *lab = *state;
	load_ready(lab, "lto0", "arc001l8");
	assert_good(host_writes(lab, "lto0", 7));
	struct library_drive drive = see_drive(lab, "lto0");
	assert_string_equal(drive.kind, "tape");
	assert_string_equal(drive.state, "loaded");
	assert_true(drive.has_tape && drive.tape.threaded && drive.tape.writable);
	assert_int_equal(drive.tape.position, 1);
	assert_int_equal(drive.tape.end, 1);
	assert_int_equal(drive.tape.capacity, CAPACITY);
	assert_int_equal(drive.bytes_written, BLOCK);
	assert_ok(eject(lab, "lto0", 0));
	assert_string_equal(see_drive(lab, "lto0").state, "empty");
	assert_int_equal(test_unit_ready(lab, "lto0"), SENSE_MEDIUM_NOT_PRESENT);
	assert_int_equal(see_medium(lab, "arc001l8").loads, 1);
	load_ready(lab, "lto1", "arc001l8");
	assert_reads(lab, "lto1", 7);
}

static void test_a_tape_is_in_one_place(void **state)
{
	struct lab *lab = *state;
	assert_ok(load(lab, "lto0", "arc001l8", 0));
	assert_string_equal(see_medium(lab, "arc001l8").drive, "lto0");
	assert_error(load(lab, "lto1", "arc001l8", REPLACE | FORCE), ERROR_MEDIUM_IN_USE);
	assert_error(forget(lab, "arc001l8"), ERROR_MEDIUM_IN_USE);
	assert_string_equal(see_drive(lab, "lto1").state, "empty");
	assert_ok(load(lab, "lto0", "ARC001L8", 0));
}

static void test_replace(void **state)
{
	struct lab *lab = *state;
	load_ready(lab, "lto0", "arc001l8");
	assert_good(host_writes(lab, "lto0", 1));
	assert_error(load(lab, "lto0", "arc002l8", 0), ERROR_DRIVE_FULL);
	assert_ok(load(lab, "lto0", "arc002l8", REPLACE));
	assert_int_equal(test_unit_ready(lab, "lto0"), SENSE_MEDIUM_CHANGED);
	assert_int_equal(test_unit_ready(lab, "lto0"), SENSE_NONE);
	assert_int_equal(see_drive(lab, "lto0").tape.end, 0);
	assert_string_equal(see_medium(lab, "arc001l8").drive, "");
	assert_int_equal(
		lab_number(lab, "SELECT count(*) FROM history WHERE medium = 'arc001l8' AND "
				"verb IN ('load', 'eject')"),
		2);
}

static void test_kinds_do_not_mix(void **state)
{
	struct lab *lab = *state;
	assert_error(load(lab, "lto0", "a", 0), ERROR_MEDIUM_DOES_NOT_FIT);
	assert_error(load(lab, "dvd0", "arc001l8", 0), ERROR_MEDIUM_DOES_NOT_FIT);
	assert_ok(load(lab, "any", "arc001l8", 0));
	assert_string_equal(see_medium(lab, "arc001l8").drive, "lto0");
}

static void test_a_locked_drive_is_refused_at_once(void **state)
{
	struct lab *lab = *state;
	load_ready(lab, "lto0", "arc001l8");
	host_locks(lab, "lto0", true);
	assert_error(eject(lab, "lto0", 0), ERROR_REMOVAL_PREVENTED);
	assert_error(load(lab, "lto0", "arc002l8", REPLACE), ERROR_REMOVAL_PREVENTED);
	assert_true(see_drive(lab, "lto0").locked);
	assert_ok(eject(lab, "lto0", FORCE));
}

static void test_a_host_unloads(void **state)
{
	struct lab *lab = *state;
	load_ready(lab, "lto0", "arc001l8");
	assert_good(host_writes(lab, "lto0", 3));
	assert_good(host_sends(lab, "lto0", CDB(0x1b), 0));
	assert_string_equal(see_drive(lab, "lto0").state, "unloaded");
	assert_string_equal(see_drive(lab, "lto0").medium.id, "arc001l8");
	/* Loaded again it is threaded; another one may take its place. */
	load_ready(lab, "lto0", "arc001l8");
	assert_int_equal(see_medium(lab, "arc001l8").loads, 1);
	assert_int_equal(see_drive(lab, "lto0").medium.loads, 1);
	assert_reads(lab, "lto0", 3);
	assert_good(host_sends(lab, "lto0", CDB(0x1b), 0));
	load_ready(lab, "lto0", "arc002l8");
	assert_int_equal(see_drive(lab, "lto0").tape.end, 0);
}

static void test_the_tab(void **state)
{
	struct lab *lab = *state;
	assert_ok(tape_protect(lab, "arc001l8", true));
	load_ready(lab, "lto0", "arc001l8");
	assert_sense(host_writes(lab, "lto0", 1), SENSE_WRITE_PROTECTED);
	assert_false(see_drive(lab, "lto0").tape.writable);
	assert_non_null(strstr(see_drive(lab, "lto0").tape.reason, "tab"));
	assert_error(tape_protect(lab, "arc001l8", false), ERROR_MEDIUM_IN_USE);
	assert_ok(eject(lab, "lto0", 0));
	assert_ok(tape_protect(lab, "arc001l8", false));
	load_ready(lab, "lto0", "arc001l8");
	assert_good(host_writes(lab, "lto0", 1));
	assert_error(tape_protect(lab, "a", true), ERROR_INVALID);
}

static void test_a_file_that_is_gone(void **state)
{
	struct lab *lab = *state;
	unlink(see_medium(lab, "arc001l8").path);
	assert_error(load(lab, "lto0", "arc001l8", 0), ERROR_FILE_MISSING);
	load_ready(lab, "lto0", "arc002l8");
	assert_error(load(lab, "lto0", "arc001l8", REPLACE), ERROR_FILE_MISSING);
	assert_int_equal(test_unit_ready(lab, "lto0"), SENSE_NONE);
}

static void test_another_tape_in_its_file(void **state)
{
	struct lab *lab = *state;
	struct library_medium one = see_medium(lab, "arc001l8"), two = see_medium(lab, "arc002l8");
	assert_int_equal(rename(two.path, one.path), 0);
	assert_error(load(lab, "lto0", "arc001l8", 0), ERROR_IMAGE_CHANGED);
}

static void test_a_commit_that_fails_loses_nothing(void **state)
{
	struct lab *lab = *state;
	lab_refuse(lab, "UPDATE ON drives");
	assert_error(load(lab, "lto0", "arc001l8", 0), ERROR_CATALOG);
	assert_string_equal(see_drive(lab, "lto0").state, "empty");
	lab_sql(lab, "DROP TRIGGER refuse");
	load_ready(lab, "lto0", "arc001l8");
	assert_good(host_writes(lab, "lto0", 9));
	lab_refuse(lab, "UPDATE ON drives");
	assert_error(eject(lab, "lto0", 0), ERROR_CATALOG);
	assert_string_equal(see_drive(lab, "lto0").state, "failed");
	lab_sql(lab, "DROP TRIGGER refuse");
	load_ready(lab, "lto0", "arc001l8");
	assert_string_equal(see_drive(lab, "lto0").state, "loaded");
	assert_reads(lab, "lto0", 9);
}

/* ---- restarts ----------------------------------------------------------------------------------
 */

static void write_three(struct lab *lab)
{
	load_ready(lab, "lto0", "arc001l8");
	for (uint8_t i = 0; i < 3; i++)
		assert_good(host_writes(lab, "lto0", i));
}

static void test_nobody_notices_a_clean_restart(void **state)
{
	struct lab *lab = *state;
	write_three(lab);
	host_rewinds(lab, "lto0");
	assert_reads(lab, "lto0", 0);
	lab_restart(lab);
	assert_reads(lab, "lto0", 1);
	assert_int_equal(position_of(lab, "lto0"), 2);
	assert_good(host_writes(lab, "lto0", 8));
}

static void test_what_a_host_unloaded_stays_unloaded(void **state)
{
	struct lab *lab = *state;
	write_three(lab);
	assert_good(host_sends(lab, "lto0", CDB(0x1b), 0));
	lab_restart(lab);
	assert_string_equal(see_drive(lab, "lto0").state, "unloaded");
	assert_int_equal(test_unit_ready(lab, "lto0"), SENSE_MEDIUM_NOT_PRESENT);
}

static void test_after_a_crash_it_is_as_after_power_on(void **state)
{
	struct lab *lab = *state;
	write_three(lab);
	lab_stop(lab);
	lab->config.clean = false;
	lab_start(lab);
	assert_sense(host_writes(lab, "lto0", 9), SENSE_POWER_ON);
	assert_int_equal(position_of(lab, "lto0"), 0);
	for (uint8_t i = 0; i < 3; i++)
		assert_reads(lab, "lto0", i);
	assert_sense(host_reads_block(lab, "lto0"), SENSE_END_OF_DATA);
}

static void test_a_tape_that_is_gone_at_the_start(void **state)
{
	struct lab *lab = *state;
	write_three(lab);
	char path[PATH_MAX], aside[PATH_MAX + 8];
	snprintf(path, sizeof path, "%s", see_medium(lab, "arc001l8").path);
	snprintf(aside, sizeof aside, "%s.away", path);
	bool clean = lab_stop(lab);
	assert_int_equal(rename(path, aside), 0);
	lab->config.clean = clean;
	lab_start(lab);
	assert_string_equal(see_drive(lab, "lto0").state, "failed");
	assert_int_equal(test_unit_ready(lab, "lto0"), SENSE_MEDIUM_NOT_PRESENT);
	assert_int_equal(rename(aside, path), 0);
	assert_ok(load(lab, "lto0", "arc001l8", 0));
	become_ready(lab, "lto0");
	assert_reads(lab, "lto0", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TAPES(test_numbers_go_on),
		WITH_TAPES(test_a_new_tape_takes_little_room),
		WITH_TAPES(test_what_cannot_be_made),
		WITH_TAPES(test_all_or_none_when_a_file_is_in_the_way),
		WITH_TAPES(test_no_file_stays_when_the_catalog_refuses),
		WITH_TAPES(test_a_file_is_added_again),
		WITH_TAPES(test_load_write_eject),
		WITH_TAPES(test_a_tape_is_in_one_place),
		WITH_TAPES(test_replace),
		WITH_TAPES(test_kinds_do_not_mix),
		WITH_TAPES(test_a_locked_drive_is_refused_at_once),
		WITH_TAPES(test_a_host_unloads),
		WITH_TAPES(test_the_tab),
		WITH_TAPES(test_a_file_that_is_gone),
		WITH_TAPES(test_another_tape_in_its_file),
		WITH_TAPES(test_a_commit_that_fails_loses_nothing),
		WITH_TAPES(test_nobody_notices_a_clean_restart),
		WITH_TAPES(test_what_a_host_unloaded_stays_unloaded),
		WITH_TAPES(test_after_a_crash_it_is_as_after_power_on),
		WITH_TAPES(test_a_tape_that_is_gone_at_the_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
