/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

enum { MANY = 1 << 16 };

/* clang-format off */
const struct command commands[] = {
	{"status", NULL, "", 0, 0, 0, run_status,
		"the library at a glance: drives, what is in them, what is wrong", ""},
	{"load", NULL, "MEDIUM|FILE [DRIVE|any] [--replace] [--force]", 1, 2,
		OPTION_REPLACE | OPTION_FORCE, run_load,
		"put a medium into a drive",
		"MEDIUM is a name from \"carousel media ls\". An image FILE is added to the catalog first\n"
		"if it is not there yet. Without DRIVE it is the only drive, or the first empty one.\n"
		"Returns when every host that polls has noticed, or after 5 s.\n"
		"\n"
		"  --replace  take out what is in the drive\n"
		"  --force    even though a host has locked the drive\n"},
	{"eject", NULL, "[DRIVE] [--force]", 0, 1, OPTION_FORCE, run_eject,
		"take the medium out of a drive",
		"A host that has locked the drive is asked to let go, for up to 10 s. Without DRIVE it is\n"
		"the only drive, or the only one with a medium.\n"
		"\n"
		"  --force    do not ask the host\n"},
	{"trace", NULL, "DRIVE [--host HOST] [-n COUNT]", 1, 1, OPTION_HOST | OPTION_COUNT, run_trace,
		"the last commands that hosts sent to a drive, oldest first",
		"  --host HOST  only the commands of this host\n"
		"  -n COUNT     that many, at most 256 (50 if not given)\n"},
	{"health", NULL, "", 0, 0, 0, run_health,
		"whether the daemon serves everything it should",
		"Exits with 1 when it does not.\n"},
	{"media", "ls", "[TEXT]", 0, 1, 0, run_media_list,
		"the catalog; TEXT is part of a name, a volume or a file name", ""},
	{"media", "show", "MEDIUM", 1, 1, 0, run_media_show, "all about one medium", ""},
	{"media", "add", "FILE|DIRECTORY... [--id NAME]", 1, MANY, OPTION_ID, run_media_add,
		"add image files to the catalog",
		"All files of a DIRECTORY are tried, not those of directories in it.\n"
		"\n"
		"  --id NAME  what to call it; if not given, a name is made of the file's\n"},
	{"media", "rm", "MEDIUM...", 1, MANY, 0, run_media_remove,
		"forget media; their files stay", ""},
	{"drive", "ls", "", 0, 0, 0, run_drive_list, "all drives and what is in them", ""},
	{"drive", "show", "DRIVE", 1, 1, 0, run_drive_show,
		"all about one drive: its hosts, what they were told, counters", ""},
	{"drive", "add", "NAME [--personality KIND] [--no-loopback]", 1, 1,
		OPTION_PERSONALITY | OPTION_NO_LOOPBACK, run_drive_add,
		"make a new drive",
		"  --personality KIND  cd-rom, dvd-rom or bd-rom (dvd-rom if not given)\n"
		"  --no-loopback       do not show it to this machine\n"},
	{"drive", "rm", "DRIVE [--force]", 1, 1, OPTION_FORCE, run_drive_remove,
		"remove a drive; what was in it stays in the catalog",
		"  --force  even though a medium is in it\n"},
	{0},
};
/* clang-format on */
