/* SPDX-License-Identifier: Apache-2.0 */
/* How the command line finds the daemon, files and terminals. */
#include "support.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli_fixture.h"

static struct ran ran;

static void make_file(const struct fixture *fixture, const char *name, char *ret, size_t size)
{
	snprintf(ret, size, "%s/%s", fixture->directory, name);
	FILE *file = fopen(ret, "w");
	assert_non_null(file);
	fclose(file);
}

static void url_and_token_come_from_the_environment(void **state)
{
	struct fixture *fixture = *state;
	char environment[256];
	snprintf(environment, sizeof environment,
		"CAROUSEL_URL=http://127.0.0.1:%u CAROUSEL_TOKEN=" TOKEN, fixture->port);
	run_bare(environment, "drive ls", &ran);
	assert_string_equal(ran.err, "");
	assert_int_equal(ran.exit, 0);
	snprintf(environment, sizeof environment,
		"CAROUSEL_URL=http://127.0.0.1:%u CAROUSEL_TOKEN=wrong", fixture->port);
	run_bare(environment, "drive ls", &ran);
	assert_string_equal(ran.err, "carousel: the token is not the right one\n"
				     "          Put the daemon's token into CAROUSEL_TOKEN.\n");
	assert_int_equal(ran.exit, 5);
}

static void the_environment_may_name_a_socket(void **state)
{
	struct fixture *fixture = *state;
	char environment[128];
	snprintf(environment, sizeof environment, "CAROUSEL_URL=unix:%s", fixture->socket_path);
	run_bare(environment, "drive ls", &ran);
	assert_string_equal(ran.err, "");
	assert_int_equal(ran.exit, 0);
}

static void the_command_line_comes_before_the_environment(void **state)
{
	run_carousel(*state, "CAROUSEL_URL=http://127.0.0.1:1", "drive ls", &ran);
	assert_int_equal(ran.exit, 0);
	run_carousel(*state, "", "--url http://127.0.0.1:1 drive ls", &ran);
	assert_int_equal(ran.exit, 2);
}

static void a_proxy_is_not_asked(void **state)
{
	struct fixture *fixture = *state;
	char environment[256];
	snprintf(environment, sizeof environment,
		"http_proxy=http://127.0.0.1:1 CAROUSEL_URL=http://127.0.0.1:%u "
		"CAROUSEL_TOKEN=" TOKEN,
		fixture->port);
	run_bare(environment, "drive ls", &ran);
	assert_int_equal(ran.exit, 0);
}

static void no_daemon_is_6(void **state)
{
	run_bare("", "--socket /nowhere/api.sock status", &ran);
	assert_string_equal(ran.err,
		"carousel: no daemon answers at /nowhere/api.sock\n"
		"          Start carouseld, or name its socket with --socket.\n");
	assert_string_equal(ran.out, "");
	assert_int_equal(ran.exit, 6);
	run_bare("", "--url http://127.0.0.1:1 status", &ran);
	assert_int_equal(ran.exit, 6);
}

static void help_about_half_a_command_is_the_list(void **state)
{
	run_bare("", "media --help", &ran);
	assert_non_null(strstr(ran.out, "media add"));
	assert_string_equal(ran.err, "");
	assert_int_equal(ran.exit, 0);
	run_bare("", "nonsense --help", &ran);
	assert_non_null(strstr(ran.err, "there is no command \"nonsense\""));
	assert_int_equal(ran.exit, 2);
}

static void a_path_that_cannot_be_followed_says_why(void **state)
{
	run_bare("", "media add /dev/null/x.iso", &ran);
	assert_non_null(strstr(ran.err, "Not a directory"));
	assert_int_equal(ran.exit, 3);
}

static void what_is_no_url_is_2(void **state)
{
	static const char *const bad[] = {"file:///etc/passwd", "\"\"", "ftp://x", "http://[x"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char arguments[64];
		snprintf(arguments, sizeof arguments, "--url %s status", bad[i]);
		run_bare("", arguments, &ran);
		assert_non_null(strstr(ran.err, "Use http://ADDRESS:PORT or unix:PATH."));
		assert_int_equal(ran.exit, 2);
	}
}

