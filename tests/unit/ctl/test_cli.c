/* SPDX-License-Identifier: Apache-2.0 */
/* How the command line finds the daemon, files and terminals. */
#include "support.h"

#include <jansson.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
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
	assert_string_equal(ran.err,
		"carousel: the token is not the right one\n"
		"          Put a token into CAROUSEL_TOKEN, or name its file with "
		"--token-file.\n");
	assert_int_equal(ran.exit, 5);
}

static void who_serves_no_tls_is_not_asked_with_it(void **state)
{
	struct fixture *fixture = *state;
	char environment[64];
	snprintf(environment, sizeof environment, "CAROUSEL_URL=https://127.0.0.1:%u",
		fixture->port);
	run_bare(environment, "drive ls", &ran);
	assert_non_null(
		strstr(ran.err, "\n          If it serves no TLS, begin the URL with http. "));
	assert_int_equal(ran.exit, 6);
}

static void a_token_is_one_word(void **state)
{
	static const char *const tokens[] = {
		"'" TOKEN "\r'", "'x\nHost: y'", "'two words'", "'\xc3\xa9'"};
	struct fixture *fixture = *state;
	char environment[256];
	for (unsigned i = 0; i < 4; i++) {
		snprintf(environment, sizeof environment,
			"CAROUSEL_URL=http://127.0.0.1:%u CAROUSEL_TOKEN=%s", fixture->port,
			tokens[i]);
		run_bare(environment, "drive ls", &ran);
		assert_non_null(strstr(ran.err, "carousel: the token has a character in it"));
		assert_non_null(strstr(ran.err, "\n          Put the one line"));
		assert_int_equal(ran.exit, 2);
	}
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

/* Over TCP the daemon may be of another machine, and nothing is said of this one. */
static void a_doctor_from_afar(void **state)
{
	struct fixture *fixture = *state;
	char environment[256];
	snprintf(environment, sizeof environment,
		"CAROUSEL_URL=http://127.0.0.1:%u CAROUSEL_TOKEN=" TOKEN, fixture->port);
	run_bare(environment, "doctor --all", &ran);
	assert_string_equal(ran.err, "");
	assert_string_equal(ran.out,
		"problem  dvd3: the kernel refused the device; load target_core_user\n"
		"         $ carousel drive show dvd3\n"
		"warning  lab: only this machine may log in: neither a rule nor CHAP\n"
		"         $ carousel export show lab\n"
		"warning  odd: the file changed while it was loaded\n"
		"         $ carousel media rm odd; carousel media add "
		"'/srv/iso/caf\xef\xbf\xbd.iso'\n"
		"fine     carouseld: version 0.1.0 answers\n"
		"fine     carouseld: it uses the kernel target\n"
		"fine     pools: /srv/iso is watched, with 7 directories\n"
		"1 problem and 2 warnings.\n");
	assert_int_equal(ran.exit, 1);
	run_bare(environment, "doctor -o json", &ran);
	assert_non_null(strstr(ran.out, "\"worst\": \"problem\""));
	assert_non_null(strstr(ran.out, "\"command\": \"carousel export show lab\""));
}

static void a_doctor_on_the_spot_looks_for_the_files(void **state)
{
	run_carousel(*state, "", "doctor", &ran);
	assert_non_null(
		strstr(ran.out, "debian-12: its file is not there any more\n"
				"         $ carousel media rm debian-12; carousel media add "));
	assert_int_equal(ran.exit, 1);
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
		assert_non_null(strstr(
			ran.err, "Use https://ADDRESS:PORT, http://ADDRESS:PORT or unix:PATH."));
		assert_int_equal(ran.exit, 2);
	}
}

static void a_daemon_that_stops_is_6(void **state)
{
	struct fixture *fixture = *state;
	fixture_stop(fixture);
	run_carousel(fixture, "", "status", &ran);
	assert_int_equal(ran.exit, 6);
}

static void waiting_ends_with_7(void **state)
{
	struct fixture *fixture = *state;
	fake_library_hold(fixture->library, true);
	run_carousel(fixture, "", "--timeout 5 load netinst dvd1", &ran);
	assert_non_null(strstr(ran.err, "within 5 s\n          It may still be done"));
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

/* ---- secrets ------------------------------------------------------------------------------- */

#define SECRET "0123456789abcdef"

static void write_file(const char *path, const char *text, size_t length)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	fclose(file);
}

static void assert_secret(const struct fixture *fixture, bool mutual, const char *expected)
{
	char secret[LIBRARY_SECRET_MAX];
	fake_library_secret(fixture->library, "backup", mutual, secret, sizeof secret);
	assert_string_equal(secret, expected);
}

