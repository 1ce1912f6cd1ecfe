/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power cuts. CARTRIDGE_SEED and CARTRIDGE_IMAGES in the environment ask for others and for more;
 * the seed is printed, and says what happens.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "power_cut.h"

static unsigned long from_environment(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);
	return text ? strtoul(text, NULL, 0) : otherwise;
}

static void what_was_promised_is_found_after_every_power_cut(void **state)
{
	unsigned long wanted = from_environment("CARTRIDGE_IMAGES", 12000);
	uint64_t seed = from_environment("CARTRIDGE_SEED", 20261125);
	unsigned long distinct = 0, images = 0, continued = 0;
	for (; distinct < wanted; seed++) {
		struct power_cut run = {.seed = seed, .operations = 400};
		power_cut_run(&run);
		if (run.violations > 0)
			fail_msg("seed %llu: %s", (unsigned long long)seed, run.first);
		distinct += run.distinct;
		images += run.images;
		continued += run.continued;
	}
	print_message("%lu images, %lu of them distinct, %lu written on; the last seed was %llu\n",
		images, distinct, continued, (unsigned long long)seed - 1);
	assert_true(distinct >= wanted);
	assert_true(continued > 0);
}

/* A disk that says it is done and is not must be found out, or this test proves nothing. */
static void a_disk_that_lies_is_found_out(void **state)
{
	for (unsigned every = 1; every <= 3; every++) {
		struct power_cut run = {.seed = 5, .operations = 400, .lying_syncs = every};
		power_cut_run(&run);
		if (run.violations == 0)
			fail_msg("every %u. fdatasync lied, and %u images were right", every,
				run.images);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_promised_is_found_after_every_power_cut),
		cmocka_unit_test(a_disk_that_lies_is_found_out),
	};
	return cmocka_run_group_tests_name("ssc/power cut", tests, NULL, NULL);
}
