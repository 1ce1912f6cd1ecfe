/* SPDX-License-Identifier: Apache-2.0 */
/* Short ids of osinfo-db as ours: one id for one system, whichever rung said it. */
#include <stdio.h>
#include <string.h>

#include "os_rules.h"
#include "text.h"

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* "rhel9.1" to "rhel9": an update of the same system. */
static void cut_update(char *id)
{
	static const char *const families[] = {"rhel", "centos", "ol"};
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
		size_t length = strlen(families[i]);
		if (begins(id, families[i]) && id[length] >= '0' && id[length] <= '9')
			id[strcspn(id, ".")] = 0;
	}
}

/* "win11" to "windows11", "win2k22" to "windowsserver2022", "win2k3" to "windowsserver2003". */
static void expand_windows(char *id, size_t capacity)
{
	char rest[32];
	bool server = begins(id, "win2k") && id[5];
	bool client = !server && begins(id, "win") && id[3] >= '1' && id[3] <= '9';
	text_copy(rest, sizeof rest, id + (server ? 5 : client ? 3 : 0));
	bool short_year = rest[0] && (rest[1] < '0' || rest[1] > '9');
	if (server)
		snprintf(id, capacity, "windowsserver20%s%s", short_year ? "0" : "", rest);
	else if (client)
		snprintf(id, capacity, "windows%s", rest);
}

void os_id_normalise(struct os_details *os)
{
	cut_update(os->id);
	expand_windows(os->id, sizeof os->id);
}
