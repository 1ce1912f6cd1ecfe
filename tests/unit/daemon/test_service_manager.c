/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "directory.h"
#include "service_manager.h"

static int manager;
static char heard[4096];

/* The service manager's end, at a path or, with '@', at an abstract name. */
static void listen_at(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(name);
	assert_in_range(length, 1, sizeof address.sun_path - 1);
	memcpy(address.sun_path, name, length);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(manager, (const struct sockaddr *)&address,
				 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
		0);
	setenv("NOTIFY_SOCKET", name, 1);
}

/* The next datagram; "" when there is none. */
static const char *hear(void)
{
	ssize_t length = recv(manager, heard, sizeof heard - 1, 0);
	heard[length > 0 ? length : 0] = '\0';
	return heard;
}

static int setup(void **state)
{
	manager = -1;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return directory_setup(state);
}

static int teardown(void **state)
{
	if (manager >= 0)
		close(manager);
	return directory_teardown(state);
}

static void without_a_manager_nothing_is_sent(void **state)
{
	listen_at(in_directory(state, "notify"));
	unsetenv("NOTIFY_SOCKET");
	service_manager_start();
	service_manager_tell("READY=1", NULL);
	assert_string_equal(hear(), "");
}

static void a_state_is_one_datagram(void **state)
{
	listen_at(in_directory(state, "notify"));
	service_manager_start();
	service_manager_tell("RELOADING=1", NULL);
	service_manager_tell("READY=1", "%u drives", 3u);
	service_manager_tell("", "alone");
	assert_string_equal(hear(), "RELOADING=1");
	assert_string_equal(hear(), "READY=1\nSTATUS=3 drives");
	assert_string_equal(hear(), "STATUS=alone");
	assert_string_equal(hear(), "");
}

static void an_abstract_socket_is_reached(void **state)
{
	char name[64];
	snprintf(name, sizeof name, "@carousel-test-%d", (int)getpid());
	listen_at(name);
	service_manager_start();
	service_manager_tell("READY=1", NULL);
	assert_string_equal(hear(), "READY=1");
}

static void a_name_cannot_forge_a_state(void **state)
{
	listen_at(in_directory(state, "notify"));
	service_manager_start();
	service_manager_tell("WATCHDOG=1", "file %s", "a\nMAINPID=1\r\x7f");
	assert_string_equal(hear(), "WATCHDOG=1\nSTATUS=file a?MAINPID=1??");
}

static void a_long_status_is_cut(void **state)
{
	char text[3000] = "";
	memset(text, 'x', sizeof text - 1);
	listen_at(in_directory(state, "notify"));
	service_manager_start();
	service_manager_tell("READY=1", "%s", text);
	assert_memory_equal(hear(), "READY=1\nSTATUS=xxx", 18);
	assert_in_range(strlen(heard), 1000, 1100);
}

static void programs_that_we_start_are_not_heard(void **state)
{
	listen_at(in_directory(state, "notify"));
	setenv("WATCHDOG_USEC", "3000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	service_manager_start();
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_null(getenv("WATCHDOG_USEC"));
	assert_null(getenv("WATCHDOG_PID"));
}

static void an_address_that_is_none_is_not_used(void **state)
{
	char name[300];
	memset(name, '/', sizeof name);
	name[sizeof name - 1] = '\0';
	const char *const wrong[] = {"", "/", "@", "relative", name};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		listen_at(in_directory(state, "notify"));
		setenv("NOTIFY_SOCKET", wrong[i], 1);
		service_manager_start();
		service_manager_tell("READY=1", NULL);
		assert_string_equal(hear(), "");
		close(manager);
		unlink(in_directory(state, "notify"));
	}
	manager = -1;
}

static void a_manager_that_is_gone_is_passed_over(void **state)
{
	listen_at(in_directory(state, "notify"));
	service_manager_start();
	unlink(in_directory(state, "notify"));
	service_manager_tell("READY=1", NULL);
	assert_string_equal(hear(), "");
}

static unsigned watchdog(const char *microseconds, const char *pid)
{
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", microseconds, 1);
	if (pid)
		setenv("WATCHDOG_PID", pid, 1);
	service_manager_start();
	return service_manager_watchdog_ms();
}

static void the_watchdog_is_as_long_as_was_said(void **state)
{
	char pid[32];
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	assert_int_equal(watchdog("30000000", NULL), 30000);
	assert_int_equal(watchdog("30000000", pid), 30000);
	assert_int_equal(watchdog("18446744073709551615", NULL), UINT_MAX);
}

static void a_watchdog_of_another_process_is_not_ours(void **state)
{
	assert_int_equal(watchdog("30000000", "1"), 0);
	assert_int_equal(watchdog("30000000", "x"), 0);
}

static void what_is_no_number_is_no_watchdog(void **state)
{
	const char *const wrong[] = {"", "0", "-1", "1s", "99999999999999999999999"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(watchdog(wrong[i], NULL), 0);
}

#define HERE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HERE(without_a_manager_nothing_is_sent),
		HERE(a_state_is_one_datagram),
		HERE(an_abstract_socket_is_reached),
		HERE(a_name_cannot_forge_a_state),
		HERE(a_long_status_is_cut),
		HERE(programs_that_we_start_are_not_heard),
		HERE(an_address_that_is_none_is_not_used),
		HERE(a_manager_that_is_gone_is_passed_over),
		HERE(the_watchdog_is_as_long_as_was_said),
		HERE(a_watchdog_of_another_process_is_not_ours),
		HERE(what_is_no_number_is_no_watchdog),
	};
	return cmocka_run_group_tests_name("daemon/service_manager", tests, NULL, NULL);
}
