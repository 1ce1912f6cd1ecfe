/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "util/list.h"

struct item {
	int value;
	struct list link;
};

static void nodes_come_out_in_order(void **state)
{
	struct list head;
	struct item items[3] = {{.value = 0}, {.value = 1}, {.value = 2}};
	list_init(&head);
	for (int i = 0; i < 3; i++)
		list_append(&head, &items[i].link);
	for (int i = 0; i < 3; i++)
		assert_int_equal(container_of(list_pop(&head), struct item, link)->value, i);
	assert_null(list_pop(&head));
}

static void a_removed_node_can_be_removed_again(void **state)
{
	struct list head;
	struct item item = {0};
	list_init(&head);
	list_append(&head, &item.link);
	list_remove(&item.link);
	list_remove(&item.link);
	assert_true(list_empty(&head));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_come_out_in_order),
		cmocka_unit_test(a_removed_node_can_be_removed_again),
	};
	return cmocka_run_group_tests_name("util/list", tests, NULL, NULL);
}
