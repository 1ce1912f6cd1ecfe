/* SPDX-License-Identifier: Apache-2.0 */
/* Persistent reservations that outlive power loss, and the port numbers they are made through. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "fixture.h"
#include "util/cleanup.h"

struct record {
	unsigned found;
	size_t length;
	uint8_t bytes[64];
};

static void keep(void *context, const void *record, size_t length)
{
	struct record *ret = context;
	ret->found++;
	ret->length = length;
	assert_true(length <= sizeof ret->bytes);
	memcpy(ret->bytes, record, length);
}

static struct record saved(struct fixture *f, const char *drive)
{
	struct record record = {0};
	assert_true(catalog_reservations_find(f->catalog, drive, keep, &record, &f->error));
	return record;
}

static void the_last_record_is_found_after_a_crash(void **state)
{
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	assert_int_equal(saved(f, "dvd0").found, 0);
	assert_true(catalog_reservations_save(f->catalog, "dvd0", "one", 3, &f->error));
	assert_true(catalog_reservations_save(f->catalog, "dvd0", "second", 6, &f->error));
	assert_non_null(fixture_reopen(f));
	struct record record = saved(f, "dvd0");
	assert_int_equal(record.length, 6);
	assert_memory_equal(record.bytes, "second", 6);
}

static void a_record_of_nothing_is_none(void **state)
{
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	assert_true(catalog_reservations_save(f->catalog, "dvd0", "one", 3, &f->error));
	assert_true(catalog_reservations_save(f->catalog, "dvd0", NULL, 0, &f->error));
	assert_int_equal(saved(f, "dvd0").found, 0);
}

static void they_go_with_their_drive(void **state)
{
	struct fixture *f = *state;
	assert_false(catalog_reservations_save(f->catalog, "dvd0", "one", 3, &f->error));
	assert_int_equal(f->error.code, ERROR_DRIVE_NOT_FOUND);
	add_drive(f, "dvd0");
	assert_true(catalog_reservations_save(f->catalog, "dvd0", "one", 3, &f->error));
	assert_true(catalog_drive_remove(f->catalog, "dvd0", &f->error));
	add_drive(f, "dvd0");
	assert_int_equal(saved(f, "dvd0").found, 0);
}

/* ---- relative target port identifiers -------------------------------------------------------- */

static void put(struct fixture *f, const char *name, const char *target)
{
	_cleanup_free_ struct catalog_export *export = calloc(1, sizeof *export);
	snprintf(export->name, sizeof export->name, "%s", name);
	snprintf(export->target, sizeof export->target, "iqn.2026-01.test:%s", target);
	assert_true(catalog_export_put(f->catalog, export, "uid 0", &f->error));
}

struct wanted {
	const char *name;
	unsigned port;
};

static bool look(void *context, const struct catalog_export *export)
{
	struct wanted *wanted = context;
	if (strcmp(export->name, wanted->name) == 0)
		wanted->port = export->port;
	return true;
}

static unsigned port_of(struct fixture *f, const char *name)
{
	struct wanted wanted = {name, 0};
	assert_true(catalog_exports_list(f->catalog, look, &wanted, &f->error));
	return wanted.port;
}

static void an_export_has_a_port_of_its_own_and_keeps_it(void **state)
{
	struct fixture *f = *state;
	put(f, "b", "b");
	put(f, "a", "a");
	assert_int_equal(port_of(f, "b"), 2); /* 1 is the loopback */
	assert_int_equal(port_of(f, "a"), 3);
	put(f, "b", "other");
	assert_non_null(fixture_reopen(f));
	assert_int_equal(port_of(f, "b"), 2);
}

static void a_port_is_never_anothers(void **state)
{
	struct fixture *f = *state;
	put(f, "a", "a");
	put(f, "b", "b");
	assert_true(catalog_export_remove(f->catalog, "b", "uid 0", &f->error));
	put(f, "c", "c");
	assert_int_equal(port_of(f, "c"), 4);
	put(f, "b", "b");
	assert_int_equal(port_of(f, "b"), 3);
}

static void when_no_number_is_left_it_is_said(void **state)
{
	struct fixture *f = *state;
	put(f, "a", "a");
	fixture_sql(f, "UPDATE export_ports SET port = 65535");
	_cleanup_free_ struct catalog_export *export = calloc(1, sizeof *export);
	strcpy(export->name, "b");
	strcpy(export->target, "iqn.2026-01.test:b");
	assert_false(catalog_export_put(f->catalog, export, "uid 0", &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
	assert_int_equal(port_of(f, "b"), 0);
	put(f, "a", "a");
}

static void exports_of_before_get_one(void **state)
{
	struct fixture *f = *state;
	fixture_make_schema(f, 3);
	fixture_sql(f, "INSERT INTO exports VALUES ('z', 'iqn.z', '', '', '', '', 1), "
		       "('y', 'iqn.y', '', '', '', '', 1)");
	assert_non_null(fixture_reopen(f));
	assert_int_equal(port_of(f, "y"), 2);
	assert_int_equal(port_of(f, "z"), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_last_record_is_found_after_a_crash),
		TEST(a_record_of_nothing_is_none),
		TEST(they_go_with_their_drive),
		TEST(an_export_has_a_port_of_its_own_and_keeps_it),
		TEST(a_port_is_never_anothers),
		TEST(when_no_number_is_left_it_is_said),
		TEST(exports_of_before_get_one),
	};
	return cmocka_run_group_tests_name("catalog/reservations", tests, NULL, NULL);
}
