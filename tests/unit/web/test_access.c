/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask, over which listener; and where the server agrees to listen. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "web_fixture.h"

#define BEARER "Authorization: Bearer " TOKEN "\r\n"

/* Asks over TCP with these header lines. */
static void ask_tcp(
	void **state, const char *method, const char *lines, int status, const char *code)
{
	char text[1024];
	struct reply reply;
	snprintf(text, sizeof text, "%s HTTP/1.1\r\nConnection: close\r\n%s\r\n", method, lines);
	raw_tcp(*state, text, &reply);
	assert_reply(&reply, status, code);
}

static void the_token_opens_tcp(void **state)
{
	char actor[64];
	struct fixture *fixture = *state;
	ask_tcp(state, "GET /api/v1/drives", "Host: localhost\r\n" BEARER, 200, "");
	ask_tcp(state, "DELETE /api/v1/drives/dvd0/medium", "Host: 127.0.0.1:80\r\n" BEARER, 200,
		"");
	fake_library_actor(fixture->library, actor, sizeof actor);
	assert_string_equal(actor, "token");
}

static void without_the_token_tcp_is_closed(void **state)
{
	struct reply reply;
	raw_tcp(*state, "GET /api/v1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
		&reply);
	assert_non_null(strstr(reply.text, "\r\nWWW-Authenticate: Bearer realm=\"carousel\"\r\n"));
	assert_reply(&reply, 401, "unauthorized");
}

static void almost_the_token(void **state)
{
	static const char *const wrong[] = {"", "Bearer", "Bearer ", "Basic " TOKEN, TOKEN,
		"Bearer " TOKEN "x", "Bearer a-token-of-thirty-two-character",
		"Bearer b-token-of-thirty-two-characters", "Bearer " TOKEN TOKEN};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char lines[256];
		snprintf(lines, sizeof lines, "Host: localhost\r\nAuthorization: %s\r\n", wrong[i]);
		ask_tcp(state, "GET /api/v1", lines, 401, "unauthorized");
	}
}

/* RFC 9110, 11.4: any number of spaces. */
static void the_token_behind_spaces(void **state)
{
	ask_tcp(state, "GET /api/v1", "Host: localhost\r\nAuthorization: bearer   " TOKEN "\r\n",
		200, "");
}

static void two_tokens(void **state)
{
	ask_tcp(state, "GET /api/v1", "Host: localhost\r\n" BEARER BEARER, 400, "invalid_request");
}

static void nobody_learns_what_is_there_without_a_token(void **state)
{
	ask_tcp(state, "GET /api/v1/drives/dvd0", "Host: localhost\r\n", 401, "unauthorized");
	ask_tcp(state, "GET /nothing", "Host: localhost\r\n", 401, "unauthorized");
	ask_tcp(state, "PATCH /api/v1/drives", "Host: localhost\r\n", 401, "unauthorized");
}

static void rebound_names_are_refused(void **state)
{
	static const char *const wrong[] = {"evil.example", "localhost.evil.example",
		"127.0.0.1.nip.io", "localhost:80@evil.example", "192.0.2.1", "", "[::1]x"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char lines[256];
		snprintf(lines, sizeof lines, "Host: %s\r\n" BEARER, wrong[i]);
		ask_tcp(state, "GET /api/v1", lines, 403, "forbidden");
	}
	ask_tcp(state, "GET /healthz", "Host: evil.example\r\n", 403, "forbidden");
	ask_tcp(state, "GET /api/v1", "Host: [::1]:8080\r\n" BEARER, 200, "");
}

