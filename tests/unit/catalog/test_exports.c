/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fixture.h"
#include "util/cleanup.h"

static struct catalog_export *an_export(const char *name, const char *drive)
{
	struct catalog_export *export = calloc(1, sizeof *export);
	assert_non_null(export);
	snprintf(export->name, sizeof export->name, "%s", name);
	snprintf(export->target, sizeof export->target, "iqn.2026-01.test:%s", name);
	snprintf(export->luns[0].drive, sizeof export->luns[0].drive, "%s", drive);
	export->lun_count = 1;
	return export;
}

static bool put(struct fixture *f, const struct catalog_export *export)
{
	f->error = (struct error){0};
	return catalog_export_put(f->catalog, export, "uid 0", &f->error);
}

static void put_one(struct fixture *f, const char *name, const char *drive)
{
	_cleanup_free_ struct catalog_export *export = an_export(name, drive);
	assert_true(put(f, export));
}

struct found {
	unsigned count;
	char names[64];
	struct catalog_export last;
};

static bool keep(void *context, const struct catalog_export *export)
{
	struct found *found = context;
	found->count++;
	strcat(strcat(found->names, export->name), " ");
	found->last = *export;
	return true;
}

static struct found *list(struct fixture *f)
{
	struct found *found = calloc(1, sizeof *found);
	assert_non_null(found);
	assert_true(catalog_exports_list(f->catalog, keep, found, &f->error));
	return found;
}

static void every_field_comes_back_in_order(void **state)
{
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	add_drive(f, "dvd1");
	_cleanup_free_ struct catalog_export *export = an_export("backup", "dvd1");
	export->luns[0].lun = 7;
	export->luns[1] = (struct catalog_export_lun){3, "dvd0"};
	export->lun_count = 2;
	strcpy(export->initiators[0], "iqn.2026-01.test:z*");
	strcpy(export->initiators[1], "iqn.2026-01.test:a");
	export->initiator_count = 2;
	strcpy(export->networks[0], "10.0.0.0/8");
	export->network_count = 1;
	strcpy(export->chap_user, "host");
	strcpy(export->chap_secret, "a secret of a host");
	strcpy(export->mutual_user, "library");
	strcpy(export->mutual_secret, "a secret of ours");
	export->open = true;
	export->kernel = true;
	assert_true(put(f, export));
	assert_non_null(fixture_reopen(f));
	_cleanup_free_ struct found *found = list(f);
	const struct catalog_export *back = &found->last;
	assert_int_equal(found->count, 1);
	assert_string_equal(back->name, "backup");
	assert_string_equal(back->target, "iqn.2026-01.test:backup");
	assert_string_equal(back->chap_user, "host");
	assert_string_equal(back->chap_secret, "a secret of a host");
	assert_string_equal(back->mutual_user, "library");
	assert_string_equal(back->mutual_secret, "a secret of ours");
	assert_true(back->open);
	assert_true(back->kernel);
	assert_int_equal(back->lun_count, 2);
	assert_int_equal(back->luns[0].lun, 3);
	assert_string_equal(back->luns[0].drive, "dvd0");
	assert_int_equal(back->luns[1].lun, 7);
	assert_string_equal(back->luns[1].drive, "dvd1");
	assert_int_equal(back->initiator_count, 2);
	assert_string_equal(back->initiators[0], "iqn.2026-01.test:z*");
	assert_string_equal(back->initiators[1], "iqn.2026-01.test:a");
	assert_int_equal(back->network_count, 1);
	assert_string_equal(back->networks[0], "10.0.0.0/8");
}

static void a_put_replaces_all_of_it(void **state)
{
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	_cleanup_free_ struct catalog_export *export = an_export("backup", "dvd0");
	strcpy(export->initiators[0], "*");
	export->initiator_count = 1;
	assert_true(put(f, export));
	export->lun_count = export->initiator_count = 0;
	strcpy(export->target, "iqn.2026-01.test:other");
	assert_true(put(f, export));
	_cleanup_free_ struct found *found = list(f);
	assert_int_equal(found->count, 1);
	assert_string_equal(found->last.target, "iqn.2026-01.test:other");
	assert_int_equal(found->last.lun_count, 0);
	assert_int_equal(found->last.initiator_count, 0);
}

static void exports_are_listed_in_name_order(void **state)
{
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	put_one(f, "b", "dvd0");
	put_one(f, "a", "dvd0");
	_cleanup_free_ struct found *found = list(f);
	assert_string_equal(found->names, "a b ");
}

static void a_taken_target_name_is_refused(void **state)
{
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	put_one(f, "a", "dvd0");
	_cleanup_free_ struct catalog_export *export = an_export("b", "dvd0");
	strcpy(export->target, "iqn.2026-01.test:a");
	assert_false(put(f, export));
	assert_int_equal(f->error.code, ERROR_EXISTS);
	_cleanup_free_ struct found *found = list(f);
	assert_string_equal(found->names, "a ");
}

static void a_lun_that_is_given_twice_is_refused(void **state)
{
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	_cleanup_free_ struct catalog_export *export = an_export("a", "dvd0");
	export->luns[1] = export->luns[0];
	export->lun_count = 2;
	assert_false(put(f, export));
	assert_int_equal(f->error.code, ERROR_EXISTS);
}

static void a_name_that_is_none_is_refused(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ struct catalog_export *export = an_export("any", "dvd0");
	assert_false(put(f, export));
	assert_int_equal(f->error.code, ERROR_INVALID);
}

