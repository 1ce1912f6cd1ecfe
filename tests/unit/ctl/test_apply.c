/* SPDX-License-Identifier: Apache-2.0 */
/* carousel apply, against the real server in front of the fake library. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli_fixture.h"

static struct ran ran;

/* `text` is what stdin has. */
static void apply(const struct fixture *fixture, const char *options, const char *text)
{
	char path[] = "/tmp/carousel-apply-XXXXXX", arguments[256];
	int fd = mkstemp(path);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	snprintf(arguments, sizeof arguments, "apply -f - %s <%s", options, path);
	run_carousel(fixture, "", arguments, &ran);
	unlink(path);
}

static void said(int exit, const char *out, const char *err)
{
	assert_string_equal(ran.err, err);
	assert_string_equal(ran.out, out);
	assert_int_equal(ran.exit, exit);
}

#define OTHERS                                                                                     \
	"drive dvd2 is not in the file, and stays\ndrive dvd3 is not in the file, and stays\n"
#define EXPORTS                                                                                    \
	"export backup is not in the file, and stays\nexport lab is not in the file, and stays\n"

static const char library[] = "# what is wanted\n"
			      "[[drive]]\n"
			      "name = \"dvd0\"\n"
			      "medium = \"netinst\" # and not what is there\n"
			      "\n"
			      "[[drive]]\n"
			      "name = 'dvd1'\n"
			      "medium = \"\"\n"
			      "[[drive]]\n"
			      "name = \"bd0\"\n"
			      "personality = \"bd-rom\"\n"
			      "[[export]]\n"
			      "name = \"install\"\n"
			      "luns = [ \"dvd1\",\n"
			      "  \"0:dvd0\", # the first\n"
			      "]\n"
			      "networks = [\"10.0.0.0/8\"]\n"
			      "[[medium]]\n"
			      "name = \"netinst\"\n"
			      "tags = [\"golden\", \"lab\"]\n"
			      "notes = \"for the \\u201clab\\u201d\"\n";

#define PLAN                                                                                       \
	"+ drive bd0 (bd-rom)\n"                                                                   \
	"~ drive dvd0: load netinst instead of debian-12\n"                                        \
	"+ export install (0:dvd0, 1:dvd1)\n"                                                      \
	"~ medium netinst: tags, notes\n"

static void a_dry_run_only_says_it(void **state)
{
	apply(*state, "--dry-run", library);
	said(0, PLAN, OTHERS EXPORTS);
	apply(*state, "--dry-run", library);
	said(0, PLAN, OTHERS EXPORTS);
}

static void what_is_said_is_done_once(void **state)
{
	apply(*state, "", library);
	said(0, PLAN, OTHERS EXPORTS "4 done\n");
	apply(*state, "", library);
	said(0, "", OTHERS EXPORTS "nothing to do\n");
	run_carousel(*state, "", "export show install -o json", &ran);
	assert_non_null(strstr(ran.out, "10.0.0.0/8"));
	run_carousel(*state, "", "drive show dvd0", &ran);
	assert_non_null(strstr(ran.out, "netinst"));
}

static void what_is_not_named_goes_only_when_told(void **state)
{
	static const char text[] = "[[drive]]\nname = \"dvd0\"\n"
				   "[[export]]\nname = \"lab\"\nluns = [\"0:dvd0\"]\n";
	apply(*state, "--prune --dry-run", text);
	said(0,
		"~ drive dvd2: eject win11\n"
		"- drive dvd1\n- drive dvd2\n- drive dvd3\n"
		"~ export lab: luns\n- export backup\n",
		"");
	apply(*state, "--prune --force", text);
	assert_int_equal(ran.exit, 0);
	run_carousel(*state, "", "drive ls -o name", &ran);
	assert_string_equal(ran.out, "dvd0\n");
	run_carousel(*state, "", "export ls -o name", &ran);
	assert_string_equal(ran.out, "lab\n");
	apply(*state, "--prune", text);
	said(0, "", "nothing to do\n");
}

static void an_empty_file_does_not_take_everything_away(void **state)
{
	static const char *const empty[] = {
		"", "# nothing\n", "{}", "[[medium]]\nname = \"netinst\"\n"};
	for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
		apply(*state, "--prune", empty[i]);
		assert_int_equal(ran.exit, 2);
		assert_non_null(strstr(ran.err, "stdin has no drive and no export"));
		apply(*state, "--prune --dry-run", empty[i]);
		assert_int_equal(ran.exit, 2);
	}
	run_carousel(*state, "", "drive ls -o name", &ran);
	assert_string_equal(ran.out, "dvd0\ndvd1\ndvd2\ndvd3\n");
	apply(*state, "--prune", "[[drive]]\nname = \"dvd0\"\n");
	assert_int_equal(ran.exit, 4); /* dvd2 is locked */
	apply(*state, "--prune --force", "[[drive]]\nname = \"dvd0\"\n");
	assert_int_equal(ran.exit, 0);
}