/* Sets the secret of backup from a file of this content; it is never in what is printed. */
static void set_secret(const struct fixture *fixture, const char *text, size_t length)
{
	char path[64], arguments[160];
	snprintf(path, sizeof path, "%s/secret", fixture->directory);
	write_file(path, text, length);
	snprintf(arguments, sizeof arguments, "export set backup --chap-secret-file %s", path);
	run_carousel(fixture, "", arguments, &ran);
	assert_null(strstr(ran.out, SECRET));
	assert_null(strstr(ran.err, SECRET));
	unlink(path);
}

static void a_secret_is_the_line_of_a_file(void **state)
{
	struct fixture *fixture = *state;
	static const char *const same[] = {SECRET, SECRET "\n", SECRET "\r\n"};
	char other[LIBRARY_SECRET_MAX + 1];
	memset(other, 'x', sizeof other);
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		set_secret(fixture, other, 20);
		set_secret(fixture, same[i], strlen(same[i]));
		assert_int_equal(ran.exit, 0);
		assert_secret(fixture, false, SECRET);
	}
	other[255] = '\n';
	set_secret(fixture, other, 256);
	assert_int_equal(ran.exit, 0);
	other[255] = '\0';
	assert_secret(fixture, false, other);
}

static void a_file_that_is_no_secret(void **state)
{
	struct fixture *fixture = *state;
	char longer[300];
	memset(longer, 'x', sizeof longer);
	set_secret(fixture, "", 0);
	assert_non_null(strstr(ran.err, "there is no secret in "));
	assert_int_equal(ran.exit, 2);
	set_secret(fixture, "\n", 1);
	assert_int_equal(ran.exit, 2);
	set_secret(fixture, SECRET "\n" SECRET "\n", 34);
	assert_non_null(strstr(ran.err, "there is more than a secret in "));
	assert_int_equal(ran.exit, 2);
	set_secret(fixture, SECRET "\0x", 18);
	assert_int_equal(ran.exit, 2);
	set_secret(fixture, longer, 256);
	assert_int_equal(ran.exit, 2);
	set_secret(fixture, longer, 300);
	assert_int_equal(ran.exit, 2);
	set_secret(fixture, "0123456789\xff\xff\xff", 13);
	assert_non_null(strstr(ran.err, "the secret is not UTF-8"));
	assert_int_equal(ran.exit, 2);
	set_secret(fixture, "too-short", 9);
	assert_non_null(strstr(ran.err, "\"chap.secret\" of the body has 9 bytes"));
	assert_int_equal(ran.exit, 2);
	run_carousel(fixture, "", "export set backup --chap-secret-file /nowhere", &ran);
	assert_non_null(strstr(ran.err, "cannot read the secret in /nowhere: No such file"));
	assert_int_equal(ran.exit, 3);
	run_carousel(fixture, "", "export set backup --chap-secret-file /tmp", &ran);
	assert_int_equal(ran.exit, 1);
	assert_secret(fixture, false, "secret-of-backup");
}

static void a_secret_may_come_from_stdin(void **state)
{
	struct fixture *fixture = *state;
	char path[64], arguments[160];
	snprintf(path, sizeof path, "%s/secret", fixture->directory);
	write_file(path, SECRET "\n", 17);
	snprintf(arguments, sizeof arguments,
		"export set backup --mutual-user me --mutual-secret-file - <%s", path);
	run_carousel(fixture, "", arguments, &ran);
	assert_string_equal(ran.err, "changed backup and closed its 2 sessions; initiators log in "
				     "again by themselves\n");
	assert_int_equal(ran.exit, 0);
	assert_secret(fixture, true, SECRET);
	run_carousel(
		fixture, "", "export set backup --chap-secret-file - --mutual-secret-file -", &ran);
	assert_non_null(strstr(ran.err, "two secrets cannot both come from stdin"));
	assert_int_equal(ran.exit, 2);
	run_carousel(fixture, "", "export set backup --chap-secret-file -", &ran);
	assert_non_null(strstr(ran.err, "there is no secret in stdin"));
	unlink(path);
}

static void a_new_secret_says_what_it_may_close(void **state)
{
	set_secret(*state, SECRET, strlen(SECRET));
	assert_string_equal(ran.err,
		"backup has that secret now; if it is a new one, this closed its 2 sessions\n");
}

/* Types into a carousel that asks for the secret of backup; what the terminal showed, in ran.out.
 */
