/* SPDX-License-Identifier: Apache-2.0 */
/* TLS: what is served, how certificates are replaced while it is, and by which names. */
#include "support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certificates.h"
#include "util/cleanup.h"
#include "web_fixture.h"

#define GET(path)                                                                                  \
	"GET " path " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " TOKEN "\r\n\r\n"

enum { A_YEAR = 365 * 86400, PATIENCE_MS = 60000 };

struct lab {
	struct fixture *fixture; /* its library, its directory, its log */
	struct web *web;
	char certificate[128], key[128];
};

static unsigned count_lines(struct lab *lab, const char *text)
{
	unsigned count = 0;
	SCOPED_LOCK(&lab->fixture->log_lock);
	for (const char *at = lab->fixture->log; (at = strstr(at, text)); at += strlen(text))
		count++;
	return count;
}

static bool try_start(struct lab *lab, const char *address, const char *hosts, struct error *error)
{
	struct web_config config = {.library = lab->fixture->library,
		.listen_address = address,
		.token = TOKEN,
		.hosts = hosts,
		.certificate_path = lab->certificate,
		.key_path = lab->key,
		.log = fixture_keep_line,
		.log_context = lab->fixture};
	lab->web = web_start(&config, error);
	return lab->web;
}

static void start(struct lab *lab, const char *address, const char *hosts)
{
	struct error error;
	if (!try_start(lab, address, hosts, &error))
		fail_msg("%s", error.sentence);
}

static int setup(void **state)
{
	void *fixture;
	struct lab *lab = calloc(1, sizeof *lab);
	if (fixture_setup(&fixture))
		return -1;
	lab->fixture = fixture;
	snprintf(lab->certificate, sizeof lab->certificate, "%s/c.pem", lab->fixture->directory);
	snprintf(lab->key, sizeof lab->key, "%s/k.pem", lab->fixture->directory);
	make_certificate(lab->certificate, lab->key, 1, time(NULL) + A_YEAR);
	*state = lab;
	return 0;
}

static int teardown(void **state)
{
	struct lab *lab = *state;
	void *fixture = lab->fixture;
	web_stop(lab->web);
	unlink(lab->certificate);
	unlink(lab->key);
	free(lab);
	return fixture_teardown(&fixture);
}

static int dial(const struct lab *lab, const char *address)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(web_port(lab->web))};
	inet_pton(AF_INET, address, &to.sin_addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static void connect_to(const struct lab *lab, struct tls_client *client, const char *priorities)
{
	tls_connect(client, dial(lab, "127.0.0.1"), priorities);
}

/* ---- what is served ------------------------------------------------------------------------ */

static void requests_are_answered_encrypted(void **state)
{
	struct tls_client client;
	start(*state, "127.0.0.1", NULL);
	connect_to(*state, &client, NULL);
	assert_true(client.connected);
	assert_int_equal(client.serial, 1);
	assert_int_equal(gnutls_protocol_get_version(client.session), GNUTLS_TLS1_3);
	assert_int_equal(tls_ask(&client, GET("/api/v1/drives")), 200);
	assert_int_equal(
		tls_ask(&client, "GET /api/v1/drives HTTP/1.1\r\nHost: localhost\r\n\r\n"), 401);
	tls_close(&client);
}

static void old_versions_are_refused(void **state)
{
	static const struct {
		const char *priorities;
		bool connects;
	} versions[] = {{"NORMAL:-VERS-ALL:+VERS-TLS1.2", true},
		{"NORMAL:-VERS-ALL:+VERS-TLS1.1", false}, {"NORMAL:-VERS-ALL:+VERS-TLS1.0", false},
		{"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA", false}};
	start(*state, "127.0.0.1", NULL);
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		struct tls_client client;
		connect_to(*state, &client, versions[i].priorities);
		assert_int_equal(client.connected, versions[i].connects);
		tls_close(&client);
	}
}

static void what_is_not_encrypted_is_not_answered(void **state)
{
	struct lab *lab = *state;
	struct reply reply;
	start(lab, "127.0.0.1", NULL);
	int fd = dial(lab, "127.0.0.1");
	send_all(fd, GET("/healthz"), strlen(GET("/healthz")));
	receive(fd, &reply);
	assert_int_equal(reply.status, 0);
	assert_null(strstr(reply.text, "HTTP"));
	reply_finish(&reply);
}