static void json_does_as_well(void **state)
{
	apply(*state, "--dry-run -o jsonl",
		"{\"drive\": [{\"name\": \"dvd1\", \"medium\": \"netinst\"}]}");
	assert_string_equal(ran.out,
		"{\"action\":\"change\",\"kind\":\"drive\",\"name\":\"dvd1\",\"what\":\"drive "
		"dvd1: load netinst\"}\n");
	apply(*state, "", "{\"drive\": [{\"name\": \"dvd1\", \"speed\": 4}]}");
	said(2, "",
		"carousel: stdin, dvd1: no drive has a \"speed\"\n"
		"          It may have name, personality, loopback, medium.\n");
	apply(*state, "", "{\"drive\": [}");
	assert_int_equal(ran.exit, 2);
	assert_non_null(strstr(ran.err, "stdin, line 1: "));
}

/* What the library is, applied to it, is nothing. */
static void what_is_printed_is_what_is(void **state)
{
	static char text[1 << 16];
	struct fixture *fixture = *state;
	fake_library_add_tapes(fixture->library);
	run_carousel(fixture, "", "media tag netinst golden", &ran);
	run_carousel(fixture, "", "apply --print", &ran);
	assert_int_equal(ran.exit, 0);
	assert_non_null(strstr(ran.out, "[[drive]]\nname = \"dvd0\"\n"));
	assert_non_null(strstr(ran.out, "chap_user = "));
	assert_non_null(strstr(ran.out, "tags = [\"golden\"]\n"));
	assert_true(snprintf(text, sizeof text, "%s", ran.out) < (int)sizeof text);
	apply(fixture, "--prune", text);
	said(0, "", "nothing to do\n");
	run_carousel(fixture, "", "apply --print -o json", &ran);
	assert_true(snprintf(text, sizeof text, "%s", ran.out) < (int)sizeof text);
	apply(fixture, "--prune", text);
	said(0, "", "nothing to do\n");
}

/* ---- what is refused -------------------------------------------------------------------------
 */

struct wrong {
	const char *text, *said;
	int exit;
};

static const struct wrong wrongs[] = {
	{"[[drive]]\nname = \"dvd1\"\nspeed = 4\n", "stdin, line 3: no drive has a \"speed\"", 2},
	{"[[drive]]\nname = \"dvd1\"\n\n[[robot]]\nname = \"r\"\n",
		"stdin, line 4: a library has no \"robot\"", 2},
	{"[[drive]]\n\nmedium = \"netinst\"\n", "stdin, line 1: a drive has no name", 2},
	{"[[drive]]\nname = 7\n", "stdin, line 2: name has to be a text", 2},
	{"[[export]]\nname = \"x\"\nluns = [1]\n", "stdin, line 3: luns has to be a list", 2},
	{"[[drive]]\nname = \"a\"\n[[drive]]\nname = \"a\"\n", "stdin, line 4: drive a comes twice",
		2},
	{"[export]\nname = \"a\"\n", "stdin, line 1: \"export\" is not a list of tables", 2},
	{"[[drive]]\nname = \"dvd1\"\nmedium = \"nothing\"\n", "stdin, line 3: ", 3},
	{"[[drive]]\nname = \"dvd1\"\npersonality = \"bd-rom\"\n",
		"stdin, line 3: drive dvd1 is there, as dvd-rom", 2},
	{"[[drive]]\nname = \"x\"\npersonality = \"floppy\"\n",
		"stdin, line 3: \"floppy\" is no personality of a drive", 2},
	{"[[export]]\nname = \"x\"\nluns = [\"dvd9\"]\n",
		"stdin, line 3: there is no drive \"dvd9\"", 2},
	{"[[export]]\nname = \"x\"\nluns = [\"1:dvd0\", \"1:dvd1\"]\n",
		"stdin, line 3: LUN 1 comes twice", 2},
	{"[[export]]\nname = \"x\"\nluns = [\"16384:dvd0\"]\n",
		"stdin, line 3: \"16384:dvd0\" is no LUN", 2},
	{"[[export]]\nname = \"x\"\ntransport = \"fax\"\n",
		"stdin, line 3: there is no transport \"fax\"", 2},
	{"[[export]]\nname = \"x\"\nchap_user = \"bob\"\n",
		"stdin, line 3: a new user needs a secret, chap_secret_file", 2},
	{"[[export]]\nname = \"x\"\nchap_secret_file = \"/tmp/s\"\n",
		"stdin, line 3: a secret needs its user, chap_user", 2},
	{"[[medium]]\nname = \"nothing\"\ntags = []\n", "stdin, line 2: ", 3},
	{"[[drive]]\nname = \"dvd1\nmedium = \"\"\n", "stdin, line 2: a text does not end", 2},
	{"[[drive]]\nname = \"any\"\n",
		"stdin, line 2: \"any\" is not allowed as the name of a drive", 2},
	{"[[export]]\nname = \"a/b\"\n",
		"stdin, line 2: \"a/b\" is not allowed as the name of an export", 2},
	{"[[export]]\nname = \"a23456789-123456789-123456789-123\"\n",
		"stdin, line 2: \"a23456789-123456789-123456789-123\" is not allowed", 2},
	{"[[medium]]\nname = \"netinst\"\ntags = [\"a:b\", \"A\"]\n",
		"stdin, line 3: \"A\" is not allowed as a tag", 2},
	{"drive = [5]\n", "stdin, line 1: \"drive\" is not a list of tables", 2},
};

