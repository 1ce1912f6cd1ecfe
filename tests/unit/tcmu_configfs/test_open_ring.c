/* SPDX-License-Identifier: Apache-2.0 */
/* Which ring is opened while uio devices come and go. */
#include "support.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "fake_kernel.h"
#include "open_ring.h"

#define UIO0 "sys/devices/uio0"

enum { MAP_SIZE = 4096, LAG_US = 100000 };

static struct backstore backstore;
static struct error error;

static int setup(void **state)
{
	error = (struct error){0};
	if (fake_setup(state) != 0)
		return -1;
	fake_put_ours("user_100", "dvd0", "carousel/dvd0", true);
	fake_put(UIO0 "/maps/map0/size", "0x1000");
	backstore_inspect(&fake, 100, "dvd0", &backstore);
	return 0;
}

static void make_node(void)
{
	char path[CONFIGFS_PATH_MAX];
	fake_put("dev/note", "");
	configfs_path(path, "%s/dev/new", fake.root);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(truncate(path, MAP_SIZE), 0);
	char node[CONFIGFS_PATH_MAX];
	configfs_path(node, "%s/dev/uio0", fake.root);
	assert_int_equal(rename(path, node), 0);
}

static void *make_node_late(void *name)
{
	usleep(LAG_US);
	if (name)
		fake_put(UIO0 "/name", name);
	make_node();
	return NULL;
}

static struct ring_port *open_while(char *name)
{
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, make_node_late, name), 0);
	struct ring_port *port = open_ring(&fake, &backstore, 0, &error);
	pthread_join(thread, NULL);
	return port;
}

static void a_node_that_comes_late_is_waited_for(void **state)
{
	struct ring_port *port = open_while(NULL);
	if (!port)
		fail_msg("%s", error.sentence);
	port->ops->close(port);
}

/* Between its name and its node: what is served then would be another program's disk. */
static void the_ring_of_another_device_with_the_same_number_is_not_taken(void **state)
{
	char other[] = "tcm-user/9/disk/qcow/disk.qcow2";
	struct ring_port *port = open_while(other);
	bool taken = port;
	if (port)
		port->ops->close(port);
	assert_false(taken);
	assert_int_equal(error.code, ERROR_KERNEL_TARGET);
	assert_true(error.remedy[0]);
}

static void one_that_is_not_there_is_told(void **state)
{
	backstore_inspect(&fake, 100, "dvd1", &backstore);
	assert_null(open_ring(&fake, &backstore, 0, &error));
	assert_int_equal(error.code, ERROR_KERNEL_TARGET);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_node_that_comes_late_is_waited_for),
		TEST(the_ring_of_another_device_with_the_same_number_is_not_taken),
		TEST(one_that_is_not_there_is_told),
	};
	return cmocka_run_group_tests_name("tcmu/open_ring", tests, NULL, NULL);
}
