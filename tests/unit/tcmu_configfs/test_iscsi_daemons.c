/* SPDX-License-Identifier: Apache-2.0 */
/* A target that another daemon shows: its rings are open, and open(2) says so. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>

#include "iscsi_fixture.h"

static unsigned busy; /* bit N: somebody has uioN open */

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, mode_t mode);

int __wrap_open64(const char *path, int flags, mode_t mode)
{
	const char *node = strstr(path, "/dev/uio");
	if (!node)
		return __real_open64(path, flags, mode);
	errno = busy >> (node[strlen("/dev/uio")] - '0') & 1 ? EBUSY : ENOENT;
	return -1;
}

static unsigned own; /* bit N: we do, device N */

static bool is_own(void *context, const struct backstore *backstore)
{
	return own >> (backstore->name[strlen("device")] - '0') & 1;
}

static const struct kernel_served ours = {is_own, NULL};

static int setup(void **state)
{
	busy = own = 0;
	return iscsi_setup(state);
}

static void what_we_serve_is_ours(void **state)
{
	ASSERT_SHOWS(TWO_HOSTS);
	busy = own = 7; /* its three devices */
	assert_true(kernel_target_check_daemon(&fake, TARGET, &ours, &error));
}

static void what_nobody_serves_may_be_taken(void **state)
{
	assert_true(kernel_target_check_daemon(&fake, TARGET, &ours, &error));
	ASSERT_SHOWS(TWO_HOSTS);
	assert_true(kernel_target_check_daemon(&fake, TARGET, &ours, &error));
	busy = 1 << 4; /* a device that it does not show */
	assert_true(kernel_target_check_daemon(&fake, TARGET, &ours, &error));
}

/* Two daemons with one configuration: the second would log out all hosts of the first. */
static void what_another_daemon_serves_is_its_own(void **state)
{
	ASSERT_SHOWS(TWO_HOSTS);
	fake_forget();
	for (int device = 0; device < 3; device++) {
		busy = 7;
		own = 7 & ~(1u << device);
		error = (struct error){0};
		assert_false(kernel_target_check_daemon(&fake, TARGET, &ours, &error));
		assert_int_equal(error.code, ERROR_EXISTS);
		assert_non_null(strstr(error.sentence, "another daemon"));
	}
	assert_int_equal(fake_count(), 0);
}

static void a_name_that_leads_elsewhere_is_not_followed(void **state)
{
	busy = 7;
	assert_true(kernel_target_check_daemon(&fake, "../core", &ours, &error));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_we_serve_is_ours),
		TEST(what_nobody_serves_may_be_taken),
		TEST(what_another_daemon_serves_is_its_own),
		TEST(a_name_that_leads_elsewhere_is_not_followed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
