/* SPDX-License-Identifier: Apache-2.0 */
/* The service manager hears of a daemon as long as its library does something, and no longer. */
#include "support.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "library_lab.h"
#include "service_manager.h"
#include "watchdog.h"

enum { TIMEOUT_MS = 150, LONG_MS = LAB_PATIENCE_S * 1000 };

static int manager;

static void start_manager(struct lab *lab, const char *microseconds)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(lab->directory);
	assert_in_range(length, 1, sizeof address.sun_path - sizeof "/notify");
	memcpy(address.sun_path, lab->directory, length);
	strcpy(address.sun_path + length, "/notify");
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
		bind(manager, (const struct sockaddr *)&address, (socklen_t)sizeof address), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	unsetenv("WATCHDOG_PID");
	if (microseconds)
		setenv("WATCHDOG_USEC", microseconds, 1);
	service_manager_start();
}

static bool is_heard(unsigned within_ms, const char *text)
{
	struct pollfd poller = {.fd = manager, .events = POLLIN};
	char heard[2048];
	if (poll(&poller, 1, (int)within_ms) != 1)
		return false;
	ssize_t length = recv(manager, heard, sizeof heard - 1, 0);
	assert_true(length > 0);
	heard[length] = '\0';
	assert_non_null(strstr(heard, text));
	return true;
}

static void forget_what_was_said(void)
{
	char heard[2048];
	while (recv(manager, heard, sizeof heard, MSG_DONTWAIT) > 0)
		;
}

static void an_idle_library_answers(void **state)
{
	struct lab *lab = *state;
	for (unsigned i = 0; i < 3; i++)
		assert_true(library_answers(lab->library, LONG_MS));
}

static void a_library_that_hangs_does_not_answer(void **state)
{
	struct lab *lab = *state;
	struct operation *held = begin_hold_worker(lab);
	assert_false(library_answers(lab->library, 50));
	assert_false(library_answers(lab->library, 0));
	release_worker(held);
	assert_true(library_answers(lab->library, LONG_MS));
}

static void beats_come_while_the_library_answers(void **state)
{
	struct lab *lab = *state;
	struct watchdog *watchdog;
	start_manager(lab, "150000");
	assert_true(watchdog_start(lab->library, &watchdog, NULL));
	assert_non_null(watchdog);
	for (unsigned i = 0; i < 3; i++)
		assert_true(is_heard(LONG_MS, "WATCHDOG=1\nSTATUS=3 drive(s), 0 failed; 3 media"));
	watchdog_stop(watchdog);
	forget_what_was_said();
	assert_false(is_heard(2 * TIMEOUT_MS, ""));
	close(manager);
}

static void a_library_that_hangs_is_not_covered_up(void **state)
{
	struct lab *lab = *state;
	struct watchdog *watchdog;
	start_manager(lab, "150000");
	assert_true(watchdog_start(lab->library, &watchdog, NULL));
	assert_true(is_heard(LONG_MS, "WATCHDOG=1"));
	struct operation *held = begin_hold_worker(lab);
	forget_what_was_said();
	is_heard(3 * TIMEOUT_MS, ""); /* the last that was answered, if it was not said before */
	assert_false(is_heard(3 * TIMEOUT_MS, ""));
	release_worker(held);
	assert_true(is_heard(LONG_MS, "WATCHDOG=1"));
	watchdog_stop(watchdog);
	close(manager);
}

static void without_a_watchdog_there_is_no_thread(void **state)
{
	struct lab *lab = *state;
	struct watchdog *watchdog;
	start_manager(lab, NULL);
	assert_true(watchdog_start(lab->library, &watchdog, NULL));
	assert_null(watchdog);
	watchdog_stop(watchdog);
	close(manager);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(an_idle_library_answers),
		IN_LAB(a_library_that_hangs_does_not_answer),
		IN_LAB(beats_come_while_the_library_answers),
		IN_LAB(a_library_that_hangs_is_not_covered_up),
		IN_LAB(without_a_watchdog_there_is_no_thread),
	};
	return cmocka_run_group_tests_name("daemon/library_watchdog", tests, NULL, NULL);
}
