/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "memory.h"
#include "pdu.h"

static void luns_go_there_and_back(void **state)
{
	static const uint16_t luns[] = {0, 1, 255, 256, 16383};
	uint8_t bhs[BHS_LENGTH] = {0};
	for (size_t i = 0; i < sizeof luns / sizeof luns[0]; i++) {
		pdu_put_lun(bhs + BHS_LUN, luns[i]);
		assert_int_equal(pdu_lun(bhs), luns[i]);
	}
}

static void other_kinds_of_lun_are_none(void **state)
{
	static const uint8_t others[][8] = {
		{0x01, 0x00},       /* another bus */
		{0x80, 0x00},       /* logical unit addressing */
		{0xc1, 0x01},       /* well known */
		{0x00, 0x01, 0, 1}, /* a second level */
		{0, 0, 0, 0, 0, 0, 0, 1},
	};
	uint8_t bhs[BHS_LENGTH] = {0};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		memcpy(bhs + BHS_LUN, others[i], 8);
		assert_int_equal(pdu_lun(bhs), -1);
	}
}

static void numbers_wrap_around(void **state)
{
	assert_true(serial_before(1, 2));
	assert_false(serial_before(2, 2));
	assert_true(serial_before(0xffffffff, 0));
	assert_false(serial_before(0, 0xffffffff));
}

static void segments_are_padded_to_four(void **state)
{
	assert_int_equal(pdu_padding(0), 0);
	assert_int_equal(pdu_padding(1), 3);
	assert_int_equal(pdu_padding(4), 0);
	assert_int_equal(pdu_padding(0xffffff), 1);
}

static void a_budget_is_kept(void **state)
{
	struct budget budget = {.limit = 100};
	assert_true(budget_take(&budget, 60, 100, false));
	assert_false(budget_take(&budget, 41, 100, false));
	assert_false(budget_take(&budget, 40, 99, false)); /* a share */
	assert_true(budget_take(&budget, 40, 100, false));
	assert_true(budget_take(&budget, 1000, 100, true));
	assert_false(budget_take(&budget, 1, 100, false));
	budget_give(&budget, 1100);
	assert_int_equal(budget.used, 0);
}

static void a_buffer_is_used_again(void **state)
{
	struct buffer_pool pool = {0};
	void *first = buffer_take(&pool, 5000), *other = buffer_take(&pool, 100);
	buffer_give(&pool, first, 5000);
	assert_ptr_equal(buffer_take(&pool, 8192), first);
	buffer_give(&pool, first, 8192);
	buffer_give(&pool, other, 100);
	assert_int_equal(pool.kept, 8192 + 4096);
	void *large = buffer_take(&pool, 2 << 20);
	buffer_give(&pool, large, 2 << 20);
	assert_int_equal(pool.kept, 8192 + 4096);
	buffer_pool_finish(&pool);
	assert_int_equal(pool.kept, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(luns_go_there_and_back),
		cmocka_unit_test(other_kinds_of_lun_are_none),
		cmocka_unit_test(numbers_wrap_around),
		cmocka_unit_test(segments_are_padded_to_four),
		cmocka_unit_test(a_budget_is_kept),
		cmocka_unit_test(a_buffer_is_used_again),
	};
	return cmocka_run_group_tests_name("iscsi/pdu", tests, NULL, NULL);
}
