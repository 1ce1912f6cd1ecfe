/* SPDX-License-Identifier: Apache-2.0 */
/* What bash, zsh and fish offer, asked through the scripts that they are given. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cli_fixture.h"

struct line {
	const char *typed;
	const char *broken_off; /* the last word as bash breaks it; NULL: the last one of `typed` */
	const char *offered;    /* in the order of strcmp, each with a newline; of bash */
	const char *whole;      /* the same of the others, when it is not the same */
};

static const struct line lines[] = {
	{"carousel ej", NULL, "eject\n"},
	{"carousel drive r", NULL, "release\nrm\n"},
	{"carousel tape p", NULL, "permit\nprotect\n"},
	{"carousel load deb", NULL, "debian-12\n"},
	{"carousel load ARC003", NULL, "ARC003L8\n"},
	{"carousel load netinst dvd", NULL, "dvd0\ndvd1\ndvd2\ndvd3\n"},
	{"carousel load netinst a", NULL, "any\n"},
	{"carousel load netinst --re", NULL, "--replace\n"},
	{"carousel eject --re", NULL, ""},
	{"carousel drive show lto", NULL, "lto0\nlto1\nlto2\nlto3\nlto4\nlto5\n"},
	{"carousel tape protect arc00", NULL,
		"arc001l8\narc002l8\narc003l8\narc004l8\narc005l8\narc006l8\n"},
	{"carousel export show ", NULL, "backup\nlab\nvault\n"},
	{"carousel export add x 0:dvd1 1:dvd2", "dvd2", "dvd2\n", "1:dvd2\n"},
	{"carousel export add x --transport ", NULL, "kernel\nportal\n"},
	{"carousel history --drive lto0 --medium arc001", NULL, "arc001l8\n"},
	{"carousel history --drive=dvd1", "dvd1", "dvd1\n", "--drive=dvd1\n"},
	{"carousel drive add d --personality ", NULL, "bd-rom\ncd-rom\ndvd-rom\nlto-8\n"},
	{"carousel status -o j", NULL, "json\njsonl\n"},
	{"carousel status --progress n", NULL, "none\n"},
	{"carousel completion ", NULL, "bash\nfish\nwords\nzsh\n"},
	{"carousel events --si", NULL, "--since\n"},
	{"carousel events --drive dvd", NULL, "dvd0\ndvd1\ndvd2\ndvd3\n"},
	{"carousel media get win", NULL, "win11\n"},
	{"carousel nothing ", NULL, ""},
	{"carousel drive ls ", NULL, ""},
};

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The first columns, sorted. */
static void sort_candidates(char *text, char *ret, size_t size)
{
	char *all[256], *rest;
	size_t count = 0, length = 0;
	for (char *one = strtok_r(text, "\n", &rest); one && count < 256;
		one = strtok_r(NULL, "\n", &rest))
		all[count++] = one;
	qsort(all, count, sizeof *all, compare_lines);
	*ret = '\0';
	for (size_t i = 0; i < count; i++)
		length += (size_t)snprintf(
			ret + length, size - length, "%.*s\n", (int)strcspn(all[i], "\t"), all[i]);
}

/* Runs `shell` with $1 the line and $2 the word that bash sees; what was offered, in ret. */
static void run_shell(const struct fixture *fixture, const char *home, const char *shell,
	const struct line *line, char *ret, size_t size)
{
	static char text[1 << 16];
	char command[4096], directory[512];
	const char *space = strrchr(line->typed, ' ') + 1;
	snprintf(directory, sizeof directory, "%.*s",
		(int)(strrchr(CAROUSEL_BINARY, '/') - CAROUSEL_BINARY), CAROUSEL_BINARY);
	snprintf(command, sizeof command,
		"env HOME=%s XDG_CONFIG_HOME=%s XDG_DATA_HOME=%s CAROUSEL_URL=unix:%s "
		"PATH=%s:$PATH %s '%s' '%s'",
		home, home, home, fixture->socket_path, directory, shell, line->typed,
		line->broken_off ? line->broken_off : space);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	text[fread(text, 1, sizeof text - 1, pipe)] = '\0';
	assert_int_equal(pclose(pipe), 0);
	sort_candidates(text, ret, size);
}

static void check_lines(struct fixture *fixture, const char *shell, bool breaks_words)
{
	static char offered[1 << 16];
	char home[] = "/tmp/carousel-home-XXXXXX", remove[64];
	fake_library_add_tapes(fixture->library);
	assert_non_null(mkdtemp(home)); /* fish writes there */
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const char *expected =
			!breaks_words && lines[i].whole ? lines[i].whole : lines[i].offered;
		run_shell(fixture, home, shell, &lines[i], offered, sizeof offered);
		if (strcmp(offered, expected) != 0)
			fail_msg("\"%s\": expected\n%sbut offered were\n%s", lines[i].typed,
				expected, offered);
	}
	snprintf(remove, sizeof remove, "rm -r %s", home);
	assert_int_equal(system(remove), 0);
}

