/* SPDX-License-Identifier: Apache-2.0 */
/* A section [export NAME] as it is asked of the library, and lines that are bounded. */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access.h"
#include "bounded_log.h"
#include "config.h"
#include "directory.h"
#include "export_seed.h"
#include "scsi/executor.h"
#include "util/error.h"

static void read_one(void **state, const char *text, struct export_seed *ret)
{
	struct config config = load_config(state, text);
	struct error error;
	if (!export_seed_read(&config.exports[0], ret, &error))
		fail_msg("%s", error.sentence);
	config_finish(&config);
}

static void refuse(void **state, const char *text, const char *what)
{
	struct config config = load_config(state, text);
	struct export_seed seed;
	struct error error = {0};
	assert_false(export_seed_read(&config.exports[0], &seed, &error));
	assert_int_equal(error.code, ERROR_CONFIGURATION);
	assert_non_null(strstr(error.sentence, "[export a]"));
	if (!strstr(error.sentence, what))
		fail_msg("%s", error.sentence);
	assert_true(error.remedy[0]);
	config_finish(&config);
}

static void luns_have_numbers_or_take_their_place(void **state)
{
	struct export_seed seed;
	read_one(state, "[export a]\nluns = dvd0, 7:dvd1\nluns = dvd2\n", &seed);
	assert_int_equal(seed.put.lun_count, 3);
	assert_int_equal(seed.put.luns[0].lun, 0);
	assert_string_equal(seed.put.luns[0].drive, "dvd0");
	assert_int_equal(seed.put.luns[1].lun, 7);
	assert_string_equal(seed.put.luns[1].drive, "dvd1");
	assert_int_equal(seed.put.luns[2].lun, 2);
	assert_null(seed.put.chap_secret);
}

static void rules_are_words(void **state)
{
	struct export_seed seed;
	read_one(state,
		"[export a]\ninitiators = iqn.a:* , iqn.b\nnetworks = 10.0.0.0/8 fd00::/8\n"
		"open = yes\n",
		&seed);
	assert_int_equal(seed.put.initiators.count, 2);
	assert_string_equal(seed.put.initiators.rules[1], "iqn.b");
	assert_int_equal(seed.put.networks.count, 2);
	assert_string_equal(seed.put.networks.rules[0], "10.0.0.0/8");
	assert_true(seed.put.open);
}

static void write_secret(const char *path, const char *text, mode_t mode)
{
	write_file(path, text);
	assert_int_equal(chmod(path, mode), 0);
}

static void secrets_are_the_first_line_of_a_private_file(void **state)
{
	char text[PATH_MAX + 128];
	struct export_seed seed;
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s", in_directory(state, "secret"));
	snprintf(text, sizeof text, "[export a]\nchap_user = bob\nchap_secret_file = %s\n", path);
	write_secret(path, "correct horse\r\nbattery\n", 0600);
	read_one(state, text, &seed);
	assert_string_equal(seed.put.chap_secret, "correct horse");
	export_seed_finish(&seed);
	assert_int_equal(seed.chap_secret[0], 0);
	write_secret(path, "correct horse\n", 0640);
	refuse(state, text, "others may read");
	unlink(path);
	refuse(state, text, "cannot read");
	char long_secret[400];
	memset(long_secret, 'x', sizeof long_secret - 1);
	long_secret[sizeof long_secret - 1] = '\0';
	write_secret(path, long_secret, 0600);
	refuse(state, text, "more than a secret");
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	refuse(state, text, "secret");
}

static void what_is_no_lun_is_refused(void **state)
{
	refuse(state, "[export a]\nluns = x:dvd0\n", "x:dvd0");
	refuse(state, "[export a]\nluns = :dvd0\n", ":dvd0");
	refuse(state, "[export a]\nluns = 70000:dvd0\n", "70000:dvd0");
	refuse(state, "[export a]\nluns = -1:dvd0\n", "-1:dvd0");
}

static void too_many_of_something_is_refused(void **state)
{
	char text[8192] = "[export a]\n";
	for (unsigned i = 0; i < LIBRARY_EXPORT_RULES_MAX + 1; i++)
		strcat(text, "initiators = iqn.x\n");
	refuse(state, text, "too many rules");
	strcpy(text, "[export a]\n");
	for (unsigned i = 0; i < LIBRARY_EXPORT_LUNS_MAX + 1; i++)
		strcat(text, "luns = dvd0\n");
	refuse(state, text, "too many LUNs");
}

static void the_default_prefix_makes_iscsi_names(void **state)
{
	char prefix[LIBRARY_ISCSI_NAME_MAX], name[512];
	export_seed_default_prefix(prefix, sizeof prefix);
	snprintf(name, sizeof name, "%s:backup", prefix);
	assert_true(access_iscsi_name_valid(name));
}

/* ---- bounded_log ----------------------------------------------------------------------------- */

static uint64_t now_ns;

static uint64_t clock_now(const struct scsi_clock *clock)
{
	return now_ns;
}

static unsigned count_lines(const char *path, const char *word)
{
	char line[LOG_LINE_MAX + 64];
	unsigned count = 0;
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file))
		count += strstr(line, word) != NULL;
	fclose(file);
	return count;
}

static void a_flood_is_so_many_lines(void **state)
{
	static const struct scsi_clock clock = {.now_ns = clock_now};
	const char *path = in_directory(state, "log");
	struct bounded_log log;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	now_ns = 5000000000;
	log_start(fd, false);
	bounded_log_init(&log, &clock);
	for (unsigned i = 0; i < 1000; i++)
		bounded_log(&log, LOG_LEVEL_INFO, "who %u", i);
	assert_int_equal(count_lines(path, "who"), BOUNDED_LOG_AT_ONCE);
	now_ns += 60000000000u / BOUNDED_LOG_PER_MINUTE;
	bounded_log(&log, LOG_LEVEL_INFO, "who later");
	bounded_log(&log, LOG_LEVEL_INFO, "who else");
	assert_int_equal(count_lines(path, "who"), BOUNDED_LOG_AT_ONCE + 1);
	assert_int_equal(count_lines(path, ": 980 messages"), 1);
	now_ns += 3600u * 1000000000ull;
	for (unsigned i = 0; i < 1000; i++)
		bounded_log(&log, LOG_LEVEL_INFO, "again %u", i);
	assert_int_equal(count_lines(path, "again"), BOUNDED_LOG_AT_ONCE);
	bounded_log_finish(&log);
	log_start(STDERR_FILENO, false);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(luns_have_numbers_or_take_their_place),
		IN_DIRECTORY(rules_are_words),
		IN_DIRECTORY(secrets_are_the_first_line_of_a_private_file),
		IN_DIRECTORY(what_is_no_lun_is_refused),
		IN_DIRECTORY(too_many_of_something_is_refused),
		cmocka_unit_test(the_default_prefix_makes_iscsi_names),
		IN_DIRECTORY(a_flood_is_so_many_lines),
	};
	return cmocka_run_group_tests_name("daemon/export seed", tests, NULL, NULL);
}
