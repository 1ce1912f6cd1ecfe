/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real server in front of the fake library, for tests that are no C: says where it listens, and
 * serves until stdin ends. A line "unready" or "ready" is what /readyz says from then on, and is
 * answered by itself.
 */
#include "support.h"

#include <stdio.h>

#include "web_fixture.h"

static void obey(const struct fixture *fixture, const char *line)
{
	fake_library_set_ready(fixture->library, strcmp(line, "unready\n") != 0);
	fputs(line, stdout);
	fflush(stdout);
}

int main(void)
{
	struct fixture *fixture;
	char line[32];
	fixture_setup((void **)&fixture);
	fake_library_add_tapes(fixture->library);
	fake_library_add_history(fixture->library, 3);
	printf("%s %u %s\n", fixture->socket_path, fixture->port, TOKEN);
	fflush(stdout);
	while (fgets(line, sizeof line, stdin))
		obey(fixture, line);
	return fixture_teardown((void **)&fixture);
}