static void need(const char *shell)
{
	char command[64];
	snprintf(command, sizeof command, "command -v %s >/dev/null", shell);
	if (system(command) == 0)
		return;
	print_message("%s is not installed\n", shell);
	skip();
}

static void in_bash(void **state)
{
	check_lines(*state,
		"bash --norc -c '"
		"source <(carousel completion bash); COMP_LINE=$1; COMP_POINT=${#1};"
		"_carousel carousel \"$2\";"
		"[ ${#COMPREPLY[@]} = 0 ] || printf \"%s\\n\" \"${COMPREPLY[@]}\"' -",
		true);
}

/* zsh continues a child whose stop it hears of, and so takes back the SIGSTOP with which
 * LeakSanitizer halts what it examines; that waits for ever then. */
static void in_zsh(void **state)
{
	need("zsh");
	check_lines(*state,
		"ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 zsh -fc '"
		"compdef() { :; };"
		"_describe() { for one in \"${(P@)2}\"; do one=${one//\\\\:/@};"
		" one=${one%%:*}; print -r -- \"${one//@/:}\"; done; };"
		"_files() { true; };"
		"typeset -A compstate=(quote \"\");"
		"source <(carousel completion zsh);"
		"words=(\"${(@s: :)1}\"); CURRENT=${#words};"
		"PREFIX=${words[CURRENT]}; _carousel; true' -",
		false);
}

static void in_fish(void **state)
{
	need("fish");
	check_lines(*state,
		"fish --no-config -c '"
		"carousel completion fish | source; complete -C $argv[1]' --",
		false);
}

static void run_words(const struct fixture *fixture, const char *words, struct ran *ret)
{
	char arguments[512];
	snprintf(arguments, sizeof arguments, "completion words -- %s", words);
	run_carousel(fixture, "", arguments, ret);
	assert_int_equal(ret->exit, 0);
	assert_string_equal(ret->err, "");
}

static void files_are_left_to_the_shell(void **state)
{
	static struct ran ran;
	run_words(*state, "tape import x", &ran);
	assert_string_equal(ran.out, ":files\n");
	run_words(*state, "media scan ''", &ran);
	assert_string_equal(ran.out, ":directories\n");
	run_words(*state, "export add x dvd0 --chap-secret-file ''", &ran);
	assert_string_equal(ran.out, ":files\n");
}

/* The line says which daemon; what is behind "--" is no option. */
static void the_line_says_whom_to_ask(void **state)
{
	static struct ran ran;
	char arguments[256];
	struct fixture *fixture = *state;
	snprintf(arguments, sizeof arguments, "completion words -- --socket %s eject dvd3",
		fixture->socket_path);
	run_bare("CAROUSEL_URL=unix:/nowhere", arguments, &ran);
	assert_string_equal(ran.out, "dvd3\tfailed\n");
	run_words(fixture, "eject -- dvd3", &ran);
	assert_string_equal(ran.out, "dvd3\tfailed\n");
}

static void without_a_daemon_there_are_no_names(void **state)
{
	static struct ran ran;
	run_bare("CAROUSEL_URL=unix:/nowhere", "completion words -- eject ''", &ran);
	assert_int_equal(ran.exit, 0);
	assert_string_equal(ran.out, "");
	assert_string_equal(ran.err, "");
}

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* It may be loaded, too: what is shown is that nobody waits for the 60 s of other commands. */
static void a_daemon_that_hangs_is_not_waited_for(void **state)
{
	static struct ran ran;
	char environment[160];
	struct fixture *fixture = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s/silent", fixture->directory);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 1), 0);
	snprintf(environment, sizeof environment, "CAROUSEL_URL=unix:%s", address.sun_path);
	double begun = now_s();
	run_bare(environment, "completion words -- eject ''", &ran);
	assert_true(now_s() - begun < 30);
	assert_int_equal(ran.exit, 0);
	assert_string_equal(ran.out, "");
	close(fd);
	unlink(address.sun_path);
}

#define COMPLETION_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		COMPLETION_TEST(in_bash),
		COMPLETION_TEST(in_zsh),
		COMPLETION_TEST(in_fish),
		COMPLETION_TEST(files_are_left_to_the_shell),
		COMPLETION_TEST(the_line_says_whom_to_ask),
		COMPLETION_TEST(without_a_daemon_there_are_no_names),
		COMPLETION_TEST(a_daemon_that_hangs_is_not_waited_for),
	};
	return cmocka_run_group_tests_name("ctl/completion", tests, NULL, NULL);
}