static void a_daemon_that_stops_is_6(void **state)
{
	struct fixture *fixture = *state;
	fake_library_destroy(fixture->library);
	fixture->library = fake_library_create();
	fixture_stop(fixture);
	run_carousel(fixture, "", "status", &ran);
	assert_int_equal(ran.exit, 6);
}

static void waiting_ends_with_7(void **state)
{
	struct fixture *fixture = *state;
	fake_library_hold(fixture->library, true);
	run_carousel(fixture, "", "--timeout 1 load netinst dvd1", &ran);
	assert_non_null(strstr(ran.err, "within 1 s\n          It may still be done"));
	assert_int_equal(ran.exit, 7);
	fake_library_hold(fixture->library, false);
}

static void not_ready_fails_health(void **state)
{
	struct fixture *fixture = *state;
	fake_library_set_ready(fixture->library, false);
	run_carousel(fixture, "", "health", &ran);
	assert_int_equal(ran.exit, 1);
	run_carousel(fixture, "", "status", &ran);
	assert_non_null(strstr(ran.out, ": NOT READY, "));
	assert_int_equal(ran.exit, 0);
}

static void nothing_to_eject_is_no_failure(void **state)
{
	run_carousel(*state, "", "eject dvd0", &ran);
	run_carousel(*state, "", "eject", &ran);
	assert_string_equal(ran.err, "carousel: drive dvd2 is locked by loopback\n"
				     "          Unmount it there, or use force.\n");
	assert_int_equal(ran.exit, 4);
	run_carousel(*state, "", "eject --force", &ran);
	assert_string_equal(ran.err, "dvd2 is empty\n");
	run_carousel(*state, "", "eject", &ran);
	assert_string_equal(ran.err, "every drive is empty\n");
	assert_int_equal(ran.exit, 0);
}

/* ---- files --------------------------------------------------------------------------------- */

static void loading_a_file_adds_it_once(void **state)
{
	struct fixture *fixture = *state;
	char path[64], arguments[128], expected[256];
	make_file(fixture, "fresh.iso", path, sizeof path);
	snprintf(arguments, sizeof arguments, "load %s dvd1", path);
	run_carousel(fixture, "", arguments, &ran);
	assert_string_equal(
		ran.err, "added fresh (CD-ROM, 2.0 kB)\ndvd1 holds fresh (CD-ROM, 2.0 kB)\n");
	assert_int_equal(ran.exit, 0);
	run_carousel(fixture, "", arguments, &ran);
	assert_string_equal(ran.err, "dvd1 holds fresh (CD-ROM, 2.0 kB)\n");
	run_carousel(fixture, "", "media show fresh", &ran);
	snprintf(expected, sizeof expected, "\nfile         %s\n", path);
	assert_non_null(strstr(ran.out, expected));
	unlink(path);
}

static void a_file_here_needs_no_slash(void **state)
{
	struct fixture *fixture = *state;
	char path[64], environment[128];
	make_file(fixture, "here.iso", path, sizeof path);
	snprintf(environment, sizeof environment, "-C %s", fixture->directory);
	run_carousel(fixture, environment, "load here.iso dvd1", &ran);
	assert_int_equal(ran.exit, 0);
	assert_non_null(strstr(ran.err, "dvd1 holds here (CD-ROM"));
	unlink(path);
}

static void a_directory_is_not_loaded(void **state)
{
	run_carousel(*state, "", "load /tmp/ dvd1", &ran);
	assert_string_equal(ran.err,
		"carousel: /tmp/ is a directory\n          Give an image file, "
		"or add all of it with carousel media add.\n");
	assert_int_equal(ran.exit, 2);
}