/* What was there stays: the new rows and the going of the old ones are one transaction. */
static void a_put_that_fails_changes_nothing(void **state)
{
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	put_one(f, "a", "dvd0");
	int64_t before = newest_event(f).id;
	_cleanup_free_ struct catalog_export *export = an_export("a", "dvd0");
	export->luns[1] = (struct catalog_export_lun){1, "gone"};
	export->lun_count = 2;
	assert_false(put(f, export));
	assert_int_equal(f->error.code, ERROR_DRIVE_NOT_FOUND);
	assert_non_null(strstr(f->error.sentence, "gone"));
	_cleanup_free_ struct found *found = list(f);
	assert_int_equal(found->last.lun_count, 1);
	assert_int_equal(newest_event(f).id, before);
}

static void history_tells_who_changed_an_export(void **state)
{
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	put_one(f, "a", "dvd0");
	struct catalog_event event = newest_event(f);
	assert_string_equal(event.verb, "export-put");
	assert_string_equal(event.actor, "uid 0");
	assert_string_equal(event.drive, "");
	assert_string_equal(event.subject_kind, "export");
	assert_string_equal(event.subject, "a");
	assert_true(catalog_export_remove(f->catalog, "a", "uid 7", &f->error));
	event = newest_event(f);
	assert_string_equal(event.verb, "export-remove");
	assert_string_equal(event.actor, "uid 7");
	_cleanup_free_ struct found *found = list(f);
	assert_int_equal(found->count, 0);
}

static void an_unknown_export_is_not_found(void **state)
{
	struct fixture *f = *state;
	assert_false(catalog_export_remove(f->catalog, "a", "uid 0", &f->error));
	assert_int_equal(f->error.code, ERROR_EXPORT_NOT_FOUND);
	assert_int_equal(newest_event(f).id, 0);
}

static void a_drive_that_goes_leaves_the_maps(void **state)
{
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	add_drive(f, "dvd1");
	_cleanup_free_ struct catalog_export *export = an_export("a", "dvd0");
	export->luns[1] = (struct catalog_export_lun){1, "dvd1"};
	export->lun_count = 2;
	assert_true(put(f, export));
	assert_true(catalog_drive_remove(f->catalog, "dvd0", &f->error));
	_cleanup_free_ struct found *found = list(f);
	assert_int_equal(found->last.lun_count, 1);
	assert_string_equal(found->last.luns[0].drive, "dvd1");
	assert_int_equal(found->last.luns[0].lun, 1);
}

static unsigned permissions(struct fixture *f, const char *suffix)
{
	char path[128];
	struct stat st;
	snprintf(path, sizeof path, "%s%s", f->path, suffix);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void nobody_else_reads_the_catalog_or_its_log(void **state)
{
	struct fixture *f = *state;
	add_drive(f, "dvd0");
	assert_int_equal(permissions(f, ""), 0600);
	assert_int_equal(permissions(f, "-wal"), 0600);
	assert_int_equal(permissions(f, "-shm"), 0600);
}

/* As a carouseld that knew no secrets made it. */
static void a_catalog_that_others_could_read_becomes_private(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(chmod(f->path, 0644), 0);
	assert_non_null(fixture_reopen(f));
	add_drive(f, "dvd0");
	assert_int_equal(permissions(f, ""), 0600);
	assert_int_equal(permissions(f, "-wal"), 0600);
}

static void a_catalog_from_before_exports_keeps_its_drives(void **state)
{
	struct fixture *f = *state;
	fixture_make_schema(f, 1);
	fixture_sql(
		f, "INSERT INTO drives VALUES ('dvd0', 'optical', 'dvd-rom', 'CR1', 0, 0, NULL)");
	assert_non_null(fixture_reopen(f));
	put_one(f, "a", "dvd0");
	_cleanup_free_ struct found *found = list(f);
	assert_string_equal(found->last.luns[0].drive, "dvd0");
}

static void exports_from_before_the_kernels_are_the_portals(void **state)
{
	struct fixture *f = *state;
	fixture_make_schema(f, 4);
	fixture_sql(f, "INSERT INTO exports VALUES ('a', 'iqn.2026-01.test:a', '', '', '', '', 0)");
	fixture_sql(f, "INSERT INTO export_ports VALUES ('a', 7)");
	assert_non_null(fixture_reopen(f));
	_cleanup_free_ struct found *found = list(f);
	assert_int_equal(found->count, 1);
	assert_false(found->last.kernel);
	assert_int_equal(found->last.port, 7);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_field_comes_back_in_order),
		TEST(a_put_replaces_all_of_it),
		TEST(exports_are_listed_in_name_order),
		TEST(a_taken_target_name_is_refused),
		TEST(a_lun_that_is_given_twice_is_refused),
		TEST(a_name_that_is_none_is_refused),
		TEST(a_put_that_fails_changes_nothing),
		TEST(history_tells_who_changed_an_export),
		TEST(an_unknown_export_is_not_found),
		TEST(a_drive_that_goes_leaves_the_maps),
		TEST(nobody_else_reads_the_catalog_or_its_log),
		TEST(a_catalog_from_before_exports_keeps_its_drives),
		TEST(exports_from_before_the_kernels_are_the_portals),
		TEST(a_catalog_that_others_could_read_becomes_private),
	};
	return cmocka_run_group_tests_name("catalog/exports", tests, NULL, NULL);
}
