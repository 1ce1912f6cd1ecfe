/* SPDX-License-Identifier: Apache-2.0 */
/* What lasts of persistent reservations: over a restart, a crash, and power loss. */
#include "support.h"

#include <stdio.h>
#include <unistd.h>

#include "library_lab.h"
#include "util/bytes.h"

enum { REGISTER = 0, RESERVE = 1, CLEAR = 3, EXCLUSIVE_ACCESS = 3, APTPL = 1, KEY = 0xa };

static struct request *out(struct lab *lab, const char *drive, uint8_t action, uint64_t key,
	uint64_t action_key, uint8_t flags)
{
	uint8_t list[24] = {[20] = flags};
	put_be64(list, key);
	put_be64(list + 8, action_key);
	return await(begin_send(lab, drive,
		CDB(0x5f, action, EXCLUSIVE_ACCESS, 0, 0, 0, 0, 0, sizeof list), list,
		sizeof list));
}

static void reserve(struct lab *lab, const char *drive, uint8_t flags)
{
	while (test_unit_ready(lab, drive) == SENSE_POWER_ON)
		;
	assert_good(out(lab, drive, REGISTER, 0, KEY, flags));
	assert_good(out(lab, drive, RESERVE, KEY, 0, 0));
}

/* Keys, and the type of the reservation. */
static void assert_reserved(struct lab *lab, const char *drive, unsigned keys, unsigned type)
{
	while (test_unit_ready(lab, drive) == SENSE_POWER_ON)
		;
	struct request *request = host_sends(lab, drive, CDB(0x5e, 0, 0, 0, 0, 0, 0, 0, 64), 64);
	assert_good(request);
	assert_int_equal(get_be32(request->data + 4), 8 * keys);
	request = host_sends(lab, drive, CDB(0x5e, 1, 0, 0, 0, 0, 0, 0, 64), 64);
	assert_good(request);
	assert_int_equal(get_be32(request->data + 4) ? request->data[21] : 0, type);
}

/* The runtime directory is gone, as after a reboot. */
static void lose_power(struct lab *lab, const char *drive)
{
	char path[2 * PATH_MAX];
	lab_stop(lab);
	snprintf(path, sizeof path, "%s/%s", lab->told_dir, drive);
	assert_int_equal(unlink(path), 0);
	lab_start(lab);
}

static void test_a_restart_keeps_all(void **state)
{
	struct lab *lab = *state;
	reserve(lab, "dvd0", 0);
	lab_restart(lab);
	assert_reserved(lab, "dvd0", 1, EXCLUSIVE_ACCESS);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM persistent_reservations"), 0);
}

static void test_power_loss_takes_what_was_not_to_last(void **state)
{
	struct lab *lab = *state;
	reserve(lab, "dvd0", 0);
	lose_power(lab, "dvd0");
	assert_reserved(lab, "dvd0", 0, 0);
}

static void test_power_loss_leaves_what_was_to_last(void **state)
{
	struct lab *lab = *state;
	reserve(lab, "dvd0", APTPL);
	lose_power(lab, "dvd0");
	assert_reserved(lab, "dvd0", 1, EXCLUSIVE_ACCESS);
	assert_good(out(lab, "dvd0", CLEAR, KEY, 0, 0));
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM persistent_reservations"), 0);
	lose_power(lab, "dvd0");
	assert_reserved(lab, "dvd0", 0, 0);
}

static void test_what_the_catalog_does_not_take_does_not_happen(void **state)
{
	struct lab *lab = *state;
	reserve(lab, "dvd0", APTPL);
	lab_refuse(lab, "UPDATE ON persistent_reservations");
	assert_sense(out(lab, "dvd0", REGISTER, KEY, 0xb, APTPL), SENSE_INTERNAL_TARGET_FAILURE);
	lab_sql(lab, "DROP TRIGGER refuse");
	assert_good(out(lab, "dvd0", REGISTER, KEY, 0xc, APTPL));
	assert_reserved(lab, "dvd0", 1, EXCLUSIVE_ACCESS);
}

