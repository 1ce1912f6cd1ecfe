/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdlib.h>

#include "crowd.h"

unsigned crowd_seed(void)
{
	const char *given = getenv("STRESS_SEED");
	return given ? (unsigned)strtoul(given, NULL, 10) : 1;
}

void group_start(struct member *members, unsigned count, struct crowd *crowd, unsigned seed,
	void *(*run)(void *))
{
	for (unsigned i = 0; i < count; i++) {
		members[i] = (struct member){.crowd = crowd, .number = i, .seed = seed + i};
		assert_int_equal(pthread_create(&members[i].thread, NULL, run, &members[i]), 0);
	}
}

void group_join(struct member *members, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		pthread_join(members[i].thread, NULL);
}

unsigned pick(struct member *member, unsigned count)
{
	return (unsigned)rand_r(&member->seed) % count;
}
