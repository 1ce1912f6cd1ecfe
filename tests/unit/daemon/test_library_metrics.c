/* SPDX-License-Identifier: Apache-2.0 */
/* Figures for monitoring, of a library that works. */
#include "support.h"

#include <stdio.h>

#include "daemon/metrics.h"
#include "library_lab.h"

static struct library_commands commands_of(struct lab *lab, const char *drive)
{
	struct library_commands commands;
	assert_true(library_drive_commands(lab->library, drive, &commands, NULL));
	return commands;
}

static uint64_t sum(const uint64_t *counters, unsigned count)
{
	uint64_t sum = 0;
	while (count--)
		sum += counters[count];
	return sum;
}

static void commands_of_hosts_are_counted_by_class(void **state)
{
	struct lab *lab = *state;
	load(lab, "dvd0", "a", 0);
	settle(lab, "dvd0");
	struct library_commands before = commands_of(lab, "dvd0");
	host_reads(lab, "dvd0", 20, 2);
	host_reads(lab, "dvd0", 22, 2);
	struct library_commands after = commands_of(lab, "dvd0");
	assert_int_equal(after.count[0][0] - before.count[0][0], 2);
	assert_int_equal(sum(after.durations[0], LIBRARY_DURATIONS + 1) -
				 sum(before.durations[0], LIBRARY_DURATIONS + 1),
		2);
	assert_int_equal(sum(after.count[1], LIBRARY_COMMAND_STATUSES), 0);
	assert_true(before.sense_keys[6] > 0); /* UNIT ATTENTION: the medium came */
	for (unsigned i = 1; i < LIBRARY_DURATIONS; i++)
		assert_true(after.bounds_us[i] > after.bounds_us[i - 1]);
}

static void of_a_drive_that_is_not_there_nothing_is_known(void **state)
{
	struct lab *lab = *state;
	struct library_commands commands;
	struct error error;
	assert_false(library_drive_commands(lab->library, "dvd7", &commands, &error));
	assert_int_equal(error.code, ERROR_DRIVE_NOT_FOUND);
}

static bool add_media(void *context, const struct library_total *total)
{
	*(uint64_t *)context += total->count;
	return true;
}

static void media_are_counted_as_the_health_counts_them(void **state)
{
	struct lab *lab = *state;
	struct library_health health;
	uint64_t media = 0;
	assert_true(library_media_totals(lab->library, add_media, &media, NULL));
	library_health(lab->library, &health);
	assert_true(media > 0);
	assert_int_equal(media, health.media);
}

struct wanted {
	const char *kind, *result;
	uint64_t count, sum_ns, rows;
};

static bool find_durations(void *context, const struct library_job_durations *durations)
{
	struct wanted *wanted = context;
	wanted->rows++;
	if (strcmp(durations->kind, wanted->kind) || strcmp(durations->result, wanted->result))
		return true;
	wanted->count += sum(durations->count, LIBRARY_JOB_DURATIONS + 1);
	wanted->sum_ns += durations->sum_ns;
	return true;
}

static struct wanted durations_of(struct lab *lab, const char *kind, const char *result)
{
	struct wanted wanted = {.kind = kind, .result = result};
	assert_true(library_job_durations(lab->library, find_durations, &wanted));
	return wanted;
}

static void await_duration(struct lab *lab, const char *kind, const char *result)
{
	for (unsigned i = 0; !durations_of(lab, kind, result).count; i++) {
		assert_true(i < LAB_PATIENCE_S * 200);
		sleep_ms(5);
	}
	assert_int_equal(durations_of(lab, kind, result).count, 1);
}

static void begin_job(struct lab *lab, const char *path)
{
	struct library_import wanted = {0};
	snprintf(wanted.path, sizeof wanted.path, "%s", path);
	assert_ok(answer_of(begin_import(lab, &wanted)));
}

static void jobs_are_timed_by_kind_and_result(void **state)
{
	struct lab *lab = *state;
	assert_int_equal(durations_of(lab, "import", "succeeded").rows, 4 * LIBRARY_JOB_RESULTS);
	lab_hold_reads(lab, true);
	begin_job(lab, lab_image(lab, "timed.iso", 2048));
	lab_await_held(lab, 1);
	sleep_ms(20);
	assert_int_equal(durations_of(lab, "import", "succeeded").count, 0);
	lab_hold_reads(lab, false);
	await_duration(lab, "import", "succeeded");
	assert_true(durations_of(lab, "import", "succeeded").sum_ns > 0);
	begin_job(lab, "/nowhere/none.iso");
	await_duration(lab, "import", "failed");
	assert_int_equal(durations_of(lab, "import", "cancelled").count, 0);
	assert_int_equal(durations_of(lab, "scan", "succeeded").count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LAB(commands_of_hosts_are_counted_by_class),
		IN_LAB(of_a_drive_that_is_not_there_nothing_is_known),
		IN_LAB(media_are_counted_as_the_health_counts_them),
		IN_LAB(jobs_are_timed_by_kind_and_result),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