/* The good part that stands before it is not done either. */
static void nothing_is_done_when_something_is_wrong(void **state)
{
	static char text[4096];
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		snprintf(text, sizeof text, "%s[[drive]]\nname = \"new\"\n", wrongs[i].text);
		apply(*state, "", text);
		if (!strstr(ran.err, wrongs[i].said) || ran.exit != wrongs[i].exit)
			fail_msg("expected \"%s\" and %d, got \"%s\" and %d", wrongs[i].said,
				wrongs[i].exit, ran.err, ran.exit);
		assert_string_equal(ran.out, "");
	}
	run_carousel(*state, "", "drive ls -o name", &ran);
	assert_string_equal(ran.out, "dvd0\ndvd1\ndvd2\ndvd3\n");
}

static void a_tape_is_not_put_into_two_drives(void **state)
{
	struct fixture *fixture = *state;
	fake_library_add_tapes(fixture->library);
	apply(fixture, "",
		"[[drive]]\nname = \"lto4\"\nmedium = \"ARC003L8\"\n"
		"[[drive]]\nname = \"lto5\"\nmedium = \"arc003l8\"\n");
	assert_int_equal(ran.exit, 2);
	assert_non_null(strstr(ran.err, "stdin, line 6: tape arc003l8 is in two drives"));
}

/* Nothing is made before it is known that all can be. */
static void a_medium_has_to_suit_its_drive(void **state)
{
	struct fixture *fixture = *state;
	fake_library_add_tapes(fixture->library);
	apply(fixture, "",
		"[[drive]]\nname = \"new0\"\n"
		"[[drive]]\nname = \"lto4\"\nmedium = \"netinst\"\n");
	said(2, "",
		"carousel: stdin, line 5: drive lto4 takes a tape, and netinst is a disc\n"
		"          Use a drive of its kind (carousel drive ls).\n");
	apply(fixture, "", "[[drive]]\nname = \"new0\"\nmedium = \"ARC003L8\"\n");
	assert_non_null(strstr(ran.err, "line 3: drive new0 takes a disc, and ARC003L8 is a tape"));
}

static void a_tape_stays_in_the_drive_that_keeps_it(void **state)
{
	struct fixture *fixture = *state;
	fake_library_add_tapes(fixture->library);
	apply(fixture, "", "[[drive]]\nname = \"lto4\"\nmedium = \"ARC006L8\"\n");
	assert_int_equal(ran.exit, 2);
	assert_non_null(strstr(ran.err, "stdin, line 3: tape arc006l8 is in drive lto5\n"));
	apply(fixture, "",
		"[[drive]]\nname = \"lto4\"\nmedium = \"ARC006L8\"\n"
		"[[drive]]\nname = \"lto5\"\nmedium = \"\"\n");
	assert_int_equal(ran.exit, 0);
}

static void what_fails_says_how_far_it_came(void **state)
{
	apply(*state, "",
		"[[drive]]\nname = \"dvd1\"\nmedium = \"netinst\"\n"
		"[[drive]]\nname = \"dvd2\"\nmedium = \"netinst\"\n");
	assert_int_equal(ran.exit, 4);
	assert_non_null(strstr(ran.err, "stdin, line 4: drive dvd2 is locked by loopback\n"));
	assert_non_null(strstr(ran.err, "1 of 2 were done; apply it again when that is mended\n"));
}

