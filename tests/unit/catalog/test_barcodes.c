/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <limits.h>

#include "fixture.h"

static unsigned last(struct fixture *f, const char *prefix, const char *suffix)
{
	unsigned highest = UINT_MAX;
	assert_true(catalog_barcode_last(f->catalog, prefix, suffix, &highest, &f->error));
	return highest;
}

static void a_barcode_is_capital_letters_and_digits(void **state)
{
	assert_true(catalog_barcode_valid("ARC001L8"));
	assert_true(catalog_barcode_valid("0"));
	assert_true(catalog_barcode_valid("Z"));
	assert_false(catalog_barcode_valid(""));
	assert_false(catalog_barcode_valid("arc001l8"));
	assert_false(catalog_barcode_valid("ARC 01L8"));
	assert_false(catalog_barcode_valid("ARC-01L8"));
	assert_false(catalog_barcode_valid("ARC001L8\n"));
	assert_false(catalog_barcode_valid("\xc3\x84RC01L8"));
}

static void a_barcode_has_at_most_32_characters(void **state)
{
	assert_true(catalog_barcode_valid("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"));
	assert_false(catalog_barcode_valid("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456"));
}

static void numbering_begins_where_nothing_is(void **state)
{
	assert_int_equal(last(*state, "ARC", "L8"), 0);
	assert_int_equal(last(*state, "", ""), 0);
}

static void the_highest_number_is_found(void **state)
{
	add_tape(*state, "ARC017L8");
	add_tape(*state, "ARC002L8");
	assert_int_equal(last(*state, "ARC", "L8"), 17);
}

static void numbers_are_compared_as_numbers(void **state)
{
	add_tape(*state, "ARC9L8");
	add_tape(*state, "ARC10L8");
	add_tape(*state, "ARC00011L8");
	assert_int_equal(last(*state, "ARC", "L8"), 11);
}

static void what_only_looks_alike_is_not_counted(void **state)
{
	add_tape(*state, "ARC001L8");
	add_tape(*state, "ARC099L9");
	add_tape(*state, "ARC0X9L8");
	add_tape(*state, "ARCHL8");
	add_tape(*state, "ARCL8");
	add_tape(*state, "ARD050L8");
	add_tape(*state, "AARC60L8");
	add_tape(*state, "ARC70L8L8X");
	assert_int_equal(last(*state, "ARC", "L8"), 1);
	assert_int_equal(last(*state, "ARC", "L9"), 99);
}

static void prefix_and_suffix_may_be_missing_or_end_in_digits(void **state)
{
	add_tape(*state, "000123");
	add_tape(*state, "ARC204");
	assert_int_equal(last(*state, "", ""), 123);
	assert_int_equal(last(*state, "ARC", ""), 204);
	assert_int_equal(last(*state, "ARC2", ""), 4);
	assert_int_equal(last(*state, "ARC", "4"), 20);
	assert_int_equal(last(*state, "ARC204", ""), 0);
}

static void media_without_barcode_are_not_numbered(void **state)
{
	add_medium(*state, "5", "/srv/5.iso");
	assert_int_equal(last(*state, "", ""), 0);
}

static void a_number_that_cannot_be_told_is_refused(void **state)
{
	struct fixture *f = *state;
	unsigned highest = 5;
	add_tape(f, "ARC4294967295L8");
	assert_int_equal(last(f, "ARC", "L8"), UINT_MAX);
	add_tape(f, "ARC4294967296L8");
	assert_false(catalog_barcode_last(f->catalog, "ARC", "L8", &highest, &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
	add_tape(f, "BIG99999999999999999999999999L8");
	f->error.code = ERROR_NONE;
	assert_false(catalog_barcode_last(f->catalog, "BIG", "L8", &highest, &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
	assert_int_equal(highest, 5);
}

static void a_prefix_that_no_barcode_has_is_refused(void **state)
{
	struct fixture *f = *state;
	unsigned highest = 5;
	assert_false(catalog_barcode_last(f->catalog, "arc", "L8", &highest, &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
	f->error.code = ERROR_NONE;
	assert_false(catalog_barcode_last(f->catalog, "ARC", "L%", &highest, &f->error));
	assert_int_equal(f->error.code, ERROR_INVALID);
	assert_int_equal(highest, 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_barcode_is_capital_letters_and_digits),
		TEST(a_barcode_has_at_most_32_characters),
		TEST(numbering_begins_where_nothing_is),
		TEST(the_highest_number_is_found),
		TEST(numbers_are_compared_as_numbers),
		TEST(what_only_looks_alike_is_not_counted),
		TEST(prefix_and_suffix_may_be_missing_or_end_in_digits),
		TEST(media_without_barcode_are_not_numbered),
		TEST(a_number_that_cannot_be_told_is_refused),
		TEST(a_prefix_that_no_barcode_has_is_refused),
	};
	return cmocka_run_group_tests_name("catalog/barcodes", tests, NULL, NULL);
}
