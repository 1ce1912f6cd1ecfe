/* SPDX-License-Identifier: Apache-2.0 */
/* osinfo-db: files of our own making, and Debian's package where it is installed. */
#include "support.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "image_maker.h"
#include "os.h"

static char tree[128];

static int begin(void **state)
{
	int result = maker_begin(state);
	snprintf(tree, sizeof tree, "%.*s/tree", (int)(strlen(maker_image()) - 6), maker_image());
	return result;
}

static struct os_database *open_database(void)
{
	return os_database_create((const char *const[]){tree, "/does/not/exist", NULL});
}

/* A database of one file; `rules` goes between <os> and </os>. */
static struct os_database *database_of(const char *rules)
{
	char xml[4096];
	maker_clear();
	snprintf(xml, sizeof xml,
		"<?xml version='1.0'?><libosinfo version='0.0.1'><os id='http://x.org/1'>"
		"<short-id>example1</short-id><name>Example 1</name>"
		"<name xml:lang='de'>Beispiel 1</name><version>1</version>%s</os></libosinfo>",
		rules);
	maker_write("os/example.org/example-1.xml", xml);
	return open_database();
}

static enum os_answer ask(struct os_database *database, const char *volume_id,
	const char *application, uint64_t bytes, struct os_details *ret)
{
	struct iso9660_details iso = {.found = true, .bytes = bytes};
	strcpy(iso.volume_id, volume_id);
	strcpy(iso.application, application);
	*ret = (struct os_details){0};
	return os_from_database(database, &iso, ret);
}

static void require_database(void)
{
	struct os_database *database =
		database_of("<media><iso><volume-id>A</volume-id></iso></media>");
	bool works = os_database_rules(database) == 1;
	os_database_destroy(database);
	if (!works) {
		print_message("skipped: built without libexpat or PCRE2\n");
		skip();
	}
}

static void a_rule_of_all_that_there_is(void **state)
{
	require_database();
	struct os_details os;
	struct os_database *database =
		database_of("<variant id='srv'><name>Example 1 Server</name></variant>"
			    "<media arch='amd64' live='true'><variant id='example-server'/><iso>"
			    "<volume-id>^EX-1\\.\\d (?!beta)</volume-id>"
			    "<application-id>EXAMPLE</application-id></iso></media>");
	assert_int_equal(ask(database, "EX-1.4 final", "AN EXAMPLE", 0, &os), OS_ANSWER_EXACT);
	assert_string_equal(os.id, "example1");
	assert_string_equal(os.name, "Example 1");
	assert_string_equal(os.version, "1");
	assert_string_equal(os.architecture, "x86_64");
	assert_string_equal(os.variant, "server");
	assert_true(os.live && os.installer);
	assert_int_equal(ask(database, "EX-1.4 beta", "AN EXAMPLE", 0, &os), OS_ANSWER_NONE);
	assert_int_equal(ask(database, "EX-1.4 final", "OTHER", 0, &os), OS_ANSWER_NONE);
	os_database_destroy(database);
}

static void the_rule_that_asks_for_more_wins(void **state)
{
	require_database();
	struct os_details os;
	os_database_destroy(database_of("<media><iso><volume-id>SAME</volume-id></iso></media>"));
	maker_write("os/example.org/example-2.xml",
		"<libosinfo><os><short-id>example2</short-id><media><iso><volume-id>SAME</"
		"volume-id>"
		"<volume-size>4096</volume-size></iso></media></os></libosinfo>");
	struct os_database *database = open_database();
	assert_int_equal(ask(database, "SAME", "", 4096, &os), OS_ANSWER_EXACT);
	assert_string_equal(os.id, "example2");
	assert_int_equal(ask(database, "SAME", "", 2048, &os), OS_ANSWER_EXACT);
	assert_string_equal(os.id, "example1");
	os_database_destroy(database);
}

static void several_systems_alike_are_vague(void **state)
{
	require_database();
	struct os_details os;
	os_database_destroy(database_of("<media><iso><volume-id>SAME</volume-id></iso></media>"));
	maker_write("os/example.org/example-2.xml",
		"<libosinfo><os><short-id>example2</short-id><media><iso><volume-id>SAM</volume-id>"
		"</iso></media></os></libosinfo>");
	struct os_database *database = open_database();
	assert_int_equal(ask(database, "SAME", "", 0, &os), OS_ANSWER_VAGUE);
	os_database_destroy(database);
}

/* A pattern that is none, or would take for ever, is no match and harms nobody else. */
static void bad_patterns(void **state)
{
	require_database();
	struct os_details os;
	struct os_database *database =
		database_of("<media><iso><volume-id>(((</volume-id></iso></media>"
			    "<media><iso><volume-id>^(a+)+$</volume-id></iso></media>"
			    "<media><iso><volume-size>1</volume-size></iso></media>"
			    "<media><iso/></media><media/>"
			    "<media><iso><volume-id>^GOOD$</volume-id></iso></media>");
	assert_int_equal(os_database_rules(database), 3);
	assert_int_equal(ask(database, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "", 1, &os),
		OS_ANSWER_NONE);
	assert_int_equal(ask(database, "(((", "", 1, &os), OS_ANSWER_NONE);
	assert_int_equal(ask(database, "GOOD", "", 1, &os), OS_ANSWER_EXACT);
	os_database_destroy(database);
}