/* A kill between a commit and its publication: nobody was answered, and both are possible. */
static void test_the_catalog_follows_what_hosts_know(void **state)
{
	struct lab *lab = *state;
	reserve(lab, "dvd0", APTPL);
	lab_stop(lab);
	lab_sql(lab, "DELETE FROM persistent_reservations"); /* a CLEAR that came to nothing */
	lab_start(lab);
	assert_reserved(lab, "dvd0", 1, EXCLUSIVE_ACCESS);
	lose_power(lab, "dvd0");
	assert_reserved(lab, "dvd0", 1, EXCLUSIVE_ACCESS);

	lab_stop(lab);
	lab_sql(lab, "CREATE TABLE before AS SELECT * FROM persistent_reservations");
	lab_start(lab);
	assert_good(out(lab, "dvd0", CLEAR, KEY, 0, 0));
	lab_stop(lab);
	lab_sql(lab, "INSERT INTO persistent_reservations SELECT * FROM before"); /* a REGISTER */
	lab_sql(lab, "DROP TABLE before");
	lab_start(lab);
	assert_reserved(lab, "dvd0", 0, 0);
	lose_power(lab, "dvd0");
	assert_reserved(lab, "dvd0", 0, 0);
}

static void test_a_damaged_row_registers_nobody(void **state)
{
	struct lab *lab = *state;
	reserve(lab, "dvd0", APTPL);
	lab_sql(lab, "UPDATE persistent_reservations SET record = x'0101'");
	lose_power(lab, "dvd0");
	assert_reserved(lab, "dvd0", 0, 0);
	reserve(lab, "dvd0", APTPL);
}

static void test_a_removed_drive_takes_its_own_with_it(void **state)
{
	struct lab *lab = *state;
	reserve(lab, "dvd0", APTPL);
	assert_ok(drive_remove(lab, "dvd0", 0));
	assert_ok(drive_add(lab, "dvd0", "dvd-rom", false));
	assert_reserved(lab, "dvd0", 0, 0);
}

/* A crash rewinds a tape drive and lets in nobody who was kept out. */
static void test_a_crash_of_a_tape_drive_keeps_all(void **state)
{
	struct lab *lab = *state;
	assert_ok(drive_add(lab, "lto0", "lto-8", false));
	reserve(lab, "lto0", 0);
	lab_stop(lab);
	lab->config.clean = false;
	lab_start(lab);
	assert_int_equal(test_unit_ready(lab, "lto0"), SENSE_POWER_ON);
	assert_reserved(lab, "lto0", 1, EXCLUSIVE_ACCESS);
}

static void test_a_tape_drive_keeps_what_was_to_last(void **state)
{
	struct lab *lab = *state;
	assert_ok(drive_add(lab, "lto0", "lto-8", false));
	reserve(lab, "lto0", APTPL);
	lose_power(lab, "lto0");
	assert_reserved(lab, "lto0", 1, EXCLUSIVE_ACCESS);
}

/* ---- the operator ------------------------------------------------------------------------------
 */

static void test_it_is_shown_who_reserves(void **state)
{
	struct lab *lab = *state;
	struct library_drive drive = see_drive(lab, "dvd0");
	assert_string_equal(drive.reservation.type, "");
	reserve(lab, "dvd0", APTPL);
	drive = see_drive(lab, "dvd0");
	assert_string_equal(drive.reservation.type, "exclusive access");
	assert_string_equal(drive.reservation.holder, "loopback");
	assert_int_equal(drive.reservation.key, KEY);
	assert_int_equal(drive.reservation.registrants, 1);
	assert_true(drive.reservation.lasting);
	assert_int_equal(drive.host_count, 1);
	assert_true(drive.hosts[0].reserves);
	assert_int_equal(drive.hosts[0].key, KEY);
}

