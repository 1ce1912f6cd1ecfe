/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cartridge survives a power cut at any instant. CAROUSEL_SEED begins with other lives,
 * CAROUSEL_LIVES has more of them (each gives some 4000 images).
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "power_cut.h"

enum { LIVES = 3, STEPS = 1000, IMAGES_MIN = 10000 };

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static void live(struct power_cut *cut, uint64_t seed)
{
	struct recording recording;
	struct recording_plan plan = {.seed = seed, .steps = STEPS};
	record_life(&recording, &plan);
	power_cut_everywhere(cut, &recording);
	printf("seed %llu: %zu writes, %u epochs, %.1f MiB of file, %llu KiB punched; "
	       "%lu images so far\n",
		(unsigned long long)seed, recording.store.write_count, recording.epochs,
		(double)recording.store.size / (1 << 20),
		(unsigned long long)recording.store.punched >> 10, cut->checked);
	recording_finish(&recording);
}

static void test_every_cut_keeps_the_promise(void **state)
{
	struct power_cut cut = {.subsets = 8, .violations_max = 1};
	uint64_t seed = setting("CAROUSEL_SEED", 1), lives = setting("CAROUSEL_LIVES", LIVES);
	for (uint64_t i = 0; i < lives && !cut.violations; i++)
		live(&cut, seed + i);
	printf("%lu distinct images, %lu of them written to and cut again, seeds from %llu\n",
		cut.checked, cut.second_lives, (unsigned long long)seed);
	size_t distinct = cut.images.count;
	power_cut_finish(&cut);
	if (cut.violations)
		fail_msg("%s", cut.first_violation);
	assert_int_equal(cut.checked, distinct);
	if (lives >= LIVES)
		assert_true(distinct >= IMAGES_MIN);
}

static void expect_caught(const struct recording_plan *plan)
{
	struct recording recording;
	struct power_cut cut = {.subsets = 8, .violations_max = 1};
	record_life(&recording, plan);
	power_cut_everywhere(&cut, &recording);
	printf("caught after %lu images: %s\n", cut.checked, cut.first_violation);
	recording_finish(&recording);
	power_cut_finish(&cut);
	assert_int_equal(cut.violations, 1);
}

/* The tests of the test. */
static void test_a_missing_fdatasync_is_caught(void **state)
{
	struct recording_plan plan = {.seed = 3, .steps = 60, .lie_at = 5};
	expect_caught(&plan);
}

static void test_a_root_before_its_checkpoint_is_durable_is_caught(void **state)
{
	struct recording_plan plan = {.seed = 4, .steps = 200, .roots_too_early = true};
	expect_caught(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cut_keeps_the_promise),
		cmocka_unit_test(test_a_missing_fdatasync_is_caught),
		cmocka_unit_test(test_a_root_before_its_checkpoint_is_durable_is_caught),
	};
	setvbuf(stdout, NULL, _IOLBF, 0);
	return cmocka_run_group_tests_name("cartridge/power_cut", tests, NULL, NULL);
}