static int type_secret(const struct fixture *fixture, const char *typed, bool *ret_echo)
{
	int terminal, status;
	size_t length = 0;
	struct termios mode;
	pid_t pid = forkpty(&terminal, NULL, NULL, NULL);
	if (!pid) {
		execl(CAROUSEL_BINARY, "carousel", "--socket", fixture->socket_path, "export",
			"set", "backup", "--chap-secret-file", "-", NULL);
		_exit(127);
	}
	/* What is typed before the terminal is quiet would be thrown away. */
	while (length < 1 || ran.out[length - 1] != ':')
		assert_int_equal(read(terminal, ran.out + length++, 1), 1);
	do
		tcgetattr(terminal, &mode);
	while (mode.c_lflag & ECHO);
	assert_int_equal(write(terminal, typed, strlen(typed)), strlen(typed));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	tcgetattr(terminal, &mode);
	*ret_echo = mode.c_lflag & ECHO;
	ssize_t count = read(terminal, ran.out + length, sizeof ran.out - 1 - length);
	ran.out[length + (count > 0 ? (size_t)count : 0)] = '\0';
	close(terminal);
	return status;
}

static void a_terminal_is_asked_without_an_echo(void **state)
{
	bool echo;
	int status = type_secret(*state, SECRET "\n", &echo);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	assert_non_null(strstr(ran.out, "Secret of bob: "));
	assert_null(strstr(ran.out, SECRET));
	assert_true(echo);
	assert_secret(*state, false, SECRET);
}

static void an_interrupted_question_leaves_the_echo_on(void **state)
{
	bool echo;
	int status = type_secret(*state, "0123\003", &echo);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
	assert_true(echo);
	assert_secret(*state, false, "secret-of-backup");
}

/* However the option is misspelt: what comes after it is not printed and not taken for a file. */
static void a_secret_on_the_command_line_is_refused(void **state)
{
	static const char *const wrong[] = {"--chap-secret hunter2", "--chap-secret=hunter2",
		"--chap-password=hunter2", "--mutual-secret hunter2", "--chap-s=hunter2",
		"--chap-sekret=hunter2", "--mutual-p=hunter2", "--secret=hunter2"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char arguments[96];
		snprintf(arguments, sizeof arguments, "export set backup %s", wrong[i]);
		run_carousel(*state, "", arguments, &ran);
		assert_null(strstr(ran.err, "hunter2"));
		assert_int_equal(ran.exit, 2);
		assert_secret(*state, false, "secret-of-backup");
	}
}

static void secrets_are_kept_by_other_changes(void **state)
{
	run_carousel(*state, "", "export set backup --open --add-lun dvd3", &ran);
	assert_int_equal(ran.exit, 0);
	assert_secret(*state, false, "secret-of-backup");
	assert_secret(*state, true, "mutual-of-backup");
	run_carousel(*state, "", "export set backup --no-mutual", &ran);
	assert_secret(*state, false, "secret-of-backup");
	assert_secret(*state, true, "");
}

/* ---- the portal ---------------------------------------------------------------------------- */

static void show(const struct fixture *fixture, const char *portal)
{
	fake_library_set_portal(fixture->library, portal);
	run_carousel(fixture, "", "export show lab", &ran);
	assert_int_equal(ran.exit, 0);
}

static void commands_name_an_address_that_others_reach(void **state)
{
	show(*state, "127.0.0.1:3260 [2001:db8::1]:3261");
	assert_non_null(strstr(ran.out, "  iscsiadm -m discovery -t sendtargets -p "
					"'[2001:db8::1]:3261'\n"));
	assert_non_null(strstr(ran.out,
		"  iscsi-inq 'iscsi://[2001:db8::1]:3261/iqn.2026-11.org.example:lab/0'\n"));
	assert_null(strstr(ran.out, "listens on this machine only"));
	show(*state, "0.0.0.0:5000");
	assert_null(strstr(ran.out, "-p 0.0.0.0"));
	assert_non_null(strstr(ran.out, ":5000\n"));
	show(*state, "[::]:5000");
	assert_null(strstr(ran.out, "[::]:5000 "));
	assert_non_null(strstr(ran.out, ":5000' --login\n"));
}

static void without_a_portal_nobody_can_log_in(void **state)
{
	struct fixture *fixture = *state;
	show(fixture, "");
	assert_non_null(strstr(ran.out, "Nobody can log in: the daemon has no portal"));
	assert_null(strstr(ran.out, "iscsiadm"));
	run_carousel(fixture, "", "status", &ran);
	assert_non_null(
		strstr(ran.out, "\n! nobody can log in to the exports: there is no portal\n"));
	assert_null(strstr(ran.out, "no host sees the drives"));
	fake_library_set_kernel_target(fixture->library, false);
	run_carousel(fixture, "", "status", &ran);
	assert_non_null(strstr(ran.out, "! no host sees the drives"));
}