/* The authority of the target counts, and then Host does not. */
static void a_whole_address_may_be_asked_for(void **state)
{
	struct reply reply;
	ask_tcp(state, "GET http://localhost:80/api/v1/drives/dvd0", "Host: proxy\r\n" BEARER, 200,
		"");
	ask_tcp(state, "GET HTTPS://127.0.0.1/api/v1/drives?limit=1", "Host: proxy\r\n" BEARER, 200,
		"");
	ask_tcp(state, "GET http://evil.example/api/v1/drives", "Host: localhost\r\n" BEARER, 403,
		"forbidden");
	ask_tcp(state, "GET http://localhost@evil.example/api/v1", "Host: localhost\r\n" BEARER,
		403, "forbidden");
	ask_tcp(state, "GET http:///api/v1", "Host: localhost\r\n" BEARER, 403, "forbidden");
	ask_tcp(state, "GET http://localhost", "Host: localhost\r\n" BEARER, 404, "not_found");
	ask_tcp(state, "DELETE http://localhost:80/api/v1/drives/dvd0/medium",
		"Host: other\r\nOrigin: http://other\r\n" BEARER, 403, "forbidden");
	raw_tcp(*state,
		"GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: "
		"close\r\n\r\n",
		&reply);
	assert_reply(&reply, 200, "");
}

static void pages_of_other_sites_change_nothing(void **state)
{
	const char *eject = "DELETE /api/v1/drives/dvd0/medium";
	ask_tcp(state, eject, "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n" BEARER, 403,
		"forbidden");
	ask_tcp(state, eject, "Host: localhost\r\nSec-Fetch-Site: same-site\r\n" BEARER, 403,
		"forbidden");
	ask_tcp(state, eject, "Host: localhost\r\nOrigin: https://evil.example\r\n" BEARER, 403,
		"forbidden");
	ask_tcp(state, eject, "Host: localhost\r\nOrigin: null\r\n" BEARER, 403, "forbidden");
	ask_tcp(state, "GET /api/v1", "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n" BEARER,
		200, "");
}

static void pages_of_this_server_may(void **state)
{
	const char *eject = "DELETE /api/v1/drives/dvd0/medium";
	ask_tcp(state, eject, "Host: localhost:80\r\nOrigin: http://localhost:80\r\n" BEARER, 200,
		"");
	ask_tcp(state, eject, "Host: localhost\r\nSec-Fetch-Site: same-origin\r\n" BEARER, 200, "");
	ask_tcp(state, eject, "Host: localhost\r\nSec-Fetch-Site: none\r\n" BEARER, 200, "");
}

/* ---- the unix socket ----------------------------------------------------------------------- */

/* The status that a process of this user and these groups gets. */
static int status_as(void **state, uid_t user, gid_t group, gid_t supplementary)
{
	int status;
	pid_t child = fork();
	if (!child) {
		struct reply reply;
		if (setgroups(1, &supplementary) || setresgid(group, group, group) ||
			setresuid(user, user, user))
			_exit(1);
		ask(*state, "GET", "/api/v1/status", NULL, &reply);
		_exit(reply.status / 10);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status) * 10;
}

static void only_root_and_the_group_use_the_socket(void **state)
{
	if (geteuid()) {
		print_message("skipped: changing the user needs root\n");
		skip();
	}
	assert_int_equal(status_as(state, 0, 0, 0), 200);
	assert_int_equal(status_as(state, 65534, 65534, 65534), 400); /* 403 */
	assert_int_equal(status_as(state, 65534, 54321, 65534), 200);
	assert_int_equal(status_as(state, 65534, 65534, 54321), 200);
}

static struct web *start(const struct web_config *config, struct error *error)
{
	*error = (struct error){0};
	return web_start(config, error);
}

static void the_socket_has_the_mode_that_was_asked_for(void **state)
{
	struct fixture *fixture = *state;
	struct stat st;
	struct error error;
	char path[64];
	snprintf(path, sizeof path, "%s/other.sock", fixture->directory);
	struct web_config config = {.library = fixture->library,
		.socket_path = path,
		.socket_mode = 0660,
		.socket_group = (gid_t)-1};
	struct web *web = start(&config, &error);
	assert_non_null(web);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(web_port(web), 0);
	web_stop(web);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void a_socket_in_use_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	struct error error;
	struct web_config config = {.library = fixture->library,
		.socket_path = fixture->socket_path,
		.socket_mode = 0600,
		.socket_group = (gid_t)-1};
	assert_null(start(&config, &error));
	assert_int_equal(error.code, ERROR_STATE_IN_USE);
	expect(fixture, "GET", "/healthz", NULL, 200, "");
}

