/* SPDX-License-Identifier: Apache-2.0 */
/* How many files the daemon may open, and how many it will want. */
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

/* Of the daemon itself, of a drive with a medium, and of one host in front of a drive. */
enum { FILES_OF_DAEMON = 128, FILES_OF_DRIVE = 4, FILES_OF_NEXUS = 2 };

/* False when nobody may know, or there is no limit. */
static bool read_limit(const struct machine *machine, unsigned long *ret)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%ld/limits", machine->daemon);
	_cleanup_free_ char *limits = machine_text(machine, path);
	const char *line = limits ? strstr(limits, "Max open files") : NULL;
	return line && sscanf(line, "Max open files %lu", ret) == 1;
}

void doctor_files(const struct machine *machine, const struct settings *settings,
	const struct daemon_said *said)
{
	unsigned long limit, wanted = FILES_OF_DAEMON + (unsigned long)settings->sessions +
				      FILES_OF_DRIVE * (unsigned long)said->drives +
				      FILES_OF_NEXUS * (unsigned long)said->nexuses;
	if (!machine->daemon || !read_limit(machine, &limit))
		return;
	if (limit >= wanted) {
		found(machine->findings, DOCTOR_FINE, "carouseld", NULL,
			"it may open %lu files, and wants %lu at most", limit, wanted);
		return;
	}
	found(machine->findings, DOCTOR_WARNING, "carouseld", NULL,
		"it may open %lu files, and with all its sessions and drives it wants %lu: hosts "
		"will be turned away",
		limit, wanted);
	mend(machine->findings, "d=/etc/systemd/system/carouseld.service.d; mkdir -p $d; "
				"printf '[Service]\\nLimitNOFILE=65536\\n' >$d/files.conf; "
				"systemctl daemon-reload; systemctl restart carouseld");
}