static void a_portal_is_enough_for_hosts_to_see_drives(void **state)
{
	struct fixture *fixture = *state;
	fake_library_set_kernel_target(fixture->library, false);
	run_carousel(fixture, "", "status", &ran);
	assert_null(strstr(ran.out, "no host sees the drives"));
	run_carousel(fixture, "", "drive add dvd9", &ran);
	assert_string_equal(ran.err, "added dvd9 (dvd-rom)\n");
	assert_int_equal(ran.exit, 0);
}

static void an_export_without_drives_says_what_to_do(void **state)
{
	run_carousel(*state, "", "export set lab --no-luns", &ran);
	run_carousel(*state, "", "export show lab", &ran);
	assert_non_null(strstr(ran.out, "It shows no drive yet: carousel export set"));
	assert_null(strstr(ran.out, "iscsiadm"));
}

static void many_drives_are_shortened(void **state)
{
	run_carousel(*state, "", "export set lab --lun dvd0 --lun dvd1 --lun dvd2 --lun 16383:dvd3",
		&ran);
	run_carousel(*state, "", "export ls", &ran);
	assert_non_null(strstr(ran.out, "0:dvd0, 1:dvd1, 2:dvd2 and 1 more "));
}

/* ---- tapes --------------------------------------------------------------------------------- */

static void assert_history(const struct fixture *fixture, const char *arguments, size_t count)
{
	run_carousel(fixture, "", arguments, &ran);
	assert_int_equal(ran.exit, 0);
	const char *line = ran.out;
	size_t lines = 0;
	for (; (line = strchr(line, '\n')); line++)
		lines++;
	assert_int_equal(lines, count + 1); /* and the header */
}

static void a_long_history_is_read_page_by_page(void **state)
{
	struct fixture *fixture = *state;
	fake_library_add_history(fixture->library, 1100);
	assert_history(*state, "history --limit 1000", 1000);
	assert_history(*state, "history --limit 1001", 1001);
	assert_history(*state, "history --limit 5000", 1100);
	assert_history(*state, "history", 50);
}

static void a_tape_that_is_made_can_be_loaded_by_its_barcode(void **state)
{
	struct fixture *fixture = *state;
	run_carousel(fixture, "", "drive add lto0 --personality lto-8", &ran);
	run_carousel(fixture, "", "tape create --prefix ARC --count 2 --capacity 1.5TB", &ran);
	assert_string_equal(ran.err, "made 2 tapes: ARC001L8 … ARC002L8\n");
	run_carousel(fixture, "", "tape protect ARC001L8", &ran);
	run_carousel(fixture, "", "load ARC001L8 lto0", &ran);
	assert_string_equal(ran.err, "lto0 holds ARC001L8 (LTO-8, 1.5 TB)\n");
	run_carousel(fixture, "", "drive ls", &ran);
	assert_non_null(strstr(ran.out, "\nlto0   loaded, write protected "));
	run_carousel(fixture, "", "tape permit ARC001L8", &ran);
	assert_int_equal(ran.exit, 4);
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
		CLI_TEST(a_token_is_one_word),
		CLI_TEST(who_serves_no_tls_is_not_asked_with_it),
		CLI_TEST(the_environment_may_name_a_socket),
		CLI_TEST(the_command_line_comes_before_the_environment),
		CLI_TEST(a_proxy_is_not_asked),
		CLI_TEST(no_daemon_is_6),
		CLI_TEST(what_is_no_url_is_2),
		CLI_TEST(help_about_half_a_command_is_the_list),
		CLI_TEST(a_doctor_from_afar),
		CLI_TEST(a_doctor_on_the_spot_looks_for_the_files),
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
		CLI_TEST(a_secret_is_the_line_of_a_file),
		CLI_TEST(a_file_that_is_no_secret),
		CLI_TEST(a_secret_may_come_from_stdin),
		CLI_TEST(a_terminal_is_asked_without_an_echo),
		CLI_TEST(an_interrupted_question_leaves_the_echo_on),
		CLI_TEST(a_new_secret_says_what_it_may_close),
		CLI_TEST(a_secret_on_the_command_line_is_refused),
		CLI_TEST(secrets_are_kept_by_other_changes),
		CLI_TEST(commands_name_an_address_that_others_reach),
		CLI_TEST(without_a_portal_nobody_can_log_in),
		CLI_TEST(a_portal_is_enough_for_hosts_to_see_drives),
		CLI_TEST(an_export_without_drives_says_what_to_do),
		CLI_TEST(many_drives_are_shortened),
		CLI_TEST(a_long_history_is_read_page_by_page),
		CLI_TEST(a_tape_that_is_made_can_be_loaded_by_its_barcode),
		CLI_TEST(json_is_the_apis),
		CLI_TEST(names_do_not_drive_the_terminal),
		CLI_TEST(a_full_disk_is_not_silent),
	};
	return cmocka_run_group_tests_name("ctl/cli", tests, NULL, NULL);
}