static void a_handshake_that_stalls_holds_up_nobody(void **state)
{
	struct tls_client client;
	int stalled[8];
	start(*state, "127.0.0.1", NULL);
	for (unsigned i = 0; i < 8; i++) {
		stalled[i] = dial(*state, "127.0.0.1");
		send_all(stalled[i], "\x16\x03\x01\x02", 4);
	}
	connect_to(*state, &client, NULL);
	assert_int_equal(tls_ask(&client, GET("/api/v1/drives")), 200);
	tls_close(&client);
	for (unsigned i = 0; i < 8; i++)
		close(stalled[i]);
}

/* ---- replacing the certificate ------------------------------------------------------------- */

/* Until a new connection is shown it. */
static bool await_serial(struct lab *lab, unsigned char serial)
{
	for (unsigned waited = 0; waited < PATIENCE_MS; waited += 50) {
		struct tls_client client;
		connect_to(lab, &client, NULL);
		assert_true(client.connected);
		unsigned char seen = client.serial;
		tls_close(&client);
		if (seen == serial)
			return true;
		usleep(50000);
	}
	return false;
}

static void a_new_certificate_is_shown_when_its_files_are_there(void **state)
{
	struct lab *lab = *state;
	struct tls_client old;
	start(lab, "127.0.0.1", NULL);
	connect_to(lab, &old, NULL);
	assert_int_equal(tls_ask(&old, GET("/api/v1/drives")), 200);
	make_certificate(lab->certificate, lab->key, 2, time(NULL) + A_YEAR);
	assert_true(await_serial(lab, 2));
	assert_int_equal(tls_ask(&old, GET("/api/v1/drives")), 200);
	assert_int_equal(old.serial, 1);
	tls_close(&old);
}

static void a_reload_shows_it_at_once(void **state)
{
	struct lab *lab = *state;
	struct tls_client client;
	struct error error;
	start(lab, "127.0.0.1", NULL);
	connect_to(lab, &client, NULL);
	tls_close(&client);
	make_certificate(lab->certificate, lab->key, 3, time(NULL) + A_YEAR);
	assert_true(web_reload(lab->web, &error));
	connect_to(lab, &client, NULL);
	assert_int_equal(client.serial, 3);
	tls_close(&client);
}

