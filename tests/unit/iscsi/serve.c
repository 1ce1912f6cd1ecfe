/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A portal for initiators that are programs: says where it is, and serves until its input ends.
 * "state" on the input asks for one line of what it holds. The argument, if there is one, is how
 * many seconds a login may take.
 */
#include <stdio.h>
#include <stdlib.h>

#include "library.h"

static void say_state(struct fake_portal *fake)
{
	printf("memory %llu sessions %u nexuses %u\n",
		(unsigned long long)portal_memory(fake->portal), portal_session_count(fake->portal),
		fake_portal_nexuses(fake));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct fake_portal_setup setup = {0};
	char line[64];
	if (argc > 1)
		setup.limits.login_seconds = (unsigned)atoi(argv[1]);
	struct fake_portal *fake = fake_portal_create(&setup);
	printf("%s\n", fake->address);
	fflush(stdout);
	while (fgets(line, sizeof line, stdin))
		say_state(fake);
	fake_portal_destroy(fake);
	return 0;
}