/* What only the daemon can know to be wrong has a place in the file all the same. */
static void what_the_daemon_refuses_has_its_line(void **state)
{
	char path[] = "/tmp/carousel-secret-XXXXXX", text[512];
	int fd = mkstemp(path);
	assert_int_equal(write(fd, "short\n", 6), 6);
	close(fd);
	snprintf(text, sizeof text,
		"[[export]]\nname = \"safe\"\nluns = [\"dvd0\"]\nchap_user = \"bob\"\n"
		"chap_secret_file = \"%s\"\n",
		path);
	apply(*state, "", text);
	assert_non_null(strstr(ran.err, "carousel: stdin, line 5: member \"chap.secret\" "));
	unlink(path);
	apply(*state, "", text);
	assert_int_equal(ran.exit, 3);
	assert_non_null(strstr(ran.err, "carousel: stdin, line 5: cannot read the secret in "));
	apply(*state, "", "[[export]]\nname = \"public\"\nluns = [\"dvd0\"]\n");
	assert_non_null(strstr(ran.err, "carousel: stdin, line 1: "));
	apply(*state, "", "{\"export\": [{\"name\": \"public\"}]}");
	assert_non_null(strstr(ran.err, "carousel: stdin, public: "));
	apply(*state, "", "{\"drive\": [{\"name\": \"dvd0\"}, {\"medium\": \"\"}]}");
	assert_non_null(strstr(ran.err, "carousel: stdin, drive 2: a drive has no name\n"));
}

/* Else nobody sees it behind the rest. */
static void a_complaint_stands_alone(void **state)
{
	apply(*state, "", "[[drive]]\nname = \"dvd0\"\n[[medium]]\nname = \"nothing\"\n");
	said(3, "",
		"carousel: stdin, line 4: there is no medium nothing\n"
		"          Correct it: carousel media ls has the names.\n");
}

/* A secret is read before anything is done, sent, and never shown. */
static void secrets_come_from_files(void **state)
{
	char path[] = "/tmp/carousel-secret-XXXXXX", text[512];
	int fd = mkstemp(path);
	assert_int_equal(write(fd, "twelve-bytes-and-more\n", 22), 22);
	close(fd);
	snprintf(text, sizeof text,
		"[[export]]\nname = \"safe\"\nluns = [\"dvd0\"]\nchap_user = \"bob\"\n"
		"chap_secret_file = \"%s\"\n",
		path);
	apply(*state, "-o json --dry-run", text);
	assert_int_equal(ran.exit, 0);
	assert_null(strstr(ran.out, "twelve"));
	apply(*state, "", text);
	assert_int_equal(ran.exit, 0);
	run_carousel(*state, "", "export show safe -o json", &ran);
	assert_non_null(strstr(ran.out, "\"user\": \"bob\""));
	apply(*state, "", text);
	assert_string_equal(ran.out, "");
	assert_non_null(strstr(ran.err, "nothing to do\n"));
	unlink(path);
	apply(*state, "", text);
	assert_int_not_equal(ran.exit, 0);
	assert_non_null(strstr(ran.err, path));
}

static void one_thing_is_asked_for(void **state)
{
	run_carousel(*state, "", "apply", &ran);
	assert_int_equal(ran.exit, 2);
	run_carousel(*state, "", "apply -f x --print", &ran);
	assert_int_equal(ran.exit, 2);
	run_carousel(*state, "", "apply -f /no/such/file.toml", &ran);
	assert_int_equal(ran.exit, 3);
	assert_string_equal(ran.err,
		"carousel: cannot read /no/such/file.toml: No such file or directory\n"
		"          Check the path.\n");
}

#define APPLY_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		APPLY_TEST(a_dry_run_only_says_it),
		APPLY_TEST(what_is_said_is_done_once),
		APPLY_TEST(what_is_not_named_goes_only_when_told),
		APPLY_TEST(an_empty_file_does_not_take_everything_away),
		APPLY_TEST(json_does_as_well),
		APPLY_TEST(what_is_printed_is_what_is),
		APPLY_TEST(nothing_is_done_when_something_is_wrong),
		APPLY_TEST(a_tape_is_not_put_into_two_drives),
		APPLY_TEST(a_medium_has_to_suit_its_drive),
		APPLY_TEST(a_tape_stays_in_the_drive_that_keeps_it),
		APPLY_TEST(what_fails_says_how_far_it_came),
		APPLY_TEST(what_the_daemon_refuses_has_its_line),
		APPLY_TEST(a_complaint_stands_alone),
		APPLY_TEST(secrets_come_from_files),
		APPLY_TEST(one_thing_is_asked_for),
	};
	return cmocka_run_group_tests_name("ctl/apply", tests, NULL, NULL);
}