/* The certificate is there and its key is not yet. */
static void half_a_renewal_keeps_the_old_one(void **state)
{
	struct lab *lab = *state;
	struct error error;
	char other[160];
	start(lab, "127.0.0.1", NULL);
	snprintf(other, sizeof other, "%s.other", lab->key);
	make_certificate(lab->certificate, other, 4, time(NULL) + A_YEAR);
	static const char said[] = "the certificate stays as it was: the key";
	for (unsigned i = 0; i < 30 || (i < PATIENCE_MS / 50 && !count_lines(lab, said)); i++) {
		struct tls_client client;
		connect_to(lab, &client, NULL);
		assert_int_equal(client.serial, 1);
		tls_close(&client);
		usleep(50000);
	}
	assert_int_equal(count_lines(lab, said), 1);
	assert_false(web_reload(lab->web, &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	assert_int_equal(rename(other, lab->key), 0);
	assert_true(await_serial(lab, 4));
}

static void one_that_has_expired_is_said(void **state)
{
	struct lab *lab = *state;
	struct tls_client client;
	make_certificate(lab->certificate, lab->key, 5, time(NULL) - 60);
	start(lab, "127.0.0.1", NULL);
	assert_int_equal(count_lines(lab, "<4>the certificate has expired"), 1);
	connect_to(lab, &client, NULL);
	assert_int_equal(tls_ask(&client, GET("/api/v1/status")), 200);
	tls_close(&client);
}

static void a_key_that_everybody_may_read_is_said(void **state)
{
	struct lab *lab = *state;
	struct error error;
	static const char said[] = "<4>everybody on this machine may use the private key: ";
	assert_int_equal(chmod(lab->key, 0640), 0);
	start(lab, "127.0.0.1", NULL);
	assert_int_equal(count_lines(lab, said), 0);
	assert_int_equal(chmod(lab->key, 0644), 0);
	assert_true(web_reload(lab->web, &error));
	assert_int_equal(count_lines(lab, said), 1);
}

static void refuse(struct lab *lab, const char *what)
{
	struct error error;
	assert_false(try_start(lab, "127.0.0.1", NULL, &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	if (!strstr(error.sentence, what))
		fail_msg("%s", error.sentence);
	assert_true(*error.remedy);
}

static void what_is_no_certificate_is_refused_at_start(void **state)
{
	struct lab *lab = *state;
	char certificate[sizeof lab->certificate], key[sizeof lab->key];
	snprintf(certificate, sizeof certificate, "%s", lab->certificate);
	snprintf(key, sizeof key, "%s", lab->key);
	strcpy(lab->certificate, key);
	refuse(lab, "is not a certificate in PEM");
	strcpy(lab->certificate, "/nowhere/c.pem");
	refuse(lab, "/nowhere/c.pem cannot be read: No such file");
	strcpy(lab->certificate, "/");
	refuse(lab, "cannot be read");
	strcpy(lab->certificate, certificate);
	strcpy(lab->key, certificate);
	refuse(lab, "is not a private key in PEM");
	strcpy(lab->key, "");
	refuse(lab, "no key");
	strcpy(lab->key, key);
	char other[sizeof certificate + 8];
	snprintf(other, sizeof other, "%s.other", certificate);
	make_certificate(other, lab->key, 1, time(NULL) + A_YEAR);
	unlink(other);
	refuse(lab, "is not that of the certificate");
}

/* ---- beyond this machine ------------------------------------------------------------------- */

static void only_encrypted_beyond_this_machine(void **state)
{
	struct lab *lab = *state;
	struct error error;
	struct web_config config = {
		.library = lab->fixture->library, .listen_address = "0.0.0.0", .token = TOKEN};
	assert_null(web_start(&config, &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	assert_non_null(strstr(error.sentence, "unencrypted"));
	config.allow_unencrypted = true;
	lab->web = web_start(&config, &error);
	assert_non_null(lab->web);
	web_stop(lab->web);
	start(lab, "0.0.0.0", NULL);
}

static int status_for(const struct lab *lab, const char *address, const char *host)
{
	char request[512];
	struct tls_client client;
	snprintf(request, sizeof request,
		"GET /api/v1/drives HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer " TOKEN
		"\r\n\r\n",
		host);
	tls_connect(&client, dial(lab, address), NULL);
	int status = tls_ask(&client, request);
	tls_close(&client);
	return status;
}

static void it_answers_to_its_names_only(void **state)
{
	struct lab *lab = *state;
	start(lab, "0.0.0.0", "library.example  tapes");
	assert_int_equal(status_for(lab, "127.0.0.1", "library.example:7480"), 200);
	assert_int_equal(status_for(lab, "127.0.0.1", "TAPES"), 200);
	assert_int_equal(status_for(lab, "127.0.0.2", "127.0.0.2:7480"), 200);
	assert_int_equal(status_for(lab, "127.0.0.1", "localhost"), 200);
	static const char *const wrong[] = {"127.0.0.2", "evil.example", "library.example.evil",
		"tape", "library.example:x", "library.example@evil.example",
		"library.example tapes", "[::2]", "[", "10.0.0.1"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (status_for(lab, "127.0.0.1", wrong[i]) == 200)
			fail_msg("%s is none of its names", wrong[i]);
}

#define IN_LAB(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(requests_are_answered_encrypted),
		IN_LAB(old_versions_are_refused),
		IN_LAB(what_is_not_encrypted_is_not_answered),
		IN_LAB(a_handshake_that_stalls_holds_up_nobody),
		IN_LAB(a_new_certificate_is_shown_when_its_files_are_there),
		IN_LAB(a_reload_shows_it_at_once),
		IN_LAB(half_a_renewal_keeps_the_old_one),
		IN_LAB(one_that_has_expired_is_said),
		IN_LAB(a_key_that_everybody_may_read_is_said),
		IN_LAB(what_is_no_certificate_is_refused_at_start),
		IN_LAB(only_encrypted_beyond_this_machine),
		IN_LAB(it_answers_to_its_names_only),
	};
	return cmocka_run_group_tests_name("web/tls", tests, NULL, NULL);
}