static void a_stale_socket_is_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct error error;
	char keep[64];
	snprintf(keep, sizeof keep, "%s/keep", fixture->directory);
	assert_int_equal(link(fixture->socket_path, keep), 0);
	fixture_stop(fixture);
	assert_int_equal(rename(keep, fixture->socket_path), 0);
	struct web_config config = {.library = fixture->library,
		.socket_path = fixture->socket_path,
		.socket_mode = 0600,
		.socket_group = (gid_t)-1};
	fixture->web = start(&config, &error);
	assert_non_null(fixture->web);
	expect(fixture, "GET", "/healthz", NULL, 200, "");
}

static void a_file_that_is_no_socket_is_kept(void **state)
{
	struct fixture *fixture = *state;
	struct error error;
	char path[64];
	snprintf(path, sizeof path, "%s/precious", fixture->directory);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	struct web_config config = {.library = fixture->library, .socket_path = path};
	assert_null(start(&config, &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	assert_int_equal(unlink(path), 0);
}

/* ---- TCP ----------------------------------------------------------------------------------- */

static void refuse_tcp(void **state, const char *address, const char *token)
{
	struct fixture *fixture = *state;
	struct error error;
	struct web_config config = {
		.library = fixture->library, .listen_address = address, .token = token};
	assert_null(start(&config, &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	assert_true(*error.sentence && *error.remedy);
}

static void other_machines_cannot_reach_the_port(void **state)
{
	static const char *const wrong[] = {
		"0.0.0.0", "::", "192.0.2.1", "::ffff:127.0.0.1", "", "example.org", "128.0.0.1"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		refuse_tcp(state, wrong[i], TOKEN);
}

static void a_port_needs_a_token(void **state)
{
	refuse_tcp(state, "127.0.0.1", NULL);
	refuse_tcp(state, "127.0.0.1", "short");
	refuse_tcp(state, NULL, TOKEN);
}

static void a_port_that_is_taken(void **state)
{
	struct fixture *fixture = *state;
	struct error error;
	struct web_config config = {.library = fixture->library,
		.listen_address = "localhost",
		.listen_port = fixture->port,
		.token = TOKEN};
	assert_null(start(&config, &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	assert_non_null(strstr(error.sentence, "Address already in use"));
}

#define ACCESS_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ACCESS_TEST(the_token_opens_tcp),
		ACCESS_TEST(without_the_token_tcp_is_closed),
		ACCESS_TEST(almost_the_token),
		ACCESS_TEST(the_token_behind_spaces),
		ACCESS_TEST(two_tokens),
		ACCESS_TEST(nobody_learns_what_is_there_without_a_token),
		ACCESS_TEST(rebound_names_are_refused),
		ACCESS_TEST(a_whole_address_may_be_asked_for),
		ACCESS_TEST(pages_of_other_sites_change_nothing),
		ACCESS_TEST(pages_of_this_server_may),
		ACCESS_TEST(only_root_and_the_group_use_the_socket),
		ACCESS_TEST(the_socket_has_the_mode_that_was_asked_for),
		ACCESS_TEST(a_socket_in_use_is_left_alone),
		ACCESS_TEST(a_stale_socket_is_replaced),
		ACCESS_TEST(a_file_that_is_no_socket_is_kept),
		ACCESS_TEST(other_machines_cannot_reach_the_port),
		ACCESS_TEST(a_port_needs_a_token),
		ACCESS_TEST(a_port_that_is_taken),
	};
	return cmocka_run_group_tests_name("web/access", tests, NULL, NULL);
}