/* Damaged, hostile and foreign files beside a good one. */
static void files_that_are_passed_over(void **state)
{
	require_database();
	static const char *const bad[] = {"", "<",
		"<libosinfo><os><short-id>x</short-id>"
		"<media><iso><volume-id>GOOD</volume-id>",
		"<!DOCTYPE l [<!ENTITY a 'GOOD'><!ENTITY b '&a;&a;&a;&a;'>]><libosinfo><os>"
		"<short-id>x</short-id><media><iso><volume-id>&b;</volume-id></iso></media></os>"
		"</libosinfo>",
		"<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
		"<libosinfo><os><media><iso><volume-id>GOOD</volume-id></iso></media></os>"
		"</libosinfo>",
		"<os><os><os><short-id>x</short-id></os></os>"};
	struct os_details os;
	os_database_destroy(database_of("<media><iso><volume-id>^GOOD$</volume-id></iso></media>"));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char path[64];
		snprintf(path, sizeof path, "os/bad/bad-%zu.xml", i);
		maker_write(path, bad[i]);
	}
	maker_run("truncate -s 2M $T/os/bad/large.xml; mkfifo $T/os/bad/pipe.xml; ln -s . "
		  "$T/os/loop; mkdir $T/os/directory.xml");
	struct os_database *database = open_database();
	assert_int_equal(ask(database, "GOOD", "", 0, &os), OS_ANSWER_EXACT);
	assert_string_equal(os.id, "example1");
	os_database_destroy(database);
}

static void nothing_to_know(void **state)
{
	struct os_details os;
	maker_clear();
	struct os_database *database = open_database();
	assert_int_equal(os_database_rules(database), 0);
	assert_int_equal(ask(database, "GOOD", "", 0, &os), OS_ANSWER_NONE);
	assert_int_equal(ask(NULL, "GOOD", "", 0, &os), OS_ANSWER_NONE);
	os_database_destroy(database);
	os_database_destroy(NULL);
}

/* ---- Debian's package --------------------------------------------------------------------------
 */

static struct os_database *installed(void)
{
	struct os_database *database = os_database_create(OS_DATABASE_DIRECTORIES);
	assert_non_null(database);
	if (os_database_rules(database) < 1000) {
		os_database_destroy(database);
		print_message("skipped: osinfo-db is not installed\n");
		skip();
	}
	return database;
}

static struct image_details labelled(struct os_database *database, const char *options)
{
	maker_require("genisoimage"); /* it leaves small letters of the publisher as they are */
	maker_clear();
	maker_run("genisoimage -r %s -o $I $T", options);
	return maker_details(NULL, database, NULL);
}

/* What the database of 2022 has, and what came later and our own rules know. */
static void discs_of_the_world(void **state)
{
	static const struct {
		const char *options, *id;
		enum os_evidence evidence;
	} discs[] = {
		{"-V 'Debian 11.5.0 amd64 n'", "debian11", OS_EVIDENCE_DATABASE},
		{"-V 'Debian 14.8.0 amd64 n'", "debian14", OS_EVIDENCE_LABEL},
		{"-V 'Ubuntu-Server 22.04.1 LTS amd64'", "ubuntu22.04", OS_EVIDENCE_DATABASE},
		{"-V 'Ubuntu-Server 34.04 LTS amd64'", "ubuntu34.04", OS_EVIDENCE_LABEL},
		{"-V 'Fedora-S-dvd-x86_64-37' -sysid LINUX", "fedora37", OS_EVIDENCE_DATABASE},
		{"-V 'openSUSE-Leap-15.4-DVD-x86_64' -sysid LINUX -publisher 'SUSE LINUX GmbH'",
			"opensuse15.4", OS_EVIDENCE_DATABASE},
		{"-V 'RHEL-9-14-0-BaseOS-x86_64' -sysid LINUX", "rhel9", OS_EVIDENCE_LABEL},
		{"-V ARCH_202404 -A 'ARCH LINUX LIVE/RESCUE DVD'", "archlinux", OS_EVIDENCE_LABEL},
		{"-V CCCOMA_X64FRE_EN-US_DV9 -publisher 'MICROSOFT CORPORATION'", "windows",
			OS_EVIDENCE_LABEL},
	};
	struct os_database *database = installed();
	for (size_t i = 0; i < sizeof discs / sizeof discs[0]; i++) {
		struct image_details d = labelled(database, discs[i].options);
		if (strcmp(d.os.id, discs[i].id) || d.os.evidence != discs[i].evidence)
			fail_msg("%s: %s by the %s", discs[i].options, d.os.id,
				os_evidence_name(d.os.evidence));
	}
	os_database_destroy(database);
}

static void *count(void *database)
{
	struct os_details os;
	ask(database, "Debian 11.5.0 amd64 n", "", 0, &os);
	return (void *)(uintptr_t)os_database_rules(database);
}

/* Two threads that need it first: it is loaded once. */
static void two_threads_at_once(void **state)
{
	struct os_database *reference = installed();
	size_t rules = os_database_rules(reference);
	struct os_database *database = os_database_create(OS_DATABASE_DIRECTORIES);
	pthread_t threads[2];
	void *counted;
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count, database), 0);
	for (unsigned i = 0; i < 2; i++) {
		pthread_join(threads[i], &counted);
		assert_int_equal((uintptr_t)counted, rules);
	}
	os_database_destroy(database);
	os_database_destroy(reference);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_of_all_that_there_is),
		cmocka_unit_test(the_rule_that_asks_for_more_wins),
		cmocka_unit_test(several_systems_alike_are_vague),
		cmocka_unit_test(bad_patterns),
		cmocka_unit_test(files_that_are_passed_over),
		cmocka_unit_test(nothing_to_know),
		cmocka_unit_test(discs_of_the_world),
		cmocka_unit_test(two_threads_at_once),
	};
	return cmocka_run_group_tests_name("inspect/os_database", tests, begin, maker_end);
}