static void adding_several_files_goes_on_after_a_failure(void **state)
{
	struct fixture *fixture = *state;
	char path[64], arguments[256];
	make_file(fixture, "new.iso", path, sizeof path);
	snprintf(arguments, sizeof arguments, "media add /nowhere.iso %s", path);
	run_carousel(fixture, "", arguments, &ran);
	assert_int_equal(ran.exit, 3);
	assert_string_equal(ran.err,
		"carousel: /nowhere.iso: there is no such file here\n          Check the path.\n"
		"in the catalog: new (CD-ROM, 2.0 kB)\n");
	unlink(path);
}

static void an_id_names_one_file(void **state)
{
	struct fixture *fixture = *state;
	char path[64], arguments[256];
	make_file(fixture, "one.iso", path, sizeof path);
	snprintf(arguments, sizeof arguments, "media add %s --id mine", path);
	run_carousel(fixture, "", arguments, &ran);
	assert_string_equal(ran.err, "in the catalog: mine (CD-ROM, 2.0 kB)\n");
	run_carousel(fixture, "", "media add a b --id mine", &ran);
	assert_int_equal(ran.exit, 2);
	unlink(path);
}

static void a_file_that_is_known_is_no_failure(void **state)
{
	struct fixture *fixture = *state;
	char path[64], arguments[256];
	make_file(fixture, "twice.iso", path, sizeof path);
	snprintf(arguments, sizeof arguments, "media add %s %s", path, path);
	run_carousel(fixture, "", arguments, &ran);
	assert_string_equal(ran.err, "in the catalog: twice (CD-ROM, 2.0 kB)\n"
				     "in the catalog: twice (CD-ROM, 2.0 kB)\n");
	assert_int_equal(ran.exit, 0);
	unlink(path);
}

/* ---- streams ------------------------------------------------------------------------------- */

static void json_is_the_apis(void **state)
{
	run_carousel(*state, "", "media ls -o json", &ran);
	json_t *media = json_loads(ran.out, 0, NULL);
	assert_int_equal(json_array_size(media), 4);
	json_decref(media);
	assert_string_equal(ran.err, "");
}

static void names_do_not_drive_the_terminal(void **state)
{
	run_carousel(*state, "", "media ls odd", &ran);
	assert_non_null(strstr(ran.out, "bell? caf\xef\xbf\xbd"));
	assert_null(strchr(ran.out, '\a'));
	run_carousel(*state, "", "media show \"$(printf 'x\\033[2Jy')\"", &ran);
	assert_null(strchr(ran.err, '\033'));
	assert_int_equal(ran.exit, 3);
}

static void a_full_disk_is_not_silent(void **state)
{
	struct fixture *fixture = *state;
	char line[256];
	snprintf(line, sizeof line, CAROUSEL_BINARY " --socket %s status >/dev/full 2>/dev/null",
		fixture->socket_path);
	assert_int_equal(WEXITSTATUS(system(line)), 1);
}

#define CLI_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLI_TEST(url_and_token_come_from_the_environment),
		CLI_TEST(the_environment_may_name_a_socket),
		CLI_TEST(the_command_line_comes_before_the_environment),
		CLI_TEST(a_proxy_is_not_asked),
		CLI_TEST(no_daemon_is_6),
		CLI_TEST(what_is_no_url_is_2),
		CLI_TEST(help_about_half_a_command_is_the_list),
		CLI_TEST(a_path_that_cannot_be_followed_says_why),
		CLI_TEST(a_daemon_that_stops_is_6),
		CLI_TEST(waiting_ends_with_7),
		CLI_TEST(not_ready_fails_health),
		CLI_TEST(nothing_to_eject_is_no_failure),
		CLI_TEST(loading_a_file_adds_it_once),
		CLI_TEST(a_file_here_needs_no_slash),
		CLI_TEST(a_directory_is_not_loaded),
		CLI_TEST(adding_several_files_goes_on_after_a_failure),
		CLI_TEST(an_id_names_one_file),
		CLI_TEST(a_file_that_is_known_is_no_failure),
		CLI_TEST(json_is_the_apis),
		CLI_TEST(names_do_not_drive_the_terminal),
		CLI_TEST(a_full_disk_is_not_silent),
	};
	return cmocka_run_group_tests_name("ctl/cli", tests, NULL, NULL);
}