static void test_a_holder_that_is_away_is_shown_by_its_port(void **state)
{
	struct lab *lab = *state;
	struct scsi_port port;
	const uint8_t isid[SCSI_ISID_LENGTH] = {0, 2, 0x3d, 0, 0, 1};
	reserve(lab, "dvd0", 0);
	scsi_port_iscsi(&port, "iqn.2001-04.com.example:gone", isid, 2);
	struct scsi_lu *lu =
		nexus_of(lab, "dvd0")->lu; /* takes a lock that comes before the lu's */
	scsi_lu_lock(lu);
	lu->persistent.rows[0].port = port;
	scsi_lu_unlock(lu);
	struct library_drive drive = see_drive(lab, "dvd0");
	assert_string_equal(
		drive.reservation.holder, "iqn.2001-04.com.example:gone,i,0x00023d000001");
	assert_false(drive.hosts[0].reserves);
}

static void test_spc_2_is_shown_too_and_released(void **state)
{
	struct lab *lab = *state;
	while (test_unit_ready(lab, "dvd0") == SENSE_POWER_ON)
		;
	assert_good(host_sends(lab, "dvd0", CDB(0x16), 0));
	struct library_drive drive = see_drive(lab, "dvd0");
	assert_string_equal(drive.reservation.type, "reserve");
	assert_string_equal(drive.reservation.holder, "loopback");
	assert_true(drive.hosts[0].reserves);
	assert_ok(take_back(lab, "dvd0"));
	assert_string_equal(see_drive(lab, "dvd0").reservation.type, "");
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_RESERVATIONS_PREEMPTED);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_NO_MEDIUM_TRAY_CLOSED);
}

static void test_an_operator_releases_for_good(void **state)
{
	struct lab *lab = *state;
	reserve(lab, "dvd0", APTPL);
	const struct library_result *result = take_back(lab, "dvd0");
	assert_ok(result);
	assert_int_equal(result->drive.reservation.registrants, 0);
	assert_int_equal(test_unit_ready(lab, "dvd0"), SENSE_RESERVATIONS_PREEMPTED);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM persistent_reservations"), 0);
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM history WHERE verb = 'release'"), 1);
	assert_ok(take_back(lab, "dvd0")); /* there is nothing any more, and nothing to tell */
	assert_int_equal(lab_number(lab, "SELECT count(*) FROM history WHERE verb = 'release'"), 1);
	lose_power(lab, "dvd0");
	assert_reserved(lab, "dvd0", 0, 0);
}

static void test_a_release_that_the_catalog_does_not_take(void **state)
{
	struct lab *lab = *state;
	reserve(lab, "dvd0", APTPL);
	lab_refuse(lab, "INSERT ON history");
	assert_error(take_back(lab, "dvd0"), ERROR_CATALOG);
	assert_reserved(lab, "dvd0", 1, EXCLUSIVE_ACCESS);
	assert_error(take_back(lab, "dvd9"), ERROR_DRIVE_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(test_a_restart_keeps_all),
		IN_LAB(test_power_loss_takes_what_was_not_to_last),
		IN_LAB(test_power_loss_leaves_what_was_to_last),
		IN_LAB(test_what_the_catalog_does_not_take_does_not_happen),
		IN_LAB(test_the_catalog_follows_what_hosts_know),
		IN_LAB(test_a_damaged_row_registers_nobody),
		IN_LAB(test_a_removed_drive_takes_its_own_with_it),
		IN_LAB(test_a_crash_of_a_tape_drive_keeps_all),
		IN_LAB(test_a_tape_drive_keeps_what_was_to_last),
		IN_LAB(test_it_is_shown_who_reserves),
		IN_LAB(test_a_holder_that_is_away_is_shown_by_its_port),
		IN_LAB(test_spc_2_is_shown_too_and_released),
		IN_LAB(test_an_operator_releases_for_good),
		IN_LAB(test_a_release_that_the_catalog_does_not_take),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
