/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "config_keys.h"
#include "directory.h"
#include "util/cleanup.h"
#include "util/error.h"

/* The file is refused with a sentence that names file and line and contains `what`. */
static struct error refuse(void **state, const char *text, unsigned line, const char *what)
{
	struct config config;
	struct error error = {0};
	char place[PATH_MAX + 16];
	const char *path = in_directory(state, "carousel.conf");
	write_file(path, text);
	assert_false(config_load(&config, path, &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	snprintf(place, sizeof place, "%s:%u: ", path, line);
	if (strncmp(error.sentence, place, strlen(place)) != 0 || !strstr(error.sentence, what))
		fail_msg("%s", error.sentence);
	assert_true(error.remedy[0]);
	return error;
}

static void without_a_file_there_are_defaults(void **state)
{
	struct config config;
	assert_true(config_load(&config, NULL, NULL));
	assert_string_equal(config.state_dir, "/var/lib/carousel");
	assert_string_equal(config.runtime_dir, "/run/carousel");
	assert_int_equal(config.log_level, LOG_LEVEL_INFO);
	assert_string_equal(config.socket, "/run/carousel/carousel.sock");
	assert_string_equal(config.socket_group, "");
	assert_string_equal(config.listen_host, "127.0.0.1");
	assert_int_equal(config.listen_port, 7480);
	assert_string_equal(config.token_file, "/var/lib/carousel/token");
	assert_int_equal(config.pool_count, 1);
	assert_string_equal(config.pools[0], "/var/lib/carousel/media");
	assert_int_equal(config.drive_count, 0);
	assert_int_equal(config.kernel_target, KERNEL_TARGET_AUTO);
	assert_int_equal(config.portal_listen_count, 1);
	assert_string_equal(config.portal_listen[0], "127.0.0.1:3260");
	assert_false(config.portal_remote);
	assert_false(config.portal_allow_open);
	assert_int_equal(config.portal_sessions, 256);
	assert_string_equal(config.portal_prefix, "");
	assert_int_equal(config.export_count, 0);
	config_finish(&config);
}

static void every_key_is_read(void **state)
{
	struct config config = load_config(state,
		"# comment\n"
		"[daemon]\nstate_dir = /s\nruntime_dir = /r ; comment\nlog_level = debug\n"
		"kernel_target = no\n"
		"[web]\nsocket = /x/y.sock\nsocket_group = media\nlisten = [::1]:80\n"
		"token_file = secret\n"
		"[media]\npools = /a:/b/c\npools = /d\n"
		"[portal]\nlisten = 192.0.2.1:3260\nlisten = [::1]:3261\nallow_open = yes\n"
		"name_prefix = iqn.2001-04.com.example\nsessions = 9\n"
		"[drive dvd0]\npersonality = bd-rom\nexport = none\nmedium = debian-12\n"
		"[export backup]\nluns = dvd0\nluns = 5:dvd1\ntarget = iqn.2001-04.com.example:x\n"
		"initiators = iqn.a:*, iqn.b:*\nnetworks = 10.0.0.0/8\nchap_user = bob\n"
		"chap_secret_file = bob.secret\nmutual_user = lib\n"
		"mutual_secret_file = /etc/lib.secret\nopen = yes\n");
	assert_string_equal(config.state_dir, "/s");
	assert_string_equal(config.runtime_dir, "/r");
	assert_int_equal(config.log_level, LOG_LEVEL_DEBUG);
	assert_string_equal(config.socket, "/x/y.sock");
	assert_string_equal(config.socket_group, "media");
	assert_string_equal(config.listen_host, "::1");
	assert_int_equal(config.listen_port, 80);
	assert_string_equal(config.token_file, "/s/secret");
	assert_int_equal(config.pool_count, 3);
	assert_string_equal(config.pools[1], "/b/c");
	assert_string_equal(config.pools[2], "/d");
	assert_int_equal(config.drive_count, 1);
	assert_string_equal(config.drives[0].name, "dvd0");
	assert_string_equal(config.drives[0].personality, "bd-rom");
	assert_string_equal(config.drives[0].medium, "debian-12");
	assert_int_equal(config.drives[0].shown, SHOWN_NONE);
	assert_int_equal(config.kernel_target, KERNEL_TARGET_NO);
	assert_int_equal(config.portal_listen_count, 2);
	assert_string_equal(config.portal_listen[1], "[::1]:3261");
	assert_true(config.portal_remote);
	assert_true(config.portal_allow_open);
	assert_string_equal(config.portal_prefix, "iqn.2001-04.com.example");
	assert_int_equal(config.portal_sessions, 9);
	assert_int_equal(config.export_count, 1);
	const struct config_export *export = &config.exports[0];
	assert_string_equal(export->name, "backup");
	assert_string_equal(export->luns, "dvd0 5:dvd1");
	assert_string_equal(export->target, "iqn.2001-04.com.example:x");
	assert_string_equal(export->initiators, "iqn.a:*, iqn.b:*");
	assert_string_equal(export->networks, "10.0.0.0/8");
	assert_string_equal(export->chap_user, "bob");
	assert_string_equal(export->chap_secret_file, "/s/bob.secret");
	assert_string_equal(export->mutual_user, "lib");
	assert_string_equal(export->mutual_secret_file, "/etc/lib.secret");
	assert_true(export->open);
	config_finish(&config);
}

static void a_drive_needs_no_keys(void **state)
{
	struct config config = load_config(state, "[drive a]\n[drive b]\nexport = none\n[drive c]");
	assert_int_equal(config.drive_count, 3);
	assert_string_equal(config.drives[0].personality, "dvd-rom");
	assert_int_equal(config.drives[0].shown, SHOWN_AUTO);
	assert_string_equal(config.drives[0].medium, "");
	assert_int_equal(config.drives[1].shown, SHOWN_NONE);
	assert_int_equal(config.drives[2].shown, SHOWN_AUTO);
	config_finish(&config);
}

static void an_export_needs_no_keys(void **state)
{
	struct config config =
		load_config(state, "[export a]\n[drive d]\n[export b]\nopen = yes\n");
	assert_int_equal(config.export_count, 2);
	assert_string_equal(config.exports[0].luns, "");
	assert_string_equal(config.exports[0].chap_secret_file, "");
	assert_false(config.exports[0].open);
	assert_true(config.exports[1].open);
	config_finish(&config);
}

static void the_portal_can_be_off(void **state)
{
	struct config config = load_config(state, "[portal]\nlisten =\n");
	assert_int_equal(config.portal_listen_count, 0);
	assert_false(config.portal_remote);
	config_finish(&config);
}

static void every_loopback_address_of_the_portal_is_local(void **state)
{
	struct config config =
		load_config(state, "[portal]\nlisten = 127.0.0.2:1\nlisten = [::1]:2\n");
	assert_false(config.portal_remote);
	config_finish(&config);
	config = load_config(state, "[portal]\nlisten = 127.0.0.1:1\nlisten = [::]:2\n");
	assert_true(config.portal_remote);
	config_finish(&config);
}

static void the_kernel_listens_on_this_machine_unless_told(void **state)
{
	struct config config = load_config(state, "");
	assert_int_equal(config.kernel_listen_count, 1);
	assert_string_equal(config.kernel_listen[0], "127.0.0.1:3261");
	assert_false(config.kernel_remote);
	config_finish(&config);
	config = load_config(state, "[kernel]\nlisten = [::1]:1\nlisten = 192.0.2.1:2\n");
	assert_int_equal(config.kernel_listen_count, 2);
	assert_true(config.kernel_remote);
	assert_false(config.portal_remote);
	config_finish(&config);
	config = load_config(state, "[kernel]\nlisten =\n[export a]\ntransport = kernel\n");
	assert_int_equal(config.kernel_listen_count, 0);
	assert_string_equal(config.exports[0].transport, "kernel");
	config_finish(&config);
	refuse(state, "[kernel]\nlisten = 3261\n", 2, "listen");
	refuse(state, "[export a]\ntransport = fibre\n", 2, "transport");
}

static void sizes_have_units(void **state)
{
	struct config config = load_config(state, "");
	assert_int_equal(config.upload_limit, 0);
	assert_int_equal(config.pool_reserve, 0);
	config_finish(&config);
	config =
		load_config(state, "[media]\nupload_limit = 60GB\npool_reserve = 1.5 GiB ; free\n");
	assert_int_equal(config.upload_limit, 60000000000);
	assert_int_equal(config.pool_reserve, 1610612736);
	config_finish(&config);
	refuse(state, "[media]\n\nupload_limit = much\n", 3, "upload_limit");
	refuse(state, "[media]\nupload_limit = -1\n", 2, "\"-1\"");
	struct error error = refuse(state, "[media]\npool_reserve = 10 %\n", 2, "pool_reserve");
	assert_non_null(strstr(error.remedy, "MiB"));
}

static void wrong_values_of_portal_and_exports_are_refused(void **state)
{
	refuse(state, "[portal]\nlisten = 3260\n", 2, "listen");
	refuse(state, "[portal]\nlisten = host:3260\n", 2, "listen");
	refuse(state, "[portal]\nlisten = ::1:3260\n", 2, "listen");
	refuse(state, "[portal]\nlisten = 1.2.3.4:0\n", 2, "listen");
	refuse(state, "[portal]\nname_prefix = carousel\n", 2, "name_prefix");
	refuse(state, "[portal]\nallow_open = maybe\n", 2, "allow_open");
	refuse(state, "[portal]\nsessions = 0\n", 2, "sessions");
	refuse(state, "[portal]\nsessions = 4097\n", 2, "sessions");
	refuse(state, "[daemon]\nkernel_target = perhaps\n", 2, "kernel_target");
	refuse(state, "[export a]\nopen = 1\n", 2, "open");
	refuse(state, "[export A]\n", 1, "export");
	refuse(state, "[export a]\n[export a]\n", 2, "already");
	refuse(state, "[export]\n", 1, "export");
}

static void wrong_words_of_exports_are_refused_at_their_line(void **state)
{
	refuse(state, "[export a]\ntarget = backup\n", 2, "target");
	refuse(state, "[export a]\ntarget = iqn.2026-13\n", 2, "target");
	refuse(state, "[export a]\ninitiators = iqn.a:*\ninitiators = iqn.b iqn.[c]\n", 3,
		"initiators");
	refuse(state, "[export a]\nnetworks = 10.0.0.0/8,10.0.0.1/8\n", 2, "networks");
	refuse(state, "[export a]\nopen = no\nnetworks = here\n", 3, "here");
	struct config config =
		load_config(state, "[export a]\ntarget = IQN.2026-01.Local:X\n"
				   "initiators = *, IQN.a\nnetworks =\nnetworks = fe80::/10\n");
	assert_string_equal(config.exports[0].initiators, "*, IQN.a");
	config_finish(&config);
}

static void the_socket_follows_the_runtime_directory(void **state)
{
	struct config config =
		load_config(state, "[web]\nsocket = s\n[daemon]\nruntime_dir = /r\n");
	assert_string_equal(config.socket, "/r/s");
	config_finish(&config);
}

static void indented_lines_are_lines(void **state)
{
	struct config config =
		load_config(state, "  [daemon]\n  state_dir = /s\n\truntime_dir = /r\n");
	assert_string_equal(config.state_dir, "/s");
	assert_string_equal(config.runtime_dir, "/r");
	config_finish(&config);
}

static void tcp_can_be_off(void **state)
{
	struct config config = load_config(state, "[web]\nlisten =\n");
	assert_string_equal(config.listen_host, "");
	assert_int_equal(config.listen_port, 0);
	config_finish(&config);
}

static void an_unknown_key_is_answered_with_the_known_ones(void **state)
{
	struct error error = refuse(state, "[daemon]\n\nstate = /s\n", 3, "\"state\"");
	assert_string_equal(
		error.remedy, "Its keys are state_dir, runtime_dir, log_level, kernel_target.");
	error = refuse(state, "[drive a]\nvendor = x\n", 2, "[drive]");
	assert_string_equal(error.remedy, "Its keys are personality, export, medium.");
}

static void an_unknown_section_is_answered_with_the_known_ones(void **state)
{
	struct error error = refuse(state, "[daemon]\n[demon]\n", 2, "[demon]");
	assert_non_null(strstr(error.remedy, "[drive NAME]"));
	refuse(state, "[drive]\n", 1, "[drive]");
	refuse(state, "[]\n", 1, "[]");
}

static void a_key_outside_of_sections_is_refused(void **state)
{
	refuse(state, "state_dir = /s\n", 1, "in no section");
}

static void two_drives_of_one_name_are_refused(void **state)
{
	refuse(state, "[drive a]\n[drive b]\n\n[drive a]\n", 4, "[drive a] already");
}

static void a_bad_name_of_a_drive_is_refused(void **state)
{
	refuse(state, "[drive ../etc]\n", 1, "../etc");
	refuse(state, "[drive ]\n", 1, "\"\"");
	refuse(state, "[drive any]\n", 1, "\"any\"");
}

static void a_key_given_twice_is_refused(void **state)
{
	refuse(state, "[web]\nlisten =\n[daemon]\n[web]\nlisten = 127.0.0.1:1\n", 5, "second time");
	refuse(state, "[drive a]\nmedium = x\nmedium = y\n", 3, "second time");
}

static void an_address_of_the_network_takes_tls(void **state)
{
	struct error error = refuse(state, "[web]\nlisten = 0.0.0.0:7480\n", 2, "0.0.0.0");
	assert_non_null(strstr(error.remedy, "tls_certificate"));
	refuse(state, "[web]\nlisten = 192.168.0.1:7480\n", 2, "192.168.0.1");
	refuse(state, "[web]\nlisten = [::]:7480\n", 2, "::");
	refuse(state, "[web]\nlisten = 128.0.0.1:7480\n", 2, "128");
	struct config config = load_config(state,
		"[web]\nlisten = [::]:7480\ntls_certificate = /c\ntls_key = /k\nhosts = a b.c\n"
		"hosts = d\n");
	assert_string_equal(config.listen_host, "::");
	assert_string_equal(config.tls_certificate, "/c");
	assert_string_equal(config.tls_key, "/k");
	assert_string_equal(config.hosts, "a b.c d");
	config_finish(&config);
	config = load_config(state, "[web]\nlisten = 192.0.2.1:80\nallow_unencrypted = yes\n");
	assert_string_equal(config.listen_host, "192.0.2.1");
	assert_true(config.allow_unencrypted);
	config_finish(&config);
}

static void limits_of_the_network(void **state)
{
	struct config config = load_config(state,
		"[web]\nconnections = 9\nconnections_per_address = 2\nrequests_per_second = 0\n");
	assert_int_equal(config.connections, 9);
	assert_int_equal(config.connections_per_address, 2);
	assert_int_equal(config.requests_per_second, 0);
	config_finish(&config);
	assert_true(config_load(&config, NULL, NULL));
	assert_int_equal(config.connections, 256);
	assert_int_equal(config.connections_per_address, 64);
	assert_int_equal(config.requests_per_second, 200);
	config_finish(&config);
	refuse(state, "[web]\nconnections = 0\n", 2, "connections");
	refuse(state, "[web]\nconnections_per_address = 4097\n", 2, "connections_per_address");
	refuse(state, "[web]\nrequests_per_second = -1\n", 2, "requests_per_second");
	refuse(state, "[web]\nrequests_per_second = many\n", 2, "requests_per_second");
}

static void a_certificate_and_its_key_belong_together(void **state)
{
	refuse(state, "[web]\ntls_certificate = /c\n", 2, "belong together");
	refuse(state, "[web]\ntls_key = /k\n", 2, "belong together");
	refuse(state, "[web]\ntls_key = k\n", 2, "tls_key");
	refuse(state, "[web]\nhosts = a:80\n", 2, "hosts");
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {"7480", "127.0.0.1", ":7480", "127.0.0.1:", "127.0.0.1:0",
		"127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1: 80", "::1:80", "[::1:80", "::1]:80",
		"[:80", "example.org:80"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char text[64];
		snprintf(text, sizeof text, "[web]\nlisten = %s\n", bad[i]);
		refuse(state, text, 2, bad[i]);
	}
}

static void localhost_is_a_loopback_address(void **state)
{
	struct config config = load_config(state, "[web]\nlisten = localhost:99\n");
	assert_string_equal(config.listen_host, "127.0.0.1");
	assert_int_equal(config.listen_port, 99);
	config_finish(&config);
}

static void values_that_mean_nothing_are_refused(void **state)
{
	struct error error = refuse(state, "[daemon]\nlog_level = loud\n", 2, "\"loud\"");
	assert_string_equal(error.remedy, "Give error, warning, info or debug.");
	refuse(state, "[daemon]\nstate_dir = relative\n", 2, "relative");
	refuse(state, "[daemon]\nstate_dir =\n", 2, "state_dir");
	refuse(state, "[media]\npools = relative\n", 2, "relative");
	refuse(state, "[media]\npools = /a:b\n", 2, "pools");
	refuse(state, "[media]\npools = :\n", 2, "pools");
	refuse(state, "[drive a]\nexport = nfs\n", 2, "nfs");
	refuse(state, "[drive a]\npersonality =\n", 2, "personality");
	error = refuse(state, "[drive a]\npersonality = dvd-ram\n", 2, "dvd-ram");
	assert_string_equal(error.remedy, "Give cd-rom, dvd-rom, bd-rom or lto-8.");
}

static void a_line_that_makes_no_sense_is_refused(void **state)
{
	refuse(state, "[daemon]\nstate_dir = /s\nnonsense\n", 3, "understood");
	refuse(state, "[daemon\n", 1, "understood");
}

static void a_line_is_not_taken_for_two(void **state)
{
	char text[4096] = "[daemon]\nstate_dir = /";
	size_t length = strlen(text);
	memset(text + length, 'x', sizeof text - length - 2);
	text[sizeof text - 2] = '\n';
	text[sizeof text - 1] = 0;
	refuse(state, text, 2, "longer than");
}

static void a_file_that_is_not_there_is_refused(void **state)
{
	struct config config;
	struct error error;
	assert_false(config_load(&config, "/nonexistent/carousel.conf", &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	assert_non_null(strstr(error.remedy, "--print-config"));
}

static void a_directory_is_not_an_empty_file(void **state)
{
	struct config config;
	struct error error;
	assert_false(config_load(&config, "/", &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	assert_non_null(strstr(error.sentence, "directory"));
}

static char *sample(void)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	config_print_sample(file);
	fclose(file);
	return text;
}

static void the_packaged_configuration_is_the_sample(void **state)
{
	_cleanup_free_ char *expected = sample();
	char packaged[32768] = "";
	FILE *file = fopen(SAMPLE_CONFIGURATION, "r");
	assert_non_null(file);
	assert_true(fread(packaged, 1, sizeof packaged - 1, file) > 0);
	fclose(file);
	assert_string_equal(packaged, expected);
}

/* Without the comment signs before keys and sections, the sample says what the defaults are. */
static void the_sample_shows_the_defaults(void **state)
{
	_cleanup_free_ char *text = sample();
	char *to = text;
	for (const char *from = text; *from; from++)
		if (!(*from == '#' && from[1] != ' '))
			*to++ = *from;
	*to = 0;
	struct config config = load_config(state, text);
	assert_string_equal(config.state_dir, "/var/lib/carousel");
	assert_int_equal(config.listen_port, 7480);
	assert_int_equal(config.drive_count, 1);
	assert_string_equal(config.drives[0].name, "dvd0");
	config_finish(&config);
}

/* ---- the settings in force ----------------------------------------------------------------------
 */

static char *printed(const struct config *config)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	config_print(config, file);
	fclose(file);
	return text;
}

/* Every key but those of drives and exports. */
static void what_is_printed_has_every_setting(void **state)
{
	struct config config;
	char line[64];
	assert_true(config_load(&config, NULL, NULL));
	_cleanup_free_ char *text = printed(&config);
	for (unsigned i = 0; i < CONFIG_KEYS; i++) {
		const struct config_key *key = &config_keys[i];
		if (!strcmp(key->section, "drive") || !strcmp(key->section, "export"))
			continue;
		snprintf(line, sizeof line, "\n%s = ", key->name);
		if (!strstr(text, line))
			fail_msg("%s is not printed", key->name);
	}
	config_finish(&config);
}

static void what_is_printed_says_the_same(void **state, const char *text)
{
	struct config config = load_config(state, text);
	_cleanup_free_ char *once = printed(&config);
	struct config again = load_config(state, once);
	_cleanup_free_ char *twice = printed(&again);
	assert_string_equal(once, twice);
	assert_int_equal(config.listen_port, again.listen_port);
	assert_int_equal(config.portal_listen_count, again.portal_listen_count);
	assert_int_equal(config.kernel_target, again.kernel_target);
	assert_int_equal(config.log_level, again.log_level);
	config_finish(&config);
	config_finish(&again);
}

static void what_is_printed_can_be_read_again(void **state)
{
	what_is_printed_says_the_same(state, "");
	what_is_printed_says_the_same(state,
		"[daemon]\nstate_dir = /s\nlog_level = debug\nkernel_target = no\n"
		"[web]\nlisten = [::1]:80\nsocket = s\n[media]\npools = /a:/b c\ntape_dir = t\n"
		"[portal]\nlisten = 192.0.2.1:3260\nlisten = [::1]:3262\nallow_open = yes\n"
		"[kernel]\nlisten =\n");
	what_is_printed_says_the_same(state, "[web]\nlisten =\n[portal]\nlisten =\n");
}

static void what_is_printed_has_absolute_paths(void **state)
{
	struct config config = load_config(state, "[daemon]\nstate_dir = /s\n");
	_cleanup_free_ char *text = printed(&config);
	assert_non_null(strstr(text, "\ntape_dir = /s/tapes\n"));
	assert_non_null(strstr(text, "\nsocket = /run/carousel/carousel.sock\n"));
	config_finish(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_file_there_are_defaults),
		IN_DIRECTORY(every_key_is_read),
		IN_DIRECTORY(a_drive_needs_no_keys),
		IN_DIRECTORY(an_export_needs_no_keys),
		IN_DIRECTORY(the_portal_can_be_off),
		IN_DIRECTORY(every_loopback_address_of_the_portal_is_local),
		IN_DIRECTORY(the_kernel_listens_on_this_machine_unless_told),
		IN_DIRECTORY(sizes_have_units),
		IN_DIRECTORY(wrong_values_of_portal_and_exports_are_refused),
		IN_DIRECTORY(wrong_words_of_exports_are_refused_at_their_line),
		IN_DIRECTORY(the_socket_follows_the_runtime_directory),
		IN_DIRECTORY(indented_lines_are_lines),
		IN_DIRECTORY(tcp_can_be_off),
		IN_DIRECTORY(an_unknown_key_is_answered_with_the_known_ones),
		IN_DIRECTORY(an_unknown_section_is_answered_with_the_known_ones),
		IN_DIRECTORY(a_key_outside_of_sections_is_refused),
		IN_DIRECTORY(two_drives_of_one_name_are_refused),
		IN_DIRECTORY(a_bad_name_of_a_drive_is_refused),
		IN_DIRECTORY(a_key_given_twice_is_refused),
		IN_DIRECTORY(an_address_of_the_network_takes_tls),
		IN_DIRECTORY(a_certificate_and_its_key_belong_together),
		IN_DIRECTORY(limits_of_the_network),
		IN_DIRECTORY(what_is_no_address_is_refused),
		IN_DIRECTORY(localhost_is_a_loopback_address),
		IN_DIRECTORY(values_that_mean_nothing_are_refused),
		IN_DIRECTORY(a_line_that_makes_no_sense_is_refused),
		IN_DIRECTORY(a_line_is_not_taken_for_two),
		cmocka_unit_test(a_file_that_is_not_there_is_refused),
		cmocka_unit_test(a_directory_is_not_an_empty_file),
		cmocka_unit_test(the_packaged_configuration_is_the_sample),
		IN_DIRECTORY(the_sample_shows_the_defaults),
		cmocka_unit_test(what_is_printed_has_every_setting),
		IN_DIRECTORY(what_is_printed_can_be_read_again),
		IN_DIRECTORY(what_is_printed_has_absolute_paths),
	};
	return cmocka_run_group_tests_name("daemon/config", tests, NULL, NULL);
}
